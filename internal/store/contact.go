package store

import (
	"context"

	"rebound"
)

const contactColumns = `id, number, raw, name, consent, consent_at, consent_how, human_at, owner,
	last, last_at, last_kind, unread, line_type, settle_at, shelf, shelf_until`

func (t Tenant) scanContact(row scanner, c *rebound.Contact) error {
	c.Business = t.id
	return row.Scan(str(&c.ID), str(&c.Number), &c.Raw, &c.Name, str(&c.Consent), at(&c.ConsentAt), &c.ConsentHow,
		at(&c.HumanAt), str(&c.Owner), &c.Last, at(&c.LastAt), &c.LastKind, flagged(&c.Unread), str(&c.LineType),
		at(&c.SettleAt), str(&c.Shelf), at(&c.ShelfUntil))
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

// HoldContactByNumber returns the contact behind a number and keeps other transactions from changing it, or
// anything else about this caller, until this one ends.
func (t TenantTx) HoldContactByNumber(ctx context.Context, number string) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact,
		`select `+contactColumns+` from contacts where business = $1 and number = $2`+t.tx.words.held, t.id, number)
}

// HoldContact is HoldContactByNumber for a contact that is known to be there.
func (t TenantTx) HoldContact(ctx context.Context, id rebound.ContactID) (rebound.Contact, error) {
	return first(ctx, t.q, t.scanContact,
		`select `+contactColumns+` from contacts where business = $1 and id = $2`+t.tx.words.held, t.id, id)
}

// AddContact writes a new contact. Where another transaction has written one with the same number
// meanwhile, Write begins anew.
func (t TenantTx) AddContact(ctx context.Context, c rebound.Contact) error {
	return t.later(ctx, `
		insert into contacts (business, `+contactColumns+`, due_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		t.id, c.ID, nullable(c.Number), c.Raw, c.Name, string(c.Consent), micros(c.ConsentAt), c.ConsentHow,
		micros(c.HumanAt), nullable(c.Owner), c.Last, micros(c.LastAt), c.LastKind, flag(c.Unread), string(c.LineType),
		micros(c.SettleAt), string(c.Shelf), micros(c.ShelfUntil), micros(c.DueAt()))
}

// SaveContact writes a contact that is there.
func (t TenantTx) SaveContact(ctx context.Context, c rebound.Contact) error {
	return t.later(ctx, `
		update contacts set name = $3, consent = $4, consent_at = $5, consent_how = $6, human_at = $7, owner = $8,
			last = $9, last_at = $10, last_kind = $11, unread = $12, line_type = $13,
			settle_at = $14, shelf = $15, shelf_until = $16, due_at = $17, lease_by = null
		where business = $1 and id = $2`,
		t.id, c.ID, c.Name, string(c.Consent), micros(c.ConsentAt), c.ConsentHow, micros(c.HumanAt), nullable(c.Owner),
		c.Last, micros(c.LastAt), c.LastKind, flag(c.Unread), string(c.LineType), micros(c.SettleAt), string(c.Shelf),
		micros(c.ShelfUntil), micros(c.DueAt()))
}
