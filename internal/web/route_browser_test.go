package web_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"rebound/internal/engine"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
	"rebound/internal/web"
	"rebound/internal/zone"
)

// TestARouteIsEditedInABrowser presses the real buttons, and asks the tester what became of it.
func TestARouteIsEditedInABrowser(t *testing.T) {
	b, r := newBrowser(t), newRoom(t)
	ctx := t.Context()
	e := engine.New(engine.Options{Store: r.store, Hub: r.hub, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Now: time.Now, Zone: zone.Load})
	d := reboundtest.DefaultBusiness()
	if err := e.Declare(ctx, d); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.New(web.Options{
		Reader: r.store.Read(), Hub: r.hub, Zone: zone.Load, Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		Desk: e, Edit: e.Edit,
	}))
	t.Cleanup(server.Close)

	if err := chromedp.Do(b.ctx, chromedp.Navigate(server.URL+home+"/lines/main")); err != nil {
		t.Fatal(err)
	}
	b.do(`document.querySelector('a.btn--primary').click()`)
	b.until("the form of a new route", `!!document.getElementById('f-open.0.whom')`)
	b.is("a team rings by a strategy, and needs no number", `[true,false]`,
		`[document.getElementById('f-open.0.by').checkVisibility(), document.getElementById('f-open.0.number').checkVisibility()]`)
	b.do(`[...document.querySelectorAll('#way-open > .card__b > .edit__add button')].find((x) => x.value === 'add open ring').click()`)
	b.until("a second step, seen where it was added", `!!document.getElementById('f-open.1.whom') && location.hash === '#at-open'`)
	b.do(`document.getElementById('f-open.1.whom').value = 'cell'`)
	b.is("somebody outside has a number", `[false,true]`,
		`[document.getElementById('f-open.1.by').checkVisibility(), document.getElementById('f-open.1.number').checkVisibility()]`)
	b.do(`document.querySelector('button[value=save]:not(.vh)').click()`)
	b.until("it is refused at its field", `document.getElementById('f-open.1.number')?.getAttribute('aria-invalid') === 'true'`)
	b.do(`document.getElementById('f-open.1.number').value = '(415) 555-0188'; document.getElementById('f-open.0.for').value = '15'; document.getElementById('f-name').form.requestSubmit(document.querySelector('button[value=save]:not(.vh)'))`)
	b.until("the line shows the new path", `location.pathname === '/b/acme/lines/main' && document.querySelector('.flow').innerText.replaceAll('\u00a0', ' ').includes('Ring (415) 555-0188')`)
	b.is("it is saved", `"15 s"`, `document.querySelector('.fork .node p').innerText.replaceAll('\u00a0', ' ').slice(-4)`)
	b.do(`document.getElementById('f-day').value = '2026-11-24'; document.getElementById('f-time').value = '18:05'; document.getElementById('f-from').value = 'landline'; document.querySelector('.test button').click()`)
	b.until("the tester answers", `document.querySelector('.steps')?.innerText.includes('6:05:15') && document.querySelector('.steps').innerText.includes('Call-back task')`)
	for _, width := range []int64{1440, 390, 320} {
		for _, path := range []string{home + "/lines", home + "/lines/main", home + "/lines/main/edit", home + "/routes/main-line"} {
			if err := chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 844), chromedp.Navigate(server.URL+path)); err != nil {
				t.Fatal(err)
			}
			b.is(path+" is no wider than its window", "true", `document.documentElement.scrollWidth <= innerWidth`)
		}
	}
	if got, err := e.Declared(ctx, d.Business.ID); err != nil || got.Routes[0].Open[1].Whom.Outside.Number != phone.Number("+14155550188") {
		t.Errorf("saved %+v, %v", got.Routes, err)
	}
}
