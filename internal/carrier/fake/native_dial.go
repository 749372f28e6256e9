package fake

import (
	"context"
	"errors"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Dial makes a call, unless a fault was ordered.
func (m *native) Dial(ctx context.Context, o carrier.Outgoing) (string, error) {
	f := m.net.dialFault()
	if f.fate == unconnected {
		return "", &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Err: errLost}
	}
	place, err := m.Links.Read(strings.TrimPrefix(o.Screen, m.Links.Base))
	if err != nil {
		return "", &carrier.SendError{Outcome: carrier.Refused, Class: carrier.OurBug, Err: err}
	}
	id := ""
	if f.fate == noFault || f.taken {
		c := m.net.order(m.book, m.ids(), string(o.From), o.To)
		id = c.ID
		m.net.spawn(func() { m.dials(c, o, place) })
	}
	if err := m.net.fails(ctx, f); err != nil {
		return "", err
	}
	return id, nil
}

// dials rings the handset and, once it was picked up, does what Rebound says until nothing follows.
func (m *native) dials(c *Call, o carrier.Outgoing, place carrier.Place) {
	v := &conversation{native: m, call: c, in: rebound.Instruction{Business: place.Business, Call: place.Call}}
	leg := rebound.CallEvent{Step: place.Step, Target: place.Target}
	status := c.ringsOwn(o.RingFor, func(s LegState) { v.tells(c.own, s, leg, true) })
	if status == "" {
		in, ok := v.screens(c.own, leg)
		for ok && !c.gone() {
			in, ok = v.follow(in)
		}
	}
	c.endsOwn(status)
	ended := leg
	ended.Kind, ended.LegID, ended.Status = rebound.LegEnded, c.ID, c.Status()
	m.net.report(&c.own.tell, v.webhook(carrier.AtLeg, ended), append(tellers(c.Legs()), &v.tell)...)
}

// Dialled lists the calls that were made by request.
func (m *native) Dialled(_ context.Context, from phone.Number, to string, since time.Time) ([]carrier.Entry, error) {
	upTo, up := m.net.listed()
	if !up {
		return nil, errors.New("the carrier's list is unavailable")
	}
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	var out []carrier.Entry
	for _, c := range m.book.calls {
		if c.own != nil && c.From == string(from) && string(c.To) == to && !c.begun.Before(since) && !c.begun.After(upTo) {
			out = append(out, carrier.Entry{ID: c.ID, At: c.begun})
		}
	}
	return out, nil
}
