package twilio_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rebound"
	"rebound/internal/carrier"
)

const (
	callSID = "CA00000000000000000000000000000001"
	legSID  = "CA00000000000000000000000000000002"
	textSID = "SM00000000000000000000000000000003"
	recSID  = "RE00000000000000000000000000000004"
	recURL  = "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000000/Recordings/" + recSID
)

// fields writes a form as Twilio sends it: with parameters that nobody asked for, some of them
// empty.
func fields(pairs ...string) string {
	v := url.Values{"AccountSid": {"AC00000000000000000000000000000000"}, "ApiVersion": {"2010-04-01"}, "FromCity": {""}, "ApiFuture": {"new"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

func place(kind carrier.PlaceKind) carrier.Place {
	return carrier.Place{Kind: kind, Connection: "con1", Business: "biz1", Call: "call1", Message: "msg1", Step: 1, Target: 2}
}

func TestCall(t *testing.T) {
	legForm := func(pairs ...string) string {
		return fields(append([]string{"CallSid", legSID, "ParentCallSid", callSID}, pairs...)...)
	}
	parent := func(e rebound.CallEvent) rebound.CallEvent { e.CarrierID = callSID; return e }
	onLeg := func(e rebound.CallEvent) rebound.CallEvent { e.CarrierID, e.LegID = callSID, legSID; return e }
	for _, c := range []struct {
		name string
		at   carrier.PlaceKind
		body string
		want rebound.CallEvent
	}{
		{"a call arrives", carrier.AtVoice,
			fields("CallSid", callSID, "From", "+14155550134", "To", "+14155550100", "CallStatus", "ringing", "ForwardedFrom", "+14155550199", "StirVerstat", "TN-Validation-Passed-A"),
			parent(rebound.CallEvent{Kind: rebound.CallArrived, From: "+14155550134", To: "+14155550100", ForwardedFrom: "+14155550199", CallerID: rebound.Yes})},
		{"a withheld caller, kept as it came", carrier.AtVoice,
			fields("CallSid", callSID, "From", "Anonymous", "To", "+14155550100", "ForwardedFrom", ""),
			parent(rebound.CallEvent{Kind: rebound.CallArrived, From: "Anonymous", To: "+14155550100"})},
		{"a SIP caller", carrier.AtVoice,
			fields("CallSid", callSID, "From", "sip:+15551234567@192.0.2.1:5060;isup-oli=00", "To", "+14155550100"),
			parent(rebound.CallEvent{Kind: rebound.CallArrived, From: "sip:+15551234567@192.0.2.1:5060;isup-oli=00", To: "+14155550100"})},
		{"the fallback tells what went wrong", carrier.AtVoice,
			fields("CallSid", callSID, "From", "+14155550134", "To", "+14155550100", "ErrorCode", "11200", "ErrorUrl", "https://x"),
			parent(rebound.CallEvent{Kind: rebound.CallArrived, From: "+14155550134", To: "+14155550100", Code: "11200"})},
		{"text that no database holds", carrier.AtVoice,
			"CallSid=" + callSID + "&From=%ff%00x&To=%2B1",
			parent(rebound.CallEvent{Kind: rebound.CallArrived, From: "\uFFFDx", To: "+1"})},

		{"the number's status: minutes are not seconds", carrier.AtStatus,
			fields("CallSid", callSID, "From", "+14155550134", "To", "+14155550100", "CallStatus", "completed", "Duration", "1", "CallDuration", "3"),
			parent(rebound.CallEvent{Kind: rebound.CallEnded, From: "+14155550134", To: "+14155550100", Status: rebound.EndCompleted, Talk: 3 * time.Second, CallerGone: true})},
		{"the caller was gone before anything", carrier.AtStatus,
			fields("CallSid", callSID, "From", "+14155550134", "To", "+14155550100", "CallStatus", "no-answer"),
			parent(rebound.CallEvent{Kind: rebound.CallEnded, From: "+14155550134", To: "+14155550100", Status: rebound.EndNoAnswer, CallerGone: true})},
		{"a status of next year", carrier.AtStatus,
			fields("CallSid", callSID, "CallStatus", "evaporated"),
			parent(rebound.CallEvent{Kind: rebound.CallEnded, Status: rebound.EndFailed, CallerGone: true})},

		{"rang out", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "in-progress", "DialCallStatus", "no-answer", "DialCallSid", legSID),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndNoAnswer, LegID: legSID})},
		{"all busy", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "ringing", "DialCallStatus", "busy"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndBusy})},
		{"the carrier failed", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "in-progress", "DialCallStatus", "failed", "ErrorCode", "13224"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndFailed, Code: "13224"})},
		{"somebody answered and it ended", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "in-progress", "DialCallStatus", "completed", "DialCallSid", legSID, "DialCallDuration", "42", "DialBridged", "true"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndCompleted, LegID: legSID, Talk: 42 * time.Second, Bridged: rebound.Yes})},
		{"picked up but not accepted", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "in-progress", "DialCallStatus", "completed", "DialCallSid", legSID, "DialCallDuration", "7", "DialBridged", "false"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndCompleted, LegID: legSID, Talk: 7 * time.Second, Bridged: rebound.No})},
		{"the caller hung up while it rang", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "completed", "DialCallStatus", "canceled"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndCanceled, CallerGone: true})},
		{"the caller hung up, told by the dial alone", carrier.AtRung,
			fields("CallSid", callSID, "DialCallStatus", "canceled"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndCanceled, CallerGone: true})},
		{"the caller hung up, told by the call alone", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "no-answer", "DialCallStatus", "no-answer"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndNoAnswer, CallerGone: true})},
		{"no word about the dial", carrier.AtRung,
			fields("CallSid", callSID, "CallStatus", "in-progress"),
			parent(rebound.CallEvent{Kind: rebound.RingEnded, Status: rebound.EndFailed})},

		{"a key at a menu", carrier.AtMenu, fields("CallSid", callSID, "CallStatus", "in-progress", "Digits", "2"),
			parent(rebound.CallEvent{Kind: rebound.MenuChosen, Key: "2"})},
		{"the star key at a menu", carrier.AtMenu, fields("CallSid", callSID, "CallStatus", "in-progress", "Digits", "*"),
			parent(rebound.CallEvent{Kind: rebound.MenuChosen, Key: "*"})},
		{"no key at a menu", carrier.AtMenu, fields("CallSid", callSID, "CallStatus", "in-progress", "Digits", ""),
			parent(rebound.CallEvent{Kind: rebound.MenuChosen})},
		{"what is no key at a menu", carrier.AtMenu, fields("CallSid", callSID, "CallStatus", "in-progress", "Digits", "timeout"),
			parent(rebound.CallEvent{Kind: rebound.MenuChosen})},
		{"the caller hung up at a menu", carrier.AtMenu, fields("CallSid", callSID, "CallStatus", "completed"),
			parent(rebound.CallEvent{Kind: rebound.MenuChosen, CallerGone: true})},

		{"a screened leg is picked up", carrier.AtScreen, legForm("CallStatus", "in-progress"), onLeg(rebound.CallEvent{Kind: rebound.LegAnswered})},
		{"a key is pressed", carrier.AtAccept, legForm("CallStatus", "in-progress", "Digits", "7"), onLeg(rebound.CallEvent{Kind: rebound.LegAccepted})},
		{"the hash key is a key", carrier.AtAccept, legForm("Digits", "#"), onLeg(rebound.CallEvent{Kind: rebound.LegAccepted})},
		{"a leg rings", carrier.AtLeg, legForm("CallStatus", "ringing"), onLeg(rebound.CallEvent{Kind: rebound.LegRinging})},
		{"a leg is answered", carrier.AtLeg, legForm("CallStatus", "in-progress"), onLeg(rebound.CallEvent{Kind: rebound.LegAnswered})},
		{"a leg is answered, in the other word", carrier.AtLeg, legForm("CallStatus", "answered"), onLeg(rebound.CallEvent{Kind: rebound.LegAnswered})},
		{"a leg ends", carrier.AtLeg, legForm("CallStatus", "completed", "CallDuration", "12", "Duration", "1"),
			onLeg(rebound.CallEvent{Kind: rebound.LegEnded, Status: rebound.EndCompleted, Talk: 12 * time.Second})},
		{"a leg is busy", carrier.AtLeg, legForm("CallStatus", "busy"), onLeg(rebound.CallEvent{Kind: rebound.LegEnded, Status: rebound.EndBusy})},
		{"a leg is called off", carrier.AtLeg, legForm("CallStatus", "canceled"), onLeg(rebound.CallEvent{Kind: rebound.LegEnded, Status: rebound.EndCanceled})},
		{"a leg that does not name its call", carrier.AtLeg, fields("CallSid", legSID, "CallStatus", "no-answer"),
			rebound.CallEvent{Kind: rebound.LegEnded, LegID: legSID, Status: rebound.EndNoAnswer}},

		{"a voicemail", carrier.AtRecorded,
			fields("CallSid", callSID, "CallStatus", "in-progress", "RecordingUrl", recURL, "RecordingSid", recSID, "RecordingDuration", "9", "Digits", "#"),
			parent(rebound.CallEvent{Kind: rebound.VoicemailLeft, Recording: rebound.Recording{ID: recSID, URL: recURL, Duration: 9 * time.Second}})},
		{"a voicemail that ends by hanging up, its id only in the address", carrier.AtRecorded,
			fields("CallSid", callSID, "RecordingUrl", recURL+".mp3", "RecordingDuration", "9", "Digits", "hangup"),
			parent(rebound.CallEvent{Kind: rebound.VoicemailLeft, CallerGone: true, Recording: rebound.Recording{ID: recSID, URL: recURL + ".mp3", Duration: 9 * time.Second}})},
		{"nothing was said", carrier.AtRecorded,
			fields("CallSid", callSID, "CallStatus", "completed"),
			parent(rebound.CallEvent{Kind: rebound.VoicemailLeft, CallerGone: true, Recording: rebound.Recording{Absent: true}})},
		{"the recording is ready", carrier.AtRecording,
			fields("CallSid", callSID, "RecordingSid", recSID, "RecordingStatus", "completed", "RecordingUrl", recURL, "RecordingDuration", "9", "RecordingSource", "RecordVerb"),
			parent(rebound.CallEvent{Kind: rebound.RecordingReady, Recording: rebound.Recording{ID: recSID, URL: recURL, Duration: 9 * time.Second}})},
		{"there is no recording", carrier.AtRecording,
			fields("CallSid", callSID, "RecordingSid", recSID, "RecordingStatus", "absent", "RecordingUrl", recURL, "RecordingDuration", "-1"),
			parent(rebound.CallEvent{Kind: rebound.RecordingReady, Recording: rebound.Recording{ID: recSID, Absent: true}})},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{"I-Twilio-Idempotency-Token": {"tok1"}}
			got, err := doorWith(exampleToken).Call(place(c.at), header, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			c.want.Connection, c.want.Business, c.want.Call = "con1", "biz1", "call1"
			c.want.Step, c.want.Target, c.want.Token, c.want.Raw = 1, 2, "tok1", []byte(c.body)
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestCallerIDVerdicts(t *testing.T) {
	for verdict, want := range map[string]rebound.Truth{
		"TN-Validation-Passed-A": rebound.Yes, "TN-Validation-Passed-B": rebound.Yes, "TN-Validation-Passed-C": rebound.Untold,
		"TN-Validation-Failed-A": rebound.No, "TN-Validation-Failed": rebound.No, "No-TN-Validation": rebound.Untold, "": rebound.Untold,
		"TN-Validation-Passed-A-Diverted": rebound.Untold,
	} {
		e, err := doorWith(exampleToken).Call(place(carrier.AtVoice), nil, []byte(fields("CallSid", callSID, "StirVerstat", verdict)))
		if err != nil || e.CallerID != want {
			t.Errorf("%q: caller id %d (%v), want %d", verdict, e.CallerID, err, want)
		}
	}
}

func TestCallReportsThatAreNoNews(t *testing.T) {
	for at, status := range map[carrier.PlaceKind][]string{
		carrier.AtStatus: {"queued", "initiated", "ringing", "in-progress"},
		carrier.AtLeg:    {"initiated", "queued"},
	} {
		for _, s := range status {
			if _, err := doorWith(exampleToken).Call(place(at), nil, []byte(fields("CallSid", callSID, "CallStatus", s))); !errors.Is(err, rebound.ErrStale) {
				t.Errorf("%s %s: error = %v, want ErrStale", at, s, err)
			}
		}
	}
	body := fields("CallSid", callSID, "RecordingSid", recSID, "RecordingStatus", "in-progress")
	if _, err := doorWith(exampleToken).Call(place(carrier.AtRecording), nil, []byte(body)); !errors.Is(err, rebound.ErrStale) {
		t.Errorf("a recording under way: error = %v, want ErrStale", err)
	}
}

func TestCallRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		at   carrier.PlaceKind
		body string
		code string
	}{
		{"a form that cannot be read", carrier.AtVoice, "CallSid=%zz", "R1110"},
		{"too many parameters", carrier.AtVoice, "CallSid=x" + strings.Repeat("&a", 1000), "R1110"},
		{"nothing", carrier.AtVoice, "", "R1111"},
		{"an empty CallSid", carrier.AtVoice, "CallSid=&From=%2B1", "R1111"},
		{"JSON", carrier.AtVoice, `{"CallSid":"x"}`, "R1111"},
		{"a status callback without status", carrier.AtStatus, fields("CallSid", callSID), "R1112"},
		{"a leg without status", carrier.AtLeg, fields("CallSid", legSID, "CallStatus", ""), "R1112"},
		{"a recording without status", carrier.AtRecording, fields("CallSid", callSID), "R1112"},
		{"a finished recording without address", carrier.AtRecording, fields("CallSid", callSID, "RecordingStatus", "completed"), "R1112"},
		{"acceptance without a key", carrier.AtAccept, fields("CallSid", legSID, "Digits", ""), "R1113"},
		{"a text's place", carrier.AtReceipt, fields("CallSid", callSID), "R1114"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := doorWith(exampleToken).Call(place(c.at), nil, []byte(c.body))
			wantCode(t, err, rebound.Invalid, c.code)
		})
	}
}

func TestText(t *testing.T) {
	long := "Hello, this is a rather long text that the network cut in parts: can you come by this afternoon? It’s urgent."
	encoded := base64.StdEncoding.EncodeToString([]byte(long + strings.Repeat(".", 2-(len(long)+2)%3)))
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		body string
		want rebound.TextEvent
	}{
		{"a text", fields("MessageSid", textSID, "SmsSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", "Can you fix my boiler? 🔥", "NumMedia", "0", "SmsStatus", "received"),
			rebound.TextEvent{Body: "Can you fix my boiler? 🔥"}},
		{"two pictures without words", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", "", "NumMedia", "2",
			"MediaUrl0", "https://api.twilio.com/m/0", "MediaContentType0", "image/jpeg", "MediaUrl1", "https://api.twilio.com/m/1", "MediaContentType1", "image/png"),
			rebound.TextEvent{Media: []rebound.InboundMedia{{URL: "https://api.twilio.com/m/0", ContentType: "image/jpeg"}, {URL: "https://api.twilio.com/m/1", ContentType: "image/png"}}}},
		{"a number of pictures that is not true", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "NumMedia", "1000000000"), rebound.TextEvent{}},
		{"an opt-out that Twilio has answered", fields("SmsSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", "Stop", "OptOutType", "STOP"),
			rebound.TextEvent{Body: "Stop", Intent: rebound.CarrierStop}},
		{"an opt-out type of next year", fields("SmsMessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", "Hm", "OptOutType", "PERHAPS"),
			rebound.TextEvent{Body: "Hm"}},
		{"a long text that came as base64", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", encoded),
			rebound.TextEvent{Body: string(decoded)}},
		{"the same with a line break behind it", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", encoded+"\r"),
			rebound.TextEvent{Body: string(decoded)}},
		{"base64 that ends in half a character", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100",
			"Body", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a", 58)+"\xe2\x80"))),
			rebound.TextEvent{Body: strings.Repeat("a", 58)}},
		{"base64 of what is no text", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", strings.Repeat("AAAA", 20)),
			rebound.TextEvent{Body: strings.Repeat("AAAA", 20)}},
		{"a short word that could be base64", fields("MessageSid", textSID, "From", "+14155550134", "To", "+14155550100", "Body", "Okay"),
			rebound.TextEvent{Body: "Okay"}},
		{"letters that no database holds", "MessageSid=" + textSID + "&From=%2B14155550134&To=%2B14155550100&Body=a%00b%ff",
			rebound.TextEvent{Body: "ab\uFFFD"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := doorWith(exampleToken).Text(http.Header{"I-Twilio-Idempotency-Token": {"tok1"}}, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			c.want.Connection, c.want.CarrierID, c.want.Token, c.want.Raw = "con1", textSID, "tok1", []byte(c.body)
			c.want.From, c.want.To = "+14155550134", "+14155550100"
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("\n got %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestTextRefuses(t *testing.T) {
	for body, code := range map[string]string{
		"Body=%":             "R1110",
		fields("Body", "Hi"): "R1115",
		fields("MessageSid", textSID, "From", "", "To", "+14155550100"):  "R1115",
		fields("MessageSid", textSID, "From", "+14155550100", "To", ""):  "R1115",
		fields("MessageSid", "", "From", "+14155550100", "To", "+1415"):  "R1115",
		fields("MessageSid", textSID, "Fro", "+14155550100", "To", "+1"): "R1115",
	} {
		_, err := doorWith(exampleToken).Text(nil, []byte(body))
		wantCode(t, err, rebound.Invalid, code)
	}
}

func TestReceipt(t *testing.T) {
	for status, want := range map[string]rebound.MessageState{
		"accepted": rebound.Queued, "scheduled": rebound.Queued, "queued": rebound.Queued, "sending": rebound.Queued,
		"sent": rebound.Sent, "partially_delivered": rebound.Sent, "delivered": rebound.Delivered, "read": rebound.Delivered,
		"undelivered": rebound.Undelivered, "failed": rebound.FailedText, "canceled": rebound.Cancelled,
	} {
		code := ""
		if want == rebound.Undelivered || want == rebound.FailedText {
			code = "30003"
		}
		body := fields("MessageSid", textSID, "MessageStatus", status, "From", "+14155550100", "To", "+14155550134", "ErrorCode", code, "RawDlrDoneDate", "2606091200")
		got, err := doorWith(exampleToken).Receipt(place(carrier.AtReceipt), nil, []byte(body))
		if err != nil {
			t.Errorf("%s: %v", status, err)
			continue
		}
		expected := rebound.Receipt{
			Connection: "con1", Business: "biz1", Message: "msg1", CarrierID: textSID,
			From: "+14155550100", To: "+14155550134", State: want, Code: code, Raw: []byte(body),
		}
		if !reflect.DeepEqual(got, expected) {
			t.Errorf("%s:\n got %+v\nwant %+v", status, got, expected)
		}
	}
}

func TestReceiptInOldWords(t *testing.T) {
	got, err := doorWith(exampleToken).Receipt(place(carrier.AtReceipt), nil, []byte("SmsSid="+textSID+"&SmsStatus=sent&From=ACME&ErrorCode=0"))
	if err != nil || got.CarrierID != textSID || got.State != rebound.Sent || got.From != "" || got.Code != "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReceiptRefuses(t *testing.T) {
	door := doorWith(exampleToken)
	for body, code := range map[string]string{
		"MessageSid=%":                         "R1110",
		fields("MessageStatus", "sent"):        "R1115",
		fields("MessageSid", textSID, "X", ""): "R1112",
	} {
		_, err := door.Receipt(place(carrier.AtReceipt), nil, []byte(body))
		wantCode(t, err, rebound.Invalid, code)
	}
	for _, status := range []string{"received", "receiving", "teleported"} {
		if _, err := door.Receipt(place(carrier.AtReceipt), nil, []byte(fields("MessageSid", textSID, "MessageStatus", status))); !errors.Is(err, rebound.ErrStale) {
			t.Errorf("%s: error = %v, want ErrStale", status, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(fields("CallSid", callSID, "From", "anonymous", "CallStatus", "ringing"))
	f.Add(fields("CallSid", legSID, "ParentCallSid", callSID, "CallStatus", "completed", "CallDuration", "99999999999999999999"))
	f.Add(fields("CallSid", callSID, "RecordingUrl", "://RE/..", "RecordingStatus", "completed", "RecordingDuration", "-1"))
	f.Add(fields("MessageSid", textSID, "From", "+14155550134", "To", "+1", "Body", "QUJD\x00\xff", "MediaUrl0", "\xff", "MessageStatus", "sent"))
	f.Add("=&&=%41&CallSid=%00%ff&CallSid;x")
	places := []carrier.PlaceKind{carrier.AtVoice, carrier.AtStatus, carrier.AtRung, carrier.AtScreen, carrier.AtAccept, carrier.AtMenu, carrier.AtLeg, carrier.AtRecorded, carrier.AtRecording}
	f.Fuzz(func(t *testing.T, body string) {
		door := doorWith(exampleToken)
		for _, at := range places {
			e, err := door.Call(place(at), http.Header{"I-Twilio-Idempotency-Token": {body}}, []byte(body))
			if err != nil {
				wantKnown(t, err)
				continue
			}
			if e.Kind == "" || e.Connection != "con1" || string(e.Raw) != body || e.Talk < 0 || e.Recording.Duration < 0 {
				t.Errorf("%s: %+v", at, e)
			}
			wantStorable(t, e.CarrierID, e.Token, e.From, e.To, e.ForwardedFrom, e.LegID, e.Code, e.Recording.ID, e.Recording.URL)
		}
		if e, err := door.Text(nil, []byte(body)); err != nil {
			wantKnown(t, err)
		} else {
			wantStorable(t, e.CarrierID, e.From, e.To, e.Body, string(e.Intent))
			for _, m := range e.Media {
				wantStorable(t, m.URL, m.ContentType)
			}
		}
		if r, err := door.Receipt(place(carrier.AtReceipt), nil, []byte(body)); err != nil {
			wantKnown(t, err)
		} else {
			wantStorable(t, r.CarrierID, string(r.From), string(r.To), r.Code)
		}
	})
}

func wantKnown(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, rebound.ErrStale) && rebound.ErrorKind(err) != rebound.Invalid {
		t.Errorf("an error without a meaning: %v", err)
	}
}

// wantStorable checks what PostgreSQL refuses in a text.
func wantStorable(t *testing.T, values ...string) {
	t.Helper()
	for _, v := range values {
		if !utf8.ValidString(v) || strings.Contains(v, "\x00") {
			t.Errorf("%q cannot be stored", v)
		}
	}
}
