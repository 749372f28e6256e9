package fake

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// Phone is a handset and whoever holds it. What it does when it is rung is set beforehand and
// counts from the next ring; a leg that rings can always be answered or declined by hand.
type Phone struct {
	Number phone.Number

	net     *Network
	manner  manner
	refuses refusal
	line    phone.LineType // empty: a mobile
	inbox   []Text
	read    int // texts of the inbox that NextText has returned
	legs    []*Leg
	sending sync.Mutex // orders texting
	texting teller
}

// manner is what a handset does when it is rung.
type manner struct {
	does  conduct
	after time.Duration // ringing before it does it
	key   string        // pressed when asked for one; empty: none
	talk  time.Duration // then hangs up
}

type conduct int

const (
	letsRing conduct = iota
	accepts
	declines
	isBusy
	isUnreachable
)

// refusal is how a text fails on its way to the handset.
type refusal struct {
	state rebound.MessageState
	code  string
}

// LetsRing leaves the handset ringing until somebody acts on the leg, or it rings out.
func (p *Phone) LetsRing() *Phone { return p.behaves(letsRing, 0) }

// Accepts picks up after a time of ringing, and presses a key when the call is announced.
func (p *Phone) Accepts(after time.Duration) *Phone { return p.behaves(accepts, after) }

// Declines refuses the call after a time of ringing.
func (p *Phone) Declines(after time.Duration) *Phone { return p.behaves(declines, after) }

// Busy is engaged: it does not ring.
func (p *Phone) Busy() *Phone { return p.behaves(isBusy, 0) }

// Unreachable cannot be rung: no such number, blocked, no network.
func (p *Phone) Unreachable() *Phone { return p.behaves(isUnreachable, 0) }

// VoicemailAnswers lets the phone's own voicemail pick up after a time of ringing. It listens for
// half a minute, presses nothing, and hangs up.
func (p *Phone) VoicemailAnswers(after time.Duration) *Phone {
	p.behaves(accepts, after)
	return p.set(func(m *manner) { m.key, m.talk = "", 30*time.Second })
}

// Talks sets how long whoever picks up talks before hanging up; at first it is a minute.
func (p *Phone) Talks(d time.Duration) *Phone { return p.set(func(m *manner) { m.talk = d }) }

// Presses sets the key that is pressed when one is asked for, at first 1; "" means none.
func (p *Phone) Presses(key string) *Phone { return p.set(func(m *manner) { m.key = key }) }

func (p *Phone) behaves(c conduct, after time.Duration) *Phone {
	return p.set(func(m *manner) { m.does, m.after = c, after })
}

func (p *Phone) set(change func(*manner)) *Phone {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	change(&p.manner)
	return p
}

// Ringing lists the legs that ring the handset or that it is connected to, oldest first.
func (p *Phone) Ringing() []*Leg {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	return slices.Clone(p.legs)
}

// NextRing waits until the handset rings and returns the newest leg; an error when ctx ends first.
func (p *Phone) NextRing(ctx context.Context) (*Leg, error) {
	var leg *Leg
	ok := p.net.await(ctx, func() bool {
		if n := len(p.legs); n > 0 && p.legs[n-1].state == LegRings {
			leg = p.legs[n-1]
		}
		return leg != nil
	})
	if !ok {
		return nil, cmp.Or(ctx.Err(), p.net.ctx.Err())
	}
	return leg, nil
}

// Text is a text as a handset or the network sees it.
type Text struct {
	ID        string // the carrier's
	From, To  phone.Number
	Body      string
	Pictures  []Picture
	At        time.Time
	State     rebound.MessageState
	Code      string // the carrier's error code, if it failed
	ByCarrier bool   // the carrier's own answer to STOP, START or HELP
}

// Picture is what may come with a text.
type Picture struct {
	ContentType string
	Data        []byte
}

// Texts sends a text to a line and returns the carrier's id of it; "" when the number is no line.
// The texts of one handset arrive in the order in which they were sent.
func (p *Phone) Texts(to phone.Number, body string, pictures ...Picture) string {
	return p.net.receive(p, string(p.Number), to, body, pictures)
}

// Inbox lists all texts that reached the handset, oldest first.
func (p *Phone) Inbox() []Text {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	return slices.Clone(p.inbox)
}

// NextText waits for the oldest text that it has not returned yet.
func (p *Phone) NextText(ctx context.Context) (Text, error) {
	var t Text
	ok := p.net.await(ctx, func() bool {
		if p.read == len(p.inbox) {
			return false
		}
		t = p.inbox[p.read]
		p.read++
		return true
	})
	if !ok {
		return Text{}, cmp.Or(ctx.Err(), p.net.ctx.Err())
	}
	return t, nil
}

// Unread lists the texts that NextText has not returned.
func (p *Phone) Unread() []Text {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	return slices.Clone(p.inbox[p.read:])
}

// RefusesTexts makes texts to the handset end undelivered with the carrier's error code; ""
// makes them arrive again.
func (p *Phone) RefusesTexts(code string) *Phone {
	return p.fails(refusal{rebound.Undelivered, code})
}

// FailsTexts is RefusesTexts for a text that does not even leave the carrier: it ends failed.
func (p *Phone) FailsTexts(code string) *Phone { return p.fails(refusal{rebound.FailedText, code}) }

// IsLine says what kind of line the handset is on, for who looks the number up; at first it is a mobile.
func (p *Phone) IsLine(kind phone.LineType) *Phone {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	p.line = kind
	return p
}

// lineType answers a look-up.
func (n *Network) lineType(number phone.Number) phone.LineType {
	n.mu.Lock()
	defer n.mu.Unlock()
	if p := n.phones[number]; p != nil && p.line != "" {
		return p.line
	}
	return phone.Mobile
}

func (p *Phone) fails(r refusal) *Phone {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	p.refuses = r
	return p
}

// shows puts a text on the handset.
func (p *Phone) shows(t Text) {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	p.inbox = append(p.inbox, t)
	p.net.touch()
}

func (p *Phone) behaviour() manner {
	p.net.mu.Lock()
	defer p.net.mu.Unlock()
	return p.manner
}
