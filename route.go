package rebound

import (
	"fmt"
	"strings"
	"time"

	"rebound/internal/phone"
)

// StepKind says what one step of a plan does.
type StepKind string

const (
	RingStep      StepKind = "ring"      // ring destinations; on no acceptance go on with the next step
	VoicemailStep StepKind = "voicemail" // greet and record; nobody can answer any more
	GreetStep     StepKind = "greet"     // greet and end the call: voicemail is off
	RejectStep    StepKind = "reject"    // refuse the call unanswered
)

// Target is one destination within a ring step, with the member it belongs to.
type Target struct {
	Member      MemberID    `json:"member"`
	Name        string      `json:"name"`
	Destination Destination `json:"destination"`
}

// Step is one step of a plan, with the reason for it in words.
type Step struct {
	Kind     StepKind      `json:"kind"`
	Targets  []Target      `json:"targets,omitempty"`   // RingStep: rung together; at most 10
	For      time.Duration `json:"for,omitempty"`       // RingStep
	CallerID phone.Number  `json:"caller_id,omitempty"` // RingStep: shown to the rung; empty means the caller's own number
	Announce string        `json:"announce,omitempty"`  // RingStep: said to whoever picks up a screened destination
	Say      string        `json:"say,omitempty"`       // greeting, spoken
	Language string        `json:"language,omitempty"`
	Play     string        `json:"play,omitempty"`    // greeting, an audio file's address; wins over Say
	MaxFor   time.Duration `json:"max_for,omitempty"` // VoicemailStep
	Silence  time.Duration `json:"silence,omitempty"` // VoicemailStep
	Why      string        `json:"why"`
}

// Plan is what a call goes through, decided once when it arrives. Reason is what the miss is
// called when the plan rings nobody: after hours, nobody on duty, or all busy.
type Plan struct {
	Steps  []Step     `json:"steps"`
	Reason MissReason `json:"reason,omitempty"`
	Passed []Passed   `json:"passed,omitempty"` // who of the team is not rung, and why
}

// Rings reports how many ring steps the plan begins with. Ring steps always come first.
func (p Plan) Rings() int {
	for i, s := range p.Steps {
		if s.Kind != RingStep {
			return i
		}
	}
	return len(p.Steps)
}

// Longest is the longest time that a call can take through the plan, ringing and recording.
func (p Plan) Longest() time.Duration {
	var d time.Duration
	for _, s := range p.Steps {
		d += s.For + s.MaxFor
	}
	return d
}

// RouteFacts is what a plan is made from.
type RouteFacts struct {
	Business Business
	Line     Line
	Closed   string   // why the line is closed, in words; empty: it is open
	Members  []Member // those of the line's team who can be rung, in ringing order
	Passed   []Passed // the others of the team
	Caller   phone.Caller
	Blocked  bool
	Now      time.Time // in the business's zone
}

// MakePlan decides who rings for one call, in which order, and why.
func MakePlan(f RouteFacts) Plan {
	var p Plan
	if f.Blocked {
		p.Steps = []Step{{Kind: RejectStep, Why: "the number is blocked"}}
		return p
	}
	if f.Closed != "" {
		p.Reason = AfterHours
		p.Steps = []Step{farewell(f, true, f.Closed)}
		return p
	}
	p.Passed = f.Passed
	targets := onDuty(f.Members)
	if len(targets) == 0 {
		var why string
		p.Reason, why = nobodyRings(f.Passed)
		p.Steps = []Step{farewell(f, false, why)}
		return p
	}
	for _, group := range groups(f.Line.Strategy, targets) {
		p.Steps = append(p.Steps, Step{
			Kind: RingStep, Targets: group, For: f.Line.RingFor,
			CallerID: callerID(f), Announce: announce(f),
			Why: "open: rings " + names(group) + fmt.Sprintf(" for %d s", int(f.Line.RingFor.Seconds())),
		})
	}
	p.Steps = append(p.Steps, farewell(f, false, "nobody accepted"))
	return p
}

func onDuty(members []Member) []Target {
	var targets []Target
	for _, m := range members {
		if m.OffDuty {
			continue
		}
		for _, d := range m.Rings {
			targets = append(targets, Target{Member: m.ID, Name: m.Name, Destination: d})
		}
	}
	return targets
}

// mostTogether is how many destinations every carrier with simultaneous ringing takes in one
// document (CARRIERS.md 2.a).
const mostTogether = 10

// groups puts targets into steps: one each in order, or all together in steps of at most ten.
func groups(s RingStrategy, targets []Target) [][]Target {
	size := mostTogether
	if s == InOrder {
		size = 1
	}
	var steps [][]Target
	for len(targets) > size {
		steps, targets = append(steps, targets[:size:size]), targets[size:]
	}
	return append(steps, targets)
}

// callerID keeps the caller's number on the rung phones where there is one; a withheld caller is
// shown as the line's own number, because carriers refuse an empty or alphabetic one.
func callerID(f RouteFacts) phone.Number {
	if f.Caller.Kind == phone.KindNumber {
		return ""
	}
	return f.Line.Number
}

func announce(f RouteFacts) string {
	return fmt.Sprintf("Call for %s. Press any key to accept.", f.Business.Name)
}

func farewell(f RouteFacts, closed bool, why string) Step {
	g := f.Line.Greeting
	s := Step{Kind: VoicemailStep, Say: g.Say, Language: g.Language, Play: g.Play, Why: why + ": voicemail"}
	if closed && g.Closed != "" {
		s.Say, s.Play = g.Closed, ""
	}
	if s.Say == "" {
		s.Say = fmt.Sprintf("You have reached %s. We cannot take your call right now. Leave a message after the tone, and we will text you.", f.Business.Name)
	}
	if f.Line.Voicemail.Off {
		s.Kind, s.Why = GreetStep, why+": greeting"
		return s
	}
	s.MaxFor, s.Silence = f.Line.Voicemail.MaxLength, f.Line.Voicemail.EndSilence
	return s
}

func names(targets []Target) string {
	var out []string
	for _, t := range targets {
		if len(out) == 0 || out[len(out)-1] != t.Name {
			out = append(out, t.Name)
		}
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
	return strings.Join(out, "")
}
