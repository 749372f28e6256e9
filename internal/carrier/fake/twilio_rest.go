package fake

import (
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"rebound/internal/phone"
)

// Handler answers the account's REST requests, on one address for all of Twilio's hosts. What
// Twilio has and the network has not is answered with 501.
func (t *Twilio) Handler() http.Handler {
	account := "/2010-04-01/Accounts/" + t.SID
	m := http.NewServeMux()
	handle := func(pattern string, h func(http.ResponseWriter, *http.Request)) {
		m.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if t.enters(w, r) {
				h(w, r)
			}
		})
	}
	handle("GET "+account+".json", t.getAccount)
	handle("POST "+account+"/Messages.json", t.postMessage)
	handle("GET "+account+"/Messages.json", t.listMessages)
	handle("GET "+account+"/Messages/{sid}", t.getMessage)
	handle("GET "+account+"/Messages/{message}/Media.json", t.listMedia)
	handle("GET "+account+"/Messages/{message}/Media/{sid}", t.getMedia)
	handle("POST "+account+"/Calls.json", t.postCalls)
	handle("GET "+account+"/Calls.json", t.listCalls)
	handle("GET "+account+"/Calls/{sid}", t.getCall)
	handle("POST "+account+"/Calls/{sid}", t.postCall)
	handle("GET "+account+"/Recordings.json", t.listRecordings)
	handle("GET "+account+"/Recordings/{sid}", t.getRecording)
	handle("DELETE "+account+"/Recordings/{sid}", t.deleteRecording)
	handle("GET "+account+"/IncomingPhoneNumbers.json", t.listNumbers)
	handle("GET "+account+"/IncomingPhoneNumbers/{sid}", t.getNumber)
	handle("POST "+account+"/IncomingPhoneNumbers/{sid}", t.postNumber)
	handle("GET /v1/Services", t.listServices)
	handle("GET /v1/Services/{sid}", t.getService)
	handle("GET /v1/Services/{sid}/PhoneNumbers", t.listServiceNumbers)
	handle("GET /v2/PhoneNumbers/{number}", t.lookup)
	handle("GET /v1/Alerts", t.listAlerts)
	handle("GET /v1/Alerts/{sid}", t.getAlert)
	handle(account+"/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, http.StatusNotImplemented, "20001", "the fake network does not do "+r.Method+" "+r.URL.Path)
	})
	handle("/", notFound)
	// Twilio keeps pictures at another host; whoever has the address may fetch them there.
	m.HandleFunc("GET /media.twiliocdn.com/{account}/{id}", t.getPicture)
	return m
}

// enters lets a request in that signs in as the account or with its API key.
func (t *Twilio) enters(w http.ResponseWriter, r *http.Request) bool {
	user, password, _ := r.BasicAuth()
	same := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	if same(user, t.SID) && same(password, t.Token) ||
		t.account.KeyID != "" && same(user, t.account.KeyID) && same(password, t.account.KeySecret) {
		return true
	}
	w.Header().Set("WWW-Authenticate", `Basic realm="Twilio API"`)
	refuse(w, http.StatusUnauthorized, "20003", "Authenticate")
	return false
}

// refuse answers with an error as Twilio shapes them.
func refuse(w http.ResponseWriter, status int, code, message string) {
	n, _ := strconv.Atoi(code)
	answerJSON(w, status, map[string]any{
		"code": n, "message": message, "more_info": "https://www.twilio.com/docs/errors/" + code, "status": status,
	})
}

func notFound(w http.ResponseWriter, r *http.Request) {
	refuse(w, http.StatusNotFound, "20404", "The requested resource "+r.URL.Path+" was not found")
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // the network's own values can be written
	}
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=utf-8")
	h.Set("Twilio-Request-Id", "RQ00000000000000000000000000000000")
	w.WriteHeader(status)
	w.Write(body)
}

// sidOf is the {sid} of the path without its format, and the format.
func sidOf(r *http.Request) (sid, format string) {
	sid, format, _ = strings.Cut(r.PathValue("sid"), ".")
	return sid, format
}

// listsUp answers 503 when the lists are down.
func (t *Twilio) listsUp(w http.ResponseWriter) bool {
	_, up := t.net.listed()
	if !up {
		refuse(w, http.StatusServiceUnavailable, "20503", "Service unavailable")
	}
	return up
}

// maxBody is the longest text that Twilio takes, in characters.
const maxBody = 1600

// postMessage takes a text.
func (t *Twilio) postMessage(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		refuse(w, http.StatusBadRequest, "20001", "the request is not a form")
		return
	}
	m := &message{id: t.net.id("SM"), from: r.PostForm.Get("From"), to: r.PostForm.Get("To"), body: r.PostForm.Get("Body")}
	code, why := t.refusal(r.PostForm, m)
	if code != "" {
		refuse(w, http.StatusBadRequest, code, why)
		return
	}
	f := t.net.fault(Text{From: phone.Number(m.from), To: phone.Number(m.to), Body: m.body})
	if address := r.PostForm.Get("StatusCallback"); address != "" {
		m.receipt = func(m *message) Webhook { return t.receipt(m, address) }
	}
	if f.fate == noFault || f.taken {
		t.net.take(t.book, m)
	}
	t.net.mu.Lock()
	body := t.showMessage(m)
	t.net.mu.Unlock()
	t.answers(w, r, f, body)
}

// answers a request that makes something as it was ordered to: with what was made, or with what goes wrong.
func (t *Twilio) answers(w http.ResponseWriter, r *http.Request, f SendFault, made any) {
	pause(r.Context(), f.wait)
	switch f.fate {
	case noFault:
		answerJSON(w, http.StatusCreated, made)
	case refused:
		if f.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(f.retryAfter.Seconds())))
		}
		refuse(w, f.status, f.code, "the request was refused")
	case garbled:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusCreated)
		w.Write([]byte("<html><body>It works!</body></html>"))
	case hung:
		select {
		case <-r.Context().Done():
		case <-t.net.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	default:
		if f.taken {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", "1000")
			w.WriteHeader(http.StatusCreated)
			w.Write([]byte(`{"sid": "SM`))
			w.(http.Flusher).Flush()
		}
		panic(http.ErrAbortHandler)
	}
}

// refusal is why Twilio would not take a text; "" when it would.
func (t *Twilio) refusal(form url.Values, m *message) (code, why string) {
	for k := range form {
		if !messageFields[k] {
			return "20001", "the request has an unknown field " + k
		}
	}
	if m.from == "" && form.Get("MessagingServiceSid") != "" {
		return "20001", "the fake network sends from numbers only"
	}
	to, err := phone.Parse(m.to, "")
	switch {
	case m.to == "":
		return "21604", "A 'To' phone number is required."
	case err != nil || string(to) != m.to:
		return "21211", "Invalid 'To' Phone Number: " + m.to
	case m.from == "":
		return "21603", "A 'From' phone number is required."
	case m.body == "" && form.Get("MediaUrl") == "":
		return "21602", "Message body is required."
	case utf8.RuneCountInString(m.body) > maxBody:
		return "21617", "The concatenated message body exceeds the 1600 character limit."
	case m.from == m.to:
		return "21266", "'To' and 'From' number cannot be the same: " + m.to
	}
	if v := form.Get("ValidityPeriod"); v != "" {
		if n, err := strconv.Atoi(v); err != nil || n < 1 || n > 36000 {
			return "21620", "Invalid ValidityPeriod: " + v
		}
	}
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	if t.owned(phone.Number(m.from)) == nil {
		return "21606", "The From phone number " + m.from + " is not a valid, SMS-capable inbound phone number for your account."
	}
	if t.net.blocked[pair{m.from, m.to}] {
		return "21610", "Attempt to send to unsubscribed recipient"
	}
	return "", ""
}

// messageFields are all fields that a text may have.
var messageFields = map[string]bool{
	"AddressRetention": true, "ApplicationSid": true, "Attempt": true, "Body": true, "ContentRetention": true,
	"ContentSid": true, "ContentVariables": true, "FallbackFrom": true, "ForceDelivery": true, "From": true,
	"MaxPrice": true, "MediaUrl": true, "MessagingServiceSid": true, "PersistentAction": true, "ProvideFeedback": true,
	"RiskCheck": true, "ScheduleType": true, "SendAsMms": true, "SendAt": true, "ShortenUrls": true, "SmartEncoded": true,
	"StatusCallback": true, "To": true, "TrafficType": true, "ValidityPeriod": true,
}

func (t *Twilio) getMessage(w http.ResponseWriter, r *http.Request) {
	if !t.listsUp(w) {
		return
	}
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	m := t.book.textIDs[sid]
	var body any
	if m != nil {
		body = t.showMessage(m)
	}
	t.net.mu.Unlock()
	found(w, r, body)
}

// found answers with what was found; nil: nothing was.
func found(w http.ResponseWriter, r *http.Request, body any) {
	if body == nil {
		notFound(w, r)
		return
	}
	answerJSON(w, http.StatusOK, body)
}

// getMedia sends whoever asks for a picture to where it is kept; with .json it describes it.
func (t *Twilio) getMedia(w http.ResponseWriter, r *http.Request) {
	sid, format := sidOf(r)
	t.net.mu.Lock()
	m := t.book.textIDs[r.PathValue("message")]
	var body any
	if m != nil {
		for _, id := range m.pictures {
			if id == sid {
				body = t.showMedia(m, id)
			}
		}
	}
	t.net.mu.Unlock()
	if body == nil || format == "json" {
		found(w, r, body)
		return
	}
	w.Header().Set("Location", "/media.twiliocdn.com/"+t.SID+"/"+sid)
	w.WriteHeader(http.StatusTemporaryRedirect)
}

func (t *Twilio) getPicture(w http.ResponseWriter, r *http.Request) {
	t.net.mu.Lock()
	p, ok := t.net.pictures[r.PathValue("id")]
	t.net.mu.Unlock()
	if !ok || r.PathValue("account") != t.SID {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", p.ContentType)
	w.Write(p.Data)
}

func (t *Twilio) getCall(w http.ResponseWriter, r *http.Request) {
	if !t.listsUp(w) {
		return
	}
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	var body any
	if e, ok := t.logged(sid); ok {
		body = t.showCall(e)
	}
	t.net.mu.Unlock()
	found(w, r, body)
}

// postCall ends a live call: Status=completed, or canceled before it was answered.
func (t *Twilio) postCall(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	e, ok := t.logged(sid)
	t.net.mu.Unlock()
	status := r.FormValue("Status")
	switch {
	case !ok:
		notFound(w, r)
		return
	case status != "completed" && status != "canceled":
		refuse(w, http.StatusNotImplemented, "20001", "the fake network only ends calls")
		return
	case e.leg != nil:
		e.leg.HangUp()
	default:
		e.call.cancel()
	}
	t.net.mu.Lock()
	body := t.showCall(e)
	t.net.mu.Unlock()
	answerJSON(w, http.StatusOK, body)
}

// getRecording answers with the sound, or with its description.
func (t *Twilio) getRecording(w http.ResponseWriter, r *http.Request) {
	sid, format := sidOf(r)
	t.net.mu.Lock()
	sound := t.sound(sid)
	var body any
	if sound != nil {
		body = t.showRecording(sound)
	}
	t.net.mu.Unlock()
	if format == "json" || sound == nil || sound.Length == 0 {
		if sound != nil && format != "json" {
			body = nil // there is nothing to hear
		}
		found(w, r, body)
		return
	}
	kind, data := "audio/x-wav", sound.WAV
	if format == "mp3" {
		kind, data = "audio/mpeg", sound.MP3
	}
	w.Header().Set("Content-Type", kind)
	w.Write(data())
}

// sound finds a recording of the account's calls; the network's mu is held.
func (t *Twilio) sound(sid string) *Recording {
	r := t.net.sounds[sid]
	if r == nil || t.book.callIDs[r.call.ID] == nil {
		return nil
	}
	return r
}

func (t *Twilio) deleteRecording(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	sound := t.sound(sid)
	delete(t.net.sounds, sid)
	t.net.mu.Unlock()
	if sound == nil {
		notFound(w, r)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (t *Twilio) getNumber(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	var body any
	if x := t.numberBySID(sid); x != nil {
		body = t.showNumber(x)
	}
	t.net.mu.Unlock()
	found(w, r, body)
}

func (t *Twilio) numberBySID(sid string) *twilioNumber {
	for _, x := range t.numbers {
		if x.sid == sid {
			return x
		}
	}
	return nil
}

// postNumber changes a number's settings: those that the form has.
func (t *Twilio) postNumber(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "20001", "the request is not a form")
		return
	}
	t.net.mu.Lock()
	x := t.numberBySID(sid)
	if x == nil {
		t.net.mu.Unlock()
		notFound(w, r)
		return
	}
	set := x.TwilioNumber
	fields := map[string]*string{
		"FriendlyName": &set.FriendlyName, "VoiceUrl": &set.VoiceURL, "VoiceMethod": &set.VoiceMethod,
		"VoiceFallbackUrl": &set.VoiceFallbackURL, "VoiceFallbackMethod": &set.VoiceFallbackMethod,
		"SmsUrl": &set.SMSURL, "SmsMethod": &set.SMSMethod, "SmsFallbackUrl": &set.SMSFallbackURL,
		"SmsFallbackMethod": &set.SMSFallbackMethod, "StatusCallback": &set.StatusCallback,
		"StatusCallbackMethod": &set.StatusCallbackMethod, "VoiceApplicationSid": &set.VoiceApplication,
		"SmsApplicationSid": &set.SMSApplication, "TrunkSid": &set.TrunkSID,
	}
	why := ""
	for name, values := range r.PostForm {
		field := fields[name]
		switch {
		case field == nil:
			why = "the fake network does not know the field " + name
		case strings.HasSuffix(name, "Method") && values[0] != http.MethodGet && values[0] != http.MethodPost:
			why = name + " must be GET or POST"
		default:
			*field = values[0]
		}
	}
	if why == "" {
		x.TwilioNumber, x.updated = set, t.net.now()
	}
	body := t.showNumber(x)
	t.net.mu.Unlock()
	if why != "" {
		refuse(w, http.StatusBadRequest, "20001", why)
		return
	}
	answerJSON(w, http.StatusOK, body)
}

func (t *Twilio) getAccount(w http.ResponseWriter, _ *http.Request) {
	answerJSON(w, http.StatusOK, t.showAccount())
}

func (t *Twilio) getService(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	var body any
	if s := t.service(sid); s != nil {
		body = t.showService(s)
	}
	t.net.mu.Unlock()
	found(w, r, body)
}

// getAlert tells, unlike the list, what the failed webhook said.
func (t *Twilio) getAlert(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	var body any
	for _, a := range t.alerts {
		if a.sid == sid {
			one := t.showAlert(a)
			one["request_variables"] = a.Form.Encode()
			body = one
		}
	}
	t.net.mu.Unlock()
	found(w, r, body)
}
