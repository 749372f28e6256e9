package store

import (
	"context"
	"time"

	"rebound"
)

const noteColumns = `id, contact, recovery, author, body, told, once, at`

func (t Tenant) scanNote(row scanner, n *rebound.Note) error {
	n.Business = t.id
	return row.Scan(str(&n.ID), str(&n.Contact), str(&n.Recovery), str(&n.Author), &n.Body, fromJSON(&n.Told), &n.Once, at(&n.At))
}

// AddNote writes a new note. One with the same Once is ErrDuplicate.
func (t TenantTx) AddNote(ctx context.Context, n rebound.Note) error {
	return t.addOnce(ctx, `
		insert into notes (business, `+noteColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
		t.id, n.ID, n.Contact, nullable(n.Recovery), n.Author, n.Body, asJSON(n.Told), n.Once, micros(n.At))
}

// Draft is what a member has typed into a conversation and not sent.
type Draft struct {
	Contact rebound.ContactID
	Member  rebound.MemberID
	Note    bool // for the team, not for the customer
	Body    string
	At      time.Time
}

// Draft returns a member's draft in a conversation; without one ErrNotFound.
func (t Tenant) Draft(ctx context.Context, c rebound.ContactID, m rebound.MemberID) (Draft, error) {
	return first(ctx, t.q, func(row scanner, d *Draft) error {
		return row.Scan(str(&d.Contact), str(&d.Member), flagged(&d.Note), &d.Body, at(&d.At))
	}, `select contact, member, note, body, at from drafts where business = $1 and contact = $2 and member = $3`, t.id, c, m)
}

// SaveDraft writes a draft in the place of the one before; one without words is none.
func (t TenantTx) SaveDraft(ctx context.Context, d Draft) error {
	if d.Body == "" {
		return t.later(ctx, `delete from drafts where business = $1 and contact = $2 and member = $3`, t.id, d.Contact, d.Member)
	}
	return t.later(ctx, `
		insert into drafts (business, contact, member, note, body, at) values ($1, $2, $3, $4, $5, $6)
		on conflict (business, contact, member) do update set note = excluded.note, body = excluded.body, at = excluded.at`,
		t.id, d.Contact, d.Member, flag(d.Note), d.Body, micros(d.At))
}

// CannedReplies returns the business's canned replies, in their order.
func (t Tenant) CannedReplies(ctx context.Context) ([]rebound.CannedReply, error) {
	return list(ctx, t.q, func(row scanner, c *rebound.CannedReply) error { return row.Scan(str(&c.ID), &c.Name, &c.Text) },
		`select id, name, body from canned_replies where business = $1 order by place`, t.id)
}

// ReplaceCanned writes the business's canned replies anew.
func (t TenantTx) ReplaceCanned(ctx context.Context, all []rebound.CannedReply) error {
	if err := t.later(ctx, `delete from canned_replies where business = $1`, t.id); err != nil {
		return err
	}
	for i, c := range all {
		err := t.later(ctx, `insert into canned_replies (business, id, name, body, place) values ($1, $2, $3, $4, $5)`,
			t.id, c.ID, c.Name, c.Text, i)
		if err != nil {
			return err
		}
	}
	return nil
}

// MoveMessage makes a text that has not left part of another recovery.
func (t TenantTx) MoveMessage(ctx context.Context, m rebound.MessageID, to rebound.RecoveryID) error {
	return t.later(ctx, `update messages set recovery = $3 where business = $1 and id = $2`, t.id, m, nullable(to))
}
