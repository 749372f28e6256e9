package store

import (
	"context"
	"database/sql"
	"time"

	"rebound"
)

const contactColumns = `id, number, raw, name, consent, consent_at, consent_how, human_at, owner,
	last, last_at, last_kind, unread, due_at, line_type`

func (t Tenant) scanContact(row *sql.Rows, c *rebound.Contact) error {
	c.Business = t.id
	return row.Scan(str(&c.ID), str(&c.Number), &c.Raw, &c.Name, str(&c.Consent), at(&c.ConsentAt), &c.ConsentHow,
		at(&c.HumanAt), str(&c.Owner), &c.Last, at(&c.LastAt), &c.LastKind, flagged(&c.Unread), at(&c.SettleAt), str(&c.LineType))
}

// Contact returns one contact.
func (t Tenant) Contact(ctx context.Context, id rebound.ContactID) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact,
		`select `+contactColumns+` from contacts where business = $1 and id = $2`, t.id, id)
}

// ContactByNumber returns the contact behind an E.164 number.
func (t Tenant) ContactByNumber(ctx context.Context, number string) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact,
		`select `+contactColumns+` from contacts where business = $1 and number = $2`, t.id, number)
}

// HoldContact returns the contact behind a number and keeps other transactions from changing it, or
// anything else about this caller, until this one ends. It makes the contact when there is none;
// id is then its id. An empty number always makes one: a caller who hides is nobody's repeat.
func (t TenantTx) HoldContact(ctx context.Context, id rebound.ContactID, number, raw string, now time.Time) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact, `
		insert into contacts (business, id, number, raw, name, consent, consent_how, last, last_at, last_kind, unread, line_type)
		values ($1, $2, $3, $4, '', '', '', '', $5, '', 0, '')
		on conflict (business, number) where number is not null do update set raw = contacts.raw
		returning `+contactColumns, t.id, id, nullable(number), raw, micros(now))
}

// LockContact is HoldContact for a contact that is known to be there.
func (t TenantTx) LockContact(ctx context.Context, id rebound.ContactID) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact,
		`update contacts set raw = raw where business = $1 and id = $2 returning `+contactColumns, t.id, id)
}

// SaveContact writes a contact that is there.
func (t TenantTx) SaveContact(ctx context.Context, c rebound.Contact) error {
	_, err := t.q.exec(ctx, `
		update contacts set name = $3, consent = $4, consent_at = $5, consent_how = $6, human_at = $7, owner = $8,
			last = $9, last_at = $10, last_kind = $11, unread = $12, due_at = $13, line_type = $14, lease_by = null
		where business = $1 and id = $2`,
		t.id, c.ID, c.Name, string(c.Consent), micros(c.ConsentAt), c.ConsentHow, micros(c.HumanAt), nullable(c.Owner),
		c.Last, micros(c.LastAt), c.LastKind, flag(c.Unread), micros(c.SettleAt), string(c.LineType))
	return err
}
