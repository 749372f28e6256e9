package fake

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// session is one call under Twilio's documents.
type session struct {
	t        *Twilio
	set      TwilioNumber // as it was when the call came
	c        *Call
	tell     teller
	fellBack bool
	begun    bool // a verb was performed
}

// document is a page that was understood.
type document struct {
	page
	verbs []verb
}

// call asks the number's address what to do and follows the documents to the call's end.
func (x *twilioNumber) call(c *Call) {
	s := &session{t: x.account, set: x.settings(), c: c}
	if s.set.VoiceURL != "" && s.set.VoiceApplication == "" && s.set.TrunkSID == "" {
		d := s.read(carrier.AtVoice, post(s.set.VoiceMethod), s.set.VoiceURL, nil)
		c.wasBrief()
		for d != nil && !c.gone() {
			d = s.perform(d)
		}
	}
	c.end("")
	if s.set.StatusCallback == "" {
		return
	}
	form := s.t.progress(s.form(nil), 0)
	s.t.net.mu.Lock()
	durations(form, c.length())
	s.t.net.mu.Unlock()
	w := s.t.hook(carrier.AtStatus, c.ID, post(s.set.StatusCallbackMethod), s.set.StatusCallback, form)
	s.t.net.report(&s.tell, w, tellers(c.Legs())...)
}

// form is what a webhook about the caller's side of the call says, and more.
func (s *session) form(more url.Values) url.Values {
	c := s.c
	s.t.net.mu.Lock()
	status := "ringing"
	switch {
	case c.status != "":
		status = string(c.status)
	case c.hungUp && c.answered:
		status = "completed"
	case c.hungUp:
		status = "no-answer"
	case c.answered:
		status = "in-progress"
	}
	s.t.net.mu.Unlock()
	f := s.t.callForm(c.ID, c.From, string(c.To), status, c.direction())
	if c.dial.ForwardedFrom != "" {
		f.Set("ForwardedFrom", c.dial.ForwardedFrom)
	}
	switch c.dial.CallerID {
	case rebound.Yes:
		f.Set("StirVerstat", "TN-Validation-Passed-A")
	case rebound.No:
		f.Set("StirVerstat", "TN-Validation-Failed-A")
	}
	for k, v := range more {
		f[k] = v
	}
	return f
}

// read asks an address for a document. When there is none, or it is wrong, the number's fallback
// is asked, once in a call; without one the caller hears an apology and the call ends. nil: it ends.
func (s *session) read(k carrier.PlaceKind, method, address string, more url.Values, after ...*teller) *document {
	form := s.form(more)
	a := s.t.net.ask(s.t.hook(k, s.c.ID, method, address, form), append(after, &s.tell)...)
	d := &document{page: a.page}
	err := a.err
	if err == nil {
		d.verbs, err = a.page.parse()
		s.t.complains(a.page, form, err)
	}
	if err == nil {
		return d
	}
	if s.c.gone() {
		return nil
	}
	if s.set.VoiceFallbackURL == "" || s.fellBack {
		s.c.says(playing)
		return nil
	}
	s.fellBack = true
	code := "11205"
	if c, ok := err.(*complaint); ok {
		code = c.code
	}
	why := url.Values{"ErrorCode": {code}, "ErrorUrl": {withoutFragment(address)}}
	return s.read(k, post(s.set.VoiceFallbackMethod), s.set.VoiceFallbackURL, why)
}

// then is what follows a verb.
type then int

const (
	goOn then = iota
	jump      // to another document
	stop
)

// perform does the verbs of a document and returns the one that follows; nil: the call ends.
func (s *session) perform(d *document) *document {
	for _, v := range d.verbs {
		next, then := s.do(d, v)
		s.begun = true
		if then != goOn || s.c.gone() {
			return next
		}
	}
	return nil
}

func (s *session) do(d *document, v verb) (*document, then) {
	switch v.name {
	case "Dial":
		return s.dial(d, v)
	case "Record":
		return s.record(d, v)
	case "Gather":
		kind, p := carrier.AtMenu, gatherPrompt(v, "")
		if s.c.own != nil {
			kind, p.presses = carrier.AtAccept, s.c.own.phone.behaviour().key
		}
		s.c.enter(StageListening)
		keys, _ := p.hear(s.c.ctx, s.c.keys)
		if s.c.gone() || keys == "" && v.attr["actionOnEmptyResult"] != "true" {
			return nil, goOn
		}
		return s.jump(kind, d, v.attr["action"], v.attr["method"], url.Values{"Digits": {keys}})
	case "Redirect":
		return s.jump(carrier.AtVoice, d, v.text, v.attr["method"], nil)
	case "Reject":
		if !s.begun {
			s.c.rejects(rejection(v.attr["reason"]))
		}
		return nil, stop
	case "Hangup":
		return nil, stop
	case "Play":
		if !s.fetches(d, v) {
			return nil, goOn
		}
	}
	s.c.says(v.lasts())
	return nil, goOn
}

// fetches gets the sound of a Play, which is skipped when there is none.
func (s *session) fetches(d *document, v verb) bool {
	address, err := resolve(d.address, v.text)
	if err != nil {
		err = complain("11100", "the address %q", v.text)
	} else {
		err = s.t.listen(s.c.ctx, address)
	}
	if err != nil && !s.c.gone() {
		s.t.complains(d.page, nil, err)
	}
	return err == nil
}

// rejection is the status of a call that a Reject refuses.
func rejection(reason string) rebound.EndStatus {
	if reason == "busy" {
		return rebound.EndBusy
	}
	return rebound.EndNoAnswer
}

// jump goes to an address that stands in a document; an empty one is the document's own.
func (s *session) jump(k carrier.PlaceKind, d *document, address, method string, more url.Values, after ...*teller) (*document, then) {
	to, err := resolve(d.address, address)
	if err != nil {
		s.t.complains(d.page, nil, complain("11100", "the address %q", address))
		return nil, stop
	}
	if s.c.gone() { // nobody will hear the answer
		s.t.net.report(&s.tell, s.t.hook(k, s.c.ID, post(method), to, s.form(more)), after...)
		return nil, stop
	}
	return s.read(k, post(method), to, more, after...), jump
}

// dial rings numbers and SIP addresses and, when there is an action, goes on there.
func (s *session) dial(d *document, v verb) (*document, then) {
	if v.attr["answerOnBridge"] != "true" || s.begun {
		s.c.enter(StageListening) // a ring tone, on an answered line
	}
	o := s.order(d, v)
	var r rung
	if v.attr["sequential"] == "true" {
		r = s.inTurn(o)
	} else {
		r = s.c.ring(o)
	}
	if s.t.net.ctx.Err() != nil || r.gone && s.t.net.Habits().SilentHangup {
		return nil, stop
	}
	action, has := v.attr["action"]
	if !has {
		return nil, goOn
	}
	more := url.Values{"DialCallStatus": {string(r.status)}, "DialCallSid": {r.leg.ID}, "DialBridged": {strconv.FormatBool(r.bridged)}}
	s.t.net.mu.Lock()
	if length := r.leg.length(); !r.leg.pickedUp.IsZero() && r.status == rebound.EndCompleted {
		more.Set("DialCallDuration", strconv.Itoa(seconds(length)))
	}
	s.t.net.mu.Unlock()
	return s.jump(carrier.AtRung, d, action, v.attr["method"], more, tellers(r.legs)...)
}

// inTurn rings one destination after another until one accepts.
func (s *session) inTurn(o ringOrder) rung {
	var r rung
	var all []*Leg
	for _, t := range o.targets {
		one := o
		one.targets = []target{t}
		r = s.c.ring(one)
		all = append(all, r.legs...)
		r.legs = all
		if r.bridged || s.c.gone() {
			break
		}
	}
	return r
}

// order reads a Dial.
func (s *session) order(d *document, v verb) ringOrder {
	o := ringOrder{timeout: v.seconds("timeout", 30), longest: v.seconds("timeLimit", 14400), shown: v.value("callerId", s.c.From)}
	shows := s.mayShow(o.shown)
	if !shows {
		s.t.complains(d.page, nil, complain("13214", "the caller id %q is not the caller's number and not the account's", o.shown))
	}
	nouns := v.verb
	if v.text != "" {
		nouns = append([]verb{{name: "Number", text: v.text}}, nouns...)
	}
	for _, n := range nouns {
		to := target{to: n.text, refused: !shows}
		if number, err := phone.Parse(n.text, ""); n.name == "Number" && (err != nil || string(number) != n.text) {
			to.refused = true
			s.t.complains(d.page, nil, complain("13223", "%q is not a phone number", n.text))
		}
		to.report = func(l *Leg, state LegState) { s.tells(l, state, d, n) }
		if address := n.attr["url"]; address != "" {
			to.screen = func(l *Leg) bool { return s.whisper(l, d, n) }
		}
		o.targets = append(o.targets, to)
	}
	return o
}

// mayShow reports whether Twilio lets a Dial show a caller id: the call's own two numbers and the
// account's. A withheld caller has no number, even when keypad digits stand for a word.
func (s *session) mayShow(number string) bool {
	s.t.net.mu.Lock()
	defer s.t.net.mu.Unlock()
	for _, x := range s.t.numbers {
		if string(x.Number) == number {
			return true
		}
	}
	words := []string{"+266696687", "+7378742833", "+86282452253", "+8656696", "+2562533"}
	return number == s.c.From && strings.HasPrefix(number, "+") && !slices.Contains(words, number)
}

// legForm is what a webhook about a leg says.
func (s *session) legForm(l *Leg, status string) url.Values {
	f := s.t.callForm(l.ID, l.Shown, l.To, status, "outbound-dial")
	f.Set("ParentCallSid", s.c.ID)
	return f
}

// tells reports a leg's progress, as far as the document wants to know it.
func (s *session) tells(l *Leg, state LegState, d *document, noun verb) {
	address, err := resolve(d.address, noun.attr["statusCallback"])
	wanted := strings.Fields(noun.value("statusCallbackEvent", "completed"))
	if noun.attr["statusCallback"] == "" || err != nil || !slices.Contains(wanted, string(state)) {
		return
	}
	status := string(state)
	switch state {
	case LegPickedUp:
		status = "in-progress"
	case LegOver:
		status = string(l.Status())
	}
	sequence := slices.Index([]LegState{LegInitiated, LegRings, LegPickedUp, LegOver}, state)
	form := s.t.progress(s.legForm(l, status), sequence)
	if state == LegOver {
		s.t.net.mu.Lock()
		durations(form, l.length())
		s.t.net.mu.Unlock()
	}
	s.t.net.report(&l.tell, s.t.hook(carrier.AtLeg, s.c.ID, post(noun.attr["statusCallbackMethod"]), address, form))
}

// whisper performs a noun's document on the leg that was picked up, before it is connected. The
// leg accepts when the document comes to its end.
func (s *session) whisper(l *Leg, d *document, noun verb) bool {
	next := s.readOn(l, carrier.AtScreen, d.address, noun.attr["url"], noun.attr["method"], nil)
	for next != nil {
		var accepts bool
		if next, accepts = s.performOn(l, next); next == nil {
			return accepts
		}
	}
	return false
}

// readOn asks for a document that a leg hears; nil: there is none, and the leg is hung up.
func (s *session) readOn(l *Leg, k carrier.PlaceKind, base, address, method string, more url.Values) *document {
	form := s.legForm(l, "in-progress")
	for key, v := range more {
		form[key] = v
	}
	to, err := resolve(base, address)
	if err != nil {
		return nil
	}
	a := s.t.net.ask(s.t.hook(k, s.c.ID, post(method), to, form), &l.tell)
	if a.err != nil {
		return nil
	}
	d := &document{page: a.page}
	if d.verbs, err = a.page.parse(); err == nil {
		err = onLeg(d.verbs)
	}
	if err != nil {
		s.t.complains(a.page, form, err)
		return nil
	}
	return d
}

// onLeg refuses verbs that may not run on a leg before it is connected.
func onLeg(verbs []verb) error {
	for _, v := range verbs {
		if !slices.Contains([]string{"Say", "Play", "Gather", "Hangup"}, v.name) {
			return complain("12200", "<%s> may not run before the connection", v.name)
		}
	}
	return nil
}

// performOn does a document on a leg and returns the one that follows, or whether the leg accepts.
func (s *session) performOn(l *Leg, d *document) (next *document, accepts bool) {
	for _, v := range d.verbs {
		switch v.name {
		case "Hangup":
			return nil, false
		case "Gather":
			p := gatherPrompt(v, l.phone.behaviour().key)
			keys, _ := p.hear(l.ctx, l.keys)
			if l.ctx.Err() == nil && (keys != "" || v.attr["actionOnEmptyResult"] == "true") {
				next := s.readOn(l, carrier.AtAccept, d.address, v.attr["action"], v.attr["method"], url.Values{"Digits": {keys}})
				return next, false
			}
		default:
			pause(l.ctx, v.lasts())
		}
		if l.ctx.Err() != nil {
			return nil, false
		}
	}
	return nil, true
}

// gatherPrompt reads a Gather. By default # ends the input and is not part of it.
func gatherPrompt(v verb, presses string) prompt {
	p := prompt{waits: v.seconds("timeout", 5), most: v.number("numDigits", 0), finish: v.value("finishOnKey", "#"), presses: presses}
	for _, inner := range v.verb {
		p.says += inner.lasts()
	}
	return p
}

// record records the caller. An empty recording is not told to the action: the next verb runs.
func (s *session) record(d *document, v verb) (*document, then) {
	r := s.c.record(v.seconds("maxLength", 3600), v.seconds("timeout", 5), v.value("finishOnKey", "1234567890*#"))
	if s.t.net.ctx.Err() != nil {
		return nil, stop
	}
	s.recordingTold(d, v, r)
	if r.Length == 0 && !(r.gone && s.t.net.Habits().EmptyRecordingTold) {
		return nil, goOn
	}
	more := url.Values{"RecordingUrl": {s.recordingURL(r)}, "RecordingSid": {r.ID}, "RecordingDuration": {strconv.Itoa(seconds(r.Length))}}
	switch {
	case r.gone:
		more.Set("Digits", "hangup")
	case r.key != "":
		more.Set("Digits", r.key)
	}
	return s.jump(carrier.AtRecorded, d, v.attr["action"], v.attr["method"], more)
}

func (s *session) recordingURL(r recorded) string {
	return s.t.account.API + s.t.path("Recordings/"+r.ID)
}

// recordingTold reports that the recording can be fetched, or that there is none, a little later.
func (s *session) recordingTold(d *document, v verb, r recorded) {
	status := "completed"
	if r.Length == 0 {
		status = "absent"
	}
	address, err := resolve(d.address, v.attr["recordingStatusCallback"])
	wanted := strings.Fields(v.value("recordingStatusCallbackEvent", "completed"))
	if v.attr["recordingStatusCallback"] == "" || err != nil || !slices.Contains(wanted, status) {
		return
	}
	form := url.Values{
		"AccountSid": {s.t.SID}, "CallSid": {s.c.ID}, "RecordingSid": {r.ID}, "RecordingUrl": {s.recordingURL(r)},
		"RecordingStatus": {status}, "RecordingDuration": {strconv.Itoa(seconds(r.Length))}, "RecordingChannels": {"1"},
		"RecordingStartTime": {rfc2822(r.at)}, "RecordingSource": {"RecordVerb"}, "RecordingTrack": {"inbound"}, "ErrorCode": {"0"},
	}
	method := v.value("recordingStatusCallbackMethod", http.MethodPost)
	w := s.t.hook(carrier.AtRecording, s.c.ID, method, address, form)
	s.t.net.spawn(func() {
		if s.t.net.sleep(processing) {
			s.t.net.report(new(teller), w)
		}
	})
}
