package rebound

import (
	"slices"
	"time"
)

// Grace is how long a report of a good end (the number's own bare "completed", a ring step in which
// somebody was connected) waits for the report of the key that was pressed before the call counts as
// missed: carriers deliver the two in any order.
const Grace = 2 * time.Second

// slowScreening is how much longer than its ringing a ring step can last: somebody picks up at the
// last moment and listens to the announcement.
const slowScreening = 30 * time.Second

// slowRinging is how long a carrier takes at most until the first phone rings.
const slowRinging = 5 * time.Second

// shortestVoicemail is what a recording must last to be a message and not a breath and a click.
const shortestVoicemail = 2 * time.Second

// Apply adds one event's evidence to the call and judges the whole anew. ErrStale says that the
// event told nothing new.
func (c *Call) Apply(ev CallEvent, now time.Time) error {
	at := now
	if !ev.At.IsZero() {
		at = ev.At
	}
	if !c.observe(ev, at) {
		return ErrStale
	}
	c.Judge(now)
	return nil
}

// observe records what the event tells and reports whether any of it is new.
func (c *Call) observe(ev CallEvent, now time.Time) bool {
	fresh := false
	once := func(t *time.Time) {
		if t.IsZero() {
			*t, fresh = now, true
		}
	}
	if ev.CallerID != Untold && c.CallerID == Untold {
		c.CallerID, fresh = ev.CallerID, true
	}
	switch ev.Kind {
	case CallArrived:
		once(&c.ArrivedAt)
		fresh, c.Unheard = fresh || c.Unheard, false
	case LegRinging:
		once(&c.leg(ev, &fresh).RangAt)
	case LegAnswered:
		once(&c.leg(ev, &fresh).AnsweredAt)
	case LegAccepted:
		leg := c.leg(ev, &fresh)
		if leg.AcceptedAt.IsZero() {
			leg.AcceptedAt, fresh = c.afterOthers(ev.Step, now), true
		}
		if leg.AnsweredAt.IsZero() {
			leg.AnsweredAt = now
		}
	case LegEnded:
		if leg := c.leg(ev, &fresh); leg.Ended == "" {
			leg.Ended, leg.EndedAt, fresh = ev.Status, now, true
		}
	case RingEnded:
		fresh = c.ringEnded(ev, now) || fresh
	case MenuChosen:
		fresh = c.menuChosen(ev, now) || fresh
	case VoicemailLeft, RecordingReady:
		once(&c.RecordedAt)
		fresh = c.recording(ev.Recording) || fresh
	case CallEnded:
		if c.Ended == "" {
			c.Ended, c.EndedAt, fresh = ev.Status, now, true
		}
	}
	unanswered := ev.Status == EndNoAnswer || ev.Status == EndCanceled
	if ev.CallerGone && (ev.Kind != CallEnded || unanswered) { // a bare "completed" does not say who ended it
		once(&c.GoneAt)
	}
	if c.Direction == Outbound {
		fresh = c.learnOutbound(ev, now) || fresh
	}
	return fresh
}

// leg finds or begins the leg that the event is about. A carrier's leg id is learned from whichever
// event brings it first.
func (c *Call) leg(ev CallEvent, fresh *bool) *Leg {
	i := slices.IndexFunc(c.Legs, func(l Leg) bool { return l.Step == ev.Step && l.Target == ev.Target })
	if i < 0 {
		c.Legs = append(c.Legs, Leg{Step: ev.Step, Target: ev.Target})
		i, *fresh = len(c.Legs)-1, true
	}
	leg := &c.Legs[i]
	if leg.CarrierID == "" && ev.LegID != "" {
		leg.CarrierID, *fresh = ev.LegID, true
	}
	return leg
}

// afterOthers keeps "first to accept" true where two nodes' clocks disagree: who is recorded second
// is later.
func (c *Call) afterOthers(step int, at time.Time) time.Time {
	for _, l := range c.Legs {
		if l.Step == step && !l.AcceptedAt.IsZero() && !at.After(l.AcceptedAt) {
			at = l.AcceptedAt.Add(time.Microsecond)
		}
	}
	return at
}

func (c *Call) ringEnded(ev CallEvent, now time.Time) bool {
	if slices.ContainsFunc(c.Rings, func(r Ring) bool { return r.Step == ev.Step }) {
		return false
	}
	gone := ev.CallerGone || ev.Status == EndCanceled
	c.Rings = append(c.Rings, Ring{
		Step: ev.Step, Status: ev.Status, LegID: ev.LegID, Bridged: ev.Bridged, Talk: ev.Talk, Gone: gone, At: now,
	})
	c.Rings[len(c.Rings)-1].Declined = c.declined()
	if gone && c.GoneAt.IsZero() {
		c.GoneAt = now
	}
	return true
}

// recording learns a voicemail's sound; "nothing was recorded" wins over an address that was
// promised before the recording was looked at.
func (c *Call) recording(r Recording) bool {
	before := c.Recording
	if r.Absent {
		c.Recording.Absent = true
	}
	if c.Recording.URL == "" {
		c.Recording.URL, c.Recording.ID = r.URL, r.ID
	}
	c.Recording.Duration = max(c.Recording.Duration, r.Duration)
	return c.Recording != before
}

// Judge derives the call's state from its evidence. now matters for one thing only: Grace.
func (c *Call) Judge(now time.Time) {
	if c.Direction == Outbound {
		c.judgeOutbound(now)
		return
	}
	c.State, c.Reason, c.AcceptedBy, c.Talk = CallRinging, "", "", 0
	c.Voicemail = !c.Recording.Absent && c.Recording.Duration >= shortestVoicemail
	if target, step, ok := c.accepted(); ok {
		c.State, c.AcceptedBy, c.MissedAt = CallAnswered, target.Member, time.Time{}
		c.Talk = c.talked(step)
	} else if len(c.Plan.Steps) > 0 && c.Plan.Steps[0].Kind == RejectStep {
		c.State = CallBlocked
	} else if at := c.over(now); !at.IsZero() {
		c.State, c.Reason, c.MissedAt = CallMissed, c.reason(), at
	}
	c.CheckAt = c.check()
}

// talked is how long caller and member were connected. The step's report counts from the pick-up, so
// the announcement is taken off; without a report the talk lasted until the call was over.
func (c *Call) talked(step int) time.Duration {
	since, over := c.acceptance(c.winner()), c.EndedAt
	r := c.ring(step)
	if r != nil {
		over = r.At
	}
	talk := over.Sub(since)
	switch {
	case r != nil && r.Talk > 0 && (since.IsZero() || talk <= 0 || talk > r.Talk):
		return r.Talk // talk <= 0: the report overtook that of the key
	case since.IsZero() || over.IsZero():
		return 0
	}
	return max(talk, 0)
}

// accepted returns who talked with the caller. A pressed key proves it, or the pick-up of a
// destination that needs none; the ring step's own report can only take it back, when caller and
// leg were never connected.
func (c *Call) accepted() (Target, int, bool) {
	if l := c.winner(); !c.acceptance(l).IsZero() {
		t, _ := c.target(l.Step, l.Target)
		return t, l.Step, true
	}
	return c.acceptedByReport()
}

// winner returns the leg that was connected with the caller: the first to accept, unless the step's
// report names another that accepted. The zero Leg: none is known.
func (c *Call) winner() Leg {
	var first Leg
	for _, l := range c.Legs {
		at := c.acceptance(l)
		if at.IsZero() || !c.connected(l.Step) {
			continue
		}
		if r := c.ring(l.Step); r != nil && r.LegID != "" && r.LegID == l.CarrierID {
			return l
		}
		if best := c.acceptance(first); best.IsZero() || at.Before(best) {
			first = l
		}
	}
	return first
}

// acceptance returns when a person took the leg, zero while none has.
func (c *Call) acceptance(l Leg) time.Time {
	t, ok := c.target(l.Step, l.Target)
	switch {
	case !ok:
		return time.Time{}
	case !l.AcceptedAt.IsZero():
		return l.AcceptedAt
	case !t.Destination.Kind.Screened():
		return l.AnsweredAt
	}
	return time.Time{}
}

// acceptedByReport finds the person when the leg's own events were lost: the step was completed by
// a leg that is none of the screened ones, so it needed no key.
func (c *Call) acceptedByReport() (Target, int, bool) {
	for _, r := range c.Rings {
		if r.Status != EndCompleted || r.Bridged == No || r.Step >= len(c.Plan.Steps) || c.screenedLeg(r) {
			continue
		}
		for _, t := range c.Plan.Steps[r.Step].Targets {
			if !t.Destination.Kind.Screened() {
				return t, r.Step, true
			}
		}
	}
	return Target{}, 0, false
}

func (c *Call) screenedLeg(r Ring) bool {
	return slices.ContainsFunc(c.Legs, func(l Leg) bool {
		t, ok := c.target(l.Step, l.Target)
		return ok && t.Destination.Kind.Screened() && l.Step == r.Step &&
			(l.CarrierID == r.LegID || r.LegID == "") && !l.AnsweredAt.IsZero()
	})
}

// connected reports whether the step's report, if there is one, allows that caller and leg talked.
func (c *Call) connected(step int) bool {
	r := c.ring(step)
	return r == nil || r.Status == EndCompleted && r.Bridged != No
}

func (c *Call) ring(step int) *Ring {
	for i := range c.Rings {
		if c.Rings[i].Step == step {
			return &c.Rings[i]
		}
	}
	return nil
}

func (c *Call) target(step, n int) (Target, bool) {
	if step < 0 || step >= len(c.Plan.Steps) || n < 0 || n >= len(c.Plan.Steps[step].Targets) {
		return Target{}, false
	}
	return c.Plan.Steps[step].Targets[n], true
}

// over returns when nobody could answer any more: the ring plan was exhausted, the greeting
// started, or the caller hung up, whichever was first (PRODUCT.md); zero while somebody still can.
func (c *Call) over(now time.Time) time.Time {
	var at time.Time
	earliest := func(t time.Time) {
		if !t.IsZero() && (at.IsZero() || t.Before(at)) {
			at = t
		}
	}
	if now.Before(c.keyMayFollow()) {
		return time.Time{}
	}
	earliest(c.exhausted())
	earliest(c.GoneAt)
	if c.Ended != "" && (c.Ended != EndCompleted || !now.Before(c.EndedAt.Add(Grace))) {
		earliest(c.EndedAt)
	}
	if !at.IsZero() {
		earliest(c.ArrivedAt.Add(c.Plan.slowest())) // a report that came late
	}
	return at
}

// keyMayFollow returns until when the report of a pressed key may still be on its way because a ring
// step's report says that somebody was connected.
func (c *Call) keyMayFollow() time.Time {
	var until time.Time
	for _, r := range c.Rings {
		if r.Status == EndCompleted && r.Bridged != No && r.At.Add(Grace).After(until) {
			until = r.At.Add(Grace)
		}
	}
	return until
}

// exhausted returns when the caller came to a step at which nobody can answer any more, as told by what
// reports there are or by a recording, which is only made there; zero when they did not.
func (c *Call) exhausted() time.Time {
	if s, since := c.last(); s.Kind.final() {
		return since
	}
	if c.RecordedAt.IsZero() || len(c.Plan.Steps) == 0 {
		return time.Time{}
	}
	return later(c.RecordedAt.Add(-c.Recording.Duration), c.ArrivedAt)
}

// reason names the miss, by the order of precedence of PRODUCT.md.
func (c *Call) reason() MissReason {
	if c.Plan.Reason != "" {
		return c.Plan.Reason
	}
	if !c.exhausted().IsZero() {
		return c.whyNobody()
	}
	last, _ := c.last()
	switch {
	case c.Ended == EndFailed && c.GoneAt.IsZero(), c.Unheard && c.Ended == EndCompleted:
		return Failed // Unheard: whatever answered the caller, it was not our plan
	case last.Kind == MenuStep:
		return AbandonedInMenu
	case c.GoneAt.IsZero() && c.Ended == EndCompleted && c.EndedAt.Sub(c.ArrivedAt) >= c.Plan.RingTime():
		return NoAnswer // the report was lost, but the caller waited the whole plan through
	}
	return Abandoned
}

// whyNobody looks at the end of each destination on the caller's way: all busy, somebody not answering,
// declined, or nothing but carrier errors. A way past all phones is one on which nobody answered.
func (c *Call) whyNobody() MissReason {
	count := map[MissReason]int{}
	all := 0
	for _, r := range c.Path() {
		skip := c.skipped(r.Step)
		for n := range c.Plan.Steps[r.Step].Targets {
			if !slices.Contains(skip, n) {
				count[c.legEnd(r.Step, n)]++
				all++
			}
		}
	}
	switch {
	case all == 0 || count[NoAnswer] > 0:
		return NoAnswer
	case count[AllBusy] == all:
		return AllBusy
	case count[Declined] > 0:
		return Declined
	case count[AllBusy] > 0:
		return AllBusy
	}
	return Failed
}

// legEnd tells one destination's end from its own events, else from the step's report. A phone that
// rang and then was busy was declined by hand.
func (c *Call) legEnd(step, n int) MissReason {
	var status EndStatus
	if r := c.ring(step); r != nil {
		status = r.Status
	}
	rang := false
	for _, l := range c.Legs {
		if l.Step == step && l.Target == n {
			rang = !l.RangAt.IsZero()
			if l.Ended != "" {
				status = l.Ended
			}
			if !l.AnsweredAt.IsZero() {
				return NoAnswer // picked up without a key: a voicemail, not a person
			}
		}
	}
	switch {
	case status == EndBusy && rang:
		return Declined
	case status == EndBusy:
		return AllBusy
	case status == EndFailed:
		return Failed
	}
	return NoAnswer
}

// check returns when to ask the carrier's log because a report may have been lost; zero when the
// call is complete.
func (c *Call) check() time.Time {
	switch {
	case c.Ended == EndCompleted && c.State == CallRinging:
		return c.EndedAt.Add(Grace)
	case c.State == CallRinging && !c.keyMayFollow().IsZero():
		return c.keyMayFollow()
	case c.Ended != "" || c.State == CallBlocked:
		return time.Time{}
	case c.State == CallAnswered:
		return c.ArrivedAt.Add(longestTalk)
	}
	return c.ArrivedAt.Add(c.Plan.Longest() + lateness)
}

const (
	// longestTalk is a carrier's own limit on a connected call, and a little (Twilio: timeLimit 4 h).
	longestTalk = 4*time.Hour + 10*time.Minute
	// lateness allows for greetings, screening and slow reports on top of a plan's own length.
	lateness = 90 * time.Second
)

// FirstRing is when the first phone rang, as far as told, else when the call arrived. A report of
// ringing that comes late must not make a patient caller one who was gone at once.
func (c *Call) FirstRing() time.Time {
	first := c.ArrivedAt.Add(slowRinging)
	told := false
	for _, l := range c.Legs {
		if !l.RangAt.IsZero() {
			told = true
			if l.RangAt.Before(first) {
				first = l.RangAt
			}
		}
	}
	if !told {
		return c.ArrivedAt
	}
	return first
}

// OnVoicemail reports whether the caller may be listening to the greeting or speaking after the
// tone, so that a text waits for the end.
func (c *Call) OnVoicemail() bool {
	last, _ := c.last()
	return c.State == CallMissed && c.GoneAt.IsZero() && c.Ended == "" && c.RecordedAt.IsZero() && last.Kind == VoicemailStep
}

// Answer is what the carrier is told in reply to an event. It depends on the plan, the event and
// evidence that no later event of the same call changes, so that a retried request gets the same
// answer.
func (c *Call) Answer(ev CallEvent) Instruction {
	in := Instruction{Kind: DoNothing, Connection: c.Connection, Business: c.Business, Call: c.ID}
	if c.Direction == Outbound {
		return c.answerOutbound(in, ev)
	}
	switch ev.Kind {
	case CallArrived:
		return c.instruct(in, 0)
	case LegAnswered:
		if t, ok := c.target(ev.Step, ev.Target); ok && t.Destination.Kind.Screened() {
			in.Kind, in.Number, in.Target, in.Step = DoScreen, ev.Step, ev.Target, c.Plan.Steps[ev.Step]
		}
	case LegAccepted:
		in.Kind = DoHangUp
		if c.wonBy(ev.Step, ev.Target) {
			in.Kind = DoConnect
		}
	case RingEnded:
		if r := c.ring(ev.Step); r == nil || r.Gone || c.answeredIn(ev.Step) {
			in.Kind = DoHangUp
			return in
		}
		return c.instruct(in, c.Plan.After(ev.Step))
	case MenuChosen:
		return c.choose(in, ev)
	case VoicemailLeft:
		in.Kind = DoHangUp
	}
	return in
}

// instruct says what the call does at a step, which is the next one where nobody of a ring step is left to
// be rung.
func (c *Call) instruct(in Instruction, step int) Instruction {
	for step < len(c.Plan.Steps) && c.spent(step) {
		step = c.Plan.After(step)
	}
	if step >= len(c.Plan.Steps) {
		in.Kind = DoHangUp
		return in
	}
	in.Number, in.Step, in.Skip = step, c.Plan.Steps[step], c.skipped(step)
	in.Kind = map[StepKind]InstructionKind{
		RingStep: DoRing, MenuStep: DoMenu, VoicemailStep: DoVoicemail, GreetStep: DoGreet, RejectStep: DoReject,
	}[in.Step.Kind]
	return in
}

// choose follows a key pressed at a menu, or says the menu once more. It depends on the key alone, and not
// on what other reports say was pressed, so that a repeated request is answered like the first.
func (c *Call) choose(in Instruction, ev CallEvent) Instruction {
	if ev.CallerGone || ev.Step < 0 || ev.Step >= len(c.Plan.Steps) || c.Plan.Steps[ev.Step].Kind != MenuStep {
		in.Kind = DoHangUp
		return in
	}
	next, ok := c.Plan.Steps[ev.Step].leads(ev.Key, ev.Target)
	if !ok {
		in = c.instruct(in, ev.Step)
		in.Target = ev.Target + 1
		return in
	}
	if next < 0 {
		next = c.Plan.After(ev.Step)
	}
	return c.instruct(in, next)
}

// wonBy reports whether the leg was the first of its step to accept.
func (c *Call) wonBy(step, target int) bool {
	var mine time.Time
	for _, l := range c.Legs {
		if l.Step == step && l.Target == target {
			mine = l.AcceptedAt
		}
	}
	return !mine.IsZero() && !slices.ContainsFunc(c.Legs, func(l Leg) bool {
		return l.Step == step && l.Target != target && !l.AcceptedAt.IsZero() && l.AcceptedAt.Before(mine)
	})
}

func (c *Call) answeredIn(step int) bool {
	_, at, ok := c.accepted()
	return ok && at == step
}
