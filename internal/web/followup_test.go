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
	"rebound/internal/web"
)

// waits lets a caller ring out and write, so that somebody waits and the team is told.
func waits(w *reboundtest.World, wrote string) (*reboundtest.Handset, string, rebound.Recovery) {
	caller, path := missed(w)
	caller.Replies(wrote)
	w.Settle()
	c := w.Conversation(caller)
	return caller, path, c.Recoveries[len(c.Recoveries)-1]
}

func acting(r rebound.Recovery, by string, more ...string) url.Values {
	form := url.Values{"author": {by}, "recovery": {string(r.ID)}}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

func TestAMemberTakesAndEndsARecovery(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		_, path, r := waits(w, "Can you come today?")
		expect(t, "waiting", get(pages, path), 200, "I’ve got this", "Mark contacted", "Nobody yet")

		expect(t, "claim", post(pages, path+"/follow-up/claim", acting(r, "ben")), http.StatusSeeOther)
		expect(t, "claimed", get(pages, path), 200, `<option value="ben" selected>`)
		expect(t, "somebody else is late", post(pages, path+"/follow-up/claim", acting(r, "ana")), http.StatusConflict, "R2202")
		expect(t, "assign", post(pages, path+"/follow-up/assignee", acting(r, "ben", "to", "ana")), http.StatusSeeOther)
		expect(t, "assigned", get(pages, path), 200, `<option value="ana" selected>`)

		expect(t, "contacted", post(pages, path+"/follow-up/contacted", acting(r, "ana")), http.StatusSeeOther)
		got := get(pages, path)
		expect(t, "contacted", got, 200, "Clock stopped at")
		if strings.Contains(got.Body.String(), "Mark contacted") {
			t.Error("who was contacted can be marked so again")
		}
		expect(t, "no amount", post(pages, path+"/follow-up/outcome", acting(r, "ana", "outcome", "booked", "amount", "a lot")),
			http.StatusUnprocessableEntity, "R1660")
		for _, amount := range []string{"280,50", "1e6", "0x10", "1,45", "99999999999999999999", "-5"} {
			expect(t, amount, post(pages, path+"/follow-up/outcome", acting(r, "ana", "outcome", "booked", "amount", amount)), http.StatusUnprocessableEntity, "R1660")
		}
		expect(t, "no outcome", post(pages, path+"/follow-up/outcome", acting(r, "ana", "outcome", "won")), http.StatusUnprocessableEntity, "R2203")
		expect(t, "booked", post(pages, path+"/follow-up/outcome", acting(r, "ana", "outcome", "booked", "amount", "$1,450.50")), http.StatusSeeOther)
		expect(t, "booked", get(pages, path), 200, `value="1450.5"`, `value="booked" aria-pressed="true"`)

		for name, form := range map[string]url.Values{"no recovery": acting(rebound.Recovery{ID: "x"}, "ana"), "nobody": acting(r, "eve")} {
			expect(t, name, post(pages, path+"/follow-up/claim", form), http.StatusNotFound)
		}
		expect(t, "no such act", post(pages, path+"/follow-up/erase", acting(r, "ana")), http.StatusNotFound)
	})
}

func TestAMemberRecordsAnOptOut(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, path := missed(w)
		expect(t, "by nobody", post(pages, path+"/opt-out", url.Values{"author": {"eve"}}), http.StatusNotFound)
		expect(t, "recorded", post(pages, path+"/opt-out", url.Values{"author": {"ana"}}), http.StatusSeeOther)
		expect(t, "recorded", get(pages, path), 200, "Opted out of texts", "They told Ana", "You can call")
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectNoText(time.Minute)
	})
}

var linkInText = regexp.MustCompile(`https://rebound\.test(/a/\S+)`)

func TestAnAlertsLinkOpensOneConversationWithoutAPassword(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		inbox := open(w, nil)
		locked := open(w, func(o *web.Options) { o.Password = "a long password" })
		caller, path, r := waits(w, "Water everywhere "+hostile)
		told := w.Ana().ReadAll()
		if len(told) != 1 {
			t.Fatalf("Ana was told %d times", len(told))
		}
		found := linkInText.FindStringSubmatch(told[0].Body)
		if found == nil {
			t.Fatalf("the alert has no link: %q", told[0].Body)
		}
		link := found[1]

		got := get(locked, link)
		expect(t, "opened", got, 200, "for Ana", "Waiting ", "Water everywhere", "I’ve got this", "tel:+1", "&lt;script&gt;")
		if policy := got.Header().Get("Referrer-Policy"); policy != "same-origin" {
			t.Errorf("the address of the link is told to others: %q", policy)
		}
		for _, closed := range []string{path, home + "/inbox", home + "/media/x"} {
			expect(t, closed, get(locked, closed), http.StatusUnauthorized)
		}
		expect(t, "another conversation's sound", get(locked, link+home+"/media/x"), http.StatusNotFound)
		if now := w.Latest().Recoveries[0]; now.Seq != r.Seq {
			t.Error("opening the link changed something")
		}
		expect(t, "altered", get(locked, link+"x"), http.StatusNotFound, "R2210")
		expect(t, "for another", get(locked, strings.Replace(link, "/ana/", "/ben/", 1)), http.StatusNotFound, "R2210")

		expect(t, "by another site", post(locked, link+"/follow-up/claim", nil, "Origin", "https://evil.example"), http.StatusForbidden)
		expect(t, "claim", post(locked, link+"/follow-up/claim", nil, "Origin", "http://example.com"), http.StatusSeeOther) // httptest's own host
		expect(t, "claimed", get(locked, link), 200, "It’s yours, Ana.", "Contacted", "10 more minutes")
		expect(t, "hold", post(locked, link+"/follow-up/hold", nil), http.StatusSeeOther)
		expect(t, "no outcome", post(locked, link+"/follow-up/outcome", url.Values{"outcome": {"lost"}}), http.StatusNotFound)
		expect(t, "no assigning", post(locked, link+"/follow-up/assignee", url.Values{"to": {"ben"}}), http.StatusNotFound)
		expect(t, "empty", post(locked, link+"/texts", url.Values{"key": {"0123456789abcdef"}, "body": {" "}}), http.StatusUnprocessableEntity, "Write something first.")
		expect(t, "text", post(locked, link+"/texts", url.Values{"key": {"0123456789abcdef"}, "body": {"On my way."}}), http.StatusSeeOther)
		w.Settle()
		caller.ExpectText("On my way.")
		over := get(locked, link)
		expect(t, "over", over, 200, "Nothing for you to do.")
		if strings.Contains(over.Body.String(), "<form") {
			t.Error("the page of a link that has done its work has buttons")
		}
		expect(t, "in the inbox", get(inbox, path), 200, "On my way.")
		expect(t, "a text too late", post(locked, link+"/texts", url.Values{"key": {"fedcba9876543210"}, "body": {"Me too."}}), http.StatusSeeOther)
		expect(t, "a press too late", post(locked, link+"/follow-up/contacted", nil), http.StatusSeeOther)
		caller.ExpectNoText(time.Minute)
		if now := w.Latest().Recoveries[0]; !now.Proven {
			t.Error("a press after contact changed the recovery")
		}

		w.Declare(func(d *rebound.Declaration) { d.RemoveMember("ana") })
		expect(t, "who has left", get(locked, link), http.StatusForbidden, "left the team")
		w.Declare(func(*rebound.Declaration) {})
		w.FastForward(25 * time.Hour)
		expect(t, "a day later", get(locked, link), http.StatusForbidden, "This link has ended.")
		expect(t, "a press a day later", post(locked, link+"/follow-up/claim", nil), http.StatusForbidden, "R2211")
	})
}
