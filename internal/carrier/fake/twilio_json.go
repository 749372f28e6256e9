package fake

import (
	"strconv"
	"time"

	"rebound"
)

// The shapes of Twilio's resources. All of the show functions are called with the network's mu held,
// where they read what may change.

type object map[string]any

// orNull writes an empty value as null.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func dateOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return rfc2822(t)
}

// twilioMessage is a struct, unlike the others, because texts are sent by the thousand.
type twilioMessage struct {
	AccountSID  string            `json:"account_sid"`
	APIVersion  string            `json:"api_version"`
	Body        string            `json:"body"`
	DateCreated string            `json:"date_created"`
	DateSent    any               `json:"date_sent"`
	DateUpdated string            `json:"date_updated"`
	Direction   string            `json:"direction"`
	ErrorCode   any               `json:"error_code"`
	ErrorText   any               `json:"error_message"`
	From        string            `json:"from"`
	Service     any               `json:"messaging_service_sid"`
	NumMedia    string            `json:"num_media"`
	NumSegments string            `json:"num_segments"`
	Price       any               `json:"price"`
	PriceUnit   string            `json:"price_unit"`
	SID         string            `json:"sid"`
	Status      string            `json:"status"`
	Resources   map[string]string `json:"subresource_uris"`
	To          string            `json:"to"`
	URI         string            `json:"uri"`
}

func (t *Twilio) showMessage(m *message) any {
	direction := "outbound-api"
	if m.inbound {
		direction = "inbound"
	}
	status := m.state
	if status == "" { // it was not taken
		status = rebound.Queued
	}
	path := t.path("Messages/" + m.id)
	out := twilioMessage{
		AccountSID: t.SID, APIVersion: "2010-04-01", Body: m.body, DateCreated: rfc2822(m.created), DateSent: dateOrNull(m.sent),
		DateUpdated: rfc2822(m.updated), Direction: direction, From: m.from, NumMedia: strconv.Itoa(len(m.pictures)),
		NumSegments: strconv.Itoa(segments(m.body)), PriceUnit: "USD", SID: m.id, Status: string(status),
		Resources: map[string]string{"media": path + "/Media.json"}, To: m.to, URI: path + ".json",
	}
	if m.code != "" {
		out.ErrorCode, _ = strconv.Atoi(m.code)
		out.ErrorText = "the text could not be delivered"
	}
	if !m.sent.IsZero() && !m.inbound {
		out.Price = "-0.00790"
	}
	return out
}

func (t *Twilio) showMedia(m *message, id string) any {
	return object{
		"account_sid": t.SID, "content_type": t.net.pictures[id].ContentType, "date_created": rfc2822(m.created),
		"date_updated": rfc2822(m.created), "parent_sid": m.id, "sid": id, "uri": t.path("Messages/" + m.id + "/Media/" + id + ".json"),
	}
}

// entry is one call in the log: an inbound one, or one of its legs.
type entry struct {
	call *Call
	leg  *Leg
}

// logged finds a call or a leg of the account.
func (t *Twilio) logged(sid string) (entry, bool) {
	if c := t.book.callIDs[sid]; c != nil {
		return entry{call: c}, true
	}
	l := t.book.legIDs[sid]
	if l == nil {
		return entry{}, false
	}
	return entry{l.call, l}, true
}

// facts of an entry, whichever of the two it is.
type facts struct {
	sid, from, to, direction string
	status                   string
	begun, ended             time.Time
	length                   time.Duration
	answered                 bool
}

func (e entry) facts() facts {
	if c := e.call; e.leg == nil {
		f := facts{c.ID, c.From, string(c.To), c.direction(), string(c.status), c.begun, c.ended, c.length(), c.answered}
		if f.status == "" {
			f.status = live(c.answered)
		}
		return f
	}
	l := e.leg
	f := facts{l.ID, l.Shown, l.To, "outbound-dial", string(l.status), l.begun, l.ended, l.length(), !l.pickedUp.IsZero()}
	if f.status == "" {
		f.status = live(f.answered)
	}
	return f
}

// direction is Twilio's word for who made the call.
func (c *Call) direction() string {
	if c.own != nil {
		return "outbound-api"
	}
	return "inbound"
}

func live(answered bool) string {
	if answered {
		return "in-progress"
	}
	return "ringing"
}

func (t *Twilio) showCall(e entry) any {
	f := e.facts()
	path := t.path("Calls/" + f.sid)
	out := object{
		"sid": f.sid, "date_created": rfc2822(f.begun), "date_updated": rfc2822(f.begun), "parent_call_sid": nil,
		"account_sid": t.SID, "to": f.to, "to_formatted": f.to, "from": f.from, "from_formatted": f.from,
		"phone_number_sid": nil, "status": f.status, "start_time": rfc2822(f.begun), "end_time": dateOrNull(f.ended),
		"duration": nil, "price": nil, "price_unit": "USD", "direction": f.direction, "answered_by": nil,
		"api_version": "2010-04-01", "forwarded_from": nil, "group_sid": nil, "caller_name": nil, "queue_time": "0",
		"trunk_sid": nil, "uri": path + ".json",
		"subresource_uris": object{"recordings": path + "/Recordings.json", "notifications": path + "/Notifications.json"},
	}
	if !f.ended.IsZero() {
		out["date_updated"] = rfc2822(f.ended)
		out["duration"] = strconv.Itoa(seconds(f.length))
	}
	if e.leg != nil {
		out["parent_call_sid"] = e.call.ID
		return out
	}
	out["forwarded_from"] = orNull(e.call.dial.ForwardedFrom)
	if x := t.owned(e.call.To); x != nil {
		out["phone_number_sid"] = x.sid
	}
	return out
}

func (t *Twilio) showRecording(r *Recording) any {
	status, trouble := "completed", any(nil)
	if r.Length == 0 {
		status, trouble = "absent", any(16102)
	}
	path := t.path("Recordings/" + r.ID)
	return object{
		"account_sid": t.SID, "api_version": "2010-04-01", "call_sid": r.call.ID, "conference_sid": nil,
		"date_created": rfc2822(r.at), "date_updated": rfc2822(r.at.Add(r.Length)), "start_time": rfc2822(r.at),
		"duration": strconv.Itoa(seconds(r.Length)), "sid": r.ID, "price": nil, "price_unit": "USD", "status": status,
		"channels": 1, "source": "RecordVerb", "error_code": trouble, "uri": path + ".json", "encryption_details": nil,
		"subresource_uris": object{"transcriptions": path + "/Transcriptions.json"}, "media_url": t.account.API + path,
	}
}

func (t *Twilio) showNumber(x *twilioNumber) any {
	name := x.FriendlyName
	if name == "" {
		name = string(x.Number)
	}
	return object{
		"account_sid": t.SID, "address_sid": nil, "address_requirements": "none", "api_version": "2010-04-01", "beta": false,
		"capabilities": object{"voice": true, "sms": true, "mms": true, "fax": false},
		"date_created": rfc2822(x.created), "date_updated": rfc2822(x.updated), "friendly_name": name,
		"identity_sid": nil, "phone_number": x.Number, "origin": "twilio", "sid": x.sid,
		"sms_application_sid": x.SMSApplication, "sms_fallback_method": post(x.SMSFallbackMethod), "sms_fallback_url": x.SMSFallbackURL,
		"sms_method": post(x.SMSMethod), "sms_url": x.SMSURL, "status_callback": x.StatusCallback,
		"status_callback_method": post(x.StatusCallbackMethod), "trunk_sid": orNull(x.TrunkSID),
		"uri":                t.path("IncomingPhoneNumbers/" + x.sid + ".json"),
		"voice_receive_mode": "voice", "voice_application_sid": orNull(x.VoiceApplication), "voice_caller_id_lookup": false,
		"voice_fallback_method": post(x.VoiceFallbackMethod), "voice_fallback_url": x.VoiceFallbackURL,
		"voice_method": post(x.VoiceMethod), "voice_url": x.VoiceURL, "emergency_status": "Active",
		"emergency_address_sid": nil, "emergency_address_status": "unregistered", "bundle_sid": nil, "status": "in-use",
	}
}

func (t *Twilio) showAccount() any {
	path := "/2010-04-01/Accounts/" + t.SID
	return object{
		"auth_token": t.Token, "date_created": "Thu, 01 Jan 2026 00:00:00 +0000", "date_updated": "Thu, 01 Jan 2026 00:00:00 +0000",
		"friendly_name": "Fake account", "owner_account_sid": t.SID, "sid": t.SID, "status": "active", "type": "Full",
		"uri": path + ".json", "subresource_uris": object{"messages": path + "/Messages.json", "calls": path + "/Calls.json"},
	}
}

func (t *Twilio) showService(s *twilioService) any {
	return object{
		"sid": s.sid, "account_sid": t.SID, "friendly_name": s.FriendlyName, "date_created": s.created.UTC().Format(time.RFC3339),
		"date_updated": s.created.UTC().Format(time.RFC3339), "inbound_request_url": orNull(s.InboundURL), "inbound_method": "POST",
		"fallback_url": nil, "fallback_method": "POST", "status_callback": nil, "sticky_sender": true, "mms_converter": true,
		"smart_encoding": true, "fallback_to_long_code": true, "area_code_geomatch": true, "synchronous_validation": false,
		"validity_period": 36000, "url": "https://messaging.twilio.com/v1/Services/" + s.sid, "links": object{
			"phone_numbers": "https://messaging.twilio.com/v1/Services/" + s.sid + "/PhoneNumbers"},
		"usecase": "undeclared", "us_app_to_person_registered": true, "use_inbound_webhook_on_number": s.UsesNumberURL,
	}
}

func (t *Twilio) showServiceNumber(s *twilioService, x *twilioNumber) any {
	return object{
		"sid": x.sid, "account_sid": t.SID, "service_sid": s.sid, "phone_number": x.Number, "country_code": "US",
		"date_created": x.created.UTC().Format(time.RFC3339), "date_updated": x.updated.UTC().Format(time.RFC3339),
		"capabilities": []string{"MMS", "SMS", "Voice"}, "url": "https://messaging.twilio.com/v1/Services/" + s.sid + "/PhoneNumbers/" + x.sid,
	}
}

func (t *Twilio) showAlert(a *Alert) object {
	at := a.At.UTC().Format(time.RFC3339)
	return object{
		"account_sid": t.SID, "alert_text": a.Text, "api_version": "2010-04-01", "date_created": at, "date_generated": at,
		"date_updated": at, "error_code": a.Code, "log_level": "error", "more_info": "https://www.twilio.com/docs/errors/" + a.Code,
		"request_method": post(a.Method), "request_url": a.URL, "resource_sid": a.sid,
		"service_sid": nil, "sid": a.sid, "url": "https://monitor.twilio.com/v1/Alerts/" + a.sid,
	}
}
