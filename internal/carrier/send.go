package carrier

import (
	"errors"
	"fmt"
	"time"
)

// ErrUnknown says that the carrier has no such thing.
var ErrUnknown = errors.New("the carrier has no such thing")

// Outcome says what is known after a send that was not accepted (ARCHITECTURE.md, "Sending").
type Outcome string

const (
	// NotSent: nothing reached the carrier (the connection could not be made, or it answered 429,
	// which it never processes). Safe to repeat.
	NotSent Outcome = "not_sent"
	// Refused: the carrier read the request and said no. Class says what follows.
	Refused Outcome = "refused"
	// InDoubt: bytes were written and no clear answer came. Only the carrier's list can settle it.
	InDoubt Outcome = "in_doubt"
)

// Class sorts refusals and delivery failures by their consequence (CARRIERS.md 2.c, error table).
type Class string

const (
	Permanent   Class = "permanent"    // this number cannot be texted: call instead
	OptedOut    Class = "opted_out"    // record the opt-out
	ConfigAlarm Class = "config_alarm" // the business's account or number is set up wrong; somebody must mend it
	Hold        Class = "hold"         // over a rate or quota: later, and raise an alarm
	RepeatOnce  Class = "repeat_once"  // one more try later, then call
	Repeat      Class = "repeat"       // never processed: back off and repeat
	Filtered    Class = "filtered"     // the same text must not be repeated
	OurBug      Class = "our_bug"      // the request itself was wrong
)

// SendError says why a text or a call was not accepted and what is known about it.
type SendError struct {
	Outcome    Outcome
	Class      Class         // Refused: what follows; NotSent: Repeat or Hold
	Code       string        // the carrier's code, if it gave one
	Message    string        // the carrier's words, for the log and behind the bubble
	Status     int           // HTTP status; 0 when there was none
	RetryAfter time.Duration // 0: not told
	Err        error         // the cause below HTTP
}

func (e *SendError) Error() string {
	s := string(e.Outcome)
	if e.Status != 0 {
		s += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Code != "" {
		s += " [" + e.Code + "]"
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *SendError) Unwrap() error { return e.Err }

// Remedy is a code's class and what a person reads about it.
type Remedy struct {
	Class    Class
	Landline bool   // the number can never be texted; remembered for the next time
	Words    string // "The carrier says this number is a landline. Call instead."
}

// Explain is how a carrier package tells the consequence of its error codes.
type Explain func(code string) Remedy
