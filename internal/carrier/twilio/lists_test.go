package twilio_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

// listPage writes a page of a list of the API of 2010-04-01.
func listPage(kind, next string, items ...string) answer {
	uri := "null"
	if next != "" {
		uri = quoted(next)
	}
	return answer{status: 200, body: object(kind, "["+strings.Join(items, ",")+"]", "next_page_uri", uri,
		"first_page_uri", `"/x"`, "previous_page_uri", "null", "uri", `"/x"`, "page", "0", "page_size", "200", "start", "0", "end", "1")}
}

func newClient(t *testing.T, s *script) *twilio.Client {
	t.Helper()
	return twilio.New(connection, secrets, twilio.Options{Transport: s})
}

const messagesPath = "/2010-04-01/Accounts/" + accountSID + "/Messages.json"

func messageSID(n int) string { return fmt.Sprintf("SM%032d", n) }

// Twilio's list holds texts that are queued and have no moment of sending, in whatever order, in
// both directions, on several pages.
func TestTexts(t *testing.T) {
	given := []answer{
		listPage("messages", messagesPath+"?PageSize=200&Page=1&PageToken=PA1",
			listedMessage(messageSID(1), "queued", "outbound-api", "Mon, 08 Jun 2026 12:00:02 +0000", "accepted and not sent yet", "null"),
			listedMessage(messageSID(2), "received", "inbound", "Mon, 08 Jun 2026 12:00:03 +0000", "from the caller", "null"),
			listedMessage(messageSID(3), "delivered", "outbound-api", "Mon, 08 Jun 2026 11:00:00 +0000", "an hour ago", "null")),
		listPage("messages", "",
			listedMessage(messageSID(4), "failed", "outbound-reply", "Mon, 08 Jun 2026 14:00:01 +0200", "failed", "30007"),
			listedMessage(messageSID(5), "sent", "outbound-call", "Mon, 08 Jun 2026 11:59:30 +0000", "Sent from your Twilio trial account - Hi", "null"),
			listedMessage(messageSID(6), "delivered", "outbound-api", "Mon, 08 Jun 2026 11:58:59 +0000", "too old", "null")),
	}
	s := scripted(t, given...)
	since := time.Date(2026, 6, 8, 12, 0, 0, 900_000_000, time.UTC)
	got, err := newClient(t, s).Texts(t.Context(), "+14155550100", "+14155550134", since)
	if err != nil {
		t.Fatal(err)
	}
	listed := func(n int, body string, state rebound.MessageState, code string, at time.Time) carrier.Listed {
		return carrier.Listed{ID: messageSID(n), From: "+14155550100", To: "+14155550134", Body: body, State: state, Code: code, At: at}
	}
	want := []carrier.Listed{
		listed(5, "Hi", rebound.Sent, "", time.Date(2026, 6, 8, 11, 59, 30, 0, time.UTC)),
		listed(4, "failed", rebound.FailedText, "30007", time.Date(2026, 6, 8, 12, 0, 1, 0, time.UTC)),
		listed(1, "accepted and not sent yet", rebound.Queued, "", time.Date(2026, 6, 8, 12, 0, 2, 0, time.UTC)),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("texts")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestTextsOfNobody(t *testing.T) {
	got, err := newClient(t, scripted(t, listPage("messages", ""))).Texts(t.Context(), "+14155550100", "+14155550134", time.Now())
	if err != nil || len(got) != 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

// Whatever is not a whole list means that nothing is known: a text that is missing from it would
// be sent again.
func TestTextsThatCannotBeKnown(t *testing.T) {
	message := listedMessage(messageSID(1), "sent", "outbound-api", "Mon, 08 Jun 2026 12:00:02 +0000", "x", "null")
	for _, c := range []struct {
		name    string
		answers []answer
	}{
		{"an error", []answer{refusal(500, 20500, "internal")}},
		{"garbage", []answer{{status: 200, body: "<html>"}}},
		{"another JSON", []answer{{status: 200, body: `{"status":"ok"}`}}},
		{"an error on the second page", []answer{listPage("messages", messagesPath+"?Page=1", message), refusal(429, 20429, "slow down")}},
		{"a next page on another server", []answer{listPage("messages", "https://evil.example/x", message)}},
		{"a next page on another server, in short", []answer{listPage("messages", "//evil.example/x", message)}},
		{"a next page without TLS", []answer{listPage("messages", "http://api.twilio.com/x", message)}},
		{"a next page that cannot be read", []answer{listPage("messages", "http://%", message)}},
		{"a text without a date", []answer{listPage("messages", "", listedMessage(messageSID(1), "sent", "outbound-api", "", "x", "null"))}},
		{"an answer without end", []answer{{status: 200, body: `{"messages":[],"x":"` + strings.Repeat("x", 5<<20) + `"}`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := newClient(t, scripted(t, c.answers...)).Texts(t.Context(), "+14155550100", "+14155550134", time.Time{})
			if err == nil {
				t.Errorf("got %v without an error", got)
			}
		})
	}
}

func TestTextsWithoutEnd(t *testing.T) {
	var forever []answer
	for range 50 {
		forever = append(forever, listPage("messages", messagesPath+"?Page=1"))
	}
	if _, err := newClient(t, scripted(t, forever...)).Texts(t.Context(), "+14155550100", "+14155550134", time.Time{}); err == nil {
		t.Error("a list that goes round in circles ends without an error")
	}
}

func loggedCall(sid, parent, direction, to, status, duration string) string {
	return loggedCallAt(sid, parent, direction, to, status, duration, "Mon, 08 Jun 2026 12:00:02 +0000", "null")
}

func loggedCallAt(sid, parent, direction, to, status, duration, began, ended string) string {
	return object("sid", quoted(sid), "parent_call_sid", parent, "account_sid", quoted(accountSID), "direction", quoted(direction),
		"from", `"+14155550134"`, "to", quoted(to), "status", quoted(status), "duration", duration,
		"start_time", quoted(began), "end_time", ended, "date_created", quoted(began), "date_updated", `"Mon, 08 Jun 2026 12:01:09 +0000"`,
		"answered_by", "null", "api_version", `"2010-04-01"`)
}

func TestCallInTheLog(t *testing.T) {
	given := []answer{
		{status: 200, body: loggedCallAt(callSID, "null", "inbound", "+14155550100", "completed", `"61"`,
			"Mon, 08 Jun 2026 12:00:02 +0000", `"Mon, 08 Jun 2026 12:01:03 +0000"`)},
		listPage("calls", "",
			loggedCall(legSID, quoted(callSID), "outbound-dial", "+14155550111", "no-answer", `"0"`),
			loggedCall("CA00000000000000000000000000000008", quoted(callSID), "outbound-dial", "sip:ana@pbx.example.com", "in-progress", "null")),
		listPage("recordings", "",
			recording("RE00000000000000000000000000000001", "completed", "DialVerb", `"9"`),
			recording("RE00000000000000000000000000000002", "absent", "RecordVerb", "null"),
			recording("RE00000000000000000000000000000003", "completed", "RecordVerb", `"12"`)),
	}
	s := scripted(t, given...)
	got, err := newClient(t, s).Call(t.Context(), callSID)
	if err != nil {
		t.Fatal(err)
	}
	want := carrier.LoggedCall{
		ID: callSID, From: "+14155550134", Status: rebound.EndCompleted, Talk: 61 * time.Second,
		Began: time.Date(2026, 6, 8, 12, 0, 2, 0, time.UTC), Ended: time.Date(2026, 6, 8, 12, 1, 3, 0, time.UTC),
		Legs: []carrier.LoggedLeg{
			{ID: "CA00000000000000000000000000000008", To: "sip:ana@pbx.example.com"},
			{ID: legSID, To: "+14155550111", Status: rebound.EndNoAnswer},
		},
		Recording: rebound.Recording{
			ID: "RE00000000000000000000000000000003", Duration: 12 * time.Second,
			URL: "https://api.twilio.com/2010-04-01/Accounts/" + accountSID + "/Recordings/RE00000000000000000000000000000003",
		},
		RecordedAt: time.Date(2026, 6, 8, 12, 0, 45, 0, time.UTC),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("call")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestCallStillGoingOn(t *testing.T) {
	for _, status := range []string{"queued", "ringing", "in-progress"} {
		s := scripted(t, answer{status: 200, body: loggedCall(callSID, "null", "inbound", "+14155550100", status, "null")}, listPage("calls", ""))
		got, err := newClient(t, s).Call(t.Context(), callSID)
		if err != nil || got.Status != "" {
			t.Errorf("%s: status %q, %v", status, got.Status, err)
		}
	}
}

func TestCallThatIsNotThere(t *testing.T) {
	if _, err := newClient(t, scripted(t, refusal(404, 20404, "not found"))).Call(t.Context(), callSID); !errors.Is(err, carrier.ErrUnknown) {
		t.Errorf("error = %v, want ErrUnknown", err)
	}
	if _, err := newClient(t, scripted(t)).Call(t.Context(), ""); !errors.Is(err, carrier.ErrUnknown) {
		t.Errorf("no id: error = %v, want ErrUnknown", err)
	}
	// A proxy's 404 says nothing about Twilio, nor does an answer that is no call.
	for _, a := range []answer{{status: 404, body: "<h1>Not Found</h1>"}, {status: 200, body: "{}"}} {
		if _, err := newClient(t, scripted(t, a)).Call(t.Context(), callSID); err == nil || errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("%d %s: error = %v", a.status, a.body, err)
		}
	}
	// An id cannot lead to another resource.
	s := scripted(t, refusal(404, 20404, "not found"))
	if _, err := newClient(t, s).Call(t.Context(), "../Keys/x?y"); err == nil || s.got[0].URL.EscapedPath() != "/2010-04-01/Accounts/"+accountSID+"/Calls/..%2FKeys%2Fx%3Fy.json" {
		t.Errorf("asked for %s, %v", s.got[0].URL, err)
	}
}
