// Package notify brings news to people and systems outside of calls and texts with callers: e-mail, push, chat
// channels, webhooks. Each channel is a driver that takes one notice to one address and says how that went.
// The package refuses to decide who is told, when, and what is tried next: the engine does, and stores it.
package notify

import (
	"context"
	"errors"
	"time"
)

// Notice is what a person is told, before a channel puts it into its own form. Nothing in it is markup.
type Notice struct {
	ID       string // of the alert: the same when it is sent again, so that a receiver can tell
	Business string // the business's name
	Title    string // one line: "Dana Lee has waited 30 min"
	Body     string // what the caller said or did, and what to do; may have several lines
	Link     string // absolute address that opens the conversation, signed; may be empty
	Urgent   bool
	Repeat   bool // an earlier attempt may have arrived
	At       time.Time
}

// Sender takes a notice to one address: an e-mail address, a push subscription, a webhook's URL. It returns once the
// other side has taken it. A *Refusal says that trying again at this address is useless; any other error may pass.
type Sender interface {
	Send(ctx context.Context, to string, n Notice) error
}

// Refusal is the other side's final no: an address that does not exist, a subscription that has ended, a key that is
// not accepted.
type Refusal struct {
	Reason string // for the status page, in words
	Gone   bool   // the address itself has ended: forget it
}

func (r *Refusal) Error() string { return r.Reason }

// Refused returns the refusal in err's chain, or nil.
func Refused(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}
