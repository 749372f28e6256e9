package rebound

import (
	"slices"
	"time"

	"rebound/internal/phone"
)

// RouteID names a route.
type RouteID string

// Route is the rule that decides, for a line, who rings and in which order. Whatever it lacks, a call
// ends in voicemail or a greeting (MakePlan).
type Route struct {
	ID       RouteID     `json:"-"`
	Business BusinessID  `json:"-"`
	Name     string      `json:"-"`
	Open     []RouteStep `json:"open,omitempty"`   // in opening hours
	Closed   []RouteStep `json:"closed,omitempty"` // outside them; empty: greeting and voicemail
	VIP      []RouteStep `json:"vip,omitempty"`    // callers marked as VIP, at any hour; empty: as everybody
	Fallback Whom        `json:"fallback,omitzero"`
	// Fallback rings, on duty or not, where the steps ring nobody because nobody is on duty; zero: nobody.
}

// TeamOf returns the team that a line's calls belong to, whose policy holds for them and which is told: the line's own,
// else the first that its route rings, in opening hours before all else; empty: none.
func TeamOf(l Line, r Route) TeamID {
	if l.Team != "" {
		return l.Team
	}
	for s := range r.Steps {
		if s.Whom.Team != "" {
			return s.Whom.Team
		}
	}
	return ""
}

// RouteStep is one step of a route, as its owner wrote it.
type RouteStep struct {
	Kind     StepKind      `json:"kind"`               // RingStep, MenuStep, VoicemailStep or GreetStep
	Whom     Whom          `json:"whom,omitzero"`      // RingStep
	Strategy RingStrategy  `json:"strategy,omitempty"` // RingStep; empty: together
	For      time.Duration `json:"for,omitempty"`      // RingStep: each time that phones ring, 5 s to 120 s; zero: DefaultRing
	Greeting Greeting      `json:"greeting,omitzero"`  // VoicemailStep, GreetStep: zero: the line's
	Menu     Menu          `json:"menu,omitzero"`      // MenuStep
}

// Whom says who is rung: exactly one of its fields is set.
type Whom struct {
	Team    TeamID      `json:"team,omitempty"`
	Member  MemberID    `json:"member,omitempty"`
	Outside Destination `json:"outside,omitzero"` // nobody of the business: an answering service, a second office
	Owner   bool        `json:"owner,omitempty"`  // the member who owns the caller's contact; nobody if none does
}

// Menu lets the caller choose by pressing a key. Without a key in time, and after the last wrong one, the
// steps after the menu go on.
type Menu struct {
	Say      string        `json:"say,omitempty"`
	Language string        `json:"language,omitempty"` // BCP 47; empty means en-US
	Play     string        `json:"play,omitempty"`     // absolute https address of an audio file; wins over Say
	Choices  []Choice      `json:"choices,omitempty"`
	Wait     time.Duration `json:"wait,omitempty"`  // for a key, once the menu was said; zero: DefaultMenuWait
	Tries    int           `json:"tries,omitempty"` // how often the menu is said; zero: DefaultMenuTries
}

// Choice is one key of a menu. Where its steps come to their end, the steps after the menu go on.
type Choice struct {
	Key   string      `json:"key"` // one of MenuKeys
	Name  string      `json:"name"`
	Steps []RouteStep `json:"steps"`
}

const (
	// DefaultRing is how long phones ring where a route does not say: a cell's own voicemail picks up
	// after 20 to 25 s.
	DefaultRing      = 20 * time.Second
	DefaultMenuWait  = 5 * time.Second
	DefaultMenuTries = 2
	// DeepestMenu is how many menus may lead into each other: nobody listens to more.
	DeepestMenu = 3
	// MenuKeys are the keys that a caller can press.
	MenuKeys = "0123456789*#"
)

// OwnRoute is the route of a line that names none: its team rings in opening hours.
func (l Line) OwnRoute() Route {
	return Route{Open: []RouteStep{{Kind: RingStep, Whom: Whom{Team: l.Team}, Strategy: l.Strategy, For: l.RingFor}}}
}

// Steps goes through all steps of the route, those behind the keys of menus included.
func (r Route) Steps(yield func(RouteStep) bool) {
	stop := false
	var walk func([]RouteStep)
	walk = func(steps []RouteStep) {
		for _, s := range steps {
			if stop = stop || !yield(s); stop {
				return
			}
			for _, c := range s.Menu.Choices {
				walk(c.Steps)
			}
		}
	}
	walk(slices.Concat(r.Open, r.Closed, r.VIP))
}

// Outside goes through all destinations of the route that are nobody's of the business.
func (r Route) Outside(yield func(Destination) bool) {
	none := Destination{}
	if d := r.Fallback.Outside; d != none && !yield(d) {
		return
	}
	for s := range r.Steps {
		if d := s.Whom.Outside; d != none && !yield(d) {
			return
		}
	}
}

// Uses reports whether a step of the route rings by the strategy.
func (r Route) Uses(strategy RingStrategy) bool {
	for s := range r.Steps {
		if s.Kind == RingStep && s.Strategy == strategy {
			return true
		}
	}
	return false
}

// A phone that sends a call on at once brings it back every few seconds.
const (
	circling   = 30 * time.Second
	mostCircle = 3
)

// Circles reports whether a call to the line is one that we ourselves are ringing, sent back by the phone that
// rings. It comes from that phone, as far as carriers tell (by); or from the line itself, which is what the
// phones of a withheld caller show; or the caller has more calls ringing there than a person dials. ringing are
// the caller's calls that nobody has answered and that are not over, as far as told.
func (l Line) Circles(caller, by phone.Number, ringing []Call, at time.Time) bool {
	if caller == l.Number {
		return true
	}
	around := 0
	for _, call := range ringing {
		if call.Line != l.ID || at.Sub(call.ArrivedAt) > call.Plan.Longest() {
			continue
		}
		if by != "" && call.Plan.rings(by) {
			return true
		}
		if at.Sub(call.ArrivedAt) < circling {
			around++
		}
	}
	return around >= mostCircle
}
