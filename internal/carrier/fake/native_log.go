package fake

import (
	"context"
	"errors"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

var errLogDown = errors.New("the carrier's log is unavailable")

// Since lists what came in on a line.
func (m *native) Since(_ context.Context, line phone.Number, since time.Time) (carrier.Log, error) {
	upTo, up := m.net.listed()
	if !up {
		return carrier.Log{}, errLogDown
	}
	listed := func(at time.Time) bool { return !at.Before(since) && !at.After(upTo) }
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	var log carrier.Log
	for _, c := range m.book.calls {
		if c.To == line && listed(c.begun) {
			log.Calls = append(log.Calls, carrier.Entry{ID: c.ID, At: c.begun})
		}
	}
	for _, t := range m.book.to[string(line)] {
		if t.inbound && listed(t.created) {
			log.Texts = append(log.Texts, carrier.Entry{ID: t.id, At: t.created})
		}
	}
	return log, nil
}

// Text looks an inbound text up.
func (m *native) Text(_ context.Context, id string) (rebound.TextEvent, error) {
	upTo, up := m.net.listed()
	if !up {
		return rebound.TextEvent{}, errLogDown
	}
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	t := m.book.textIDs[id]
	if t == nil || !t.inbound || t.created.After(upTo) {
		return rebound.TextEvent{}, carrier.ErrUnknown
	}
	return m.inbound(t), nil
}

// inbound is a text from outside in Rebound's words; n.mu is held.
func (m *native) inbound(t *message) rebound.TextEvent {
	e := rebound.TextEvent{
		Connection: m.ID, CarrierID: t.id, From: t.from, To: t.to, Body: t.body, Intent: t.intent, At: t.created,
	}
	for _, id := range t.pictures {
		e.Media = append(e.Media, rebound.InboundMedia{URL: "fake:" + id, ContentType: m.net.pictures[id].ContentType})
	}
	return e
}

// voicemail is what the caller left, and when they had spoken; n.mu is held.
func (c *Call) voicemail() (rebound.Recording, time.Time) {
	for _, s := range c.sounds {
		if s.Length > 0 {
			return rebound.Recording{ID: s.ID, URL: "fake:" + s.ID, Duration: s.Length}, s.at.Add(s.Length)
		}
	}
	return rebound.Recording{}, time.Time{}
}
