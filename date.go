package rebound

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Date is a day of the calendar: no time and no zone. The zero Date is no day. As text and in JSON it
// is written 2026-12-24, the zero Date as nothing.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t's own wall clock shows.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{year, month, day}
}

// ParseDate reads 2026-12-24; a day that no calendar has (2026-02-29) is an error.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%.40q is no date: write year, month and day like 2026-12-24", text)
	}
	return DateOf(t), nil
}

// IsZero reports whether d is no day.
func (d Date) IsZero() bool { return d == Date{} }

// Compare is negative when d is before o, positive when it is after it.
func (d Date) Compare(o Date) int {
	return cmp.Or(cmp.Compare(d.Year, o.Year), cmp.Compare(d.Month, o.Month), cmp.Compare(d.Day, o.Day))
}

// AddDays is the day n days later, earlier when n is negative.
func (d Date) AddDays(n int) Date { return dateOf(d.number() + n) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return weekday(d.number()) }

func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// MarshalText writes d as String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what ParseDate reads, and nothing as the zero Date.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d = Date{}
	if len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

const (
	dayMinutes  = 24 * 60
	weekMinutes = 7 * dayMinutes
	daySeconds  = dayMinutes * 60
)

// number counts the days since 1 January 1970, on which day arithmetic is plain.
func (d Date) number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / daySeconds)
}

func dateOf(number int) Date { return DateOf(time.Unix(int64(number)*daySeconds, 0).UTC()) }

func weekday(number int) time.Weekday {
	return time.Weekday(((number+int(time.Thursday))%7 + 7) % 7) // 1 January 1970 was a Thursday
}

// Moment is a date and a time as wall clocks show them, somewhere. What people plan is kept so, and not
// as an instant, because a law may change which instant it is. As text and in JSON: 2026-12-24 08:00.
type Moment struct {
	Date   Date
	Minute int // after midnight, 0 to 1439
}

// ParseMoment reads 2026-12-24 08:00, or 2026-12-24 alone for that day's first minute.
func ParseMoment(text string) (Moment, error) {
	if d, err := ParseDate(text); err == nil {
		return Moment{Date: d}, nil
	}
	t, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		return Moment{}, fmt.Errorf("%.40q is no date with a time: write it like 2026-12-24 08:00", text)
	}
	return Moment{DateOf(t), t.Hour()*60 + t.Minute()}, nil
}

// MomentOf is what t's own wall clock shows, without its seconds.
func MomentOf(t time.Time) Moment { return Moment{DateOf(t), t.Hour()*60 + t.Minute()} }

// EndOfDay is the midnight that ends the day of t, on t's own wall clock.
func EndOfDay(t time.Time) time.Time { return Moment{Date: DateOf(t).AddDays(1)}.In(t.Location()) }

// In is the instant at which clocks in zone first show m; where they leap over m, the instant at which
// they do.
func (m Moment) In(zone *time.Location) time.Time {
	at, _ := clocksOf(zone).show(m.wall())
	return at
}

// IsZero reports whether m is no moment.
func (m Moment) IsZero() bool { return m == Moment{} }

func (m Moment) String() string {
	if m.IsZero() {
		return ""
	}
	return m.Date.String() + " " + clock(m.Minute)
}

// MarshalText writes m as String does.
func (m Moment) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what ParseMoment reads, and nothing as the zero Moment.
func (m *Moment) UnmarshalText(text []byte) (err error) {
	*m = Moment{}
	if len(text) > 0 {
		*m, err = ParseMoment(string(text))
	}
	return err
}

func (m Moment) wall() wall { return wallAt(m.Date.number(), m.Minute) }

// wall is what a wall clock with a calendar shows, as minutes since it showed the start of 1970: a clock
// on which every day has 24 hours. Which instant that is depends on the zone, and may be none or two.
type wall int

func wallAt(day, minute int) wall { return wall(day*dayMinutes + minute) }

// clocks are those of one zone. They remember the time between two changes that they were asked about last,
// since most questions are about the same one; so they belong to one goroutine.
type clocks struct {
	zone       *time.Location
	start, end int64 // when clocks changed last and change next, in seconds since 1970
	offset     int64 // of clocks from UTC in between, in seconds
}

const never = math.MaxInt64 / 2 // seconds; there is room to add to it

func clocksOf(zone *time.Location) *clocks { return &clocks{zone: zone} }

// look remembers the time between changes that unix is within.
func (c *clocks) look(unix int64) {
	if c.start <= unix && unix < c.end {
		return
	}
	t := time.Unix(unix, 0).In(c.zone)
	_, offset := t.Zone()
	c.offset, c.start, c.end = int64(offset), -never, never
	start, end := t.ZoneBounds()
	if !start.IsZero() {
		c.start = start.Unix()
	}
	if !end.IsZero() {
		c.end = end.Unix()
	}
}

// day is the number of the day that clocks show at t, which is after 1970.
func (c *clocks) day(t time.Time) int {
	c.look(t.Unix())
	return int((t.Unix() + c.offset) / daySeconds)
}

// show returns the earliest and the latest instant at which clocks show w: one instant, but where they go
// back over w. Where they leap over w both are the instant at which they do. So each wall has exactly one
// first and one last, and neither runs against time.
func (c *clocks) show(w wall) (first, last time.Time) {
	const reach = 26 * 60 * 60 // beyond what any zone is away from UTC
	shown := int64(w) * 60
	if c.look(shown); c.start+reach < shown && shown < c.end-reach {
		only := c.instant(shown - c.offset)
		return only, only
	}
	found := false
	for c.look(shown - reach); ; c.look(c.end) {
		switch at := shown - c.offset; {
		case at >= c.end: // clocks change before they get as far as w
			first, last = c.instant(c.end), c.instant(c.end)
		case at < c.start: // they changed to later than w
			return first, last
		case found:
			last = c.instant(at)
		default:
			first, last, found = c.instant(at), c.instant(at), true
		}
		if c.end-shown > reach {
			return first, last
		}
	}
}

func (c *clocks) instant(unix int64) time.Time { return time.Unix(unix, 0).In(c.zone) }
