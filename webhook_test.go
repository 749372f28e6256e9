package rebound_test

import (
	"testing"
	"time"

	"rebound"
)

// A webhook that never answers: when it is tried, and what becomes of it.
func TestWebhookDeliveriesAreTriedForThreeDays(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	d := rebound.Delivery{ID: "d1", State: rebound.DeliveryPending}
	for _, pause := range []time.Duration{
		5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
	} {
		d = d.After(rebound.Reception{Status: 500, Trouble: "out of order"}, now)
		if got := d.DueAt.Sub(now); got < pause || got > pause+pause/10 || d.State != rebound.DeliveryPending {
			t.Errorf("after attempt %d: %v, %s; want %v and up to a tenth", d.Attempt, got, d.State, pause)
		}
		now = d.DueAt
	}
	if d = d.After(rebound.Reception{}, now); d.State != rebound.DeliveryDead || !d.DueAt.IsZero() || d.DoneAt != now || d.Attempt != 10 {
		t.Errorf("in the end: %+v", d)
	}
}

func TestAWebhookIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	d := rebound.Delivery{ID: "d1"}.After(rebound.Reception{Status: 429, RetryAfter: time.Hour}, now)
	if d.DueAt != now.Add(time.Hour) {
		t.Errorf("due %v later", d.DueAt.Sub(now))
	}
	if d = d.After(rebound.Reception{Status: 204}, now); d.State != rebound.DeliveryDone || d.DoneAt != now || !d.DueAt.IsZero() {
		t.Errorf("taken: %+v", d)
	}
}

func TestAWebhookThatFailsForFiveDaysIsToldNoMore(t *testing.T) {
	start := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	var h rebound.WebhookHealth
	for _, step := range []struct {
		after    time.Duration
		status   int
		failing  time.Duration // since; -1: it is not
		disabled bool
	}{
		{0, 200, -1, false}, {time.Hour, 500, time.Hour, false}, {119 * time.Hour, 301, time.Hour, false}, {120 * time.Hour, 200, -1, false},
		{121 * time.Hour, 0, 121 * time.Hour, false}, {240 * time.Hour, 404, 121 * time.Hour, false}, {241 * time.Hour, 0, 121 * time.Hour, true},
	} {
		h = h.After(rebound.Reception{Status: step.status}, start.Add(step.after))
		var failing time.Time
		if step.failing >= 0 {
			failing = start.Add(step.failing)
		}
		if h.FailingSince != failing || h.DisabledAt.IsZero() == step.disabled {
			t.Errorf("after %v: %+v", step.after, h)
		}
	}
	if h := (rebound.WebhookHealth{}).After(rebound.Reception{Status: 410}, start); h.DisabledAt != start {
		t.Errorf("410: %+v", h)
	}
}

func TestWebhooksAreToldWhatTheyWant(t *testing.T) {
	some := rebound.Webhook{Events: []rebound.WebhookEvent{rebound.TellClosed}}
	if some.Wants(rebound.TellWaiting) || !some.Wants(rebound.TellClosed) || !(rebound.Webhook{}).Wants(rebound.TellWaiting) {
		t.Error("a webhook is told of what it does not want, or not of what it does")
	}
	waiting := rebound.Recovery{State: rebound.RecoveryWaiting}
	for kind, want := range map[rebound.EventKind]rebound.WebhookEvent{
		rebound.EventClockStarted: rebound.TellWaiting, rebound.EventContactVoid: rebound.TellWaiting, rebound.EventContactMade: rebound.TellContacted,
		rebound.EventOutcome: rebound.TellClosed, rebound.EventStepReached: "", rebound.EventDecided: "",
	} {
		if got := waiting.Tells(kind); got != want {
			t.Errorf("%s tells of %q, want %q", kind, got, want)
		}
	}
	if got := (rebound.Recovery{State: rebound.RecoveryOpen}).Tells(rebound.EventContactVoid); got != "" {
		t.Errorf("a contact that was none tells of %q though nobody waits", got)
	}
}
