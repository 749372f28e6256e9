package store

import (
	"context"
	"time"

	"rebound"
)

// Webhooks returns the business's webhooks that are in use, also those that are told no more.
func (t Tenant) Webhooks(ctx context.Context) ([]rebound.Webhook, error) {
	return list(ctx, t.q, t.scanWebhook, `
		select id, url, secret, events from webhooks where business = $1 and retired_at is null order by id`, t.id)
}

// ToldWebhooks returns those that are told what happens: in use and not disabled.
func (t Tenant) ToldWebhooks(ctx context.Context) ([]rebound.Webhook, error) {
	return list(ctx, t.q, t.scanWebhook, `
		select id, url, secret, events from webhooks
		where business = $1 and retired_at is null and disabled_at is null order by id`, t.id)
}

// ToldWebhook returns one of them.
func (t Tenant) ToldWebhook(ctx context.Context, id rebound.WebhookID) (rebound.Webhook, error) {
	return first(ctx, t.q, t.scanWebhook, `
		select id, url, secret, events from webhooks
		where business = $1 and id = $2 and retired_at is null and disabled_at is null`, t.id, id)
}

func (t Tenant) scanWebhook(row scanner, w *rebound.Webhook) error {
	w.Business = t.id
	return row.Scan(str(&w.ID), &w.URL, &w.Secret, fromJSON(&w.Events))
}

// WebhookHealth returns how a webhook has answered of late.
func (t Tenant) WebhookHealth(ctx context.Context, id rebound.WebhookID) (rebound.WebhookHealth, error) {
	var h rebound.WebhookHealth
	err := t.q.row(ctx, `select failing_since, disabled_at from webhooks where business = $1 and id = $2`, t.id, id).
		Scan(at(&h.FailingSince), at(&h.DisabledAt))
	return h, missing(err)
}

// SaveWebhook writes the webhook, whether it is there or not. One that comes back, or leads elsewhere now, is taken to
// be well.
func (t TenantTx) SaveWebhook(ctx context.Context, w rebound.Webhook) error {
	return t.later(ctx, `
		insert into webhooks (business, id, url, secret, events) values ($1, $2, $3, $4, $5)
		on conflict (business, id) do update set url = excluded.url, secret = excluded.secret, events = excluded.events,
			failing_since = case when webhooks.url = excluded.url and webhooks.retired_at is null then webhooks.failing_since end,
			disabled_at = case when webhooks.url = excluded.url and webhooks.retired_at is null then webhooks.disabled_at end,
			retired_at = null`,
		t.id, w.ID, w.URL, w.Secret, asJSON(w.Events))
}

// SaveWebhookHealth writes how a webhook answers. Whether it is told counts as declared: a change of that is a new
// revision.
func (t TenantTx) SaveWebhookHealth(ctx context.Context, id rebound.WebhookID, was, is rebound.WebhookHealth) error {
	err := t.later(ctx, `update webhooks set failing_since = $3, disabled_at = $4 where business = $1 and id = $2`,
		t.id, id, micros(is.FailingSince), micros(is.DisabledAt))
	if err != nil || was.DisabledAt.IsZero() == is.DisabledAt.IsZero() {
		return err
	}
	return t.revise(ctx)
}

const deliveryColumns = `id, webhook, contact, event, body, state, attempt, status, trouble, created_at, done_at, due_at`

func (t Tenant) scanDelivery(row scanner, d *rebound.Delivery) error {
	d.Business = t.id
	return row.Scan(str(&d.ID), str(&d.Webhook), str(&d.Contact), str(&d.Event), &d.Body, str(&d.State), &d.Attempt,
		&d.Status, &d.Trouble, at(&d.CreatedAt), at(&d.DoneAt), at(&d.DueAt))
}

// Delivery returns one delivery.
func (t Tenant) Delivery(ctx context.Context, id rebound.DeliveryID) (rebound.Delivery, error) {
	return first(ctx, t.q, t.scanDelivery, `select `+deliveryColumns+` from deliveries where business = $1 and id = $2`, t.id, id)
}

// Deliveries returns a webhook's newest deliveries, newest first.
func (t Tenant) Deliveries(ctx context.Context, w rebound.WebhookID, most int) ([]rebound.Delivery, error) {
	return list(ctx, t.q, t.scanDelivery, `
		select `+deliveryColumns+` from deliveries where business = $1 and webhook = $2 order by id desc limit $3`, t.id, w, most)
}

// AddDelivery writes a new delivery behind those that are pending for its webhook and contact: due now if it is the
// first. The contact must be held, so that nobody else adds or ends one meanwhile.
func (t TenantTx) AddDelivery(ctx context.Context, d rebound.Delivery, now time.Time) error {
	return t.later(ctx, `
		insert into deliveries (business, id, webhook, contact, event, body, place, state, attempt, status, trouble, created_at, due_at)
		select cast($1 as text), cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as text), cast($6 as text),
			coalesce(max(place) + 1, 0), 'pending', 0, 0, '', cast($7 as bigint), case when count(*) = 0 then cast($7 as bigint) end
		from deliveries where business = $1 and webhook = $3 and contact = $4 and state = 'pending'`,
		t.id, d.ID, d.Webhook, d.Contact, string(d.Event), d.Body, micros(now))
}

// SaveDelivery writes what became of an attempt, frees its lease, and makes the next one of the webhook and contact due
// when this one is over. The contact must be held.
func (t TenantTx) SaveDelivery(ctx context.Context, d rebound.Delivery, now time.Time) error {
	err := t.later(ctx, `
		update deliveries set state = $3, attempt = $4, status = $5, trouble = $6, done_at = $7, due_at = $8, lease_by = null
		where business = $1 and id = $2`,
		t.id, d.ID, string(d.State), d.Attempt, d.Status, d.Trouble, micros(d.DoneAt), micros(d.DueAt))
	if err != nil || d.State == rebound.DeliveryPending {
		return err
	}
	return t.later(ctx, `
		update deliveries set due_at = $4
		where business = $1 and due_at is null and id = (
			select id from deliveries where business = $1 and webhook = $2 and contact = $3 and state = 'pending' order by place limit 1)`,
		t.id, d.Webhook, d.Contact, micros(now))
}

// ReplayDelivery makes a delivery that is over pending again, behind those that are. The contact must be held.
func (t TenantTx) ReplayDelivery(ctx context.Context, d rebound.Delivery, now time.Time) error {
	return t.later(ctx, `
		update deliveries set state = 'pending', attempt = 0, done_at = null,
			place = (select coalesce(max(p.place) + 1, 0) from deliveries p
				where p.business = $1 and p.webhook = $3 and p.contact = $4 and p.state = 'pending'),
			due_at = case when not exists (select 1 from deliveries p
				where p.business = $1 and p.webhook = $3 and p.contact = $4 and p.state = 'pending') then cast($5 as bigint) end
		where business = $1 and id = $2 and state <> 'pending'`,
		t.id, d.ID, d.Webhook, d.Contact, micros(now))
}
