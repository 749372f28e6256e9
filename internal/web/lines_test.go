package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

// filled returns all that a browser would post of a page's form.
func filled(t *testing.T, page *httptest.ResponseRecorder) url.Values {
	t.Helper()
	body := page.Body.String()
	form := url.Values{}
	for _, in := range regexp.MustCompile(`<input[^>]*>`).FindAllString(body, -1) {
		if strings.Contains(in, `type="checkbox"`) && !strings.Contains(in, " checked") {
			continue
		}
		form.Set(attribute(in, "name"), attribute(in, "value"))
	}
	for _, area := range regexp.MustCompile(`(?s)<textarea([^>]*)>([^<]*)</textarea>`).FindAllStringSubmatch(body, -1) {
		form.Set(attribute(area[1], "name"), unescape(area[2]))
	}
	for _, choice := range regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`).FindAllStringSubmatch(body, -1) {
		options := regexp.MustCompile(`<option[^>]*>`).FindAllString(choice[2], -1)
		for i, o := range options {
			if i == 0 || strings.Contains(o, " selected") {
				form.Set(attribute(choice[1], "name"), attribute(o, "value"))
			}
		}
	}
	return form
}

func attribute(tag, name string) string {
	found := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if found == nil {
		return ""
	}
	return unescape(found[1])
}

func unescape(s string) string {
	return strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

// presses posts a form by one of its buttons.
func presses(pages http.Handler, path string, form url.Values, button string) *httptest.ResponseRecorder {
	form.Set("do", button)
	return post(pages, path, form)
}

func declared(t *testing.T, w *reboundtest.World) rebound.Declaration {
	t.Helper()
	d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestALineIsDrawn(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		expect(t, "the list", get(pages, home+"/lines"), 200, `href="/b/acme/lines/main"`, "Main line", "(415) 555-0134", "Rings the Day team", "rings 20 s at most", "Always open")
		expect(t, "a line", get(pages, home+"/lines/main"), 200, "Ring the Day team", "All at once, for 20 s", "You have reached Acme Plumbing.", "Text them back",
			"Sorry we missed your call!", "We are closed right now", "rings nobody")
		expect(t, "nothing", get(pages, home+"/lines/gone"), http.StatusNotFound)

		w.Declare(func(d *rebound.Declaration) {
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Saturday, From: 0, To: 60}}
			d.Routes = []rebound.Route{{ID: "main", Business: reboundtest.Business, Name: "Main", Fallback: rebound.Whom{Member: "desk"},
				Open: []rebound.RouteStep{
					{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "Press 1", Choices: []rebound.Choice{{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{ringing("ana", 10)}}}}},
					{Kind: rebound.RingStep, Whom: rebound.Whom{Team: "day"}, Strategy: rebound.InOrder, For: 18 * time.Second},
				},
				Closed: []rebound.RouteStep{ringing("ben", 28), {Kind: rebound.GreetStep, Greeting: rebound.Greeting{Say: "Bye."}}},
				VIP:    []rebound.RouteStep{ringing("ana", 12)},
			}}
			d.Lines[0].Route = "main"
		})
		expect(t, "a route", get(pages, home+"/lines/main"), 200, "emergencies: ring Ana 10 s", "One after another, 18 s each", "rings 46 s at most",
			"Most callers have hung up by 30 s.", "Ring Ben", "rings 28 s at most", "Callers begin to hang up after 25 s.", "Greeting, then the call ends", "Bye.",
			"Callers marked as VIP", "If nobody is on duty, Front desk rings all the same")
	})
}

func ringing(m rebound.MemberID, seconds int) rebound.RouteStep {
	return rebound.RouteStep{Kind: rebound.RingStep, Whom: rebound.Whom{Member: m}, For: time.Duration(seconds) * time.Second}
}

func TestTheTesterSaysWhatACallWouldGoThrough(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		w.Declare(func(d *rebound.Declaration) {
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Tuesday, From: 9 * 60, To: 17 * 60}}
			d.Members[1].OffDuty = true
			d.VIPs = []rebound.VIPNumber{{Number: "+14155550177"}}
			d.Blocked = []rebound.BlockedNumber{{Number: "+14155550178"}}
		})
		for _, test := range []struct {
			query string
			says  []string
		}{
			{"day=2026-11-24&time=10:00&from=mobile", []string{"<b>Open.</b> Open until 5:00 PM.", "10:00:00", "Ana rings, 20 s", "Not rung: Ben: not taking calls", "10:00:20", "Text-back goes out", "Sorry we missed"}},
			{"day=2026-11-24&time=18:05&from=mobile", []string{"<b>Closed.</b>", "6:05:00", "Voicemail", "We are closed right now", "Waits in the inbox"}},
			{"day=2026-11-24&time=10:00&from=landline", []string{"Call-back task in the inbox", "the number is a landline", "The clock starts at once."}},
			{"day=2026-11-24&time=10:00&from=opted-out", []string{"the customer opted out of texts"}},
			{"day=2026-11-24&time=10:00&from=number&number=415-555-0178", []string{"<b>Refused.</b>", "The number is blocked."}},
			{"day=2026-11-24&time=10:00&from=number", []string{"The number is hidden", "the caller hid the number"}},
			{"day=2026-11-24&time=10:00&from=number&number=x%22%3E%3Cscript%3E", []string{"This is no phone number.", `value="x&#34;&gt;&lt;script&gt;"`}},
			{"day=2026-03-08&time=02:30&from=mobile", []string{"Clocks leap over that time"}},
			{"day=never&time=02:30", []string{"This is no time."}},
			{"when=now&from=mobile", []string{"Call reaches Main line"}},
		} {
			expect(t, test.query, get(pages, home+"/lines/main?"+test.query), 200, test.says...)
		}
		var log []string
		for _, event := range []string{"calls", "messages"} {
			if c, err := w.Rows().Inbox(t.Context(), 10); err != nil || len(c) > 0 {
				log = append(log, event)
			}
		}
		if log != nil {
			t.Errorf("the tester left traces: %v", log)
		}
	})
}

func TestALineIsEdited(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const path = home + "/lines/main/edit"
		form := filled(t, get(pages, path))
		before := declared(t, w)
		form.Set("name", " Office ")
		form.Set("for", "17")
		form.Set("greeting.closed", "We are closed.\r\nText us.")
		form.Set("silence", "3")
		stale := filled(t, get(pages, path))
		if got := presses(pages, path, form, "save"); got.Code != http.StatusSeeOther || got.Header().Get("Location") != home+"/lines/main" {
			t.Fatalf("saving: %d %s", got.Code, got.Body)
		}
		l := declared(t, w).Lines[0]
		want := before.Lines[0]
		want.Name, want.RingFor, want.Greeting.Closed, want.Voicemail.EndSilence = "Office", 17*time.Second, "We are closed. Text us.", 3*time.Second
		if !equal(l, want) {
			t.Errorf("saved %+v, want %+v", l, want)
		}

		stale.Set("name", "Mine")
		expect(t, "stale", presses(pages, path, stale, "save"), http.StatusConflict, "Somebody changed this number meanwhile", `value="Mine"`, "R1640")
		expect(t, "over it", presses(pages, path, stale, "over"), http.StatusSeeOther)
		if l := declared(t, w).Lines[0]; l.Name != "Mine" || l.RingFor != 20*time.Second {
			t.Errorf("saved over: %+v", l)
		}

		form = filled(t, get(pages, path))
		for name, value := range map[string]string{"name": "", "for": "ten", "greeting.play": "http://plain.example/x.mp3", "longest": "5"} {
			form.Set(name, value)
		}
		expect(t, "what cannot be read", presses(pages, path, form, "save"), http.StatusUnprocessableEntity, "The number has no name.", "Write a number of seconds.", `value="ten"`)
		form.Set("name", "Office")
		form.Set("for", "200")
		expect(t, "what cannot be", presses(pages, path, form, "save"), http.StatusUnprocessableEntity, "3 things need mending", `href="#f-for"`, `href="#f-greeting.play"`,
			`href="#f-longest"`, `aria-invalid="true"`, `value="200"`)
		form.Del("voicemail")
		form.Set("name", hostile)
		got := presses(pages, path, form, "save")
		if strings.Contains(got.Body.String(), "<script>alert") || strings.Contains(got.Body.String(), "<img src") {
			t.Error("what was typed is markup")
		}
		if l := declared(t, w).Lines[0]; l.Name != "Mine" || l.Voicemail.Off {
			t.Errorf("a refused form was saved: %+v", l)
		}
	})
}

func equal(a, b rebound.Line) bool {
	a.Schedule, b.Schedule = rebound.Schedule{}, rebound.Schedule{}
	return a.Name == b.Name && a.Team == b.Team && a.Strategy == b.Strategy && a.RingFor == b.RingFor && a.Greeting == b.Greeting &&
		a.Voicemail == b.Voicemail && a.Route == b.Route && a.Number == b.Number && a.Connection == b.Connection
}

func TestOneTapRingsAPhoneForLess(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		w.Declare(func(d *rebound.Declaration) { d.Lines[0].RingFor = 25 * time.Second })
		w.Ben().VoicemailAnswers(18 * time.Second)
		for range 3 {
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
			caller.ReadAll()
		}
		page := get(pages, home+"/lines/main")
		expect(t, "the advice", page, 200, "3 calls this week probably reached Ben’s own voicemail", `action="/b/acme/lines/main/ring"`)
		seconds := attribute(regexp.MustCompile(`<input type="hidden" name="seconds"[^>]*>`).FindString(page.Body.String()), "value")
		form := url.Values{"member": {"ben"}, "seconds": {seconds}}
		for range 2 { // pressed twice
			expect(t, "the tap", post(pages, home+"/lines/main/ring", form), http.StatusSeeOther)
		}
		if l := declared(t, w).Lines[0]; l.RingFor >= 18*time.Second || l.RingFor < 10*time.Second {
			t.Errorf("it rings for %v", l.RingFor)
		}
		if got := get(pages, home+"/lines/main"); strings.Contains(got.Body.String(), "own voicemail") {
			t.Error("the advice is taken and still given")
		}
		for _, wrong := range []string{"", "x", "4", "121"} {
			form.Set("seconds", wrong)
			expect(t, "seconds "+wrong, post(pages, home+"/lines/main/ring", form), http.StatusUnprocessableEntity)
		}
	})
}
