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

// Hour is one hour of a week: the calls that came in it in weeks past, how many are on duty all through it, and
// whether calls can ring the team in it.
type Hour struct {
	Calls  int
	On     int
	Wanted bool
}

// WeekAhead lays coverage and windows, which are of the seven days from first on, against the calls of weeks past,
// hour by hour on the wall clock. An hour that clocks leap over has nobody on duty and is not wanted.
func WeekAhead(first Date, coverage []Cover, wanted []Window, calls []time.Time, zone *time.Location) [7][24]Hour {
	var week [7][24]Hour
	for day := range week {
		for hour := range week[day] {
			from, to := Moment{first.AddDays(day), hour * 60}.In(zone), Moment{first.AddDays(day), hour*60 + 59}.In(zone).Add(time.Minute)
			h := &week[day][hour]
			h.On = leastOn(coverage, from, to)
			h.Wanted = slices.ContainsFunc(wanted, func(w Window) bool { return w.Opens.Before(to) && w.Closes.After(from) })
		}
	}
	for _, call := range calls {
		at := call.In(zone)
		week[(at.Weekday()-first.Weekday()+7)%7][at.Hour()].Calls++
	}
	return week
}

func leastOn(coverage []Cover, from, to time.Time) int {
	least, found := 0, false
	for _, c := range coverage {
		if c.From.Before(to) && c.To.After(from) && (!found || len(c.On) < least) {
			least, found = len(c.On), true
		}
	}
	return least
}

// LineHours is a line's route with when the line is open.
type LineHours struct {
	Schedule Schedule
	Route    Route
}

// Rings reports whether a call that comes in opening hours, or outside them, may ring the team.
func (r Route) Rings(team TeamID, open bool) bool {
	steps := r.Closed
	if open {
		steps = r.Open
	}
	for s := range (Route{Open: steps}).Steps {
		if s.Kind == RingStep && s.Whom.Team == team {
			return true
		}
	}
	return false
}

// Wanted is when calls of the lines may ring the team, between from and to, in order and without touching. Steps for
// VIPs do not count.
func Wanted(team TeamID, lines []LineHours, from, to time.Time, zone *time.Location, holidays HolidayFinder) []Window {
	var all []Window
	for _, l := range lines {
		open := l.Schedule.Windows(from, to, zone, holidays)
		if l.Route.Rings(team, true) {
			all = append(all, open...)
		}
		if l.Route.Rings(team, false) {
			all = append(all, between(open, from, to)...)
		}
	}
	slices.SortFunc(all, func(a, b Window) int { return a.Opens.Compare(b.Opens) })
	var joined []Window
	for _, w := range all {
		if n := len(joined); n > 0 && !w.Opens.After(joined[n-1].Closes) {
			joined[n-1].Closes = later(joined[n-1].Closes, w.Closes)
		} else {
			joined = append(joined, w)
		}
	}
	return joined
}

// between is what windows, which are in order, leave of the time from one instant to the other.
func between(windows []Window, from, to time.Time) []Window {
	var rest []Window
	for _, w := range windows {
		if from.Before(w.Opens) {
			rest = append(rest, Window{from, w.Opens})
		}
		from = later(from, w.Closes)
	}
	if from.Before(to) {
		rest = append(rest, Window{from, to})
	}
	return rest
}

const week = 7 * 24 * time.Hour

// weekly is how far into the week clocks in zone are at t, on a clock that knows no change.
func weekly(t time.Time, zone *time.Location) time.Duration {
	t = t.In(zone)
	return time.Duration(t.Weekday())*24*time.Hour + time.Duration(t.Hour())*time.Hour +
		time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second
}
