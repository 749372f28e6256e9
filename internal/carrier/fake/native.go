package fake

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Rebound is what a line that speaks Rebound's own words is connected to.
type Rebound interface {
	// HandleCall answers what a live call does next; for a mere report the answer means nothing.
	HandleCall(context.Context, rebound.CallEvent) (rebound.Instruction, error)
	HandleText(context.Context, rebound.TextEvent) error
	HandleReceipt(context.Context, rebound.Receipt) error
}

// Connection is a business's account at this carrier.
type Connection struct {
	ID      rebound.ConnectionID
	Rebound Rebound
	Links   carrier.Links // reads the address to which a text's receipts go
	// AnswersStop: the carrier confirms opt-outs, and TellsIntent: it says so with the text.
	AnswersStop, TellsIntent bool
}

type nativeID = rebound.ConnectionID

// native is one connection in Rebound's own words.
type native struct {
	Connection
	net  *Network
	book *book
}

// Connect gives a number to a connection, which is known by its id: the first number brings its
// settings, and the carrier of that id serves all its numbers.
func (n *Network) Connect(number phone.Number, c Connection) {
	n.mu.Lock()
	defer n.mu.Unlock()
	m := n.natives[c.ID]
	if m == nil {
		m = &native{Connection: c, net: n, book: newBook()}
		m.book.answersStop, m.book.tellsIntent = c.AnswersStop, c.TellsIntent
		n.natives[c.ID] = m
	}
	n.lines[number] = m
}

func (m *native) books() *book { return m.book }

func (m *native) ids() idPrefixes {
	return idPrefixes{
		call: "call-", leg: "leg-", recording: "recording-", text: "text-", pictured: "text-", picture: "picture-",
	}
}

// patience is how long the network waits for an answer.
const patience = 15 * time.Second

// conversation is one call as it is told to Rebound.
type conversation struct {
	*native
	call *Call
	in   rebound.Instruction // the last answer; names the call
	tell teller
}

// call does what Rebound says until nothing follows.
func (m *native) call(c *Call) {
	v := &conversation{native: m, call: c}
	in, ok := v.asks(v.about(rebound.CallEvent{Kind: rebound.CallArrived}))
	c.wasBrief()
	for ok && !c.gone() {
		in, ok = v.follow(in)
	}
	ended := v.about(rebound.CallEvent{Kind: rebound.CallEnded})
	ended.Status, ended.CallerGone = c.end(""), true
	m.net.report(&v.tell, v.webhook(carrier.AtStatus, ended), tellers(c.Legs())...)
}

// about fills in what a report on the call as a whole says.
func (v *conversation) about(e rebound.CallEvent) rebound.CallEvent {
	e.From, e.To = v.call.From, string(v.call.To)
	e.ForwardedFrom, e.CallerID = v.call.dial.ForwardedFrom, v.call.dial.CallerID
	return e
}

// follow does one instruction and returns the next.
func (v *conversation) follow(in rebound.Instruction) (rebound.Instruction, bool) {
	switch in.Kind {
	case rebound.DoRing:
		return v.ring(in)
	case rebound.DoMenu:
		return v.menu(in)
	case rebound.DoVoicemail:
		return v.voicemail(in)
	case rebound.DoGreet:
		v.call.says(greeting(in.Step))
	case rebound.DoReject:
		v.call.rejects(rebound.EndNoAnswer)
	}
	return in, false
}

// ring rings a step's targets and asks what follows.
func (v *conversation) ring(in rebound.Instruction) (rebound.Instruction, bool) {
	o := ringOrder{timeout: in.Step.For, shown: v.call.From}
	if in.Step.CallerID != "" {
		o.shown = string(in.Step.CallerID)
	}
	for i, t := range in.Step.Targets {
		if slices.Contains(in.Skip, i) {
			continue
		}
		leg := rebound.CallEvent{Step: in.Number, Target: i}
		to := target{to: string(t.Destination.Number)}
		to.report = func(l *Leg, s LegState) { v.tells(l, s, leg, to.screen != nil) }
		if t.Destination.Kind == rebound.SIP {
			to.to = t.Destination.Address
		}
		if t.Destination.Kind.Screened() {
			to.screen = func(l *Leg) bool {
				_, accepts := v.screens(l, leg)
				return accepts
			}
		}
		o.targets = append(o.targets, to)
	}
	r := v.call.ring(o)
	if v.net.ctx.Err() != nil {
		return in, false
	}
	e := rebound.CallEvent{Kind: rebound.RingEnded, Step: in.Number, Status: r.status, Talk: r.talk, CallerGone: r.gone, Bridged: rebound.No}
	if r.leg != nil {
		e.LegID = r.leg.ID
	}
	if r.bridged {
		e.Bridged = rebound.Yes
	}
	if r.gone && v.net.Habits().SilentHangup {
		return in, false
	}
	return v.asks(e, tellers(r.legs)...)
}

// menu says the menu and asks where the key leads that was pressed, or none.
func (v *conversation) menu(in rebound.Instruction) (rebound.Instruction, bool) {
	v.call.enter(StageListening)
	keys, _ := prompt{says: greeting(in.Step), waits: in.Step.For, most: 1}.hear(v.call.ctx, v.call.keys)
	if v.call.gone() {
		return in, false
	}
	return v.asks(rebound.CallEvent{Kind: rebound.MenuChosen, Step: in.Number, Target: in.Target, Key: keys})
}

// tells reports a leg's progress. The picking up of a screened one is told by screens, which asks
// about it.
func (v *conversation) tells(l *Leg, s LegState, e rebound.CallEvent, screened bool) {
	e.LegID = l.ID
	switch {
	case s == LegRings:
		e.Kind = rebound.LegRinging
	case s == LegPickedUp && !screened:
		e.Kind = rebound.LegAnswered
	case s == LegOver:
		e.Kind, e.Status = rebound.LegEnded, l.Status()
	default:
		return
	}
	v.net.report(&l.tell, v.webhook(carrier.AtLeg, e))
}

// screens asks what to do with a leg that was picked up, and does it: it hears the announcement and
// must press a key. It returns what the leg does then, and whether it accepts.
func (v *conversation) screens(l *Leg, e rebound.CallEvent) (rebound.Instruction, bool) {
	e.LegID, e.Kind = l.ID, rebound.LegAnswered
	in, ok := v.answer(v.net.ask(v.webhook(carrier.AtScreen, e), &l.tell))
	if !ok || in.Kind == rebound.DoHangUp {
		return in, false
	}
	if in.Kind != rebound.DoScreen {
		return in, true
	}
	p := prompt{says: speaking(in.Step.Announce), waits: 5 * time.Second, most: 1, presses: l.phone.behaviour().key}
	if keys, _ := p.hear(l.ctx, l.keys); keys == "" {
		return in, false
	}
	e.Kind = rebound.LegAccepted
	in, ok = v.answer(v.net.ask(v.webhook(carrier.AtAccept, e), &l.tell))
	return in, ok && in.Kind != rebound.DoHangUp
}

// voicemail greets and records the caller, and asks what follows. The recording itself is ready
// a little later, even when the caller has left.
func (v *conversation) voicemail(in rebound.Instruction) (rebound.Instruction, bool) {
	if !v.call.says(greeting(in.Step)) {
		return in, false
	}
	r := v.call.record(in.Step.MaxFor, in.Step.Silence, "1234567890*#")
	if v.net.ctx.Err() != nil {
		return in, false
	}
	e := rebound.CallEvent{Kind: rebound.VoicemailLeft, Step: in.Number, CallerGone: r.gone}
	e.Recording = rebound.Recording{ID: r.ID, URL: "fake:" + r.ID, Duration: r.Length, Absent: r.Length == 0}
	ready := e
	ready.Kind = rebound.RecordingReady
	v.later(processing, v.webhook(carrier.AtRecording, ready))
	return v.asks(e)
}

// processing is how long a network needs until a recording can be fetched.
const processing = 2 * time.Second

func (v *conversation) later(d time.Duration, w Webhook) {
	v.net.spawn(func() {
		if v.net.sleep(d) {
			v.net.report(new(teller), w)
		}
	})
}

// asks tells of an event whose answer is what the call does next. When the caller is gone it is a
// mere report.
func (v *conversation) asks(e rebound.CallEvent, after ...*teller) (rebound.Instruction, bool) {
	kind := map[rebound.CallEventKind]carrier.PlaceKind{
		rebound.CallArrived: carrier.AtVoice, rebound.RingEnded: carrier.AtRung, rebound.MenuChosen: carrier.AtMenu,
		rebound.VoicemailLeft: carrier.AtRecorded,
	}[e.Kind]
	w := v.webhook(kind, e)
	if v.call.gone() {
		v.net.report(&v.tell, w, after...)
		return v.in, false
	}
	in, ok := v.answer(v.net.ask(w, append(after, &v.tell)...))
	if ok {
		v.in = in
	}
	return in, ok
}

func (v *conversation) answer(a answer) (rebound.Instruction, bool) {
	if a.err != nil && !errors.Is(a.err, context.Canceled) {
		v.net.log.Warn("fake carrier: no answer about a call", "call", v.call.ID, "error", a.err)
	}
	return a.instruction, a.err == nil
}

// webhook makes the report of an event. One that fails is repeated once, with the same token.
func (v *conversation) webhook(k carrier.PlaceKind, e rebound.CallEvent) Webhook {
	e.Connection, e.CarrierID, e.Token = v.ID, v.call.ID, v.net.id("token-")
	e.Call, e.Business = v.in.Call, v.in.Business
	e.Raw, _ = json.Marshal(e) // it has nothing that cannot be written
	return Webhook{Kind: k, ID: v.call.ID, Call: &e, send: func(ctx context.Context, w Webhook) (a answer) {
		a.err = v.try(ctx, func(ctx context.Context) (err error) {
			a.instruction, err = v.Rebound.HandleCall(ctx, *w.Call)
			return err
		})
		return a
	}}
}

// try does what a carrier does with a webhook: a second try when the first fails.
func (m *native) try(ctx context.Context, f func(context.Context) error) error {
	once := func() error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return f(ctx)
	}
	err := once()
	if err != nil && ctx.Err() == nil {
		err = once()
	}
	return err
}

func greeting(s rebound.Step) time.Duration {
	if s.Play != "" || s.Sound != "" {
		return playing
	}
	return speaking(s.Say)
}

// playing is how long any sound file lasts; the network does not fetch it.
const playing = 3 * time.Second

func tellers(legs []*Leg) []*teller {
	var all []*teller
	for _, l := range legs {
		all = append(all, &l.tell)
	}
	return all
}

// text hands an inbound text over.
func (m *native) text(t *message, order *teller) {
	m.net.mu.Lock()
	e := m.inbound(t)
	m.net.mu.Unlock()
	e.Token, e.At = m.net.id("token-"), time.Time{}
	e.Raw, _ = json.Marshal(e) // it has nothing that cannot be written
	m.net.report(order, Webhook{Kind: carrier.AtText, ID: t.id, Text: &e, send: func(ctx context.Context, w Webhook) (a answer) {
		a.err = m.try(ctx, func(ctx context.Context) error { return m.Rebound.HandleText(ctx, *w.Text) })
		return a
	}})
}
