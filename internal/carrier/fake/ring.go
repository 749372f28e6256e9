package fake

import (
	"context"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// LegState is where a leg stands.
type LegState string

const (
	LegInitiated LegState = "initiated"
	LegRings     LegState = "ringing"
	LegPickedUp  LegState = "answered"  // by a person or by a voicemail; not connected yet
	LegConnected LegState = "connected" // with the caller
	LegOver      LegState = "completed"
)

// Leg is one attempt to ring one destination within a call.
type Leg struct {
	ID    string // the carrier's
	To    string // a number or a SIP address
	Shown string // the caller id on the display

	call   *Call
	phone  *Phone          // nil: nobody has the address
	ctx    context.Context // done when the leg is dead, whoever ended it
	cancel context.CancelFunc
	picked chan bool // true: answered, false: declined
	keys   chan byte
	tell   teller
	begun  time.Time

	state    LegState
	pickedUp time.Time // zero: never
	hungUp   bool      // by the handset
	status   rebound.EndStatus
	ended    time.Time
}

// Answer picks the ringing handset up.
func (l *Leg) Answer() { l.picks(true) }

// Decline refuses the call.
func (l *Leg) Decline() { l.picks(false) }

func (l *Leg) picks(up bool) {
	select {
	case l.picked <- up:
	default: // it was done before
	}
}

// PressKey presses keys on the handset.
func (l *Leg) PressKey(keys string) { press(l.keys, keys) }

// HangUp ends the leg from the handset's side; a ringing one is declined.
func (l *Leg) HangUp() {
	l.call.net.mu.Lock()
	rings := l.pickedUp.IsZero()
	l.hungUp = !rings
	l.call.net.mu.Unlock()
	if rings {
		l.Decline()
		return
	}
	l.cancel()
}

// State returns where the leg stands.
func (l *Leg) State() LegState {
	l.call.net.mu.Lock()
	defer l.call.net.mu.Unlock()
	return l.state
}

// Status returns how the leg ended; empty while it goes on.
func (l *Leg) Status() rebound.EndStatus {
	l.call.net.mu.Lock()
	defer l.call.net.mu.Unlock()
	return l.status
}

// ringOrder is what a line tells a call to ring.
type ringOrder struct {
	targets []target
	timeout time.Duration
	longest time.Duration // of the connection; 0: no limit
	shown   string        // caller id
}

// target is one destination of a ringOrder.
type target struct {
	to      string
	refused bool // the network will not ring it
	// screen runs when the leg was picked up and reports whether it accepts; nil: picking up does.
	screen func(*Leg) bool
	// report is told of each state that the leg enters.
	report func(*Leg, LegState)
}

// rung is what came of a ringOrder.
type rung struct {
	status  rebound.EndStatus
	leg     *Leg // the connected one, else one that the status is about
	legs    []*Leg
	bridged bool
	talk    time.Duration
	gone    bool // the caller left
}

// group is the legs that ring together.
type group struct {
	call   *Call
	order  ringOrder
	legs   []*Leg
	late   chan struct{} // closed when nobody shall ring any longer
	winner *Leg          // guarded by the network's mu
}

// ring rings all targets at once. The first to accept is connected with the caller until one of
// them hangs up, and the others stop. It returns when every leg is over.
func (c *Call) ring(o ringOrder) rung {
	c.enter(StageRinging)
	g := &group{call: c, order: o, late: make(chan struct{})}
	for _, t := range o.targets {
		g.legs = append(g.legs, c.newLeg(t, o.shown))
	}
	done := make(chan bool, len(g.legs))
	for i, l := range g.legs {
		if !c.net.spawn(func() { done <- g.run(l, o.targets[i]) }) {
			done <- false
		}
	}
	timeout := time.NewTimer(o.timeout)
	defer timeout.Stop()
	r := rung{legs: g.legs}
	for left := len(g.legs); left > 0; {
		select {
		case <-timeout.C:
			close(g.late)
		case won := <-done:
			left--
			if won {
				r.talk = g.connect()
			}
		}
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	r.gone = c.hungUp
	r.bridged = g.winner != nil
	r.status, r.leg = g.outcome(r.gone, c.net.habits)
	return r
}

// newLeg makes a leg of the call and finds the handset that it rings.
func (c *Call) newLeg(t target, shown string) *Leg {
	l := &Leg{
		ID: c.net.id(c.ids.leg), To: t.to, Shown: shown, call: c,
		picked: make(chan bool, 1), keys: make(chan byte, 32), state: LegInitiated, begun: c.net.now(),
	}
	l.ctx, l.cancel = context.WithCancel(c.ctx)
	if strings.HasPrefix(t.to, "+") {
		c.net.Phone(phone.Number(t.to))
	}
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	l.phone = c.net.phones[phone.Number(t.to)]
	c.legs = append(c.legs, l)
	c.book.legIDs[l.ID] = l
	return l
}

// refusing is how long a network takes to say that a handset cannot be rung.
const refusing = 500 * time.Millisecond

// run rings one destination, and reports whether it won the call.
func (g *group) run(l *Leg, t target) bool {
	t.report(l, LegInitiated)
	m := l.rings()
	switch {
	case l.phone == nil || m.does == isUnreachable || t.refused:
		return g.over(l, t, rebound.EndFailed, refusing)
	case m.does == isBusy:
		return g.over(l, t, rebound.EndBusy, refusing)
	}
	l.enter(LegRings)
	t.report(l, LegRings)
	if status := l.waits(m, g.late); status != "" {
		return g.over(l, t, status, 0)
	}
	l.enter(LegPickedUp)
	if l.call.net.Habits().PickUpSilences {
		g.stopOthers(l)
	}
	t.report(l, LegPickedUp)
	if (t.screen == nil || t.screen(l)) && g.wins(l) {
		g.stopOthers(l)
		return true
	}
	return g.over(l, t, rebound.EndCompleted, 0)
}

// rings puts the leg on its handset and returns how that behaves.
func (l *Leg) rings() manner {
	n := l.call.net
	n.mu.Lock()
	defer n.mu.Unlock()
	if l.phone == nil {
		return manner{}
	}
	l.phone.legs = append(l.phone.legs, l)
	return l.phone.manner
}

// waits rings until the handset is picked up, and returns how the leg ended if it is not.
func (l *Leg) waits(m manner, late <-chan struct{}) rebound.EndStatus {
	acts := time.NewTimer(m.after)
	defer acts.Stop()
	if m.does == letsRing {
		acts.Stop()
	}
	up := false
	select {
	case <-acts.C:
		up = m.does == accepts
	case up = <-l.picked:
	case <-late:
		return rebound.EndNoAnswer
	case <-l.ctx.Done():
		return rebound.EndCanceled
	}
	if up {
		return ""
	}
	if l.call.net.Habits().DeclineIsNoAnswer {
		return rebound.EndNoAnswer
	}
	return rebound.EndBusy
}

// wins makes l the connected leg, if it still lives and is the first.
func (g *group) wins(l *Leg) bool {
	g.call.net.mu.Lock()
	defer g.call.net.mu.Unlock()
	if g.winner != nil || l.ctx.Err() != nil {
		return false
	}
	g.winner = l
	return true
}

func (g *group) stopOthers(l *Leg) {
	for _, other := range g.legs {
		if other != l {
			other.cancel()
		}
	}
}

// connect lets caller and winner talk until either hangs up, and returns how long they did.
func (g *group) connect() time.Duration {
	l, c := g.winner, g.call
	c.enter(StageTalking)
	l.enter(LegConnected)
	if c.own != nil {
		c.own.enter(LegConnected)
	}
	began := time.Now()
	talk := l.phone.behaviour().talk
	if g.order.longest > 0 {
		talk = min(talk, g.order.longest)
	}
	pause(l.ctx, talk)
	length := time.Since(began)
	g.over(l, g.order.targets[slices.Index(g.legs, l)], rebound.EndCompleted, 0)
	return length
}

// over ends a leg after a while, takes it from its handset, and reports it. It returns false: such
// a leg did not win.
func (g *group) over(l *Leg, t target, s rebound.EndStatus, after time.Duration) bool {
	pause(l.ctx, after)
	l.cancel()
	n := l.call.net
	n.mu.Lock()
	l.status, l.ended = s, n.now()
	if l.phone != nil {
		l.phone.legs = slices.DeleteFunc(l.phone.legs, func(o *Leg) bool { return o == l })
	}
	n.mu.Unlock()
	l.enter(LegOver)
	t.report(l, LegOver)
	return false
}

// enter moves the leg to a state.
func (l *Leg) enter(s LegState) {
	n := l.call.net
	n.mu.Lock()
	defer n.mu.Unlock()
	l.state = s
	if s == LegPickedUp {
		l.pickedUp = n.now()
	}
	n.touch()
}

// length is how long the leg was off the hook; n.mu is held.
func (l *Leg) length() time.Duration {
	if l.pickedUp.IsZero() || l.ended.IsZero() {
		return 0
	}
	return l.ended.Sub(l.pickedUp)
}

// outcome is the group's status in the carriers' words and a leg that it is about, nil when there
// was none; n.mu is held.
func (g *group) outcome(gone bool, h Habits) (rebound.EndStatus, *Leg) {
	first := func(is func(*Leg) bool) *Leg {
		if i := slices.IndexFunc(g.legs, is); i >= 0 {
			return g.legs[i]
		}
		return nil
	}
	if g.winner != nil {
		return rebound.EndCompleted, g.winner
	}
	if gone {
		return rebound.EndCanceled, first(func(*Leg) bool { return true })
	}
	if l := first(func(l *Leg) bool { return !l.pickedUp.IsZero() }); l != nil {
		if h.UnacceptedIsNoAnswer {
			return rebound.EndNoAnswer, l
		}
		return rebound.EndCompleted, l
	}
	for _, s := range []rebound.EndStatus{rebound.EndNoAnswer, rebound.EndBusy} {
		if l := first(func(l *Leg) bool { return l.status == s }); l != nil {
			return s, l
		}
	}
	return rebound.EndFailed, first(func(*Leg) bool { return true })
}

// prompt is something that is said to a person who may answer with keys.
type prompt struct {
	says    time.Duration
	waits   time.Duration // for the next key, once all is said
	most    int           // keys; 0: no limit
	finish  string        // keys that end the input and are not part of it
	presses string        // keys that the person presses by themselves
}

// thinking is how long people take to press the key that they are asked for.
const thinking = time.Second

// hear plays the prompt and returns the keys that were pressed, without the finishing one.
// It returns early when ctx ends.
func (p prompt) hear(ctx context.Context, line chan byte) (keys string, finished bool) {
	own := time.NewTimer(max(p.says, thinking))
	defer own.Stop()
	if p.presses == "" {
		own.Stop()
	}
	silence := time.NewTimer(p.says + p.waits)
	defer silence.Stop()
	for {
		select {
		case <-ctx.Done():
			return keys, false
		case <-silence.C:
			return keys, false
		case <-own.C:
			press(line, p.presses)
		case k := <-line:
			if strings.IndexByte(p.finish, k) >= 0 {
				return keys, true
			}
			keys += string(k)
			if len(keys) == p.most {
				return keys, true
			}
			silence.Reset(p.waits)
		}
	}
}
