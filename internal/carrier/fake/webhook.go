package fake

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

// Webhook is one thing that the network has to say to Rebound.
type Webhook struct {
	Kind carrier.PlaceKind // what it is about, in Rebound's words
	ID   string            // the carrier's id of the inbound call or of the text
	// Asked: the network waits for the answer and does what it says. Otherwise it only reports.
	Asked bool
	After time.Duration // handed over that much later; 0: at once and in order

	URL  string     // Twilio: where it goes
	Form url.Values // Twilio: what it says

	Call    *rebound.CallEvent // connected in Rebound's words: exactly one of the three
	Text    *rebound.TextEvent
	Receipt *rebound.Receipt

	send func(context.Context, Webhook) answer
}

// answer is what came back for a webhook.
type answer struct {
	instruction rebound.Instruction // in Rebound's words
	page        page                // over HTTP
	err         error
}

var errLost = errors.New("the request was lost on its way")

// Intercept lets f decide about each webhook: it returns what is handed over instead, which may be
// nothing (it is lost), the webhook several times, a changed copy, or one with another After. Of a
// webhook that is asked the first returned one is waited for; when it is lost, the network behaves
// as if Rebound could not be reached. One call of f runs at a time; it must not wait, nor change
// the form or event of the webhook that it got. nil ends the interception.
func (n *Network) Intercept(f func(Webhook) []Webhook) {
	n.hooking.Lock()
	defer n.hooking.Unlock()
	n.intercept = f
}

// Deliver hands over a webhook that Intercept kept back, and waits for the answer, which nothing
// is done about.
func (n *Network) Deliver(w Webhook) error { return w.send(n.ctx, w).err }

// Lose is an interceptor that loses the reports of the given kinds.
func Lose(kinds ...carrier.PlaceKind) func(Webhook) []Webhook {
	return func(w Webhook) []Webhook {
		if slices.Contains(kinds, w.Kind) {
			return nil
		}
		return []Webhook{w}
	}
}

// Twice is an interceptor that hands every webhook over a second time, later.
func Twice(later time.Duration) func(Webhook) []Webhook {
	return func(w Webhook) []Webhook {
		again := w
		again.After = later
		return []Webhook{w, again}
	}
}

// Delay is an interceptor that hands reports of the given kinds over later than what follows them.
func Delay(by time.Duration, kinds ...carrier.PlaceKind) func(Webhook) []Webhook {
	return func(w Webhook) []Webhook {
		if slices.Contains(kinds, w.Kind) {
			w.After += by
		}
		return []Webhook{w}
	}
}

// teller keeps what is told about one thing in order: each report waits for the one before. It
// belongs to one goroutine at a time.
type teller struct{ last <-chan struct{} }

// told waits until everything was handed over.
func (t teller) told(ctx context.Context) {
	if t.last == nil {
		return
	}
	select {
	case <-t.last:
	case <-ctx.Done():
	}
}

// report hands a webhook over in t's order, and after all that the other tellers were told, without
// waiting for it.
func (n *Network) report(t *teller, w Webhook, after ...*teller) {
	for _, w := range n.intercepted(w) {
		if w.After > 0 {
			n.later(w)
			continue
		}
		before, done := []teller{*t}, make(chan struct{})
		for _, other := range after {
			before = append(before, *other)
		}
		t.last = done
		n.spawn(func() {
			defer close(done)
			for _, b := range before {
				b.told(n.ctx)
			}
			w.send(n.ctx, w)
		})
	}
}

// ask hands a webhook over, after all that the tellers were told, and returns the answer.
func (n *Network) ask(w Webhook, after ...*teller) answer {
	for _, t := range after {
		t.told(n.ctx)
	}
	w.Asked = true
	list := n.intercepted(w)
	if len(list) == 0 {
		return answer{err: errLost}
	}
	for _, again := range list[1:] {
		again.Asked = false
		n.later(again)
	}
	if !n.sleep(list[0].After) {
		return answer{err: n.ctx.Err()}
	}
	return w.send(n.ctx, list[0])
}

// later hands a webhook over by itself, after its own delay.
func (n *Network) later(w Webhook) {
	n.spawn(func() {
		if n.sleep(w.After) {
			w.send(n.ctx, w)
		}
	})
}

func (n *Network) intercepted(w Webhook) []Webhook {
	n.hooking.Lock()
	defer n.hooking.Unlock()
	if n.intercept == nil {
		return []Webhook{w}
	}
	return n.intercept(w)
}
