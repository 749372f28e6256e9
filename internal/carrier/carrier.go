// Package carrier says what a carrier is: something that reports calls and texts, rings phones as
// it is told, sends texts, and keeps lists that settle what is not known. It refuses to decide
// anything: no rule of the product is here.
package carrier

import (
	"context"
	"io"
	"net/http"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// Carrier speaks one carrier's protocol for one connection. Its methods are safe for concurrent use.
type Carrier interface {
	// Send asks the carrier to take one text. The error is nil when it did, or a *SendError that
	// says what is known. It makes exactly one request and never retries.
	Send(ctx context.Context, t Text) (Accepted, error)
	// Texts lists what the carrier knows it sent from one number to another since an instant,
	// oldest first. An error means that nothing is known.
	Texts(ctx context.Context, from, to phone.Number, since time.Time) ([]Listed, error)
	// Dial asks the carrier to ring a phone, and returns its id of the call. What happens from then on is asked and
	// told at the two addresses. It makes exactly one request; the error is a *SendError, as with Send.
	Dial(ctx context.Context, o Outgoing) (string, error)
	// Dialled lists the calls that the carrier took by Dial from a number to an address since an instant, oldest
	// first. An error means that nothing is known.
	Dialled(ctx context.Context, from phone.Number, to string, since time.Time) ([]Entry, error)
	// Since lists the calls and texts that came in on a line since an instant, as far as the carrier's
	// log, which may lag, has them by now. An error means that the list is not whole.
	Since(ctx context.Context, line phone.Number, since time.Time) (Log, error)
	// Call looks one call, inbound or made by Dial, up in the carrier's log. ErrUnknown: the carrier has no such call.
	Call(ctx context.Context, carrierID string) (LoggedCall, error)
	// Text looks one inbound text up in the carrier's log; its At is by the carrier's clock.
	// ErrUnknown: the carrier has no such text.
	Text(ctx context.Context, carrierID string) (rebound.TextEvent, error)
	// Fetch opens a picture or recording that the carrier keeps, with the connection's credentials
	// and only from the carrier's own hosts. The caller closes the body and bounds what it reads.
	Fetch(ctx context.Context, url string) (Media, error)
	// LineType looks up what kind of line a number is, where the number alone does not tell. It may
	// cost money. phone.Unknown: the carrier does not know either.
	LineType(ctx context.Context, n phone.Number) (phone.LineType, error)
	// AnswersStop reports whether the carrier itself confirms an opt-out that arrives on one of
	// its numbers, so that Rebound does not confirm a second time (CARRIERS.md 1.9).
	AnswersStop() bool
}

// Door is the side of a carrier that calls in: it turns the carrier's requests into events and the
// engine's answers into the carrier's language.
type Door interface {
	// Verify reports whether the request was signed by the carrier; body is the raw body and url
	// the configured public address it was sent to, with path and query.
	Verify(r *http.Request, url string, body []byte) error
	// Call parses a request about a call that came to the given place.
	Call(p Place, header http.Header, body []byte) (rebound.CallEvent, error)
	// Text parses an inbound text.
	Text(header http.Header, body []byte) (rebound.TextEvent, error)
	// Receipt parses a report on a text that we sent.
	Receipt(p Place, header http.Header, body []byte) (rebound.Receipt, error)
	// Document writes what the live call does next, with addresses from links.
	Document(in rebound.Instruction, links Links) (contentType string, body []byte)
}

// Text is one text to send.
type Text struct {
	From, To phone.Number
	Body     string
	Receipt  string        // where the carrier reports on it: a signed address of ours
	ValidFor time.Duration // the carrier drops it when it could not be sent by then
}

// Outgoing is one call to make.
type Outgoing struct {
	From     phone.Number  // shown to the rung
	To       string        // a number or a SIP address
	RingFor  time.Duration // 5 s to 600 s
	Screen   string        // asked what to do when it is picked up: a signed address of ours
	Progress string        // told that it rings, was picked up, and is over: likewise
}

// Accepted is the carrier's word that it took a text.
type Accepted struct {
	ID    string
	State rebound.MessageState // Queued or further
}

// Log is what came in on a line, by the carrier's log: oldest first.
type Log struct {
	Calls, Texts []Entry
}

// Entry is one call or text in a carrier's log.
type Entry struct {
	ID string
	At time.Time // by the carrier's clock: the call began or was taken, the text was taken in
}

// Compare orders entries by time.
func (e Entry) Compare(other Entry) int { return e.At.Compare(other.At) }

// Listed is one text in the carrier's list.
type Listed struct {
	ID       string
	From, To phone.Number
	Body     string
	State    rebound.MessageState
	Code     string // error code, if it failed
	At       time.Time
}

// LoggedCall is one call in the carrier's log.
type LoggedCall struct {
	ID     string
	From   string            // as the carrier wrote it
	Status rebound.EndStatus // empty while the call is still going on, or not all of it is told yet
	Talk   time.Duration
	Began  time.Time   // by the carrier's clock
	Ended  time.Time   // likewise; zero while it is going on
	Legs   []LoggedLeg // oldest first

	Recording  rebound.Recording // the caller's voicemail; zero: none
	RecordedAt time.Time         // by the carrier's clock, when the caller had spoken
}

// LoggedLeg is one outgoing leg of a logged call; the member's phone that Dial rang is the call itself.
type LoggedLeg struct {
	ID     string
	To     string
	Status rebound.EndStatus // empty while it is going on
	Talk   time.Duration
}

// Media is an open picture or recording.
type Media struct {
	ContentType string
	Body        io.ReadCloser
}
