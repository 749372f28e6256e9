package web_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

func TestARouteIsWrittenByPressingButtons(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const path = home + "/routes/new?line=main"
		page := get(pages, path)
		expect(t, "what the line does without a route", page, 200, `value="team:day" selected`, "When you are closed")
		press := func(button string, set ...string) {
			t.Helper()
			form := filled(t, page)
			for i := 0; i < len(set); i += 2 {
				if !form.Has(set[i]) {
					t.Fatalf("before %q there is no field %s", button, set[i])
				}
				form.Set(set[i], set[i+1])
			}
			if page = presses(pages, home+"/routes/new", form, button); page.Code != 200 {
				t.Fatalf("%s: %d %s", button, page.Code, page.Body)
			}
		}
		press("add open menu")
		press("up open.1", "open.1.say", "For emergencies press 1.")
		press("add open.0.key.0.steps ring", "open.0.key.0.name", "emergencies")
		press("key open.0", "open.0.key.0.steps.0.whom", "member:ana", "open.0.key.0.steps.0.for", "12")
		press("add open.0.key.1.steps voicemail", "open.0.key.1.name", "all else")
		press("add open ring")
		press("add open ring", "open.2.whom", "cell", "open.2.number", "(415) 555-0188")
		press("add open voicemail")
		press("remove open.3")
		press("add closed ring")
		press("add closed greet", "closed.0.whom", "owner")
		press("nonsense open.9")
		press("up closed.7.key.x")
		press("add nowhere ring")
		form := filled(t, page)
		form.Set("name", "Plumbing calls")
		form.Set("open.1.by", "round_robin")
		form.Set("closed.1.say", "We are closed.")
		form.Set("fallback.whom", "member:desk")
		got := presses(pages, home+"/routes/new", form, "save")
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != home+"/lines/main" {
			t.Fatalf("saving: %d %s", got.Code, got.Body)
		}
		d := declared(t, w)
		want := rebound.Route{
			ID: "plumbing-calls", Business: reboundtest.Business, Name: "Plumbing calls", Fallback: rebound.Whom{Member: "desk"},
			Open: []rebound.RouteStep{
				{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "For emergencies press 1.", Choices: []rebound.Choice{
					{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{ringing("ana", 12)}},
					{Key: "2", Name: "all else", Steps: []rebound.RouteStep{{Kind: rebound.VoicemailStep}}},
				}}},
				{Kind: rebound.RingStep, Whom: rebound.Whom{Team: "day"}, Strategy: rebound.RoundRobin, For: 20 * time.Second},
				{Kind: rebound.RingStep, Whom: rebound.Whom{Outside: rebound.Destination{Kind: rebound.Cell, Number: "+14155550188"}}},
				{Kind: rebound.VoicemailStep},
			},
			Closed: []rebound.RouteStep{
				{Kind: rebound.RingStep, Whom: rebound.Whom{Owner: true}}, {Kind: rebound.GreetStep, Greeting: rebound.Greeting{Say: "We are closed."}},
			},
		}
		if len(d.Routes) != 1 || !reflect.DeepEqual(d.Routes[0], want) {
			t.Errorf("saved\n%+v\nwant\n%+v", d.Routes, want)
		}
		if l := d.Lines[0]; l.Route != "plumbing-calls" || l.Team != "" || l.RingFor != 0 {
			t.Errorf("the line says %+v", l)
		}
		again := filled(t, get(pages, home+"/routes/plumbing-calls"))
		expect(t, "saved as it is", presses(pages, home+"/routes/plumbing-calls", again, "save"), http.StatusSeeOther)
		if now := declared(t, w); !reflect.DeepEqual(now.Routes, d.Routes) {
			t.Errorf("a form that was only opened changed\n%+v\nto\n%+v", d.Routes, now.Routes)
		}
		expect(t, "a second route for the line", get(pages, home+"/routes/new?line=main"), http.StatusNotFound)
	})
}

// routedWorld gives the main line a route of one step.
func routedWorld(w *reboundtest.World, name string) {
	w.Declare(func(d *rebound.Declaration) {
		d.Routes = []rebound.Route{{ID: "main", Business: reboundtest.Business, Name: name, Open: []rebound.RouteStep{ringing("ana", 15)}}}
		d.Lines[0].Route, d.Lines[0].Team, d.Lines[0].Strategy, d.Lines[0].RingFor = "main", "", "", 0
	})
}

func TestARouteThatCannotBeIsRefusedAtItsFields(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		routedWorld(w, "Main")
		const path = home + "/routes/main"
		before := declared(t, w)
		page := get(pages, path)
		page = presses(pages, path, filled(t, page), "add open menu")
		page = presses(pages, path, filled(t, page), "key open.1")
		form := filled(t, page)
		for name, value := range map[string]string{"name": " ", "open.0.for": "soon", "open.0.whom": "desk", "open.0.number": "12", "open.1.key.1.key": "1"} {
			form.Set(name, value)
		}
		expect(t, "what cannot be read", presses(pages, path, form, "save"), http.StatusUnprocessableEntity, "The route has no name.", "Write a number of seconds.", `value="soon"`,
			`id="f-open.0.number-wrong"`, "The menu says nothing.", "Two choices of the menu have this key.", "Nothing happens behind this key.")

		form = filled(t, get(pages, path))
		form.Set("open.0.for", "3")
		form.Set("open.0.whom", "member:nobody")
		expect(t, "what cannot be", presses(pages, path, form, "save"), http.StatusUnprocessableEntity, "2 things need mending", `href="#f-open.0.for"`, `href="#f-open.0.whom"`, `value="3"`)
		form = filled(t, get(pages, path))
		form.Set("open.0.whom", "desk")
		form.Set("open.0.number", string(reboundtest.MainLine))
		expect(t, "a circle", presses(pages, path, form, "save"), http.StatusUnprocessableEntity, "calls would go round in a circle")
		page = presses(pages, path, filled(t, get(pages, path)), "add open voicemail")
		page = presses(pages, path, filled(t, page), "up open.1")
		expect(t, "a step behind the end", presses(pages, path, filled(t, page), "save"), http.StatusUnprocessableEntity, "No call comes to this step", `href="#f-open"`)
		if now := declared(t, w); !reflect.DeepEqual(now, before) {
			t.Errorf("a refused route was saved: %+v", now.Routes)
		}
		expect(t, "no route", get(pages, home+"/routes/gone"), http.StatusNotFound)
		expect(t, "too long", post(pages, path, map[string][]string{"name": {strings.Repeat("x", 70_000)}}), http.StatusUnprocessableEntity, "R1611")
	})
}

func TestARouteThatSomebodyElseChangedIsNotOverwritten(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		routedWorld(w, "Main")
		const path = home + "/routes/main"
		mine, theirs := filled(t, get(pages, path)), filled(t, get(pages, path))
		theirs.Set("open.0.for", "11")
		expect(t, "theirs", presses(pages, path, theirs, "save"), http.StatusSeeOther)
		mine.Set("open.0.for", "19")
		page := presses(pages, path, mine, "save")
		expect(t, "mine", page, http.StatusConflict, "Somebody changed this route meanwhile", "R1640", `value="19"`, `value="over"`)
		if got := declared(t, w).Routes[0].Open[0].For; got != 11*time.Second {
			t.Errorf("rings for %v", got)
		}
		expect(t, "still stale", presses(pages, path, filled(t, page), "save"), http.StatusConflict)
		expect(t, "over it", presses(pages, path, filled(t, page), "over"), http.StatusSeeOther)
		if got := declared(t, w).Routes[0].Open[0].For; got != 19*time.Second {
			t.Errorf("rings for %v", got)
		}

		gone := filled(t, get(pages, path))
		w.Declare(func(*rebound.Declaration) {})
		expect(t, "the route is gone", presses(pages, path, gone, "over"), http.StatusNotFound)
	})
}

func TestAReplayShowsWhatAChangeWouldHaveDone(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		routedWorld(w, "Main")
		const path = home + "/routes/main"
		expect(t, "no calls yet", presses(pages, path, filled(t, get(pages, path)), "replay"), 200, "No calls in the last 30 days.")
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ReadAll()
		page := presses(pages, path, filled(t, get(pages, path)), "replay")
		expect(t, "unchanged", page, 200, "of 1 call", ">0 calls<")
		form := filled(t, presses(pages, path, filled(t, page), "remove open.0"))
		page = presses(pages, path, form, "replay")
		expect(t, "changed", page, 200, "Ana, 15 s, voicemail", "<bdi>Voicemail</bdi>", `href="/b/acme/conversations/`+string(w.Conversation(caller).Contact.ID), "missed")
		if got := declared(t, w).Routes[0]; len(got.Open) != 1 {
			t.Errorf("a replay saved the route: %+v", got)
		}
		form = filled(t, get(pages, path))
		form.Set("open.0.for", "x")
		expect(t, "what cannot be read", presses(pages, path, form, "replay"), http.StatusUnprocessableEntity, "Write a number of seconds.")
	})
}

func TestHostileNamesAreOnlyWords(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		routedWorld(w, hostile)
		w.Declare(func(d *rebound.Declaration) {
			d.Business.Name, d.Members[0].Name, d.Teams[0].Name, d.Lines[0].Name = hostile, hostile, hostile, hostile
			d.Lines[0].Greeting.Say = hostile
			d.Routes = []rebound.Route{{ID: "main", Business: reboundtest.Business, Name: hostile, Open: []rebound.RouteStep{
				{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: hostile, Choices: []rebound.Choice{{Key: "1", Name: hostile, Steps: []rebound.RouteStep{ringing("ana", 10)}}}}},
				{Kind: rebound.RingStep, Whom: rebound.Whom{Team: "day"}},
			}}}
			d.Lines[0].Route = "main"
		})
		for _, path := range []string{home + "/lines", home + "/lines/main", home + "/lines/main?keys=1", home + "/lines/main/edit", home + "/routes/main"} {
			got := get(pages, path)
			expect(t, path, got, 200)
			for _, raw := range []string{"<script>alert", "</template><hx", `<img src=x`, `" onload`} {
				if strings.Contains(got.Body.String(), raw) {
					t.Errorf("%s: a name is markup: %s", path, raw)
				}
			}
		}
	})
}
