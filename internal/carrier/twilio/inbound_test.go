package twilio_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

func recording(sid, status, source, duration string) string {
	return object("sid", quoted(sid), "account_sid", quoted(accountSID), "call_sid", quoted(callSID), "status", quoted(status),
		"source", quoted(source), "duration", duration, "start_time", `"Mon, 08 Jun 2026 12:00:33 +0000"`,
		"date_created", `"Mon, 08 Jun 2026 12:00:33 +0000"`, "channels", "1", "error_code", "null", "api_version", `"2010-04-01"`)
}

// The lists are in whatever order, hold what went out too, and what the day of the instant had before it.
func TestSince(t *testing.T) {
	given := []answer{
		listPage("calls", "/2010-04-01/Accounts/"+accountSID+"/Calls.json?PageSize=200&Page=1&PageToken=PA1",
			loggedCallAt("CA00000000000000000000000000000003", "null", "inbound", "+14155550100", "in-progress", "null", "Mon, 08 Jun 2026 12:30:00 +0000", "null"),
			loggedCallAt("CA00000000000000000000000000000009", quoted(callSID), "outbound-dial", "+14155550100", "completed", `"3"`, "Mon, 08 Jun 2026 12:10:00 +0000", "null")),
		listPage("calls", "",
			loggedCallAt("CA00000000000000000000000000000002", "null", "inbound", "+14155550100", "completed", `"3"`, "Mon, 08 Jun 2026 12:00:00 +0000", "null"),
			loggedCallAt("CA00000000000000000000000000000001", "null", "inbound", "+14155550100", "completed", `"3"`, "Mon, 08 Jun 2026 11:59:59 +0000", "null")),
		listPage("messages", "",
			listedMessage(messageSID(2), "received", "inbound", "Mon, 08 Jun 2026 14:00:03 +0200", "from the caller", "null"),
			listedMessage(messageSID(3), "delivered", "outbound-api", "Mon, 08 Jun 2026 12:00:04 +0000", "to ourselves", "null"),
			listedMessage(messageSID(1), "received", "inbound", "Mon, 08 Jun 2026 12:00:01 +0000", "earlier", "null"),
			listedMessage(messageSID(4), "received", "inbound", "Mon, 08 Jun 2026 03:00:00 +0000", "at night", "null")),
	}
	s := scripted(t, given...)
	got, err := newClient(t, s).Since(t.Context(), "+14155550100", time.Date(2026, 6, 8, 12, 0, 0, 900_000_000, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	at := func(minute, second int) time.Time { return time.Date(2026, 6, 8, 12, minute, second, 0, time.UTC) }
	want := carrier.Log{
		Calls: []carrier.Entry{{ID: "CA00000000000000000000000000000002", At: at(0, 0)}, {ID: "CA00000000000000000000000000000003", At: at(30, 0)}},
		Texts: []carrier.Entry{{ID: messageSID(1), At: at(0, 1)}, {ID: messageSID(2), At: at(0, 3)}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("since")
	s.contract("twilio_api_v2010.strict.json", given)
}

// A list that is not whole must not pass for one: whoever is missing from it would be forgotten.
func TestSinceThatCannotBeKnown(t *testing.T) {
	calls := listPage("calls", "")
	for _, c := range []struct {
		name    string
		answers []answer
	}{
		{"no list of calls", []answer{refusal(500, 20500, "internal")}},
		{"texts where calls should be", []answer{listPage("messages", "")}},
		{"no list of texts", []answer{calls, refusal(429, 20429, "slow down")}},
		{"calls where texts should be", []answer{calls, calls}},
		{"an error on the second page", []answer{listPage("calls", "/2010-04-01/x"), refusal(503, 20503, "down")}},
		{"a call without a date", []answer{listPage("calls", "", object("sid", quoted(callSID), "direction", `"inbound"`))}},
		{"a text without an id", []answer{calls, listPage("messages", "",
			listedMessage("", "received", "inbound", "Mon, 08 Jun 2026 12:00:03 +0000", "x", "null"))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := newClient(t, scripted(t, c.answers...)).Since(t.Context(), "+14155550100", time.Time{})
			if err == nil || len(got.Calls)+len(got.Texts) > 0 {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

// An unsuccessful call may have no end in the log, and none has a voicemail.
func TestUnansweredCallInTheLog(t *testing.T) {
	s := scripted(t, answer{status: 200, body: loggedCall(callSID, "null", "inbound", "+14155550100", "no-answer", "null")}, listPage("calls", ""))
	got, err := newClient(t, s).Call(t.Context(), callSID)
	if err != nil || got.Status != rebound.EndNoAnswer || !got.Ended.Equal(time.Date(2026, 6, 8, 12, 1, 9, 0, time.UTC)) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A voicemail that is not ready yet is waited for, but not for ever.
func TestVoicemailStillProcessing(t *testing.T) {
	for ago, want := range map[time.Duration]rebound.EndStatus{10 * time.Second: "", time.Hour: rebound.EndCompleted} {
		ended := time.Now().Add(-ago).UTC().Format(time.RFC1123Z)
		s := scripted(t,
			answer{status: 200, body: loggedCallAt(callSID, "null", "inbound", "+14155550100", "completed", `"61"`, ended, quoted(ended))},
			listPage("calls", ""), listPage("recordings", "", recording("RE00000000000000000000000000000003", "processing", "RecordVerb", "null")))
		got, err := newClient(t, s).Call(t.Context(), callSID)
		if err != nil || got.Status != want || got.Recording.ID == "" {
			t.Errorf("%v ago: %+v, %v", ago, got, err)
		}
	}
}

const mediaPath = "/2010-04-01/Accounts/" + accountSID + "/Messages/MM00000000000000000000000000000001/Media/ME00000000000000000000000000000001"

func TestTextInTheLog(t *testing.T) {
	given := []answer{
		{status: 200, body: strings.Replace(listedMessage("MM00000000000000000000000000000001", "received", "inbound",
			"Mon, 08 Jun 2026 12:00:03 +0000", "It drips here", "null"), `"num_media":"0"`, `"num_media":"1"`, 1)},
		listPage("media_list", "", object("sid", `"ME00000000000000000000000000000001"`, "account_sid", quoted(accountSID),
			"parent_sid", `"MM00000000000000000000000000000001"`, "content_type", `"image/jpeg"`, "uri", quoted(mediaPath+".json"))),
	}
	s := scripted(t, given...)
	got, err := newClient(t, s).Text(t.Context(), "MM00000000000000000000000000000001")
	if err != nil {
		t.Fatal(err)
	}
	want := rebound.TextEvent{
		CarrierID: "MM00000000000000000000000000000001", From: "+14155550100", To: "+14155550134", Body: "It drips here",
		Media: []rebound.InboundMedia{{URL: "https://api.twilio.com" + mediaPath, ContentType: "image/jpeg"}},
		At:    time.Date(2026, 6, 8, 12, 0, 3, 0, time.UTC),
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("text")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestTextThatIsNotThere(t *testing.T) {
	if _, err := newClient(t, scripted(t, refusal(404, 20404, "not found"))).Text(t.Context(), messageSID(1)); !errors.Is(err, carrier.ErrUnknown) {
		t.Errorf("error = %v, want ErrUnknown", err)
	}
	if _, err := newClient(t, scripted(t)).Text(t.Context(), ""); !errors.Is(err, carrier.ErrUnknown) {
		t.Errorf("no id: error = %v, want ErrUnknown", err)
	}
	for _, body := range []string{
		"{}", listedMessage(messageSID(1), "sent", "outbound-api", "Mon, 08 Jun 2026 12:00:03 +0000", "ours", "null"),
		listedMessage(messageSID(1), "received", "inbound", "yesterday", "x", "null"),
	} {
		if got, err := newClient(t, scripted(t, answer{status: 200, body: body})).Text(t.Context(), messageSID(1)); err == nil {
			t.Errorf("%s: got %+v", body, got)
		}
	}
}
