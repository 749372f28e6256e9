package engine

import (
	"context"
	"errors"
	"fmt"

	"rebound"
	"rebound/internal/store"
)

// spoke notes in the contact that a member's text goes out now.
func (s *step) spoke(c *rebound.Contact, body string) {
	c.HumanAt, c.Last, c.LastAt, c.LastKind, c.Unread = s.now, preview(body, 0), s.now, "text_out", false
}

// onTime prepares a member's text that was planned for now: what it does to the clock, it does to the recovery that is
// live today.
func (s *step) onTime(msg *rebound.Message, c *rebound.Contact) error {
	s.spoke(c, msg.Body)
	recovery, err := s.liveRecovery(*c)
	if err := ignoreMissing(err); err != nil || recovery.ID == msg.Recovery {
		return err
	}
	msg.Recovery = recovery.ID
	return s.tx.For(msg.Business).MoveMessage(s.ctx, msg.ID, recovery.ID)
}

// dropHuman cancels a member's text that may no longer leave, and has somebody look.
func (s *step) dropHuman(msg rebound.Message, c *rebound.Contact, why rebound.TextBackReason) error {
	c.Unread = true
	if err := s.cancel(msg, why); err != nil {
		return err
	}
	return s.say(rebound.Event{
		Business: msg.Business, Contact: msg.Contact, Recovery: msg.Recovery, Message: msg.ID, Kind: rebound.EventTextTrouble,
		Words: "A scheduled text did not go out: " + why.Words(),
	})
}

// CancelText takes back a member's text that has not left. R3253: it has left, or is leaving. R3254: there is no such
// text. R2103: no such member.
func (e *Engine) CancelText(ctx context.Context, b rebound.BusinessID, id rebound.MessageID, by rebound.MemberID) error {
	err := e.write(ctx, func(s *step) error {
		read, err := s.tx.For(b).Message(s.ctx, id)
		if errors.Is(err, store.ErrNotFound) || err == nil && read.Class != rebound.ClassHuman {
			return rebound.Errorf(rebound.NotFound, "R3254", "There is no such text. Reload the page.")
		}
		if err != nil {
			return err
		}
		d, err := s.declared(b)
		if err != nil {
			return err
		}
		who, there := d.members[by]
		if !there {
			return noMember(by)
		}
		if _, err := s.contact(b, read.Contact); err != nil {
			return err
		}
		msg, err := s.tx.For(b).HoldMessage(s.ctx, id)
		switch {
		case err != nil || msg.State == rebound.Cancelled:
			return err
		case msg.State != rebound.Planned:
			return rebound.Errorf(rebound.Conflict, "R3253", "It is too late to take this text back: it is on its way.")
		}
		return s.cancelled(msg, who.Name+" took it back")
	})
	if err != nil {
		return fmt.Errorf("take back a text: %w", err)
	}
	return nil
}
