package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound"
)

// rotaForm is a rota as people type it.
type rotaForm struct {
	Seen         string
	People       []shiftsForm // in the team's order
	Turns        []string     // the rotation's members
	TurnsWrong   string
	Starts, Days string
	StartsWrong  string
	DaysWrong    string
	Changes      []periodRow
	Swaps        []periodRow
	Wrong        []string
}

// shiftsForm is one member's weekly shifts: rows of days with the same times.
type shiftsForm struct {
	ID    rebound.MemberID
	Name  string
	Rows  []shiftRow
	Turns bool // the rotation names them
	Wrong string
}

// shiftRow is one time on several days of the week.
type shiftRow struct {
	timesRow
	Days [7]bool // by time.Weekday
}

func formOfRota(t rebound.Team) rotaForm {
	f := rotaForm{Seen: sealOf(t)}
	for _, id := range t.Members {
		p := shiftsForm{ID: id}
		i := slices.IndexFunc(t.Rota.Crew, func(c rebound.Rostered) bool { return c.Member == id })
		if i >= 0 {
			p.Rows = rowsOf(t.Rota.Crew[i].Shifts)
		}
		f.People = append(f.People, p)
	}
	for _, m := range t.Rota.Rotation.Members {
		f.Turns = append(f.Turns, string(m))
	}
	f.Starts = typedInput(t.Rota.Rotation.Starts)
	if n := t.Rota.Rotation.Days; n > 0 {
		f.Days = itoa(n)
	}
	for _, c := range t.Rota.Changes {
		f.Changes = append(f.Changes, periodRow{Who: string(c.Member), On: c.On, From: typedInput(c.From), To: typedInput(c.To), Note: c.Note})
	}
	for _, w := range t.Rota.Swaps {
		f.Swaps = append(f.Swaps, periodRow{Who: string(w.Taker), Of: string(w.Of), From: typedInput(w.From), To: typedInput(w.To)})
	}
	return f
}

// rowsOf joins shifts with the same times into one row.
func rowsOf(shifts rebound.Hours) []shiftRow {
	var rows []shiftRow
	for _, s := range shifts {
		times := typedTimes(s.From, s.To)
		i := slices.IndexFunc(rows, func(r shiftRow) bool { return r.timesRow == times })
		if i < 0 {
			i, rows = len(rows), append(rows, shiftRow{timesRow: times})
		}
		rows[i].Days[s.Day] = true
	}
	return rows
}

func readRotaForm(form url.Values) rotaForm {
	f := rotaForm{Seen: form.Get("seen"), Turns: form["turn"], Starts: form.Get("starts"), Days: strings.TrimSpace(form.Get("days"))}
	for _, id := range form["person"] {
		p := shiftsForm{ID: rebound.MemberID(id)}
		for i, times := range readTimes(form, "s-"+id) {
			row := shiftRow{timesRow: times}
			for _, day := range weekDays() {
				row.Days[day] = slices.Contains(form["s-"+id+"."+itoa(i)+".day"], dayKey(day))
			}
			p.Rows = append(p.Rows, row)
		}
		f.People = append(f.People, p)
	}
	f.Changes, f.Swaps = readPeriods(form, "c"), readPeriods(form, "w")
	return f
}

// change adds, removes and moves rows.
func (f *rotaForm) change(v verb) {
	for i := range f.People {
		p := &f.People[i]
		fresh := shiftRow{timesRow: timesRow{From: "08:00", To: "17:00"}}
		if len(p.Rows) == 0 {
			for _, day := range weekDays()[:5] {
				fresh.Days[day] = true
			}
		}
		changeRows(&p.Rows, "s-"+string(p.ID), v, fresh)
	}
	if changeRows(&f.Turns, "turn", v, "") && f.Days == "" {
		f.Days = "7"
	}
	changeRows(&f.Changes, "c", v, periodRow{})
	changeRows(&f.Swaps, "w", v, periodRow{})
}

// complete gives the members of the form their names and tells what is past at now, written as moments are.
func (f *rotaForm) complete(members []memberTick, now string) {
	now = strings.Replace(now, " ", "T", 1)
	for i := range f.People {
		p := &f.People[i]
		for _, m := range members {
			if m.ID == p.ID {
				p.Name = m.Name
			}
		}
		p.Turns = slices.Contains(f.Turns, string(p.ID))
	}
	for _, rows := range [][]periodRow{f.Changes, f.Swaps} {
		for i := range rows {
			rows[i].Past = rows[i].Wrong == "" && rows[i].To != "" && rows[i].To <= now
		}
	}
}

// rota reads the form, or says at each row what is wrong.
func (f *rotaForm) rota(t rebound.Team) (r rebound.Rota, fine bool) {
	fine = true
	for i := range f.People {
		p := &f.People[i]
		if !slices.Contains(t.Members, p.ID) {
			continue
		}
		shifts, ok := p.shifts()
		if fine = fine && ok; len(shifts) > 0 {
			r.Crew = append(r.Crew, rebound.Rostered{Member: p.ID, Shifts: shifts})
		}
	}
	turns, ok := f.rotation()
	r.Rotation, fine = turns, fine && ok
	f.Changes = slices.DeleteFunc(f.Changes, periodRow.blank)
	for i := range f.Changes {
		c := &f.Changes[i]
		from, to, ok := c.moments()
		fine = fine && ok
		r.Changes = append(r.Changes, rebound.Change{Member: rebound.MemberID(c.Who), On: c.On, From: from, To: to, Note: strings.Join(strings.Fields(c.Note), " ")})
	}
	f.Swaps = slices.DeleteFunc(f.Swaps, periodRow.blank)
	for i := range f.Swaps {
		w := &f.Swaps[i]
		from, to, ok := w.moments()
		fine = fine && ok
		r.Swaps = append(r.Swaps, rebound.Swap{Taker: rebound.MemberID(w.Who), Of: rebound.MemberID(w.Of), From: from, To: to})
	}
	return r, fine
}

func (p *shiftsForm) shifts() (shifts rebound.Hours, fine bool) {
	fine = true
	p.Rows = slices.DeleteFunc(p.Rows, func(r shiftRow) bool { return r.blank() })
	var rows []*shiftRow
	for i := range p.Rows {
		row := &p.Rows[i]
		o, ok := row.opening()
		if fine = fine && ok; !ok {
			continue
		}
		if row.Days == [7]bool{} {
			row.Wrong, fine = "Tick the days on which this shift is.", false
		}
		for _, day := range weekDays() {
			if row.Days[day] {
				shifts, rows = append(shifts, rebound.Shift{Day: day, From: o.From, To: o.To}), append(rows, row)
			}
		}
	}
	for _, wrong := range shifts.Problems() {
		if i, _, ok := rowOf(wrong, ""); ok {
			rows[i].Wrong, fine = says(wrong), false
		}
	}
	slices.SortFunc(shifts, func(a, b rebound.Shift) int {
		return cmp.Or(cmp.Compare((a.Day+6)%7, (b.Day+6)%7), cmp.Compare(a.From, b.From))
	})
	return shifts, fine
}

func (f *rotaForm) rotation() (r rebound.Rotation, fine bool) {
	f.Turns = slices.DeleteFunc(f.Turns, func(m string) bool { return m == "" })
	if len(f.Turns) == 0 {
		return r, true
	}
	fine = true
	for _, m := range f.Turns {
		r.Members = append(r.Members, rebound.MemberID(m))
	}
	var ok bool
	if r.Starts, ok = typedMoment(f.Starts); !ok {
		f.StartsWrong, fine = "Say when the first turn begins, with date and time.", false
	}
	var err error
	if r.Days, err = strconv.Atoi(f.Days); err != nil {
		f.DaysWrong, fine = "Write how many days a turn lasts: 7 for a week.", false
	}
	return r, fine
}

// check puts what the domain has to say about the team's rota at its rows, and reports whether that is nothing.
func (f *rotaForm) check(t rebound.Team) bool {
	found := t.Check()
	for _, p := range found {
		switch i, _, _ := rowOf(p, "changes"); {
		case strings.HasPrefix(p.About, "changes["):
			f.Changes[i].Wrong = says(p)
		case strings.HasPrefix(p.About, "swaps["):
			i, _, _ = rowOf(p, "swaps")
			f.Swaps[i].Wrong = says(p)
		case p.About == "rotation.starts":
			f.StartsWrong = says(p)
		case p.About == "rotation.days":
			f.DaysWrong = says(p)
		case strings.HasPrefix(p.About, "rotation."):
			f.TurnsWrong = says(p)
		default:
			f.Wrong = append(f.Wrong, whole(p))
		}
	}
	return len(found) == 0
}

// dayLetter is how a tick for a day is called.
func dayLetter(day time.Weekday) string { return day.String()[:2] }
