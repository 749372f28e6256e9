package web

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/holiday"
)

// Which week a schedule has.
const (
	weekInherited = "inherit" // of a line: the business's
	weekOwn       = "own"
	weekAlways    = "always"
)

// hoursForm is a schedule as people type it.
type hoursForm struct {
	Seen        string
	Line        bool   // a line's, which may say nothing and so be as the business
	Week        string // weekInherited, weekOwn or weekAlways
	Days        []dayForm
	WeekWrong   string
	OwnHolidays bool // of a line
	Region      string
	Regions     []holiday.Region
	Ticked      []string
	Holidays    []holidayTick
	Exceptions  []exceptionForm
	Wrong       []string // what has no field
}

// dayForm is one day of the week.
type dayForm struct {
	Key, Name string // "mon", "Monday"
	Rows      []timesRow
}

// holidayTick is one holiday to tick.
type holidayTick struct {
	Key, Name, Day string
	On             bool
}

// exceptionForm is an exception as typed: a day, or several, and its times; none is closed all day.
type exceptionForm struct {
	Date, Through, Note string
	Rows                []timesRow
	Wrong               string
	Past                bool
}

// week begins with Monday, as working weeks do.
func weekDays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func dayKey(d time.Weekday) string { return strings.ToLower(d.String()[:3]) }

func formOfHours(s rebound.Schedule, line bool) hoursForm {
	f := hoursForm{Seen: sealOf(s), Line: line, Ticked: s.Holidays, OwnHolidays: s.Holidays != nil, Week: weekOwn}
	switch {
	case len(s.Weekly) == 0 && line:
		f.Week = weekInherited
	case len(s.Weekly) == 0 || slices.Equal(s.Weekly, rebound.AlwaysOpen()):
		f.Week = weekAlways
	}
	for _, day := range weekDays() {
		d := dayForm{Key: dayKey(day), Name: day.String()}
		for _, shift := range s.Weekly {
			if shift.Day == day && f.Week == weekOwn {
				d.Rows = append(d.Rows, typedTimes(shift.From, shift.To))
			}
		}
		f.Days = append(f.Days, d)
	}
	for _, e := range s.Exceptions {
		x := exceptionForm{Date: e.Date.String(), Through: e.Through.String(), Note: e.Note}
		for _, o := range e.Open {
			x.Rows = append(x.Rows, typedTimes(o.From, o.To))
		}
		f.Exceptions = append(f.Exceptions, x)
	}
	return f
}

func readHoursForm(form url.Values, line bool) hoursForm {
	f := hoursForm{
		Seen: form.Get("seen"), Line: line, Week: form.Get("week"), OwnHolidays: form.Get("holidays") == "own",
		Region: form.Get("region"), Ticked: form["holiday"],
	}
	for _, day := range weekDays() {
		f.Days = append(f.Days, dayForm{Key: dayKey(day), Name: day.String(), Rows: readTimes(form, dayKey(day))})
	}
	for i := 0; form.Has(fmt.Sprint("x", i, ".date")); i++ {
		at := fmt.Sprint("x", i)
		f.Exceptions = append(f.Exceptions, exceptionForm{
			Date: form.Get(at + ".date"), Through: form.Get(at + ".through"), Note: form.Get(at + ".note"), Rows: readTimes(form, at),
		})
	}
	return f
}

// change adds and removes rows.
func (f *hoursForm) change(v verb) {
	for i := range f.Days {
		day := &f.Days[i]
		fresh := timesRow{From: "08:00", To: "17:00"}
		if n := len(day.Rows); n > 0 {
			fresh = timesRow{}
		}
		if v.Do == "copy" && v.On == day.Key {
			f.copyDown(i)
		} else if changeRows(&day.Rows, day.Key, v, fresh) {
			f.Week = weekOwn
		}
	}
	for i := range f.Exceptions {
		changeRows(&f.Exceptions[i].Rows, fmt.Sprint("x", i), v, timesRow{From: "08:00", To: "12:00"})
	}
	changeRows(&f.Exceptions, "x", v, exceptionForm{})
}

// copyDown gives a day's times to the working days after it.
func (f *hoursForm) copyDown(from int) {
	const friday = 4
	for i := from + 1; i <= friday; i++ {
		f.Days[i].Rows = slices.Clone(f.Days[from].Rows)
	}
}

// schedule reads the form, or says at each row what is wrong.
func (f *hoursForm) schedule() (s rebound.Schedule, fine bool) {
	fine = true
	switch f.Week {
	case weekInherited:
	case weekAlways:
		if f.Line {
			s.Weekly = rebound.AlwaysOpen()
		}
	default:
		s.Weekly, fine = f.weekly()
	}
	if f.Line && f.OwnHolidays {
		s.Holidays = []string{}
	}
	if !f.Line || f.OwnHolidays {
		s.Holidays = append(s.Holidays, f.Ticked...)
	}
	slices.SortStableFunc(f.Exceptions, func(a, b exceptionForm) int { return cmp.Compare(a.Date, b.Date) })
	f.Exceptions = slices.DeleteFunc(f.Exceptions, exceptionForm.blank)
	for i := range f.Exceptions {
		e, ok := f.Exceptions[i].exception()
		s.Exceptions, fine = append(s.Exceptions, e), fine && ok
	}
	if !fine {
		return s, false
	}
	for _, p := range s.Check(holiday.Known) {
		fine = false
		if i, _, ok := rowOf(p, "exceptions"); ok {
			f.Exceptions[i].Wrong = says(p)
		} else if p.About != "weekly" {
			f.Wrong = append(f.Wrong, says(p))
		}
	}
	return s, fine
}

func (f *hoursForm) weekly() (week rebound.Hours, fine bool) {
	fine = true
	var rows []*timesRow
	for i, day := range weekDays() {
		d := &f.Days[i]
		d.Rows = slices.DeleteFunc(d.Rows, timesRow.blank)
		for j := range d.Rows {
			o, ok := d.Rows[j].opening()
			if fine = fine && ok; ok {
				week, rows = append(week, rebound.Shift{Day: day, From: o.From, To: o.To}), append(rows, &d.Rows[j])
			}
		}
	}
	for _, p := range week.Problems() {
		fine = false
		if i, _, ok := rowOf(p, ""); ok {
			rows[i].Wrong = says(p)
		}
	}
	if fine && len(week) == 0 {
		f.WeekWrong, fine = "It would be closed on every day. Add hours to a day, or choose another of the three.", false
		if !f.Line {
			f.WeekWrong = "It would be closed on every day. Add hours to a day, or choose “Always open”."
		}
	}
	slices.SortFunc(week, func(a, b rebound.Shift) int {
		return cmp.Or(cmp.Compare((a.Day+6)%7, (b.Day+6)%7), cmp.Compare(a.From, b.From))
	})
	return week, fine
}

// blank reports an exception that nobody has filled in.
func (x exceptionForm) blank() bool {
	return x.Date == "" && x.Through == "" && x.Note == "" && !slices.ContainsFunc(x.Rows, func(t timesRow) bool { return !t.blank() })
}

func (x *exceptionForm) exception() (e rebound.Exception, fine bool) {
	fine = true
	e.Note = strings.Join(strings.Fields(x.Note), " ")
	for _, day := range []struct {
		text string
		to   *rebound.Date
	}{{x.Date, &e.Date}, {x.Through, &e.Through}} {
		if err := day.to.UnmarshalText([]byte(strings.TrimSpace(day.text))); err != nil {
			x.Wrong, fine = sentence(err.Error()), false
		}
	}
	x.Rows = slices.DeleteFunc(x.Rows, timesRow.blank)
	for i := range x.Rows {
		o, ok := x.Rows[i].opening()
		e.Open, fine = append(e.Open, o), fine && ok
	}
	return e, fine
}

// tick lists the holidays of the business's country and the chosen part of it, with those that are ticked though
// they are of none of these, by their next day.
func (f *hoursForm) tick(sc scene) {
	country, today := sc.business.Country, rebound.DateOf(sc.now)
	f.Regions = holiday.Regions(country)
	if f.Region == "" {
		f.Region = likelyRegion(country, f.Regions, f.Ticked)
	}
	keys := holiday.Keys(country, f.Region)
	if len(keys) == 0 {
		keys = holiday.Keys(country, "")
	}
	for _, key := range f.Ticked {
		if !slices.Contains(keys, key) && holiday.Known(key) {
			keys = append(keys, key)
		}
	}
	type next struct {
		holidayTick
		day rebound.Date
	}
	var all []next
	for _, key := range keys {
		found := len(all)
		for year := today.Year; year <= today.Year+1; year++ {
			h, ok := holiday.Find(key, year)
			if ok && max(h.Day.Compare(today), h.Observed.Compare(today)) >= 0 {
				day := h.Day.Weekday().String()[:3] + ", " + h.Day.Month.String()[:3] + nb + itoa(h.Day.Day)
				all = append(all, next{holidayTick{key, h.Name, day, slices.Contains(f.Ticked, key)}, h.Day})
				break
			}
		}
		if ticked := slices.Contains(f.Ticked, key); ticked && len(all) == found { // not in these two years
			h, _ := holiday.Find(key, today.Year-1)
			all = append(all, next{holidayTick{Key: key, Name: cmp.Or(h.Name, key), On: true}, today.AddDays(800)})
		}
	}
	slices.SortStableFunc(all, func(a, b next) int { return a.day.Compare(b.day) })
	f.Holidays = nil
	for _, n := range all {
		f.Holidays = append(f.Holidays, n.holidayTick)
	}
	for i := range f.Exceptions {
		x := &f.Exceptions[i]
		x.Past = x.Wrong == "" && x.Date != "" && max(x.Date, x.Through) < today.String()
	}
}

// asListed puts ticked holidays into the order of their country's list, in which a file may name them all at once.
func (f *hoursForm) asListed(country string, ticked []string) []string {
	if ticked == nil {
		return nil
	}
	keys := holiday.Keys(country, f.Region)
	at := func(key string) int {
		if i := slices.Index(keys, key); i >= 0 {
			return i
		}
		return len(keys)
	}
	ticked = slices.Clone(ticked)
	slices.SortStableFunc(ticked, func(a, b string) int { return cmp.Compare(at(a), at(b)) })
	return ticked
}

// bare is what a day without times of its own is.
func (f hoursForm) bare() string {
	switch f.Week {
	case weekInherited:
		return "As the business"
	case weekAlways:
		return "Open all day"
	}
	return "Closed"
}

func pastDays(all []exceptionForm) int {
	n := 0
	for _, x := range all {
		if x.Past {
			n++
		}
	}
	return n
}

// likelyRegion is the part of a country whose own holidays are ticked most; "" where none is.
func likelyRegion(country string, regions []holiday.Region, ticked []string) string {
	everywhere := holiday.Keys(country, "")
	best, most := "", 0
	for _, region := range regions {
		n := 0
		for _, key := range holiday.Keys(country, region.Code) {
			if slices.Contains(ticked, key) && !slices.Contains(everywhere, key) {
				n++
			}
		}
		if n > most {
			best, most = region.Code, n
		}
	}
	return best
}

// typedMoment reads what <input type=datetime-local> sends, or what people type instead.
func typedMoment(text string) (rebound.Moment, bool) {
	text = strings.Replace(strings.TrimSpace(text), "T", " ", 1)
	m, err := rebound.ParseMoment(text)
	return m, err == nil && len(text) > len("2006-01-02")
}
