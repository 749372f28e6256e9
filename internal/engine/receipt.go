package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"rebound"
	"rebound/internal/store"
)

// HandleReceipt takes in a carrier's report on a text. Reports only move a text forward; one for an
// attempt whose answer never came is the acceptance.
func (e *Engine) HandleReceipt(ctx context.Context, r rebound.Receipt) error {
	msg, err := e.store.Read().For(r.Business).Message(ctx, r.Message)
	if errors.Is(err, store.ErrNotFound) {
		if err := e.alertReceipt(ctx, r); err != nil && !stale(err) {
			return fmt.Errorf("receipt: %w", err)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	err = e.write(ctx, func(s *step) error {
		if ends(r.State) || msg.Class == rebound.ClassHuman { // a recovery follows: its contact is held first
			if _, err := s.contact(r.Business, msg.Contact); err != nil {
				return err
			}
		}
		held, err := s.tx.For(r.Business).HoldMessage(s.ctx, r.Message)
		if err != nil {
			return err
		}
		return s.receipt(held, r)
	})
	if err != nil && !stale(err) {
		return fmt.Errorf("receipt: %w", err)
	}
	return nil
}

func ends(state rebound.MessageState) bool {
	return state == rebound.Undelivered || state == rebound.FailedText
}

func (s *step) receipt(msg rebound.Message, r rebound.Receipt) error {
	if msg.CarrierID != r.CarrierID {
		unsettled := msg.State == rebound.Sending || msg.State == rebound.Unknown || msg.State == rebound.Unconfirmed
		if msg.CarrierID != "" || !unsettled {
			return rebound.ErrStale // about an earlier attempt
		}
		taken, err := s.tx.For(msg.Business).CarrierIDKnown(s.ctx, msg, r.CarrierID)
		if err != nil {
			return err
		}
		if taken {
			return rebound.ErrStale
		}
		if err := s.keepRaw(r.Connection, "receipt", r.CarrierID, "", r.Raw); err != nil {
			return err
		}
		if err := s.tx.For(msg.Business).EndAttempt(s.ctx, msg, "accepted", r.CarrierID, s.now); err != nil {
			return err
		}
		return s.adopt(msg, r.CarrierID, r.State, r.Code)
	}
	if !msg.State.Before(r.State) {
		return rebound.ErrStale
	}
	if err := s.keepRaw(r.Connection, "receipt", r.CarrierID, "", r.Raw); err != nil {
		return err
	}
	return s.progress(msg, r.State, r.Code)
}

// progress moves a text forward to a state that the carrier reports.
func (s *step) progress(msg rebound.Message, state rebound.MessageState, code string) error {
	s.changed(msg.Business, msg.Contact)
	if !ends(state) {
		msg.State = state
		if state == rebound.Delivered {
			msg.DoneAt = s.now
		}
		return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
	}
	return s.refused(msg, state, "", code, "")
}

// optOut takes an opt-out over from the carrier's error code: the person told the carrier.
func (s *step) optOut(msg rebound.Message, code string) error {
	c, err := s.contact(msg.Business, msg.Contact)
	if err != nil || c.Consent == rebound.ConsentOptedOut {
		return err
	}
	c.Consent, c.ConsentAt, c.SettleAt = rebound.ConsentOptedOut, s.now, time.Time{}
	c.ConsentHow = "the carrier refused a text (" + code + ")"
	return s.say(rebound.Event{
		Business: msg.Business, Contact: msg.Contact, Recovery: msg.Recovery, Message: msg.ID,
		Kind: rebound.EventConsent, Words: "Opted out of texts: " + c.ConsentHow,
	})
}

// reached does what follows when a text typed by a human was taken by the carrier: it is proof of
// contact, until the carrier says that it was not delivered.
func (s *step) reached(msg rebound.Message) error {
	if msg.Recovery == "" {
		return nil
	}
	recovery, err := s.tx.For(msg.Business).Recovery(s.ctx, msg.Recovery)
	if err != nil {
		return err
	}
	return s.advance(recovery, rebound.RecoveryInput{Step: rebound.StepContact, At: s.now})
}

// otherProof returns when a human reached the caller otherwise than by a text that failed: by a talk since the recovery
// was opened, or by another text; zero: not at all.
func (s *step) otherProof(r rebound.Recovery, failed rebound.Message) (time.Time, error) {
	mine := s.tx.For(r.Business)
	calls, err := mine.CallsWith(s.ctx, r.Contact, r.OpenedAt)
	if err != nil {
		return time.Time{}, err
	}
	for _, c := range calls {
		if c.ProvesContact() {
			return cmp.Or(c.EndedAt, c.ArrivedAt), nil
		}
	}
	return mine.Reached(s.ctx, r.ID, r.Contact, failed.ID)
}

// unreached does what follows when a text typed by a human did not arrive. Where it was the proof of
// contact, and no other text is, the clock runs on as if it had never stopped; where it kept the
// text-back from leaving, the caller has nothing and somebody has to call.
func (s *step) unreached(msg rebound.Message) error {
	if msg.Class != rebound.ClassHuman || msg.Recovery == "" {
		return nil
	}
	mine := s.tx.For(msg.Business)
	recovery, err := mine.Recovery(s.ctx, msg.Recovery)
	if err != nil {
		return err
	}
	var steps []rebound.RecoveryInput
	if recovery.ContactAt.Equal(msg.SentAt) {
		other, err := s.otherProof(recovery, msg)
		if err != nil {
			return err
		}
		steps = append(steps, rebound.RecoveryInput{Step: rebound.StepContactVoid, At: s.now, Other: other})
		if !other.IsZero() {
			return s.advance(recovery, steps...)
		}
	}
	texted, err := mine.TextedBack(s.ctx, recovery.ID, msg.Contact)
	if err != nil {
		return err
	}
	if !texted {
		steps = append(steps, rebound.RecoveryInput{Step: rebound.StepTextFailed, At: msg.CreatedAt})
	}
	return s.advance(recovery, steps...)
}
