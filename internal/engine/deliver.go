package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"rebound"
	"rebound/internal/notify"
	"rebound/internal/store"
)

// Webhooks: what happens to a caller is told to the systems that the business named. The telling is written in the step
// that it is about, and sent by a lane of its own.

// announce writes an event for each webhook that wants it. A business without webhooks costs nothing: what it has declared
// is remembered.
func (s *step) announce(e rebound.WebhookEvent, b rebound.BusinessID, c rebound.ContactID, r *rebound.Recovery, m *rebound.Message) error {
	d, err := s.declared(b)
	if err != nil || len(d.webhooks) == 0 {
		return err
	}
	contact, err := s.contact(b, c)
	if err != nil {
		return err
	}
	body := rebound.WebhookBody(e, s.now, *contact, r, m)
	for _, w := range d.webhooks {
		if !w.Wants(e) {
			continue
		}
		err := s.tx.For(b).AddDelivery(s.ctx, rebound.Delivery{
			ID: rebound.DeliveryID(store.NewID(s.now)), Webhook: w.ID, Contact: c, Event: e, Body: body,
		}, s.now)
		if err != nil {
			return fmt.Errorf("webhook %s: %w", w.ID, err)
		}
		s.look(store.Deliveries, s.now)
	}
	return nil
}

// deliveryDue tells one webhook of one event. It may be told twice, under the same id: when the answer comes and the
// process ends before it is written.
func (e *Engine) deliveryDue(ctx context.Context, claim store.Claim) error {
	mine := e.store.Read().For(claim.Business)
	d, err := mine.Delivery(ctx, rebound.DeliveryID(claim.ID))
	if err != nil {
		return err
	}
	w, err := mine.ToldWebhook(ctx, d.Webhook)
	told := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	var r rebound.Reception
	if told {
		r = e.present(ctx, w, d)
	}
	return e.write(ctx, func(s *step) error {
		if _, err := s.contact(d.Business, d.Contact); err != nil {
			return err
		}
		held, err := s.tx.For(d.Business).Leased(s.ctx, store.Deliveries, claim)
		if err != nil || !held {
			return err
		}
		if !told {
			return s.presented(d.Abandoned(s.now))
		}
		if err := s.received(d, r); err != nil {
			return err
		}
		return s.presented(d.After(r, s.now))
	})
}

// present sends the event.
func (e *Engine) present(ctx context.Context, w rebound.Webhook, d rebound.Delivery) rebound.Reception {
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	secret, err := e.o.WebhookSecret(w)
	if err != nil {
		return rebound.Reception{Trouble: "Its secret cannot be read: " + shorten(err.Error(), 160)}
	}
	status, err := e.o.Tell(ctx, notify.Webhook{To: w.URL, Secret: secret, ID: string(d.ID), At: e.now(), Body: []byte(d.Body)})
	r := rebound.Reception{Status: status}
	if err != nil {
		r.Trouble = shorten(err.Error(), 200)
	}
	if busy := (*notify.Busy)(nil); errors.As(err, &busy) {
		r.RetryAfter = busy.After
	}
	return r
}

// received writes how the webhook answers where that has changed.
func (s *step) received(d rebound.Delivery, r rebound.Reception) error {
	was, err := s.tx.For(d.Business).WebhookHealth(s.ctx, d.Webhook)
	if err != nil {
		return err
	}
	is := was.After(r, s.now)
	if is == was {
		return nil
	}
	if !is.DisabledAt.IsZero() && was.DisabledAt.IsZero() {
		s.note(slog.LevelError, "webhook disabled: it failed for days, or wants to be told no more", "business", d.Business, "webhook", d.Webhook, "status", r.Status)
	}
	return s.tx.For(d.Business).SaveWebhookHealth(s.ctx, d.Webhook, was, is)
}

// presented writes a delivery as it stands after an attempt. Where it is over, the next about the contact is due.
func (s *step) presented(d rebound.Delivery) error {
	s.look(store.Deliveries, d.DueAt)
	if d.State != rebound.DeliveryPending {
		s.look(store.Deliveries, s.now)
	}
	if d.State != rebound.DeliveryDone {
		s.note(slog.LevelWarn, "webhook not told", "business", d.Business, "webhook", d.Webhook, "delivery", d.ID, "step", d.Event,
			"attempt", d.Attempt, "state", d.State, "status", d.Status, "trouble", d.Trouble)
	}
	return s.tx.For(d.Business).SaveDelivery(s.ctx, d, s.now)
}

// ReplayDelivery sends an event once more that was delivered or given up, under the same id and behind what is pending
// about the same contact. R2252: there is no such delivery.
func (e *Engine) ReplayDelivery(ctx context.Context, b rebound.BusinessID, id rebound.DeliveryID) error {
	err := e.write(ctx, func(s *step) error {
		d, err := s.tx.For(b).Delivery(s.ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return rebound.Errorf(rebound.NotFound, "R2252", "There is no such delivery. Deliveries are kept for as long as raw_event_days says.")
		}
		if err != nil {
			return err
		}
		if _, err := s.contact(b, d.Contact); err != nil {
			return err
		}
		s.look(store.Deliveries, s.now)
		return s.tx.For(b).ReplayDelivery(s.ctx, d, s.now)
	})
	if err != nil {
		return fmt.Errorf("replay a delivery: %w", err)
	}
	return nil
}

// EnableWebhook has a webhook told again that was disabled. What happened meanwhile it is not told of. R2253: the
// business has no such webhook.
func (e *Engine) EnableWebhook(ctx context.Context, b rebound.BusinessID, id rebound.WebhookID) error {
	err := e.write(ctx, func(s *step) error {
		was, err := s.tx.For(b).WebhookHealth(s.ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			return rebound.Errorf(rebound.NotFound, "R2253", "The business has no webhook %q.", shorten(string(id), 40))
		}
		if err != nil {
			return err
		}
		return s.tx.For(b).SaveWebhookHealth(s.ctx, id, was, rebound.WebhookHealth{})
	})
	if err != nil {
		return fmt.Errorf("enable a webhook: %w", err)
	}
	return nil
}
