package twilio_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

var aCall = carrier.Outgoing{
	From: "+14155550134", To: "+14155550111", RingFor: 30 * time.Second,
	Screen:   "https://rebound.example.com/hook/twilio/con1/screen/biz1/call1/0/0/abcdefghijklmnopqrstuv",
	Progress: "https://rebound.example.com/hook/twilio/con1/leg/biz1/call1/0/0/abcdefghijklmnopqrstuv",
}

func TestDial(t *testing.T) {
	given := []answer{{status: 201, body: loggedCall(callSID, "null", "outbound-api", "+14155550111", "queued", "null")}}
	s := scripted(t, given...)
	id, err := newClient(t, s).Dial(t.Context(), aCall)
	if err != nil || id != callSID {
		t.Errorf("got %q, %v", id, err)
	}
	s.golden("dial")
	s.contract("twilio_api_v2010.strict.json", given)
}

// The verdicts are those of a text (TestSendVerdicts); that they reach the caller is seen by three of them.
func TestDialVerdicts(t *testing.T) {
	for _, c := range []struct {
		answer answer
		want   carrier.Outcome
	}{
		{refusal(400, 21215, "Geographic permissions"), carrier.Refused},
		{refusal(429, 20429, "Too Many Requests"), carrier.NotSent},
		{answer{status: 502, body: "bad gateway"}, carrier.InDoubt},
		{answer{status: 201, body: "{}"}, carrier.InDoubt},
	} {
		_, err := newClient(t, scripted(t, c.answer)).Dial(t.Context(), aCall)
		var failure *carrier.SendError
		if !errors.As(err, &failure) || failure.Outcome != c.want {
			t.Errorf("%d %s: %v, want %s", c.answer.status, c.answer.body, err, c.want)
		}
	}
}

func TestDialled(t *testing.T) {
	made := func(sid, direction, at string) string {
		return loggedCallAt(sid, "null", direction, "+14155550111", "completed", `"12"`, at, "null")
	}
	given := []answer{listPage("calls", "",
		made("CA00000000000000000000000000000005", "outbound-api", "Mon, 08 Jun 2026 12:00:20 +0000"),
		made("CA00000000000000000000000000000004", "outbound-dial", "Mon, 08 Jun 2026 12:00:10 +0000"),
		made("CA00000000000000000000000000000003", "outbound-api", "Mon, 08 Jun 2026 12:00:05 +0000"),
		made("CA00000000000000000000000000000002", "outbound-api", "Mon, 08 Jun 2026 11:40:00 +0000"))}
	s := scripted(t, given...)
	at := time.Date(2026, 6, 8, 12, 0, 0, 0, time.UTC)
	got, err := newClient(t, s).Dialled(t.Context(), aCall.From, aCall.To, at)
	want := []carrier.Entry{
		{ID: "CA00000000000000000000000000000003", At: at.Add(5 * time.Second)}, {ID: "CA00000000000000000000000000000005", At: at.Add(20 * time.Second)},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	s.golden("dialled")
	s.contract("twilio_api_v2010.strict.json", given)
	for _, a := range []answer{{status: 503, body: "x"}, {status: 200, body: "{}"}, listPage("calls", "", `{"direction":"outbound-api"}`)} {
		if _, err := twilio.New(connection, secrets, twilio.Options{Transport: scripted(t, a)}).Dialled(t.Context(), aCall.From, aCall.To, at); err == nil {
			t.Errorf("%s tells what was dialled", a.body)
		}
	}
}
