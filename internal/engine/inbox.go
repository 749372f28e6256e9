package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// HumanText is a text that a member typed.
type HumanText struct {
	Business rebound.BusinessID
	Contact  rebound.ContactID
	Author   rebound.MemberID
	Body     string
	At       time.Time // when it is to go out; zero: now
	Key      string    // made by the page that sends: at most 64 small letters, digits and dashes; the same key never sends twice
}

// longestText is what carriers take in one request (CARRIERS.md 2.c).
const longestText = 1600

// humanFresh is how long the carrier may hold a text that somebody typed.
const humanFresh = time.Hour

// SendText sends what a member typed. A repeated key returns the text that it made the first time.
func (e *Engine) SendText(ctx context.Context, h HumanText) (rebound.Message, error) {
	body := sms.Straighten(strings.TrimSpace(sms.Clean(h.Body)))
	switch {
	case body == "":
		return rebound.Message{}, rebound.Errorf(rebound.Invalid, "R2001", "Write something first.")
	case len([]rune(body)) > longestText:
		return rebound.Message{}, rebound.Errorf(rebound.Invalid, "R2002", "This is %d characters; a text holds %d. Split it.", len([]rune(body)), longestText)
	case !goodKey(h.Key):
		return rebound.Message{}, badKey()
	}
	var msg rebound.Message
	err := e.write(ctx, func(s *step) error {
		c, err := s.conversation(h.Business, h.Contact)
		if err != nil {
			return err
		}
		msg, err = s.tx.For(h.Business).MessageByOnce(s.ctx, "human/"+h.Key)
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		if err := mayText(*c); err != nil {
			return err
		}
		d, err := s.declared(h.Business)
		if err != nil {
			return err
		}
		if _, there := d.members[h.Author]; !there {
			return noWriter()
		}
		line, recovery, err := s.lineFor(*c)
		if err != nil {
			return err
		}
		msg = rebound.Message{
			ID: rebound.MessageID(store.NewID(s.now)), Business: h.Business, Contact: c.ID, Recovery: recovery, Line: line.ID,
			Author: h.Author, Direction: rebound.Outbound, Class: rebound.ClassHuman, Once: "human/" + h.Key,
			Connection: line.Connection, From: line.Number, To: phone.Number(c.Number), Body: body,
			Segments: sms.Segments(body).Segments, State: rebound.Sending, CreatedAt: s.now, DueAt: s.now,
		}
		if !h.At.IsZero() {
			if err := rebound.CheckSendAt(h.At, s.now); err != nil {
				return err
			}
			msg.DueAt = h.At.UTC().Truncate(time.Microsecond)
		} else {
			s.spoke(c, body)
		}
		msg.StaleAt = msg.DueAt.Add(humanFresh)
		if err := s.tx.For(h.Business).SaveDraft(s.ctx, store.Draft{Contact: c.ID, Member: h.Author}); err != nil {
			return err
		}
		return s.addText(msg)
	})
	if err != nil {
		return rebound.Message{}, fmt.Errorf("send text: %w", err)
	}
	return msg, nil
}

// goodKey reports whether a page made the key.
func goodKey(key string) bool {
	return key != "" && len(key) <= 64 && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func badKey() error {
	return rebound.Errorf(rebound.Invalid, "R2003", "The page is out of date. Reload it and send again; what you typed is kept.")
}

func noWriter() error {
	return rebound.Errorf(rebound.Invalid, "R2008", "Say who is writing: choose a name beside Send.")
}

// mayText says why a contact cannot be texted, and the way on.
func mayText(c rebound.Contact) error {
	switch {
	case !textable(c):
		return rebound.Errorf(rebound.Invalid, "R2005", "This customer has no number that can be texted. Call instead.")
	case c.Consent == rebound.ConsentOptedOut:
		return rebound.Errorf(rebound.Invalid, "R2006", "This customer opted out of texts. You can call.")
	}
	return nil
}

// lineFor returns the line that the contact knows: their recovery's, else the one of their last call
// or text, else the business's first.
func (s *step) lineFor(c rebound.Contact) (rebound.Line, rebound.RecoveryID, error) {
	mine := s.tx.For(c.Business)
	recovery, err := s.liveRecovery(c)
	if err == nil {
		line, err := s.lineOf(c.Business, recovery.Line)
		return line, recovery.ID, err
	}
	if err := ignoreMissing(err); err != nil {
		return rebound.Line{}, "", err
	}
	lines, err := mine.Lines(s.ctx)
	if err == nil && len(lines) == 0 {
		err = rebound.Errorf(rebound.Invalid, "R2007", "The business has no line to text from.")
	}
	if err != nil {
		return rebound.Line{}, "", err
	}
	return lines[0], "", nil
}

// MarkRead says that somebody opened a conversation. It stops no clock (PRODUCT.md, "The clock").
func (e *Engine) MarkRead(ctx context.Context, b rebound.BusinessID, id rebound.ContactID) error {
	return e.write(ctx, func(s *step) error {
		c, err := s.conversation(b, id)
		if err != nil || !c.Unread {
			return err
		}
		c.Unread = false
		return nil
	})
}

// conversation is contact for one that a page asks for. R2004: there is no such conversation.
func (s *step) conversation(b rebound.BusinessID, id rebound.ContactID) (*rebound.Contact, error) {
	c, err := s.contact(b, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, rebound.Errorf(rebound.NotFound, "R2004", "There is no such conversation.")
	}
	return c, err
}

// SettleConsent is a person's word on a text that may have been an opt-out.
func (e *Engine) SettleConsent(ctx context.Context, b rebound.BusinessID, id rebound.ContactID, optedOut bool) error {
	return e.write(ctx, func(s *step) error {
		c, err := s.conversation(b, id)
		if err != nil || c.Consent != rebound.ConsentInDoubt {
			return err
		}
		return s.settleConsent(c, optedOut, "confirmed by a member")
	})
}

// RecordOptOut takes down what a customer told a member: no more texts (PRODUCT.md, "Law and money"). It stands like
// one that they wrote, and nothing is texted to confirm it. R2004: there is no such conversation.
func (e *Engine) RecordOptOut(ctx context.Context, b rebound.BusinessID, id rebound.ContactID, by rebound.MemberID) error {
	return e.write(ctx, func(s *step) error {
		c, err := s.conversation(b, id)
		if err != nil || c.Consent == rebound.ConsentOptedOut {
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
		return s.settleConsent(c, true, "they told "+who.Name)
	})
}

func (s *step) settleConsent(c *rebound.Contact, optedOut bool, how string) error {
	c.Consent, c.ConsentAt, c.ConsentHow, c.SettleAt = rebound.ConsentUnsaid, s.now, how, time.Time{}
	words := "Not an opt-out: " + how
	if optedOut {
		c.Consent, words = rebound.ConsentOptedOut, "Opted out of texts: "+how
	}
	return s.say(rebound.Event{Business: c.Business, Contact: c.ID, Kind: rebound.EventConsent, Words: words})
}

// contactDue turns a likely opt-out that nobody settled into one, and ends a snooze.
func (e *Engine) contactDue(ctx context.Context, claim store.Claim) error {
	return e.write(ctx, func(s *step) error {
		c, err := s.contact(claim.Business, rebound.ContactID(claim.ID))
		if err != nil {
			return err
		}
		if c.Wakes(s.now) {
			*c = c.OffShelf()
			if err := s.shelved(*c, "The snooze is over"); err != nil {
				return err
			}
		}
		if c.Consent == rebound.ConsentInDoubt && !c.SettleAt.After(s.now) {
			if err := s.settleConsent(c, true, "nobody answered the question within a day"); err != nil {
				return err
			}
		} else if c.Consent != rebound.ConsentInDoubt {
			c.SettleAt = time.Time{}
		}
		return s.tx.For(claim.Business).SaveContact(s.ctx, *c) // also where nothing was due after all: the lease ends here
	})
}

func ignoreMissing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// NameContact makes the person behind a number known by name, before or after they ever called.
func (e *Engine) NameContact(ctx context.Context, b rebound.BusinessID, number phone.Number, name string) error {
	err := e.write(ctx, func(s *step) error {
		c, err := s.meetNow(b, phone.Caller{Number: number, Raw: string(number), Kind: phone.KindNumber})
		if err == nil {
			c.Name = sms.Clean(name)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("name the contact: %w", err)
	}
	return nil
}
