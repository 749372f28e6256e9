package rebound

import (
	"slices"
	"time"
)

// Cover is a time during which the same members are on duty. Without any, nobody is.
type Cover struct {
	From, To time.Time // To not included
	On       []MemberID
}

// Coverage says who is on duty from one instant to the other: covers without gap or overlap, in order, of
// which no two neighbours have the same members.
func (r Rota) Coverage(from, to time.Time, zone *time.Location) []Cover {
	var covers []Cover
	s := r.sheet(zone)
	from, to = from.In(zone), to.In(zone)
	for t := from; t.Before(to); {
		posts, holds := s.at(t)
		if holds.IsZero() || holds.After(to) {
			holds = to
		}
		holds = holds.In(zone)
		on := s.onDuty(posts)
		if n := len(covers); n > 0 && slices.Equal(covers[n-1].On, on) {
			covers[n-1].To = holds
		} else {
			covers = append(covers, Cover{t, holds, on})
		}
		t = holds
	}
	return covers
}

func (s *sheet) onDuty(posts []post) []MemberID {
	var on []MemberID
	for i, p := range posts {
		if p.on {
			on = append(on, s.Crew[i].Member)
		}
	}
	return on
}

// Within is the part of coverage that lies in windows, which are in order and do not overlap: who is on duty
// while a line is open.
func Within(coverage []Cover, windows []Window) []Cover {
	var inside []Cover
	for _, w := range windows {
		for _, c := range coverage {
			c.From, c.To = later(c.From, w.Opens), earlier(c.To, w.Closes)
			if c.From.Before(c.To) {
				inside = append(inside, c)
			}
		}
	}
	return inside
}

// Gap is a time during which nobody is on duty, and how many calls came at the same time of the week.
type Gap struct {
	From, To time.Time
	Calls    int
}

// Gaps lays coverage against the calls of weeks past: what is missed where nobody is on duty. Covers last a
// week at most; calls are the instants at which they came.
func Gaps(coverage []Cover, calls []time.Time, zone *time.Location) []Gap {
	var gaps []Gap
	for _, c := range coverage {
		if len(c.On) > 0 {
			continue
		}
		g := Gap{From: c.From, To: c.To}
		from, length := weekly(c.From, zone), c.To.Sub(c.From)
		for _, call := range calls {
			if since := (weekly(call, zone) - from + week) % week; since < length {
				g.Calls++
			}
		}
		gaps = append(gaps, g)
	}
	return gaps
}

const week = 7 * 24 * time.Hour

// weekly is how far into the week clocks in zone are at t, on a clock that knows no change.
func weekly(t time.Time, zone *time.Location) time.Duration {
	t = t.In(zone)
	return time.Duration(t.Weekday())*24*time.Hour + time.Duration(t.Hour())*time.Hour +
		time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}
