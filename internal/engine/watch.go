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

// callDue looks at a call of which a report may have been lost. One whose grace is over is judged as
// it stands; for every other the carrier's own log is asked.
func (e *Engine) callDue(ctx context.Context, claim store.Claim) error {
	call, err := e.store.Read().For(claim.Business).Call(ctx, rebound.CallID(claim.ID))
	if err != nil {
		return err
	}
	var events []rebound.CallEvent
	var again time.Time
	judged := call
	judged.Judge(e.now())
	switch {
	case call.Direction == rebound.Outbound:
		events, again = e.askAboutOurs(ctx, call)
	case call.Ended == "" && judged.State == call.State:
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
		return s.callMoved(&call, before, false)
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
	return logEvents(call, logged), time.Time{}
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

// logEvents reads the log of a call that is over. Its times are taken by how long after the call's
// beginning they were, because clocks differ.
func logEvents(call rebound.Call, logged carrier.LoggedCall) []rebound.CallEvent {
	at := func(t time.Time) time.Time {
		if t.IsZero() || logged.Began.IsZero() {
			return time.Time{}
		}
		return call.ArrivedAt.Add(t.Sub(logged.Began))
	}
	events := legEvents(call, logged)
	for i := range events {
		events[i].At = at(logged.Ended) // the log does not tell the legs' own
	}
	if logged.Recording.ID != "" {
		events = append(events, rebound.CallEvent{Kind: rebound.VoicemailLeft, Recording: logged.Recording, At: at(logged.RecordedAt)})
	}
	return append(events, rebound.CallEvent{Kind: rebound.CallEnded, Status: logged.Status, CallerGone: true, At: at(logged.Ended)})
}

// legEvents reads the log's legs. One that was completed ended its ring step; to a destination that
// needs no key it was a person.
func legEvents(call rebound.Call, logged carrier.LoggedCall) []rebound.CallEvent {
	var events []rebound.CallEvent
	rung := map[rebound.Leg]bool{}
	for _, l := range call.Legs {
		if l.CarrierID != "" {
			rung[rebound.Leg{Step: l.Step, Target: l.Target}] = true
		}
	}
	for _, leg := range logged.Legs {
		at, ok := whichLeg(call, leg, rung)
		if leg.Status == "" || !ok {
			continue
		}
		ev := rebound.CallEvent{Step: at.Step, Target: at.Target, LegID: leg.ID, Status: leg.Status, Talk: leg.Talk}
		kinds := []rebound.CallEventKind{rebound.LegEnded}
		if leg.Status == rebound.EndCompleted {
			kinds = []rebound.CallEventKind{rebound.LegAnswered, rebound.RingEnded, rebound.LegEnded}
		}
		for _, ev.Kind = range kinds {
			events = append(events, ev)
		}
	}
	return events
}

// whichLeg finds the leg of the plan that the log tells of: by the carrier's id if a report told it, else the
// first to that destination that is not taken yet.
func whichLeg(call rebound.Call, leg carrier.LoggedLeg, taken map[rebound.Leg]bool) (rebound.Leg, bool) {
	for _, l := range call.Legs {
		if l.CarrierID == leg.ID {
			return l, true
		}
	}
	for step, st := range call.Plan.Steps {
		for n, t := range st.Targets {
			at := rebound.Leg{Step: step, Target: n}
			if !taken[at] && (leg.To == string(t.Destination.Number) || leg.To == t.Destination.Address) {
				taken[at] = true
				return at, true
			}
		}
	}
	return rebound.Leg{}, false
}
