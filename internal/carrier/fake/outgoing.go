package fake

import (
	"context"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// A call that is made by request rings a handset first. Whoever holds that handset is then the caller of all that
// follows: they listen, press keys, and are connected with whom the call rings next.

// order makes a call by request, in the account's book. It rings nobody yet.
func (n *Network) order(b *book, ids idPrefixes, from, to string) *Call {
	c := &Call{
		ID: n.id(ids.call), From: from, To: phone.Number(to), ids: ids, net: n,
		over: make(chan struct{}), keys: make(chan byte, 32), begun: n.now(), stage: StageDialling, since: n.now(),
	}
	c.ctx, c.cancel = context.WithCancel(n.ctx)
	l := &Leg{ID: c.ID, To: to, Shown: from, call: c, picked: make(chan bool, 1), keys: c.keys, state: LegInitiated, begun: c.begun}
	l.ctx, l.cancel = context.WithCancel(c.ctx)
	context.AfterFunc(l.ctx, func() { c.HangsUp() })
	if strings.HasPrefix(to, "+") {
		n.Phone(phone.Number(to))
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	l.phone = n.phones[phone.Number(to)]
	c.own = l
	b.enters(c)
	return c
}

// ringsOwn rings the handset that the call is for, and returns how that ended; empty: it was picked up.
func (c *Call) ringsOwn(timeout time.Duration, report func(LegState)) rebound.EndStatus {
	l := c.own
	m := l.rings()
	switch {
	case l.phone == nil || m.does == isUnreachable:
		pause(l.ctx, refusing)
		return rebound.EndFailed
	case m.does == isBusy:
		pause(l.ctx, refusing)
		return rebound.EndBusy
	}
	c.enter(StageRinging)
	l.enter(LegRings)
	report(LegRings)
	late := make(chan struct{})
	timer := time.AfterFunc(timeout, func() { close(late) })
	defer timer.Stop()
	if status := l.waits(m, late); status != "" {
		return status
	}
	c.enter(StageListening)
	l.enter(LegPickedUp)
	report(LegPickedUp)
	return ""
}

// endsOwn ends the call and takes it from its handset. An empty status is that of a call that was picked up.
func (c *Call) endsOwn(status rebound.EndStatus) {
	l := c.own
	status = c.end(status)
	l.cancel()
	c.net.mu.Lock()
	l.status, l.ended = status, c.ended
	if l.phone != nil {
		l.phone.legs = slices.DeleteFunc(l.phone.legs, func(o *Leg) bool { return o == l })
	}
	c.net.mu.Unlock()
	l.enter(LegOver)
}
