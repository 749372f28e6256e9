package rebound

import (
	"fmt"
	"slices"
)

// mostDays is how long one exception may go on. Longer ones are slips of the year.
const mostDays = 366

// Check returns all that is wrong with the schedule. A key is a holiday if known says so; dates in the
// past are nothing wrong. A line's own schedule is checked before Or joins it to the business's.
func (s Schedule) Check(known func(key string) bool) []Problem {
	var found []Problem
	add := func(about, remedy, wrong string, args ...any) {
		found = append(found, Problem{about, fmt.Sprintf(wrong, args...), remedy})
	}
	if err := s.Weekly.Check(); err != nil {
		add("weekly", "", "%v", err)
	}
	for i, key := range s.Holidays {
		about := fmt.Sprintf("holidays[%d]", i)
		switch {
		case !known(key):
			add(about, "take one from the list of your country's holidays, such as us.thanksgiving", "there is no holiday %.60q", key)
		case slices.Contains(s.Holidays[:i], key):
			add(about, "remove one of the two", "%s is in the list already", key)
		}
	}
	for i, e := range s.Exceptions {
		about := fmt.Sprintf("exceptions[%d]", i)
		if wrong, remedy := e.check(); wrong != "" {
			add(about, remedy, "%s", wrong)
			continue
		}
		for _, o := range s.Exceptions[:i] {
			if d, both := e.overlap(o); both {
				add(about, "join the two into one", "there is an exception for %s already", d)
				break
			}
		}
	}
	if o := s.Override; o.Until.IsZero() && (o.Open || o.Note != "") {
		add("override", "say until when it holds", "it has no end")
	}
	return found
}

func (e Exception) check() (wrong, remedy string) {
	if e.Date.IsZero() {
		return "it has no date", "write the day like 2026-12-24"
	}
	if e.Date.AddDays(0) != e.Date || !e.Through.IsZero() && e.Through.AddDays(0) != e.Through {
		return "no calendar has this day", "write a day that there is, like 2026-12-24"
	}
	switch days := e.last().number() - e.Date.number() + 1; {
	case days < 1:
		return fmt.Sprintf("it ends on %s, before it begins", e.Through), "write the later day last"
	case days > mostDays:
		return fmt.Sprintf("it goes on for %d days", days), fmt.Sprintf("write an end at most %d days after its start", mostDays-1)
	}
	for i, o := range e.Open {
		if impossible(o.From, o.To) {
			return fmt.Sprintf("%s to %s is no opening", clock(o.From), clock(o.To)), "let it start within the day and end after its start, at most a day later"
		}
		for _, other := range e.Open[:i] {
			if o.From < other.To && other.From < o.To {
				return "two openings hold at " + clock(max(o.From, other.From)), "join them into one"
			}
		}
	}
	if first, last := e.night(); !e.Through.IsZero() && last > dayMinutes+first {
		return "each day's last opening reaches into the next day's first", "end it before " + clock(first)
	}
	return "", ""
}

func (e Exception) last() Date {
	if e.Through.IsZero() {
		return e.Date
	}
	return e.Through
}

// night is when the first opening of a day begins and the last one ends, if there are any.
func (e Exception) night() (first, last int) {
	for i, o := range e.Open {
		if i == 0 || o.From < first {
			first = o.From
		}
		last = max(last, o.To)
	}
	return first, last
}

// overlap is the first day that both exceptions are about.
func (e Exception) overlap(o Exception) (Date, bool) {
	first, last := e.Date, e.last()
	if o.Date.Compare(first) > 0 {
		first = o.Date
	}
	if o.last().Compare(last) < 0 {
		last = o.last()
	}
	return first, first.Compare(last) <= 0
}
