package fake

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// postCalls makes a call.
func (t *Twilio) postCalls(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := r.ParseForm(); err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		refuse(w, http.StatusBadRequest, "20001", "the request is not a form")
		return
	}
	form := r.PostForm
	if code, why := t.dialRefusal(form); code != "" {
		refuse(w, http.StatusBadRequest, code, why)
		return
	}
	f := t.net.dialFault()
	if f.fate != noFault && !f.taken {
		t.answers(w, r, f, nil)
		return
	}
	c := t.net.order(t.book, twilioIDs(), form.Get("From"), form.Get("To"))
	t.net.mu.Lock()
	body := t.showCall(entry{call: c}).(object)
	t.net.mu.Unlock()
	body["status"], body["start_time"] = "queued", nil
	t.net.spawn(func() { t.dials(c, form) })
	t.answers(w, r, f, body)
}

// callFields are the fields of a call that the network understands.
var callFields = []string{"From", "Method", "StatusCallback", "StatusCallbackEvent", "StatusCallbackMethod", "Timeout", "To", "Url"}

// dialRefusal is why Twilio would not make a call; "" when it would.
func (t *Twilio) dialRefusal(form url.Values) (code, why string) {
	for k := range form {
		if !slices.Contains(callFields, k) {
			return "20001", "the network does not know the field " + k
		}
	}
	to, err := phone.Parse(form.Get("To"), "")
	sip := strings.HasPrefix(form.Get("To"), "sip:")
	switch {
	case form.Get("To") == "":
		return "21201", "No 'To' number is specified"
	case !sip && (err != nil || string(to) != form.Get("To")):
		return "21211", "Invalid 'To' Phone Number: " + form.Get("To")
	case !valid("address", form.Get("Url")):
		return "21205", "Url is not a valid URL: " + form.Get("Url")
	case form.Has("Timeout") && !valid("1-600", form.Get("Timeout")):
		return "21216", "Timeout must be between 1 and 600"
	}
	for _, event := range form["StatusCallbackEvent"] {
		if !valid("initiated|ringing|answered|completed", event) {
			return "21626", "Invalid status callback event: " + event
		}
	}
	t.net.mu.Lock()
	defer t.net.mu.Unlock()
	if t.owned(phone.Number(form.Get("From"))) == nil {
		return "21210", "Caller phone number " + form.Get("From") + " is not verified."
	}
	return "", ""
}

// dials rings the handset that a call was made for, and follows the documents once it was picked up.
func (t *Twilio) dials(c *Call, form url.Values) {
	s := &session{t: t, c: c}
	timeout := 60
	if n, err := strconv.Atoi(form.Get("Timeout")); err == nil {
		timeout = n
	}
	status := c.ringsOwn(time.Duration(timeout)*time.Second, func(state LegState) { s.tellsOwn(form, state) })
	if status == "" {
		d := s.read(carrier.AtScreen, post(form.Get("Method")), form.Get("Url"), nil)
		for d != nil && !c.gone() {
			d = s.perform(d)
		}
	}
	c.endsOwn(status)
	s.tellsOwn(form, LegOver)
}

// tellsOwn reports the progress of a call that was made by request, as far as the request asked for it.
func (s *session) tellsOwn(form url.Values, state LegState) {
	address, wanted := form.Get("StatusCallback"), form["StatusCallbackEvent"]
	if len(wanted) == 0 {
		wanted = []string{string(LegOver)}
	}
	if address == "" || !slices.Contains(wanted, string(state)) {
		return
	}
	report := s.t.progress(s.form(nil), slices.Index([]LegState{LegInitiated, LegRings, LegPickedUp, LegOver}, state))
	var after []*teller
	if state == LegOver {
		s.t.net.mu.Lock()
		durations(report, s.c.length())
		s.t.net.mu.Unlock()
		after = tellers(s.c.Legs())
	}
	s.t.net.report(&s.tell, s.t.hook(carrier.AtLeg, s.c.ID, post(form.Get("StatusCallbackMethod")), address, report), after...)
}
