package store

import (
	"context"
	"time"

	"rebound"
)

const alertColumns = `id, recovery, contact, member, line, reason, urgent, ways, way, state, body, trouble, bundle,
	carrier_id, attempt, created_at, sent_at, done_at, due_at`

func (t Tenant) scanAlert(row scanner, a *rebound.Alert) error {
	a.Business = t.id
	return row.Scan(str(&a.ID), str(&a.Recovery), str(&a.Contact), str(&a.Member), str(&a.Line), str(&a.Reason), flagged(&a.Urgent),
		fromJSON(&a.Ways), &a.Way, str(&a.State), &a.Body, &a.Trouble, str(&a.Bundle), str(&a.CarrierID), &a.Attempt,
		at(&a.CreatedAt), at(&a.SentAt), at(&a.DoneAt), at(&a.DueAt))
}

// Alert returns one alert.
func (t Tenant) Alert(ctx context.Context, id rebound.AlertID) (rebound.Alert, error) {
	return first(ctx, t.q, t.scanAlert, `select `+alertColumns+` from alerts where business = $1 and id = $2`, t.id, id)
}

// HoldAlert returns one alert and keeps other transactions from changing it.
func (t TenantTx) HoldAlert(ctx context.Context, id rebound.AlertID) (rebound.Alert, error) {
	return first(ctx, t.q, t.scanAlert, `select `+alertColumns+` from alerts where business = $1 and id = $2`+t.tx.words.held, t.id, id)
}

// mostAlerts bounds what is read of a member's alerts. It is more than anybody is sent in a day.
const mostAlerts = 500

// AlertsTo returns a member's alerts made since an instant, latest first.
func (t Tenant) AlertsTo(ctx context.Context, m rebound.MemberID, since time.Time) ([]rebound.Alert, error) {
	return list(ctx, t.q, t.scanAlert, `
		select `+alertColumns+` from alerts where business = $1 and member = $2 and created_at >= $3
		order by created_at desc, id desc limit $4`, t.id, m, micros(since), mostAlerts)
}

// AddAlert writes a new alert, which the lane takes when it is due.
func (t TenantTx) AddAlert(ctx context.Context, a rebound.Alert) error {
	return t.later(ctx, `
		insert into alerts (business, `+alertColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		t.id, a.ID, a.Recovery, a.Contact, a.Member, a.Line, string(a.Reason), flag(a.Urgent), asJSON(a.Ways), a.Way,
		string(a.State), a.Body, a.Trouble, nullable(a.Bundle), nullable(a.CarrierID), a.Attempt,
		micros(a.CreatedAt), micros(a.SentAt), micros(a.DoneAt), micros(a.DueAt))
}

// SaveAlert writes an alert that is there and frees its lease. lease keeps it instead.
func (t TenantTx) SaveAlert(ctx context.Context, a rebound.Alert, lease string) error {
	return t.later(ctx, `
		update alerts set way = $3, state = $4, body = $5, trouble = $6, bundle = $7, carrier_id = $8, attempt = $9,
			sent_at = $10, done_at = $11, due_at = $12, lease_by = $13
		where business = $1 and id = $2`,
		t.id, a.ID, a.Way, string(a.State), a.Body, a.Trouble, nullable(a.Bundle), nullable(a.CarrierID),
		a.Attempt, micros(a.SentAt), micros(a.DoneAt), micros(a.DueAt), nullable(lease))
}
