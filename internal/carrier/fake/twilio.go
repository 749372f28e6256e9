package fake

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"time"

	"rebound/internal/phone"
)

// TwilioAccount is an account of the network's Twilio. SID and Token are made up when empty.
type TwilioAccount struct {
	SID, Token       string
	KeyID, KeySecret string // an API key that may sign in too, if set
	// API is the address that the account's recordings and pictures get; empty: Twilio's own.
	API string
	// Hooks carries webhooks; nil: real connections.
	Hooks http.RoundTripper
	// LeavesStop: the account does not handle STOP itself. AdvancedOptOut: it also tells what it made of it.
	LeavesStop, AdvancedOptOut bool
}

// TwilioNumber is a number of the account and its settings, named as in Twilio's API.
type TwilioNumber struct {
	Number                                     phone.Number
	FriendlyName                               string
	VoiceURL, VoiceMethod                      string // methods: POST when empty
	VoiceFallbackURL, VoiceFallbackMethod      string
	SMSURL, SMSMethod                          string
	SMSFallbackURL, SMSFallbackMethod          string
	StatusCallback, StatusCallbackMethod       string
	VoiceApplication, SMSApplication, TrunkSID string // override the addresses: nothing arrives then
	// Service is the Messaging Service that the number belongs to; empty: none.
	Service string
}

// TwilioService is a Messaging Service.
type TwilioService struct {
	FriendlyName  string
	InboundURL    string
	UsesNumberURL bool // texts go to the number's own address, not to InboundURL
}

// Alert is one entry of the account's debugger: something that Rebound did wrong.
type Alert struct {
	Code   string // Twilio's error code, such as 11200
	Text   string
	Method string
	URL    string
	Form   url.Values // what the failed webhook said
	At     time.Time

	sid    string
	number int
}

// Twilio is one account as its owner sees it.
type Twilio struct {
	SID, Token string
	net        *Network
	account    TwilioAccount
	book       *book

	numbers  []*twilioNumber // guarded by the network's mu, as what follows
	services []*twilioService
	alerts   []*Alert
	played   [][]byte // sounds, in order
}

type twilioNumber struct {
	TwilioNumber
	sid     string
	created time.Time
	updated time.Time
	account *Twilio
}

type twilioService struct {
	TwilioService
	sid     string
	created time.Time
}

// Twilio opens an account.
func (n *Network) Twilio(a TwilioAccount) *Twilio {
	if a.SID == "" {
		a.SID = n.id("AC")
	}
	if a.Token == "" {
		a.Token = n.id("")
	}
	if a.API == "" {
		a.API = "https://api.twilio.com"
	}
	if a.Hooks == nil {
		a.Hooks = http.DefaultTransport
	}
	t := &Twilio{SID: a.SID, Token: a.Token, net: n, account: a, book: newBook()}
	t.book.answersStop, t.book.tellsIntent = !a.LeavesStop, a.AdvancedOptOut
	return t
}

// Owns gives the account a number, or an existing number other settings, and returns its SID.
func (t *Twilio) Owns(settings TwilioNumber) string {
	sid := t.net.id("PN")
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	now := t.net.now()
	if x := t.owned(settings.Number); x != nil {
		x.TwilioNumber, x.updated = settings, now
		return x.sid
	}
	x := &twilioNumber{TwilioNumber: settings, sid: sid, created: now, updated: now, account: t}
	t.numbers = append(t.numbers, x)
	t.net.lines[settings.Number] = x
	return sid
}

// Number returns a number's present settings; false when it is not the account's.
func (t *Twilio) Number(number phone.Number) (TwilioNumber, bool) {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	if x := t.owned(number); x != nil {
		return x.TwilioNumber, true
	}
	return TwilioNumber{}, false
}

// Serves opens a Messaging Service and returns its SID.
func (t *Twilio) Serves(s TwilioService) string {
	sid := t.net.id("MG")
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	t.services = append(t.services, &twilioService{TwilioService: s, sid: sid, created: t.net.now()})
	return sid
}

// owned finds a number; the network's mu is held.
func (t *Twilio) owned(number phone.Number) *twilioNumber {
	for _, x := range t.numbers {
		if x.Number == number {
			return x
		}
	}
	return nil
}

func (t *Twilio) service(sid string) *twilioService {
	for _, s := range t.services {
		if s.sid == sid {
			return s
		}
	}
	return nil
}

// Alerts lists what the account's debugger complains about, oldest first. A test in which Rebound
// makes no mistake ends without any.
func (t *Twilio) Alerts() []Alert {
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	var out []Alert
	for _, a := range t.alerts {
		out = append(out, *a)
	}
	return out
}

func (t *Twilio) alert(code, text, method, address string, form url.Values) {
	sid := t.net.id("NO")
	t.net.log.Warn("fake Twilio complains", "code", code, "url", address)
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	t.alerts = append(t.alerts, &Alert{
		Code: code, Text: text, Method: method, URL: address, Form: form, At: t.net.now(), sid: sid, number: len(t.alerts)})
}

// Transport carries REST requests to the account's API without a listener, and can also fail to
// connect (see Unconnected).
func (t *Twilio) Transport() http.RoundTripper { return transport{t, Wire(t.Handler())} }

type transport struct {
	account *Twilio
	wire    http.RoundTripper
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	network := t.account.net
	next := map[string]*[]SendFault{t.account.path("Messages.json"): &network.faults.next, t.account.path("Calls.json"): &network.faults.dials}[r.URL.Path]
	if r.Method == http.MethodPost && next != nil && network.unconnects(next) {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errLost}
	}
	return t.wire.RoundTrip(r)
}

// Serve answers REST requests on a listener until ctx is done, and closes it.
func (t *Twilio) Serve(ctx context.Context, l net.Listener) error {
	s := &http.Server{Handler: t.Handler(), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { s.Close() })
	defer stop()
	err := s.Serve(l)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// path is the path of a resource of the account.
func (t *Twilio) path(resource string) string {
	return "/2010-04-01/Accounts/" + t.SID + "/" + resource
}

func (x *twilioNumber) books() *book { return x.account.book }

func (x *twilioNumber) ids() idPrefixes { return twilioIDs() }

func twilioIDs() idPrefixes {
	return idPrefixes{call: "CA", leg: "CA", recording: "RE", text: "SM", pictured: "MM", picture: "ME"}
}

// settings returns the number's present settings.
func (x *twilioNumber) settings() TwilioNumber {
	x.account.net.mu.Lock()
	defer x.account.net.mu.Unlock()
	return x.TwilioNumber
}
