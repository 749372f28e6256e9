package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rebound"
	"rebound/internal/store"
)

// Picked is conversations that a member has picked from the list, to do one thing with all of them.
type Picked struct {
	Business rebound.BusinessID
	Contacts []rebound.ContactID // at most rebound.MostAtOnce
	By       rebound.MemberID
}

// Refused is a picked conversation that was left as it was, and why.
type Refused struct {
	Contact rebound.ContactID
	Err     error
}

// Snooze puts conversations off until an instant; zero: until they write or call. No clock stops. R3200: see
// rebound.Contact.Snooze. Other errors as for all that is done with Picked: R2103: no such member. R3202: none or too many
// are picked. What is refused one by one is returned: R2004: there is no such conversation.
func (e *Engine) Snooze(ctx context.Context, p Picked, until time.Time) ([]Refused, error) {
	return e.each(ctx, "snooze", p, func(s *step, c *rebound.Contact, by rebound.Member) error {
		next, err := c.Snooze(until, s.now)
		if err != nil || next == *c {
			return err
		}
		words, err := s.snoozeWords(next, by)
		*c = next
		return errors.Join(err, s.shelved(*c, words))
	})
}

func (s *step) snoozeWords(c rebound.Contact, by rebound.Member) (string, error) {
	words := by.Name + " snoozed this until they write or call"
	if !c.ShelfUntil.IsZero() {
		d, err := s.declared(c.Business)
		if err != nil {
			return "", err
		}
		zone, err := s.o.Zone(d.business.Zone)
		if err != nil {
			return "", err
		}
		words = by.Name + " snoozed this until " + c.ShelfUntil.In(zone).Format("Jan 2, 3:04 PM")
	}
	r, err := s.liveRecovery(c)
	if err == nil && r.State == rebound.RecoveryWaiting {
		words += "; the clock runs on"
	}
	return words, ignoreMissing(err)
}

// File puts conversations among those that are done. Whom nobody has reached needs an outcome, which is theirs then; empty:
// none is said. Refused: R3201: there is no outcome, and nobody has reached them; R2203: there is no such outcome. Other
// errors as Snooze.
func (e *Engine) File(ctx context.Context, p Picked, o rebound.Outcome) ([]Refused, error) {
	if o != "" {
		if err := rebound.CheckOutcome(o, 0); err != nil {
			return nil, err
		}
	}
	return e.each(ctx, "done", p, func(s *step, c *rebound.Contact, by rebound.Member) error {
		r, err := s.tx.For(c.Business).LatestRecovery(s.ctx, c.ID)
		if ignoreMissing(err) != nil {
			return err
		}
		if _, err := c.File(r); err != nil && o == "" {
			return err
		} else if err != nil {
			if r, err = s.advanced(r, rebound.RecoveryInput{Step: rebound.StepOutcome, At: s.now, Outcome: o, By: by.ID}); err != nil {
				return err
			}
		}
		next, err := c.File(r)
		if err != nil || next == *c {
			return err
		}
		*c = next
		return s.shelved(*c, by.Name+" marked this done")
	})
}

// TakeBack puts conversations among the open ones again. Errors as Snooze.
func (e *Engine) TakeBack(ctx context.Context, p Picked) ([]Refused, error) {
	return e.each(ctx, "take back", p, func(s *step, c *rebound.Contact, by rebound.Member) error {
		if c.Shelf == rebound.InHand {
			return nil
		}
		*c = c.OffShelf()
		return s.shelved(*c, by.Name+" took this back")
	})
}

// ReadAll marks conversations as read, which stops no clock. Errors as Snooze.
func (e *Engine) ReadAll(ctx context.Context, p Picked) ([]Refused, error) {
	return e.each(ctx, "mark as read", p, func(_ *step, c *rebound.Contact, _ rebound.Member) error {
		c.Unread = false
		return nil
	})
}

// AssignAll gives conversations to a member, or back to the team where to is empty, as Assign does. R2103: no such member.
// Refused: R3203: nothing is open with them. Other errors as Snooze.
func (e *Engine) AssignAll(ctx context.Context, p Picked, to rebound.MemberID) ([]Refused, error) {
	return e.each(ctx, "assign", p, func(s *step, c *rebound.Contact, by rebound.Member) error {
		d, err := s.declared(c.Business)
		if err != nil {
			return err
		}
		if _, known := d.members[to]; to != "" && !known {
			return noMember(to)
		}
		before, err := s.liveRecovery(*c)
		if errors.Is(err, store.ErrNotFound) {
			return rebound.Errorf(rebound.Conflict, "R3203", "Nothing is open with this customer, so there is nothing to assign.")
		}
		if err != nil {
			return err
		}
		after, err := s.advanced(before, rebound.RecoveryInput{Step: rebound.StepAssigned, At: s.now, By: to})
		if err != nil {
			return err
		}
		return s.given(before, after, to, by.ID)
	})
}

// shelved says in the timeline where a conversation was put.
func (s *step) shelved(c rebound.Contact, words string) error {
	return s.say(rebound.Event{Business: c.Business, Contact: c.ID, Kind: rebound.EventShelf, Words: words})
}

// each does one thing with each of the picked conversations, in one step. An error for people concerns one of them, and is
// returned with it: fn must not have changed anything then. Any other undoes all.
func (e *Engine) each(ctx context.Context, what string, p Picked, fn func(*step, *rebound.Contact, rebound.Member) error) ([]Refused, error) {
	ids := slices.Clone(p.Contacts)
	slices.Sort(ids) // who holds several rows takes them in one order
	ids = slices.Compact(ids)
	if len(ids) == 0 || len(ids) > rebound.MostAtOnce {
		return nil, rebound.Errorf(rebound.Invalid, "R3202", "Pick between 1 and %d conversations.", rebound.MostAtOnce)
	}
	var refused []Refused
	err := e.write(ctx, func(s *step) error {
		refused = nil
		d, err := s.declared(p.Business)
		if err != nil {
			return err
		}
		by, known := d.members[p.By]
		if !known {
			return noMember(p.By)
		}
		for _, id := range ids {
			c, err := s.conversation(p.Business, id)
			if err == nil {
				err = fn(s, c, by)
			}
			var told *rebound.Error
			if errors.As(err, &told) {
				refused = append(refused, Refused{id, told})
			} else if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return refused, nil
}
