package engine

import (
	"context"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// needsLookup reports whether the carrier is to be asked what kind of line a number is before it gets
// its first text: only where the business pays for that and the number alone does not tell.
func needsLookup(p rebound.TextBackPolicy, msg rebound.Message, c rebound.Contact) bool {
	if !p.Lookup || msg.Class != rebound.ClassTextBack || c.LineType != "" {
		return false
	}
	kind := msg.To.LineType()
	return kind == phone.LandlineOrMobile || kind == phone.Unknown
}

// lookupPatience bounds a look-up: the caller waits for the text.
const lookupPatience = 3 * time.Second

// lookUp asks the carrier about a planned text's number if that is wanted. Without an answer the text
// goes anyway, and the next one asks again: "" is then returned.
func (e *Engine) lookUp(ctx context.Context, msg rebound.Message) (phone.LineType, error) {
	if msg.Class != rebound.ClassTextBack {
		return "", nil
	}
	rows := e.store.Read().For(msg.Business)
	business, err := rows.Business(ctx)
	if err != nil {
		return "", err
	}
	contact, err := rows.Contact(ctx, msg.Contact)
	if err != nil || !needsLookup(business.TextBack, msg, contact) {
		return "", err
	}
	c, err := e.o.Carrier(ctx, msg.Connection)
	if err != nil {
		return "", nil // the send itself will say so
	}
	ctx, cancel := context.WithTimeout(ctx, lookupPatience)
	defer cancel()
	kind, err := c.LineType(ctx, msg.To)
	if err != nil {
		e.log.Warn("the number was not looked up; the text goes anyway", "business", msg.Business, "message", msg.ID, "step", "lookup", "err", err)
		return "", nil
	}
	return kind, nil
}

// learn remembers that a number is a landline, so that its next call is a call-back task at once.
func (s *step) learn(msg rebound.Message, remedy carrier.Remedy) error {
	if !remedy.Landline {
		return nil
	}
	c, err := s.contact(msg.Business, msg.Contact)
	if err == nil {
		c.LineType = phone.Landline
	}
	return err
}
