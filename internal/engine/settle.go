package engine

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/store"
)

// An attempt whose end nobody saw is settled by the carrier's own list of texts.

// looks are the ages of an attempt at which the list is asked.
var looks = [...]time.Duration{5 * time.Second, 35 * time.Second, 90 * time.Second}

// listCertain is the age from which an empty list counts: before, the list may lag behind.
const listCertain = 35 * time.Second

// doubt marks a text as unknown and plans the first look at the list.
func (s *step) doubt(msg rebound.Message) error {
	msg.State, msg.DueAt = rebound.Unknown, later(msg.BegunAt.Add(looks[0]), s.now)
	msg.Trouble = "The carrier gave no clear answer. Its own list is being asked."
	s.changed(msg.Business, msg.Contact)
	s.look(store.Messages, msg.DueAt)
	return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
}

// settle asks the carrier's list about a text whose attempt ended unseen.
func (e *Engine) settle(ctx context.Context, claim store.Claim, msg rebound.Message) error {
	if early := msg.BegunAt.Add(looks[0]); e.now().Before(early) {
		return e.write(ctx, func(s *step) error { // a crash right after the request: give the list its time
			held, err := s.heldUnsettled(claim, msg.Contact)
			if held == nil || err != nil {
				return err
			}
			return s.doubt(*held)
		})
	}
	asked := e.now()
	listed, listErr := e.askList(ctx, msg)
	return e.write(ctx, func(s *step) error {
		held, err := s.heldUnsettled(claim, msg.Contact)
		if held == nil || err != nil {
			return err
		}
		if listErr != nil {
			return s.listSilent(*held, listErr)
		}
		for _, l := range listed {
			taken, err := s.tx.For(held.Business).CarrierIDKnown(s.ctx, *held, l.ID)
			if err != nil {
				return err
			}
			if sameText(l.Body, held.Body) && !taken {
				if err := s.tx.For(held.Business).EndAttempt(s.ctx, *held, "found", l.ID, s.now); err != nil {
					return err
				}
				return s.adopt(*held, l.ID, l.State, l.Code)
			}
		}
		return s.listEmpty(*held, asked)
	})
}

func (e *Engine) askList(ctx context.Context, msg rebound.Message) ([]carrier.Listed, error) {
	c, err := e.o.Carrier(ctx, msg.Connection)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	return c.Texts(ctx, msg.From, msg.To, msg.BegunAt.Add(-time.Minute)) // a minute for clocks that disagree
}

// heldUnsettled returns the text, held, if it still is what the claim was about; nil otherwise.
func (s *step) heldUnsettled(claim store.Claim, contact rebound.ContactID) (*rebound.Message, error) {
	if _, err := s.contact(claim.Business, contact); err != nil {
		return nil, err
	}
	msg, err := s.tx.For(claim.Business).HoldMessage(s.ctx, rebound.MessageID(claim.ID))
	if err != nil || msg.State != rebound.Sending && msg.State != rebound.Unknown {
		return nil, err
	}
	mine, err := s.tx.For(claim.Business).Leased(s.ctx, store.Messages, claim)
	if err != nil || !mine {
		return nil, err
	}
	return &msg, nil
}

// listEmpty counts a look that found nothing. Two of them, both late enough, prove that the carrier
// never took the text: it may be tried again.
func (s *step) listEmpty(msg rebound.Message, asked time.Time) error {
	msg.State = rebound.Unknown
	msg.Checks++
	if asked.Sub(msg.BegunAt) >= listCertain {
		msg.Empty++
	}
	if msg.Empty < 2 {
		next := msg.BegunAt.Add(looks[min(msg.Checks, len(looks)-1)])
		msg.DueAt = later(next, s.now.Add(listCertain-looks[0]))
		if next.After(s.now) {
			msg.DueAt = next
		}
		s.look(store.Messages, msg.DueAt)
		return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
	}
	if err := s.tx.For(msg.Business).EndAttempt(s.ctx, msg, "lost", "the carrier's list does not have it", s.now); err != nil {
		return err
	}
	if msg.Attempt >= mostAttempts || s.now.After(msg.StaleAt) {
		return s.unconfirmed(msg)
	}
	return s.again(msg, 0, "The carrier never got the text. It goes out again.", "")
}

// listSilent waits while the list cannot be asked, until the text is stale: then only a person can
// tell.
func (s *step) listSilent(msg rebound.Message, cause error) error {
	s.note(slog.LevelWarn, "the carrier's list cannot be asked", "business", msg.Business, "message", msg.ID, "step", "settle", "err", cause)
	if s.now.After(msg.StaleAt) {
		return s.unconfirmed(msg)
	}
	msg.State, msg.DueAt = rebound.Unknown, s.now.Add(15*time.Second)
	s.look(store.Messages, msg.DueAt)
	return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
}

// unconfirmed gives up on the truth and makes a task for a person.
func (s *step) unconfirmed(msg rebound.Message) error {
	const words = "Nobody can tell whether this text arrived. Call to be sure."
	err := s.say(rebound.Event{
		Business: msg.Business, Contact: msg.Contact, Recovery: msg.Recovery, Message: msg.ID,
		Kind: rebound.EventTextTrouble, Words: words,
	})
	if err != nil {
		return err
	}
	return s.failed(msg, rebound.Unconfirmed, "", words)
}

// sameText compares a listed text with ours. A trial account puts its own words before ours, and an
// account that redacts shows none: what may be ours must not be sent again.
func sameText(listed, ours string) bool {
	return listed == "" || strings.HasSuffix(strings.TrimSpace(listed), strings.TrimSpace(ours))
}
