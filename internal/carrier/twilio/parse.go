package twilio

import (
	"encoding/base64"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Call reads a request about a call. rebound.ErrStale says that the report is no news (a call that
// is only being set up, a recording still going on). The errors are Invalid: R1110 the form cannot
// be read, R1111 it names no call, R1112 it lacks the status that it is about, R1113 a leg was to
// be accepted without a key, R1114 the place is not one about a call. An Invalid request from a
// live leg must not be answered with an empty document, which would connect the leg.
//
// Neither SequenceNumber nor Timestamp is read: the order of requests must not matter.
func (d *Door) Call(p carrier.Place, header http.Header, body []byte) (rebound.CallEvent, error) {
	f, err := readable(body)
	if err != nil {
		return rebound.CallEvent{}, err
	}
	sid := f.text("CallSid")
	if sid == "" {
		return rebound.CallEvent{}, rebound.Errorf(rebound.Invalid, "R1111", "The request has no CallSid: Twilio names the call in each of its requests.")
	}
	e := rebound.CallEvent{
		Connection: d.connection, CarrierID: sid,
		Call: p.Call, Business: p.Business, Step: p.Step, Target: p.Target,
		Token: token(header), Raw: body, Code: f.text("ErrorCode"),
	}
	switch p.Kind {
	case carrier.AtVoice:
		arrived(&e, f)
	case carrier.AtStatus:
		err = callEnded(&e, f)
	case carrier.AtRung:
		ringEnded(&e, f)
	case carrier.AtMenu:
		menuChosen(&e, f)
	case carrier.AtScreen, carrier.AtAccept, carrier.AtLeg:
		e.CarrierID, e.LegID = f.text("ParentCallSid"), sid
		err = leg(&e, p.Kind, f)
	case carrier.AtRecorded:
		voicemailLeft(&e, f)
	case carrier.AtRecording:
		err = recordingReady(&e, f)
	default:
		err = rebound.Errorf(rebound.Invalid, "R1114", "No call is reported at %q.", p.Kind)
	}
	if err != nil {
		return rebound.CallEvent{}, err
	}
	return e, nil
}

func readable(body []byte) (form, error) {
	f, err := parseForm(body)
	if err != nil {
		return nil, rebound.Errorf(rebound.Invalid, "R1110", "The request's form cannot be read (%v): Twilio sends application/x-www-form-urlencoded.", err)
	}
	return f, nil
}

func token(header http.Header) string { return storable(header.Get("I-Twilio-Idempotency-Token")) }

func arrived(e *rebound.CallEvent, f form) {
	e.Kind = rebound.CallArrived
	parties(e, f)
	e.CallerGone = gone(f.raw("CallStatus"))
}

func parties(e *rebound.CallEvent, f form) {
	e.From, e.To, e.ForwardedFrom = f.text("From"), f.text("To"), f.text("ForwardedFrom")
	switch verdict := f.raw("StirVerstat"); {
	case verdict == "TN-Validation-Passed-A", verdict == "TN-Validation-Passed-B":
		e.CallerID = rebound.Yes // C vouches only for the gateway that the call came in by
	case strings.HasPrefix(verdict, "TN-Validation-Failed"):
		e.CallerID = rebound.No
	}
}

// callEnded reads the number's own status callback. Of its two lengths CallDuration is in seconds
// and Duration in minutes.
func callEnded(e *rebound.CallEvent, f form) error {
	e.Kind = rebound.CallEnded
	parties(e, f)
	status := f.raw("CallStatus")
	if status == "" {
		return rebound.Errorf(rebound.Invalid, "R1112", "The status callback has no CallStatus.")
	}
	if underWay(status) {
		return rebound.ErrStale
	}
	e.Status, e.CallerGone = endStatus(status), true
	e.Talk = f.seconds("CallDuration")
	return nil
}

// ringEnded reads a dial action. It never fails on a status that is missing or new: the caller may
// be on the line, waiting for what comes next.
func ringEnded(e *rebound.CallEvent, f form) {
	e.Kind = rebound.RingEnded
	dialled := f.raw("DialCallStatus")
	e.Status = endStatus(dialled)
	e.LegID = f.text("DialCallSid")
	e.Talk = f.seconds("DialCallDuration")
	switch f.raw("DialBridged") {
	case "true":
		e.Bridged = rebound.Yes
	case "false":
		e.Bridged = rebound.No
	}
	e.CallerGone = dialled == "canceled" || gone(f.raw("CallStatus"))
}

// menuChosen reads a gather action. What is no key says that none was pressed.
func menuChosen(e *rebound.CallEvent, f form) {
	e.Kind = rebound.MenuChosen
	if key := f.raw("Digits"); len(key) == 1 && strings.Contains(rebound.MenuKeys, key) {
		e.Key = key
	}
	e.CallerGone = gone(f.raw("CallStatus"))
}

// leg reads the three requests about a leg: its screening, the key pressed, its progress.
func leg(e *rebound.CallEvent, at carrier.PlaceKind, f form) error {
	switch at {
	case carrier.AtScreen:
		e.Kind = rebound.LegAnswered
		return nil
	case carrier.AtAccept:
		if f.raw("Digits") == "" {
			return rebound.Errorf(rebound.Invalid, "R1113", "No key was pressed: only a pressed key accepts a call.")
		}
		e.Kind = rebound.LegAccepted
		return nil
	}
	switch status := f.raw("CallStatus"); status {
	case "":
		return rebound.Errorf(rebound.Invalid, "R1112", "The leg's report has no CallStatus.")
	case "ringing":
		e.Kind = rebound.LegRinging
	case "in-progress", "answered":
		e.Kind = rebound.LegAnswered
	case "initiated", "queued":
		return rebound.ErrStale
	default:
		e.Kind, e.Status = rebound.LegEnded, endStatus(status)
		e.Talk = f.seconds("CallDuration")
	}
	return nil
}

// voicemailLeft reads a record action. The sound may not be ready to be fetched yet.
func voicemailLeft(e *rebound.CallEvent, f form) {
	e.Kind = rebound.VoicemailLeft
	e.Recording = recording(f)
	e.Recording.Absent = e.Recording.URL == ""
	e.CallerGone = f.raw("Digits") == "hangup" || gone(f.raw("CallStatus"))
}

func recordingReady(e *rebound.CallEvent, f form) error {
	e.Kind = rebound.RecordingReady
	e.Recording = recording(f)
	switch f.raw("RecordingStatus") {
	case "":
		return rebound.Errorf(rebound.Invalid, "R1112", "The recording's report has no RecordingStatus.")
	case "in-progress", "paused", "stopped", "processing":
		return rebound.ErrStale
	case "completed":
		if e.Recording.URL == "" {
			return rebound.Errorf(rebound.Invalid, "R1112", "The recording's report has no RecordingUrl.")
		}
	default:
		e.Recording = rebound.Recording{ID: e.Recording.ID, Absent: true}
	}
	return nil
}

// recording reads what both recording requests tell. A record action may lack the recording's id;
// its address ends in it.
func recording(f form) rebound.Recording {
	r := rebound.Recording{ID: f.text("RecordingSid"), URL: f.text("RecordingUrl"), Duration: f.seconds("RecordingDuration")}
	if last := path.Base(r.URL); r.ID == "" && strings.HasPrefix(last, "RE") {
		r.ID = strings.TrimSuffix(last, path.Ext(last))
	}
	return r
}

// underWay reports whether a call status says that the call is still being set up or going on.
func underWay(status string) bool {
	switch status {
	case "queued", "initiated", "ringing", "in-progress", "answered":
		return true
	}
	return false
}

// gone reports whether a call status proves that the call is over. No status proves nothing.
func gone(status string) bool { return status != "" && !underWay(status) }

// endStatus reads how a call or leg ended. A word that is not known, or none, counts as a failure
// of the carrier's: it must still end the step.
func endStatus(word string) rebound.EndStatus {
	switch word {
	case "completed", "answered":
		return rebound.EndCompleted
	case "busy":
		return rebound.EndBusy
	case "no-answer":
		return rebound.EndNoAnswer
	case "canceled":
		return rebound.EndCanceled
	}
	return rebound.EndFailed
}

// mostPictures is how many pictures Twilio delivers with one text.
const mostPictures = 10

// Text reads an inbound text. The errors are Invalid: R1110 the form cannot be read, R1115 it has
// no message id or no sender.
func (d *Door) Text(header http.Header, body []byte) (rebound.TextEvent, error) {
	f, err := readable(body)
	if err != nil {
		return rebound.TextEvent{}, err
	}
	t := rebound.TextEvent{
		Connection: d.connection, CarrierID: messageID(f), Token: token(header), Raw: body,
		From: f.text("From"), To: f.text("To"), Body: storable(plain(f.raw("Body"))),
	}
	if t.CarrierID == "" || t.From == "" || t.To == "" {
		return rebound.TextEvent{}, rebound.Errorf(rebound.Invalid, "R1115", "The text has no MessageSid, From or To.")
	}
	for i := range mostPictures {
		n := strconv.Itoa(i)
		if u := f.text("MediaUrl" + n); u != "" {
			t.Media = append(t.Media, rebound.InboundMedia{URL: u, ContentType: f.text("MediaContentType" + n)})
		}
	}
	switch intent := rebound.CarrierIntent(strings.ToUpper(f.raw("OptOutType"))); intent {
	case rebound.CarrierStop, rebound.CarrierStart, rebound.CarrierHelp:
		t.Intent = intent
	}
	return t, nil
}

func messageID(f form) string { return f.first("MessageSid", "SmsSid", "SmsMessageSid") }

// shortestEncoded is the length from which a body can be a text that came in parts: nobody writes
// 60 letters of base64 by hand, and a text of one part is never encoded.
const shortestEncoded = 60

// plain undoes what Twilio sometimes makes of a text that came in several parts: an MMS whose body
// is base64 (CARRIERS.md 2.d). Such a body may end in a line break and in half a character.
func plain(body string) string {
	encoded := strings.TrimRight(body, "\r\n")
	if len(encoded) < shortestEncoded || len(encoded)%4 != 0 {
		return body
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return body
	}
	for cut := 0; cut < utf8.UTFMax; cut++ {
		if text := string(decoded[:len(decoded)-cut]); readableText(text) {
			return text
		}
	}
	return body
}

func readableText(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) && !unicode.IsSpace(r)
	}) < 0
}

// Receipt reads a report on a text that we sent. rebound.ErrStale says that its status is not one
// of an outgoing text or is not known: nothing changes. The errors are Invalid: R1110 the form
// cannot be read, R1115 it has no message id, R1112 no status. At stays zero: the one instant that
// Twilio gives, RawDlrDoneDate, is local to the network that delivered.
func (d *Door) Receipt(p carrier.Place, _ http.Header, body []byte) (rebound.Receipt, error) {
	f, err := readable(body)
	if err != nil {
		return rebound.Receipt{}, err
	}
	r := rebound.Receipt{
		Connection: d.connection, Business: p.Business, Message: p.Message,
		CarrierID: messageID(f), From: number(f.text("From")), To: number(f.text("To")),
		Code: f.text("ErrorCode"), Raw: body,
	}
	if r.CarrierID == "" {
		return rebound.Receipt{}, rebound.Errorf(rebound.Invalid, "R1115", "The receipt has no MessageSid.")
	}
	status := f.first("MessageStatus", "SmsStatus")
	if status == "" {
		return rebound.Receipt{}, rebound.Errorf(rebound.Invalid, "R1112", "The receipt has no MessageStatus.")
	}
	if r.State = messageState(status); r.State == "" {
		return rebound.Receipt{}, rebound.ErrStale
	}
	if r.Code == "0" {
		r.Code = ""
	}
	return r, nil
}

// number reads a number that Twilio writes in E.164. A sender id in letters has none.
func number(raw string) phone.Number {
	n, err := phone.Parse(raw, "")
	if err != nil {
		return ""
	}
	return n
}

// messageState reads a message status; "" means that it says nothing about an outgoing text.
// partially_delivered says that some segments arrived, which proves neither success nor failure.
func messageState(status string) rebound.MessageState {
	switch status {
	case "accepted", "scheduled", "queued", "sending":
		return rebound.Queued
	case "sent", "partially_delivered":
		return rebound.Sent
	case "delivered", "read":
		return rebound.Delivered
	case "undelivered":
		return rebound.Undelivered
	case "failed":
		return rebound.FailedText
	case "canceled":
		return rebound.Cancelled
	}
	return ""
}
