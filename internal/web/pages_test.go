package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
	"rebound/internal/web"
	"rebound/internal/zone"
)

// open returns the pages of the world's business.
func open(w *reboundtest.World, edit func(*web.Options)) http.Handler {
	o := web.Options{
		Reader: w.Store.Read(), Files: w.App.Files, Hub: w.App.Hub, Zone: zone.Load, Now: time.Now,
		Log: slog.New(slog.DiscardHandler), Desk: w.App.Engine,
		Edit: w.App.Engine.Edit,
	}
	if edit != nil {
		edit(&o)
	}
	return web.New(o)
}

// home is where the pages of the test's business stand.
const home = "/b/" + string(reboundtest.Business)

// pretending is open with a simulator, as the demo has it.
func pretending(w *reboundtest.World) http.Handler {
	return open(w, func(o *web.Options) {
		o.Simulator = &web.Simulator{Network: w.Network, Line: reboundtest.MainLine, Known: []phone.Number{"+14155550176"},
			Skip: func(_ context.Context, d time.Duration) error { w.FastForward(d); return nil }}
	})
}

func get(pages http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	return ask(pages, httptest.NewRequest(http.MethodGet, path, nil), headers)
}

func post(pages http.Handler, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return ask(pages, r, headers)
}

// ask sends a request with headers given as names and values in turn.
func ask(pages http.Handler, r *http.Request, headers []string) *httptest.ResponseRecorder {
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	pages.ServeHTTP(w, r)
	return w
}

// expect fails unless an answer has the status and its body holds all of what.
func expect(t *testing.T, what string, got *httptest.ResponseRecorder, status int, holds ...string) {
	t.Helper()
	if got.Code != status {
		t.Errorf("%s: status %d, want %d", what, got.Code, status)
	}
	for _, s := range holds {
		if body := strings.ReplaceAll(got.Body.String(), "\u00a0", " "); !strings.Contains(body, s) {
			t.Errorf("%s: the page does not say %q:\n%s", what, s, body)
		}
	}
}

// missed lets a caller ring out, so that there is a conversation with a text-back.
func missed(w *reboundtest.World) (*reboundtest.Handset, string) {
	caller := w.Caller()
	w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
	caller.ExpectText("Acme Plumbing")
	return caller, home + "/conversations/" + string(w.Conversation(caller).Contact.ID)
}

// hostile is what somebody may write who wants to own the page.
const hostile = `<script>alert(1)</script></template><hx-partial hx-target="body">x</hx-partial><img src=x onerror=alert(1)>" onload="x`

func TestAMissedCallOnThePages(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		expect(t, "before any call", get(pages, home+"/inbox"), 200, "No missed calls yet")
		caller, path := missed(w)
		expect(t, "texted back", get(pages, home+"/inbox"), 200, "1 texted back, no reply yet")
		caller.Replies(hostile)
		if err := w.App.Engine.NameContact(t.Context(), reboundtest.Business, caller.Number, hostile); err != nil {
			t.Fatal(err)
		}

		for _, page := range []string{home + "/inbox", path} {
			got := get(pages, page)
			expect(t, page, got, 200, "On the clock", "<span data-wait>5 s</span>")
			for _, raw := range []string{"<script>alert", "</template><hx", `<img src=x`, `" onload`} {
				if strings.Contains(got.Body.String(), raw) {
					t.Errorf("%s: what a stranger wrote is markup: %s", page, raw)
				}
			}
		}
		expect(t, "the conversation", get(pages, path), 200,
			"Missed call", "nobody answered", "Automatic text-back", "after the call", rebound.BecauseMissed.Words(), "Delivered",
			"Clock started: the customer replied", "for a person.", "Sending it stops the clock.")
	})
}

// inline is what the pages' policy would refuse: scripts, styles and handlers in the page itself.
var inline = regexp.MustCompile(`(?i)<script(?:\s[^>]*)?>[^<]|<style|\sstyle=|\son[a-z]+=|javascript:`)

// link finds where a page leads and what it loads.
var link = regexp.MustCompile(`\s(?:href|src|hx-sse:connect)="([^"]+)"`)

// TestNoLinkIsDead follows every link of every page.
func TestNoLinkIsDead(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		missed(w)
		pages := pretending(w)
		seen := map[string]bool{}
		ways := []string{"/", "/nowhere"}
		for len(ways) > 0 {
			way := ways[0]
			ways = ways[1:]
			if seen[way] {
				continue
			}
			seen[way] = true
			if strings.HasPrefix(way, home+"/events") { // goes on for ever: it is tested by itself
				continue
			}
			got := get(pages, way)
			if got.Code >= 400 && way != "/nowhere" {
				t.Errorf("%s: status %d", way, got.Code)
			}
			if to := got.Header().Get("Location"); to != "" {
				ways = append(ways, to)
			}
			if !strings.HasPrefix(got.Header().Get("Content-Type"), "text/html") || got.Code == 302 {
				continue
			}
			if found := inline.FindString(got.Body.String()); found != "" {
				t.Errorf("%s holds %q, which its own policy forbids", way, found)
			}
			if csp := got.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
				t.Errorf("%s: policy %q", way, csp)
			}
			for _, to := range link.FindAllStringSubmatch(got.Body.String(), -1) {
				path, _, _ := strings.Cut(strings.ReplaceAll(to[1], "&amp;", "&"), "#")
				if path != "" {
					ways = append(ways, path)
				}
			}
		}
		if len(seen) < 15 {
			t.Errorf("only %d ways were found: %v", len(seen), seen)
		}
	})
}

func sending(body, key string) url.Values {
	return url.Values{"body": {body}, "key": {key}, "author": {"ben"}}
}

func TestATeammateAnswers(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, path := missed(w)
		caller.Replies("Are you open?")

		const key = "0123456789abcdef"
		got := post(pages, path+"/texts", sending("Yes, until “five”.", key))
		expect(t, "without script", got, http.StatusSeeOther)
		if to := got.Header().Get("Location"); to != path+"#end" {
			t.Errorf("leads to %q", to)
		}
		expect(t, "pressed twice", post(pages, path+"/texts", sending("Yes, until “five”.", key)), http.StatusSeeOther)
		caller.ExpectText(`Yes, until "five".`).ExpectNoText(time.Minute)
		cookie := got.Header().Get("Set-Cookie")
		expect(t, "afterwards", get(pages, path, "Cookie", cookie), 200, "Ben made contact after 5 s.", `value="ben" selected`, "Delivered")

		got = post(pages, path+"/texts", sending("By script.", "fedcba9876543210"), "HX-Request", "true")
		expect(t, "by script", got, 200, `hx-target="#m-fedcba9876543210" hx-swap="delete"`, `hx-target="#thread"`, "By script.", `data-key="fedcba9876543210"`)
		caller.ExpectText("By script.")
	})
}

func TestATextThatCannotBeSentIsNotLost(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, path := missed(w)
		for name, c := range map[string]struct {
			form  url.Values
			words string
		}{
			"nothing":  {sending(" \r\n", "0123456789abcdef"), "Write something first."},
			"too long": {sending(strings.Repeat("a", 1601), "0123456789abcdef"), "This is 1601 characters"},
			"no key":   {sending("Hello", ""), "The page is out of date."},
			"no name":  {url.Values{"body": {"Hello"}, "key": {"0123456789abcdef"}, "author": {"eve"}}, "Say who is writing"},
		} {
			expect(t, name, post(pages, path+"/texts", c.form), http.StatusUnprocessableEntity, c.words, `<form class="compose"`)
			expect(t, name+" by script", post(pages, path+"/texts", c.form, "HX-Request", "true"), http.StatusUnprocessableEntity, c.words, "Send again")
		}

		caller.Replies("STOP").ExpectText("unsubscribed") // by the carrier
		got := post(pages, path+"/texts", sending("One more thing", "0123456789abcdef"), "HX-Request", "true")
		expect(t, "opted out", got, http.StatusUnprocessableEntity, "One more thing", "opted out", "R2006")
		got = get(pages, path)
		expect(t, "opted out", got, 200, "Opted out on ", "You can call ")
		if strings.Contains(got.Body.String(), "<textarea") {
			t.Error("somebody who opted out can still be written to")
		}
		expect(t, "a stranger", post(pages, home+"/conversations/nobody/texts", sending("Hello", "0123456789abcdef")), http.StatusNotFound)
		caller.ExpectNoText(time.Minute)
	})
}

func TestAPersonSettlesALikelyOptOut(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		for said, shown := range map[string]string{"yes": "Opted out on ", "no": "<textarea"} {
			caller, path := missed(w)
			caller.Replies("wrong number")
			expect(t, "in doubt", get(pages, path), 200, "Did they opt out of texts?", "<textarea")
			expect(t, "no word", post(pages, path+"/consent", url.Values{}), http.StatusUnprocessableEntity, "press Yes or No")
			expect(t, said, post(pages, path+"/consent", url.Values{"opted_out": {said}}), http.StatusSeeOther)
			got := get(pages, path)
			expect(t, said, got, 200, shown)
			if strings.Contains(got.Body.String(), "Did they opt out") {
				t.Errorf("after %s the question stands", said)
			}
		}
		expect(t, "nobody", post(pages, home+"/conversations/nobody/consent", url.Values{"opted_out": {"yes"}}), http.StatusNotFound)
	})
}

func TestOpeningAConversationTakesItsMarkAndStopsNoClock(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, path := missed(w)
		caller.Replies("Can you come today?")
		expect(t, "new", get(pages, path), 200, `hx-post="`+path+`/read"`)
		expect(t, "opened", post(pages, path+"/read", nil), http.StatusNoContent)
		got := get(pages, path)
		expect(t, "opened", got, 200, "Waiting ")
		if strings.Contains(got.Body.String(), path+"/read") || w.Conversation(caller).Contact.Unread {
			t.Error("it is still new after somebody opened it")
		}
		caller.Replies("Hello?")
		if !w.Conversation(caller).Contact.Unread {
			t.Error("what the caller wrote since is not new")
		}
	})
}

func TestOtherSitesAndStrangersAreKeptOut(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, path := missed(w)
		pages := open(w, nil)
		for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
			expect(t, headers[0], post(pages, path+"/texts", sending("Hi", "0123456789abcdef"), headers...), http.StatusForbidden, "another site")
		}
		caller.ExpectNoText(time.Minute)

		locked := open(w, func(o *web.Options) { o.Password = "häß\u2003lich" })
		for _, way := range []string{"/", home + "/inbox", path, home + "/events?page=inbox", "/nowhere"} {
			got := get(locked, way)
			expect(t, way, got, http.StatusUnauthorized)
			if !strings.HasPrefix(got.Header().Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("%s does not ask for a password", way)
			}
		}
		wrong := httptest.NewRequest(http.MethodGet, home+"/inbox", nil)
		wrong.SetBasicAuth("anybody", "häß")
		expect(t, "wrong password", ask(locked, wrong, nil), http.StatusUnauthorized)
		right := httptest.NewRequest(http.MethodGet, home+"/inbox", nil)
		right.SetBasicAuth("anybody", "häß\u2003lich")
		expect(t, "right password", ask(locked, right, nil), 200, "Inbox")
	})
}

func TestErrorsSayWhatToDoAndNothingElse(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		var log bytes.Buffer
		pages := open(w, func(o *web.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		for _, way := range []string{"/nowhere", home + "/conversations/nobody", home + "/media/nothing", "/static/nothing.js", home + "/events", home + "/events?page=simulator&who=mobile&number=14155550101", home + "/simulator"} {
			expect(t, way, get(pages, way), http.StatusNotFound, "Nothing is here", "R1610")
		}
		if log.Len() > 0 {
			t.Errorf("what is not there is logged as trouble: %s", &log)
		}

		w.BreakDatabase()
		got := get(pages, home+"/inbox")
		expect(t, "broken database", got, http.StatusInternalServerError, "Something went wrong", "Reference")
		reference := regexp.MustCompile(`num">([a-z0-9]{8})<`).FindStringSubmatch(got.Body.String())
		if reference == nil || !strings.Contains(log.String(), reference[1]) {
			t.Errorf("the page's reference %q is not in the log: %s", reference, &log)
		}
		if strings.Contains(got.Body.String(), "closed") {
			t.Errorf("the page tells the cause: %s", got.Body)
		}
		expect(t, "by script", get(pages, home+"/inbox", "HX-Request", "true"), http.StatusInternalServerError, `hx-target="#toasts"`)
	})
}

func TestPicturesAndRecordings(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller := w.Caller()
		png := []byte("\x89PNG\r\n\x1a\n0123456789")
		caller.Texts(reboundtest.MainLine, "Look", fake.Picture{ContentType: "image/png", Data: png}, fake.Picture{ContentType: "text/html", Data: []byte(hostile)})
		w.Over(caller.Calls(reboundtest.MainLine).LeavesVoicemail(10*time.Second, nil))
		caller.ExpectText("voicemail")
		c := w.Conversation(caller)
		path := home + "/conversations/" + string(c.Contact.ID)
		expect(t, "the conversation", get(pages, path), 200, "left a voicemail", `alt="Picture from the customer"`, "File from the customer", `<audio controls`)

		kinds := map[string]*httptest.ResponseRecorder{}
		for _, m := range c.Media {
			got := get(pages, home+"/media/"+string(m.ID))
			expect(t, m.ContentType, got, 200)
			if got.Header().Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(got.Header().Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s may run: %v", m.ContentType, got.Header())
			}
			kinds[m.ContentType] = got
			expect(t, "by range", get(pages, home+"/media/"+string(m.ID), "Range", "bytes=2-5"), http.StatusPartialContent)
		}
		if got := kinds["image/png"]; got == nil || !bytes.Equal(got.Body.Bytes(), png) || got.Header().Get("Content-Disposition") != "" {
			t.Error("the picture is not shown as it came")
		}
		if got := kinds["text/html"]; got != nil {
			if got.Header().Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(got.Header().Get("Content-Disposition"), "attachment") {
				t.Errorf("a page from a stranger opens here: %v", got.Header())
			}
		}
		err := w.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.For("other").SaveBusiness(t.Context(), rebound.Business{ID: "other"}, time.Now())
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range []string{"other", "nobody"} {
			expect(t, "of "+b, get(pages, "/b/"+b+"/media/"+string(c.Media[0].ID)), http.StatusNotFound, "Nothing is here", "R1610")
		}
	})
}

func TestStaticFilesAreKeptForEver(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		css := regexp.MustCompile(`/static/app\.[0-9a-f]{12}\.css`).FindString(get(pages, home+"/inbox").Body.String())
		plain := get(pages, css)
		expect(t, css, plain, 200, ".row")
		zipped := get(pages, css, "Accept-Encoding", "br, gzip")
		if zipped.Header().Get("Content-Encoding") != "gzip" || zipped.Body.Len() >= plain.Body.Len() {
			t.Errorf("not smaller: %d of %d bytes", zipped.Body.Len(), plain.Body.Len())
		}
		z, err := gzip.NewReader(zipped.Body)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(z); err != nil || !bytes.Equal(text, plain.Body.Bytes()) {
			t.Errorf("another file: %v", err)
		}
		if !strings.Contains(plain.Header().Get("Cache-Control"), "immutable") || !slices.Contains(plain.Header()["Vary"], "Accept-Encoding") {
			t.Errorf("headers %v", plain.Header())
		}
	})
}
