package fake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

// hook makes a webhook to an address, which may carry connection overrides in its fragment. What
// goes wrong with it is in the account's alerts.
func (t *Twilio) hook(k carrier.PlaceKind, id, method, address string, form url.Values) Webhook {
	token := t.net.id("")
	return Webhook{Kind: k, ID: id, URL: address, Form: form, send: func(ctx context.Context, w Webhook) answer {
		p, err := t.fetch(ctx, request{method: method, address: w.URL, form: w.Form, token: token})
		t.complains(p, w.Form, err)
		return answer{page: p, err: err}
	}}
}

// complains notes an error about a page in the alerts.
func (t *Twilio) complains(p page, form url.Values, err error) {
	var c *complaint
	if errors.As(err, &c) && t.net.ctx.Err() == nil {
		t.alert(c.code, c.text, p.method, p.address, form)
	}
}

// listen fetches a sound to play. Such a request is not signed.
func (t *Twilio) listen(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, withoutFragment(address), nil)
	if err != nil {
		return complain("11100", "%v", err)
	}
	res, err := t.account.Hooks.RoundTrip(req)
	if err != nil {
		return complain("11205", "no sound: %v", err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return complain("11206", "the sound broke off: %v", err)
	case res.StatusCode != http.StatusOK:
		return complain("11200", "no sound: HTTP %d", res.StatusCode)
	case !strings.HasPrefix(res.Header.Get("Content-Type"), "audio/"):
		return complain("12300", "the sound is of type %q", res.Header.Get("Content-Type"))
	}
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	t.played = append(t.played, content)
	return nil
}

// Played returns the sounds that callers were played, in order.
func (t *Twilio) Played() [][]byte {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	return slices.Clone(t.played)
}

// request is one webhook on the wire.
type request struct {
	method, address string
	form            url.Values
	token           string // equal in all tries
}

// overrides are the connection settings that an address's fragment may change.
type overrides struct {
	read, total time.Duration
	retries     int
	on          []string // kinds of failure that are repeated
}

// overridesOf reads an address's fragment: "#rt=3000&rc=2&rp=all".
func overridesOf(address string) overrides {
	o := overrides{read: patience, total: patience, retries: 1, on: []string{"ct"}}
	_, fragment, _ := strings.Cut(address, "#")
	for _, setting := range strings.Split(fragment, "&") {
		name, value, _ := strings.Cut(setting, "=")
		n, err := strconv.Atoi(value)
		switch {
		case name == "rp":
			o.on = strings.Split(value, ",")
		case err != nil:
		case name == "rt" && n >= 100 && n <= 15000:
			o.read = time.Duration(n) * time.Millisecond
		case name == "tt" && n >= 100 && n <= 15000:
			o.total = time.Duration(n) * time.Millisecond
		case name == "rc" && n >= 0 && n <= 5:
			o.retries = n
		}
	}
	return o
}

// fetch makes the request, and again as far as the address's overrides say so.
func (t *Twilio) fetch(ctx context.Context, r request) (page, error) {
	o := overridesOf(r.address)
	ctx, cancel := context.WithTimeout(ctx, o.total)
	defer cancel()
	for try := 0; ; try++ {
		once, done := context.WithTimeout(ctx, o.read)
		p, failure, err := t.follow(once, r)
		done()
		repeats := slices.Contains(o.on, failure) || slices.Contains(o.on, "all")
		if err == nil || try >= o.retries || !repeats || ctx.Err() != nil {
			return p, err
		}
	}
}

// mostRedirects is how many redirects in a row Twilio follows.
const mostRedirects = 10

// follow makes the request once and follows redirects as Twilio does: after 301, 302 and 303 the
// form is lost. It names the kind of failure as the overrides do: ct, rt, 4xx or 5xx.
func (t *Twilio) follow(ctx context.Context, r request) (p page, failure string, err error) {
	for range mostRedirects + 1 {
		var to string
		p, to, failure, err = t.once(ctx, r)
		if err != nil || to == "" {
			return p, failure, err
		}
		if r.address, err = resolve(r.address, to); err != nil {
			return p, "", complain("11100", "the redirect goes to %q", to)
		}
		if p.status != http.StatusTemporaryRedirect && p.status != http.StatusPermanentRedirect {
			r.method, r.form = http.MethodGet, nil
		}
	}
	return p, "", complain("11215", "more than %d redirects", mostRedirects)
}

// once makes one request over the wire; to is where it was redirected.
func (t *Twilio) once(ctx context.Context, r request) (p page, to, failure string, err error) {
	p = page{method: r.method, address: r.address}
	connected := false
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected = true }}
	req, err := t.signed(httptrace.WithClientTrace(ctx, trace), r)
	if err != nil {
		return p, "", "", complain("11100", "%v", err)
	}
	res, err := t.account.Hooks.RoundTrip(req)
	switch {
	case err != nil && ctx.Err() != nil:
		return p, "", "rt", complain("11200", "no answer in time")
	case err != nil && connected:
		return p, "", "rt", complain("11206", "the connection broke: %v", err)
	case err != nil:
		return p, "", "ct", complain("11205", "no connection: %v", err)
	}
	defer res.Body.Close()
	p.status, p.contentType = res.StatusCode, res.Header.Get("Content-Type")
	p.body, err = io.ReadAll(io.LimitReader(res.Body, largest+1))
	switch {
	case err != nil:
		return p, "", "rt", complain("11206", "the answer broke off: %v", err)
	case p.status >= 500:
		return p, "", "5xx", complain("11200", "HTTP %d", p.status)
	case p.status >= 400:
		return p, "", "4xx", complain("11200", "HTTP %d", p.status)
	case p.status >= 300:
		return p, res.Header.Get("Location"), "", nil
	}
	return p, "", "", nil
}

// signed builds the HTTP request with Twilio's headers. A GET carries the form in its query.
func (t *Twilio) signed(ctx context.Context, r request) (*http.Request, error) {
	address, form := withoutFragment(r.address), r.form
	var body io.Reader
	if r.method == http.MethodGet {
		if len(form) > 0 {
			separator := "?"
			if strings.Contains(address, "?") {
				separator = "&"
			}
			address += separator + form.Encode()
		}
		form = nil
	} else {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	}
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", "TwilioProxy/1.1")
	req.Header.Set("X-Home-Region", "us1")
	req.Header.Set("I-Twilio-Idempotency-Token", r.token)
	req.Header.Set("X-Twilio-Signature", SignTwilio(t.Token, address, form))
	return req, nil
}

// resolve makes an address in a document or a redirect absolute.
func resolve(base, address string) (string, error) {
	b, err := url.Parse(withoutFragment(base))
	if err != nil {
		return "", err
	}
	to, err := b.Parse(address)
	if err != nil {
		return "", err
	}
	return to.String(), nil
}

// callForm is what every webhook about a call says. A place name is told as empty.
func (t *Twilio) callForm(sid, from, to, status, direction string) url.Values {
	f := url.Values{
		"CallSid": {sid}, "AccountSid": {t.SID}, "From": {from}, "To": {to}, "Caller": {from}, "Called": {to},
		"CallStatus": {status}, "ApiVersion": {"2010-04-01"}, "Direction": {direction},
	}
	places(f, "From", "To", "Caller", "Called")
	return f
}

func places(f url.Values, of ...string) {
	for _, who := range of {
		f.Set(who+"City", "")
		f.Set(who+"State", "")
		f.Set(who+"Zip", "")
		f.Set(who+"Country", "US")
	}
}

// progress adds what webhooks on a call's progress say besides.
func (t *Twilio) progress(f url.Values, sequence int) url.Values {
	f.Set("SequenceNumber", strconv.Itoa(sequence))
	f.Set("Timestamp", rfc2822(t.net.now()))
	f.Set("CallbackSource", "call-progress-events")
	return f
}

// durations adds how long a call took: Duration in minutes begun, CallDuration in seconds.
func durations(f url.Values, d time.Duration) {
	s := seconds(d)
	f.Set("CallDuration", strconv.Itoa(s))
	f.Set("Duration", strconv.Itoa((s+59)/60))
}

func seconds(d time.Duration) int { return int(d.Round(time.Second).Seconds()) }

func rfc2822(t time.Time) string { return t.UTC().Format(time.RFC1123Z) }

// text hands an inbound text over, to the number's address or its service's.
func (x *twilioNumber) text(m *message, order *teller) {
	t, set := x.account, x.settings()
	address, method := set.SMSURL, post(set.SMSMethod)
	form := url.Values{
		"MessageSid": {m.id}, "SmsSid": {m.id}, "SmsMessageSid": {m.id}, "AccountSid": {t.SID}, "From": {m.from}, "To": {m.to},
		"Body": {m.body}, "NumMedia": {strconv.Itoa(len(m.pictures))}, "NumSegments": {strconv.Itoa(segments(m.body))},
		"SmsStatus": {"received"}, "ApiVersion": {"2010-04-01"},
	}
	places(form, "From", "To")
	if m.intent != "" {
		form.Set("OptOutType", string(m.intent))
	}
	t.net.mu.Lock()
	if s := t.service(set.Service); s != nil {
		form.Set("MessagingServiceSid", s.sid)
		if !s.UsesNumberURL {
			address, method = s.InboundURL, http.MethodPost
		}
	}
	for i, id := range m.pictures {
		form.Set("MediaUrl"+strconv.Itoa(i), t.account.API+t.path("Messages/"+m.id+"/Media/"+id))
		form.Set("MediaContentType"+strconv.Itoa(i), t.net.pictures[id].ContentType)
	}
	t.net.mu.Unlock()
	if set.SMSApplication != "" || address == "" {
		return
	}
	w := t.hook(carrier.AtText, m.id, method, address, form)
	first := w.send
	w.send = func(ctx context.Context, w Webhook) answer {
		a := first(ctx, w)
		if a.err == nil {
			a.err = a.page.saysNothing()
			t.complains(a.page, w.Form, a.err)
		}
		if a.err == nil || set.SMSFallbackURL == "" {
			return a
		}
		again := t.hook(w.Kind, m.id, post(set.SMSFallbackMethod), set.SMSFallbackURL, w.Form)
		return again.send(ctx, again)
	}
	t.net.report(order, w)
}

// saysNothing checks the answer to a text: it must be empty or an empty document. The network
// sends no texts that stand in a document.
func (p page) saysNothing() error {
	if len(p.body) == 0 {
		return nil
	}
	verbs, err := p.parse()
	if err == nil && len(verbs) > 0 {
		err = complain("12200", "<%s> in the answer to a text", verbs[0].name)
	}
	return err
}

// receipt reports the present state of a text that was sent.
func (t *Twilio) receipt(m *message, address string) Webhook {
	t.net.mu.Lock()
	status := string(m.state)
	form := url.Values{
		"MessageSid": {m.id}, "SmsSid": {m.id}, "MessageStatus": {status}, "SmsStatus": {status},
		"To": {m.to}, "From": {m.from}, "AccountSid": {t.SID}, "ApiVersion": {"2010-04-01"},
	}
	if m.code != "" {
		form.Set("ErrorCode", m.code)
	}
	if m.state == rebound.Delivered || m.state == rebound.Undelivered {
		form.Set("RawDlrDoneDate", m.updated.UTC().Format("0601021504"))
	}
	t.net.mu.Unlock()
	return t.hook(carrier.AtReceipt, m.id, http.MethodPost, address, form)
}

// post is the method of a webhook, which is POST when it is not set.
func post(method string) string {
	if method == "" {
		return http.MethodPost
	}
	return method
}
