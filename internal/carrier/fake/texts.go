package fake

import (
	"strings"
	"time"
	"unicode/utf16"

	"rebound"
	"rebound/internal/phone"
)

// book is what a carrier keeps about one account. The network's mu guards it.
type book struct {
	answersStop bool // the carrier confirms opt-outs by itself
	tellsIntent bool // and says so in the webhook

	texts   []*message // oldest first, as all lists here
	textIDs map[string]*message
	between map[pair][]*message
	to      map[string][]*message
	calls   []*Call
	callIDs map[string]*Call
	legIDs  map[string]*Leg
}

// pair is the direction that a text takes.
type pair struct{ from, to string }

// counted is what Count counts.
type counted struct {
	to   phone.Number
	body string
}

func newBook() *book {
	return &book{
		textIDs: map[string]*message{}, between: map[pair][]*message{}, to: map[string][]*message{},
		callIDs: map[string]*Call{}, legIDs: map[string]*Leg{},
	}
}

// message is one text in a carrier's book.
type message struct {
	id       string
	number   int // place in the book
	from, to string
	body     string
	pictures []string // ids
	inbound  bool
	intent   rebound.CarrierIntent
	state    rebound.MessageState
	code     string
	created  time.Time
	updated  time.Time
	sent     time.Time // zero: not yet
	receipt  func(*message) Webhook
}

// enters writes a call into the log.
func (b *book) enters(c *Call) {
	c.book, c.number = b, len(b.calls)
	b.calls = append(b.calls, c)
	b.callIDs[c.ID] = c
}

func (b *book) write(m *message) {
	m.number = len(b.texts)
	b.texts = append(b.texts, m)
	b.textIDs[m.id] = m
	b.between[pair{m.from, m.to}] = append(b.between[pair{m.from, m.to}], m)
	b.to[m.to] = append(b.to[m.to], m)
}

// take writes a text from Rebound into a book and sends it on its way.
func (n *Network) take(b *book, m *message) {
	n.mu.Lock()
	m.created = n.now()
	m.updated, m.state = m.created, rebound.Queued
	b.write(m)
	n.counts[counted{phone.Number(m.to), m.body}]++
	n.touch()
	n.mu.Unlock()
	n.spawn(func() { n.carry(m) })
}

// How long a text needs to leave the carrier, and then to reach the handset.
const (
	leaving  = 200 * time.Millisecond
	arriving = 800 * time.Millisecond
)

// carry takes a text to its handset and reports on it.
func (n *Network) carry(m *message) {
	var t teller
	p := n.Phone(phone.Number(m.to))
	if !n.sleep(leaving) {
		return
	}
	n.mu.Lock()
	fails := p.refuses
	n.mu.Unlock()
	if fails.code != "" && fails.state == rebound.FailedText {
		n.move(&t, m, fails.state, fails.code)
		return
	}
	n.move(&t, m, rebound.Sent, "")
	if !n.sleep(arriving) {
		return
	}
	if fails.code != "" {
		n.move(&t, m, fails.state, fails.code)
		return
	}
	n.mu.Lock()
	text := m.text()
	n.mu.Unlock()
	text.State, text.At = rebound.Delivered, n.now()
	p.shows(text)
	n.move(&t, m, rebound.Delivered, "")
}

// move brings a text to a state and reports that.
func (n *Network) move(t *teller, m *message, s rebound.MessageState, code string) {
	n.mu.Lock()
	m.state, m.code, m.updated = s, code, n.now()
	if s == rebound.Sent {
		m.sent = m.updated
	}
	told := m.receipt != nil && !n.habits.NoReceipts
	n.touch()
	n.mu.Unlock()
	if told {
		n.report(t, m.receipt(m))
	}
}

// text is the message as tests see it; n.mu is held.
func (m *message) text() Text {
	return Text{
		ID: m.id, From: phone.Number(m.from), To: phone.Number(m.to), Body: m.body,
		At: m.created, State: m.state, Code: m.code,
	}
}

// Taken lists all texts that the network took from Rebound for a line, oldest first.
func (n *Network) Taken(from phone.Number) []Text {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := n.lines[from]
	if l == nil {
		return nil
	}
	var out []Text
	for _, m := range l.books().texts {
		if m.from == string(from) && !m.inbound {
			out = append(out, m.text())
		}
	}
	return out
}

// Count returns how many texts of one body to one number the network took from Rebound, whatever
// it answered and whatever became of them.
func (n *Network) Count(to phone.Number, body string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.counts[counted{to, body}]
}

// receive hands a handset's text to the line that it is for.
func (n *Network) receive(p *Phone, from string, to phone.Number, body string, pictures []Picture) string {
	n.mu.Lock()
	l := n.lines[to]
	n.mu.Unlock()
	if l == nil {
		return ""
	}
	ids, b := l.ids(), l.books()
	m := &message{from: from, to: string(to), body: body, inbound: true, state: rebound.Received}
	m.id = n.id(ids.text)
	if len(pictures) > 0 {
		m.id = n.id(ids.pictured)
	}
	for range pictures {
		m.pictures = append(m.pictures, n.id(ids.picture))
	}
	n.mu.Lock()
	m.created = n.now()
	m.updated, m.sent = m.created, m.created
	for i, id := range m.pictures {
		n.pictures[id] = pictures[i]
	}
	b.write(m)
	if b.answersStop {
		n.obey(m, p)
	}
	if !b.tellsIntent {
		m.intent = ""
	}
	n.touch()
	n.mu.Unlock()
	p.sending.Lock() // so that one handset's texts stay in order
	defer p.sending.Unlock()
	l.text(m, &p.texting)
	return m.id
}

// obey does what a carrier does about its keywords before anybody is told: STOP blocks the line
// for that person, START lifts it, and the carrier answers. n.mu is held.
func (n *Network) obey(m *message, p *Phone) {
	m.intent = keyword(m.body)
	key := pair{m.to, m.from}
	says := ""
	switch {
	case m.intent == rebound.CarrierStop && !n.blocked[key]:
		n.blocked[key] = true
		says = "You are unsubscribed and will receive no more messages from this number. Reply START to receive them again."
	case m.intent == rebound.CarrierStart && n.blocked[key]:
		delete(n.blocked, key)
		says = "You will receive messages from this number again. Reply HELP for help, STOP to unsubscribe."
	case m.intent == rebound.CarrierHelp:
		says = "Reply STOP to unsubscribe. Message and data rates may apply."
	}
	if says == "" {
		return
	}
	text := Text{From: phone.Number(m.to), To: p.Number, Body: says, State: rebound.Delivered, ByCarrier: true}
	if n.shut {
		return
	}
	n.running.Go(func() {
		if n.sleep(leaving + arriving) {
			text.At = n.now()
			p.shows(text)
		}
	})
}

// keyword reads a text as carriers do: the whole text is one of their words, in any case.
func keyword(body string) rebound.CarrierIntent {
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL":
		return rebound.CarrierStop
	case "START", "YES", "UNSTOP":
		return rebound.CarrierStart
	case "HELP", "INFO":
		return rebound.CarrierHelp
	}
	return ""
}

// OptedOut reports whether the carrier blocks texts from a line to somebody.
func (n *Network) OptedOut(from, to phone.Number) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.blocked[pair{string(from), string(to)}]
}

// The signs of GSM 03.38 in one septet, and those that need two.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmTwice = "\f^{}\\[~]|€"
)

// segments estimates how many segments carry a text: it does not mind that an escape or a
// surrogate pair is never split between two.
func segments(body string) int {
	units := 0
	for _, r := range body {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			units++
		case strings.ContainsRune(gsmTwice, r):
			units += 2
		default:
			return parts(len(utf16.Encode([]rune(body))), 70, 67)
		}
	}
	return parts(units, 160, 153)
}

// parts is how many segments hold units, of which one alone holds more than each of several.
func parts(units, alone, each int) int {
	if units <= alone {
		return 1
	}
	return (units + each - 1) / each
}
