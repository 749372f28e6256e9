package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/store"
)

// A call or text of which no request ever came (we were down, the number pointed elsewhere, the network
// lost it) shows nowhere but in the carrier's own log. So that log is read, for each line, at every start
// and every few minutes, and what nobody told of goes through the same steps as if it had been told, with
// the time at which it happened: what is still fresh then gets its text, and the rest is a task for a person.

const (
	// logLag is how long a carrier's log may take to show what has happened; there is no promise.
	logLag = 10 * time.Minute
	// mostGoingOn is longer than any call lasts: what the log shows as going on since then is its error.
	mostGoingOn = 24 * time.Hour
	// firstRetry is how long after a look that failed the next one is; it doubles up to the usual time.
	firstRetry = 15 * time.Second
)

// lookNow makes every line's logs be looked at, because nobody was there to be told.
func (e *Engine) lookNow(ctx context.Context) error {
	if e.o.Catchup < 0 {
		return nil
	}
	return e.store.Write(ctx, func(tx *store.Tx) error { return tx.LookNow(ctx, e.now()) })
}

// lookDue reads the logs of one line. What could not be read stays to be read: a look begins where the
// last one that succeeded ended.
func (e *Engine) lookDue(ctx context.Context, claim store.Claim) error {
	mine := e.store.Read().For(claim.Business)
	look, err := mine.Look(ctx, rebound.LineID(claim.ID))
	if errors.Is(err, store.ErrNotFound) { // the line is out of use
		return e.write(ctx, func(s *step) error { return s.tx.For(claim.Business).Rest(s.ctx, store.Looks, claim) })
	}
	if err != nil {
		return ifRunning(ctx, err)
	}
	asked := e.now()
	within, cancel := context.WithTimeout(ctx, e.lanes.looks.lease*2/3)
	until, err := e.catchUp(within, look, asked)
	cancel()
	if ctx.Err() != nil {
		return nil // the engine ends; the lease is freed at the next start, or by another node
	}
	due := asked.Add(e.o.Catchup)
	if err == nil {
		look.SeenUntil, look.Fails = until, 0
	} else {
		due = e.now().Add(min(firstRetry<<min(look.Fails, 8), e.o.Catchup))
		look.Fails++
		e.log.Warn("the carrier's log of a line cannot be read; who called or wrote meanwhile may be unknown", "business", claim.Business,
			"line", claim.ID, "step", "catch up", "since", look.SeenUntil, "fails", look.Fails, "again", due, "err", err)
	}
	return ifRunning(ctx, e.write(ctx, func(s *step) error {
		s.look(store.Looks, due)
		return s.tx.For(claim.Business).SaveLook(s.ctx, claim, look, due)
	}))
}

// ifRunning forgets an error that comes from the engine's end alone.
func ifRunning(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// catchUp takes in what a line's logs have and nobody told of, and returns until when that is now all. One
// entry that fails does not keep the others.
func (e *Engine) catchUp(ctx context.Context, look store.Look, asked time.Time) (time.Time, error) {
	line, until := look.Line, asked
	client, err := e.o.Carrier(ctx, line.Connection)
	if err != nil {
		return until, fmt.Errorf("carrier client: %w", err)
	}
	log, err := client.Since(ctx, line.Number, later(look.Since, look.SeenUntil.Add(-logLag)))
	if err != nil {
		return until, err
	}
	var failed failures
	for _, entry := range log.Texts { // before the calls: who has written since needs no text-back
		failed.add(e.learnText(ctx, client, line, entry))
	}
	for _, entry := range log.Calls {
		goesOn, err := e.learnCall(ctx, client, line, entry)
		failed.add(err)
		if goesOn && entry.At.Before(until) && asked.Sub(entry.At) < mostGoingOn {
			until = entry.At // to be seen again
		}
	}
	return until, failed.err()
}

// failures counts errors and keeps the first.
type failures struct {
	first error
	n     int
}

func (f *failures) add(err error) {
	if err == nil {
		return
	}
	if f.n++; f.first == nil {
		f.first = err
	}
}

func (f *failures) err() error {
	if f.n > 1 {
		return fmt.Errorf("%d entries, the first: %w", f.n, f.first)
	}
	return f.first
}

// learnText takes in a text of the log, unless it was told of.
func (e *Engine) learnText(ctx context.Context, client carrier.Carrier, line rebound.Line, entry carrier.Entry) error {
	_, err := e.store.Read().For(line.Business).MessageByOnce(ctx, inboundKey(line.Connection, entry.ID))
	if !errors.Is(err, store.ErrNotFound) { // it was told of, or nobody knows
		return err
	}
	ev, err := client.Text(ctx, entry.ID)
	if err != nil {
		return vanished(err)
	}
	ev.Connection, ev.CarrierID, ev.To, ev.At = line.Connection, entry.ID, string(line.Number), entry.At
	err = e.HandleText(ctx, ev)
	switch {
	case rebound.ErrorKind(err) == rebound.Invalid: // it would have been refused then, too
		e.log.Warn("a text in the carrier's log is not taken", "business", line.Business, "line", line.ID, "step", "catch up", "err", err)
		return nil
	case err == nil:
		e.log.Info("text learned of late", "business", line.Business, "line", line.ID, "step", "catch up", "late", e.now().Sub(entry.At))
	}
	return err
}

// learnCall takes in a call of the log, unless it was told of or still goes on.
func (e *Engine) learnCall(ctx context.Context, client carrier.Carrier, line rebound.Line, entry carrier.Entry) (goesOn bool, err error) {
	told, err := e.store.Read().For(line.Business).CallTold(ctx, line.Connection, entry.ID)
	if err != nil || told {
		return false, err
	}
	logged, err := client.Call(ctx, entry.ID)
	if err != nil {
		return false, vanished(err)
	}
	if logged.Status == "" {
		return true, nil
	}
	return false, e.write(ctx, func(s *step) error { return s.callLearned(line, entry, logged) })
}

// vanished forgets that the carrier does not know what it has just listed: somebody erased it there.
func vanished(err error) error {
	if errors.Is(err, carrier.ErrUnknown) {
		return nil
	}
	return err
}

// callLearned makes the row of a call that is over, unless its end was told, and judges it by what the
// log tells.
func (s *step) callLearned(line rebound.Line, entry carrier.Entry, logged carrier.LoggedCall) error {
	s.happened(entry.At)
	arrived := rebound.CallEvent{
		Kind: rebound.CallArrived, Connection: line.Connection, CarrierID: entry.ID, From: logged.From, To: string(line.Number),
	}
	call, fresh, err := s.findCall(arrived)
	if err != nil || !fresh && !call.Unheard { // told of meanwhile
		return err
	}
	before := call
	s.happened(later(logged.Ended, entry.At))
	for _, ev := range slices.Concat([]rebound.CallEvent{arrived}, neverRang(call, logged), logEvents(call, logged)) {
		if err := call.Apply(ev, s.now); err != nil && !stale(err) {
			return err
		}
	}
	call.Judge(s.now)
	s.note(slog.LevelInfo, "call learned of late", "business", call.Business, "call", call.ID, "step", "catch up", "late", s.now.Sub(s.at), "state", call.State)
	return s.callMoved(&call, before, fresh)
}

// neverRang says that the call's plan failed: it never reached the carrier. A caller who hung up before
// anything was answered is left to be judged as one who did.
func neverRang(call rebound.Call, logged carrier.LoggedCall) []rebound.CallEvent {
	if logged.Status == rebound.EndNoAnswer || logged.Status == rebound.EndCanceled || len(legEvents(call, logged)) > 0 {
		return nil
	}
	var events []rebound.CallEvent
	for step, st := range call.Plan.Steps {
		if st.Kind != rebound.RingStep {
			continue
		}
		events = append(events, rebound.CallEvent{Kind: rebound.RingEnded, Step: step, Status: rebound.EndFailed, At: call.ArrivedAt})
	}
	return events
}
