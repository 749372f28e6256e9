package engine

import (
	"context"
	"errors"
	"fmt"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// An alert by phone is a call that we make: the alert is sent while it rings, and moved on by what the call comes to.
// The call's own timer and the carrier's list settle it where reports are lost.

// phoneAlert returns the call that an alert's attempt makes. Its key is the attempt's, so that one attempt rings once.
func (s *step) phoneAlert(a rebound.Alert, waiters []rebound.Waiter) (PhoneAlert, error) {
	p := PhoneAlert{CallBack: phoneAttempt(a), Others: max(len(waiters)-1, 0)}
	if a.Reason == rebound.AlertConnect {
		return p, nil
	}
	r, err := s.tx.For(a.Business).Recovery(s.ctx, a.Recovery)
	if err != nil {
		return p, err
	}
	c, err := s.tx.For(a.Business).Contact(s.ctx, a.Contact)
	if err != nil {
		return p, err
	}
	p.Said, p.Since = waiter(r, c, s.now).Said, r.WaitSince
	return p, nil
}

func phoneAttempt(a rebound.Alert) CallBack {
	return CallBack{
		Business: a.Business, Contact: a.Contact, Member: a.Member, Phone: phone.Number(a.Through().Address), Alert: a.ID,
		Key: fmt.Sprintf("%s/%d/%d", a.ID, a.Way, a.Attempt),
	}
}

// ring makes the call of an alert's attempt.
func (e *Engine) ring(ctx context.Context, out *notice) (end rebound.AlertEnd, callID, trouble string) {
	var call rebound.Call
	var err error
	if out.alert.Reason == rebound.AlertConnect {
		call, err = e.connect(ctx, out.call.CallBack)
	} else {
		call, err = e.AlertByPhone(ctx, out.call)
	}
	var known *rebound.Error
	switch {
	case err == nil:
		return "", string(call.ID), ""
	case errors.As(err, &known) && known.Kind == rebound.Unavailable:
		return rebound.AlertNotSent, "", known.Message
	case errors.As(err, &known):
		return rebound.AlertRefused, "", known.Message
	}
	return rebound.AlertInDoubt, "", shorten(err.Error(), longestTrouble)
}

// alertRang takes in what a call that alerts has come to.
func (s *step) alertRang(call rebound.Call) error {
	end, trouble, over := call.Rung()
	if !over {
		return nil
	}
	a, err := s.tx.For(call.Business).HoldAlert(s.ctx, call.Plan.Alert)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	under := a.State == rebound.AlertSending || a.State == rebound.AlertSent
	if err != nil || !under || a.Through().Channel != rebound.ByCall || callKeyed("alert", phoneAttempt(a)) != call.ID {
		return err // the alert has gone on
	}
	if end != "" {
		return s.alertNotTaken(a, end, trouble)
	}
	return s.alertTaken(a, rebound.AlertDelivered, string(call.ID))
}
