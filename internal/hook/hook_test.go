package hook_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

const voice = "https://rebound.test/hook/twilio/acme.main/voice"

// ask sends a request to the door as the world's Twilio account would, signed with its token.
func ask(w *reboundtest.World, method, address, contentType, body string, sign bool) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	if sign {
		form, _ := url.ParseQuery(body)
		r.Header.Set("X-Twilio-Signature", fake.SignTwilio(w.Twilio.Token, address, form))
	}
	answer := httptest.NewRecorder()
	w.App.Handler(nil).ServeHTTP(answer, r)
	return answer
}

func call(sid string) string {
	return url.Values{
		"CallSid": {sid}, "From": {"+14157770001"}, "To": {string(reboundtest.MainLine)}, "CallStatus": {"ringing"}, "Direction": {"inbound"},
	}.Encode()
}

const form = "application/x-www-form-urlencoded"

func TestBadInputIsRefusedAndNothingIsStored(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for _, test := range []struct {
			name, method, address, contentType, body string
			sign                                     bool
			status                                   int
			says                                     string
		}{
			{"no signature", "POST", voice, form, call("CA1"), false, 403, "R11"},
			{"another carrier", "POST", "https://rebound.test/hook/telnix/acme.main/voice", form, call("CA1"), true, 404, "R1001"},
			{"another connection", "POST", "https://rebound.test/hook/twilio/acme.other/voice", form, call("CA1"), true, 404, "R1003"},
			{"an address of our own with a wrong mark", "POST", "https://rebound.test/hook/twilio/acme.main/rung/acme/x/0/AAAAAAAAAAAAAAAAAAAAAA", form, call("CA1"), true, 403, "R1002"},
			{"a short address", "POST", "https://rebound.test/hook/twilio/acme.main", form, call("CA1"), true, 403, "R1002"},
			{"plain text", "POST", voice, "text/plain", call("CA1"), true, 415, "R1005"},
			{"a large body", "POST", voice, form, strings.Repeat("a", 257<<10), true, 413, "R1006"},
			{"no call id", "POST", voice, form, "To=%2B14155550134", true, 400, "R11"},
			{"an unknown line", "POST", voice, form, strings.Replace(call("CA1"), "5550134", "5550999", 1), true, 404, "R1203"},
			{"a malformed line", "POST", voice, form, strings.Replace(call("CA1"), "%2B14155550134", "here", 1), true, 400, "R1202"},
		} {
			answer := ask(w, test.method, test.address, test.contentType, test.body, test.sign)
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.says) {
				t.Errorf("%s: answered %d %q, want %d and %s", test.name, answer.Code, answer.Body, test.status, test.says)
			}
		}
		inbox, err := w.Rows().Inbox(context.Background(), 10)
		if err != nil || len(inbox) != 0 {
			t.Errorf("%d conversations were stored (%v)", len(inbox), err)
		}
	})
}

func TestForgedRequestsAreCounted(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for range 3 {
			ask(w, "POST", voice, form, call("CA1"), false)
		}
		answer := ask(w, "GET", "https://rebound.test/healthz", "", "", false)
		if !strings.Contains(answer.Body.String(), `"forged":3`) {
			t.Errorf("the health page says %s", answer.Body)
		}
	})
}

func TestARetriedVoiceWebhookGetsTheSameDocumentAndRingsOnce(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		first := ask(w, "POST", voice, form, call("CA1"), true)
		if first.Code != http.StatusOK || !strings.Contains(first.Body.String(), "<Dial") {
			t.Fatalf("answered %d %s", first.Code, first.Body)
		}
		time.Sleep(3 * time.Second)
		again := ask(w, "POST", voice, form, call("CA1"), true)
		if again.Body.String() != first.Body.String() {
			t.Errorf("the retry got another document:\n%s\n%s", first.Body, again.Body)
		}
		inbox, err := w.Rows().Inbox(context.Background(), 10)
		if err != nil || len(inbox) != 1 {
			t.Fatalf("%d conversations (%v)", len(inbox), err)
		}
		c, err := w.Rows().Conversation(context.Background(), inbox[0].Contact.ID)
		if err != nil || len(c.Calls) != 1 {
			t.Errorf("%d calls (%v)", len(c.Calls), err)
		}
	})
}

func TestAGETIsTakenLikeAPOST(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		answer := ask(w, "GET", voice+"?"+call("CA1"), "", "", true)
		if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "<Dial") {
			t.Errorf("answered %d %s", answer.Code, answer.Body)
		}
	})
}

// A database that cannot commit must not be hidden from the carrier: its own fallback answers then.
func TestADatabaseThatCannotCommitIsAServerError(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.BreakDatabase()
		answer := ask(w, "POST", voice, form, call("CA1"), true)
		if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
			t.Errorf("answered %d", answer.Code)
		}
		if body, _ := io.ReadAll(answer.Body); strings.Contains(string(body), "sql") || !strings.Contains(string(body), "R1000") {
			t.Errorf("the answer says %s", body)
		}
	})
}
