package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/live"
	"rebound/internal/sms"
	"rebound/internal/store"
	"rebound/internal/web"
	"rebound/internal/zone"
)

// room is the pages on a real listener, with customers who write when the test says so. Nothing else moves.
type room struct {
	web.Desk // what no test here presses is nobody's
	t        *testing.T
	store    *store.Store
	hub      *live.Hub
	server   *httptest.Server

	mu       sync.Mutex
	sent     []engine.HumanText // what SendText was called with
	sendText func(engine.HumanText) error
}

const business = rebound.BusinessID("acme")

func newRoom(t *testing.T) *room {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, store.Options{Path: filepath.Join(t.TempDir(), "rebound.db")})
	if err == nil {
		_, _, err = s.Migrate(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	files, err := store.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &room{t: t, store: s, hub: live.New(), sendText: func(engine.HumanText) error { return nil }}
	r.write(func(tx store.TenantTx) error {
		return errors.Join(
			tx.SaveBusiness(ctx, rebound.Business{ID: business, Name: "Acme Plumbing", Zone: "America/Los_Angeles", Country: "US"}, time.Now()),
			tx.SaveMember(ctx, rebound.Member{Business: business, ID: "dana", Name: "Dana Whitfield"}))
	})
	r.server = httptest.NewServer(web.New(web.Options{
		Reader: s.Read(), Files: files, Hub: r.hub, Zone: zone.Load, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Desk: r,
	}))
	t.Cleanup(func() {
		r.hub.Close()
		r.server.Close()
		if err := errors.Join(files.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *room) write(fn func(store.TenantTx) error) {
	r.t.Helper()
	if err := r.store.Write(context.Background(), func(tx *store.Tx) error { return fn(tx.For(business)) }); err != nil {
		r.t.Fatal(err)
	}
}

// hears lets a customer text, and tells the open pages.
func (r *room) hears(number, body string) rebound.ContactID {
	r.t.Helper()
	ctx, now := context.Background(), time.Now()
	var id rebound.ContactID
	r.write(func(tx store.TenantTx) error {
		c, err := tx.HoldContactByNumber(ctx, number)
		if errors.Is(err, store.ErrNotFound) {
			c = rebound.Contact{ID: rebound.ContactID(store.NewID(now)), Number: number, Raw: number, LastAt: now}
			err = tx.AddContact(ctx, c)
		}
		if err != nil {
			return err
		}
		id = c.ID
		c.Last, c.LastAt, c.LastKind, c.Unread = body, now, "text_in", true
		return errors.Join(tx.SaveContact(ctx, c), tx.AddMessage(ctx, rebound.Message{
			ID: rebound.MessageID(store.NewID(now)), Contact: c.ID, Line: "main", Direction: rebound.Inbound, Class: rebound.ClassReceived,
			Once: "in/" + store.NewID(now), Body: body, State: rebound.Received, CreatedAt: now,
		}, ""))
	})
	r.hub.Publish(business, id)
	return id
}

// leavesVoicemail gives a customer a missed call with a recording that is one second of silence.
func (r *room) leavesVoicemail(contact rebound.ContactID) {
	r.t.Helper()
	ctx, now := context.Background(), time.Now().Add(-time.Minute)
	id := rebound.CallID(store.NewID(now))
	r.write(func(tx store.TenantTx) error {
		return errors.Join(
			tx.AddCall(ctx, rebound.Call{
				ID: id, Line: "main", Connection: "x", CarrierID: "x", Contact: contact, State: rebound.CallMissed, Reason: rebound.NoAnswer,
				ArrivedAt: now, MissedAt: now, GoneAt: now, Voicemail: true, Recording: rebound.Recording{Duration: 9 * time.Second},
			}),
			tx.AddMedia(ctx, rebound.Media{ID: "voicemail", Contact: contact, Call: id, ContentType: "audio/wav", State: rebound.MediaStored, CreatedAt: now}, "x"))
	})
}

// MarkRead does nothing: what is new here stays so.
func (r *room) MarkRead(context.Context, rebound.BusinessID, rebound.ContactID) error { return nil }

// SendText answers for the engine.
func (r *room) SendText(ctx context.Context, t engine.HumanText) (rebound.Message, error) {
	r.mu.Lock()
	r.sent = append(r.sent, t)
	answer := r.sendText
	r.mu.Unlock()
	if err := answer(t); err != nil {
		return rebound.Message{}, err
	}
	now := time.Now()
	m := rebound.Message{
		ID: rebound.MessageID(store.NewID(now)), Contact: t.Contact, Line: "main", Author: t.Author, Direction: rebound.Outbound, Class: rebound.ClassHuman,
		Once: "human/" + t.Key, Body: t.Body, State: rebound.Delivered, CreatedAt: now, DoneAt: now,
	}
	err := r.store.Write(ctx, func(tx *store.Tx) error { return tx.For(business).AddMessage(ctx, m, "") })
	r.hub.Publish(business, t.Contact)
	return m, err
}

// Declared and OverrideHours answer for the engine, too.
func (r *room) Declared(ctx context.Context, _ rebound.BusinessID) (d rebound.Declaration, err error) {
	rows := r.store.Read().For(business)
	if d.Business, err = rows.Business(ctx); err == nil {
		d.Lines, err = rows.Lines(ctx)
	}
	return d, err
}

func (r *room) OverrideHours(ctx context.Context, _ rebound.BusinessID, line rebound.LineID, o rebound.Override, by rebound.MemberID) error {
	set := store.Override{Line: line, Says: store.SaysClosed, Until: o.Until, Note: o.Note, By: by, At: time.Now()}
	err := r.store.Write(ctx, func(tx *store.Tx) error {
		if o.Until.IsZero() {
			return tx.For(business).LiftOverride(ctx, set)
		}
		return tx.For(business).SetOverride(ctx, set)
	})
	r.hub.Publish(business, "")
	return err
}

func (r *room) answers(fn func(engine.HumanText) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sendText = fn
}

// browser is one tab of a real one. What it complains about fails the test.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil && path == "" {
			path = found
		}
	}
	if path == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no chromium: scripts/setup installs it")
		}
		t.Skip("no chromium: run scripts/setup")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WindowSize(1440, 900),
		chromedp.Flag("autoplay-policy", "no-user-gesture-required"))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(cancel)
	b := &browser{t, ctx}
	if err := chromedp.Listen(ctx, b.complains); err != nil {
		t.Fatal(err)
	}
	return b
}

// complains takes what the browser has to say about a page. A refused text is an answer of 422; a stream
// that the test cuts is an error of the network.
func (b *browser) complains(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.t.Errorf("the page threw: %+v", e.ExceptionDetails)
	case *cdplog.EventEntryAdded:
		if e.Entry.Level == cdplog.EntryLevelError && !strings.Contains(e.Entry.Text, "422") && e.Entry.Source != cdplog.EntrySourceNetwork {
			b.t.Errorf("the browser complains: %s %s", e.Entry.Text, e.Entry.URL)
		}
	}
}

// do runs a script in the page and returns what it says, as JSON.
func (b *browser) do(script string, args ...any) string {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[any](fmt.Sprintf(script, args...)))
	if err != nil {
		b.t.Fatalf("%s: %v", fmt.Sprintf(script, args...), err)
	}
	text, err := json.Marshal(out)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// until waits for a script to be true.
func (b *browser) until(what, script string, args ...any) {
	b.t.Helper()
	script = fmt.Sprintf(script, args...)
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Poll[chromedp.Void](script, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(0)))
		if err == nil {
			return
		}
		left := strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "Cannot find context")
		if !left || ctx.Err() != nil { // the page was left: the next one may say so
			b.t.Fatalf("%s: %v", what, err)
		}
	}
}

// opens goes to a page and waits until its stream is there.
func (b *browser) opens(url string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(url)); err != nil {
		b.t.Fatal(err)
	}
	b.until("the stream connects", `document.getElementById('live').innerText === 'Live' && !!document.getElementById('stream')._htmx?.sse`)
}

func (b *browser) is(what, want, script string, args ...any) {
	b.t.Helper()
	if got := b.do(script, args...); got != want {
		b.t.Errorf("%s: %s, want %s", what, got, want)
	}
}

// TestInABrowser tests what only a browser can show: the scripts. The page's own rules are in the other tests.
func TestInABrowser(t *testing.T) {
	b := newBrowser(t)
	for name, test := range map[string]func(*browser, *room){
		"counter": counts, "update": updates, "sending": sends, "list": holds, "connection": reconnects, "hours": closes,
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			test(b, newRoom(t))
		})
	}
}

// counts holds the page's counter against package sms.
func counts(b *browser, r *room) {
	b.opens(r.server.URL + home + "/conversations/" + string(r.hears("+14155550101", "Hi")))
	for _, text := range []string{
		"", "Hi", "It’s “fine”…", "£€{}", strings.Repeat("a", 160), strings.Repeat("a", 161), strings.Repeat("€", 80), strings.Repeat("€", 81),
		strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), "👋", strings.Repeat("ж", 70), strings.Repeat("ж", 71),
		strings.Repeat("👋", 35), strings.Repeat("👋", 36), strings.Repeat("ж", 66) + "👋" + strings.Repeat("ж", 67), "a\nb\u00a0c\u2009d—e", "ÀÉñ", "à la carte",
	} {
		c := sms.Segments(sms.Straighten(text))
		want := fmt.Sprintf("%d / %d · %d", c.Units, max(1, c.Segments)*c.PerSegment, max(1, c.Segments))
		quoted, err := json.Marshal(text)
		if err != nil {
			b.t.Fatal(err)
		}
		got := b.do(`(() => { const d = document.getElementById('draft'); d.value = %s; d.dispatchEvent(new InputEvent('input', {bubbles: true}));
			return document.getElementById('count').textContent.split('\u00a0')[0]; })()`, quoted)
		if got != `"`+want+`"` {
			b.t.Errorf("the counter of %q says %s, package sms %q", text, got, want)
		}
	}
}

// updates: a live update touches neither draft, selection, scroll, focus nor a playing voicemail.
func updates(b *browser, r *room) {
	const number = "+14155550102"
	id := r.hears(number, "First")
	r.leavesVoicemail(id)
	for i := range 30 {
		r.hears(number, fmt.Sprint("Earlier ", i))
	}
	b.opens(r.server.URL + home + "/conversations/" + string(id))
	atEnd := `(() => { const t = document.getElementById('thread'); return t.scrollHeight - t.scrollTop - t.clientHeight < 2; })()`
	b.is("opened at the end", "true", "%s", atEnd)
	r.hears(number, "stays at the end")
	b.until("the text comes", `document.getElementById('thread').innerText.includes('stays at the end')`)
	b.is("still at the end", "true", "%s", atEnd)

	b.do(`(() => {
		const draft = document.getElementById('draft'), thread = document.getElementById('thread'), audio = thread.querySelector('audio');
		draft.value = 'half a draft'; draft.focus(); draft.setSelectionRange(2, 6); thread.scrollTop = 100;
		window.kept = { draft, audio, play: thread.querySelector('.play') };
	})()`)
	r.hears(number, "comes while writing")
	b.until("the text comes", `document.getElementById('thread').innerText.includes('comes while writing')`)
	b.is("draft, selection, focus, scroll", `["half a draft",2,6,true,100]`,
		`(() => { const d = document.getElementById('draft'); return [d.value, d.selectionStart, d.selectionEnd, document.activeElement === d, document.getElementById('thread').scrollTop]; })()`)
	b.is("the player is the same", `[true,true]`,
		`(() => { const t = document.getElementById('thread'); return [t.querySelector('audio') === window.kept.audio, t.querySelector('.play') === window.kept.play]; })()`)
	b.until("who listens to the page is told", `document.getElementById('said').textContent.includes('New text from')`)
	b.is("the player knows the length", `"0:00 / 0:09"`, `document.querySelector('.vm__play span').textContent`)
}

// sends: the bubble is there at once, one text for one press, and what fails can be sent again under its key.
func sends(b *browser, r *room) {
	b.opens(r.server.URL + home + "/conversations/" + string(r.hears("+14155550103", "Hi")))
	write := func(text string) {
		b.do(`(() => { const d = document.getElementById('draft'); d.value = %q; d.form.requestSubmit(); })()`, text)
	}
	mine := `[...document.querySelectorAll('#thread .msg--out')].map((m) => m.querySelector('.bub').textContent + ' ' + m.querySelector('.state').textContent.trim())`

	hold := make(chan struct{})
	r.answers(func(engine.HumanText) error { <-hold; return nil })
	write("slow")
	b.is("at once", `["slow Sending"]`, "%s", mine)
	b.is("the draft is free", `""`, `document.getElementById('draft').value`)
	r.hears("+14155550103", "meanwhile")
	b.until("an update comes", `document.getElementById('thread').innerText.includes('meanwhile')`)
	b.is("the bubble waits on", `["slow Sending"]`, "%s", mine)
	close(hold)
	b.until("it is sent", `document.getElementById('outbox').children.length === 0`)
	b.is("once", `["slow Delivered"]`, "%s", mine)

	r.answers(func(engine.HumanText) error {
		return rebound.Errorf(rebound.Invalid, "R2006", "This customer opted out.")
	})
	write("refused")
	b.until("it fails", `document.querySelector('#outbox .is-failed')?.innerText.includes('This customer opted out. [R2006]')`)
	r.answers(func(engine.HumanText) error { return nil })
	b.do(`document.querySelector('#outbox .retry button').click()`)
	b.until("it is sent again", `document.getElementById('outbox').children.length === 0`)
	b.is("both stand", `["slow Delivered","refused Delivered"]`, "%s", mine)

	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sent) != 3 || r.sent[0].Key == r.sent[1].Key || r.sent[1].Key != r.sent[2].Key || r.sent[2].Author != "dana" {
		b.t.Errorf("sent %+v: want a key for each press, the same for the repeat", r.sent)
	}
}

// holds: the list is not sorted anew under a hand.
func holds(b *browser, r *room) {
	r.hears("+14155550104", "older")
	r.hears("+14155550105", "newer")
	b.opens(r.server.URL + home + "/inbox")
	names := `[...document.querySelectorAll('#list .row')].map((r) => r.querySelector('.row__name').textContent.slice(-4) + ' ' + r.querySelector('.row__text').textContent)`
	b.do(`document.querySelectorAll('#list .row')[1].focus()`)
	r.hears("+14155550104", "again")
	b.until("the row says so", `document.getElementById('list').innerText.includes('again')`)
	b.is("in its place", `["0105 newer","0104 again"]`, "%s", names)
	r.hears("+14155550106", "stranger")
	b.until("a new one waits outside", `document.getElementById('list-newer').innerText === '1 new'`)
	b.is("the focus is where it was", `"(415) 555-0104"`, `document.activeElement.querySelector('.row__name').textContent.replaceAll('\u00a0', ' ')`)
	b.do(`document.getElementById('list-newer').click()`)
	b.until("afterwards all stand", `document.querySelectorAll('#list .row').length === 3 && document.getElementById('list-newer').hidden`)
	b.is("in order", `["0106 stranger","0104 again","0105 newer"]`, "%s", names)
}

// reconnects: what happens while a page has no connection is there when it is back.
func reconnects(b *browser, r *room) {
	id := r.hears("+14155550107", "before")
	b.opens(r.server.URL + home + "/conversations/" + string(id))
	b.do(`document.getElementById('stream').addEventListener('htmx:sse:before:connection', () => { window.again = true; })`)
	r.server.CloseClientConnections()
	r.hears("+14155550107", "meanwhile")
	b.until("it connects again", `window.again === true`)
	b.until("and has what was missed", `document.getElementById('thread').innerText.includes('meanwhile')`)
}

// closes: one tap closes the business, another lifts it, and a row more keeps what was typed.
func closes(b *browser, r *room) {
	open := func(path string) {
		b.t.Helper()
		if err := chromedp.Do(b.ctx, chromedp.Navigate(r.server.URL+path)); err != nil {
			b.t.Fatal(err)
		}
	}
	open(home + "/hours")
	b.is("at first", `"Always open"`, `document.getElementById('open-now').innerText`)
	b.do(`document.querySelector('button[value="closed 1h"]').click()`)
	b.until("the pill says so", `document.getElementById('open-now')?.innerText.startsWith('Closed until ')`)
	b.do(`document.querySelector('button[value="lift"]').click()`)
	b.until("it is lifted", `document.getElementById('open-now')?.innerText === 'Always open'`)

	b.do(`document.getElementById('do-more-mon').click()`)
	b.until("a row comes", `document.querySelector('input[name="mon.0.from"]')?.value === '08:00'`)
	b.do(`(() => { document.querySelector('input[name="mon.0.from"]').value = '09:15'; document.getElementById('do-more-mon').click(); })()`)
	b.until("one more", `!!document.querySelector('input[name="mon.1.from"]')`)
	b.is("what was typed", `"09:15"`, `document.querySelector('input[name="mon.0.from"]').value`)
	b.is("where it was", `"#at-mon"`, `location.hash`)
}
