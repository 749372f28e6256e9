package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// Calls that Rebound makes. As with a text, the call is committed before its request may leave, and what became of
// a request whose end nobody saw is settled by the carrier's own list. Unlike a text it is never tried again by
// itself: who pressed the button sees that it failed, and one press never rings twice.

// CallBack is a member's wish to be connected with a customer.
type CallBack struct {
	Business rebound.BusinessID
	Contact  rebound.ContactID
	Member   rebound.MemberID
	Phone    phone.Number    // of the member's, rung in place of their first; empty: that one
	Alert    rebound.AlertID // that the call is; empty: a member pressed a button
	Key      string          // made by whoever asks; the same key is one call
}

// PhoneAlert is a call that tells a member who waits, and connects the two when a key is pressed.
type PhoneAlert struct {
	CallBack
	Said   string    // what the customer wrote last; may be empty
	Since  time.Time // they have waited since then
	Others int       // who wait beside them
}

// CallBack rings the member's phone and then the customer. A repeated key returns the call that it made the
// first time. The errors are those of rebound.CallBack, and R2300 no key, R2301 no such conversation, R2306 no such
// member, R2309 the carrier did not take the call, R2310 it could not be reached; after the last two nobody was rung.
func (e *Engine) CallBack(ctx context.Context, w CallBack) (rebound.Call, error) {
	return e.callOut(ctx, w, "call-back", backPlan)
}

// connect is CallBack for an alert of a member who asked for it by text.
func (e *Engine) connect(ctx context.Context, w CallBack) (rebound.Call, error) {
	return e.callOut(ctx, w, "alert", backPlan)
}

func backPlan(f rebound.CallBackFacts, _ time.Time) (rebound.Plan, error) { return rebound.CallBack(f) }

// AlertByPhone rings the member's phone, says who waits, and connects the two when a key is pressed: a voicemail
// presses none. The errors are CallBack's. Whether the member took the alert is told by the call (rebound.Call.Rung).
func (e *Engine) AlertByPhone(ctx context.Context, a PhoneAlert) (rebound.Call, error) {
	return e.callOut(ctx, a.CallBack, "alert", func(f rebound.CallBackFacts, now time.Time) (rebound.Plan, error) {
		return rebound.PhoneAlert(f, a.Said, now.Sub(a.Since), a.Others)
	})
}

type planner func(f rebound.CallBackFacts, now time.Time) (rebound.Plan, error)

func (e *Engine) callOut(ctx context.Context, w CallBack, kind string, plan planner) (rebound.Call, error) {
	if w.Key == "" || len(w.Key) > 100 {
		return rebound.Call{}, rebound.Errorf(rebound.Invalid, "R2300", "The page is out of date. Reload it and call again.")
	}
	var call rebound.Call
	var fresh bool
	id := callKeyed(kind, w)
	err := e.write(ctx, func(s *step) (err error) {
		// With the contact held a second press has waited for the first, and finds its call.
		if _, err := s.contact(w.Business, w.Contact); err != nil {
			if errors.Is(err, store.ErrNotFound) {
				err = rebound.Errorf(rebound.NotFound, "R2301", "There is no such conversation.")
			}
			return err
		}
		call, err = s.tx.For(w.Business).Call(s.ctx, id)
		fresh = errors.Is(err, store.ErrNotFound)
		if !fresh {
			return err
		}
		call, err = s.beginCallOut(w, id, plan)
		return err
	})
	if err == nil && fresh {
		call, err = e.dial(context.WithoutCancel(ctx), call)
	}
	if err != nil {
		return rebound.Call{}, fmt.Errorf("call out: %w", err)
	}
	return call, nil
}

// callKeyed returns the id of the one call that a key makes.
func callKeyed(kind string, w CallBack) rebound.CallID {
	sum := sha256.Sum256([]byte(kind + "/" + string(w.Contact) + "/" + w.Key))
	return rebound.CallID("out" + hex.EncodeToString(sum[:12]))
}

// beginCallOut writes a call whose request may be on the wire from the commit on.
func (s *step) beginCallOut(w CallBack, id rebound.CallID, plan planner) (rebound.Call, error) {
	contact, err := s.contact(w.Business, w.Contact)
	if err != nil {
		return rebound.Call{}, err
	}
	if err := s.tx.For(w.Business).HoldMember(s.ctx, w.Member); err != nil { // nor do two callers ring one member
		return rebound.Call{}, err
	}
	facts, err := s.callBackFacts(w, *contact)
	if err != nil {
		return rebound.Call{}, err
	}
	call := rebound.Call{
		ID: id, Business: w.Business, Line: facts.Line.ID, Connection: facts.Line.Connection, Contact: contact.ID,
		Direction: rebound.Outbound, From: string(facts.Line.Number), ArrivedAt: s.now,
	}
	if call.Plan, err = plan(facts, s.now); err != nil {
		return rebound.Call{}, err
	}
	call.Plan.Alert = w.Alert
	call.Judge(s.now)
	contact.Unread = contact.Unread && w.Alert != ""
	if err := s.showCall(call); err != nil {
		return rebound.Call{}, err
	}
	s.look(store.Calls, call.CheckAt)
	s.note(slog.LevelInfo, "calls out", "business", call.Business, "call", call.ID, "step", "call_back", "member", w.Member, "alert", w.Alert)
	return call, s.tx.For(call.Business).AddCall(s.ctx, call)
}

func (s *step) callBackFacts(w CallBack, c rebound.Contact) (rebound.CallBackFacts, error) {
	d, err := s.declared(w.Business)
	if err != nil {
		return rebound.CallBackFacts{}, err
	}
	member, ok := d.members[w.Member]
	if !ok {
		return rebound.CallBackFacts{}, rebound.Errorf(rebound.NotFound, "R2306", "Say who is calling: there is no such member.")
	}
	line, _, err := s.lineFor(c)
	if err != nil {
		return rebound.CallBackFacts{}, err
	}
	calls, err := s.tx.For(w.Business).Engaging(s.ctx)
	if err != nil {
		return rebound.CallBackFacts{}, err
	}
	f := rebound.CallBackFacts{Business: d.business, Line: line, Contact: c, Member: member, Phone: w.Phone}
	known := d.known[phone.Number(c.Number)]
	f.Blocked, f.OwnLine = known.Blocked || c.Blocked, known.OwnLine
	for _, call := range calls {
		f.Called = f.Called || call.Direction == rebound.Outbound && call.Engages() == w.Member
	}
	return f, nil
}

// dial makes the one request of a call and writes what became of it. What nobody saw the end of is left to the
// call's timer.
func (e *Engine) dial(ctx context.Context, call rebound.Call) (rebound.Call, error) {
	id, failure := e.askToDial(ctx, call)
	ev := rebound.CallEvent{Kind: rebound.CallPlaced, LegID: id}
	if failure != nil {
		e.log.Warn("call not accepted", "business", call.Business, "call", call.ID, "step", "call_back",
			"outcome", failure.Outcome, "class", failure.Class, "code", failure.Code, "status", failure.Status, "err", failure.Err)
		if failure.Outcome == carrier.InDoubt {
			return call, nil
		}
		ev = rebound.CallEvent{Kind: rebound.LegEnded, Status: rebound.EndFailed, Code: failure.Code}
	}
	err := e.write(ctx, func(s *step) (err error) {
		if call, err = s.tx.For(call.Business).HoldCall(s.ctx, call.ID); err != nil {
			return err
		}
		before := call
		if err := call.Apply(ev, s.now); err != nil {
			return nil // a report was faster
		}
		return s.callMoved(&call, before, false)
	})
	switch {
	case err != nil:
		return call, fmt.Errorf("write what became of the request: %w", err)
	case failure == nil:
		return call, nil
	case failure.Outcome == carrier.NotSent:
		return call, rebound.Errorf(rebound.Unavailable, "R2310", "The carrier could not be reached, so nobody was rung. Try again in a moment.")
	}
	return call, rebound.Errorf(rebound.Unavailable, "R2309", "The carrier did not take the call: %s Call from your own phone.", carrierSaid(failure))
}

// carrierSaid is a refusal in the carrier's words.
func carrierSaid(f *carrier.SendError) string {
	words := f.Message
	if words == "" {
		words = "it gave no reason"
	}
	if f.Code != "" {
		words += " (" + f.Code + ")"
	}
	return words + "."
}

func (e *Engine) askToDial(ctx context.Context, call rebound.Call) (string, *carrier.SendError) {
	c, err := e.o.Carrier(ctx, call.Connection)
	if err != nil {
		return "", &carrier.SendError{Outcome: carrier.Refused, Class: carrier.ConfigAlarm, Message: err.Error(), Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	place := carrier.Place{Connection: call.Connection, Business: call.Business, Call: call.ID}
	screen, progress := place, place
	screen.Kind, progress.Kind = carrier.AtScreen, carrier.AtLeg
	first := call.Plan.Steps[0]
	id, err := c.Dial(ctx, carrier.Outgoing{
		From: first.CallerID, To: address(first.Targets[0].Destination), RingFor: first.For,
		Screen: e.o.Link(screen), Progress: e.o.Link(progress),
	})
	if err == nil {
		return id, nil
	}
	var known *carrier.SendError
	if !errors.As(err, &known) {
		known = &carrier.SendError{Outcome: carrier.InDoubt, Err: err}
	}
	return "", known
}

func address(d rebound.Destination) string {
	if d.Address != "" {
		return d.Address
	}
	return string(d.Number)
}

// askAboutOurs returns what the carrier knows of a call that we made, as events, or when to ask again; zero: when
// the call itself says.
func (e *Engine) askAboutOurs(ctx context.Context, call rebound.Call) ([]rebound.CallEvent, time.Time) {
	now := e.now()
	never := []rebound.CallEvent{{Kind: rebound.LegEnded, Status: rebound.EndFailed}}
	if call.CarrierID == "" {
		switch id, err := e.unnamed(ctx, call); {
		case err != nil && now.Sub(call.ArrivedAt) < logPatience:
			e.log.Warn("the carrier's list cannot be asked", "business", call.Business, "call", call.ID, "step", "watch", "err", err)
			return nil, now.Add(15 * time.Second)
		case err == nil && id != "":
			return []rebound.CallEvent{{Kind: rebound.CallPlaced, LegID: id}}, time.Time{}
		case err != nil, now.Sub(call.ArrivedAt) >= rebound.ListedBy:
			return never, time.Time{}
		}
		return nil, time.Time{}
	}
	logged, err := e.logged(ctx, call)
	switch {
	case errors.Is(err, carrier.ErrUnknown), err != nil && now.Sub(call.ArrivedAt) > call.Plan.Longest()+logPatience:
		return oursOver(call, carrier.LoggedCall{Status: rebound.EndFailed}), time.Time{}
	case err != nil:
		e.log.Warn("the carrier's log cannot be asked", "business", call.Business, "call", call.ID, "step", "watch", "err", err)
		return nil, now.Add(time.Minute)
	case logged.Status == "":
		return nil, now.Add(time.Minute)
	}
	return oursOver(call, logged), time.Time{}
}

// oursOver reads the log of a call of ours that is over. It ends the customer's step in any case: nothing more will
// be told of it.
func oursOver(call rebound.Call, logged carrier.LoggedCall) []rebound.CallEvent {
	events := logEvents(call, logged)
	over := rebound.CallEvent{Kind: rebound.RingEnded, Step: rebound.CustomerStep, Status: rebound.EndFailed, At: events[len(events)-1].At}
	for _, l := range logged.Legs {
		over.Status, over.LegID, over.Talk = l.Status, l.ID, l.Talk
	}
	if len(logged.Legs) > 0 || call.KeyPressed() {
		events = append(events, over)
	}
	return events
}

// unnamed finds the call in the carrier's list, whose id it has not told; empty: it is not there.
func (e *Engine) unnamed(ctx context.Context, call rebound.Call) (string, error) {
	c, err := e.o.Carrier(ctx, call.Connection)
	if err != nil {
		return "", fmt.Errorf("carrier client: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	first := call.Plan.Steps[0]
	listed, err := c.Dialled(ctx, first.CallerID, address(first.Targets[0].Destination), call.ArrivedAt.Add(-time.Minute)) // for clocks that disagree
	if err != nil {
		return "", err
	}
	for _, l := range listed {
		told, err := e.store.Read().For(call.Business).CallTold(ctx, call.Connection, l.ID)
		if err != nil || !told {
			return l.ID, err
		}
	}
	return "", nil
}
