package businessfile_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/businessfile"
	"rebound/internal/holiday"
)

// hoursOf reads hours as those of least's line.
func hoursOf(t *testing.T, lines ...string) (rebound.Schedule, string) {
	t.Helper()
	const indent = "\n      "
	d := parseOne(t, with("0100\n", "0100\n    hours:"+indent+strings.Join(lines, indent)+"\n"))
	_, written, _ := strings.Cut(string(businessfile.Format(d)), "    hours:"+indent)
	return d.Lines[0].Schedule, strings.ReplaceAll(strings.TrimSpace(written), indent, " / ")
}

func TestHolidays(t *testing.T) {
	for _, test := range []struct {
		written, canonical string
		has, hasNot        string
	}{
		{"[US]", "[US]", "us.thanksgiving", "ca.canada"},
		{"[us]", "[US]", "us.thanksgiving", ""},
		{"[us.thanksgiving, us.christmas]", "[us.thanksgiving, us.christmas]", "us.christmas", "us.labor"},
		{"[CA-QC, us.thanksgiving]", "[CA-QC, us.thanksgiving]", "us.thanksgiving", "ca.louis_riel"},
		{"[US, CA-MB]", "[US, CA-MB]", "ca.louis_riel", ""},
		{"[DE]", "[DE]", "de.unity", "de.epiphany"},
		{"[DE-by]", "[DE-BY]", "de.epiphany", ""},
	} {
		s, got := hoursOf(t, "holidays: "+test.written)
		if got != "holidays: "+test.canonical || !slices.Contains(s.Holidays, test.has) || slices.Contains(s.Holidays, test.hasNot) || s.Weekly != nil {
			t.Errorf("%s is written as %s: %v", test.written, got, s)
		}
	}
	if s, got := hoursOf(t, "holidays: []"); s.Holidays == nil || len(s.Holidays) > 0 || got != "holidays: []" {
		t.Errorf("none is %#v, written as %s", s.Holidays, got)
	}
	if s, _ := hoursOf(t, "mon: 8am-9am"); s.Holidays != nil {
		t.Errorf("nothing is %#v", s.Holidays)
	}
	if s, got := hoursOf(t, "holidays: [CA-BC]"); !slices.Equal(s.Holidays, holiday.Keys("CA", "AB")) || !strings.HasPrefix(got, "holidays: [ca.new_year, ca.family, ") {
		t.Errorf("what two provinces have in common is written as %s", got)
	}
	s, got := hoursOf(t, "holidays: [DE-BY, DE-BE]")
	if !strings.HasPrefix(got, "holidays: [DE-BY, de.") || !slices.Contains(s.Holidays, "de.womens") || !slices.Contains(s.Holidays, "de.epiphany") {
		t.Errorf("two parts of a country are written as %s", got)
	}
}

func TestExceptions(t *testing.T) {
	for _, test := range []struct{ written, canonical string }{
		{"2026-12-24: 8am-12pm", "2026-12-24: 08:00-12:00"},
		{"2026-12-24: 08:00-12:00, 13:00-15:00 (half a day)", "2026-12-24: 08:00-12:00, 13:00-15:00 (half a day)"},
		{"2026-12-31: 20:00-02:00", "2026-12-31: 20:00-02:00"},
		{"2026-12-28 to 2026-12-31: closed", "2026-12-28 to 2026-12-31: closed"},
		{"2026-12-25: closed( Christmas (at home))", "2026-12-25: closed (Christmas (at home))"},
		{`2026-12-25: "closed (moving: new office)"`, `2026-12-25: "closed (moving: new office)"`},
		{"2026-07-01: 00:00-24:00", "2026-07-01: 00:00-24:00"},
	} {
		if s, got := hoursOf(t, "exceptions:", "  "+test.written); got != "exceptions: /   "+test.canonical || len(s.Exceptions) != 1 {
			t.Errorf("%s is written as %s: %+v", test.written, got, s)
		}
	}
	s, _ := hoursOf(t, "mon: 8am-9am", "exceptions:", "  2026-12-24: 20:00-02:00 (late night)")
	want := rebound.Schedule{
		Weekly: rebound.Hours{{Day: time.Monday, From: 8 * 60, To: 9 * 60}},
		Exceptions: []rebound.Exception{{
			Date: rebound.Date{Year: 2026, Month: time.December, Day: 24}, Open: []rebound.Opening{{From: 20 * 60, To: 26 * 60}}, Note: "late night",
		}},
	}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
}

func TestRota(t *testing.T) {
	d := parseOne(t, twoOf(`    rota:
      shifts:
        ben:
          mon-fri: 8am-5pm
      rotation:
        members: [ana, ben, ana]
        starts: 2026-11-30 08:00
        days: 7
      changes:
        - member: ana
          from: 2026-12-24
          to: 2026-12-27 08:00
          note: vacation
        - {member: ben, duty: on, from: 2026-12-24, to: 2026-12-25}
      swaps:
        - {taker: ana, of: ben, from: 2026-12-01 08:00, to: 2026-12-02 08:00}
`))
	day := func(month time.Month, day, hour int) rebound.Moment {
		return rebound.Moment{Date: rebound.Date{Year: 2026, Month: month, Day: day}, Minute: hour * 60}
	}
	want := rebound.Rota{
		Crew:     []rebound.Rostered{{Member: "ben", Shifts: weekdaysFrom(8*60, 17*60)}},
		Rotation: rebound.Rotation{Members: []rebound.MemberID{"ana", "ben", "ana"}, Starts: day(11, 30, 8), Days: 7},
		Changes: []rebound.Change{
			{Member: "ana", From: day(12, 24, 0), To: day(12, 27, 8), Note: "vacation"},
			{Member: "ben", On: true, From: day(12, 24, 0), To: day(12, 25, 0)},
		},
		Swaps: []rebound.Swap{{Taker: "ana", Of: "ben", From: day(12, 1, 8), To: day(12, 2, 8)}},
	}
	if got := d.Teams[0].Rota; !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if again := parseOne(t, string(businessfile.Format(d))); !reflect.DeepEqual(again, d) {
		t.Errorf("written and read again: %+v", again.Teams)
	}
}

// twoOf is least with a second member, and lines for its team.
func twoOf(lines string) string {
	return strings.Replace(with("teams:\n", "  ben:\n    name: Ben\nteams:\n"), "members: [ana]\n", "members: [ana, ben]\n"+lines, 1)
}

func TestEveryProblemOfHoursAndRotaIsToldWithItsPlaceAndRemedy(t *testing.T) {
	hours := func(text string) string { return with("0100\n", "0100\n    hours:\n      "+text+"\n") }
	rota := func(lines ...string) string {
		return twoOf("    rota:\n      " + strings.Join(lines, "\n      ") + "\n")
	}
	problems(t, []problem{
		{"nothing in it", hours("{}"), "23:7: lines.main.hours: it is closed on every day"},
		{"unknown key", hours("holiday: [US]"), "23:7: lines.main.hours.holiday: \"holiday\" is no day of the week … holidays"},
		{"no list of holidays", hours("holidays: US"), "23:17: lines.main.hours.holidays: this must be a list like [US]"},
		{"unknown holiday", hours("holidays: [us.thanksgivin]"), "23:18: lines.main.hours.holidays: there is no holiday \"us.thanksgivin\"; did you mean us.thanksgiving?"},
		{"unknown country", hours("holidays: [US, Utopia]"), "23:22: lines.main.hours.holidays: there are no holidays of \"Utopia\" … two letters"},
		{"no parts", hours("holidays: [US-CA]"), "23:18: lines.main.hours.holidays: no part of US is known … write US"},
		{"unknown part", hours("holidays: [CA-XX]"), "23:18: lines.main.hours.holidays: CA has no part \"XX\" … AB"},
		{"a holiday twice", hours("holidays: [US, us.christmas]"), "23:22: lines.main.hours.holidays: us.christmas is in the list already; remove one"},
		{"no mapping of exceptions", hours("exceptions: [2026-12-24]"), "23:19: lines.main.hours.exceptions: this must be lines like `2026-12-24: 08:00-12:00`"},
		{"no date", hours("exceptions:\n        2026-02-29: closed"), "24:9: lines.main.hours.exceptions.2026-02-29: \"2026-02-29\" is no date"},
		{"ends first", hours("exceptions:\n        2026-12-31 to 2026-12-28: closed"), "24:9: lines.main.hours.exceptions.2026-12-31 to 2026-12-28: it ends on 2026-12-28, before it begins"},
		{"two for a day", hours("exceptions:\n        2026-12-24: closed\n        2026-12-20 to 2026-12-31: closed"), "25:9: lines.main.hours.exceptions.2026-12-20 to 2026-12-31: there is an exception for 2026-12-24 already; join"},
		{"no times", hours("exceptions:\n        2026-12-24: half a day"), "24:21: lines.main.hours.exceptions.2026-12-24: \"half a day\" are no opening hours"},
		{"openings overlap", hours("exceptions:\n        2026-12-24: 8am-12pm, 11am-1pm"), "24:9: lines.main.hours.exceptions.2026-12-24: two openings hold at 11:00"},
		{"open bracket", hours("exceptions:\n        2026-12-24: closed (why"), "24:21: lines.main.hours.exceptions.2026-12-24: the bracket of \"closed (why\" is not closed"},
		{"empty bracket", hours("exceptions:\n        2026-12-24: closed ()"), "24:21: lines.main.hours.exceptions.2026-12-24: the reason in brackets: it is empty"},
		{"of the business", with("contact: Call us.\n", "contact: Call us.\nhours:\n  mon: 8am-12pm, 11am-1pm\n"), "7:3: hours: Monday has two shifts at 11:00"},

		{"an empty rota", twoOf("    rota: {}\n"), "21:11: teams.all.rota: it says nothing"},
		{"unknown key in a rota", rota("shift: x"), "22:7: teams.all.rota.shift: there is no such key … did you mean shifts?"},
		{"shifts of a stranger", rota("shifts:", "  cleo:", "    mon: 8am-9am"), "23:9: teams.all.rota.shifts.cleo: there is no member of this team \"cleo\"; there are ana, ben"},
		{"no shifts", rota("shifts:", "  ben:", "    mon: closed"), "24:11: teams.all.rota.shifts.ben: it is closed on every day"},
		{"shifts overlap", rota("shifts:", "  ben:", "    mon: 8am-12pm, 11am-1pm"), "24:11: teams.all.rota.shifts.ben: Monday has two shifts at 11:00"},
		{"turns without a start", rota("rotation:", "  members: [ana]", "  days: 7"), "23:9: teams.all.rota.rotation.starts: it is missing … 2026-11-30 08:00"},
		{"turns of nobody", rota("rotation:", "  starts: 2026-11-30 08:00", "  days: 7"), "23:9: teams.all.rota.rotation.members: it is missing"},
		{"turns too long", rota("rotation:", "  members: [ana]", "  starts: 2026-11-30", "  days: 400"), "25:15: teams.all.rota.rotation.days: a turn cannot last 400 days"},
		{"no moment", rota("rotation:", "  members: [ana]", "  starts: Monday", "  days: 7"), "24:17: teams.all.rota.rotation.starts: \"Monday\" is no date with a time"},
		{"a change backwards", rota("changes:", "  - {member: ana, from: 2026-12-24, to: 2026-12-20}"), "23:12: teams.all.rota.changes: it ends at 2026-12-20 00:00, not after it begins"},
		{"two changes", rota("changes:", "  - {member: ana, from: 2026-12-24, to: 2026-12-25}", "  - {member: ana, from: 2026-12-20, to: 2026-12-31}"), "24:12: teams.all.rota.changes: ana has a change from"},
		{"a change of duty", rota("changes:", "  - {member: ana, duty: maybe, from: 2026-12-24, to: 2026-12-25}"), "23:31: teams.all.rota.changes[0].duty: \"maybe\" is neither"},
		{"a swap with oneself", rota("swaps:", "  - {taker: ana, of: ana, from: 2026-12-24, to: 2026-12-25}"), "23:12: teams.all.rota.swaps: ana cannot swap with themself"},
		{"a swap with a stranger", rota("swaps:", "  - {taker: ana, of: bem, from: 2026-12-24, to: 2026-12-25}"), "23:28: teams.all.rota.swaps[0].of: there is no member of this team \"bem\"; did you mean ben?"},
	})
}

func TestDiffOfHoursAndRotaSaysWhatChanged(t *testing.T) {
	old := parseOne(t, twoOf("    rota:\n      shifts:\n        ana:\n          mon: 8am-9am\n"))
	new := parseOne(t, twoOf("    rota:\n      shifts:\n        ana:\n          mon: 8am-10am\n      changes:\n        - {member: ana, from: 2026-12-24, to: 2026-12-25, note: vacation}\n")+
		"    hours:\n      holidays: [us.christmas]\n      exceptions:\n        2026-12-24: 8am-12pm (Christmas Eve)\n")
	differ(t, old, new,
		"~ teams.all.rota.shifts.ana.mon: 08:00-09:00 → 08:00-10:00",
		"+ teams.all.rota.changes: [member ana, note vacation, from 2026-12-24 00:00, to 2026-12-25 00:00]",
		"+ lines.main.hours.holidays: [us.christmas]",
		"+ lines.main.hours.exceptions.2026-12-24: 08:00-12:00 (Christmas Eve)",
	)
}

func randomSchedule(r *rand.Rand) rebound.Schedule {
	s := rebound.Schedule{Weekly: randomWeek(r)}
	switch r.IntN(6) {
	case 0:
		s.Weekly = rebound.AlwaysOpen()
	case 1:
		s.Holidays = []string{}
	case 2:
		s.Holidays = holiday.Keys(pick(r, "US", "CA", "DE"), "")
	case 3:
		s.Holidays = slices.Concat(holiday.Keys("CA", pick(r, "BC", "QC")), []string{"us.thanksgiving"}, holiday.Keys("DE", "BY"))
	case 4:
		s.Holidays = []string{"us.thanksgiving", "us.christmas"}
	}
	for i := range maybe(r, 1+r.IntN(3)) {
		e := rebound.Exception{Date: rebound.Date{Year: 2026, Month: time.Month(1 + i), Day: 1 + r.IntN(20)}, Note: maybe(r, text(r))}
		if r.IntN(2) == 0 {
			e.Through = e.Date.AddDays(r.IntN(8))
		}
		for from := r.IntN(400); r.IntN(3) > 0 && from < 24*60; from += 1 + r.IntN(300) {
			to := min(from+1+r.IntN(400), 24*60)
			e.Open = append(e.Open, rebound.Opening{From: from, To: to})
			from = to
		}
		s.Exceptions = append(s.Exceptions, e)
	}
	return s
}

func randomWeek(r *rand.Rand) rebound.Hours {
	var week rebound.Hours
	for _, day := range []time.Weekday{1, 2, 3, 4, 5, 6, 0} {
		for from := r.IntN(400); r.IntN(2) == 0 && from < 24*60; {
			to := from + 1 + r.IntN(400)
			week = append(week, rebound.Shift{Day: day, From: from, To: to})
			from = to + r.IntN(300)
		}
	}
	for week.Check() != nil { // a night that reaches into the next day's first shift
		week = week[:len(week)-1]
	}
	return week
}

func randomTeam(r *rand.Rand, d rebound.Declaration, i int) rebound.Team {
	t := rebound.Team{ID: rebound.TeamID(fmt.Sprintf("t%d", i)), Business: d.Business.ID, Name: text(r), Policy: rebound.EscalationPolicy{Runs: maybe(r, rebound.RunsInOpenHours)}}
	for _, m := range d.Members {
		t.Members = append(t.Members, m.ID)
	}
	if r.IntN(2) == 0 {
		return t
	}
	at := func(day, minute int) rebound.Moment {
		return rebound.Moment{Date: rebound.Date{Year: 2026, Month: time.May, Day: day}, Minute: minute}
	}
	for _, m := range t.Members {
		if week := randomWeek(r); len(week) > 0 {
			t.Rota.Crew = append(t.Rota.Crew, rebound.Rostered{Member: m, Shifts: week})
		}
	}
	if r.IntN(2) == 0 {
		t.Rota.Rotation = rebound.Rotation{Members: append(t.Members, t.Members[0]), Starts: at(1+r.IntN(30), r.IntN(24*60)), Days: 1 + r.IntN(366)}
	}
	for i, m := range t.Members {
		t.Rota.Changes = append(t.Rota.Changes, rebound.Change{Member: m, On: r.IntN(2) == 0, From: at(1+i, 0), To: at(2+i, r.IntN(24*60)), Note: maybe(r, text(r))})
		if i > 0 {
			t.Rota.Swaps = append(t.Rota.Swaps, rebound.Swap{Taker: m, Of: t.Members[0], From: at(1+i, 0), To: at(2+i, 0)})
		}
	}
	return t
}
