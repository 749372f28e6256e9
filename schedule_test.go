package rebound

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound/internal/zone"
)

func load(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := zone.Load(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// local reads "2026-11-26 08:00" as the clocks of a zone show it; twice shown, it is the first.
func local(t testing.TB, in *time.Location, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, in)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// workweek is Monday to Friday, 8:00 to 17:30.
func workweek() Hours {
	var h Hours
	for day := time.Monday; day <= time.Friday; day++ {
		h = append(h, Shift{day, 8 * 60, 17*60 + 30})
	}
	return h
}

// someHolidays has one that stays, one that moves off the weekend, two that move into another year, and one
// that was once.
func someHolidays(key string, year int) (Holiday, bool) {
	switch key {
	case "thanksgiving":
		fourth := time.Date(year, time.November, 22, 0, 0, 0, 0, time.UTC)
		for fourth.Weekday() != time.Thursday {
			fourth = fourth.AddDate(0, 0, 1)
		}
		return Holiday{key, "Thanksgiving", DateOf(fourth), DateOf(fourth)}, true
	case "christmas":
		return weekend(Holiday{Key: key, Name: "Christmas Day", Day: Date{year, time.December, 25}}), true
	case "new_year":
		return weekend(Holiday{Key: key, Name: "New Year's Day", Day: Date{year, time.January, 1}}), true
	case "eve":
		return weekend(Holiday{Key: key, Name: "New Year's Eve", Day: Date{year, time.December, 31}}), true
	case "once":
		return Holiday{key, "Jubilee", Date{2026, time.November, 25}, Date{2026, time.November, 25}}, year == 2026
	}
	return Holiday{}, false
}

func weekend(h Holiday) Holiday {
	h.Observed = h.Day
	switch h.Day.Weekday() {
	case time.Saturday:
		h.Observed = h.Day.AddDays(-1)
	case time.Sunday:
		h.Observed = h.Day.AddDays(1)
	}
	return h
}

func TestScheduleAt(t *testing.T) {
	la := load(t, "America/Los_Angeles")
	week := func(edit func(*Schedule)) Schedule {
		s := Schedule{Weekly: workweek(), Holidays: []string{"thanksgiving", "christmas", "new_year"}}
		edit(&s)
		return s
	}
	plain := week(func(*Schedule) {})
	night := Schedule{Weekly: Hours{{time.Friday, 22 * 60, 26 * 60}}}
	training := week(func(s *Schedule) {
		s.Exceptions = []Exception{
			{Date: date(t, "2026-12-24"), Open: []Opening{{8 * 60, 12 * 60}}, Note: "Christmas Eve"},
			{Date: date(t, "2026-11-24"), Note: "staff training"},
			{Date: date(t, "2026-11-26"), Open: []Opening{{9 * 60, 11 * 60}, {13 * 60, 14 * 60}}},
			{Date: date(t, "2026-11-27")},
			{Date: date(t, "2026-08-03"), Through: date(t, "2026-08-14"), Note: "vacation"},
		}
	})
	closedUntil := func(open bool, until, note string) Schedule {
		return week(func(s *Schedule) { s.Override = Override{Open: open, Until: local(t, la, until), Note: note} })
	}
	for _, test := range []struct {
		name     string
		schedule Schedule
		at       string
		open     bool
		why      string
		until    string // "" for never
	}{
		{"before hours", plain, "2026-11-24 07:59", false, "closed until 8:00 AM", "2026-11-24 08:00"},
		{"opens on the minute", plain, "2026-11-24 08:00", true, "open until 5:30 PM", "2026-11-24 17:30"},
		{"closes on the minute", plain, "2026-11-24 17:30", false, "closed until Wed 8:00 AM", "2026-11-25 08:00"},
		{"over the weekend", plain, "2026-11-20 18:00", false, "closed until Mon 8:00 AM", "2026-11-23 08:00"},
		{"over the holiday", plain, "2026-11-25 18:00", false, "closed until Fri 8:00 AM", "2026-11-27 08:00"},
		{"a holiday", plain, "2026-11-26 10:00", false, "closed: Thanksgiving, until Fri 8:00 AM", "2026-11-27 08:00"},
		{"a holiday before hours", plain, "2026-11-26 00:00", false, "closed: Thanksgiving, until Fri 8:00 AM", "2026-11-27 08:00"},
		{"observed in the year before", plain, "2027-12-31 10:00", false, "closed: New Year's Day (observed), until Mon 8:00 AM", "2028-01-03 08:00"},
		{"observed in the year after", Schedule{Weekly: workweek(), Holidays: []string{"eve"}}, "2029-01-01 10:00", false, "closed: New Year's Eve (observed), until Tue 8:00 AM", "2029-01-02 08:00"},
		{"a holiday on a Saturday", plain, "2027-12-25 10:00", false, "closed: Christmas Day, until Mon 8:00 AM", "2027-12-27 08:00"},
		{"and its Friday", plain, "2027-12-24 10:00", false, "closed: Christmas Day (observed), until Mon 8:00 AM", "2027-12-27 08:00"},

		{"an exception", training, "2026-11-24 10:00", false, "closed: staff training, until Wed 8:00 AM", "2026-11-25 08:00"},
		{"half a day", training, "2026-12-24 10:00", true, "open until 12:00 PM: Christmas Eve", "2026-12-24 12:00"},
		{"half a day, over", training, "2026-12-24 12:00", false, "closed: Christmas Eve, until Mon 8:00 AM", "2026-12-28 08:00"},
		{"an exception beats a holiday", training, "2026-11-26 09:00", true, "open until 11:00 AM", "2026-11-26 11:00"},
		{"between an exception's openings", training, "2026-11-26 12:00", false, "closed on Nov 26 until 1:00 PM", "2026-11-26 13:00"},
		{"without a note", training, "2026-11-27 12:00", false, "closed on Nov 27 until Mon 8:00 AM", "2026-11-30 08:00"},
		{"many days", training, "2026-08-05 12:00", false, "closed: vacation, until Mon, Aug 17, 8:00 AM", "2026-08-17 08:00"},
		{"the last of many days", training, "2026-08-14 23:00", false, "closed: vacation, until Mon 8:00 AM", "2026-08-17 08:00"},

		{"past midnight", night, "2026-11-28 01:59", true, "open until 2:00 AM", "2026-11-28 02:00"},
		{"past midnight, over", night, "2026-11-28 02:00", false, "closed until Fri 10:00 PM", "2026-12-04 22:00"},

		{"closed until", closedUntil(false, "2026-11-24 15:00", "burst pipe"), "2026-11-24 10:00", false, "closed until 3:00 PM: burst pipe", "2026-11-24 15:00"},
		{"closed until, over", closedUntil(false, "2026-11-24 15:00", "burst pipe"), "2026-11-24 15:00", true, "open until 5:30 PM", "2026-11-24 17:30"},
		{"closed until after hours", closedUntil(false, "2026-11-24 19:00", ""), "2026-11-24 10:00", false, "closed until Wed 8:00 AM", "2026-11-25 08:00"},
		{"open until", closedUntil(true, "2026-11-26 15:00", "heat wave"), "2026-11-26 10:00", true, "open until 3:00 PM: heat wave", "2026-11-26 15:00"},
		{"open until hours go on", closedUntil(true, "2026-11-24 12:00", ""), "2026-11-24 07:00", true, "open until 5:30 PM", "2026-11-24 17:30"},

		{"always", Schedule{}, "2026-11-24 03:00", true, "always open", ""},
		{"always, in full", Schedule{Weekly: AlwaysOpen()}, "2026-11-24 03:00", true, "always open", ""},
		{"always but for a holiday", Schedule{Holidays: []string{"thanksgiving"}}, "2026-12-01 03:00", true, "open until Thu, Nov 25, 12:00 AM", "2027-11-25 00:00"},
		{"always, on the holiday", Schedule{Holidays: []string{"thanksgiving"}}, "2026-11-26 03:00", false, "closed: Thanksgiving, until Fri 12:00 AM", "2026-11-27 00:00"},
		{"a holiday that comes no more", Schedule{Holidays: []string{"once"}}, "2026-12-01 03:00", true, "always open", ""},
		{"a holiday that nobody knows", Schedule{Weekly: workweek(), Holidays: []string{"gone"}}, "2026-11-26 10:00", true, "open until 5:30 PM", "2026-11-26 17:30"},
		{"closed for more than a year", Schedule{Exceptions: []Exception{{Date: date(t, "2026-01-01"), Through: date(t, "2030-01-01")}}}, "2026-11-24 03:00", false, "closed on Nov 24", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := test.schedule.At(local(t, la, test.at), la, someHolidays)
			var until time.Time
			if test.until != "" {
				until = local(t, la, test.until)
			}
			if got.Open != test.open || got.Why != test.why || !got.Until.Equal(until) {
				t.Errorf("at %s: %v, %q, until %v; want %v, %q, until %v", test.at, got.Open, got.Why, got.Until, test.open, test.why, until)
			}
		})
	}
}

// A day that is closed is closed from its first minute; an exception with hours leaves the night before alone.
func TestTheNightBeforeEndsWhereAClosedDayBegins(t *testing.T) {
	everyNight := Hours{}
	for day := time.Sunday; day <= time.Saturday; day++ {
		everyNight = append(everyNight, Shift{day, 20 * 60, 28 * 60})
	}
	eve, day := date(t, "2026-11-25"), date(t, "2026-11-26")
	for _, test := range []struct {
		name     string
		schedule Schedule
		want     string
	}{
		{"no exception", Schedule{}, "25 20:00 to 26 04:00, 26 20:00 to 27 04:00"},
		{"closed", Schedule{Exceptions: []Exception{{Date: day}}}, "25 20:00 to 26 00:00"},
		{"holiday", Schedule{Holidays: []string{"thanksgiving"}}, "25 20:00 to 26 00:00"},
		{"other hours", Schedule{Exceptions: []Exception{{Date: day, Open: []Opening{{10 * 60, 12 * 60}}}}}, "25 20:00 to 26 04:00, 26 10:00 to 26 12:00"},
		{"the exception's own night", Schedule{Exceptions: []Exception{{Date: day}, {Date: eve, Open: []Opening{{22 * 60, 30 * 60}}}}}, "25 22:00 to 26 00:00"},
		{"touching", Schedule{Exceptions: []Exception{{Date: day, Open: []Opening{{4 * 60, 5 * 60}}}}}, "25 20:00 to 26 05:00"},
	} {
		test.schedule.Weekly = everyNight
		from := local(t, time.UTC, "2026-11-25 12:00")
		got := shown(test.schedule.Windows(from, from.Add(48*time.Hour), time.UTC, someHolidays), "02 15:04")
		if got != test.want {
			t.Errorf("%s: open %s, want %s", test.name, got, test.want)
		}
	}
}

func shown(windows []Window, layout string) string {
	var parts []string
	for _, w := range windows {
		parts = append(parts, w.Opens.Format(layout)+" to "+w.Closes.Format(layout))
	}
	return strings.Join(parts, ", ")
}

// Nothing is laid over what was before an override was set.
func TestWindowsBeforeAnOverride(t *testing.T) {
	from := local(t, time.UTC, "2026-11-24 09:00") // a Tuesday
	began := func(open bool, until, since string) Schedule {
		return Schedule{
			Weekly:   Hours{{time.Tuesday, 8 * 60, 12*60 + 30}, {time.Tuesday, 13 * 60, 17 * 60}},
			Override: Override{Open: open, From: local(t, time.UTC, since), Until: local(t, time.UTC, until)},
		}
	}
	for _, test := range []struct {
		name     string
		schedule Schedule
		want     string
	}{
		{"closed from within", began(false, "2026-11-24 14:00", "2026-11-24 11:00"),
			"24 09:00 to 24 11:00, 24 14:00 to 24 17:00"},
		{"open from within", began(true, "2026-11-24 12:45", "2026-11-24 12:40"),
			"24 09:00 to 24 12:30, 24 12:40 to 24 12:45, 24 13:00 to 24 17:00"},
		{"closed between what has run out", began(false, "2026-11-24 10:00", "2026-11-24 09:30"),
			"24 09:00 to 24 09:30, 24 10:00 to 24 12:30, 24 13:00 to 24 17:00"},
	} {
		windows := test.schedule.Windows(from, local(t, time.UTC, "2026-11-25 00:00"), time.UTC, nil)
		if got := shown(windows, "02 15:04"); got != test.want {
			t.Errorf("%s: open %s, want %s", test.name, got, test.want)
		}
		for at := from; at.Before(from.Add(9 * time.Hour)); at = at.Add(5 * time.Minute) {
			in := slices.ContainsFunc(windows, func(w Window) bool { return !at.Before(w.Opens) && at.Before(w.Closes) })
			if open := test.schedule.At(at, time.UTC, nil).Open; open != in {
				t.Errorf("%s: at %s open is %v, the windows say %v", test.name, at, open, in)
			}
		}
	}
}

// Touching openings are one; a window is cut off at the ends asked for, and the override lies over all.
func TestWindows(t *testing.T) {
	split := Schedule{Weekly: Hours{
		{time.Tuesday, 13 * 60, 17 * 60}, {time.Tuesday, 8 * 60, 12 * 60}, {time.Tuesday, 12 * 60, 12*60 + 30}, {time.Tuesday, 23 * 60, 24 * 60}, {time.Wednesday, 0, 60},
	}}
	from := local(t, time.UTC, "2026-11-24 09:00") // a Tuesday
	override := func(s Schedule, open bool, until string) Schedule {
		s.Override = Override{Open: open, Until: local(t, time.UTC, until)}
		return s
	}
	for _, test := range []struct {
		name     string
		schedule Schedule
		want     string
	}{
		{"as written", split, "24 09:00 to 24 12:30, 24 13:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"always", Schedule{}, "24 09:00 to 25 00:30"},
		{"closed until", override(split, false, "2026-11-24 14:00"), "24 14:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"closed past the end", override(split, false, "2026-12-24 14:00"), ""},
		{"open until within", override(split, true, "2026-11-24 14:00"), "24 09:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"open until between", override(split, true, "2026-11-24 12:45"), "24 09:00 to 24 12:45, 24 13:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"open until the next", override(split, true, "2026-11-24 13:00"), "24 09:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"open past the end", override(split, true, "2026-12-24 13:00"), "24 09:00 to 25 00:30"},
		{"an override that has run out", override(split, true, "2026-11-24 09:00"), "24 09:00 to 24 12:30, 24 13:00 to 24 17:00, 24 23:00 to 25 00:30"},
		{"the business's override under the line's", override(split, true, "2026-11-24 10:00").Or(override(split, false, "2026-11-24 14:00")),
			"24 09:00 to 24 10:00, 24 14:00 to 24 17:00, 24 23:00 to 25 00:30"},
	} {
		windows := test.schedule.Windows(from, local(t, time.UTC, "2026-11-25 00:30"), time.UTC, nil)
		if got := shown(windows, "02 15:04"); got != test.want {
			t.Errorf("%s: open %s, want %s", test.name, got, test.want)
		}
		agree(t, test.name, test.schedule, windows, from, local(t, time.UTC, "2026-11-25 00:30"), time.UTC)
	}
}

func TestNobodyKnowsAHoliday(t *testing.T) {
	s := Schedule{Weekly: workweek(), Holidays: []string{"thanksgiving"}}
	at := local(t, time.UTC, "2026-11-26 10:00")
	if got := s.At(at, time.UTC, nil); !got.Open || len(s.Windows(at, at.Add(time.Hour), time.UTC, nil)) != 1 {
		t.Errorf("%+v", got)
	}
}

// What began the day before is open from the first instant asked for.
func TestWindowsBeginWithTheNightBefore(t *testing.T) {
	night := Schedule{Weekly: Hours{{time.Monday, 22 * 60, 26 * 60}}}
	from := local(t, time.UTC, "2026-11-24 01:00") // a Tuesday
	if got := shown(night.Windows(from, from.Add(time.Hour*48), time.UTC, nil), "02 15:04"); got != "24 01:00 to 24 02:00" {
		t.Errorf("open %s", got)
	}
}

// agree fails where At says something else than the windows between from and to, on every quarter of an hour.
func agree(t *testing.T, name string, s Schedule, windows []Window, from, to time.Time, in *time.Location) {
	t.Helper()
	for at := from; at.Before(to); at = at.Add(15 * time.Minute) {
		open, next := false, time.Time{}
		for _, w := range windows {
			if !w.Opens.After(at) && w.Closes.After(at) {
				open, next = true, w.Closes
			}
			if w.Opens.After(at) && next.IsZero() {
				next = w.Opens
			}
		}
		got := s.At(at, in, nil)
		if got.Open != open {
			t.Errorf("%s: At %s says open %v, the windows %v", name, at, got.Open, open)
		}
		if next.IsZero() || !next.Before(to) {
			continue // beyond what the windows show
		}
		if !got.Until.Equal(next) {
			t.Errorf("%s: At %s says until %s, the windows %s", name, at, got.Until, next)
		}
	}
}

func TestALineHasWhatItDoesNotSayFromItsBusiness(t *testing.T) {
	la := load(t, "America/Los_Angeles")
	business := Schedule{
		Weekly: workweek(), Holidays: []string{"thanksgiving"},
		Exceptions: []Exception{{Date: date(t, "2026-11-24"), Note: "staff training"}},
		Override:   Override{Until: local(t, la, "2026-11-23 12:00"), Note: "burst pipe"},
	}
	late := Hours{{time.Monday, 12 * 60, 20 * 60}, {time.Tuesday, 12 * 60, 20 * 60}, {time.Thursday, 12 * 60, 20 * 60}}
	for _, test := range []struct {
		name string
		line Schedule
		at   string
		why  string
	}{
		{"nothing of its own", Schedule{}, "2026-11-25 10:00", "open until 5:30 PM"},
		{"own hours", Schedule{Weekly: late}, "2026-11-30 19:00", "open until 8:00 PM"},
		{"own hours, the business's holiday", Schedule{Weekly: late}, "2026-11-26 13:00", "closed: Thanksgiving, until Mon 12:00 PM"},
		{"own hours, the business's exception", Schedule{Weekly: late}, "2026-11-24 13:00", "closed: staff training, until Mon 12:00 PM"},
		{"own hours, the business's override", Schedule{Weekly: late}, "2026-11-23 10:00", "closed until 12:00 PM: burst pipe"},
		{"no holidays of its own", Schedule{Holidays: []string{}}, "2026-11-26 13:00", "open until 5:30 PM"},
		{"own exception for the same day", Schedule{Exceptions: []Exception{{Date: date(t, "2026-11-24"), Open: []Opening{{600, 660}}}}}, "2026-11-24 10:00", "open until 11:00 AM"},
		{"own override", Schedule{Override: Override{Open: true, Until: local(t, la, "2026-11-23 11:00")}}, "2026-11-23 10:00", "open until 11:00 AM"},
		{"own override has run out", Schedule{Override: Override{Open: true, Until: local(t, la, "2026-11-23 09:00")}}, "2026-11-23 10:00", "closed until 12:00 PM: burst pipe"},
		{"always", Schedule{Weekly: AlwaysOpen()}, "2026-11-26 13:00", "always open"},
		{"always, the business's override", Schedule{Weekly: AlwaysOpen()}, "2026-11-23 10:00", "always open"},
		{"always but for what it says itself", Schedule{Weekly: AlwaysOpen(), Holidays: []string{"thanksgiving"}}, "2026-11-26 13:00", "closed: Thanksgiving, until Fri 12:00 AM"},
	} {
		if got := test.line.Or(business).At(local(t, la, test.at), la, someHolidays); got.Why != test.why {
			t.Errorf("%s: at %s %q, want %q", test.name, test.at, got.Why, test.why)
		}
	}
	if len(business.Exceptions) != 1 || len(business.Holidays) != 1 {
		t.Errorf("Or changed the business's schedule: %+v", business)
	}
}

func TestScheduleCheck(t *testing.T) {
	fine := Schedule{
		Weekly: workweek(), Holidays: []string{"thanksgiving"},
		Exceptions: []Exception{
			{Date: date(t, "2020-02-29"), Note: "long past"},
			{Date: date(t, "2026-12-24"), Open: []Opening{{8 * 60, 12 * 60}, {12 * 60, 30 * 60}}},
			{Date: date(t, "2026-12-28"), Through: date(t, "2026-12-31")},
		},
		Override: Override{Until: time.Unix(0, 0)},
	}
	known := func(key string) bool { return key == "thanksgiving" }
	if problems := fine.Check(known); problems != nil {
		t.Errorf("a fine schedule: %v", problems)
	}
	with := func(e ...Exception) Schedule { return Schedule{Exceptions: e} }
	christmas, eve := date(t, "2026-12-25"), date(t, "2026-12-24")
	for _, test := range []struct {
		name     string
		schedule Schedule
		about    string
		wrong    string
		remedied bool
	}{
		{"hours", Schedule{Weekly: Hours{{1, 60, 60}}}, "weekly", "is not a shift", false},
		{"unknown holiday", Schedule{Holidays: []string{"thanksgiving", "thanksgivin"}}, "holidays[1]", `no holiday "thanksgivin"`, true},
		{"ticked twice", Schedule{Holidays: []string{"thanksgiving", "thanksgiving"}}, "holidays[1]", "already", true},
		{"no date", with(Exception{Note: "x"}), "exceptions[0]", "no date", true},
		{"no such day", with(Exception{Date: Date{2026, 2, 29}}), "exceptions[0]", "no calendar", true},
		{"no such last day", with(Exception{Date: eve, Through: Date{2027, 2, 29}}), "exceptions[0]", "no calendar", true},
		{"backwards", with(Exception{Date: christmas, Through: eve}), "exceptions[0]", "before it begins", true},
		{"endless", with(Exception{Date: christmas, Through: date(t, "2062-12-26")}), "exceptions[0]", "goes on for", true},
		{"impossible", with(Exception{Date: eve, Open: []Opening{{600, 600}}}), "exceptions[0]", "10:00 to 10:00", true},
		{"overlapping", with(Exception{Date: eve, Open: []Opening{{600, 700}, {660, 720}}}), "exceptions[0]", "11:00", true},
		{"every night into the next day", with(Exception{Date: eve, Through: christmas, Open: []Opening{{600, 600 + 1440}, {60, 120}}}), "exceptions[0]", "next day", true},
		{"twice", with(Exception{Date: eve}, Exception{Date: christmas}, Exception{Date: eve}), "exceptions[2]", "2026-12-24 already", true},
		{"twice in a range", with(Exception{Date: christmas}, Exception{Date: eve, Through: date(t, "2026-12-26")}), "exceptions[1]", "2026-12-25 already", true},
		{"no end", Schedule{Override: Override{Open: true}}, "override", "no end", true},
	} {
		problems := test.schedule.Check(known)
		if len(problems) != 1 || problems[0].About != test.about || !strings.Contains(problems[0].Wrong, test.wrong) || (problems[0].Remedy != "") != test.remedied {
			t.Errorf("%s: %+v, want one about %s that says %q", test.name, problems, test.about, test.wrong)
		}
	}
}

func TestHoursOverlapPastMidnight(t *testing.T) {
	for _, test := range []struct {
		name  string
		hours Hours
		wrong string // "" for nothing
	}{
		{"into the next day's", Hours{{time.Monday, 22 * 60, 26 * 60}, {time.Tuesday, 60, 300}}, "Tuesday has two shifts at 01:00"},
		{"into the next week's", Hours{{time.Sunday, 60, 300}, {time.Saturday, 22 * 60, 26 * 60}}, "Sunday has two shifts at 01:00"},
		{"touching the next day's", Hours{{time.Monday, 22 * 60, 26 * 60}, {time.Tuesday, 120, 300}}, ""},
		{"always", AlwaysOpen(), ""},
		{"no day", Hours{{7, 60, 120}}, "no day of the week"},
	} {
		err := test.hours.Check()
		if (err != nil) != (test.wrong != "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: %v, want %q", test.name, err, test.wrong)
		}
	}
	if got := AlwaysOpen().String(); got != "24/7" {
		t.Errorf("always open is written %s", got)
	}
	if workweek().Always() || !AlwaysOpen().Always() || (Hours{{0, 0, weekMinutes}}).Always() {
		t.Error("hours that fill the week are not told from those that do not")
	}
}

// Hours as they were stored before there were schedules are a schedule's week.
func TestScheduleAsJSON(t *testing.T) {
	full := Schedule{
		Weekly: Hours{{time.Monday, 480, 1050}}, Holidays: []string{"us.thanksgiving"},
		Exceptions: []Exception{{Date: date(t, "2026-12-24"), Through: date(t, "2026-12-25"), Open: []Opening{{480, 720}}, Note: "half day"}},
		Override:   Override{Open: true, Until: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC), Note: "x"},
	}
	for _, test := range []struct {
		schedule Schedule
		want     string
	}{
		{Schedule{}, `{}`},
		{Schedule{Holidays: []string{}}, `{"holidays":[]}`},
		{full, `{"weekly":[{"day":1,"from":480,"to":1050}],"holidays":["us.thanksgiving"],` +
			`"exceptions":[{"date":"2026-12-24","through":"2026-12-25","open":[{"from":480,"to":720}],"note":"half day"}],` +
			`"override":{"open":true,"until":"2026-11-24T12:00:00Z","note":"x"}}`},
	} {
		got, err := json.Marshal(test.schedule)
		if err != nil || string(got) != test.want {
			t.Errorf("%s, %v; want %s", got, err, test.want)
		}
		var back Schedule
		if err := json.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back, test.schedule) {
			t.Errorf("%s reads back as %+v, %v", got, back, err)
		}
	}
}

func TestDatesAndMoments(t *testing.T) {
	for _, bad := range []string{"", "2026-02-29", "24.12.2026", "2026-12-24 08:00"} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("ParseDate(%q) = %s", bad, d)
		}
	}
	for text, want := range map[string]Moment{
		"2026-12-24":       {Date{2026, 12, 24}, 0},
		"2026-12-24 08:05": {Date{2026, 12, 24}, 485},
	} {
		if got, err := ParseMoment(text); err != nil || got != want {
			t.Errorf("ParseMoment(%q) = %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "08:00", "2026-12-24 24:00", "2026-12-24T08:00:00Z"} {
		if m, err := ParseMoment(bad); err == nil {
			t.Errorf("ParseMoment(%q) = %s", bad, m)
		}
	}
	if got := (Date{2026, 12, 31}).AddDays(60); got.String() != "2027-03-01" || got.Weekday() != time.Monday {
		t.Errorf("60 days after 2026-12-31 is %s, a %s", got, got.Weekday())
	}
	if got := (Date{1969, 12, 31}).Weekday(); got != time.Wednesday {
		t.Errorf("1969-12-31 is a %s", got)
	}
	var zero struct {
		Date   Date
		Moment Moment
	}
	if err := json.Unmarshal([]byte(`{"Date":"","Moment":""}`), &zero); err != nil || !zero.Date.IsZero() || !zero.Moment.IsZero() {
		t.Errorf("nothing is no day: %+v, %v", zero, err)
	}
	if (Date{2026, 1, 2}).Compare(Date{2025, 12, 31}) <= 0 || (Date{2026, 1, 2}).Compare(Date{2026, 1, 3}) >= 0 {
		t.Error("dates are not in order")
	}
}
