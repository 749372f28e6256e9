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

func TestTheFormsKeepWhatTheyDoNotShow(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			d.Members[0].Role = rebound.Owner
			d.Members[0].Alerts = rebound.Alerts{Normal: []rebound.Way{{Channel: rebound.BySMS, Address: "+14155550111"}}}
			d.Teams[0].Policy.RepeatEvery = 2 * time.Hour
		})
		pages, before := served(w), declared(t, w)
		for _, path := range []string{home + "/team/people/ana", home + "/team/teams/day"} {
			expect(t, path, presses(pages, path, formFields(t, get(pages, path), path), "save"), http.StatusSeeOther)
		}
		after := declared(t, w)
		if !reflect.DeepEqual(after.Members, before.Members) || !reflect.DeepEqual(after.Teams, before.Teams) {
			t.Errorf("saving the forms made it\n%+v %+v\nfrom\n%+v %+v", after.Members, after.Teams, before.Members, before.Teams)
		}
	})
}

func TestPeopleComeAndGo(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		expect(t, "the team", get(pages, home+"/team"), 200, "Ana", "On duty", "Day team: always on duty", "In no team", "Cell (415) 555-0111")

		form := formFields(t, get(pages, home+"/team/people"), home+"/team/people")
		form.Set("name", "Cleo Ruiz")
		form.Set("p.0.number", "(415) 555-011")
		got := presses(pages, home+"/team/people", form, "save")
		expect(t, "half a number", got, http.StatusUnprocessableEntity, "Cleo Ruiz", `aria-invalid="true"`, `class="err" id="e-p-0"`)
		form.Set("p.0.number", "(415) 555-0134")
		expect(t, "our own line", presses(pages, home+"/team/people", form, "save"), http.StatusUnprocessableEntity, "lines.main.number", "circle")
		form.Set("p.0.number", "(415) 555-0119")
		form.Set("email", "no address")
		expect(t, "no e-mail", presses(pages, home+"/team/people", form, "save"), http.StatusUnprocessableEntity, `id="e-email"`)
		form.Del("email")
		form.Set("team", "day")
		form = formFields(t, presses(pages, home+"/team/people", form, "more p"), home+"/team/people")
		form.Set("p.1.kind", "sip")
		form.Set("p.1.number", "nonsense")
		expect(t, "no SIP address", presses(pages, home+"/team/people", form, "save"), http.StatusUnprocessableEntity, `id="e-phones"`)
		form.Set("p.1.number", "sip:cleo@acme.example")
		form = formFields(t, presses(pages, home+"/team/people", form, "up p 1"), home+"/team/people")
		expect(t, "saved", presses(pages, home+"/team/people", form, "save"), http.StatusSeeOther)
		d := declared(t, w)
		if m := d.Members[2]; m.ID != "cleo-ruiz" || len(m.Rings) != 2 || m.Rings[0].Kind != rebound.SIP || m.Rings[1].Number != "+14155550119" {
			t.Errorf("saved %+v", m)
		}
		if got := d.Teams[0].Members; len(got) != 3 || got[2] != "cleo-ruiz" {
			t.Errorf("the team is %v", got)
		}

		const cleo = home + "/team/people/cleo-ruiz"
		old := formFields(t, get(pages, cleo), cleo)
		form = formFields(t, get(pages, cleo), cleo)
		form.Set("name", "Cleo R.")
		expect(t, "renamed", presses(pages, cleo, form, "save"), http.StatusSeeOther)
		old.Set("name", "Somebody")
		got = presses(pages, cleo, old, "save")
		expect(t, "an old page", got, http.StatusConflict, "Somebody changed this", `value="Somebody"`)
		expect(t, "knowingly", presses(pages, cleo, formFields(t, got, cleo), "save"), http.StatusSeeOther)
		expect(t, "out of use", presses(pages, cleo, formFields(t, get(pages, cleo), cleo), "retire"), http.StatusSeeOther)
		expect(t, "gone", get(pages, cleo), http.StatusNotFound)
		if got := declared(t, w).Teams[0].Members; len(got) != 2 {
			t.Errorf("the team is %v", got)
		}
	})
}

func TestWhoIsNeededStays(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const ana, ben, day = home + "/team/people/ana", home + "/team/people/ben", home + "/team/teams/day"
		expect(t, "the first", presses(pages, ana, formFields(t, get(pages, ana), ana), "retire"), http.StatusSeeOther)
		got := presses(pages, ben, formFields(t, get(pages, ben), ben), "retire")
		expect(t, "the last", got, http.StatusUnprocessableEntity, "This person is still needed", "teams.day.members")
		got = presses(pages, day, formFields(t, get(pages, day), day), "retire")
		expect(t, "the team of a line", got, http.StatusUnprocessableEntity, "This team is still needed", "lines.main.team")
	})
}

func TestATeamIsPutInOrder(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const day = home + "/team/teams/day"
		form := formFields(t, get(pages, day), day)
		form.Add("member", "desk")
		form = formFields(t, presses(pages, day, form, "up m 2"), day)
		form = formFields(t, presses(pages, day, form, "up m 1"), day)
		expect(t, "saved", presses(pages, day, form, "save"), http.StatusSeeOther)
		if got := declared(t, w).Teams[0].Members; len(got) != 3 || got[0] != "desk" || got[1] != "ana" {
			t.Errorf("the team is %v", got)
		}
		form = formFields(t, get(pages, home+"/team/teams"), home+"/team/teams")
		expect(t, "nobody and no name", presses(pages, home+"/team/teams", form, "save"), http.StatusUnprocessableEntity, `id="e-name"`)
		form.Set("name", "Night")
		expect(t, "nobody", presses(pages, home+"/team/teams", form, "save"), http.StatusUnprocessableEntity, `id="e-members"`)
		form.Set("member", "ben")
		expect(t, "a team", presses(pages, home+"/team/teams", form, "save"), http.StatusSeeOther)
		expect(t, "both", get(pages, home+"/team"), 200, "Night: always on duty")
	})
}

func TestAwayAndBackByOneTap(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const tap = home + "/team/people/ana/absence"
		form := formFields(t, get(pages, home+"/team"), tap)
		expect(t, "busy", presses(pages, tap, form, "busy 1h"), http.StatusSeeOther)
		expect(t, "shown", get(pages, home+"/team"), 200, "Busy until ", "Back, takes calls")
		expect(t, "pressed on an old page", presses(pages, tap, form, "off day"), http.StatusConflict, "by hand meanwhile")
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectText("Acme Plumbing")
		for _, s := range w.Conversation(caller).Calls[0].Plan.Steps {
			for _, target := range s.Targets {
				if target.Member == "ana" {
					t.Error("who is busy was rung")
				}
			}
		}
		form = formFields(t, get(pages, home+"/team"), tap)
		expect(t, "back", presses(pages, tap, form, "lift"), http.StatusSeeOther)
		if got := get(pages, home+"/team"); strings.Contains(got.Body.String(), "Back, takes calls") {
			t.Error("she is still busy")
		}
		form = formFields(t, get(pages, home+"/team"), tap)
		expect(t, "no time", presses(pages, tap, form, "off then"), http.StatusUnprocessableEntity, "still to come")
		expect(t, "a stranger", presses(pages, home+"/team/people/eve/absence", form, "busy 1h"), http.StatusNotFound)
	})
}

func TestARotaIsSavedAsTyped(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		const rota = home + "/team/teams/day/rota"
		form := formFields(t, get(pages, rota), rota)
		form = formFields(t, presses(pages, rota, form, "more s-ana"), rota)
		form = formFields(t, presses(pages, rota, form, "more turn"), rota)
		form.Set("turn", "ben")
		got := presses(pages, rota, form, "save")
		expect(t, "no start", got, http.StatusUnprocessableEntity, `id="e-starts"`)
		form.Set("starts", "2000-01-03T08:00")
		form.Set("days", "400")
		expect(t, "long turns", presses(pages, rota, form, "save"), http.StatusUnprocessableEntity, `id="e-days"`, "400 days")
		form.Set("days", "7")
		form = formFields(t, presses(pages, rota, form, "more c"), rota)
		form.Set("c.0.who", "ana")
		form.Set("c.0.note", "vacation")
		expect(t, "no time", presses(pages, rota, form, "save"), http.StatusUnprocessableEntity, "Say from when to when")
		form.Set("c.0.from", "2000-02-01T00:00")
		form.Set("c.0.to", "2000-01-20T00:00")
		expect(t, "backwards", presses(pages, rota, form, "save"), http.StatusUnprocessableEntity, "not after it begins")
		form.Set("c.0.to", "2000-02-08T00:00")
		form = formFields(t, presses(pages, rota, form, "more w"), rota)
		for name, value := range map[string]string{"w.0.who": "ana", "w.0.of": "ana", "w.0.from": "2000-03-01T08:00", "w.0.to": "2000-03-02T08:00"} {
			form.Set(name, value)
		}
		expect(t, "with herself", presses(pages, rota, form, "save"), http.StatusUnprocessableEntity, "cannot swap with themself")
		form.Set("w.0.of", "ben")
		expect(t, "saved", presses(pages, rota, form, "save"), http.StatusSeeOther)
		expect(t, "shown", get(pages, rota+"?saved=1"), 200, "Saved.", "Right now", "The first turn begins", `value="2000-01-03T08:00"`, `value="vacation"`)
		r := declared(t, w).Teams[0].Rota
		if got := r.Crew[0].Shifts.String(); got != "Mon 08:00-17:00, Tue 08:00-17:00, Wed 08:00-17:00, Thu 08:00-17:00, Fri 08:00-17:00" {
			t.Errorf("shifts %s", got)
		}
		if len(r.Rotation.Members) != 1 || r.Rotation.Days != 7 || len(r.Changes) != 1 || len(r.Swaps) != 1 || r.Swaps[0].Taker != "ana" {
			t.Errorf("saved %+v", r)
		}
		again := formFields(t, get(pages, rota), rota)
		expect(t, "saved again", presses(pages, rota, again, "save"), http.StatusSeeOther)
		if now := declared(t, w).Teams[0].Rota; now.Rotation.Starts != r.Rotation.Starts || now.Crew[0].Shifts.String() != r.Crew[0].Shifts.String() {
			t.Errorf("saving what is there changes it: %+v", now)
		}
		expect(t, "an old page", presses(pages, rota, form, "save"), http.StatusConflict, "Somebody changed this")
	})
}

func TestCoverageWarnsOfCallsThatFindNobody(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			monday := rebound.Hours{{Day: time.Monday, From: 8 * 60, To: 17 * 60}}
			d.Teams[0].Rota.Crew = []rebound.Rostered{{Member: "ana", Shifts: monday}, {Member: "ben", Shifts: monday}}
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Friday, From: 8 * 60, To: 20 * 60}, {Day: time.Monday, From: 8 * 60, To: 12 * 60}}
		})
		pages := served(w)
		expect(t, "no calls yet", get(pages, home+"/team/teams/day/coverage"), 200, "0 calls in 8 weeks", "In 12 hours of the week ahead")
		for range 2 { // it is Friday, 4 PM
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
			caller.ExpectText("Acme Plumbing")
		}
		const words = "Fri 8:00 AM to 8:00 PM: nobody on duty, 2 calls in 8 weeks"
		expect(t, "the team", get(pages, home+"/team"), 200, "Day team, "+words, `href="/b/acme/team/teams/day/rota"`)
		expect(t, "the coverage", get(pages, home+"/team/teams/day/coverage"), 200, words, "Fri 4 PM: 2 calls, nobody on duty", "Mon 9 AM: 0 calls, 2 on duty", "Mon 1 PM: 0 calls, does not ring")
		expect(t, "no such team", get(pages, home+"/team/teams/night/coverage"), http.StatusNotFound)
	})
}
