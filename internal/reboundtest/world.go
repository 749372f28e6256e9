// Package reboundtest is the test world: a business with a team, phones that ring and text, both
// databases, and time that passes when a test says so. It refuses to be used outside tests.
package reboundtest

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/carrier/fake"
	"rebound/internal/config"
	"rebound/internal/notify"
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
	SamCell    = phone.Number("+14155550114")
)

// World is one installation with its phone network, in virtual time: nothing passes while the test
// thinks, and half an hour passes in about a second.
type World struct {
	T       testing.TB
	Network *fake.Network
	Twilio  *fake.Twilio // nil where the carrier speaks Rebound's own words
	App     *app.App
	Store   *store.Store
	Outside *Receiver // at every address that people typed

	phones   map[phone.Number]*Handset
	callers  int
	database store.Options
	config   config.Config
	parts    app.Parts
	running  *running
	sends    *sends
	broken   bool         // the database was closed on purpose
	excused  bool         // the carrier may complain
	stops    bool         // the carrier leaves STOP to us
	ahead    atomic.Int64 // of the server's clock, in nanoseconds
	strict   bool         // the test is about alerts: it expects each
}

// Run runs fn in a fresh world, once on SQLite and once on PostgreSQL, with a carrier that speaks
// Rebound's own words. A text that nobody expected fails the test.
func Run(t *testing.T, fn func(t *testing.T, w *World)) { run(t, false, fn) }

// RunTwilio is Run with a carrier that speaks Twilio's HTTP: signed webhooks, TwiML, its REST API.
func RunTwilio(t *testing.T, fn func(t *testing.T, w *World)) { run(t, true, fn) }

func run(t *testing.T, wire bool, fn func(t *testing.T, w *World)) {
	Databases(t, func(t *testing.T, fresh func(testing.TB) store.Options) {
		t.Parallel() // the two databases beside each other
		synctest.Test(t, func(t *testing.T) {
			w := open(t, fresh(t), wire)
			defer w.stop() // in a test that gave up as well
			fn(t, w)
			w.finish()
		})
	})
}

func open(t *testing.T, database store.Options, wire bool) *World {
	log := slog.New(slog.NewTextHandler(logTo(t), &slog.HandlerOptions{Level: slog.LevelInfo}))
	database.Log = log
	w := &World{
		T: t, Network: fake.New(fake.Options{Seed: 1}), phones: map[phone.Number]*Handset{},
		database: database, config: config.Default(), running: &running{}, Outside: &Receiver{},
	}
	w.config.Data, w.config.PublicURL = t.TempDir(), "https://rebound.test"
	w.parts = app.Parts{Log: log, Network: w.Network, Outside: w.Outside, Alone: true, Poll: time.Hour, Audit: time.Hour, Notify: map[rebound.Channel]notify.Sender{}, Getenv: func(string) string { return "" }}
	w.parts.Now = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }
	if wire {
		w.Twilio = w.Network.Twilio(fake.TwilioAccount{Hooks: w.running})
		w.sends = &sends{to: w.Twilio.Transport()}
		w.parts.Transport = w.sends
		w.parts.Getenv = func(string) string { return w.Twilio.Token }
	}
	w.build()
	w.Declare(func(*rebound.Declaration) {})
	for id := range members {
		w.Member(id)
	}
	w.start()
	return w
}

// build opens the program on the world's database.
func (w *World) build() {
	w.T.Helper()
	s, err := store.Open(w.T.Context(), w.database)
	if err == nil {
		_, _, err = s.Migrate(w.T.Context())
	}
	if err != nil {
		w.T.Fatal(err)
	}
	w.Store, w.parts.Store = s, s
	if w.App, err = app.OpenParts(w.T.Context(), w.config, w.parts); err != nil {
		w.T.Fatal(err)
	}
	w.running.now.Store(&program{w.App, fake.Wire(w.App.Handler(nil))})
}

func (w *World) start() {
	w.T.Helper()
	if err := w.App.Start(w.T.Context()); err != nil {
		w.T.Fatal(err)
	}
}

// PowerOff ends the program as a power cut would: nothing that it has not committed by now is ever
// written. Until PowerOn nobody answers the carrier.
func (w *World) PowerOff() {
	w.T.Helper()
	if err := w.Store.Close(); err != nil {
		w.T.Error(err)
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	w.App.Engine.Stop(now)
	_ = w.App.Close() // its database has gone before
}

// PowerOn starts the program again, on the database that is there.
func (w *World) PowerOn() {
	w.T.Helper()
	w.build()
	w.start()
}

// Crash is a power cut of no length.
func (w *World) Crash() {
	w.T.Helper()
	w.PowerOff()
	w.PowerOn()
}

// Senders restarts the server with so many texts at most on their way to the carrier at once.
func (w *World) Senders(n int) {
	w.T.Helper()
	w.config.SendWorkers = n
	w.Crash()
}

// Transcribes restarts the server with a transcription service to which requests are carried.
func (w *World) Transcribes(to http.RoundTripper) {
	w.T.Helper()
	w.config.TranscriptionURL, w.parts.Speech = "https://speech.test/v1", to
	w.Crash()
}

// CarrierLeavesStop makes the carrier that speaks Rebound's words leave STOP, START and HELP to us.
func (w *World) CarrierLeavesStop() {
	w.T.Helper()
	w.stops = true
	w.Declare(func(d *rebound.Declaration) {
		d.Connections[0].ID, d.Lines[0].Connection = "acme.plain", "acme.plain" // a connection keeps its ways
	})
}

// sends carries requests to the carrier and remembers the newest that sends a text.
type sends struct {
	to    http.RoundTripper
	last  atomic.Pointer[url.Values]
	looks atomic.Int64 // requests that list a line's calls
	hangs atomic.Bool
}

func (s *sends) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.hangs.Load() {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	if strings.HasSuffix(r.URL.Path, "/Calls.json") && r.URL.Query().Has("StartTime>") {
		s.looks.Add(1)
	}
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/Messages.json") && r.GetBody != nil {
		if body, err := r.GetBody(); err == nil {
			text, _ := io.ReadAll(body)
			form, _ := url.ParseQuery(string(text))
			s.last.Store(&form)
		}
	}
	return s.to.RoundTrip(r)
}

// LastRequest is the form of the newest request to send a text, over Twilio's wire.
func (w *World) LastRequest() url.Values {
	if form := w.sends.last.Load(); form != nil {
		return *form
	}
	return nil
}

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
	edit(&d)
	w.DeclareBusiness(d)
}

// DeclareBusiness declares a business, whose connections are all with the world's carrier.
func (w *World) DeclareBusiness(d rebound.Declaration) {
	w.T.Helper()
	for i := range d.Connections {
		if c := &d.Connections[i]; w.Twilio != nil {
			c.Carrier, c.Account, c.AuthToken = "twilio", w.Twilio.SID, "env:TOKEN"
		}
	}
	if err := w.App.Engine.Declare(context.Background(), d); err != nil {
		w.T.Fatal(err)
	}
	for _, l := range d.Lines {
		w.connect(l)
	}
}

func (w *World) connect(l rebound.Line) {
	if w.Twilio == nil {
		w.Network.Connect(l.Number, fake.Connection{ID: l.Connection, Rebound: w.running, Links: w.App.Links("fake"), AnswersStop: !w.stops})
		return
	}
	base := "https://rebound.test/hook/twilio/" + string(l.Connection)
	w.Twilio.Owns(fake.TwilioNumber{
		Number: l.Number, VoiceURL: base + "/voice#rc=2&rp=all", SMSURL: base + "/text#rc=2&rp=all", StatusCallback: base + "/status",
	})
}

// running is the program as a carrier meets it, before and after a crash.
type running struct {
	now atomic.Pointer[program]
	bin atomic.Pointer[string] // a document that is kept at the carrier
}

type program struct {
	*app.App
	hooks http.RoundTripper
}

func (r *running) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == binHost {
		return served(req, *r.bin.Load()), nil
	}
	return r.now.Load().hooks.RoundTrip(req)
}

func (r *running) HandleCall(ctx context.Context, ev rebound.CallEvent) (rebound.Instruction, error) {
	return r.now.Load().Engine.HandleCall(ctx, ev)
}

func (r *running) HandleText(ctx context.Context, ev rebound.TextEvent) error {
	return r.now.Load().Engine.HandleText(ctx, ev)
}

func (r *running) HandleReceipt(ctx context.Context, ev rebound.Receipt) error {
	return r.now.Load().Engine.HandleReceipt(ctx, ev)
}

// DefaultBusiness is a plumber with one line, two cells, a front desk and a supervisor. Texts leave at once.
func DefaultBusiness() rebound.Declaration {
	return rebound.Declaration{
		Business: rebound.Business{
			ID: Business, Slug: string(Business), Name: "Acme Plumbing", Zone: "America/Los_Angeles", Country: "US", Contact: "Call (415) 555-0134.",
		},
		Connections: []rebound.Connection{{Business: Business, ID: Connection, Name: "main", Carrier: "fake", Account: "pretend"}},
		Members: []rebound.Member{
			{Business: Business, ID: "ana", Name: "Ana", Rings: []rebound.Destination{{Kind: rebound.Cell, Number: AnaCell}}},
			{Business: Business, ID: "ben", Name: "Ben", Rings: []rebound.Destination{{Kind: rebound.Cell, Number: BenCell}}},
			{Business: Business, ID: "desk", Name: "Front desk", Rings: []rebound.Destination{{Kind: rebound.Desk, Number: FrontDesk}}},
			{Business: Business, ID: "sam", Name: "Sam", Role: rebound.Supervisor, Rings: []rebound.Destination{{Kind: rebound.Cell, Number: SamCell}}},
		},
		Teams: []rebound.Team{{Business: Business, ID: "day", Name: "Day team", Members: []rebound.MemberID{"ana", "ben"}}},
		Lines: []rebound.Line{{
			Business: Business, ID: "main", Connection: Connection, Name: "Main line", Number: MainLine, Team: "day",
			Strategy: rebound.Together, RingFor: 20 * time.Second,
			Voicemail: rebound.VoicemailRules{MaxLength: 2 * time.Minute, EndSilence: 5 * time.Second},
		}},
	}
}

// finish fails the test for every text that nobody expected, for what the carrier complains about,
// and for every caller who was forgotten.
func (w *World) finish() {
	w.Settle()
	if !w.strict {
		w.readAlerts()
	}
	for number, h := range w.phones {
		for _, t := range h.Unread() {
			w.T.Errorf("%s got a text that nobody expected: %q", number, t.Body)
		}
	}
	if w.Twilio != nil && !w.excused {
		for _, a := range w.Twilio.Alerts() {
			w.T.Errorf("the carrier complains: %s %s at %s", a.Code, a.Text, a.URL)
		}
	}
	if !w.broken {
		w.checkPromise()
	}
}

func (w *World) stop() {
	w.Network.Close()
	if err := w.App.Close(); err != nil && !w.broken {
		w.T.Error(err)
	}
}

// CarrierMayComplain says that this test makes the program fail the carrier.
func (w *World) CarrierMayComplain() { w.excused = true }

// BreakDatabase makes every later read and write fail, as a full disk or a lost server would.
func (w *World) BreakDatabase() {
	if err := w.Store.Close(); err != nil {
		w.T.Error(err)
	}
	w.broken = true
}

// FastForward lets time pass.
func (w *World) FastForward(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// Settle lets a few seconds pass, so that all that is under way arrives.
func (w *World) Settle() { w.FastForward(5 * time.Second) }

// members are the cells of the default business's members.
var members = map[rebound.MemberID]phone.Number{"ana": AnaCell, "ben": BenCell, "sam": SamCell}

// Member returns the cell of a member of the default business: ana and ben, who are the team, or sam, who
// supervises.
func (w *World) Member(id rebound.MemberID) *Handset {
	n, ok := members[id]
	if !ok {
		w.T.Fatalf("%s is no member with a cell", id)
	}
	return w.Phone(n)
}

// Notifies lets a channel be available, with a sender of the test's.
func (w *World) Notifies(c rebound.Channel, s notify.Sender) { w.parts.Notify[c] = s }

// Tamper writes a recovery as no step of the program would.
func (w *World) Tamper(r rebound.Recovery) {
	w.T.Helper()
	err := w.Store.Write(context.Background(), func(tx *store.Tx) error {
		return tx.For(r.Business).SaveRecovery(context.Background(), r, time.Now())
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// AlertsAreRead ends what ExpectAlert began: alerts from here on are read by the members as they come.
func (w *World) AlertsAreRead() {
	w.readAlerts()
	w.strict = false
}

// ClockMoves puts the server's clock forward, or back, as a person or a time server might.
func (w *World) ClockMoves(by time.Duration) { w.ahead.Add(int64(by)) }

// Audits sets how often the auditor looks, and restarts the server.
func (w *World) Audits(each time.Duration) {
	w.T.Helper()
	w.parts.Audit = each
	w.Crash()
}

// readAlerts reads the alerts that a test says nothing about. Each has words of its own: what waits longer says so.
func (w *World) readAlerts() {
	for id := range members {
		had := map[string]bool{}
		for _, t := range w.Member(id).ReadAll() {
			switch {
			case !isAlert(t.Body):
				w.T.Errorf("%s got a text that is no alert: %q", id, t.Body)
			case had[t.Body]:
				w.T.Errorf("%s got an alert twice: %q", id, t.Body)
			}
			had[t.Body] = true
		}
	}
}

func isAlert(body string) bool {
	return strings.Contains(body, "Reply 1 to take") && strings.Contains(body, "https://rebound.test/a/")
}

// NextSends puts faults into the next requests that send a text to a caller, one into each. Alerts pass.
func (w *World) NextSends(faults ...fake.SendFault) {
	var mu sync.Mutex
	w.Network.EachSend(func(t fake.Text) fake.SendFault {
		mu.Lock()
		defer mu.Unlock()
		if len(faults) == 0 || isAlert(t.Body) {
			return fake.SendFault{}
		}
		next := faults[0]
		faults = faults[1:]
		return next
	})
}

// ExpectAlert waits for the phone's next alert, a minute at most, and fails unless it says all of what. A test
// that expects one alert has to expect all of them; in others the members read them as they come.
func (h *Handset) ExpectAlert(what ...string) *Handset {
	h.w.T.Helper()
	h.w.strict = true
	return h.ExpectText(append([]string{"Reply 1 to take", "https://rebound.test/a/acme/"}, what...)...)
}

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

// ReadAll reads the texts that have come: they count as expected.
func (h *Handset) ReadAll() []fake.Text {
	h.w.T.Helper()
	unread := h.Unread()
	for range unread {
		if _, err := h.NextText(h.w.T.Context()); err != nil {
			h.w.T.Fatal(err)
		}
	}
	return unread
}

// Replies texts the main line and waits until the text is taken in.
func (h *Handset) Replies(body string) *Handset {
	h.Texts(MainLine, body)
	h.w.Settle()
	return h
}
