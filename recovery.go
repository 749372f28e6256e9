package rebound

import (
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
	Texts      int       // text-backs created
	OpenedAt   time.Time // the first miss
	TextedAt   time.Time // the last text-back was decided
	WaitSince  time.Time // began to wait; zero when it does not
	PolicyStep int       // the policy step that DueAt is about
	DueAt      time.Time // when the engine looks again; never zero while waiting
	ContactAt  time.Time // contact was made
	Proven     bool      // the contact is proven, not stated
	Outcome    Outcome
	Amount     int64 // whole cents, Booked
	ClosedAt   time.Time
	Seq        int64 // counts changes; a step planned for another Seq is stale
}

// StepKind of a recovery says what happened to it.
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
	StepContact     RecoveryStep = "contact"      // proof
	StepContactVoid RecoveryStep = "contact_void" // the proof turned out to be none: the text failed
	StepOutcome     RecoveryStep = "outcome"
)

// RecoveryInput is one step and what goes with it.
type RecoveryInput struct {
	Step    RecoveryStep
	At      time.Time // when it happened in the world; the clock runs from here
	Urgent  bool
	Outcome Outcome
	Amount  int64
}

// Next applies one step. It returns the recovery as it then stands and what the conversation's
// timeline says about it; ErrStale where the step changes nothing. It is pure: the engine saves
// what it returns.
func (r Recovery) Next(in RecoveryInput, policy EscalationPolicy, now time.Time) (Recovery, []EventKind, error) {
	policy = policy.WithDefaults()
	var events []EventKind
	switch in.Step {
	case StepMissed:
		r.Misses++
		r.Urgent = r.Urgent || r.Misses > 1
	case StepTextPlanned:
		r.Texts++
		r.TextedAt = now
	case StepTextFailed, StepTextUnsure:
		if r.State != RecoveryOpen {
			return r, nil, ErrStale // it waits already, or somebody reached the caller in another way
		}
		events = r.wait(in, policy)
	case StepNoText, StepCalledAgain, StepReplied, StepVoicemail:
		if r.State == RecoveryClosed {
			return r, nil, ErrStale
		}
		events = r.wait(in, policy)
	case StepDue:
		if r.State != RecoveryWaiting {
			return r, nil, ErrStale
		}
		if policy.After(r.PolicyStep) > 0 {
			events = append(events, EventStepReached)
		}
		r.PolicyStep++
		r.DueAt = policy.Due(r.WaitSince, r.PolicyStep)
	case StepContact:
		if r.State == RecoveryClosed || r.State == RecoveryContacted && r.Proven {
			return r, nil, ErrStale
		}
		r.State, r.ContactAt, r.Proven, r.DueAt = RecoveryContacted, in.At, true, time.Time{}
		events = append(events, EventContactMade)
	case StepContactVoid:
		if r.State != RecoveryContacted {
			return r, nil, ErrStale
		}
		r.ContactAt, r.Proven = time.Time{}, false
		r.State, r.DueAt = RecoveryOpen, time.Time{}
		if !r.WaitSince.IsZero() {
			r.State, r.DueAt = RecoveryWaiting, policy.Due(r.WaitSince, r.PolicyStep)
		}
		events = append(events, EventContactVoid)
	case StepOutcome:
		r.State, r.Outcome, r.Amount, r.ClosedAt, r.DueAt = RecoveryClosed, in.Outcome, in.Amount, now, time.Time{}
		events = append(events, EventOutcome)
	}
	r.Seq++
	return r, events, nil
}

// wait starts the clock at the moment in the world that began the wait, not at the moment that we
// learned of it. A recovery that waits already goes on with the clock it has.
func (r *Recovery) wait(in RecoveryInput, policy EscalationPolicy) []EventKind {
	r.Why = map[RecoveryStep]WaitReason{
		StepNoText: WaitNoText, StepCalledAgain: WaitAgain, StepTextFailed: WaitBadText,
		StepTextUnsure: WaitUnsure, StepReplied: WaitReply, StepVoicemail: WaitVoicemail,
	}[in.Step]
	r.Urgent = r.Urgent || in.Urgent
	if r.State == RecoveryWaiting {
		return nil
	}
	r.State, r.WaitSince, r.PolicyStep, r.DueAt = RecoveryWaiting, in.At, 0, policy.Due(in.At, 0)
	r.ContactAt, r.Proven = time.Time{}, false
	return []EventKind{EventClockStarted}
}
