package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/store"
)

// callDue looks at a call of which a report may have been lost. A bare "completed" whose grace is
// over is judged as it stands; for everything else the carrier's own log is asked.
func (e *Engine) callDue(ctx context.Context, claim store.Claim) error {
	call, err := e.store.Read().For(claim.Business).Call(ctx, rebound.CallID(claim.ID))
	if err != nil {
		return err
	}
	var events []rebound.CallEvent
	var again time.Time
	if call.Ended == "" {
		events, again = e.askLog(ctx, call)
	}
	return e.write(ctx, func(s *step) error {
		mine, err := s.tx.For(claim.Business).Leased(s.ctx, store.Calls, claim)
		if err != nil || !mine {
			return err
		}
		call, err := s.tx.For(claim.Business).HoldCall(s.ctx, call.ID)
		if err != nil {
			return err
		}
		before := call
		for _, ev := range events {
			if err := call.Apply(ev, s.now); err != nil && !stale(err) {
				return err
			}
		}
		call.Judge(s.now)
		if !again.IsZero() {
			call.CheckAt = again
		}
		return s.callMoved(&call, before)
	})
}

// logPatience is how long the carrier's log may be silent about a call before the call counts as
// over: better a text too many than a caller forgotten.
const logPatience = 15 * time.Minute

// askLog returns what the carrier's log says as events, or when to ask again.
func (e *Engine) askLog(ctx context.Context, call rebound.Call) ([]rebound.CallEvent, time.Time) {
	now := e.now()
	logged, err := e.logged(ctx, call)
	over := rebound.CallEvent{Kind: rebound.CallEnded, Status: rebound.EndCompleted, CallerGone: true}
	switch {
	case errors.Is(err, carrier.ErrUnknown):
		return []rebound.CallEvent{over}, time.Time{}
	case err != nil:
		e.log.Warn("the carrier's log cannot be asked", "business", call.Business, "call", call.ID, "step", "watch", "err", err)
		if call.State == rebound.CallRinging && now.After(call.ArrivedAt.Add(call.Plan.Longest()+logPatience)) {
			return []rebound.CallEvent{over}, time.Time{}
		}
		return nil, now.Add(time.Minute)
	case logged.Status == "":
		return nil, now.Add(time.Minute)
	}
	over.Status = logged.Status
	return append(legEvents(call, logged), over), time.Time{}
}

func (e *Engine) logged(ctx context.Context, call rebound.Call) (carrier.LoggedCall, error) {
	c, err := e.o.Carrier(ctx, call.Connection)
	if err != nil {
		return carrier.LoggedCall{}, fmt.Errorf("carrier client: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	return c.Call(ctx, call.CarrierID)
}

// legEvents reads the log's legs: one that was completed to a destination that needs no key was a
// person.
func legEvents(call rebound.Call, logged carrier.LoggedCall) []rebound.CallEvent {
	var events []rebound.CallEvent
	for step, st := range call.Plan.Steps {
		for n, t := range st.Targets {
			for _, leg := range logged.Legs {
				if leg.Status == "" || leg.To != string(t.Destination.Number) && leg.To != t.Destination.Address {
					continue
				}
				ev := rebound.CallEvent{Step: step, Target: n, LegID: leg.ID, Status: leg.Status}
				if leg.Status == rebound.EndCompleted {
					ev.Kind = rebound.LegAnswered
					events = append(events, ev)
				}
				ev.Kind = rebound.LegEnded
				events = append(events, ev)
			}
		}
	}
	return events
}
