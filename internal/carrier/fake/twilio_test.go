package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

const public = "https://rebound.example.com"

// twimlet is a web site that answers each path with a document and remembers what was posted.
type twimlet struct {
	t     *testing.T
	token string
	pages map[string]http.HandlerFunc

	mu  sync.Mutex
	got []posted
}

type posted struct {
	path string
	form url.Values
	head http.Header
}

func (s *twimlet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, err := url.ParseQuery(string(body))
	if err != nil {
		s.t.Errorf("%s: %v", r.URL, err)
	}
	signed := url.Values(nil)
	if r.Method == http.MethodPost {
		signed = form
		if got := r.Header.Get("Content-Type"); got != "application/x-www-form-urlencoded; charset=UTF-8" {
			s.t.Errorf("%s: content type %q", r.URL, got)
		}
	}
	address := public + r.URL.RequestURI()
	if got, want := r.Header.Get("X-Twilio-Signature"), SignTwilio(s.token, address, signed); got != want {
		s.t.Errorf("%s: signature %q, want %q", address, got, want)
	}
	s.mu.Lock()
	s.got = append(s.got, posted{r.URL.Path, form, r.Header})
	page := s.pages[r.URL.Path]
	s.mu.Unlock()
	if page == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	page(w, r)
}

// requests lists what was posted to a path.
func (s *twimlet) requests(path string) []posted {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []posted
	for _, p := range s.got {
		if p.path == path {
			out = append(out, p)
		}
	}
	return out
}

// story is what was posted, one line each, with the parameters that matter for a path.
func (s *twimlet) story() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, p := range s.got {
		line := p.path
		for _, k := range []string{"CallStatus", "DialCallStatus", "DialBridged", "DialCallDuration", "Digits", "RecordingDuration",
			"RecordingStatus", "CallDuration", "Duration"} {
			if p.form.Has(k) {
				line += " " + k + "=" + p.form.Get(k)
			}
		}
		out = append(out, line)
	}
	return out
}

func twiml(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?><Response>`+body+`</Response>`)
	}
}

// The documents of a usual missed-call set-up.
const (
	ringsCell = `<Dial action="/rung" timeout="20" answerOnBridge="true"><Number url="/screen" statusCallback="/leg"
		statusCallbackEvent="initiated ringing answered completed">+14155550101</Number></Dial>`
	screens = `<Gather numDigits="1" action="/accept" finishOnKey=""><Say>Call for Acme. Press any key to accept.</Say></Gather><Hangup/>`
	takes   = `<Say>Leave a message after the tone</Say><Record action="/recorded" maxLength="120" timeout="5"
		recordingStatusCallback="/recording" recordingStatusCallbackEvent="completed absent"/><Hangup/>`
)

// twilioWorld is a network whose one line is at Twilio.
func twilioWorld(t *testing.T, a TwilioAccount) (*Network, *Twilio, *twimlet) {
	n := New(Options{Seed: 1})
	site := &twimlet{t: t, pages: map[string]http.HandlerFunc{
		"/voice": twiml(ringsCell), "/screen": twiml(screens), "/accept": twiml(""), "/recorded": twiml("<Hangup/>"),
		"/rung": func(w http.ResponseWriter, r *http.Request) {
			twiml(takes)(w, r)
		},
	}}
	a.Hooks = Wire(site)
	x := n.Twilio(a)
	site.token = x.Token
	x.Owns(TwilioNumber{
		Number: mainLine, VoiceURL: public + "/voice", StatusCallback: public + "/status", SMSURL: public + "/text"})
	return n, x, site
}

// TestMissedCallsAtTwilio is the table of how a missed call shows.
func TestMissedCallsAtTwilio(t *testing.T) {
	greets := speaking("Leave a message after the tone")
	tests := []struct {
		name   string
		habits Habits
		set    func(p *Phone)
		does   func(c *Call)
		bridge bool // the site hangs up when the step is over
		brief  bool
		story  string
	}{{
		name: "rang out, voicemail",
		does: func(c *Call) { c.LeavesVoicemail(70*time.Second, nil) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/recorded CallStatus=completed Digits=hangup RecordingDuration=70
/status CallStatus=completed CallDuration=72 Duration=2
/recording RecordingDuration=70 RecordingStatus=completed`,
	}, {
		name: "caller hangs up while it rings: canceled",
		does: func(c *Call) { c.HangsUpAfter(7 * time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=canceled CallDuration=0 Duration=0
/rung CallStatus=no-answer DialCallStatus=canceled DialBridged=false
/status CallStatus=no-answer CallDuration=0 Duration=0`,
	}, {
		name: "caller hangs up while it rings: no action", habits: Habits{SilentHangup: true},
		does: func(c *Call) { c.HangsUpAfter(7 * time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=canceled CallDuration=0 Duration=0
/status CallStatus=no-answer CallDuration=0 Duration=0`,
	}, {
		name: "caller is gone before the document came", brief: true,
		does: func(c *Call) {},
		story: `
/voice CallStatus=ringing
/status CallStatus=no-answer CallDuration=0 Duration=0`,
	}, {
		name: "busy", set: func(p *Phone) { p.Busy() },
		does: func(c *Call) { c.HangsUpAfter(time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=busy CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=busy DialBridged=false
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "declined, told as no-answer", habits: Habits{DeclineIsNoAnswer: true}, set: func(p *Phone) { p.Declines(5 * time.Second) },
		does: func(c *Call) { c.HangsUpAfter(6 * time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "failed", set: func(p *Phone) { p.Unreachable() },
		does: func(c *Call) { c.HangsUpAfter(time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=failed CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=failed DialBridged=false
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "a voicemail picks up and nobody presses", set: func(p *Phone) { p.VoicemailAnswers(10 * time.Second) },
		does: func(c *Call) { c.HangsUpAfter(19 * time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=in-progress
/screen CallStatus=in-progress
/leg CallStatus=completed CallDuration=8 Duration=1
/rung CallStatus=ringing DialCallStatus=completed DialBridged=false DialCallDuration=8
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "nobody presses, told as no-answer", habits: Habits{UnacceptedIsNoAnswer: true},
		set:  func(p *Phone) { p.VoicemailAnswers(10 * time.Second) },
		does: func(c *Call) { c.HangsUpAfter(19 * time.Second) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=in-progress
/screen CallStatus=in-progress
/leg CallStatus=completed CallDuration=8 Duration=1
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "accepted", set: func(p *Phone) { p.Accepts(10 * time.Second).Talks(30 * time.Second) }, bridge: true,
		does: func(*Call) {},
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=in-progress
/screen CallStatus=in-progress
/accept CallStatus=in-progress Digits=1
/leg CallStatus=completed CallDuration=33 Duration=1
/rung CallStatus=in-progress DialCallStatus=completed DialBridged=true DialCallDuration=33
/status CallStatus=completed CallDuration=30 Duration=1`,
	}, {
		name: "the caller hangs up during the greeting",
		does: func(c *Call) { c.HangsUpAfter(20*time.Second + greets/2) },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/status CallStatus=completed CallDuration=1 Duration=1`,
	}, {
		name: "the caller hangs up at the tone", does: func(c *Call) { c.RingsOut() },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/status CallStatus=completed CallDuration=2 Duration=1
/recording RecordingDuration=0 RecordingStatus=absent`,
	}, {
		name: "the caller hangs up at the tone, told", habits: Habits{EmptyRecordingTold: true}, does: func(c *Call) { c.RingsOut() },
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/recorded CallStatus=completed Digits=hangup RecordingDuration=0
/status CallStatus=completed CallDuration=2 Duration=1
/recording RecordingDuration=0 RecordingStatus=absent`,
	}, {
		name: "the caller says nothing: the next verb runs", does: func(*Call) {},
		story: `
/voice CallStatus=ringing
/leg CallStatus=initiated
/leg CallStatus=ringing
/leg CallStatus=no-answer CallDuration=0 Duration=0
/rung CallStatus=ringing DialCallStatus=no-answer DialBridged=false
/status CallStatus=completed CallDuration=7 Duration=1
/recording RecordingDuration=0 RecordingStatus=absent`,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, x, site := twilioWorld(t, TwilioAccount{})
				defer n.Close()
				n.Behave(tt.habits)
				if tt.set != nil {
					tt.set(n.Phone(ana))
				}
				if tt.bridge {
					site.pages["/rung"] = twiml("<Hangup/>")
				}
				c := n.Phone(caller).Dials(Dial{To: mainLine, Brief: tt.brief})
				tt.does(c)
				<-c.Done()
				time.Sleep(time.Minute)
				synctest.Wait()
				expectStory(t, site.story(), tt.story)
				if a := x.Alerts(); len(a) > 0 {
					t.Errorf("the debugger complains: %+v", a)
				}
			})
		})
	}
}

func TestWebhookForms(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{AdvancedOptOut: true})
		defer n.Close()
		n.Phone(ana).Accepts(time.Second).Talks(2 * time.Second)
		c := n.Phone(caller).Dials(Dial{To: mainLine, ForwardedFrom: "+14155550777", CallerID: rebound.No})
		<-c.Done()
		n.Phone(caller).Texts(mainLine, "stop")
		synctest.Wait()
		n.Phone(ana).Texts(mainLine, "look", Picture{"image/png", []byte("png")})
		time.Sleep(time.Minute)
		synctest.Wait()
		every := "CallSid AccountSid From To Caller Called CallStatus ApiVersion Direction FromCity FromState FromZip FromCountry ToCity CalledZip CallerState"
		wants := map[string]string{
			"/voice":  every + " ForwardedFrom StirVerstat",
			"/leg":    every + " ParentCallSid SequenceNumber Timestamp CallbackSource",
			"/screen": every + " ParentCallSid",
			"/rung":   every + " DialCallStatus DialCallSid DialCallDuration DialBridged",
			"/status": every + " CallDuration Duration SequenceNumber Timestamp CallbackSource",
			"/text": "MessageSid SmsSid SmsMessageSid AccountSid From To Body NumMedia NumSegments SmsStatus ApiVersion " +
				"FromCity FromState FromZip FromCountry ToCity ToCountry",
		}
		for path, keys := range wants {
			got := site.requests(path)
			if len(got) == 0 {
				t.Errorf("nothing came to %s", path)
				continue
			}
			for _, k := range strings.Fields(keys) {
				if !got[0].form.Has(k) {
					t.Errorf("%s lacks %s", path, k)
				}
			}
			for _, h := range []string{"X-Twilio-Signature", "I-Twilio-Idempotency-Token", "X-Home-Region", "User-Agent"} {
				if got[0].head.Get(h) == "" {
					t.Errorf("%s lacks the header %s", path, h)
				}
			}
		}
		voice := site.requests("/voice")[0].form
		if voice.Get("StirVerstat") != "TN-Validation-Failed-A" || voice.Get("ForwardedFrom") != "+14155550777" ||
			voice.Get("AccountSid") != x.SID || voice.Get("CallSid") != c.ID || voice.Get("FromCity") != "" {
			t.Errorf("the voice form is %v", voice)
		}
		texts := site.requests("/text")
		if stop, pic := texts[0].form, texts[1].form; stop.Get("OptOutType") != "STOP" || !strings.HasPrefix(stop.Get("MessageSid"), "SM") ||
			pic.Get("NumMedia") != "1" || pic.Get("MediaContentType0") != "image/png" || !strings.HasPrefix(pic.Get("MessageSid"), "MM") {
			t.Errorf("the text forms are %v and %v", stop, pic)
		}
	})
}

func TestRetriesFallbackAndDeadline(t *testing.T) {
	down := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	tests := []struct {
		name     string
		voice    http.HandlerFunc
		fragment string
		tries    int
		code     string
		waits    time.Duration
	}{
		{name: "5xx is not repeated by default", voice: down, tries: 1, code: "11200"},
		{name: "5xx is repeated when asked for", voice: down, fragment: "#rc=2&rp=all", tries: 3, code: "11200"},
		{name: "4xx is not covered by 5xx", voice: http.NotFound, fragment: "#rc=2&rp=5xx", tries: 1, code: "11200"},
		{name: "not XML", voice: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<Response/>") }, tries: 1, code: "12300"},
		{name: "no Response", voice: func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/xml")
			io.WriteString(w, "<Answer/>")
		}, tries: 1, code: "12100"},
		{name: "unknown verb", voice: twiml("<Ring/>"), tries: 1, code: "12200"},
		{name: "cut off", voice: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, tries: 1, code: "11206"},
		{name: "never answers", voice: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, tries: 1, code: "11200",
			waits: 15 * time.Second},
		{name: "answers too late for its own setting", voice: func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			fragment: "#rt=1000&rc=2&rp=rt", tries: 3, code: "11200", waits: 3 * time.Second},
		{name: "redirects for ever", voice: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/voice", http.StatusTemporaryRedirect)
		},
			tries: 11, code: "11215"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, x, site := twilioWorld(t, TwilioAccount{})
				defer n.Close()
				site.pages["/voice"] = tt.voice
				site.pages["/fallback"] = twiml("<Hangup/>")
				set, _ := x.Number(mainLine)
				set.VoiceURL, set.VoiceFallbackURL = set.VoiceURL+tt.fragment, public+"/fallback"
				x.Owns(set)
				began := time.Now()
				c := n.Phone(caller).Calls(mainLine)
				<-c.Done()
				if took := time.Since(began); took != tt.waits {
					t.Errorf("the fallback came after %v, want %v", took, tt.waits)
				}
				tries, fallback := site.requests("/voice"), site.requests("/fallback")
				if len(tries) != tt.tries || len(fallback) != 1 || fallback[0].form.Get("ErrorCode") != tt.code {
					t.Fatalf("%d tries, fallback %v; want %d and code %s", len(tries), fallback, tt.tries, tt.code)
				}
				for _, r := range tries {
					if r.head.Get("I-Twilio-Idempotency-Token") != tries[0].head.Get("I-Twilio-Idempotency-Token") {
						t.Error("the tries have different tokens")
					}
				}
				if a := x.Alerts(); len(a) != 1 || a[0].Code != tt.code || a[0].Form.Get("CallSid") != c.ID {
					t.Errorf("the alerts are %+v", a)
				}
			})
		})
	}
}

func TestRedirectLosesTheForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		site.pages["/voice"] = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/moved", http.StatusFound) }
		site.pages["/moved"] = twiml("<Hangup/>")
		<-n.Phone(caller).Calls(mainLine).Done()
		if got := site.requests("/moved"); len(got) != 1 || len(got[0].form) != 0 {
			t.Errorf("after 302 came %+v", got)
		}
	})
}

func TestWithheldCallerNeedsACallerID(t *testing.T) {
	for shown, shows := range map[string]bool{"anonymous": false, "+266696687": false, string(caller): true} {
		synctest.Test(t, func(t *testing.T) {
			n, x, site := twilioWorld(t, TwilioAccount{})
			defer n.Close()
			<-n.Phone(caller).CallsAs(shown, mainLine).RingsOut().Done()
			want := map[bool]string{true: "no-answer", false: "failed"}[shows]
			if got := site.requests("/rung")[0].form.Get("DialCallStatus"); got != want || (len(x.Alerts()) == 0) != shows {
				t.Errorf("%s: the dial ended %s, want %s; alerts %v", shown, got, want, x.Alerts())
			}
		})
	}
}

func TestPoundEndsTheInputByDefault(t *testing.T) {
	for finish, accepted := range map[string]bool{"": false, ` finishOnKey=""`: true} {
		synctest.Test(t, func(t *testing.T) {
			n, _, site := twilioWorld(t, TwilioAccount{})
			defer n.Close()
			site.pages["/screen"] = twiml(`<Gather numDigits="1" action="/accept"` + finish + `><Say>Press any key.</Say></Gather><Hangup/>`)
			n.Phone(ana).Accepts(time.Second).Presses("#")
			<-n.Phone(caller).Calls(mainLine).RingsOut().Done()
			if got := len(site.requests("/accept")) == 1; got != accepted {
				t.Errorf("with %q: accepted %v, want %v", finish, got, accepted)
			}
		})
	}
}

func TestOtherVerbs(t *testing.T) {
	tests := map[string]struct {
		voice  string
		status rebound.EndStatus
		took   time.Duration
	}{
		"reject":         {`<Reject/>`, rebound.EndNoAnswer, 0},
		"reject as busy": {`<Reject reason="busy"/>`, rebound.EndBusy, 0},
		"sequential":     {`<Dial sequential="true" timeout="10"><Number>+14155550101</Number><Number>+14155550102</Number></Dial>`, rebound.EndCompleted, 20 * time.Second},
		"without action": {`<Dial timeout="10">+14155550101</Dial><Pause length="3"/><Say>Bye</Say>`, rebound.EndCompleted, 14 * time.Second},
		"redirect":       {`<Pause/><Redirect>/accept</Redirect>`, rebound.EndCompleted, time.Second},
		"menu":           {`<Gather numDigits="1" action="/accept" timeout="4"><Say>Press one</Say></Gather><Pause/>`, rebound.EndCompleted, 6 * time.Second},
		"bad number":     {`<Dial><Number>415-555</Number></Dial>`, rebound.EndCompleted, refusing},
		"sip":            {`<Dial><Sip>sip:desk@pbx.example.com</Sip></Dial>`, rebound.EndCompleted, refusing},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, x, site := twilioWorld(t, TwilioAccount{})
				defer n.Close()
				site.pages["/voice"] = twiml(tt.voice)
				began := time.Now()
				c := n.Phone(caller).Calls(mainLine)
				<-c.Done()
				if c.Status() != tt.status || time.Since(began) != tt.took || (len(x.Alerts()) > 0) != (name == "bad number") {
					t.Errorf("ended %s after %v, want %s after %v; alerts %v", c.Status(), time.Since(began), tt.status, tt.took, x.Alerts())
				}
			})
		})
	}
}

func TestIntercept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		var kept []Webhook
		n.Intercept(func(w Webhook) []Webhook {
			switch {
			case w.Kind == carrier.AtStatus:
				return nil
			case w.Kind == carrier.AtLeg:
				kept = append(kept, w)
				return nil
			case w.Kind == carrier.AtVoice:
				if !w.Asked {
					t.Error("the number's address is asked")
				}
				return Twice(time.Minute)(w)
			}
			return []Webhook{w}
		})
		<-n.Phone(caller).Calls(mainLine).HangsUpAfter(5 * time.Second).Done()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		expectStory(t, site.story(), `
/voice CallStatus=ringing
/rung CallStatus=no-answer DialCallStatus=canceled DialBridged=false
/voice CallStatus=ringing`)
		n.Intercept(nil)
		slices.Reverse(kept)
		for _, w := range kept {
			if err := n.Deliver(w); err != nil {
				t.Error(err)
			}
		}
		if got := site.requests("/leg"); len(got) != 3 || got[0].form.Get("CallStatus") != "canceled" || got[2].form.Get("CallStatus") != "initiated" {
			t.Errorf("delivered by hand: %v", site.story())
		}
		two := site.requests("/voice")
		if two[0].head.Get("I-Twilio-Idempotency-Token") != two[1].head.Get("I-Twilio-Idempotency-Token") {
			t.Error("a repeated webhook has another token")
		}
	})
}

func TestTextFallbackAndService(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		site.pages["/text"] = twiml("<Message>hello</Message>")
		service := x.Serves(TwilioService{InboundURL: public + "/service"})
		set, _ := x.Number(mainLine)
		set.SMSFallbackURL = public + "/fallback"
		x.Owns(set)
		n.Phone(caller).Texts(mainLine, "one")
		synctest.Wait()
		if len(site.requests("/fallback")) != 1 || len(x.Alerts()) != 1 {
			t.Errorf("an answer with a text in it: %v, %v", site.story(), x.Alerts())
		}
		set.Service = service
		x.Owns(set)
		n.Phone(caller).Texts(mainLine, "two")
		synctest.Wait()
		if got := site.requests("/service"); len(got) != 1 || got[0].form.Get("MessagingServiceSid") != service {
			t.Errorf("a number of a service: %v", site.story())
		}
		set.SMSApplication = "AP00000000000000000000000000000000"
		x.Owns(set)
		n.Phone(caller).Texts(mainLine, "three")
		synctest.Wait()
		if len(site.requests("/service")) != 1 || len(site.requests("/text")) != 1 {
			t.Error("an application does not override the addresses")
		}
	})
}

func TestEveryGoroutineEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // the bubble fails when one is left
		n, _, site := twilioWorld(t, TwilioAccount{})
		site.pages["/screen"] = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		n.Phone(ana).Accepts(time.Second)
		for i := range 10 {
			n.Phone(caller).Calls(mainLine).HangsUpAfter(time.Hour)
			n.Phone(phone.Number(fmt.Sprintf("+1415555%04d", i))).Calls(mainLine).LeavesVoicemail(0, nil)
			n.Phone(caller).Texts(mainLine, "hi")
			time.Sleep(300 * time.Millisecond)
		}
		time.Sleep(700 * time.Millisecond)
		n.Close()
		c := n.Phone(caller).Calls(mainLine)
		<-c.Done()
	})
}

// get makes a REST request in the account's name.
func get(t *testing.T, x *Twilio, method, path string, form url.Values) (int, map[string]any) {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.SetBasicAuth(x.SID, x.Token)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	x.Handler().ServeHTTP(w, r)
	var body map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Errorf("%s %s: %v in %q", method, path, err, w.Body)
		}
	}
	checkContract(t, r, form, w)
	return w.Code, body
}

func TestWebhooksByGET(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		said := url.Values{}
		site.pages["/voice"] = func(w http.ResponseWriter, r *http.Request) {
			said = r.URL.Query()
			twiml("<Hangup/>")(w, r)
		}
		set, _ := x.Number(mainLine)
		set.VoiceURL, set.VoiceMethod = public+"/voice?a=b", http.MethodGet
		x.Owns(set)
		c := n.Phone(caller).Calls(mainLine)
		<-c.Done()
		if said.Get("CallSid") != c.ID || said.Get("a") != "b" {
			t.Errorf("the query says %v", said)
		}
	})
}

func TestMenuKeysAndForbiddenVerbs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		site.pages["/voice"] = twiml(`<Gather numDigits="2" action="/choice"><Say>Press one two</Say></Gather>`)
		site.pages["/choice"] = twiml(ringsCell)
		site.pages["/screen"] = twiml(`<Dial>+14155550102</Dial>`)
		n.Phone(ana).Accepts(time.Second)
		c := n.Phone(caller).Calls(mainLine).Presses("12").HangsUpAfter(5 * time.Second)
		<-c.Done()
		if got := site.requests("/choice"); len(got) != 1 || got[0].form.Get("Digits") != "12" {
			t.Errorf("the menu: %v", site.story())
		}
		if a := x.Alerts(); len(a) != 1 || a[0].Code != "12200" || c.Legs()[0].Status() != rebound.EndCompleted {
			t.Errorf("a Dial on a leg: %v", a)
		}
	})
}
