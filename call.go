package rebound

import (
	"time"
)

// MissReason says why a call ended without a human talking to the caller; of an outbound call, why nobody was reached.
// The constants stand in order of precedence (PRODUCT.md, "What counts as a miss").
type MissReason string

const (
	AfterHours      MissReason = "after_hours"
	NobodyOnDuty    MissReason = "nobody_on_duty"
	AllBusy         MissReason = "all_busy"
	NoAnswer        MissReason = "no_answer"
	Declined        MissReason = "declined"
	AbandonedInMenu MissReason = "abandoned_in_menu"
	Abandoned       MissReason = "abandoned" // the caller hung up while phones rang
	Failed          MissReason = "failed"    // the carrier could not ring anybody
	NotTaken        MissReason = "not_taken" // outbound: the member's own phone was not answered, or no key was pressed
)

// CallState is where a call stands. Evidence decides it, never the order in which it came.
type CallState string

const (
	CallRinging  CallState = "ringing"
	CallAnswered CallState = "answered" // a human accepted and talked
	CallMissed   CallState = "missed"
	CallBlocked  CallState = "blocked" // refused at once; not a miss

	CallCalling    CallState = "calling"    // outbound: the member's phone rings, or the customer's
	CallUnanswered CallState = "unanswered" // outbound: it came to nothing; not a miss
)

// CallEventKind is one thing that a carrier reports about a call.
type CallEventKind string

const (
	CallArrived    CallEventKind = "arrived"      // the carrier asks what to do with a new call
	LegRinging     CallEventKind = "leg_ringing"  // a destination's phone rings
	LegAnswered    CallEventKind = "leg_answered" // it was picked up, perhaps by a voicemail
	LegAccepted    CallEventKind = "leg_accepted" // a key was pressed
	LegEnded       CallEventKind = "leg_ended"
	RingEnded      CallEventKind = "ring_ended"      // a ring step is over (Twilio: dial action)
	MenuChosen     CallEventKind = "menu_chosen"     // a key was pressed at a menu, or none in time
	VoicemailLeft  CallEventKind = "voicemail_left"  // the recording verb is over
	RecordingReady CallEventKind = "recording_ready" // the recording can be fetched, or there is none
	CallEnded      CallEventKind = "call_ended"      // the number's own status callback, or the carrier's call log
	CallPlaced     CallEventKind = "call_placed"     // the carrier took an outbound call; LegID names it
)

// EndStatus is how a leg, a ring step or a call ended, in the carriers' common words.
type EndStatus string

const (
	EndCompleted EndStatus = "completed"
	EndBusy      EndStatus = "busy"
	EndNoAnswer  EndStatus = "no-answer"
	EndFailed    EndStatus = "failed"
	EndCanceled  EndStatus = "canceled"
)

// Truth is a fact that a carrier may leave out.
type Truth int8

const (
	Untold Truth = 0
	Yes    Truth = 1
	No     Truth = -1
)

// CallEvent is one report about one call, in any order, repeated or not.
type CallEvent struct {
	Kind       CallEventKind
	Connection ConnectionID
	CarrierID  string     // the carrier's id of the inbound call; the key when Call is empty
	Call       CallID     // from a signed address that we gave the carrier
	Business   BusinessID // goes with Call
	Token      string     // equal across the carrier's retries of one request; may be empty
	Raw        []byte     // the request's body, stored as it came
	At         time.Time  // when it happened, where that is not just now: the carrier's log says so

	From, To      string // CallArrived, CallEnded: as the carrier wrote them
	ForwardedFrom string
	CallerID      Truth // the carrier's verdict on the caller id (STIR): No means it failed

	Step, Target int    // leg, ring and menu events: where in the plan; MenuChosen: Target is the try, from 0
	Key          string // MenuChosen: what was pressed; empty: nothing
	LegID        string // the carrier's id of the leg
	Status       EndStatus
	Bridged      Truth         // RingEnded: caller and leg were connected
	Talk         time.Duration // RingEnded: how long the winning leg was connected
	CallerGone   bool          // the caller is no longer on the line
	Code         string        // the carrier's error code, where it told one

	Recording Recording // VoicemailLeft, RecordingReady
}

// Recording is a voicemail's sound at the carrier.
type Recording struct {
	ID       string        `json:"id,omitempty"`
	URL      string        `json:"url,omitempty"`
	Duration time.Duration `json:"duration,omitempty"`
	Absent   bool          `json:"absent,omitempty"` // nothing was recorded
}

// Leg is one attempt to ring one destination within a call.
type Leg struct {
	Step       int       `json:"step"`
	Target     int       `json:"target"`
	CarrierID  string    `json:"carrier_id,omitempty"`
	RangAt     time.Time `json:"rang_at,omitzero"`
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	AcceptedAt time.Time `json:"accepted_at,omitzero"`
	Ended      EndStatus `json:"ended,omitempty"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
}

// Ring is the carrier's report on a whole ring step.
type Ring struct {
	Step    int           `json:"step"`
	Status  EndStatus     `json:"status"`
	LegID   string        `json:"leg_id,omitempty"`
	Bridged Truth         `json:"bridged,omitempty"`
	Talk    time.Duration `json:"talk,omitempty"`
	Gone    bool          `json:"gone,omitempty"`
	At      time.Time     `json:"at"`
	// Declined tells who had refused the call by hand when the step was over (Target.who).
	Declined []string `json:"declined,omitempty"`
}

// Press is a carrier's report on one time that a menu was said.
type Press struct {
	Step int       `json:"step"`
	Try  int       `json:"try"`           // from 0
	Key  string    `json:"key,omitempty"` // empty: none was pressed in time
	At   time.Time `json:"at"`
}

// Talking reports whether caller and member are still connected, as far as told.
func (c *Call) Talking() bool {
	if c.Direction == Outbound {
		return c.State == CallAnswered && c.Ended == "" && c.ring(theirStep) == nil && c.legOf(theirStep).Ended == ""
	}
	_, step, ok := c.accepted()
	return ok && c.Ended == "" && c.ring(step) == nil
}

// Call is one call and the evidence about it. State, Reason, AcceptedBy and MissedAt are
// derived from the evidence alone, so any order and any repetition of the same events give the
// same call.
type Call struct {
	ID         CallID
	Business   BusinessID
	Line       LineID
	Connection ConnectionID
	Contact    ContactID
	Recovery   RecoveryID // empty until the call is missed
	Direction  Direction  // the zero value is Inbound
	CarrierID  string     // of an outbound call: empty until the carrier has told it
	From       string     // as the carrier wrote it; of an outbound call the line's number
	Plan       Plan
	CallerID   Truth

	State      CallState
	Reason     MissReason
	AcceptedBy MemberID

	Legs       []Leg
	Rings      []Ring
	Presses    []Press
	ArrivedAt  time.Time
	Unheard    bool      // nobody asked what to do with it: all that came is its end
	MissedAt   time.Time // the 60-second promise starts here: nobody can answer any more
	GoneAt     time.Time // the caller hung up, as far as told
	Ended      EndStatus // the number's own status
	EndedAt    time.Time
	Talk       time.Duration
	Voicemail  bool      // a recording was made
	RecordedAt time.Time // the recording verb was over
	Recording  Recording
	Decision   Decision  // on its miss, made once
	CheckAt    time.Time // when to look at the carrier's log because nothing came; zero: nothing to wait for
}
