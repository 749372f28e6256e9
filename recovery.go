package rebound

import (
	"slices"
	"time"
)

// RecoveryState is where a caller's need stands.
type RecoveryState string

const (
	RecoveryOpen      RecoveryState = "open"      // texted back (or about to be), nothing heard yet
	RecoveryWaiting   RecoveryState = "waiting"   // a human is needed; always has a timer
	RecoveryContacted RecoveryState = "contacted" // a human reached the caller
	RecoveryClosed    RecoveryState = "closed"    // has an outcome
)

// WaitReason says why a recovery waits.
type WaitReason string

const (
	WaitReply     WaitReason = "reply"        // the caller wrote
	WaitVoicemail WaitReason = "voicemail"    // the caller left a voicemail
	WaitNoText    WaitReason = "no_text"      // the caller cannot be texted: call back
	WaitBadText   WaitReason = "text_failed"  // the text-back did not arrive: call back
	WaitUnsure    WaitReason = "unconfirmed"  // nobody can tell whether the text-back arrived: look, then call
	WaitAgain     WaitReason = "called_again" // called again and was missed again
)

// Outcome ends a recovery.
type Outcome string

const (
	Booked      Outcome = "booked"
	NotALead    Outcome = "not_a_lead"
	Lost        Outcome = "lost"
	Unreachable Outcome = "unreachable"
)

// RecoveryWindow is how long after its last sign of life a recovery takes a new miss of the same
// caller in, instead of a new one being opened.
const RecoveryWindow = 7 * 24 * time.Hour

// Recovery is one caller's need, from the first miss until contact or an outcome.
type Recovery struct {
	ID         RecoveryID
	Business   BusinessID
	Contact    ContactID
	Line       LineID
	State      RecoveryState
	Why        WaitReason // while waiting
	Urgent     bool
	Misses     int
	Texts      int        // text-backs created
	OpenedAt   time.Time  // the first miss
	TextedAt   time.Time  // the last text-back was decided
	WaitSince  time.Time  // began to wait; zero when it does not
	PolicyStep int        // the policy's rung (EscalationPolicy.Rung) that DueAt is about
	Alarm      Alarm      // whether everyone on duty has been told at once, in this wait
	Assignee   MemberID   // whose it is; empty: the team's
	ClaimedAt  time.Time  // the assignee took it; zero: it was given to them
	HeldBy     []MemberID // who has held a step in this wait
	HeldUntil  time.Time  // no step before
	DueAt      time.Time  // when the engine looks again; never zero while waiting
	ContactAt  time.Time  // contact was made
	Proven     bool       // the contact is proven, not stated
	Outcome    Outcome
	Amount     int64 // whole cents, Booked
	ClosedAt   time.Time
	Seq        int64 // counts changes; a step planned for another Seq is stale
}

// Alarm is the alert of everyone on duty that urgency asks for, once in each wait.
type Alarm string

const (
	AlarmNone  Alarm = ""
	AlarmDue   Alarm = "due" // DueAt is about it
	AlarmGiven Alarm = "given"
)

// HoldFor is how long "I'm on it" holds the next step (PRODUCT.md, "The clock").
const HoldFor = 10 * time.Minute

// RecoveryStep says what happened to a recovery.
type RecoveryStep string

const (
	StepMissed      RecoveryStep = "missed"       // another miss joined (the first one opens it)
	StepTextPlanned RecoveryStep = "text_planned" // a text-back was decided
	StepNoText      RecoveryStep = "no_text"      // decided against a text: a person has to call
	StepCalledAgain RecoveryStep = "called_again" // missed again inside the cool-down: no second text
	StepTextFailed  RecoveryStep = "text_failed"
	StepTextUnsure  RecoveryStep = "text_unsure"
	StepReplied     RecoveryStep = "replied"
	StepVoicemail   RecoveryStep = "voicemail"
	StepDue         RecoveryStep = "due"          // the timer came
	StepNotCloser   RecoveryStep = "not_closer"   // a member says that the caller's closing word was none
	StepClaimed     RecoveryStep = "claimed"      // By took it
	StepAssigned    RecoveryStep = "assigned"     // it was given to By; empty: back to the team
	StepHeld        RecoveryStep = "held"         // By is on it
	StepStated      RecoveryStep = "stated"       // By says that they reached the caller
	StepContact     RecoveryStep = "contact"      // proof
	StepContactVoid RecoveryStep = "contact_void" // the proof turned out to be none: the text failed
	StepOutcome     RecoveryStep = "outcome"
)

// RecoveryInput is one step and what goes with it.
type RecoveryInput struct {
	Step    RecoveryStep
	At      time.Time // when it happened in the world; the clock runs from here
	Urgent  bool
	By      MemberID
	Other   time.Time // StepContactVoid: when another proof, which still holds, was given; zero: there is none
	Outcome Outcome
	Amount  int64
}

// Effects is what follows from a step beside the recovery's new state.
type Effects struct {
	Events []EventKind
	Tell   []PolicyStep    // audiences that are to be told now
	Late   []time.Duration // rungs passed over because later ones were due as well: how long after the wait began
}

// Next applies one step. It returns the recovery as it then stands and what follows; ErrStale where the
// step changes nothing. It is pure: the engine saves what it returns.
func (r Recovery) Next(in RecoveryInput, clock Clock, now time.Time) (Recovery, Effects, error) {
	var follows Effects
	var err error
	switch in.Step {
	case StepMissed:
		r.Misses++
		r.Urgent = r.Urgent || r.Misses > 1
		if r.State == RecoveryWaiting {
			r.plan(clock)
		}
	case StepTextPlanned:
		r.Texts++
		r.TextedAt = now
	case StepTextFailed, StepTextUnsure:
		if r.State != RecoveryOpen {
			return r, follows, ErrStale // it waits already, or somebody reached the caller in another way
		}
		r.wait(in, clock, &follows)
	case StepNoText, StepCalledAgain, StepReplied, StepVoicemail, StepNotCloser:
		if r.State == RecoveryClosed {
			return r, follows, ErrStale
		}
		r.wait(in, clock, &follows)
	case StepDue:
		err = r.due(clock, now, &follows)
	case StepClaimed, StepAssigned, StepHeld:
		err = r.staffed(in, clock, now, &follows)
	default:
		err = r.ended(in, clock, now, &follows)
	}
	if err != nil {
		return r, Effects{}, err
	}
	r.Seq++
	return r, follows, nil
}

// wait starts the clock at the moment in the world that began the wait, not at the moment that we
// learned of it. A recovery that waits already goes on with the clock it has. Urgency has everyone on
// duty told at once.
func (r *Recovery) wait(in RecoveryInput, clock Clock, follows *Effects) {
	r.Why = map[RecoveryStep]WaitReason{
		StepNoText: WaitNoText, StepCalledAgain: WaitAgain, StepTextFailed: WaitBadText,
		StepTextUnsure: WaitUnsure, StepReplied: WaitReply, StepNotCloser: WaitReply, StepVoicemail: WaitVoicemail,
	}[in.Step]
	r.Urgent = r.Urgent && r.State != RecoveryContacted || in.Urgent // what was urgent then was met
	if r.State != RecoveryWaiting {
		r.State, r.WaitSince, r.PolicyStep, r.Alarm = RecoveryWaiting, in.At, 0, AlarmNone
		r.HeldBy, r.HeldUntil, r.ClaimedAt = nil, time.Time{}, time.Time{}
		r.ContactAt, r.Proven = time.Time{}, false
		follows.Events = append(follows.Events, EventClockStarted)
	}
	if in.Urgent && r.Alarm == AlarmNone {
		r.Alarm = AlarmDue
		follows.Events = append(follows.Events, EventUrgent)
	}
	r.plan(clock)
}

// plan sets the timer of a recovery that waits.
func (r *Recovery) plan(clock Clock) {
	r.DueAt = clock.Due(*r, r.PolicyStep)
	if r.Alarm == AlarmDue && r.WaitSince.Before(r.DueAt) {
		r.DueAt = r.WaitSince // which is past: at once
	}
}

// due does what is due by now. Where several rungs are, as after an outage, only the latest speaks, with those
// that are due at the same time; the others are told as late.
func (r *Recovery) due(clock Clock, now time.Time, follows *Effects) error {
	if r.State != RecoveryWaiting || r.DueAt.After(now) {
		return ErrStale
	}
	policy := clock.Policy.WithDefaults()
	var steps []PolicyStep
	var afters []time.Duration
	for ; !clock.Due(*r, r.PolicyStep).After(now); r.PolicyStep++ {
		step, after := policy.Rung(r.PolicyStep)
		steps, afters = append(steps, step), append(afters, after)
	}
	if r.Alarm == AlarmDue { // it says all that these rungs would have
		r.Alarm = AlarmGiven
		follows.Tell = []PolicyStep{{Whom: ToOnDuty}}
		r.plan(clock)
		return nil
	}
	for i, step := range steps {
		if latest := afters[len(afters)-1]; afters[i] < latest {
			follows.Late = append(follows.Late, afters[i])
		} else {
			follows.Tell = append(follows.Tell, step)
		}
	}
	if len(follows.Late) > 0 {
		follows.Events = append(follows.Events, EventStepLate)
	}
	if len(afters) > 0 && afters[len(afters)-1] > 0 {
		follows.Events = append(follows.Events, EventStepReached)
	}
	r.plan(clock)
	return nil
}

// staffed is what members do that does not stop the clock.
func (r *Recovery) staffed(in RecoveryInput, clock Clock, now time.Time, follows *Effects) error {
	switch {
	case r.State == RecoveryClosed:
		return Errorf(Conflict, "R2201", "This is closed already.")
	case in.Step == StepClaimed && !r.ClaimedAt.IsZero() && r.Assignee != in.By:
		return Errorf(Conflict, "R2202", "Somebody else has taken this already.")
	case in.Step == StepClaimed && !r.ClaimedAt.IsZero(), in.Step == StepAssigned && r.Assignee == in.By,
		in.Step == StepHeld && (r.State != RecoveryWaiting || slices.Contains(r.HeldBy, in.By)):
		return ErrStale
	}
	switch in.Step {
	case StepClaimed:
		r.Assignee, r.ClaimedAt = in.By, now
		follows.Events = append(follows.Events, EventClaimed)
	case StepAssigned:
		r.Assignee, r.ClaimedAt = in.By, time.Time{}
		follows.Events = append(follows.Events, EventAssigned)
	case StepHeld:
		r.HeldBy = append(slices.Clone(r.HeldBy), in.By)
		r.HeldUntil = now.Add(HoldFor)
		r.plan(clock)
		follows.Events = append(follows.Events, EventHeld)
	}
	return nil
}

// ended is what stops the clock, and what makes that void.
func (r *Recovery) ended(in RecoveryInput, clock Clock, now time.Time, follows *Effects) error {
	switch in.Step {
	case StepStated:
		if r.State == RecoveryClosed || r.State == RecoveryContacted {
			return ErrStale
		}
		r.State, r.ContactAt, r.Proven, r.DueAt = RecoveryContacted, in.At, false, time.Time{}
		follows.Events = append(follows.Events, EventStated)
	case StepContact:
		if r.State == RecoveryClosed || r.State == RecoveryContacted && r.Proven {
			return ErrStale
		}
		r.State, r.ContactAt, r.Proven, r.DueAt = RecoveryContacted, in.At, true, time.Time{}
		follows.Events = append(follows.Events, EventContactMade)
	case StepContactVoid:
		if r.State != RecoveryContacted {
			return ErrStale
		}
		if !in.Other.IsZero() {
			r.ContactAt = in.Other
			return nil
		}
		r.ContactAt, r.Proven = time.Time{}, false
		r.State, r.DueAt = RecoveryOpen, time.Time{}
		if !r.WaitSince.IsZero() {
			r.State = RecoveryWaiting
			r.plan(clock)
		}
		follows.Events = append(follows.Events, EventContactVoid)
	case StepOutcome:
		if r.State == RecoveryClosed && r.Outcome == in.Outcome && r.Amount == in.Amount {
			return ErrStale
		}
		r.State, r.Outcome, r.Amount, r.ClosedAt, r.DueAt = RecoveryClosed, in.Outcome, in.Amount, now, time.Time{}
		follows.Events = append(follows.Events, EventOutcome)
	}
	return nil
}

// Replan returns a waiting recovery with the timer of a policy that has taken another's place: what was told
// stays told, and the first rung that is later than the last one told comes next, at once if its time is
// past. ErrStale: nothing changes.
func (r Recovery) Replan(was, is Clock) (Recovery, error) {
	if r.State != RecoveryWaiting {
		return r, ErrStale
	}
	next := r
	next.PolicyStep = 0
	if r.PolicyStep > 0 {
		_, told := was.Policy.WithDefaults().Rung(r.PolicyStep - 1)
		next.PolicyStep = is.Policy.WithDefaults().beyond(told)
	}
	next.plan(is)
	if next.PolicyStep == r.PolicyStep && next.DueAt.Equal(r.DueAt) {
		return r, ErrStale
	}
	next.Seq++
	return next, nil
}

// CheckOutcome refuses an outcome that is none. R2203: there is no such outcome. R2204: an amount of money goes
// with a booking alone, and is not negative.
func CheckOutcome(o Outcome, amount int64) error {
	if !slices.Contains([]Outcome{Booked, NotALead, Lost, Unreachable}, o) {
		return Errorf(Invalid, "R2203", "Choose booked, not a lead, lost or unreachable.")
	}
	if amount < 0 || amount > 0 && o != Booked {
		return Errorf(Invalid, "R2204", "Give an amount with a booking alone, and no less than zero.")
	}
	return nil
}
