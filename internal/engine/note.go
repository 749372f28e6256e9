package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"rebound"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// HumanNote is a note that a member typed.
type HumanNote struct {
	Business rebound.BusinessID
	Contact  rebound.ContactID
	Author   rebound.MemberID
	Body     string
	Key      string // as of HumanText
}

// AddNote writes a note into a conversation and tells those whom it names. It stops no clock. A repeated key changes
// nothing. R2003, R2004, R2008: as SendText. R3250: it is empty. R3251: it is too long.
func (e *Engine) AddNote(ctx context.Context, h HumanNote) error {
	body := strings.TrimSpace(sms.Clean(h.Body))
	switch n := len([]rune(body)); {
	case n == 0:
		return rebound.Errorf(rebound.Invalid, "R3250", "Write the note first.")
	case n > rebound.LongestNote:
		return rebound.Errorf(rebound.Invalid, "R3251", "This is %d characters; a note holds %d. Split it.", n, rebound.LongestNote)
	case !goodKey(h.Key):
		return badKey()
	}
	err := e.write(ctx, func(s *step) error {
		c, err := s.conversation(h.Business, h.Contact)
		if err != nil {
			return err
		}
		d, err := s.declared(h.Business)
		if err != nil {
			return err
		}
		author, there := d.members[h.Author]
		if !there {
			return noWriter()
		}
		recovery, err := s.liveRecovery(*c)
		if err := ignoreMissing(err); err != nil {
			return err
		}
		note := rebound.Note{
			ID: rebound.NoteID(store.NewID(s.now)), Business: h.Business, Contact: c.ID, Recovery: recovery.ID, Author: h.Author,
			Body: body, Told: d.named(body, h.Author), Once: "note/" + h.Key, At: s.now,
		}
		if err := s.tx.For(h.Business).AddNote(s.ctx, note); err != nil {
			return err
		}
		s.changed(h.Business, c.ID)
		if err := s.tx.For(h.Business).SaveDraft(s.ctx, store.Draft{Contact: c.ID, Member: h.Author}); err != nil {
			return err
		}
		return s.tellNamed(d, *c, author, note)
	})
	if err != nil && !stale(err) {
		return fmt.Errorf("add a note: %w", err)
	}
	return nil
}

// named is whom a text names, each once, without its author.
func (d *declared) named(body string, author rebound.MemberID) []rebound.MemberID {
	var members []rebound.Member
	for _, m := range d.members {
		members = append(members, m)
	}
	slices.SortFunc(members, func(a, b rebound.Member) int { return strings.Compare(string(a.ID), string(b.ID)) })
	var told []rebound.MemberID
	for _, m := range rebound.Mentions(body, members) {
		if m.Member != author && !slices.Contains(told, m.Member) {
			told = append(told, m.Member)
		}
	}
	return told
}

// tellNamed alerts the members whom a note names, once and by their own ways: a note rings nobody.
func (s *step) tellNamed(d *declared, c rebound.Contact, author rebound.Member, n rebound.Note) error {
	if len(n.Told) == 0 {
		return nil
	}
	line, _, err := s.lineFor(c)
	if err != nil {
		return err
	}
	for _, id := range n.Told {
		ways := slices.DeleteFunc(slices.Clone(d.members[id].Ways(false, nil)), func(w rebound.Way) bool { return w.Channel == rebound.ByCall })
		if len(ways) == 0 {
			continue
		}
		err := s.addAlert(rebound.Alert{
			Business: n.Business, Recovery: n.Recovery, Contact: n.Contact, Line: line.ID, Member: id, Reason: rebound.AlertNamed,
			Ways: ways, Body: rebound.MentionWords(author.Name, nameOf(c), shorten(n.Body, 120)),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pageOf is the address of the conversation that an alert is about. It asks for sign-in, unlike an alert's own link.
func (s *step) pageOf(a rebound.Alert) string {
	return strings.TrimSuffix(s.o.PublicURL, "/") + "/b/" + string(a.Business) + "/conversations/" + string(a.Contact)
}

// SaveDraft keeps what a member has typed into a conversation; without words it is forgotten. Errors as AddNote.
func (e *Engine) SaveDraft(ctx context.Context, b rebound.BusinessID, d store.Draft) error {
	d.Body = sms.Clean(d.Body)
	if len([]rune(d.Body)) > rebound.LongestNote {
		return rebound.Errorf(rebound.Invalid, "R3251", "This is longer than the %d characters that are kept. Split it.", rebound.LongestNote)
	}
	err := e.write(ctx, func(s *step) error {
		if _, err := s.conversation(b, d.Contact); err != nil {
			return err
		}
		declared, err := s.declared(b)
		if err != nil {
			return err
		}
		if _, there := declared.members[d.Member]; !there {
			return noWriter()
		}
		d.At = s.now
		return s.tx.For(b).SaveDraft(s.ctx, d)
	})
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	return nil
}
