package store

import (
	"context"
	"time"

	"rebound"
)

// AddEvent writes one line of a conversation's timeline.
func (t TenantTx) AddEvent(ctx context.Context, e rebound.Event) error {
	return t.later(ctx, `
		insert into events (business, id, contact, recovery, call, message, kind, words, at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		t.id, e.ID, e.Contact, nullable(e.Recovery), nullable(e.Call), nullable(e.Message), string(e.Kind), e.Words,
		micros(e.At))
}

func (t Tenant) scanEvent(row scanner, e *rebound.Event) error {
	e.Business = t.id
	return row.Scan(&e.ID, str(&e.Contact), str(&e.Recovery), str(&e.Call), str(&e.Message), str(&e.Kind), &e.Words, at(&e.At))
}

// Said reports whether the timeline has a line of a kind about a text.
func (t Tenant) Said(ctx context.Context, contact rebound.ContactID, m rebound.MessageID, kind rebound.EventKind) (bool, error) {
	var n int
	err := t.q.row(ctx, `select count(*) from events where business = $1 and contact = $2 and message = $3 and kind = $4`,
		t.id, contact, m, string(kind)).Scan(&n)
	return n > 0, err
}

// CarrierEvent is one request of a carrier, as it came.
type CarrierEvent struct {
	ID         string
	Connection rebound.ConnectionID
	Kind       string // "call arrived", "text", "receipt", …
	CarrierID  string
	Token      string
	ReceivedAt time.Time
	Body       []byte
}

// AddCarrierEvent keeps a request as it came, in the transaction that acts on it.
func (tx *Tx) AddCarrierEvent(ctx context.Context, e CarrierEvent) error {
	return tx.q.later(ctx, `
		insert into carrier_events (id, connection, kind, carrier_id, token, received_at, body)
		values ($1, $2, $3, $4, $5, $6, $7)`,
		e.ID, e.Connection, e.Kind, e.CarrierID, e.Token, micros(e.ReceivedAt), e.Body)
}

// Forget deletes what is kept for a while only: raw requests and told webhooks older than events, and what
// limits no longer look at. It deletes a bounded number of rows and reports how many.
func (tx *Tx) Forget(ctx context.Context, events, now time.Time) (int64, error) {
	const most = 2000
	var all int64
	for _, d := range []struct {
		statement string
		before    time.Time
	}{
		{`delete from carrier_events where (received_at, id) in (select received_at, id from carrier_events where received_at < $1 limit $2)`, events},
		{`delete from texted where (number, id) in (select number, id from texted where at < $1 limit $2)`, now.Add(-48 * time.Hour)},
		{`delete from usage where (business, span) in (select business, span from usage where until < $1 limit $2)`, now.Add(-48 * time.Hour)},
	} {
		n, err := tx.q.exec(ctx, d.statement, micros(d.before), most)
		if err != nil {
			return all, err
		}
		all += n
	}
	// Ids are ordered by time, so the oldest stand first in the key.
	n, err := tx.q.exec(ctx, `
		delete from deliveries where (id, business) in (
			select id, business from deliveries where id < $1 and state <> 'pending' order by id limit $2)`, NewID(events), most)
	return all + n, err
}
