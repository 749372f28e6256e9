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

var keyOfCall = regexp.MustCompile(`(?s)id="call-back".*?name="key" value="([^"]+)"`)

// A member calls back from the conversation, by a plain form.
func TestCallBackFromTheConversation(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages, caller := open(w, nil), w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectText("Acme Plumbing")
		caller.Replies("Can you fix my boiler?")
		path := home + "/conversations/" + string(w.Conversation(caller).Contact.ID)
		key := func() string {
			t.Helper()
			found := keyOfCall.FindStringSubmatch(get(pages, path).Body.String())
			if found == nil {
				t.Fatal("there is no button that calls back")
			}
			return found[1]
		}
		first := key()
		form := url.Values{"author": {"ana"}, "key": {first}}
		press := func() int { return post(pages, path+"/calls", form).Code }
		if code := press(); code != http.StatusSeeOther {
			t.Fatalf("pressed: %d", code)
		}
		expect(t, "while Ana's phone rings", get(pages, path, "Cookie", "rebound_as=ana"), http.StatusOK, "Ringing your phone…")
		expect(t, "for Ben", get(pages, path, "Cookie", "rebound_as=ben"), http.StatusOK, "Ringing Ana’s phone…", "Ana calls back")
		if code := press(); code != http.StatusSeeOther {
			t.Errorf("pressed twice: %d", code)
		}
		w.FastForward(2 * time.Second)
		if n := len(w.Ana().Ringing()); n != 1 {
			t.Fatalf("%d calls ring Ana", n)
		}
		leg := w.Ana().Ringing()[0]
		leg.Answer()
		w.FastForward(20 * time.Second)
		expect(t, "after the key", get(pages, path), http.StatusOK, "Ringing (415)", "pressed a key")
		caller.Ringing()[0].Answer()
		w.FastForward(2 * time.Second)
		expect(t, "while they talk", get(pages, path), http.StatusOK, "Ana reached (415)", "on the call now")
		w.FastForward(28 * time.Second)
		leg.HangUp()
		w.Settle()
		expect(t, "afterwards", get(pages, path), http.StatusOK, "talked 30 s", "Ana made contact after")
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
		if press(); len(w.Ana().Ringing()) != 0 {
			t.Error("a page of before rings again")
		}
		expect(t, "a page of before", post(pages, path+"/calls", form), http.StatusConflict, "R1622")
		if key() == first {
			t.Error("the button's key is the old one")
		}
		form.Set("key", key())
		press()
		w.FastForward(40 * time.Second)
		expect(t, "nobody takes it", get(pages, path, "Cookie", "rebound_as=ben"), http.StatusOK, "Ana’s phone was not answered")
		expect(t, "the list", get(pages, home+"/inbox"), http.StatusOK, "Called back")
		form.Set("key", "another")
		form.Set("author", "nobody")
		expect(t, "nobody calls", post(pages, path+"/calls", form), http.StatusNotFound, "R2306")
	})
}

func TestNoButtonWhereNobodyCanBeCalled(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages, caller := open(w, nil), w.Caller()
		w.Over(caller.CallsAs("anonymous", reboundtest.MainLine).RingsOut())
		body := get(pages, home+"/conversations/"+string(w.Latest().Contact.ID)).Body.String()
		if strings.Contains(body, `id="call-back"`) {
			t.Error("a hidden number can be called back")
		}
	})
}

// In the demo a call back rings the pretend phones, which are answered by hand.
func TestCallBackInTheSimulator(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages, caller := pretending(w), w.Phone("+14155550177")
		const path = home + "/simulator/mobile/14155550177"
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
		caller.ReadAll()
		caller.Replies("Can you fix my boiler?")
		contact := string(w.Conversation(caller).Contact.ID)
		key := keyOfCall.FindStringSubmatch(get(pages, path).Body.String())
		if key == nil {
			t.Fatal("the simulator has no button that calls back")
		}
		got := post(pages, home+"/conversations/"+contact+"/calls", url.Values{"author": {"ana"}, "key": {key[1]}, "back": {path}})
		if got.Code != http.StatusSeeOther || got.Header().Get("Location") != path {
			t.Errorf("pressed: %d, then %s", got.Code, got.Header().Get("Location"))
		}
		do := func(what string) {
			t.Helper()
			w.FastForward(2 * time.Second)
			form := regexp.MustCompile(`(?s)action="([^"]*/legs/[^"]+)"[^>]*>\s*<input type="hidden" name="do" value="` + what + `"`)
			action := form.FindStringSubmatch(get(pages, path).Body.String())
			if action == nil {
				t.Fatalf("no phone can %s: %s", what, get(pages, path).Body.String())
			}
			post(pages, action[1], url.Values{"do": {what}})
			w.FastForward(2 * time.Second)
		}
		expect(t, "Ana's phone", get(pages, path), http.StatusOK, "rings now")
		do("answer")
		expect(t, "she listens", get(pages, path), http.StatusOK, "back. Press any key to be connected.”")
		do("key")
		expect(t, "the caller's phone", get(pages, path), http.StatusOK, "calls you", "hears the customer’s phone ring")
		do("answer")
		w.FastForward(25 * time.Second)
		do("hang-up")
		w.FastForward(5 * time.Second)
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
		expect(t, "the steps", get(pages, path), http.StatusOK, "which is proof of contact")
	})
}
