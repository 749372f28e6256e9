package fake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/phone"
)

func (x *Twilio) message(more ...string) url.Values {
	f := url.Values{"From": {string(mainLine)}, "To": {string(caller)}, "Body": {"We missed your call"}}
	for i := 0; i < len(more); i += 2 {
		f.Set(more[i], more[i+1])
	}
	return f
}

func TestSendOverREST(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		status, sent := get(t, x, "POST", x.path("Messages.json"), x.message("StatusCallback", public+"/receipt", "ValidityPeriod", "300"))
		if status != 201 || sent["status"] != "queued" || sent["num_segments"] != "1" || sent["date_sent"] != nil {
			t.Errorf("sent: %d %v", status, sent)
		}
		if got, err := n.Phone(caller).NextText(t.Context()); err != nil || got.ID != sent["sid"] {
			t.Errorf("the handset got %v, %v", got, err)
		}
		n.Phone(caller).RefusesTexts("30003")
		get(t, x, "POST", x.path("Messages.json"), x.message("StatusCallback", public+"/receipt2"))
		n.Phone(ana).FailsTexts("30007")
		get(t, x, "POST", x.path("Messages.json"), x.message("StatusCallback", public+"/receipt3", "To", string(ana)))
		n.Behave(Habits{NoReceipts: true})
		time.Sleep(time.Minute)
		n.Behave(Habits{})
		get(t, x, "POST", x.path("Messages.json"), x.message("StatusCallback", public+"/receipt4", "To", string(ana)))
		time.Sleep(time.Minute)
		synctest.Wait()
		told := func(path string) (s string) {
			for _, r := range site.requests(path) {
				s += r.form.Get("MessageStatus") + r.form.Get("ErrorCode") + " "
			}
			return s
		}
		if told("/receipt") != "sent delivered " || told("/receipt2")+told("/receipt3") != "" || told("/receipt4") != "failed30007 " {
			t.Errorf("receipts %q, %q, %q, %q", told("/receipt"), told("/receipt2"), told("/receipt3"), told("/receipt4"))
		}
		form := site.requests("/receipt")[1].form
		for _, k := range strings.Fields("MessageSid MessageStatus To From AccountSid ApiVersion SmsSid SmsStatus RawDlrDoneDate") {
			if !form.Has(k) {
				t.Errorf("a receipt lacks %s", k)
			}
		}
		status, one := get(t, x, "GET", x.path("Messages/"+sent["sid"].(string)+".json"), nil)
		if status != 200 || one["status"] != "delivered" || one["date_sent"] == nil {
			t.Errorf("looked up: %d %v", status, one)
		}
		_, list := get(t, x, "GET", x.path("Messages.json?To=")+url.QueryEscape(string(caller)), nil)
		newest := list["messages"].([]any)[0].(map[string]any)
		if len(list["messages"].([]any)) != 2 || newest["status"] != "undelivered" || newest["error_code"] != 30003.0 {
			t.Errorf("listed: %v", list)
		}
		if n.Count(caller, "We missed your call") != 2 {
			t.Error("the count is wrong")
		}
	})
}

func TestRefusals(t *testing.T) {
	n, x, _ := twilioWorld(t, TwilioAccount{})
	defer n.Close()
	tests := map[string]struct {
		form url.Values
		code float64
	}{
		"no To":          {x.message("To", ""), 21604},
		"bad To":         {x.message("To", "+1415"), 21211},
		"To not E.164":   {x.message("To", "415 555 0134"), 21211},
		"no Body":        {x.message("Body", ""), 21602},
		"long Body":      {x.message("Body", strings.Repeat("é", 1601)), 21617},
		"foreign From":   {x.message("From", string(ana)), 21606},
		"no From":        {x.message("From", ""), 21603},
		"to itself":      {x.message("To", string(mainLine)), 21266},
		"bad validity":   {x.message("ValidityPeriod", "0"), 21620},
		"unknown fields": {x.message("Idempotency", "1"), 20001},
	}
	for name, tt := range tests {
		r := httptest.NewRequest("POST", x.path("Messages.json"), strings.NewReader(tt.form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(x.SID, x.Token)
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		checkError(t, w)
		if want := fmt.Sprintf(`"code":%d,`, int(tt.code)); w.Code != 400 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s, want %s", name, w.Code, w.Body, want)
		}
	}
	if len(n.Taken(mainLine)) != 0 {
		t.Error("a refused text was taken")
	}
}

func TestSignIn(t *testing.T) {
	n := New(Options{})
	defer n.Close()
	x := n.Twilio(TwilioAccount{KeyID: "SK1", KeySecret: "s"})
	for who, want := range map[[2]string]int{
		{x.SID, x.Token}: 200, {"SK1", "s"}: 200, {x.SID, "wrong"}: 401, {"", ""}: 401, {"SK1", x.Token}: 401,
	} {
		r := httptest.NewRequest("GET", "/2010-04-01/Accounts/"+x.SID+".json", nil)
		r.SetBasicAuth(who[0], who[1])
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%v: %d, want %d", who, w.Code, want)
		}
		checkContract(t, r, nil, w)
	}
	if status, _ := get(t, x, "GET", "/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json", nil); status != 404 {
		t.Errorf("another account: %d", status)
	}
}

// TestEveryAnswerKeepsTheContract asks for each thing that the account has; get checks the answers.
func TestEveryAnswerKeepsTheContract(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, _ := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		x.Serves(TwilioService{FriendlyName: "pool"})
		c := n.Phone(caller).Calls(mainLine).LeavesVoicemail(5*time.Second, nil)
		live := n.Phone(ana).Calls(mainLine)
		live.WaitRinging()
		get(t, x, "GET", x.path("Calls.json"), nil)
		if status, body := get(t, x, "POST", x.path("Calls/"+live.ID+".json"), url.Values{"Status": {"completed"}}); status != 200 {
			t.Errorf("ending a call: %d %v", status, body)
		}
		<-live.Done()
		<-c.Done()
		<-n.Phone(caller).Calls(mainLine).RingsOut().Done()
		picture := n.Phone(caller).Texts(mainLine, "look", Picture{"image/png", []byte("png")})
		time.Sleep(time.Minute)
		recording := c.Recordings()[0].ID
		paths := []string{
			"Calls.json", "Calls.json?ParentCallSid=" + c.ID, "Calls/" + c.ID + ".json", "Calls/" + c.Legs()[0].ID + ".json",
			"Calls.json?To=%2B14155550199&Status=completed&StartTime%3E=2000-01-01T00:00:00Z&EndTime%3C=2030-01-01T00:00:00Z",
			"Recordings.json", "Recordings.json?CallSid=" + c.ID + "&DateCreated%3E=1999-12-31T00:00:00Z", "Recordings/" + recording + ".json",
			"IncomingPhoneNumbers.json", "IncomingPhoneNumbers.json?PhoneNumber=%2B14155550199",
			"Messages.json", "Messages.json?From=%2B14155550134&DateSent%3E=2000-01-01T00:00:00Z", "Messages/" + picture + ".json",
			"Messages/" + picture + "/Media.json",
		}
		for _, p := range paths {
			if status, body := get(t, x, "GET", x.path(p), nil); status != 200 {
				t.Errorf("%s: %d %v", p, status, body)
			}
		}
		for p, want := range map[string]int{
			x.path("Calls/CA00000000000000000000000000000000.json"): 404, x.path("Conferences.json"): 501,
			x.path("Messages.json?PageSize=0"): 400, x.path("Messages.json?DateSent=yesterday"): 400,
			"/v2/Anything": 404, "/v1/Services/MG0": 404, "/v1/Services/MG0/PhoneNumbers": 404, "/v1/Alerts/NO0": 404,
			x.path("Messages/SM0/Media.json"): 404, x.path("IncomingPhoneNumbers/PN0.json"): 404,
		} {
			if status, body := get(t, x, "GET", p, nil); status != want {
				t.Errorf("%s: %d %v, want %d", p, status, body, want)
			}
		}
		_, legs := get(t, x, "GET", x.path("Calls.json?ParentCallSid="+c.ID), nil)
		if list := legs["calls"].([]any); len(list) != 1 || list[0].(map[string]any)["direction"] != "outbound-dial" {
			t.Errorf("the legs are %v", legs)
		}
	})
}

func TestPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, _ := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		for i := range 7 {
			get(t, x, "POST", x.path("Messages.json"), x.message("Body", fmt.Sprint(i)))
		}
		next := x.path("Messages.json?PageSize=3&From=%2B14155550199")
		var got string
		for next != "" {
			status, body := get(t, x, "GET", next, nil)
			if status != 200 {
				t.Fatalf("%s: %d", next, status)
			}
			for _, m := range body["messages"].([]any) {
				got += m.(map[string]any)["body"].(string)
			}
			get(t, x, "POST", x.path("Messages.json"), x.message("Body", "new")) // the list grows meanwhile
			next, _ = body["next_page_uri"].(string)
			if next != "" && !strings.HasPrefix(next, "/2010-04-01/") {
				t.Errorf("the next page is at %q", next)
			}
		}
		if got != "6543210" {
			t.Errorf("the pages hold %q", got)
		}
	})
}

func TestListsByTimeLagAndOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, _ := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		count := func(query string) int {
			status, body := get(t, x, "GET", x.path("Messages.json?"+query), nil)
			if status != 200 {
				return -status
			}
			return len(body["messages"].([]any))
		}
		since := func() string { return "DateSent%3E=" + time.Now().UTC().Format(time.RFC3339) }
		time.Sleep(700 * time.Millisecond)
		get(t, x, "POST", x.path("Messages.json"), x.message())
		if count(since()) != 1 {
			t.Error("a text of the same second is not found") // Twilio keeps whole seconds
		}
		time.Sleep(2 * time.Second)
		if count(since()) != 0 || count("") != 1 || count("DateSent%3C=1999-12-31T00:00:00Z") != 0 {
			t.Error("the time filters are wrong")
		}
		day := windowOf(url.Values{"D": {"2000-01-01"}}, "D") // a form that the description does not have
		if !day.holds(time.Now()) || day.holds(time.Now().AddDate(0, 0, 1)) || day.holds(time.Now().AddDate(0, 0, -1)) {
			t.Error("a bare date is not that day")
		}
		n.ListLag(10 * time.Second)
		if count("") != 0 {
			t.Error("the list does not lag")
		}
		time.Sleep(10 * time.Second)
		if count("") != 1 {
			t.Error("the list never catches up")
		}
		n.ListsDown(true)
		if count("") != -503 {
			t.Error("the list is not down")
		}
	})
}

func TestSettingsOfANumber(t *testing.T) {
	n, x, _ := twilioWorld(t, TwilioAccount{})
	defer n.Close()
	_, list := get(t, x, "GET", x.path("IncomingPhoneNumbers.json"), nil)
	sid := list["incoming_phone_numbers"].([]any)[0].(map[string]any)["sid"].(string)
	status, body := get(t, x, "POST", x.path("IncomingPhoneNumbers/"+sid+".json"), url.Values{"VoiceUrl": {"https://new.example.com/v"}, "VoiceMethod": {"GET"}})
	if set, _ := x.Number(mainLine); status != 200 || body["voice_url"] != "https://new.example.com/v" || set.VoiceMethod != "GET" || set.SMSURL == "" {
		t.Errorf("changed: %d %v, %+v", status, body, set)
	}
	if status, _ := get(t, x, "POST", x.path("IncomingPhoneNumbers/"+sid+".json"), url.Values{"SmsUrl": {"x"}, "SmsMethod": {"PUT"}}); status != 400 {
		t.Errorf("a wrong method: %d", status)
	}
	if set, _ := x.Number(mainLine); set.SMSURL == "x" {
		t.Error("half of a wrong change was made")
	}
}

func TestPicturesAndSounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{API: "https://twilio.example.com"})
		defer n.Close()
		c := n.Phone(caller).Calls(mainLine).LeavesVoicemail(4*time.Second, nil)
		<-c.Done()
		n.Phone(caller).Texts(mainLine, "", Picture{"image/png", []byte("png")})
		time.Sleep(time.Minute)
		synctest.Wait()
		client := http.Client{Transport: x.Transport()}
		fetch := func(address string) (string, string) {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", address, nil)
			r.SetBasicAuth(x.SID, x.Token)
			res, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			b, _ := io.ReadAll(res.Body)
			return res.Header.Get("Content-Type"), string(b)
		}
		if kind, data := fetch(site.requests("/text")[0].form.Get("MediaUrl0")); kind != "image/png" || data != "png" {
			t.Errorf("the picture is %q of %s", data, kind)
		}
		sound := site.requests("/recording")[0].form.Get("RecordingUrl")
		if kind, data := fetch(sound); kind != "audio/x-wav" || len(data) != 44+4*16000 {
			t.Errorf("the recording is %d bytes of %s", len(data), kind)
		}
		if kind, data := fetch(sound + ".mp3"); kind != "audio/mpeg" || len(data) != 144*55 || !bytes.HasPrefix([]byte(data), []byte{0xff, 0xe3}) {
			t.Errorf("the recording is %d bytes of %s", len(data), kind)
		}
		if status, _ := get(t, x, "DELETE", x.path("Recordings/"+c.Recordings()[0].ID+".json"), nil); status != 204 {
			t.Errorf("deleted: %d", status)
		}
		if status, _ := get(t, x, "GET", x.path("Recordings/"+c.Recordings()[0].ID+".json"), nil); status != 404 {
			t.Errorf("after it was deleted: %d", status)
		}
	})
}

// TestSendFaults sends over both ways of carrying requests and looks at what the client sees.
func TestSendFaults(t *testing.T) {
	n, x, _ := twilioWorld(t, TwilioAccount{})
	defer n.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go x.Serve(t.Context(), l)
	send := func(wire http.RoundTripper, body string) (status int, wrote bool, answer string, err error) {
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) { wrote = i.Err == nil }})
		form := x.message("Body", body).Encode()
		r, _ := http.NewRequestWithContext(ctx, "POST", "http://"+l.Addr().String()+x.path("Messages.json"), strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(x.SID, x.Token)
		patient := time.Minute
		if strings.Contains(body, "hangs") || strings.Contains(body, "too late") {
			patient = 200 * time.Millisecond
		}
		res, err := (&http.Client{Transport: wire, Timeout: patient}).Do(r)
		if err != nil {
			return 0, wrote, "", err
		}
		defer res.Body.Close()
		b, err := io.ReadAll(res.Body)
		return res.StatusCode, wrote, string(b) + res.Header.Get("Retry-After"), err
	}
	tests := []struct {
		name   string
		fault  SendFault
		status int
		says   string
		fails  bool
		taken  int
	}{
		{"fine", SendFault{}, 201, `"sid":"SM`, false, 1},
		{"refused", Refuse("21610", 400), 400, "21610", false, 0},
		{"rate", RateLimit(3 * time.Second), 429, "3", false, 0},
		{"broken", Break(503, false), 503, "20503", false, 0},
		{"broken after", Break(500, true), 500, "", false, 1},
		{"garbled", Garble(true), 201, "<html>", false, 1},
		{"hangs", Hang(false), 0, "", true, 0},
		{"hangs after", Hang(true), 0, "", true, 1},
		{"late", Late(50 * time.Millisecond), 201, `"sid":"SM`, false, 1},
		{"too late", Late(time.Hour), 0, "", true, 1},
		{"cut", Cut(false), 0, "", true, 0},
		{"cut after", Cut(true), 201, "", true, 1},
	}
	for kind, wire := range map[string]http.RoundTripper{"wire": x.Transport(), "listener": &http.Transport{DisableKeepAlives: true}} {
		for _, tt := range tests {
			n.NextSends(tt.fault)
			body := kind + " " + tt.name
			status, wrote, says, err := send(wire, body)
			if status != tt.status || !strings.Contains(says, tt.says) || (err != nil) != tt.fails || !wrote {
				t.Errorf("%s: %d %q %v, written %v", body, status, says, err, wrote)
			}
			if got := n.Count(caller, body); got != tt.taken {
				t.Errorf("%s: taken %d times, want %d", body, got, tt.taken)
			}
		}
	}
	n.NextSends(Unconnected())
	_, wrote, _, err := send(x.Transport(), "nobody there")
	var dial *net.OpError
	if !errors.As(err, &dial) || dial.Op != "dial" || wrote || n.Count(caller, "nobody there") != 0 {
		t.Errorf("no connection: %v, written %v", err, wrote)
	}
	n.EachSend(func(m Text) SendFault {
		if m.Body == "bad" {
			return Refuse("30007", 400)
		}
		return SendFault{}
	})
	if status, _, _, _ := send(x.Transport(), "bad"); status != 400 {
		t.Errorf("chosen by its body: %d", status)
	}
	if status, _, _, _ := send(x.Transport(), "good"); status != 201 {
		t.Errorf("chosen by its body: %d", status)
	}
}

func TestStopAtTwilio(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		n.Phone(caller).Texts(mainLine, "STOP")
		time.Sleep(time.Minute)
		if status, body := get(t, x, "POST", x.path("Messages.json"), x.message()); status != 400 || body["code"] != 21610.0 {
			t.Errorf("after STOP: %d %v", status, body)
		}
		synctest.Wait()
		if got := site.requests("/text"); len(got) != 1 || got[0].form.Has("OptOutType") {
			t.Errorf("STOP is told without advanced opt-out as %v", got)
		}
	})
}

func TestWithdrawnCallKeepsItsStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, _ := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		c := n.Phone(caller).Calls(mainLine)
		c.WaitRinging()
		_, before := get(t, x, "GET", x.path("Calls/"+c.ID+".json"), nil)
		c.HangsUp()
		<-c.Done()
		_, after := get(t, x, "GET", x.path("Calls/"+c.ID+".json"), nil)
		if before["status"] != "ringing" || after["status"] != string(rebound.EndNoAnswer) || before["end_time"] != nil || after["end_time"] == nil {
			t.Errorf("before %v, after %v", before, after)
		}
	})
}

func BenchmarkSend(b *testing.B) {
	n := New(Options{})
	defer n.Close()
	n.Behave(Habits{NoReceipts: true})
	x := n.Twilio(TwilioAccount{})
	x.Owns(TwilioNumber{Number: mainLine})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go x.Serve(b.Context(), l)
	client := http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	address := "http://" + l.Addr().String() + x.path("Messages.json")
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			form := x.message("To", fmt.Sprintf("+1415555%04d", i%10000), "Body", fmt.Sprint(i)).Encode()
			r, _ := http.NewRequest("POST", address, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.SetBasicAuth(x.SID, x.Token)
			res, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "sends/s")
}

func TestServicesAndAlerts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, x, site := twilioWorld(t, TwilioAccount{})
		defer n.Close()
		service := x.Serves(TwilioService{FriendlyName: "pool", InboundURL: public + "/service"})
		x.Serves(TwilioService{FriendlyName: "other"})
		set, _ := x.Number(mainLine)
		set.Service = service
		number := x.Owns(set)
		site.pages["/voice"] = http.NotFound
		c := n.Phone(caller).Calls(mainLine)
		<-c.Done()
		_, one := get(t, x, "GET", "/v1/Services/"+service, nil)
		_, all := get(t, x, "GET", "/v1/Services?PageSize=1", nil)
		_, in := get(t, x, "GET", "/v1/Services/"+service+"/PhoneNumbers", nil)
		next := all["meta"].(map[string]any)["next_page_url"]
		if one["use_inbound_webhook_on_number"] != false || len(all["services"].([]any)) != 1 || next == nil ||
			in["phone_numbers"].([]any)[0].(map[string]any)["sid"] != number {
			t.Errorf("services: %v, %v, %v", one, all, in)
		}
		_, list := get(t, x, "GET", "/v1/Alerts?LogLevel=error&StartDate=2000-01-01T00:00:00Z", nil)
		alert := list["alerts"].([]any)[0].(map[string]any)
		if alert["error_code"] != "11200" || alert["request_variables"] != nil {
			t.Errorf("alerts: %v", list)
		}
		_, whole := get(t, x, "GET", "/v1/Alerts/"+alert["sid"].(string), nil)
		said, err := url.ParseQuery(whole["request_variables"].(string))
		if err != nil || said.Get("CallSid") != c.ID {
			t.Errorf("the alert says %v", whole)
		}
		if _, one := get(t, x, "GET", x.path("IncomingPhoneNumbers/"+number+".json"), nil); one["phone_number"] != string(mainLine) {
			t.Errorf("the number: %v", one)
		}
	})
}

// BenchmarkMissedCall is what the network itself needs for a call that is not answered: a webhook
// with its signature, a document, and the status callback.
func BenchmarkMissedCall(b *testing.B) {
	n := New(Options{})
	defer n.Close()
	x := n.Twilio(TwilioAccount{Hooks: Wire(twiml("<Reject/>"))})
	x.Owns(TwilioNumber{Number: mainLine, VoiceURL: public + "/voice", StatusCallback: public + "/status"})
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		<-n.Phone(phone.Number(fmt.Sprintf("+1415555%04d", i%10000))).Calls(mainLine).Done()
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}
