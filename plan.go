package rebound

import (
	"slices"
	"time"

	"rebound/internal/phone"
)

// StepKind says what one step of a route or a plan does.
type StepKind string

const (
	RingStep      StepKind = "ring"      // ring destinations; on no acceptance go on
	MenuStep      StepKind = "menu"      // let the caller choose
	VoicemailStep StepKind = "voicemail" // greet and record; nobody can answer any more
	GreetStep     StepKind = "greet"     // greet and end the call: voicemail is off
	RejectStep    StepKind = "reject"    // refuse the call unanswered
)

// final reports whether nothing follows such a step.
func (k StepKind) final() bool { return k == VoicemailStep || k == GreetStep || k == RejectStep }

// Target is one destination within a ring step, with the member it belongs to.
type Target struct {
	Member      MemberID    `json:"member"` // empty: somebody outside
	Name        string      `json:"name"`
	Destination Destination `json:"destination"`
}

// who tells the people that targets belong to apart.
func (t Target) who() string {
	if t.Member != "" {
		return string(t.Member)
	}
	return string(t.Destination.Number) + t.Destination.Address
}

// Step is one step of a plan, with the reason for it in words.
type Step struct {
	Kind     StepKind       `json:"kind"`
	Next     int            `json:"next,omitempty"`      // the step that follows; zero: the one after this
	Targets  []Target       `json:"targets,omitempty"`   // RingStep: rung together; at most 10
	For      time.Duration  `json:"for,omitempty"`       // RingStep; MenuStep: the wait for a key
	CallerID phone.Number   `json:"caller_id,omitempty"` // RingStep: shown to the rung; empty means the caller's own number
	Announce string         `json:"announce,omitempty"`  // RingStep: said to whoever picks up a screened destination
	Turn     TeamID         `json:"turn,omitempty"`      // RingStep: ringing it is this team's next turn in its round robin
	Say      string         `json:"say,omitempty"`       // greeting or menu, spoken
	Language string         `json:"language,omitempty"`
	Play     string         `json:"play,omitempty"`    // greeting or menu, an audio file's address; wins over Say
	Sound    MediaID        `json:"sound,omitempty"`   // greeting, a sound of our own storage; wins over Play
	MaxFor   time.Duration  `json:"max_for,omitempty"` // VoicemailStep
	Silence  time.Duration  `json:"silence,omitempty"` // VoicemailStep
	Keys     map[string]int `json:"keys,omitempty"`    // MenuStep: the step that a key leads to
	Tries    int            `json:"tries,omitempty"`   // MenuStep: how often it is said
	Why      string         `json:"why"`
	Passed   []Passed       `json:"passed,omitempty"` // who is not rung here, and why
}

// Passed is a member who is not rung where a step of the route asks for them.
type Passed struct {
	Member MemberID `json:"member"`
	Name   string   `json:"name"`
	Why    string   `json:"why"` // in words: "no shift on Sundays", "busy on another call"
}

// Plan is what a call goes through, decided once when it arrives. Steps lead only to later ones, and every
// way ends in a step after which nothing follows.
type Plan struct {
	Steps []Step `json:"steps"`
	// Reason is what the miss is called whatever the phones do: after hours, nobody on duty, or all of them
	// busy before the first ring; empty: the call's evidence tells.
	Reason MissReason `json:"reason,omitempty"`
	Alert  AlertID    `json:"alert,omitempty"` // the alert that the call is; empty: it is none
	Alarm  string     `json:"alarm,omitempty"` // what somebody has to mend, in words; empty: nothing
}

// After returns the step that follows step i when nobody accepted or no valid key was pressed.
func (p Plan) After(i int) int {
	if i >= 0 && i < len(p.Steps) && p.Steps[i].Next > 0 {
		return p.Steps[i].Next
	}
	return i + 1
}

// rings reports whether a step rings the number.
func (p Plan) rings(n phone.Number) bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		return slices.ContainsFunc(s.Targets, func(t Target) bool { return t.Destination.Number == n })
	})
}

// RingTime is how long phones ring at most, on whichever way through the plan.
func (p Plan) RingTime() time.Duration {
	return p.longest(func(s Step) time.Duration {
		if s.Kind == RingStep {
			return s.For
		}
		return 0
	})
}

// Longest is the longest time that a call can take through the plan: ringing, recording, and waiting for
// keys.
func (p Plan) Longest() time.Duration {
	return p.longest(func(s Step) time.Duration { return s.For*time.Duration(max(s.Tries, 1)) + s.MaxFor })
}

// slowest is how long it can take at most until nobody can answer any more, with all that is said to the
// rung and the caller.
func (p Plan) slowest() time.Duration {
	return p.longest(func(s Step) time.Duration {
		if s.Kind.final() {
			return 0
		}
		return (s.For + slowScreening) * time.Duration(max(s.Tries, 1))
	})
}

// longest adds up what the steps cost on the way that costs most.
func (p Plan) longest(cost func(Step) time.Duration) time.Duration {
	from := make([]time.Duration, len(p.Steps)+1) // what the rest costs from each step on
	for i := len(p.Steps) - 1; i >= 0; i-- {
		s := p.Steps[i]
		if !s.Kind.final() {
			from[i] = from[min(p.After(i), len(p.Steps))]
			for _, to := range s.Keys {
				from[i] = max(from[i], from[to])
			}
		}
		from[i] += cost(s)
	}
	return from[0]
}
