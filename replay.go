package rebound

import (
	"slices"
	"time"
)

// Replay is what the calls of some days would have gone through by a changed route, beside what the route as it is
// makes of them today. Both are planned anew from the same facts, so that a difference comes from the change alone,
// and not from a rota that has moved on.
type Replay struct {
	Calls    int // looked at
	Now      Courses
	Changed  Courses
	Differ   int          // calls that would go another way
	Examples []Difference // of them, in the order in which they were added, at most MostExamples
}

// Courses count what calls go through.
type Courses struct {
	Straight int // ring nobody
	Phones   int // rung, over all calls
	Missed   int // rang nobody of those whom a person answered
}

// Difference is one call that would go another way.
type Difference struct {
	Call         CallID
	Contact      ContactID
	At           time.Time
	State        CallState // what became of it
	Now, Changed Course
}

// MostExamples bounds the calls that a replay names.
const MostExamples = 20

// Course is what a caller goes through whom nobody answers.
type Course struct {
	Rings []string      // who, step by step: "Ana and Ben"
	For   time.Duration // how long it rings, all in all
	End   StepKind
}

// Course returns what a plan puts a caller through who presses keys as they did.
func (p Plan) Course(keys string) Course {
	var c Course
	for _, stop := range p.Walk(keys) {
		s := p.Steps[stop.Step]
		c.End = s.Kind
		if s.Kind == RingStep {
			c.Rings, c.For = append(c.Rings, names(s.Targets)), c.For+s.For
		}
	}
	return c
}

// phones counts the phones that ring on the way.
func (p Plan) phones(keys string) int {
	n := 0
	for _, stop := range p.Walk(keys) {
		n += len(p.Steps[stop.Step].Targets)
	}
	return n
}

// Pressed returns the keys that led the caller on, menu by menu; "-" stands for a menu without one.
func (c *Call) Pressed() string {
	keys := ""
	for _, reached := range c.Path() {
		if c.Plan.Steps[reached.Step].Kind != MenuStep {
			continue
		}
		key := "-"
		for _, p := range c.Presses {
			if _, leads := c.Plan.Steps[reached.Step].Keys[p.Key]; leads && p.Step == reached.Step {
				key = p.Key
			}
		}
		keys += key
	}
	return keys
}

// Busy returns who could not be rung because they talked, as far as the call's plan asked for them.
func (c *Call) Busy() map[MemberID]bool {
	busy := map[MemberID]bool{}
	for _, s := range c.Plan.Steps {
		for _, p := range s.Passed {
			if p.Why == BusyTalking {
				busy[p.Member] = true
			}
		}
	}
	return busy
}

// Add takes one call in.
func (r *Replay) Add(call Call, now, changed Plan) {
	keys := call.Pressed()
	was, would := now.Course(keys), changed.Course(keys)
	r.Calls++
	r.Now.add(call, was, now.phones(keys))
	r.Changed.add(call, would, changed.phones(keys))
	if was.For == would.For && was.End == would.End && slices.Equal(was.Rings, would.Rings) {
		return
	}
	if r.Differ++; len(r.Examples) < MostExamples {
		r.Examples = append(r.Examples, Difference{call.ID, call.Contact, call.ArrivedAt, call.State, was, would})
	}
}

func (cs *Courses) add(call Call, c Course, phones int) {
	cs.Phones += phones
	if len(c.Rings) > 0 {
		return
	}
	cs.Straight++
	if call.State == CallAnswered {
		cs.Missed++
	}
}

// Take adds another line's calls.
func (r *Replay) Take(other Replay) {
	r.Calls, r.Differ = r.Calls+other.Calls, r.Differ+other.Differ
	r.Now.take(other.Now)
	r.Changed.take(other.Changed)
	r.Examples = append(r.Examples, other.Examples...)
	r.Examples = r.Examples[:min(len(r.Examples), MostExamples)]
}

func (cs *Courses) take(other Courses) {
	cs.Straight, cs.Phones, cs.Missed = cs.Straight+other.Straight, cs.Phones+other.Phones, cs.Missed+other.Missed
}
