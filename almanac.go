package rebound

import (
	"cmp"
	"iter"
	"slices"
)

// almanac knows what each day of a schedule holds. It belongs to one question: it remembers the holidays
// of the years that the question touched.
type almanac struct {
	Schedule
	clocks *clocks
	find   HolidayFinder
	years  []int
	found  []Holiday
}

func (s Schedule) almanac(c *clocks, holidays HolidayFinder) *almanac {
	if holidays == nil {
		s.Holidays = nil
	}
	return &almanac{Schedule: s, clocks: c, find: holidays}
}

// day is one day of a schedule.
type day struct {
	number  int
	special bool // an exception or a holiday
	note    string
	open    []Opening // an exception's; a day that is not special has the week's
}

func (d day) closed() bool { return d.special && len(d.open) == 0 }

func (a *almanac) day(number int) day {
	d := day{number: number}
	if len(a.Exceptions)+len(a.Holidays) == 0 {
		return d
	}
	date := dateOf(number)
	for _, e := range a.Exceptions {
		if e.covers(date) {
			d.special, d.note, d.open = true, e.Note, e.Open
			return d
		}
	}
	d.note, d.special = a.holiday(date)
	return d
}

func (e Exception) covers(d Date) bool {
	return d == e.Date || d.Compare(e.Date) > 0 && d.Compare(e.Through) <= 0
}

// holiday looks into the next year and the last one too: a holiday around New Year may be observed in the
// other year.
func (a *almanac) holiday(d Date) (name string, ok bool) {
	for _, year := range [...]int{d.AddDays(-7).Year, d.AddDays(7).Year} {
		if !slices.Contains(a.years, year) {
			a.years = append(a.years, year)
			for _, key := range a.Holidays {
				if h, ok := a.find(key, year); ok {
					a.found = append(a.found, h)
				}
			}
		}
	}
	for _, h := range a.found {
		if h.Day == d {
			return h.Name, true
		}
		if h.Observed == d {
			name, ok = h.Name+" (observed)", true
		}
	}
	return name, ok
}

// windows are the openings of the days from first to last, in order and without touching. What is open on a
// day has begun on it or on the day before.
func (a *almanac) windows(first, last int) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		var before Window // not yielded yet: what follows may touch it after all, where clocks go back
		for s := range a.spans(first, last) {
			opens, _ := a.clocks.show(s.from)
			midnight, closes := a.clocks.show(s.to)
			if s.cut {
				closes = midnight
			}
			w := Window{opens, closes}
			switch {
			case !w.Opens.Before(w.Closes): // clocks leap over it
			case before.Closes.IsZero():
				before = w
			case !w.Opens.After(before.Closes):
				before.Closes = later(before.Closes, w.Closes)
			default:
				if !yield(before) {
					return
				}
				before = w
			}
		}
		if !before.Closes.IsZero() {
			yield(before)
		}
	}
}

// span is an opening on the wall clock.
type span struct {
	from, to wall
	cut      bool // to is the midnight with which a closed day begins
}

// spans are the openings of the days from first to last on the wall clock, in order and without touching.
func (a *almanac) spans(first, last int) iter.Seq[span] {
	return func(yield func(span) bool) {
		var before span
		var openings []Opening
		today, tomorrow := a.day(first), day{}
		for ; today.number <= last; today = tomorrow {
			tomorrow = a.day(today.number + 1)
			openings = a.openings(today, openings[:0])
			for _, o := range openings {
				s := span{from: wallAt(today.number, o.From), to: wallAt(today.number, o.To)}
				if midnight := wallAt(tomorrow.number, 0); tomorrow.closed() && s.to >= midnight {
					s.to, s.cut = midnight, true
				}
				switch {
				case before == span{}:
					before = s
				case s.from <= before.to:
					if s.to > before.to {
						before.to, before.cut = s.to, s.cut
					}
				default:
					if !yield(before) {
						return
					}
					before = s
				}
			}
		}
		if before != (span{}) {
			yield(before)
		}
	}
}

// openings appends a day's openings to into, by their start.
func (a *almanac) openings(d day, into []Opening) []Opening {
	switch {
	case d.special:
		into = append(into, d.open...)
	case len(a.Weekly) == 0:
		return append(into, Opening{0, dayMinutes})
	default:
		for _, s := range a.Weekly {
			if s.Day == weekday(d.number) {
				into = append(into, Opening{s.From, s.To})
			}
		}
	}
	slices.SortFunc(into, func(a, b Opening) int { return cmp.Compare(a.From, b.From) })
	return into
}
