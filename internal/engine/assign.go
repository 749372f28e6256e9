package engine

import (
	"context"
	"errors"
	"fmt"

	"rebound"
	"rebound/internal/store"
)

// Claim gives a recovery to the member who takes it. The first to do so has it; the same member again changes
// nothing. R2201: it is closed. R2202: somebody else has it. R2205: no such member. R2206: no such recovery.
func (e *Engine) Claim(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error {
	return e.act(ctx, b, r, rebound.RecoveryInput{Step: rebound.StepClaimed, By: by}, true)
}

// Assign gives a recovery to a member, or back to the team where to is empty. Whoever gets it from somebody else
// is told. Errors as Claim.
func (e *Engine) Assign(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, to, by rebound.MemberID) error {
	in := rebound.RecoveryInput{Step: rebound.StepAssigned, By: to}
	return e.acted(ctx, b, r, in, to != "", func(s *step, before, after rebound.Recovery) error {
		return s.given(before, after, to, by)
	})
}

// given tells the member who got a recovery that waits from somebody else.
func (s *step) given(before, after rebound.Recovery, to, by rebound.MemberID) error {
	d, err := s.declared(after.Business)
	if err != nil || to == "" || to == by || before.Assignee == to || after.State != rebound.RecoveryWaiting {
		return err
	}
	return s.alert(after, d.members[to], rebound.AlertGiven, nil)
}

// Hold is a member's "I'm on it": no step for rebound.HoldFor, once for each member while a recovery waits. A second
// time, or where it does not wait, it changes nothing. Errors as Claim.
func (e *Engine) Hold(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error {
	return e.act(ctx, b, r, rebound.RecoveryInput{Step: rebound.StepHeld, By: by}, true)
}

// StateContact records that a member says they reached the caller outside of Rebound. The clock stops; it is
// shown as stated, not as proven. Errors as Claim.
func (e *Engine) StateContact(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error {
	return e.act(ctx, b, r, rebound.RecoveryInput{Step: rebound.StepStated, By: by}, true)
}

// SetOutcome ends a recovery, or corrects how it ended. The amount is whole cents. By may be empty. R2203, R2204: see
// rebound.CheckOutcome. Other errors as Claim.
func (e *Engine) SetOutcome(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, o rebound.Outcome, amount int64, by rebound.MemberID) error {
	if err := rebound.CheckOutcome(o, amount); err != nil {
		return err
	}
	return e.act(ctx, b, r, rebound.RecoveryInput{Step: rebound.StepOutcome, Outcome: o, Amount: amount, By: by}, by != "")
}

// OverruleCloser says that a text taken for a closing word was none: the clock starts anew from it. R2206: there is no
// such text, or it belongs to no recovery.
func (e *Engine) OverruleCloser(ctx context.Context, b rebound.BusinessID, m rebound.MessageID) error {
	msg, err := e.store.Read().For(b).Message(ctx, m)
	if errors.Is(err, store.ErrNotFound) || err == nil && msg.Recovery == "" {
		return noRecovery()
	}
	if err != nil {
		return fmt.Errorf("overrule a closing word: %w", err)
	}
	return e.acted(ctx, b, msg.Recovery, rebound.RecoveryInput{Step: rebound.StepNotCloser, At: msg.CreatedAt}, false, nil)
}

func noRecovery() error {
	return rebound.Errorf(rebound.NotFound, "R2206", "There is no such request. Go back to the inbox.")
}

func (e *Engine) act(ctx context.Context, b rebound.BusinessID, id rebound.RecoveryID, in rebound.RecoveryInput, named bool) error {
	return e.acted(ctx, b, id, in, named, nil)
}

// acted applies what a member does to a recovery, and then what follows from it. named: in.By must be a member.
func (e *Engine) acted(ctx context.Context, b rebound.BusinessID, id rebound.RecoveryID, in rebound.RecoveryInput, named bool,
	then func(s *step, before, after rebound.Recovery) error) error {
	read, err := e.store.Read().For(b).Recovery(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return noRecovery()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", in.Step, err)
	}
	err = e.write(ctx, func(s *step) error {
		d, err := s.declared(b)
		if err != nil {
			return err
		}
		if _, known := d.members[in.By]; named && !known {
			return rebound.Errorf(rebound.NotFound, "R2205", "There is no member %q.", shorten(string(in.By), 40))
		}
		before, after, err := s.actOn(read, in)
		if err != nil || then == nil {
			return err
		}
		return then(s, before, after)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", in.Step, err)
	}
	return nil
}

// actOn applies one step to a recovery that was read before, held now.
func (s *step) actOn(read rebound.Recovery, in rebound.RecoveryInput) (before, after rebound.Recovery, err error) {
	if _, err = s.contact(read.Business, read.Contact); err != nil {
		return before, after, err
	}
	if before, err = s.tx.For(read.Business).Recovery(s.ctx, read.ID); err != nil {
		return before, after, err
	}
	if in.At.IsZero() {
		in.At = s.now
	}
	after, err = s.advanced(before, in)
	return before, after, err
}
