package rebound

import (
	"time"

	"rebound/internal/phone"
)

// ConsentState is what a contact has said about being texted.
type ConsentState string

const (
	ConsentUnsaid   ConsentState = ""          // never said anything
	ConsentGiven    ConsentState = "given"     // opted in again after an opt-out
	ConsentOptedOut ConsentState = "opted_out" // never overridden
	ConsentInDoubt  ConsentState = "in_doubt"  // likely an opt-out: automation stops, a person confirms
)

// ConsentSettles is how long a likely opt-out waits for a person before it counts as one
// (PRODUCT.md, "Law and money").
const ConsentSettles = 24 * time.Hour

// ConsentIntent is what a received text says about consent.
type ConsentIntent string

const (
	IntentNone      ConsentIntent = ""
	IntentStop      ConsentIntent = "stop"
	IntentMaybeStop ConsentIntent = "maybe_stop"
	IntentStart     ConsentIntent = "start"
	IntentHelp      ConsentIntent = "help"
)

// ConsentAnswer is the one automatic answer that a consent text gets.
type ConsentAnswer string

const (
	AnswerNone  ConsentAnswer = ""
	AnswerStop  ConsentAnswer = "stop"  // the confirmation of an opt-out
	AnswerStart ConsentAnswer = "start" // the confirmation of an opt-in
	AnswerHelp  ConsentAnswer = "help"
)

// Consent applies a received text's intent to a contact's state. carrierAnswers says that the
// carrier has confirmed or will confirm by itself, so that Rebound stays silent. A START means
// something only to somebody who is opted out.
func Consent(now ConsentState, intent ConsentIntent, carrierAnswers bool) (ConsentState, ConsentAnswer) {
	next, answer := now, AnswerNone
	switch {
	case intent == IntentStop && now != ConsentOptedOut:
		next, answer = ConsentOptedOut, AnswerStop
	case intent == IntentStart && now == ConsentOptedOut:
		next, answer = ConsentGiven, AnswerStart
	case intent == IntentMaybeStop && now != ConsentOptedOut:
		next = ConsentInDoubt
	case intent == IntentHelp:
		answer = AnswerHelp
	}
	if carrierAnswers {
		answer = AnswerNone
	}
	return next, answer
}

// BlockedNumber is a number the business never wants to hear from.
type BlockedNumber struct {
	Number string `json:"number"`
	Note   string `json:"note,omitempty"`
}

// VIPNumber is a caller whom a route may treat better than others.
type VIPNumber struct {
	Number string `json:"number"`
	Note   string `json:"note,omitempty"`
}

// Contact is the person behind a phone number, in one business.
type Contact struct {
	ID         ContactID
	Business   BusinessID
	Number     string // E.164, or "" where the caller withheld it
	Raw        string // as the carrier wrote it, where there is no number
	Name       string
	Consent    ConsentState
	ConsentAt  time.Time
	ConsentHow string // "texted STOP", "carrier error 21610", "recorded by Ana"
	Blocked    bool
	LineType   phone.LineType // as looked up, or learned from a text that failed; empty: not known
	HumanAt    time.Time      // a human last texted or talked with them
	Owner      MemberID
	SettleAt   time.Time // ConsentInDoubt: when it counts as an opt-out; zero otherwise
	Last       string    // the latest thing they said or did, for the list
	LastAt     time.Time
	LastKind   string // "call", "call_out", "voicemail", "text_in", "text_out"
	Unread     bool
	Shelf      Shelf     // where the conversation lies in the inbox
	ShelfUntil time.Time // Snoozed: when it ends; zero: when they write or call
}

// FirstName is what a template calls the contact; empty when nobody knows.
func (c Contact) FirstName() string { return firstWord(c.Name) }
