package rebound

import (
	"strings"
	"time"
)

// Explanation is what a call would go through, with what that was made from.
type Explanation struct {
	Facts  RouteFacts
	Plan   Plan
	Missed TextBackFacts // what its text would be decided by if nobody answered; without the limits, which count real texts
	Text   string        // what would be written then
}

// RouteWay is one of the ways that a route has for a call.
type RouteWay string

const (
	OpenWay   RouteWay = "open"
	ClosedWay RouteWay = "closed"
	VIPWay    RouteWay = "vip"
)

// Way returns which way of the route the call takes; empty: none, because it is refused.
func (f RouteFacts) Way() RouteWay {
	switch {
	case f.Blocked || f.Loop:
		return ""
	case f.VIP && len(f.Route.VIP) > 0:
		return VIPWay
	case f.Hours.Open:
		return OpenWay
	}
	return ClosedWay
}

// Of returns the route's steps on a way.
func (w RouteWay) Of(r Route) []RouteStep {
	return map[RouteWay][]RouteStep{OpenWay: r.Open, ClosedWay: r.Closed, VIPWay: r.VIP}[w]
}

// Stop is a step of a plan to which a caller comes, and when: about, because nobody knows how long people and
// machines speak.
type Stop struct {
	Step  int
	After time.Duration // since the call arrived
}

// Walk follows a caller whom nobody answers. keys are what they press, one at each menu; without one a menu is
// said until its tries are used up.
func (p Plan) Walk(keys string) []Stop {
	var stops []Stop
	var after time.Duration
	for i := 0; i >= 0 && i < len(p.Steps); {
		s := p.Steps[i]
		stops = append(stops, Stop{i, after})
		next := p.After(i)
		switch s.Kind {
		case RingStep:
			after += s.For
		case MenuStep:
			key, rest, wait := "", keys, s.For*time.Duration(max(s.Tries, 1))
			if rest != "" {
				key, keys = rest[:1], rest[1:]
			}
			if to, leads := s.Keys[key]; leads {
				next, wait = to, 0
				if to < 0 {
					next = p.After(i)
				}
			}
			after += spoken(s.Say) + wait
		default:
			return stops
		}
		i = next
	}
	return stops
}

// spoken is about how long a machine takes to say a text: some 150 words a minute.
func spoken(text string) time.Duration {
	return time.Duration(len(strings.Fields(text))) * 400 * time.Millisecond
}

// Callers begin to hang up after PatienceEnds of ringing, and few are left after PatienceGone: five or six rings.
const (
	PatienceEnds = 25 * time.Second
	PatienceGone = 30 * time.Second
)

// RouteOf returns the route of a line. One that is no longer there rings nobody and ends in voicemail.
func (d Declaration) RouteOf(l Line) Route {
	if l.Route == "" {
		return l.OwnRoute()
	}
	for _, r := range d.Routes {
		if r.ID == l.Route {
			return r
		}
	}
	return Route{}
}

// FullPlan is the plan of a call to the line on one way of the route, when everybody is on duty, nobody is busy and
// the caller is a member's own: the longest that phones can ring. The route need not be the one that the line has.
func (d Declaration) FullPlan(l Line, r Route, w RouteWay) Plan {
	f := RouteFacts{
		Business: d.Business, Line: l, Route: r, Hours: Status{Open: w != ClosedWay}, VIP: w == VIPWay,
		Teams: map[TeamID][]Candidate{}, Members: map[MemberID]Candidate{},
	}
	for _, m := range d.Members {
		f.Members[m.ID] = Candidate{Member: m}
		if f.Contact.Owner == "" && len(m.Rings) > 0 {
			f.Contact.Owner = m.ID
		}
	}
	for _, t := range d.Teams {
		for _, id := range t.Members {
			if c, ok := f.Members[id]; ok {
				f.Teams[t.ID] = append(f.Teams[t.ID], c)
			}
		}
	}
	return MakePlan(f)
}
