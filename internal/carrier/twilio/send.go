package twilio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/mail"
	"net/url"
	"sync/atomic"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

// Send asks Twilio to take one text, with exactly one POST. What became of it
// (ARCHITECTURE.md, "Sending: zero lost, zero twice"):
//
//	2xx with an id                                    accepted
//	4xx with Twilio's own JSON and a code             Refused, by the code's class
//	429                                               NotSent: never processed
//	no connection was had                             NotSent
//	everything else, once there was a connection      InDoubt
//
// "Everything else" includes a 4xx without Twilio's JSON, a redirect (Twilio's API sends none, so
// something in between answered), a 5xx even with Twilio's JSON, a 2xx without an id, an answer
// that was cut, and silence.
func (c *Client) Send(ctx context.Context, t carrier.Text) (carrier.Accepted, error) {
	made, err := c.post(ctx, "/Messages.json", messageForm(t))
	if err != nil {
		return carrier.Accepted{}, err
	}
	return carrier.Accepted{ID: made.SID, State: message{Status: made.Status}.state()}, nil
}

// resource is what Twilio made of a POST, as far as all kinds have it.
type resource struct {
	SID    string `json:"sid"`
	Status string `json:"status"`
}

// post asks Twilio to make something, with exactly one POST. The error is a *carrier.SendError.
func (c *Client) post(ctx context.Context, path string, form url.Values) (resource, error) {
	if err := ctx.Err(); err != nil {
		return resource{}, &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	var w wire
	req, err := c.request(httptrace.WithClientTrace(ctx, w.trace()), http.MethodPost, c.path(path), form)
	if err != nil {
		return resource{}, &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Err: err}
	}
	resp, err := c.api.RoundTrip(req)
	if err != nil {
		if w.untouched(err) {
			return resource{}, &carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Err: err}
		}
		return resource{}, &carrier.SendError{Outcome: carrier.InDoubt, Err: err}
	}
	defer resp.Body.Close()
	body, err := readUpTo(resp.Body, 64<<10)
	return verdict(resp, body, err)
}

// messageForm writes a text as Twilio wants it. SmartEncoded is off because Rebound straightens
// its texts itself: Twilio's list must show the very body that was sent, or an unknown send could
// not be found in it.
func messageForm(t carrier.Text) url.Values {
	form := url.Values{
		"To":           {string(t.To)},
		"From":         {string(t.From)},
		"Body":         {t.Body},
		"SmartEncoded": {"false"},
	}
	if t.Receipt != "" {
		form.Set("StatusCallback", t.Receipt+retries)
	}
	if t.ValidFor > 0 {
		form.Set("ValidityPeriod", wholeSeconds(t.ValidFor, 1, 36000))
	}
	return form
}

// wire watches whether a request may have touched a connection.
type wire struct{ asked, got atomic.Bool }

// trace resets at every try: the transport tries again by itself only after it wrote nothing
// (newTransport). GotConn is the earliest moment after which bytes can have been written; the
// later WroteHeaders runs beside RoundTrip and may come after it has returned.
func (w *wire) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { w.asked.Store(true); w.got.Store(false) },
		GotConn: func(httptrace.GotConnInfo) { w.got.Store(true) },
	}
}

// untouched reports whether it is proven that nothing was written. A RoundTripper that does not
// trace proves nothing unless it failed to dial.
func (w *wire) untouched(err error) bool {
	if w.asked.Load() {
		return !w.got.Load()
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// verdict reads the answer to a POST.
func verdict(resp *http.Response, body []byte, cut error) (resource, error) {
	refusal := readNo(body)
	e := &carrier.SendError{
		Outcome: carrier.InDoubt, Status: resp.StatusCode,
		Code: refusal.code(), Message: refusal.words(), Err: cut,
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		e.Outcome, e.Class, e.RetryAfter = carrier.NotSent, carrier.Repeat, carrier.RetryAfter(resp.Header)
		if e.Code != "" && Explain(e.Code).Class == carrier.Hold {
			e.Class = carrier.Hold
		}
		return resource{}, e
	case cut != nil:
		return resource{}, e
	case resp.StatusCode/100 == 2:
		var made resource
		if err := json.Unmarshal(body, &made); err != nil {
			e.Err = fmt.Errorf("the answer is not Twilio's JSON: %w", err)
			return resource{}, e
		}
		if made.SID == "" {
			e.Err = errors.New("the answer names nothing that was made")
			return resource{}, e
		}
		return made, nil
	case resp.StatusCode/100 == 4 && e.Code != "":
		e.Outcome, e.Class = carrier.Refused, Explain(e.Code).Class
	}
	return resource{}, e
}

// message is Twilio's Message resource, as far as it is read.
type message struct {
	SID         string `json:"sid"`
	From        string `json:"from"`
	To          string `json:"to"`
	Body        string `json:"body"`
	Status      string `json:"status"`
	Direction   string `json:"direction"`
	ErrorCode   *int   `json:"error_code"`
	DateCreated string `json:"date_created"`
	NumMedia    string `json:"num_media"`
}

// state of a text that Twilio has: a status that is not known still means that it has it.
func (m message) state() rebound.MessageState {
	if s := messageState(m.Status); s != "" {
		return s
	}
	return rebound.Queued
}

func (m message) created() (time.Time, error) { return mail.ParseDate(m.DateCreated) }
