package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// The send protocol (docs/architecture.md, "Sending"). No carrier offers an idempotent send, so an
// attempt is committed before its request may leave, and whatever is not known for certain
// afterwards is settled by the carrier's own list.

// mostAttempts bounds how often one text may be tried when earlier requests left no trace. The text is stale
// before it is reached; three were too few for a server that dies every second.
const mostAttempts = 5

// outgoing is a text that may leave: its attempt is in the same transaction.
type outgoing struct {
	business rebound.BusinessID
	contact  rebound.ContactID
	message  rebound.MessageID
	attempt  int
	class    rebound.MessageClass
	conn     rebound.ConnectionID
	text     carrier.Text
}

// addText writes a new text. One that is due leaves right after the commit, if a sender is free;
// else the lane takes it when it is due.
func (s *step) addText(msg rebound.Message) error {
	s.changed(msg.Business, msg.Contact)
	if !msg.DueAt.After(s.now) && s.lanes.messages.reserve() {
		out := s.begin(&msg)
		s.handed = append(s.handed, out)
		return s.tx.For(msg.Business).AddMessage(s.ctx, msg, s.store.Node())
	}
	return s.planText(msg)
}

// planText writes a new text that the lane takes when it is due.
func (s *step) planText(msg rebound.Message) error {
	msg.State = rebound.Planned
	s.changed(msg.Business, msg.Contact)
	s.look(store.Messages, msg.DueAt)
	return s.tx.For(msg.Business).AddMessage(s.ctx, msg, "")
}

// begin turns a text into one whose request may be on the wire from the commit on, leased to this
// node for longer than the carrier's client waits.
func (s *step) begin(msg *rebound.Message) outgoing {
	msg.State, msg.BegunAt, msg.DueAt = rebound.Sending, s.now, s.now.Add(s.o.Lease)
	msg.Attempt, msg.Checks, msg.Empty, msg.Trouble, msg.Code = msg.Attempt+1, 0, 0, "", ""
	return outgoing{
		business: msg.Business, contact: msg.Contact, message: msg.ID, attempt: msg.Attempt, class: msg.Class, conn: msg.Connection,
		text: carrier.Text{
			From: msg.From, To: msg.To, Body: msg.Body,
			Receipt:  s.o.Link(carrier.Place{Kind: carrier.AtReceipt, Connection: msg.Connection, Business: msg.Business, Message: msg.ID}),
			ValidFor: max(msg.StaleAt.Sub(s.now), time.Minute),
		},
	}
}

// textDue looks at a text that the lane has claimed.
func (e *Engine) textDue(ctx context.Context, claim store.Claim, done func()) error {
	msg, err := e.store.Read().For(claim.Business).Message(ctx, rebound.MessageID(claim.ID))
	if err != nil {
		return err
	}
	switch msg.State {
	case rebound.Planned:
		return e.sendPlanned(ctx, claim, msg, done)
	case rebound.Sending, rebound.Unknown:
		return e.settle(ctx, claim, msg)
	}
	return e.write(ctx, func(s *step) error { // it came to its end in another way
		return s.tx.For(claim.Business).Rest(s.ctx, store.Messages, claim)
	})
}

// sendPlanned checks once more whether a planned text may still go, begins its attempt, and sends it
// after the commit.
func (e *Engine) sendPlanned(ctx context.Context, claim store.Claim, planned rebound.Message, done func()) error {
	kind, err := e.lookUp(ctx, planned)
	if err != nil {
		return err
	}
	var out outgoing
	go_ := false
	err = e.write(ctx, func(s *step) error {
		go_ = false
		c, err := s.contact(claim.Business, planned.Contact)
		if err != nil {
			return err
		}
		if kind != "" {
			c.LineType = kind
		}
		mine := s.tx.For(claim.Business)
		msg, err := mine.HoldMessage(s.ctx, rebound.MessageID(claim.ID))
		if err != nil {
			return err
		}
		if msg.State != rebound.Planned || !msg.DueAt.After(s.now) {
			return nil // another step was here, or the lease has run out
		}
		why, err := s.mayStillGo(msg, *c, claim.Due)
		if err != nil {
			return err
		}
		if why != "" && msg.Class == rebound.ClassHuman {
			return s.dropHuman(msg, c, why)
		}
		if why != "" {
			return s.dropText(msg, why)
		}
		if msg.Class == rebound.ClassHuman {
			if err := s.onTime(&msg, c); err != nil {
				return err
			}
		}
		if msg.Class == rebound.ClassTextBack {
			if err := s.recompose(&msg, c); err != nil {
				return err
			}
		}
		out, go_ = s.begin(&msg), true
		return mine.SaveMessage(s.ctx, msg, s.store.Node())
	})
	if err == nil && go_ {
		e.deliver(ctx, out, done)
	}
	return err
}

// mayStillGo returns why a planned text may no longer leave, or "".
func (s *step) mayStillGo(msg rebound.Message, c rebound.Contact, due time.Time) (rebound.TextBackReason, error) {
	if s.now.After(msg.StaleAt) {
		return rebound.Stale, nil
	}
	if msg.Class == rebound.ClassConsent {
		return "", nil
	}
	if c.Consent == rebound.ConsentOptedOut {
		return rebound.OptedOut, nil
	}
	if msg.Class != rebound.ClassTextBack {
		return "", nil
	}
	switch {
	case c.Consent == rebound.ConsentInDoubt:
		return rebound.OptOutLikely, nil
	case c.LineType == phone.Landline:
		return rebound.Landline, nil
	case c.HumanAt.After(msg.CreatedAt):
		return rebound.AnsweredSince, nil
	}
	if s.now.Sub(due) <= rebound.LateAfter {
		return "", nil
	}
	business, err := s.businessOf(msg.Business)
	if err != nil {
		return "", err
	}
	zone, err := s.o.Zone(business.Zone)
	if err == nil && rebound.Quiet(s.now.In(zone)) {
		return rebound.Stale, nil
	}
	return "", err
}

// dropText cancels a text that may no longer leave. Where that leaves a caller without an answer, a
// person has to give it.
func (s *step) dropText(msg rebound.Message, why rebound.TextBackReason) error {
	if err := s.cancel(msg, why); err != nil || msg.Recovery == "" {
		return err
	}
	recovery, err := s.tx.For(msg.Business).Recovery(s.ctx, msg.Recovery)
	if err != nil || recovery.State != rebound.RecoveryOpen {
		return err
	}
	since, err := s.missedAt(msg)
	if err != nil {
		return err
	}
	return s.advance(recovery, rebound.RecoveryInput{Step: rebound.StepNoText, At: since})
}

// missedAt is when the caller of a text-back's call could no longer be answered, also where a late report
// has made it an answered one.
func (s *step) missedAt(msg rebound.Message) (time.Time, error) {
	call, err := s.tx.For(msg.Business).Call(s.ctx, msg.Call)
	return cmp.Or(call.MissedAt, msg.CreatedAt), err
}

// recompose writes the text anew, because more may be known now: a voicemail, a name.
func (s *step) recompose(msg *rebound.Message, c *rebound.Contact) error {
	call, err := s.tx.For(msg.Business).Call(s.ctx, msg.Call)
	if err != nil {
		return err
	}
	business, err := s.businessOf(msg.Business)
	if err != nil {
		return err
	}
	line, err := s.lineOf(msg.Business, msg.Line)
	if err != nil {
		return err
	}
	msg.Body = compose(&miss{call: &call, business: business, policy: business.TextBack.WithDefaults(), line: line, contact: c})
	msg.Segments = sms.Segments(msg.Body).Segments
	return nil
}

// deliver makes the one request of an attempt and writes what became of it. It runs on a sender's
// goroutine, and is done with the carrier before it writes; whatever it cannot write down, the lease's end
// brings up again.
func (e *Engine) deliver(ctx context.Context, out outgoing, done func()) {
	accepted, sendErr := e.send(ctx, out)
	done()
	ctx = context.WithoutCancel(ctx) // what is known now must be written, also while shutting down
	err := e.write(ctx, func(s *step) error { return s.sent(out, accepted, sendErr) })
	if err != nil {
		e.log.Error("a text's fate could not be written; the carrier's list will settle it",
			"business", out.business, "message", out.message, "step", "sent", "err", err)
	}
}

func (e *Engine) send(ctx context.Context, out outgoing) (carrier.Accepted, *carrier.SendError) {
	c, err := e.o.Carrier(ctx, out.conn)
	if err != nil {
		return carrier.Accepted{}, &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.ConfigAlarm, Message: err.Error(), Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	accepted, err := c.Send(ctx, out.text)
	if err == nil {
		return accepted, nil
	}
	var known *carrier.SendError
	if !errors.As(err, &known) {
		known = &carrier.SendError{Outcome: carrier.InDoubt, Err: err}
	}
	return accepted, known
}

// sent writes what became of an attempt.
func (s *step) sent(out outgoing, accepted carrier.Accepted, failure *carrier.SendError) error {
	if failure != nil || out.class == rebound.ClassHuman { // a recovery follows
		if _, err := s.contact(out.business, out.contact); err != nil {
			return err
		}
	}
	if failure != nil {
		return s.notAccepted(out, failure)
	}
	mine := s.tx.For(out.business)
	taken, err := mine.AcceptMessage(s.ctx, out.message, out.attempt, accepted.ID, s.now)
	if err != nil {
		return err
	}
	if !taken { // a receipt was faster, or the list settled it when the lease was over; that it was this id is kept
		late := rebound.Message{ID: out.message, Attempt: out.attempt, BegunAt: s.now}
		return mine.EndAttempt(s.ctx, late, "accepted", accepted.ID, s.now)
	}
	s.changed(out.business, out.contact)
	s.note(slog.LevelInfo, "text accepted", "business", out.business, "message", out.message, "step", "sent", "class", out.class)
	if out.class != rebound.ClassHuman && (accepted.State == "" || accepted.State == rebound.Queued) {
		return nil
	}
	msg, err := mine.Message(s.ctx, out.message)
	if err != nil {
		return err
	}
	return s.adopted(msg, accepted.State, "")
}

func (s *step) notAccepted(out outgoing, failure *carrier.SendError) error {
	mine := s.tx.For(out.business)
	msg, err := mine.HoldMessage(s.ctx, out.message)
	if err != nil {
		return err
	}
	if msg.Attempt != out.attempt || msg.State != rebound.Sending && msg.State != rebound.Unknown {
		return nil // settled meanwhile, as an accepted one may be
	}
	if err := mine.EndAttempt(s.ctx, msg, string(failure.Outcome), failure.Error(), s.now); err != nil {
		return err
	}
	s.note(slog.LevelWarn, "text not accepted", "business", msg.Business, "recovery", msg.Recovery, "message", msg.ID, "step", "sent",
		"outcome", failure.Outcome, "class", failure.Class, "code", failure.Code, "status", failure.Status)
	switch failure.Outcome {
	case carrier.InDoubt:
		return s.doubt(msg)
	case carrier.NotSent:
		return s.repeat(msg, failure)
	}
	return s.refused(msg, rebound.FailedText, failure.Class, failure.Code, failure.Message)
}

// adopt records that the carrier has the text, under its id.
func (s *step) adopt(msg rebound.Message, carrierID string, state rebound.MessageState, code string) error {
	msg.CarrierID, msg.State, msg.Trouble, msg.Code, msg.SentAt, msg.DueAt = carrierID, rebound.Queued, "", "", s.now, time.Time{}
	if err := s.tx.For(msg.Business).SaveMessage(s.ctx, msg, ""); err != nil {
		return err
	}
	s.changed(msg.Business, msg.Contact)
	s.note(slog.LevelInfo, "text found at the carrier", "business", msg.Business, "recovery", msg.Recovery, "message", msg.ID, "step", "sent", "class", msg.Class)
	return s.adopted(msg, state, code)
}

// adopted does what follows when the carrier has a text.
func (s *step) adopted(msg rebound.Message, state rebound.MessageState, code string) error {
	if msg.Class == rebound.ClassHuman {
		if err := s.reached(msg); err != nil {
			return err
		}
	}
	if state == "" || state == rebound.Queued {
		return nil
	}
	return s.progress(msg, state, code)
}

// repeat plans the next attempt of a text that never reached the carrier, as soon as the carrier wants
// it, if the text is still of use by then.
func (s *step) repeat(msg rebound.Message, failure *carrier.SendError) error {
	if failure.Class == carrier.ConfigAlarm || failure.Class == carrier.Hold {
		if err := s.alarm(msg, failure.Code, failure.Message); err != nil {
			return err
		}
	}
	wait := max(failure.RetryAfter, backoff(msg.Attempt))
	if s.now.Add(wait).After(msg.StaleAt) {
		return s.failed(msg, rebound.FailedText, failure.Code, "")
	}
	return s.again(msg, wait, "The carrier could not take the text yet. It goes out again shortly.", failure.Code)
}

// again makes a text planned once more.
func (s *step) again(msg rebound.Message, wait time.Duration, words, code string) error {
	if msg.CarrierID != "" { // reports on it may still come
		if err := s.tx.For(msg.Business).EndAttempt(s.ctx, msg, "refused", msg.CarrierID, s.now); err != nil {
			return err
		}
	}
	msg.State, msg.CarrierID, msg.DueAt = rebound.Planned, "", s.now.Add(wait)
	msg.Trouble, msg.Code = words, code
	s.changed(msg.Business, msg.Contact)
	s.look(store.Messages, msg.DueAt)
	return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
}

// backoff grows from a second to a minute, with jitter so that many texts do not come back at once.
func backoff(attempt int) time.Duration {
	d := min(time.Second<<min(attempt, 6), time.Minute)
	return d/2 + rand.N(d/2)
}

// refused does what follows from a carrier's no, to a request or on the way to the handset, by its
// class (CARRIERS.md 2.c, error table). state is how the text ends where it is not tried again.
func (s *step) refused(msg rebound.Message, state rebound.MessageState, class carrier.Class, code, detail string) error {
	remedy := s.o.Explain(msg.Connection, code)
	if class == "" {
		class = remedy.Class
	}
	switch class {
	case carrier.OptedOut:
		if err := s.optOut(msg, code); err != nil {
			return err
		}
	case carrier.Permanent:
		if err := s.learn(msg, remedy); err != nil {
			return err
		}
	case carrier.ConfigAlarm, carrier.OurBug, carrier.Filtered, carrier.Hold:
		if err := s.alarm(msg, code, detail); err != nil {
			return err
		}
	}
	if wait := waitAfter(class, msg.Attempt); wait > 0 && s.now.Add(wait).Before(msg.StaleAt) {
		if err := s.unreached(msg); err != nil {
			return err
		}
		return s.again(msg, wait, remedy.Words, code)
	}
	return s.failed(msg, state, code, remedy.Words)
}

// waitAfter returns how long a text that was refused waits for its next attempt; zero: there is none.
func waitAfter(class carrier.Class, attempt int) time.Duration {
	switch {
	case class == carrier.Repeat:
		return backoff(attempt)
	case class == carrier.Hold:
		return time.Minute
	case class == carrier.RepeatOnce && attempt < 2:
		return 2 * time.Minute
	}
	return 0
}

// failed ends a text that did not and will not arrive. The caller is then a call-back task: the clock
// runs from the missed call on, or from the text that a member wrote.
func (s *step) failed(msg rebound.Message, state rebound.MessageState, code, words string) error {
	if words == "" {
		words = "The carrier did not take the text. Call instead."
	}
	msg.State, msg.Code, msg.Trouble, msg.DoneAt, msg.DueAt = state, code, words, s.now, time.Time{}
	s.changed(msg.Business, msg.Contact)
	mine := s.tx.For(msg.Business)
	if err := mine.SaveMessage(s.ctx, msg, ""); err != nil || msg.Recovery == "" {
		return err
	}
	if msg.Class != rebound.ClassTextBack {
		return s.unreached(msg)
	}
	recovery, err := mine.Recovery(s.ctx, msg.Recovery)
	if err != nil {
		return err
	}
	since, err := s.missedAt(msg)
	if err != nil {
		return err
	}
	in := rebound.RecoveryInput{Step: rebound.StepTextFailed, At: since}
	if state == rebound.Unconfirmed {
		in.Step = rebound.StepTextUnsure
	}
	return s.advance(recovery, in)
}

// alarm says loudly, once for each text, that somebody has to mend the business's account, number or quota.
func (s *step) alarm(msg rebound.Message, code, detail string) error {
	s.note(slog.LevelError, "the carrier refuses texts; mend the account or the number", "business", msg.Business,
		"connection", msg.Connection, "step", "alarm", "code", code, "detail", detail)
	said, err := s.tx.For(msg.Business).Said(s.ctx, msg.Contact, msg.ID, rebound.EventConfigAlarm)
	if err != nil || said {
		return err
	}
	words := "Texts cannot be sent: " + detail
	if code != "" {
		words = fmt.Sprintf("%s (%s)", s.o.Explain(msg.Connection, code).Words, code)
	}
	return s.say(rebound.Event{
		Business: msg.Business, Contact: msg.Contact, Recovery: msg.Recovery, Message: msg.ID,
		Kind: rebound.EventConfigAlarm, Words: words,
	})
}
