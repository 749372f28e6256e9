package rebound

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"
)

// WebhookEvent names what a webhook is told of.
type WebhookEvent string

const (
	TellWaiting   WebhookEvent = "recovery.waiting"   // a caller waits for a human, or waits again
	TellContacted WebhookEvent = "recovery.contacted" // a human reached the caller
	TellClosed    WebhookEvent = "recovery.closed"    // the recovery has an outcome
	TellReceived  WebhookEvent = "message.received"   // a text from the caller
)

// WebhookEvents are all that there are.
func WebhookEvents() []WebhookEvent {
	return []WebhookEvent{TellWaiting, TellContacted, TellClosed, TellReceived}
}

// Webhook is an address at which another system, often a CRM, is told what happens.
type Webhook struct {
	ID       WebhookID
	Business BusinessID
	URL      string
	Secret   string         // a reference, "env:NAME" or "file:/path"; empty: the installation makes one
	Events   []WebhookEvent // empty: all
}

// Wants reports whether the webhook is to be told of an event.
func (w Webhook) Wants(e WebhookEvent) bool {
	for _, wanted := range w.Events {
		if wanted == e {
			return true
		}
	}
	return len(w.Events) == 0
}

// WebhookHealth is how a webhook has answered of late.
type WebhookHealth struct {
	FailingSince time.Time // of the first failure after the last success; zero: it answers
	DisabledAt   time.Time // zero: it is told
}

// failsFor is how long a webhook may fail until it is told no more, as Standard Webhooks recommends.
const failsFor = 5 * 24 * time.Hour

// After is the health after one more answer. A receiver that says 410 wants to be told no more at once.
func (h WebhookHealth) After(r Reception, now time.Time) WebhookHealth {
	switch {
	case r.Taken():
		return WebhookHealth{}
	case h.FailingSince.IsZero():
		h.FailingSince = now
	}
	if r.Status == 410 || now.Sub(h.FailingSince) >= failsFor {
		h.DisabledAt = now
	}
	return h
}

// DeliveryState is how far the telling of one event has come.
type DeliveryState string

const (
	DeliveryPending DeliveryState = "pending"
	DeliveryDone    DeliveryState = "delivered"
	DeliveryDead    DeliveryState = "dead" // given up; somebody may have it sent again
)

// Delivery is one event on its way to one webhook. Deliveries about one contact keep their order: the next leaves when
// the one before it is delivered or dead.
type Delivery struct {
	ID        DeliveryID // the webhook-id header: the same however often it is sent
	Business  BusinessID
	Webhook   WebhookID
	Contact   ContactID
	Event     WebhookEvent
	Body      string // JSON, as it is sent
	State     DeliveryState
	Attempt   int    // attempts that have ended
	Status    int    // HTTP status of the last; 0: there was no answer
	Trouble   string // why the last did not succeed, for people
	CreatedAt time.Time
	DoneAt    time.Time
	DueAt     time.Time // when it is sent (again); zero: never, or after the one before it
}

// Reception is what became of one attempt.
type Reception struct {
	Status     int           // 0: there was no answer
	Trouble    string        // empty: it was taken
	RetryAfter time.Duration // how long the receiver asked to be left alone
}

// Taken reports whether the receiver has the event.
func (r Reception) Taken() bool { return r.Status >= 200 && r.Status < 300 }

// retries are the pauses after each failed attempt (Standard Webhooks, "retry schedule"): ten attempts in three days.
func retries() []time.Duration {
	return []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour,
		20 * time.Hour, 24 * time.Hour,
	}
}

// After is the delivery after one more attempt. Pauses are up to a tenth longer, for each delivery by another part, so
// that a receiver that comes back is not met by all at once.
func (d Delivery) After(r Reception, now time.Time) Delivery {
	d.Attempt++
	d.Status, d.Trouble, d.DueAt = r.Status, r.Trouble, time.Time{}
	pauses := retries()
	switch {
	case r.Taken():
		d.State, d.DoneAt = DeliveryDone, now
	case d.Attempt > len(pauses):
		d.State, d.DoneAt = DeliveryDead, now
	default:
		pause := pauses[d.Attempt-1]
		part := fnv.New32a()
		fmt.Fprintf(part, "%s %d", d.ID, d.Attempt)
		pause += pause / 10 * time.Duration(part.Sum32()%1000) / 1000
		d.DueAt = now.Add(max(pause, r.RetryAfter))
	}
	return d
}

// Abandoned is the delivery given up because its webhook is gone or disabled.
func (d Delivery) Abandoned(now time.Time) Delivery {
	d.State, d.Trouble, d.DoneAt, d.DueAt = DeliveryDead, "The webhook is disabled or no longer declared.", now, time.Time{}
	return d
}

// Tells says of which event webhooks are told when a recovery's timeline gets a line; empty: of none. r is the
// recovery after the step.
func (r Recovery) Tells(kind EventKind) WebhookEvent {
	switch {
	case kind == EventClockStarted, kind == EventContactVoid && r.State == RecoveryWaiting:
		return TellWaiting
	case kind == EventContactMade, kind == EventStated:
		return TellContacted
	case kind == EventOutcome:
		return TellClosed
	}
	return ""
}

// WebhookBody writes an event as docs/webhooks.md says. r is nil where it is not about a recovery, m where it is not
// about a text.
func WebhookBody(e WebhookEvent, at time.Time, c Contact, r *Recovery, m *Message) string {
	body := webhookBody{Type: e, Timestamp: at, Data: webhookData{
		Business: c.Business, Contact: webhookContact{ID: c.ID, Number: c.Number, Name: c.Name, Owner: c.Owner},
	}}
	if r != nil {
		body.Data.Recovery = &webhookRecovery{
			ID: r.ID, Line: r.Line, State: r.State, Why: r.Why, Urgent: r.Urgent, Misses: r.Misses, OpenedAt: r.OpenedAt,
			WaitSince: r.WaitSince, ContactAt: r.ContactAt, Proven: r.Proven, Outcome: r.Outcome, Amount: r.Amount, ClosedAt: r.ClosedAt,
		}
	}
	if m != nil {
		body.Data.Message = &webhookMessage{ID: m.ID, Line: m.Line, Recovery: m.Recovery, Body: m.Body, ReceivedAt: m.CreatedAt}
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("rebound: a webhook's body as JSON: " + err.Error()) // a year beyond 9999: a programmer's mistake
	}
	return string(text)
}

type webhookBody struct {
	Type      WebhookEvent `json:"type"`
	Timestamp time.Time    `json:"timestamp"`
	Data      webhookData  `json:"data"`
}

type webhookData struct {
	Business BusinessID       `json:"business"`
	Contact  webhookContact   `json:"contact"`
	Recovery *webhookRecovery `json:"recovery,omitempty"`
	Message  *webhookMessage  `json:"message,omitempty"`
}

type webhookContact struct {
	ID     ContactID `json:"id"`
	Number string    `json:"number,omitempty"`
	Name   string    `json:"name,omitempty"`
	Owner  MemberID  `json:"owner,omitempty"`
}

type webhookRecovery struct {
	ID        RecoveryID    `json:"id"`
	Line      LineID        `json:"line"`
	State     RecoveryState `json:"state"`
	Why       WaitReason    `json:"why,omitempty"`
	Urgent    bool          `json:"urgent"`
	Misses    int           `json:"misses"`
	OpenedAt  time.Time     `json:"opened_at"`
	WaitSince time.Time     `json:"wait_since,omitzero"`
	ContactAt time.Time     `json:"contact_at,omitzero"`
	Proven    bool          `json:"contact_proven"`
	Outcome   Outcome       `json:"outcome,omitempty"`
	Amount    int64         `json:"amount_cents,omitempty"`
	ClosedAt  time.Time     `json:"closed_at,omitzero"`
}

type webhookMessage struct {
	ID         MessageID  `json:"id"`
	Line       LineID     `json:"line"`
	Recovery   RecoveryID `json:"recovery,omitempty"`
	Body       string     `json:"body"`
	ReceivedAt time.Time  `json:"received_at"`
}
