package businessfile

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/holiday"
)

// Opening hours are written as people put them on a door:
//
//	hours:
//	  mon-fri: 08:00-12:00, 13:00-17:30
//	  sat: 9am-1pm
//	  sun: closed
//	  holidays: [US]
//	  exceptions:
//	    2026-12-24: 08:00-12:00 (Christmas Eve)
//	    2026-12-28 to 2026-12-31: closed
//
// A shift may pass midnight (22:00-02:00) and then belongs to the day on which it begins. A day that is
// not named is closed; where no day is, the week is that of the business, and a business without one is
// always open. `hours: always` is open whatever the business says.
func hours(at *rebound.Schedule) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if n.Shape == config.Scalar && n.Text == "always" {
				at.Weekly = rebound.AlwaysOpen()
				return
			}
			if r.is(n, config.Mapping, path, "always, or lines like `mon-fri: 08:00-17:30`") {
				*at = readSchedule(r, n, path)
			}
		},
		absent: func(*reader, *config.Node, string) { *at = rebound.Schedule{} },
		write:  func(bool) (tree, bool) { return writeSchedule(*at) },
	}
}

// The keys of hours that are not days.
const holidays, exceptions = "holidays", "exceptions"

func readSchedule(r *reader, n *config.Node, path string) rebound.Schedule {
	before := len(r.problems)
	var s rebound.Schedule
	days := *n
	days.Keys = nil
	for _, k := range n.Keys {
		switch k.Name {
		case holidays:
			s.Holidays = readHolidays(r, k.Value, join(path, holidays))
		case exceptions:
			s.Exceptions = readExceptions(r, k.Value, join(path, exceptions))
		default:
			days.Keys = append(days.Keys, k)
		}
	}
	if len(days.Keys) > 0 || len(n.Keys) == 0 {
		s.Weekly = readWeek(r, &days, path)
	}
	if len(r.problems) == before {
		r.found(n, path, s.Check(holiday.Known))
	}
	return s
}

func writeSchedule(s rebound.Schedule) (tree, bool) {
	if slices.Equal(s.Weekly, rebound.AlwaysOpen()) && s.Holidays == nil && len(s.Exceptions) == 0 {
		return tree{text: "always"}, true
	}
	lines := writeWeek(s.Weekly)
	if s.Holidays != nil {
		lines = append(lines, branch{holidays, writeHolidays(s.Holidays)})
	}
	if len(s.Exceptions) > 0 {
		lines = append(lines, branch{exceptions, writeExceptions(s.Exceptions)})
	}
	return tree{keys: lines}, len(lines) > 0
}

// weekdays begin with Monday, as working weeks do.
var weekdays = [...]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

// readWeek reads lines for days. Whether its shifts can be is for the caller to check.
func readWeek(r *reader, n *config.Node, path string) rebound.Hours {
	before := len(r.problems)
	var week rebound.Hours
	named := map[time.Weekday]bool{}
	for _, k := range n.Keys {
		at := join(path, k.Name)
		key := &config.Node{Line: k.Line, Column: k.Column}
		days, err := readDays(k.Name)
		if err != nil {
			r.fault(key, at, err.Error(), "")
			continue
		}
		var shifts []rebound.Shift
		if r.is(k.Value, config.Scalar, at, "times like 08:00-17:30, or closed") {
			if shifts, err = readShifts(k.Value.Text); err != nil {
				r.fault(k.Value, at, err.Error(), "")
			}
		}
		for _, day := range days {
			if named[day] {
				r.fault(key, at, day.String()+" has hours already", "write all its times into one line, with commas")
			}
			named[day] = true
			for _, s := range shifts {
				week = append(week, rebound.Shift{Day: day, From: s.From, To: s.To})
			}
		}
	}
	slices.SortFunc(week, func(a, b rebound.Shift) int {
		return cmp.Or(cmp.Compare((a.Day+6)%7, (b.Day+6)%7), cmp.Compare(a.From, b.From))
	})
	if len(r.problems) == before && len(week) == 0 {
		r.fault(n, path, "it is closed on every day", "write times for a day, or leave it out")
	}
	return week
}

// readDays reads "mon", "mon-fri", "sat, sun" and "daily".
func readDays(text string) ([]time.Weekday, error) {
	if strings.EqualFold(text, "daily") {
		return weekdays[:], nil
	}
	var days []time.Weekday
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, ok := readDay(first)
		to, ok2 := readDay(last)
		if !ok || !ok2 {
			return nil, fmt.Errorf("%.60q is no day of the week; write mon, tue, wed, thu, fri, sat, sun, a range like mon-fri, daily, holidays or exceptions", text)
		}
		for days = append(days, from); from != to; days = append(days, from) {
			from = (from + 1) % 7
		}
	}
	return days, nil
}

func readDay(text string) (time.Weekday, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	for _, day := range weekdays {
		if len(text) >= 3 && strings.HasPrefix(strings.ToLower(day.String()), text) {
			return day, true
		}
	}
	return 0, false
}

// readShifts reads one day's times, which are nobody's day yet.
func readShifts(text string) ([]rebound.Shift, error) {
	if strings.EqualFold(text, "closed") {
		return nil, nil
	}
	var shifts []rebound.Shift
	for part := range strings.SplitSeq(text, ",") {
		first, last, _ := strings.Cut(part, "-")
		o, ok := rebound.ParseOpening(first, last)
		if !ok {
			return nil, fmt.Errorf("%.60q are no opening hours; write them like 08:00-12:00, 13:00-17:30, or closed", text)
		}
		shifts = append(shifts, rebound.Shift{From: o.From, To: o.To})
	}
	return shifts, nil
}

// writeWeek joins neighbouring days with the same hours into one line.
func writeWeek(week rebound.Hours) []branch {
	var lines []branch
	first, previous := time.Weekday(-1), ""
	for _, day := range weekdays {
		times := writeShifts(week, day)
		switch {
		case times == "":
		case times == previous:
			lines[len(lines)-1].key = shortName(first) + "-" + shortName(day)
		default:
			first = day
			lines = append(lines, branch{shortName(day), tree{text: times}})
		}
		previous = times
	}
	return lines
}

func shortName(day time.Weekday) string { return strings.ToLower(day.String()[:3]) }

func writeShifts(week rebound.Hours, day time.Weekday) string {
	var times []string
	for _, s := range week {
		if s.Day == day {
			times = append(times, writeClock(s.From)+"-"+writeClock(s.To))
		}
	}
	return strings.Join(times, ", ")
}

const midnight = 24 * 60 // the end of a day, in minutes

func writeClock(minutes int) string {
	if minutes > midnight {
		minutes -= midnight
	}
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}
