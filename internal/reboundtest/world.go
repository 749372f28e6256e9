// Package reboundtest is the test world: a business with a team, phones that ring and text, both
// databases, and time that passes when a test says so. It refuses to be used outside tests.
package reboundtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/carrier/fake"
	"rebound/internal/config"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// The default business. Its members' phones let ring until a test says otherwise.
const (
	Business   = rebound.BusinessID("acme")
	Connection = rebound.ConnectionID("acme.main")
	MainLine   = phone.Number("+14155550134")
	AnaCell    = phone.Number("+14155550111")
	BenCell    = phone.Number("+14155550112")
	FrontDesk  = phone.Number("+14155550113")
)

// World is one installation with its phone network, in virtual time: nothing passes while the test
// thinks, and half an hour passes in about a second.
type World struct {
	T       testing.TB
	Network *fake.Network
	Twilio  *fake.Twilio // nil where the carrier speaks Rebound's own words
	App     *app.App
	Store   *store.Store

	phones  map[phone.Number]*Handset
	callers int
}

// Run runs fn in a fresh world, once on SQLite and once on PostgreSQL, with a carrier that speaks
// Rebound's own words. A text that nobody expected fails the test.
func Run(t *testing.T, fn func(t *testing.T, w *World)) { run(t, false, fn) }

// RunTwilio is Run with a carrier that speaks Twilio's HTTP: signed webhooks, TwiML, its REST API.
func RunTwilio(t *testing.T, fn func(t *testing.T, w *World)) { run(t, true, fn) }

func run(t *testing.T, wire bool, fn func(t *testing.T, w *World)) {
	Databases(t, func(t *testing.T, fresh func(testing.TB) store.Options) {
		synctest.Test(t, func(t *testing.T) {
			w := open(t, fresh(t), wire)
			fn(t, w)
			w.finish()
		})
	})
}

func open(t *testing.T, database store.Options, wire bool) *World {
	log := slog.New(slog.NewTextHandler(logTo(t), &slog.HandlerOptions{Level: slog.LevelInfo}))
	database.Log = log
	s, err := store.Open(t.Context(), database)
	if err == nil {
		_, _, err = s.Migrate(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	w := &World{T: t, Store: s, Network: fake.New(fake.Options{Seed: 1}), phones: map[phone.Number]*Handset{}}
	cfg := config.Default()
	cfg.Data, cfg.PublicURL = t.TempDir(), "https://rebound.test"
	hooks := &switchable{}
	parts := app.Parts{Store: s, Log: log, Network: w.Network, Alone: true, Poll: time.Minute, Getenv: func(string) string { return "" }}
	if wire {
		w.Twilio = w.Network.Twilio(fake.TwilioAccount{Hooks: hooks})
		parts.Transport = w.Twilio.Transport()
		parts.Getenv = func(string) string { return w.Twilio.Token }
	}
	if w.App, err = app.OpenParts(t.Context(), cfg, parts); err != nil {
		t.Fatal(err)
	}
	hooks.to = fake.Wire(w.App.Handler(nil))
	w.Declare(func(*rebound.Declaration) {})
	if err := w.App.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

// switchable carries webhooks to a handler that is made after the account that sends them.
type switchable struct{ to http.RoundTripper }

func (s *switchable) RoundTrip(r *http.Request) (*http.Response, error) { return s.to.RoundTrip(r) }

// logTo shows what the program logs where a failing test is run alone with REBOUND_TEST_LOG set.
func logTo(t testing.TB) io.Writer {
	if os.Getenv("REBOUND_TEST_LOG") == "" {
		return io.Discard
	}
	return t.Output()
}

// Declare declares the default business, changed by edit.
func (w *World) Declare(edit func(*rebound.Declaration)) {
	w.T.Helper()
	d := DefaultBusiness()
	if w.Twilio != nil {
		d.Connections[0].Carrier, d.Connections[0].Account, d.Connections[0].AuthToken = "twilio", w.Twilio.SID, "env:TOKEN"
	}
	edit(&d)
	if err := w.App.Engine.Declare(context.Background(), d); err != nil {
		w.T.Fatal(err)
	}
	for _, l := range d.Lines {
		w.connect(l)
	}
}

func (w *World) connect(l rebound.Line) {
	if w.Twilio == nil {
		w.Network.Connect(l.Number, fake.Connection{ID: l.Connection, Rebound: w.App.Engine, Links: w.App.Links("fake"), AnswersStop: true})
		return
	}
	base := "https://rebound.test/hook/twilio/" + string(l.Connection)
	w.Twilio.Owns(fake.TwilioNumber{
		Number: l.Number, VoiceURL: base + "/voice#rc=2&rp=all", SMSURL: base + "/text#rc=2&rp=all", StatusCallback: base + "/status",
	})
}

// DefaultBusiness is a plumber with one line, two cells and a front desk. Texts leave at once.
func DefaultBusiness() rebound.Declaration {
	return rebound.Declaration{
		Business: rebound.Business{
			ID: Business, Slug: string(Business), Name: "Acme Plumbing", Zone: "America/Los_Angeles", Country: "US", Contact: "Call (415) 555-0134.",
		},
		Connections: []rebound.Connection{{Business: Business, ID: Connection, Name: "main", Carrier: "fake"}},
		Members: []rebound.Member{
			{Business: Business, ID: "ana", Name: "Ana", Rings: []rebound.Destination{{Kind: rebound.Cell, Number: AnaCell}}},
			{Business: Business, ID: "ben", Name: "Ben", Rings: []rebound.Destination{{Kind: rebound.Cell, Number: BenCell}}},
			{Business: Business, ID: "desk", Name: "Front desk", Rings: []rebound.Destination{{Kind: rebound.Desk, Number: FrontDesk}}},
		},
		Teams: []rebound.Team{{Business: Business, ID: "day", Name: "Day team", Members: []rebound.MemberID{"ana", "ben"}}},
		Lines: []rebound.Line{{
			Business: Business, ID: "main", Connection: Connection, Name: "Main line", Number: MainLine, Team: "day",
			Strategy: rebound.Together, RingFor: 20 * time.Second,
			Voicemail: rebound.VoicemailRules{MaxLength: 2 * time.Minute, EndSilence: 5 * time.Second},
		}},
	}
}

// finish fails the test for every text that nobody expected, and stops everything.
func (w *World) finish() {
	w.Settle()
	for number, h := range w.phones {
		for _, t := range h.Unread() {
			w.T.Errorf("%s got a text that nobody expected: %q", number, t.Body)
		}
	}
	w.Network.Close()
	if err := w.App.Close(); err != nil {
		w.T.Error(err)
	}
}

// FastForward lets time pass.
func (w *World) FastForward(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Settle lets a few seconds pass, so that all that is under way arrives.
func (w *World) Settle() { w.FastForward(5 * time.Second) }

// Ana and Ben are the members' phones.
func (w *World) Ana() *Handset { return w.Phone(AnaCell) }

// Ben is the second member's phone.
func (w *World) Ben() *Handset { return w.Phone(BenCell) }

// Caller returns the phone of somebody who never called before.
func (w *World) Caller() *Handset {
	w.callers++
	return w.Phone(phone.Number("+1415777" + string([]byte{'0', '1' + byte(w.callers/10), '0' + byte(w.callers%10), '7'})))
}

// Phone returns the phone with a number.
func (w *World) Phone(n phone.Number) *Handset {
	if w.phones[n] == nil {
		w.phones[n] = &Handset{Phone: w.Network.Phone(n), w: w}
	}
	return w.phones[n]
}

// Rows reads the default business.
func (w *World) Rows() store.Tenant { return w.Store.Read().For(Business) }

// Conversation returns what stands between the business and a phone's owner.
func (w *World) Conversation(h *Handset) store.Conversation {
	w.T.Helper()
	c, err := w.Rows().ContactByNumber(context.Background(), string(h.Number))
	if err != nil {
		w.T.Fatalf("no contact for %s: %v", h.Number, err)
	}
	conversation, err := w.Rows().Conversation(context.Background(), c.ID)
	if err != nil {
		w.T.Fatal(err)
	}
	return conversation
}

// Handset is a phone whose owner expects texts.
type Handset struct {
	*fake.Phone
	w *World
}

// ExpectText waits for the phone's next text, a minute at most, and fails unless it says all of what.
func (h *Handset) ExpectText(what ...string) *Handset {
	h.w.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	text, err := h.NextText(ctx)
	if err != nil {
		h.w.T.Fatalf("%s got no text within a minute", h.Number)
	}
	for _, w := range what {
		if !strings.Contains(text.Body, w) {
			h.w.T.Errorf("%s got %q, which does not say %q", h.Number, text.Body, w)
		}
	}
	return h
}

// ExpectNoText fails if the phone gets a text within the time.
func (h *Handset) ExpectNoText(within time.Duration) *Handset {
	h.w.T.Helper()
	h.w.FastForward(within)
	for _, t := range h.Unread() {
		h.w.T.Errorf("%s got a text: %q", h.Number, t.Body)
	}
	return h
}

// Replies texts the main line and waits until the text is taken in.
func (h *Handset) Replies(body string) *Handset {
	h.Texts(MainLine, body)
	h.w.Settle()
	return h
}
