package engine

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// meet returns the contact behind a caller, held for this transaction. A stranger has no row yet: addContact
// writes it, before anything that refers to it. A caller who hides is always one.
func (s *step) meet(b rebound.BusinessID, caller phone.Caller) (*rebound.Contact, error) {
	number := contactNumber(caller)
	if number != "" {
		c, err := s.tx.For(b).HoldContactByNumber(s.ctx, number)
		if err == nil {
			return &s.hold(c).now, nil
		}
		if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
	}
	h := s.hold(rebound.Contact{
		ID: rebound.ContactID(store.NewID(s.now)), Business: b, Number: number, Raw: caller.Raw, LastAt: s.now,
	})
	h.stranger = true
	return &h.now, nil
}

// meetNow is meet for a step that writes about the contact at once.
func (s *step) meetNow(b rebound.BusinessID, caller phone.Caller) (*rebound.Contact, error) {
	c, err := s.meet(b, caller)
	if err == nil && s.stranger(b, c.ID) {
		err = s.addContact(b, c.ID)
	}
	return c, err
}

// stranger reports whether the step has met the contact for the first time ever.
func (s *step) stranger(b rebound.BusinessID, id rebound.ContactID) bool {
	h, ok := s.held[place{b, id}]
	return ok && h.stranger
}

// addContact writes the row of a stranger.
func (s *step) addContact(b rebound.BusinessID, id rebound.ContactID) error {
	h := s.held[place{b, id}]
	h.read = h.now
	s.look(store.Contacts, h.now.DueAt())
	return s.tx.For(b).AddContact(s.ctx, h.now)
}

// contact returns a contact held for this transaction. What the step changes in it is saved at the
// step's end. Contacts are locked before recoveries and messages, calls before contacts.
func (s *step) contact(b rebound.BusinessID, id rebound.ContactID) (*rebound.Contact, error) {
	if h, ok := s.held[place{b, id}]; ok {
		return &h.now, nil
	}
	c, err := s.tx.For(b).HoldContact(s.ctx, id)
	if err != nil {
		return nil, fmt.Errorf("contact: %w", err)
	}
	return &s.hold(c).now, nil
}

// heldContact is a contact as it was read or last written, and as the step leaves it.
type heldContact struct {
	read, now rebound.Contact
	stranger  bool
}

func (s *step) hold(c rebound.Contact) *heldContact {
	h := &heldContact{read: c, now: c}
	s.held[place{c.Business, c.ID}] = h
	return h
}

func (s *step) saveContacts() error {
	for p, h := range s.held {
		if h.now == h.read {
			continue
		}
		if err := s.tx.For(p.business).SaveContact(s.ctx, h.now); err != nil {
			return err
		}
		s.look(store.Contacts, h.now.DueAt())
		s.changed(p.business, p.contact)
	}
	return nil
}

// liveRecovery returns the recovery that takes the contact's next step in, or ErrNotFound.
func (s *step) liveRecovery(c rebound.Contact) (rebound.Recovery, error) {
	return s.tx.For(c.Business).LiveRecovery(s.ctx, c.ID, s.now.Add(-rebound.RecoveryWindow))
}

// clockOf returns the clock that runs for a line's recoveries.
func (s *step) clockOf(b rebound.BusinessID, l rebound.LineID) (rebound.Clock, error) {
	d, err := s.declared(b)
	if err != nil {
		return rebound.Clock{}, err
	}
	zone, err := s.o.Zone(d.business.Zone)
	return d.clock(l, zone), err
}

// advance applies steps to a recovery that is there and saves it. A step that changes nothing is success.
func (s *step) advance(r rebound.Recovery, steps ...rebound.RecoveryInput) error {
	_, err := s.advanced(r, steps...)
	return err
}

// advanced is advance, and returns the recovery.
func (s *step) advanced(r rebound.Recovery, steps ...rebound.RecoveryInput) (rebound.Recovery, error) {
	next, err := s.apply(r, steps)
	if err != nil || next.Seq == r.Seq {
		return next, err
	}
	return next, s.tx.For(r.Business).SaveRecovery(s.ctx, next, s.now)
}

// opened applies steps to a new recovery, writes it and returns it.
func (s *step) opened(r rebound.Recovery, stranger bool, steps ...rebound.RecoveryInput) (rebound.Recovery, error) {
	next, err := s.apply(r, steps)
	if err != nil {
		return next, err
	}
	if !stranger {
		if err := s.tx.For(r.Business).StepBack(s.ctx, r.Contact); err != nil {
			return next, err
		}
	}
	return next, s.tx.For(r.Business).AddRecovery(s.ctx, next, s.now)
}

// apply runs the steps, writes the timeline's lines, and the alerts of those who are to be told.
func (s *step) apply(r rebound.Recovery, steps []rebound.RecoveryInput) (rebound.Recovery, error) {
	clock, err := s.clockOf(r.Business, r.Line)
	if err != nil {
		return r, err
	}
	for _, in := range steps {
		next, follows, err := r.Next(in, clock, s.now)
		if stale(err) {
			continue
		}
		if err != nil {
			return r, err
		}
		r = next
		for _, kind := range follows.Events {
			words, err := s.recoveryWords(kind, r, in, follows)
			if err != nil {
				return r, err
			}
			if err := s.say(rebound.Event{Business: r.Business, Contact: r.Contact, Recovery: r.ID, Kind: kind, Words: words}); err != nil {
				return r, err
			}
			if event := r.Tells(kind); event != "" {
				if err := s.announce(event, r.Business, r.Contact, &r, nil); err != nil {
					return r, err
				}
			}
		}
		if len(follows.Tell) > 0 { // who is alerted must find them in the list
			c, err := s.contact(r.Business, r.Contact)
			if err != nil {
				return r, err
			}
			*c = c.OffShelf()
		}
		if err := s.tell(r, clock.Policy, follows.Tell); err != nil {
			return r, err
		}
		s.note(slog.LevelInfo, "recovery", "business", r.Business, "recovery", r.ID, "step", in.Step, "state", r.State)
	}
	s.look(store.Recoveries, r.DueAt)
	s.changed(r.Business, r.Contact)
	return r, nil
}

// recoveryWords says one line of the timeline.
func (s *step) recoveryWords(kind rebound.EventKind, r rebound.Recovery, in rebound.RecoveryInput, follows rebound.Effects) (string, error) {
	d, err := s.declared(r.Business)
	if err != nil {
		return "", err
	}
	by := ""
	if in.By != "" {
		by = d.nameOf(in.By)
	}
	switch kind {
	case rebound.EventClockStarted:
		return "Clock started: " + map[rebound.WaitReason]string{
			rebound.WaitReply: "the customer replied", rebound.WaitVoicemail: "the customer left a voicemail",
			rebound.WaitNoText: "the customer can't be texted, so call back", rebound.WaitBadText: "the text did not arrive, so call back",
			rebound.WaitUnsure: "nobody can tell whether the text arrived, so call back", rebound.WaitAgain: "the customer called again",
		}[r.Why], nil
	case rebound.EventStepReached:
		return "Still waiting after " + rebound.Span(s.now.Sub(r.WaitSince)), nil
	case rebound.EventStepLate:
		return fmt.Sprintf("%d steps came too late and were passed over for the latest", len(follows.Late)), nil
	case rebound.EventUrgent:
		return "Urgent, so everyone on duty is told at once", nil
	case rebound.EventClaimed:
		return by + " took this", nil
	case rebound.EventAssigned:
		if by == "" {
			return "Back to the team", nil
		}
		return "Assigned to " + by, nil
	case rebound.EventHeld:
		return by + " is on it, so the next step waits " + rebound.Span(rebound.HoldFor), nil
	case rebound.EventStated:
		return "Contact made, as " + cmp.Or(by, "a member") + " says", nil
	case rebound.EventContactMade:
		if r.WaitSince.IsZero() {
			return "Contact made", nil
		}
		return "Contact made after " + rebound.Span(r.ContactAt.Sub(r.WaitSince)), nil
	case rebound.EventContactVoid:
		return "The text did not arrive, so the clock runs again", nil
	case rebound.EventOutcome:
		words := "Outcome: " + strings.ReplaceAll(string(r.Outcome), "_", " ")
		if r.Amount > 0 {
			words += fmt.Sprintf(", %d.%02d", r.Amount/100, r.Amount%100)
		}
		return words, nil
	}
	return string(kind), nil
}
