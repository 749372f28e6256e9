package store

import (
	"context"
	"errors"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// ErrDuplicate says that what was to be written is there already.
var ErrDuplicate = errors.New("store: it is there already")

const messageColumns = `business, id, contact, recovery, call, line, author, direction, class, once, sender, recipient,
	body, segments, state, code, trouble, carrier_id, connection, attempt, checks, empties, created_at, begun_at, sent_at,
	done_at, stale_at, due_at`

func scanMessage(row scanner, m *rebound.Message) error {
	return row.Scan(str(&m.Business), str(&m.ID), str(&m.Contact), str(&m.Recovery), str(&m.Call), str(&m.Line),
		str(&m.Author), str(&m.Direction), str(&m.Class), &m.Once, str(&m.From), str(&m.To), &m.Body, &m.Segments,
		str(&m.State), &m.Code, &m.Trouble, str(&m.CarrierID), str(&m.Connection), &m.Attempt, &m.Checks, &m.Empty,
		at(&m.CreatedAt), at(&m.BegunAt), at(&m.SentAt), at(&m.DoneAt), at(&m.StaleAt), at(&m.DueAt))
}

// Message returns one text.
func (t Tenant) Message(ctx context.Context, id rebound.MessageID) (rebound.Message, error) {
	return first(ctx, t.q, scanMessage,
		`select `+messageColumns+` from messages where business = $1 and id = $2`, t.id, id)
}

// HoldMessage returns one text and keeps other transactions from changing it.
func (t TenantTx) HoldMessage(ctx context.Context, id rebound.MessageID) (rebound.Message, error) {
	return first(ctx, t.q, scanMessage,
		`select `+messageColumns+` from messages where business = $1 and id = $2`+t.tx.words.held, t.id, id)
}

// PlannedText returns the text-back of a recovery that has not left yet.
func (t Tenant) PlannedText(ctx context.Context, recovery rebound.RecoveryID, contact rebound.ContactID) (rebound.Message, error) {
	return first(ctx, t.q, scanMessage, `
		select `+messageColumns+` from messages
		where business = $1 and contact = $2 and recovery = $3 and class = 'text_back' and state = 'planned'
		order by created_at desc limit 1`, t.id, contact, recovery)
}

// MessageByOnce returns the text made under a unique key.
func (t Tenant) MessageByOnce(ctx context.Context, once string) (rebound.Message, error) {
	return first(ctx, t.q, scanMessage,
		`select `+messageColumns+` from messages where business = $1 and once = $2`, t.id, once)
}

// AddMessage writes a new text. One with the same Once is ErrDuplicate.
// lease says that the text is handed to this node at once; due is then the lease's end.
func (t TenantTx) AddMessage(ctx context.Context, m rebound.Message, lease string) error {
	return t.addOnce(ctx, `
		insert into messages (`+messageColumns+`, lease_by, claims)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
			$24, $25, $26, $27, $28, $29, 1)
		on conflict do nothing`,
		t.id, m.ID, m.Contact, nullable(m.Recovery), nullable(m.Call), m.Line, nullable(m.Author), string(m.Direction),
		string(m.Class), m.Once, m.From, m.To, m.Body, m.Segments, string(m.State), m.Code, m.Trouble,
		nullable(m.CarrierID), m.Connection, m.Attempt, m.Checks, m.Empty, micros(m.CreatedAt), micros(m.BegunAt),
		micros(m.SentAt), micros(m.DoneAt), micros(m.StaleAt), micros(m.DueAt), nullable(lease))
}

// SaveMessage writes a text that is there and frees its lease. lease keeps or takes it instead.
func (t TenantTx) SaveMessage(ctx context.Context, m rebound.Message, lease string) error {
	return t.later(ctx, `
		update messages set body = $3, segments = $4, state = $5, code = $6, trouble = $7, carrier_id = $8, attempt = $9,
			checks = $10, empties = $11, begun_at = $12, sent_at = $13, done_at = $14, due_at = $15, lease_by = $16
		where business = $1 and id = $2`,
		t.id, m.ID, m.Body, m.Segments, string(m.State), m.Code, m.Trouble, nullable(m.CarrierID), m.Attempt, m.Checks,
		m.Empty, micros(m.BegunAt), micros(m.SentAt), micros(m.DoneAt), micros(m.DueAt), nullable(lease))
}

// AcceptMessage writes that the carrier took a text at its latest attempt, and reports whether it did: not
// where that attempt is settled already, or is not the latest.
func (t TenantTx) AcceptMessage(ctx context.Context, id rebound.MessageID, attempt int, carrierID string, now time.Time) (bool, error) {
	n, err := t.q.exec(ctx, `
		update messages set state = 'queued', code = '', trouble = '', carrier_id = $4, sent_at = $5, due_at = null, lease_by = null
		where business = $1 and id = $2 and attempt = $3 and state in ('sending', 'unknown')`,
		t.id, id, attempt, carrierID, micros(now))
	return n > 0, err
}

// CarrierIDKnown reports whether a carrier's id belongs to another text with the contact, or to an earlier
// attempt of this one. Nobody else's text can have it: what is asked about went to the contact's number.
func (t Tenant) CarrierIDKnown(ctx context.Context, m rebound.Message, carrierID string) (bool, error) {
	var n int
	err := t.q.row(ctx, `
		select (select count(*) from messages where business = $1 and contact = $2 and connection = $3 and carrier_id = $4)
			+ (select count(*) from attempts where business = $1 and message = $5 and n < $6 and detail = $4)`,
		t.id, m.Contact, m.Connection, carrierID, m.ID, m.Attempt).Scan(&n)
	return n > 0, err
}

// EndAttempt writes what became of a text's latest attempt where the carrier did not simply take it, or where
// another attempt follows. The first certain word stays.
func (t TenantTx) EndAttempt(ctx context.Context, m rebound.Message, outcome, detail string, now time.Time) error {
	return t.later(ctx, `
		insert into attempts (business, message, n, begun_at, ended_at, outcome, detail) values ($1, $2, $3, $4, $5, $6, $7)
		on conflict (message, business, n) do update set ended_at = excluded.ended_at, outcome = excluded.outcome,
			detail = excluded.detail
		where attempts.outcome = 'in_doubt'`,
		t.id, m.ID, m.Attempt, micros(m.BegunAt), micros(now), outcome, detail)
}

// TextedBack reports whether a text-back of the recovery has left or still will.
func (t Tenant) TextedBack(ctx context.Context, recovery rebound.RecoveryID, contact rebound.ContactID) (bool, error) {
	var n int
	err := t.q.row(ctx, `
		select count(*) from messages
		where business = $1 and contact = $2 and recovery = $3 and class = 'text_back' and state <> 'cancelled'`,
		t.id, contact, recovery).Scan(&n)
	return n > 0, err
}

// Reached returns when the carrier took another text that a member wrote for the recovery, and of which it has not said
// that it did not arrive; zero: there is none.
func (t Tenant) Reached(ctx context.Context, recovery rebound.RecoveryID, contact rebound.ContactID, but rebound.MessageID) (sent time.Time, err error) {
	err = t.q.row(ctx, `
		select max(sent_at) from messages
		where business = $1 and contact = $2 and recovery = $3 and class = 'human' and state in ('queued', 'sent', 'delivered')
			and id <> $4`, t.id, contact, recovery, but).Scan(at(&sent))
	return sent, err
}

// RecentTexts counts a contact's text-backs since day, and the automatic texts since shortly that the
// contact followed with a text within a minute: what two machines texting each other look like. It
// counts no further than the numbers that matter.
func (t Tenant) RecentTexts(ctx context.Context, contact rebound.ContactID, day time.Time, mostTexts int, shortly time.Time, mostPairs int) (texts, pairs int, err error) {
	err = t.q.row(ctx, `
		select (select count(*) from (
				select 1 from messages where business = $1 and contact = $2 and class = 'text_back' and created_at >= $3
					and state <> 'cancelled'
				limit $4) texts),
			(select count(*) from (
				select 1 from messages a
				where a.business = $1 and a.contact = $2 and a.direction = 'out' and a.class <> 'human' and a.created_at >= $5
					and exists (select 1 from messages b where b.business = $1 and b.contact = $2 and b.direction = 'in'
						and b.created_at > a.created_at and b.created_at < a.created_at + 60000000)
				limit $6) pairs)`,
		t.id, contact, micros(day), mostTexts, micros(shortly), mostPairs).Scan(&texts, &pairs)
	return texts, pairs, err
}

// AddTexted records an automatic text for the guard over all businesses.
func (tx *Tx) AddTexted(ctx context.Context, n phone.Number, m rebound.MessageID, prefix string, now time.Time) error {
	return tx.q.later(ctx, `insert into texted (number, id, prefix, at) values ($1, $2, $3, $4)`,
		n, m, prefix, micros(now))
}

// addOnce runs an insert that does nothing where the row is there, and says so.
func (t TenantTx) addOnce(ctx context.Context, insert string, args ...any) error {
	n, err := t.tx.q.exec(ctx, insert, args...)
	if err == nil && n == 0 {
		return ErrDuplicate
	}
	return err
}
