package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

func TestThePretendPhoneFromCallToAnswer(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		const me = home + "/simulator/mobile/14155550151"
		expect(t, "ready", get(pages, me), 200, "Call Acme Plumbing", "Nothing yet.", "No call yet")
		b := connect(t, pages, stream(t, get(pages, me)))

		expect(t, "call", post(pages, me+"/call", nil, "HX-Request", "true"), http.StatusNoContent)
		if news := strings.Join(b.news(t), ""); !strings.Contains(news, "ringing…") || !strings.Contains(news, "Ringing Ana and Ben…") {
			t.Errorf("the page is not told that it rings: %s", news)
		}
		expect(t, "rings", get(pages, me), 200, "ringing…", `aria-label="Answer on Ana’s phone"`, "Ringing now")
		w.FastForward(20 * time.Second)
		expect(t, "greeting", get(pages, me), 200, "You have reached Acme Plumbing.", "On voicemail…")
		w.FastForward(15 * time.Second)
		expect(t, "after the tone", get(pages, me), 200, "Leave a message")
		w.FastForward(12 * time.Second)
		expect(t, "hang up", post(pages, me+"/hang-up", nil), http.StatusSeeOther)
		w.Settle()
		expect(t, "texted", get(pages, me), 200, "We got your voicemail", "A text came. Answer it as the caller.", "left a voicemail", "Voicemail picks up.")
		b.news(t)

		post(pages, me+"/text", url.Values{"body": {"My sink is full <b>now</b>"}}, "HX-Request", "true")
		news := strings.Join(b.news(t), "")
		for _, want := range []string{`hx-target="#handset"`, `hx-target="#sim-list"`, `hx-target="#thread"`, `hx-target="#log"`, "full &lt;b&gt;now&lt;/b&gt;"} {
			if !strings.Contains(news, want) {
				t.Errorf("after the caller's text the page is not told %q: %s", want, news)
			}
		}
		action := regexp.MustCompile(home + `/conversations/[^"]+/texts`).FindString(get(pages, me).Body.String())
		form := sending("On our way.", "0123456789abcdef")
		form.Set("back", me)
		if got := post(pages, action, form); got.Header().Get("Location") != me {
			t.Errorf("answering leads to %q, want back to the simulator", got.Header().Get("Location"))
		}
		w.Settle()
		expect(t, "answered", get(pages, me), 200, "On our way.", "Contacted in", "Contact made after")
		form.Set("back", "https://evil.example/simulator/")
		if to := post(pages, action, form).Header().Get("Location"); !strings.HasPrefix(to, home+"/conversations/") {
			t.Errorf("a form leads to %q", to)
		}
	})
}

func TestTheTeamsPretendPhones(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		const me = home + "/simulator/mobile/14155550152"
		press := func(label, do string) {
			t.Helper()
			form := regexp.MustCompile(`hx-post="([^"]+)"[^>]*>\s*<input type="hidden" name="do" value="` + do + `"[^>]*>\s*<button[^>]*aria-label="` + label)
			found := form.FindStringSubmatch(get(pages, me).Body.String())
			if found == nil {
				t.Fatalf("there is no button %q", label)
			}
			post(pages, found[1], url.Values{"do": {do}}, "HX-Request", "true")
			w.FastForward(time.Second)
		}
		post(pages, me+"/call", nil)
		w.FastForward(time.Second)
		press("Decline on Ben’s phone", "decline")
		press("Answer on Ana’s phone", "answer")
		expect(t, "picked up", get(pages, me), 200, "Press any key to accept", "picked up, no key yet", "declined", "ringing…")
		press("Press 1 on Ana’s phone", "key")
		expect(t, "accepted", get(pages, me), 200, "connected", "talks with the caller", "Ana answered", "on the call now")
		w.FastForward(25 * time.Second)
		press("Hang up on Ana’s phone", "hang-up")
		w.Settle()
		expect(t, "over", get(pages, me), 200, "You talked to a person: no text is needed.", "Ana accepted")
		if texts := w.Network.Phone("+14155550152").Inbox(); len(texts) != 0 {
			t.Errorf("a text after a talk: %+v", texts)
		}
	})
}

func TestAnUnpressedKeyIsAVoicemail(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		const me = home + "/simulator/mobile/14155550153"
		post(pages, me+"/call", nil)
		w.FastForward(time.Second)
		leg := w.Network.Phone(reboundtest.AnaCell).Ringing()[0]
		post(pages, me+"/legs/"+leg.ID, url.Values{"do": {"answer"}})
		w.FastForward(time.Minute)
		post(pages, me+"/hang-up", nil)
		w.Settle()
		expect(t, "nobody pressed a key", get(pages, me), 200, "Ana</b> picked up, pressed no key", "Missed call", "Automatic text-back")
	})
}

func TestCallersWhoGetNoText(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		ring := func(me string) {
			post(pages, me+"/call", nil)
			w.FastForward(30 * time.Second)
			post(pages, me+"/hang-up", nil)
			w.Settle()
		}
		hidden := home + "/simulator/hidden/14155550154"
		ring(hidden)
		expect(t, "hidden", get(pages, hidden), 200, "Hidden number", "No text: the caller hid the number", "Can’t be texted: the caller hid the number.", "Call from a hidden number")

		landline := home + "/simulator/landline/14155550155"
		ring(landline)
		expect(t, "landline", get(pages, landline), 200, "[30006]", "so call back", "Text-back not delivered.")

		begun := post(pages, home+"/simulator", url.Values{"who": {"opted-out"}})
		optedOut := begun.Header().Get("Location")
		if !strings.HasPrefix(optedOut, home+"/simulator/opted-out/") {
			t.Fatalf("leads to %q", optedOut)
		}
		w.Settle()
		ring(optedOut)
		expect(t, "opted out", get(pages, optedOut), 200, rebound.OptedOut.Words(), "Opted out on ")
	})
}

func TestWhoIsCalling(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		if err := w.App.Engine.NameContact(t.Context(), reboundtest.Business, "+14155550176", "Marisol Vega"); err != nil {
			t.Fatal(err)
		}
		first := get(pages, home+"/simulator")
		me := first.Header().Get("Location")
		expect(t, me, get(pages, me), 200, "Marisol Vega, customer", `value="mobile" selected`)
		if again := get(pages, home+"/simulator", "Cookie", first.Header().Get("Set-Cookie")).Header().Get("Location"); again != me {
			t.Errorf("the way back leads to %q, want %q", again, me)
		}
		if other := post(pages, home+"/simulator", url.Values{"who": {"mobile/14155550151"}}).Header().Get("Location"); other == me {
			t.Errorf("starting over leads to the same caller")
		}
		if known := post(pages, home+"/simulator", url.Values{"who": {"known/14155550176"}}).Header().Get("Location"); known != home+"/simulator/known/14155550176" {
			t.Errorf("a known customer's page is %q", known)
		}
		for _, real := range []string{"12125551234", "442079460958", "1415555015", "14155550151x", "x"} {
			expect(t, real, post(pages, home+"/simulator/mobile/"+real+"/call", nil), http.StatusNotFound)
			expect(t, real, get(pages, home+"/simulator/mobile/"+real), http.StatusNotFound)
		}
		expect(t, "a leg that is over", post(pages, home+"/simulator/mobile/14155550151/legs/x", url.Values{"do": {"answer"}}), http.StatusSeeOther)
	})
}
