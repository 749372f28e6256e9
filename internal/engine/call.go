package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// HandleCall takes in one report about a call and returns what the carrier is to do next. It is
// committed when it returns without an error; on an error nothing of it is kept, and the carrier
// has to be told so, for its own fallback to run. A report that tells nothing new gets the answer
// that it got the first time.
func (e *Engine) HandleCall(ctx context.Context, ev rebound.CallEvent) (rebound.Instruction, error) {
	if n := phone.Number(ev.From); n != "" {
		e.memory.number(n)
	}
	var in rebound.Instruction
	err := e.write(ctx, func(s *step) error {
		s.happened(ev.At)
		call, fresh, err := s.findCall(ev)
		if err != nil {
			return err
		}
		before := call
		news := call.Apply(ev, s.now)
		if news != nil && !fresh {
			in = call.Answer(ev)
			return nil
		}
		call.Judge(s.now)
		if err := s.keepRaw(ev.Connection, string(ev.Kind), cmp.Or(ev.CarrierID, ev.LegID), ev.Token, ev.Raw); err != nil {
			return err
		}
		in = call.Answer(ev)
		if in.Kind == rebound.DoRing && in.Step.Turn != "" {
			if err := s.tx.For(call.Business).GiveTurn(s.ctx, in.Step.Turn); err != nil {
				return fmt.Errorf("turn of team %s: %w", in.Step.Turn, err)
			}
		}
		return s.callMoved(&call, before, fresh)
	})
	if err != nil {
		return rebound.Instruction{}, fmt.Errorf("call %s: %w", ev.Kind, err)
	}
	return in, nil
}

func (s *step) keepRaw(c rebound.ConnectionID, kind, id, token string, body []byte) error {
	if len(body) == 0 {
		return nil
	}
	return s.tx.AddCarrierEvent(s.ctx, store.CarrierEvent{
		ID: store.NewID(s.now), Connection: c, Kind: kind, CarrierID: id, Token: token, ReceivedAt: s.now, Body: body,
	})
}

// findCall returns the call that the event is about, held for this transaction, or begins it:
// whichever report comes first does. A fresh one is written by callMoved; where another report was faster to do
// so, the step begins anew and finds it.
func (s *step) findCall(ev rebound.CallEvent) (rebound.Call, bool, error) {
	var call rebound.Call
	err := store.ErrNotFound
	if ev.Call != "" {
		call, err = s.tx.For(ev.Business).HoldCall(s.ctx, ev.Call)
	} else if ev.CarrierID != "" {
		call, err = s.tx.CallByCarrier(s.ctx, ev.Connection, ev.CarrierID)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return call, false, err
	}
	if ev.Call != "" {
		return call, false, rebound.Errorf(rebound.NotFound, "R1201", "this call is not known here")
	}
	call, err = s.beginCall(ev)
	return call, true, err
}

// beginCall makes a call, with the plan that it will go through. Where its end is the first that is told, it
// arrived no later than it was answered.
func (s *step) beginCall(ev rebound.CallEvent) (rebound.Call, error) {
	line, err := s.lineCalled(ev.Connection, ev.To)
	if err != nil {
		return rebound.Call{}, err
	}
	business, err := s.businessOf(line.Business)
	if err != nil {
		return rebound.Call{}, fmt.Errorf("business of line %s: %w", line.ID, err)
	}
	caller := phone.ParseCaller(ev.From, business.Country)
	contact, err := s.meet(line.Business, caller)
	if err != nil {
		return rebound.Call{}, err
	}
	plan, err := s.plan(business, line, *contact, caller, ev)
	if err != nil {
		return rebound.Call{}, err
	}
	return rebound.Call{
		ID: rebound.CallID(store.NewID(s.now)), Business: line.Business, Line: line.ID, Connection: ev.Connection,
		Contact: contact.ID, Direction: rebound.Inbound, CarrierID: ev.CarrierID, From: caller.Raw, Plan: plan, State: rebound.CallRinging, ArrivedAt: s.at.Add(-ev.Talk),
		Unheard: ev.Kind == rebound.CallEnded,
	}, nil
}

func (s *step) lineCalled(c rebound.ConnectionID, to string) (rebound.Line, error) {
	number, err := phone.Parse(to, "")
	if err != nil {
		return rebound.Line{}, rebound.Errorf(rebound.Invalid, "R1202", "the called number %q is not a phone number in international form", shorten(to, 40))
	}
	line, err := s.lineByNumber(c, number)
	if errors.Is(err, store.ErrNotFound) {
		return line, rebound.Errorf(rebound.NotFound, "R1203", "no line of this connection has the number called; add it to business.yaml and apply it, or point the number elsewhere")
	}
	return line, err
}

// contactNumber is what a contact is known by: a phone number, or the short code that a service
// writes from; nothing for a caller who hides.
func contactNumber(c phone.Caller) string {
	if c.Kind == phone.KindShortCode {
		return strings.TrimPrefix(c.Raw, "+")
	}
	return string(c.Number)
}

// callMoved does what follows from new evidence about a call and saves it; fresh: it has no row yet.
func (s *step) callMoved(call *rebound.Call, before rebound.Call, fresh bool) error {
	s.changed(call.Business, call.Contact)
	var err error
	if fresh {
		if err = s.introduce(*call); err == nil {
			err = s.routeAlarm(*call)
		}
	}
	if err != nil {
		return err
	}
	switch call.State {
	case rebound.CallMissed:
		if before.State != rebound.CallMissed {
			err = s.missed(call)
		}
		if err == nil {
			err = s.missMoved(call, before)
		}
	case rebound.CallAnswered:
		err = s.answered(call, before)
	case rebound.CallUnanswered:
		if before.State == rebound.CallAnswered {
			err = s.leftWithout(call) // it seemed to have reached the caller, and a text stayed here for it
		}
	}
	if err == nil && call.Plan.Alert != "" {
		err = s.alertRang(*call)
	}
	if err != nil {
		return err
	}
	if call.State != before.State || call.Voicemail != before.Voicemail || before.EndedAt.IsZero() && before.State == rebound.CallRinging {
		if err := s.showCall(*call); err != nil {
			return err
		}
	}
	s.look(store.Calls, call.CheckAt)
	if fresh {
		return s.tx.For(call.Business).AddCall(s.ctx, *call)
	}
	if call.CarrierID != before.CarrierID {
		if err := s.tx.For(call.Business).NameCall(s.ctx, call.ID, call.CarrierID); err != nil {
			return err
		}
	}
	return s.tx.For(call.Business).SaveCall(s.ctx, *call)
}

// introduce writes the contact of somebody who was never heard of before, as the call leaves it: what follows
// refers to it, and it is written once.
func (s *step) introduce(call rebound.Call) error {
	if !s.stranger(call.Business, call.Contact) {
		return nil
	}
	if err := s.showCall(call); err != nil {
		return err
	}
	return s.addContact(call.Business, call.Contact)
}

// showCall puts the call into the list of conversations.
func (s *step) showCall(call rebound.Call) error {
	contact, err := s.contact(call.Business, call.Contact)
	if err != nil {
		return err
	}
	contact.Unread = contact.Unread || call.State == rebound.CallMissed
	if call.Plan.Alert != "" && call.State != rebound.CallAnswered {
		return nil // the team's affair
	}
	if contact.LastKind != "" && s.at.Before(contact.LastAt) {
		return nil // learned of late: something else was last
	}
	if call.Direction != rebound.Outbound {
		*contact = contact.OffShelf()
	}
	contact.LastAt, contact.LastKind, contact.Last = s.at, "call", ""
	switch {
	case call.Voicemail:
		contact.LastKind = "voicemail"
	case call.Direction == rebound.Outbound:
		contact.LastKind = "call_out"
	}
	return nil
}

// answered does what follows when a human took the call: a text that has not left stays here, and
// once the talk is over it is either proof of contact or too short to be one.
func (s *step) answered(call *rebound.Call, before rebound.Call) error {
	over := call.Talk > 0 || call.Ended != ""
	wasOver := before.Talk > 0 || before.Ended != ""
	if before.State == rebound.CallAnswered && (!over || before.ProvesContact() || wasOver && call.Talk == before.Talk) {
		return nil
	}
	contact, err := s.contact(call.Business, call.Contact)
	if err != nil {
		return err
	}
	contact.HumanAt = later(contact.HumanAt, s.at)
	recovery, err := s.liveRecovery(*contact)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.cancelPlanned(recovery, rebound.AnsweredSince); err != nil || !over {
		return err
	}
	if call.ProvesContact() {
		return s.advance(recovery, rebound.RecoveryInput{Step: rebound.StepContact, At: s.at})
	}
	return s.leftWithout(call)
}

// leftWithout makes a caller wait whom a call kept from the text-back and did not reach: else nobody would
// ever look again.
func (s *step) leftWithout(call *rebound.Call) error {
	contact, err := s.contact(call.Business, call.Contact)
	if err != nil {
		return err
	}
	recovery, err := s.liveRecovery(*contact)
	if err != nil || recovery.State != rebound.RecoveryOpen {
		return ignoreMissing(err)
	}
	texted, err := s.tx.For(call.Business).TextedBack(s.ctx, recovery.ID, contact.ID)
	if err != nil || texted {
		return err
	}
	step := rebound.StepCalledAgain
	if call.Direction == rebound.Outbound {
		step = rebound.StepNoText
	}
	return s.advance(recovery, rebound.RecoveryInput{Step: step, At: s.at})
}

// shorten cuts what a stranger sent, for an error message.
func shorten(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}
