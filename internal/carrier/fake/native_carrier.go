package fake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Carrier returns the carrier through which a connection sends; nil when no number has it.
func (n *Network) Carrier(id rebound.ConnectionID) carrier.Carrier {
	n.mu.Lock()
	defer n.mu.Unlock()
	if m := n.natives[id]; m != nil {
		return m
	}
	return nil
}

// Explain tells the consequence of an error code of this carrier: its codes are the names of the
// classes, and Twilio's for an opt-out and for too many requests. Any other is permanent.
func Explain(code string) carrier.Remedy {
	words := map[carrier.Class]string{
		carrier.Permanent:   "The carrier says this number cannot receive texts. Call instead.",
		carrier.OptedOut:    "This person opted out at the carrier. Call instead.",
		carrier.ConfigAlarm: "The carrier says the line is not set up for texts.",
		carrier.Hold:        "The carrier takes no more texts for now.",
		carrier.RepeatOnce:  "The phone could not be reached.",
		carrier.Repeat:      "The carrier was too busy to take it.",
		carrier.Filtered:    "A carrier filtered this text.",
		carrier.OurBug:      "The carrier did not understand the request.",
	}
	class := carrier.Class(code)
	switch code {
	case "21610":
		class = carrier.OptedOut
	case "20429":
		class = carrier.Repeat
	}
	if words[class] == "" {
		class = carrier.Permanent
	}
	return carrier.Remedy{Class: class, Landline: code == "30006", Words: words[class]}
}

// LineType looks a number up, unless the lists are down.
func (m *native) LineType(_ context.Context, n phone.Number) (phone.LineType, error) {
	if _, up := m.net.listed(); !up {
		return phone.Unknown, errors.New("the look-up is down")
	}
	return m.net.lineType(n), nil
}

func (m *native) AnswersStop() bool { return m.Connection.AnswersStop }

// Send takes one text, unless a fault was ordered or the person opted out.
func (m *native) Send(ctx context.Context, t carrier.Text) (carrier.Accepted, error) {
	n := m.net
	f := n.fault(Text{From: t.From, To: t.To, Body: t.Body})
	if f.fate == noFault && n.OptedOut(t.From, t.To) {
		f = Refuse("21610", 400)
	}
	if f.fate == unconnected {
		return carrier.Accepted{}, &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Err: errLost}
	}
	text := &message{id: n.id(m.ids().text), from: string(t.From), to: string(t.To), body: t.Body}
	text.receipt = func(x *message) Webhook { return m.receipt(x, t.Receipt) }
	if f.fate == noFault || f.taken {
		n.take(m.book, text)
	}
	if err := n.fails(ctx, f); err != nil {
		return carrier.Accepted{}, err
	}
	return carrier.Accepted{ID: text.id, State: rebound.Queued}, nil
}

// fails does what goes wrong with a request, and returns what the client learns of it; nil: nothing goes wrong.
func (n *Network) fails(ctx context.Context, f SendFault) error {
	switch {
	case f.fate == noFault && pause(ctx, f.wait):
		return nil
	case f.fate == noFault:
		return &carrier.SendError{Outcome: carrier.InDoubt, Err: context.Cause(ctx)}
	case f.fate == hung:
		select {
		case <-ctx.Done():
		case <-n.ctx.Done():
		}
		return &carrier.SendError{Outcome: carrier.InDoubt, Err: context.Cause(ctx)}
	case f.status == 429:
		return &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Code: f.code, Status: f.status, RetryAfter: f.retryAfter}
	case f.fate == refused && f.status < 500:
		r := Explain(f.code)
		return &carrier.SendError{Outcome: carrier.Refused, Class: r.Class, Code: f.code, Status: f.status, Message: r.Words}
	}
	return &carrier.SendError{Outcome: carrier.InDoubt, Status: f.status, Err: errors.New("no clear answer")}
}

// receipt reports the present state of a text.
func (m *native) receipt(t *message, address string) Webhook {
	m.net.mu.Lock()
	r := rebound.Receipt{
		Connection: m.ID, CarrierID: t.id, From: phone.Number(t.from), To: phone.Number(t.to),
		State: t.state, Code: t.code, At: t.updated,
	}
	m.net.mu.Unlock()
	if p, err := m.Links.Read(strings.TrimPrefix(address, m.Links.Base)); err == nil {
		r.Business, r.Message = p.Business, p.Message
	}
	r.Raw, _ = json.Marshal(r) // it has nothing that cannot be written
	return Webhook{Kind: carrier.AtReceipt, ID: t.id, Receipt: &r, send: func(ctx context.Context, w Webhook) (a answer) {
		a.err = m.try(ctx, func(ctx context.Context) error { return m.Rebound.HandleReceipt(ctx, *w.Receipt) })
		return a
	}}
}

// Texts lists what was taken from one number for another.
func (m *native) Texts(_ context.Context, from, to phone.Number, since time.Time) ([]carrier.Listed, error) {
	upTo, up := m.net.listed()
	if !up {
		return nil, errors.New("the carrier's list is unavailable")
	}
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	var out []carrier.Listed
	for _, t := range m.book.between[pair{string(from), string(to)}] {
		if !t.created.Before(since) && !t.created.After(upTo) {
			out = append(out, carrier.Listed{ID: t.id, From: from, To: to, Body: t.body, State: t.state, Code: t.code, At: t.created})
		}
	}
	return out, nil
}

// Call looks a call up in the log.
func (m *native) Call(_ context.Context, id string) (carrier.LoggedCall, error) {
	upTo, up := m.net.listed()
	if !up {
		return carrier.LoggedCall{}, errLogDown
	}
	m.net.mu.Lock()
	defer m.net.mu.Unlock()
	c := m.book.callIDs[id]
	if c == nil || c.begun.After(upTo) {
		return carrier.LoggedCall{}, carrier.ErrUnknown
	}
	out := carrier.LoggedCall{ID: c.ID, From: c.From, Status: c.status, Talk: c.length(), Began: c.begun, Ended: c.ended}
	out.Recording, out.RecordedAt = c.voicemail()
	for _, l := range c.legs {
		out.Legs = append(out.Legs, carrier.LoggedLeg{ID: l.ID, To: l.To, Status: l.status, Talk: l.length()})
	}
	return out, nil
}

// Fetch opens a recording or a picture of this connection's own texts and calls.
func (m *native) Fetch(_ context.Context, address string) (carrier.Media, error) {
	id, ok := strings.CutPrefix(address, "fake:")
	m.net.mu.Lock()
	sound, picture := m.net.sounds[id], m.net.pictures[id]
	m.net.mu.Unlock()
	switch {
	case ok && sound != nil && sound.Length > 0:
		return carrier.Media{ContentType: "audio/wav", Body: io.NopCloser(bytes.NewReader(sound.WAV()))}, nil
	case ok && picture.Data != nil:
		return carrier.Media{ContentType: picture.ContentType, Body: io.NopCloser(bytes.NewReader(picture.Data))}, nil
	}
	return carrier.Media{}, carrier.ErrUnknown
}
