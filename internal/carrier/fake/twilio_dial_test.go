package fake

import (
	"net/url"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func (x *Twilio) dialForm(more ...string) url.Values {
	f := url.Values{
		"From": {string(mainLine)}, "To": {string(ana)}, "Url": {public + "/screen"}, "Timeout": {"20"},
		"StatusCallback": {public + "/progress"}, "StatusCallbackEvent": {"ringing", "answered", "completed"},
	}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func TestCallsMadeByRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		for _, tc := range []struct {
			set    func()
			last   string // status
			events string
		}{
			{func() {}, "no-answer", "ringing no-answer "},
			{func() { n.Phone(ana).Declines(time.Second) }, "busy", "ringing busy "},
			{func() { n.Phone(ana).Busy() }, "busy", "busy "},
			{func() { n.Phone(ana).Unreachable() }, "failed", "failed "},
		} {
			tc.set()
			before := len(site.requests("/progress"))
			status, made := get(t, x, "POST", x.path("Calls.json"), x.dialForm())
			if status != 201 || made["status"] != "queued" || made["direction"] != "outbound-api" {
				t.Fatalf("made: %d %v", status, made)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			told := ""
			for _, r := range site.requests("/progress")[before:] {
				if r.form.Get("CallSid") != made["sid"] || r.form.Has("ParentCallSid") || r.form.Get("Direction") != "outbound-api" {
					t.Errorf("a report says %v", r.form)
				}
				told += r.form.Get("CallStatus") + " "
			}
			if told != tc.events {
				t.Errorf("told %q, want %q", told, tc.events)
			}
			if _, one := get(t, x, "GET", x.path("Calls/"+made["sid"].(string)+".json"), nil); one["status"] != tc.last {
				t.Errorf("looked up: %v, want %s", one["status"], tc.last)
			}
		}
		_, list := get(t, x, "GET", x.path("Calls.json?From=")+url.QueryEscape(string(mainLine))+"&To="+url.QueryEscape(string(ana)), nil)
		if calls := list["calls"].([]any); len(calls) != 4 {
			t.Errorf("listed: %v", calls)
		}
		if len(site.requests("/screen")) != 0 {
			t.Error("a call that nobody picked up asked for a document")
		}
	})
}

func TestCallsThatAreNotMade(t *testing.T) {
	n, x, _ := twilioWorld(t, TwilioAccount{})
	defer n.Close()
	for code, form := range map[string]url.Values{
		"21201": x.dialForm("To", ""), "21211": x.dialForm("To", "415 555 0101"), "21210": x.dialForm("From", string(ana)),
		"21205": x.dialForm("Url", ""), "21216": x.dialForm("Timeout", "601"), "21626": x.dialForm("StatusCallbackEvent", "ended"),
		"20001": x.dialForm("MachineDetection", "Enable"),
	} {
		status, body := get(t, x, "POST", x.path("Calls.json"), form)
		if n, _ := body["code"].(float64); status != 400 || strconv.Itoa(int(n)) != code {
			t.Errorf("%d %v, want %s", status, body, code)
		}
	}
	if len(n.Phone(ana).Ringing()) > 0 {
		t.Error("a refused call rings")
	}
}
