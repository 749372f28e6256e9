package rebound

import (
	"slices"
	"time"
)

// Schedule says when a business, or one of its lines, is open. What says more about a moment wins over
// what says less: the override, else the exception for the day, else a ticked holiday, else the week.
//
// Every opening becomes a pair of instants by one rule, whatever clocks do in between. It begins when
// clocks first show its start and ends when they last show its end; a time that clocks leap over is the
// instant at which they leap. So an opening begins once and ends once, is longer or shorter where clocks
// change within it, and is none where clocks leap over all of it. Openings that touch are one.
//
// An opening past midnight belongs to the day on which it begins, with one limit: a day that an exception
// or a holiday closes is closed from midnight to midnight, and what began the night before ends there.
type Schedule struct {
	Weekly     Hours       `json:"weekly,omitempty"`     // empty: always open
	Holidays   []string    `json:"holidays,omitzero"`    // keys of those on which it is closed: "us.thanksgiving"
	Exceptions []Exception `json:"exceptions,omitempty"` // in any order
	Override   Override    `json:"override,omitzero"`

	inherited Override // the business's, below the line's own
}

// Exception replaces what the week and the holidays say about a day, or about all days from Date
// through Through.
type Exception struct {
	Date    Date      `json:"date"`
	Through Date      `json:"through,omitzero"` // zero: Date alone
	Open    []Opening `json:"open,omitempty"`   // none: closed all day
	Note    string    `json:"note,omitempty"`   // why, as people read it: "staff training"
}

// Opening is a time of one day, as minutes after its local midnight: From included, To not; To may pass
// midnight as a Shift's may.
type Opening struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Override is "closed until …" or "open until …", whatever else is written. A zero Until is no override,
// and a past one has run out.
type Override struct {
	Open  bool      `json:"open,omitempty"`
	From  time.Time `json:"from,omitzero"` // zero: it held at all times before
	Until time.Time `json:"until,omitzero"`
	Note  string    `json:"note,omitempty"`
}

// Holiday is a public holiday of one year.
type Holiday struct {
	Key      string // "us.independence": stands in files and rows, and is never renamed
	Name     string // "Independence Day"
	Day      Date
	Observed Date // the day off instead, where Day is a weekend; else Day
}

// HolidayFinder returns the holiday with a key in a year, and false if that year has none. A schedule is
// closed on the holiday and on the day on which it is observed.
type HolidayFinder func(key string, year int) (Holiday, bool)

// Status is what a schedule says about an instant.
type Status struct {
	Open  bool
	Why   string    // in words: "open until 5:30 PM", "closed: Thanksgiving Day, until Fri 8:00 AM"
	Until time.Time // when Open changes next; zero: not within a year
}

// Window is a time during which a schedule is open: Opens included, Closes not.
type Window struct{ Opens, Closes time.Time }

// Or is the schedule of a line whose business has parent, part by part: hours and holidays are the line's
// own where it has any (holidays that are none, [] in JSON, are its own), and else the business's; exceptions
// and override are those of both, and the line's own win. Hours that say in full that they are always open
// (AlwaysOpen) mean it: nothing of the business closes such a line.
func (s Schedule) Or(parent Schedule) Schedule {
	if len(s.Weekly) > 0 && s.Weekly.Always() {
		return s
	}
	if len(s.Weekly) == 0 {
		s.Weekly = parent.Weekly
	}
	if s.Holidays == nil {
		s.Holidays = parent.Holidays
	}
	s.inherited = parent.Override
	s.Exceptions = slices.Concat(s.Exceptions, parent.Exceptions)
	return s
}

// At says whether the schedule is open at t, and why. The zone is where its wall clocks hang; nil knows no
// holidays.
func (s Schedule) At(t time.Time, zone *time.Location, holidays HolidayFinder) Status {
	return s.state(t, clocksOf(zone), holidays).status(t.In(zone))
}

// NextOpening is when the schedule opens first on a day after t's, its override aside; zero: not within a year.
func (s Schedule) NextOpening(t time.Time, zone *time.Location, holidays HolidayFinder) time.Time {
	c := clocksOf(zone)
	today := c.day(t)
	for w := range s.almanac(c, holidays).windows(today-1, today+yearHorizon) {
		if c.day(w.Opens) > today {
			return w.Opens.In(zone)
		}
	}
	return time.Time{}
}

// Windows are the times between from and to during which the schedule is open, in order and without
// touching; the first and the last are cut off at from and to.
func (s Schedule) Windows(from, to time.Time, zone *time.Location, holidays HolidayFinder) []Window {
	var open []Window
	c := clocksOf(zone)
	from, to = from.In(zone), to.In(zone)
	for w := range s.almanac(c, holidays).windows(c.day(from)-1, c.day(to)) {
		w = Window{later(w.Opens, from), earlier(w.Closes, to)}
		if w.Opens.Before(w.Closes) {
			open = append(open, w)
		}
	}
	open = s.inherited.over(open, from, to)
	return s.Override.over(open, from, to)
}

// over lays the override over what is open between from and to.
func (o Override) over(open []Window, from, to time.Time) []Window {
	begins, until := later(o.From, from), earlier(o.Until, to)
	if !until.After(begins) {
		return open
	}
	var laid []Window
	add := func(opens, closes time.Time) {
		switch last := len(laid) - 1; {
		case !opens.Before(closes):
		case last >= 0 && laid[last].Closes.Equal(opens) && o.Open:
			laid[last].Closes = closes
		default:
			laid = append(laid, Window{opens, closes})
		}
	}
	for _, w := range open {
		add(w.Opens, earlier(w.Closes, begins))
	}
	if o.Open {
		add(begins, until)
	}
	for _, w := range open {
		add(later(w.Opens, until), w.Closes)
	}
	return laid
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// state is a Status before it is put into words.
type state struct {
	open       bool
	until      time.Time
	special    bool   // the day is an exception or a holiday
	note       string // what the exception, holiday or override is called
	overridden bool
}

// state is what the schedule says about t.
func (s Schedule) state(t time.Time, c *clocks, holidays HolidayFinder) state {
	for _, o := range [...]Override{s.Override, s.inherited} {
		if !o.Until.After(t) || t.Before(o.From) {
			continue
		}
		now := state{open: o.Open, until: o.Until.In(c.zone), note: o.Note, overridden: true}
		if then := s.state(o.Until, c, holidays); then.open == o.Open {
			now.until = then.until // nothing changes when the override runs out
		}
		return now
	}
	return s.usual(t, c, holidays)
}

// A week without exceptions and holidays repeats itself; anything else is looked at for a year.
const weekHorizon, yearHorizon = 9, 370 // days

// usual is what the schedule says about t without overrides.
func (s Schedule) usual(t time.Time, c *clocks, holidays HolidayFinder) state {
	horizon := weekHorizon
	if len(s.Exceptions)+len(s.Holidays) > 0 {
		horizon = yearHorizon
	}
	a := s.almanac(c, holidays)
	today := c.day(t)
	date := a.day(today)
	now := state{special: date.special, note: date.note}
	for w := range a.windows(today-1, today+horizon) {
		if !w.Closes.After(t) {
			continue
		}
		now.open, now.until = !w.Opens.After(t), w.Closes
		if !now.open {
			now.until = w.Opens
		}
		break
	}
	if end, _ := c.show(wallAt(today+horizon, 0)); !now.until.Before(end) {
		now.until = time.Time{}
	}
	return now
}

// status puts a state into words for people who read them at now.
func (s state) status(now time.Time) Status {
	is, until := "closed", ""
	if s.open {
		is = "open"
	}
	if !s.until.IsZero() {
		until = " until " + when(s.until, now)
	}
	why := is + until
	switch {
	case s.special && !s.open && s.note != "": // the day is the reason, and the hour what comes of it
		why = is + ": " + s.note
		if until != "" {
			why += "," + until
		}
	case s.special && !s.open:
		why = is + " on " + now.Format("Jan 2") + until
	case s.note != "":
		why += ": " + s.note
	case s.open && until == "":
		why = "always open"
	}
	return Status{s.open, why, s.until}
}

// when writes an instant as people say it at now, by the clocks of now's zone: "5:30 PM" of the same day,
// "Mon 8:00 AM" of the days after it, else "Mon, Jan 4, 8:00 AM".
func when(t, now time.Time) string {
	t = t.In(now.Location())
	switch days := DateOf(t).number() - DateOf(now).number(); {
	case days == 0:
		return t.Format("3:04 PM")
	case days > 0 && days < 7:
		return t.Format("Mon 3:04 PM")
	}
	return t.Format("Mon, Jan 2, 3:04 PM")
}
