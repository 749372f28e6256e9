package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// Explain returns what a call from a number would go through, in what Declared and the carriers have told so far,
// without a call. A zero at is now. At any other time nobody is known to be on another call, and no texts count. The
// errors are NotFound: R3001 there is no such business, R3002 no such line.
func (e *Engine) Explain(ctx context.Context, b rebound.BusinessID, line rebound.LineID, from string, at time.Time) (rebound.Explanation, error) {
	var x rebound.Explanation
	mine := e.store.Read().For(b)
	d, l, zone, err := e.explained(ctx, mine, b, line)
	if err != nil {
		return x, err
	}
	caller := phone.ParseCaller(from, d.business.Country)
	var c rebound.Contact
	if number := contactNumber(caller); number != "" {
		if c, err = mine.ContactByNumber(ctx, number); err != nil && !errors.Is(err, store.ErrNotFound) {
			return x, fmt.Errorf("contact: %w", err)
		}
	}
	now := at.IsZero()
	if now {
		at = e.now()
	}
	if x.Facts, err = routeFacts(ctx, mine, d, l, c, caller, at.In(zone), now); err != nil {
		return x, fmt.Errorf("who can ring: %w", err)
	}
	x.Plan = rebound.MakePlan(x.Facts)
	e.explainMiss(&x, d, at.In(zone))
	return x, nil
}

// explained returns what an explanation of a line's calls is made from.
func (e *Engine) explained(ctx context.Context, mine store.Tenant, b rebound.BusinessID, line rebound.LineID) (*declared, rebound.Line, *time.Location, error) {
	d, err := readDeclared(ctx, mine)
	if errors.Is(err, store.ErrNotFound) {
		return nil, rebound.Line{}, nil, rebound.Errorf(rebound.NotFound, "R3001", "there is no business %q", b)
	}
	if err != nil {
		return nil, rebound.Line{}, nil, fmt.Errorf("read what %s has declared: %w", b, err)
	}
	i := slices.IndexFunc(d.lines, func(l rebound.Line) bool { return l.ID == line })
	if i < 0 {
		return nil, rebound.Line{}, nil, rebound.Errorf(rebound.NotFound, "R3002", "business %s has no line %q", b, line)
	}
	zone, err := e.o.Zone(d.business.Zone)
	if err != nil {
		return nil, rebound.Line{}, nil, fmt.Errorf("zone of %s: %w", b, err)
	}
	return d, d.lines[i], zone, nil
}

// explainMiss adds what a text to the caller would be decided by, and the text.
func (e *Engine) explainMiss(x *rebound.Explanation, d *declared, at time.Time) {
	reason := x.Plan.Reason
	if reason == "" {
		reason = rebound.NoAnswer
	}
	c, rang := x.Facts.Contact, x.Plan.RingTime()
	x.Missed = rebound.TextBackFacts{
		Now: at, CallerKind: x.Facts.Caller.Kind, Consent: c.Consent, Reason: reason, MissedAt: at, Rang: rang,
		Quiet: rebound.Quiet(at), HumanAt: c.HumanAt, LineRegion: e.memory.number(x.Facts.Line.Number).region,
	}
	if n := x.Facts.Caller.Number; x.Facts.Caller.Kind == phone.KindNumber {
		whose(&x.Missed, e.memory.number(n), d.known[n], c)
	}
	x.Text = compose(&miss{
		call: &rebound.Call{Reason: reason}, business: d.business, policy: d.business.TextBack.WithDefaults(), line: x.Facts.Line, contact: &c,
	})
}
