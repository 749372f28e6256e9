package rebound

import (
	"time"

	"rebound/internal/phone"
)

// Direction of a call or message, seen from the business.
type Direction string

const (
	Inbound  Direction = "in"
	Outbound Direction = "out"
)

// MessageClass says what a text is for. It decides which rules bind it.
type MessageClass string

const (
	ClassTextBack MessageClass = "text_back" // the automatic text of a recovery
	ClassConsent  MessageClass = "consent"   // the one answer to STOP, START or HELP
	ClassHuman    MessageClass = "human"     // typed by a member
	ClassReceived MessageClass = "received"  // from the caller
)

// MessageState is how far a text has come. Receipts only move it forward.
type MessageState string

const (
	Planned     MessageState = "planned" // due later; may still be cancelled
	Sending     MessageState = "sending" // an attempt is written and its request may be on the wire
	Unknown     MessageState = "unknown" // the carrier may or may not have it; its list settles that
	Queued      MessageState = "queued"  // the carrier has it
	Sent        MessageState = "sent"    // handed to the next network
	Delivered   MessageState = "delivered"
	Undelivered MessageState = "undelivered"
	FailedText  MessageState = "failed"      // refused by the carrier, before or after it took the text
	Unconfirmed MessageState = "unconfirmed" // the truth could not be learned; a person has the task
	Cancelled   MessageState = "cancelled"   // never left
	Received    MessageState = "received"
)

// Message is one text.
type Message struct {
	ID         MessageID
	Business   BusinessID
	Contact    ContactID
	Recovery   RecoveryID // may be empty
	Call       CallID     // the call it answers; may be empty
	Line       LineID
	Author     MemberID // ClassHuman
	Direction  Direction
	Class      MessageClass
	Once       string // unique in the business: the same text is never created twice
	From, To   phone.Number
	Body       string
	Segments   int
	State      MessageState
	Code       string // the carrier's error code
	Trouble    string // what went wrong, in words for people
	Connection ConnectionID
	CarrierID  string
	Attempt    int // attempts begun
	CreatedAt  time.Time
	BegunAt    time.Time // the last attempt was written
	SentAt     time.Time // the carrier took it
	DoneAt     time.Time // delivered, undelivered, failed, cancelled or unconfirmed
	StaleAt    time.Time // not worth sending after this
	DueAt      time.Time // when the engine looks at it again; zero: never
	Empty      int       // looks at the carrier's list that found nothing, 35 s or more after the attempt
	Checks     int       // looks at the carrier's list since the last attempt
}

// Before reports whether a receipt that says next moves a text on from s. States only go forward:
// queued, sent, then one end.
func (s MessageState) Before(next MessageState) bool {
	rank := map[MessageState]int{Sending: 1, Unknown: 1, Queued: 2, Sent: 3, Delivered: 4, Undelivered: 4, FailedText: 4}
	return rank[s] > 0 && rank[s] < rank[next]
}
