package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound/internal/app"
	"rebound/internal/carrier/fake"
	"rebound/internal/carrier/twilio"
	"rebound/internal/config"
)

func TestTheDoctorFindsNothingDeclared(t *testing.T) {
	o := newOperator(t)
	stdout, _ := o.runs(1, "doctor")
	wants(t, stdout, "✓ time zones", "✓ pages", "✓ database", "synchronous=2", "✓ data folder", "! businesses", "! clock", "✗ public address", "→ set public_url")
	asJSON, _ := o.runs(1, "doctor", "--json")
	var answer struct {
		OK     bool
		Checks []finding
	}
	if err := json.Unmarshal([]byte(asJSON), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.OK || len(answer.Checks) != 7 || answer.Checks[6].State != bad {
		t.Errorf("got %+v", answer)
	}
}

func TestTheDoctorSaysThatTheDatabaseCannotBeOpened(t *testing.T) {
	o := newOperator(t, "REBOUND_DATABASE=postgres://nobody@127.0.0.1:1/nothing?connect_timeout=2")
	stdout, _ := o.runs(1, "doctor")
	wants(t, stdout, "✗ database", "open the database")
}

// clinic is an installation that is reached at a public address, and its account at a Twilio on loopback.
type clinic struct {
	*operator
	twilio *fake.Twilio
	server *httptest.Server // the public address
}

const (
	accountSID = "AC00000000000000000000000000000000"
	hush       = "hush0123456789hush0123456789hush"
)

func newClinic(t *testing.T, connection string) *clinic {
	network := fake.New(fake.Options{})
	t.Cleanup(network.Close)
	account := network.Twilio(fake.TwilioAccount{SID: accountSID, Token: hush})
	api := httptest.NewServer(account.Handler())
	t.Cleanup(api.Close)

	o := newOperator(t, "TOKEN="+hush, "REBOUND_PASSWORD=correct horse battery")
	instance := ""
	public := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" && r.URL.Query().Get("nonce") != "" {
			w.Header().Set("X-Rebound-Instance", instance)
		}
	}))
	t.Cleanup(public.Close)
	o.env = append(o.env, "REBOUND_PUBLIC_URL="+public.URL)
	o.runs(0, "apply", o.writes("business.yaml", strings.Replace(plumber, "auth_token: env:TOKEN",
		"auth_token: env:TOKEN, base_url: \""+api.URL+"\""+connection, 1)))
	instance = instanceOf(t, o)
	return &clinic{o, account, public}
}

func instanceOf(t *testing.T, o *operator) string {
	t.Helper()
	cfg := config.Default()
	cfg.Data = filepath.Join(o.folder, "data")
	a, err := app.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	return a.Instance()
}

func (c *clinic) doctor(want int, args ...string) string {
	c.t.Helper()
	stdout, stderr := c.runs(want, append([]string{"doctor"}, args...)...)
	if strings.Contains(stdout+stderr, hush) {
		c.t.Errorf("the doctor shows a secret:\n%s%s", stdout, stderr)
	}
	return stdout
}

func TestTheDoctorSetsANumberUp(t *testing.T) {
	c := newClinic(t, "")
	c.twilio.Owns(fake.TwilioNumber{Number: "+14155550100", VoiceURL: "https://demo.twilio.com/welcome/voice/"})
	stdout := c.doctor(1)
	wants(t, stdout, "✓ public address", "leads here", "✓ clock", "✓ account acme.main", "✗ line acme.main", "calls go to https://demo.twilio.com/welcome/voice/ instead of",
		"texts go nowhere", "→ run: rebound doctor --fix")

	stdout = c.doctor(0, "--fix")
	wants(t, stdout, "✓ line acme.main", "set just now, and read back", "! line acme.main", "TwiML Bin")
	number, _ := c.twilio.Number("+14155550100")
	hook := c.server.URL + "/hook/twilio/acme.main"
	if number.VoiceURL != hook+"/voice#rc=2&rp=all" || number.SMSURL != hook+"/text#rc=2&rp=all" || !strings.HasPrefix(number.StatusCallback, hook+"/status") {
		t.Errorf("the number is set to %+v", number)
	}
	if stdout = c.doctor(0); strings.Contains(stdout, "set just now") {
		t.Errorf("without --fix something was set:\n%s", stdout)
	}
}

func TestTheDoctorSetsTheFallback(t *testing.T) {
	const bin = "https://handler.twilio.com/twiml/EH00000000000000000000000000000000"
	c := newClinic(t, ", fallback_url: \""+bin+"\"")
	c.twilio.Owns(fake.TwilioNumber{Number: "+14155550100"})
	stdout := c.doctor(0, "--fix")
	if strings.Contains(stdout, "TwiML Bin") {
		t.Errorf("the doctor asks for a fallback that is there:\n%s", stdout)
	}
	if number, _ := c.twilio.Number("+14155550100"); number.VoiceFallbackURL != bin {
		t.Errorf("the fallback is %q, want %q", number.VoiceFallbackURL, bin)
	}
}

func TestTheDoctorKnowsWhatOverridesANumber(t *testing.T) {
	c := newClinic(t, "")
	c.twilio.Owns(fake.TwilioNumber{Number: "+14155550100", TrunkSID: "TK00000000000000000000000000000000", SMSApplication: "AP00000000000000000000000000000000"})
	stdout := c.doctor(1, "--fix")
	wants(t, stdout, "SIP trunk TK", "application AP")
}

func TestTheDoctorChecksCredentialsAndOwnership(t *testing.T) {
	c := newClinic(t, "")
	stdout := c.doctor(1)
	wants(t, stdout, "+1 415-555-0100 is not a number of this Twilio account")

	c.env[slices.Index(c.env, "TOKEN="+hush)] = "TOKEN=another"
	stdout = c.doctor(1)
	wants(t, stdout, "✗ account acme.main", "Twilio does not take these credentials", "Auth Token")

	c.env[slices.Index(c.env, "TOKEN=another")] = "TOKEN="
	stdout = c.doctor(1)
	wants(t, stdout, "auth_token: the environment variable TOKEN is not set")
}

func TestWhatAnswersAtThePublicAddress(t *testing.T) {
	tests := []struct {
		name     string
		instance string
		status   int
		want     string
	}{
		{"this installation", "me", 200, "ok leads here"},
		{"this installation, sick", "me", 503, "fail leads here, but the server is not well (HTTP 503)"},
		{"another installation", "you", 200, "fail leads to another installation"},
		{"a proxy", "", 502, "fail is answered by a proxy that does not reach Rebound (HTTP 502)"},
		{"a stranger", "", 200, `fail is answered by a different server (HTTP 200, "nginx")`},
		{"a redirect", "", 301, "fail redirects to https://elsewhere.example.com"},
	}
	for _, test := range tests {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Rebound-Instance", test.instance)
			w.Header().Set("Server", "nginx")
			w.Header().Set("Location", "https://elsewhere.example.com")
			w.WriteHeader(test.status)
		}))
		f := doctorOf(server.URL).checkPublicURL(t.Context(), "me")
		server.Close()
		if got := fmt.Sprintf("%s %s", f.State, strings.TrimPrefix(f.Words, server.URL+" ")); !strings.HasPrefix(got, test.want) || (f.Remedy == "") != (f.State == fine) {
			t.Errorf("%s: %s (%s), want %s", test.name, got, f.Remedy, test.want)
		}
	}
}

func doctorOf(public string) *doctor {
	return newDoctor(&call{}, config.Config{PublicURL: public})
}

func TestWhyNothingAnswersAtThePublicAddress(t *testing.T) {
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	defer untrusted.Close()
	untrusted.Config.ErrorLog = nil
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	tests := []struct{ address, want string }{
		{untrusted.URL, "authority that nobody trusts"},
		{"https" + strings.TrimPrefix(plain.URL, "http"), "does not speak TLS"},
		{closed.URL, "nothing listens there"},
		{"http://" + silent.Addr().String(), "no answer within"},
	}
	for _, test := range tests {
		d := doctorOf(test.address)
		if strings.Contains(test.address, silent.Addr().String()) {
			d.web.Timeout = 200 * time.Millisecond // nothing will come, however long one waits
		}
		if f := d.checkPublicURL(t.Context(), "me"); f.State != bad || !strings.Contains(f.Words, test.want) || f.Remedy == "" {
			t.Errorf("%s: %+v, want %q", test.address, f, test.want)
		}
	}
}

func TestNetworkErrorsAreExplained(t *testing.T) {
	tests := []struct {
		err         error
		want, wants string
	}{
		{&net.DNSError{Name: "x.example.com", IsNotFound: true}, "x.example.com is not in the DNS", "A or AAAA record"},
		{&net.DNSError{Name: "x.example.com", Err: "server misbehaving"}, "could not be asked for x.example.com: server misbehaving", "resolv.conf"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, "nobody trusts", "whole chain"},
		{&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "a", Certificate: &x509.Certificate{}}}, "for another name", "this host name"},
		{&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.Expired}}, "expired", "renew"},
		{&tls.CertificateVerificationError{Err: x509.CertificateInvalidError{Reason: x509.TooManyIntermediates}}, "not valid", "another certificate"},
		{context.DeadlineExceeded, "no answer within", "firewall"},
		{fmt.Errorf("the cable is cut"), "the cable is cut", "network"},
	}
	for _, test := range tests {
		words, remedy := explainNetwork(&url.Error{Op: "Get", URL: "https://x.example.com", Err: test.err})
		if !strings.Contains(words, test.want) || !strings.Contains(remedy, test.wants) {
			t.Errorf("%v: %q, %q; want %q, %q", test.err, words, remedy, test.want, test.wants)
		}
	}
}

func TestTheClockIsJudgedByWhatIsCertain(t *testing.T) {
	date := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		before, after time.Duration // from date
		want          state
		words         string
	}{
		{0, 100 * time.Millisecond, fine, "agrees"},
		{-5 * time.Second, -5 * time.Second, fine, "agrees"},
		{6 * time.Second, 6 * time.Second, fine, "agrees"},
		{-time.Minute, time.Minute, fine, "agrees"}, // a slow answer proves nothing
		{-10 * time.Second, -10 * time.Second, bad, "10s behind"},
		{7 * time.Second, 8 * time.Second, bad, "6s ahead of"},
		{time.Hour, time.Hour, bad, "59m59s ahead of"},
	}
	for _, test := range tests {
		f := judgeClock(date.Add(test.before), date.Add(test.after), date)
		if f.State != test.want || !strings.Contains(f.Words, test.words) {
			t.Errorf("asked from %s to %s: %+v, want %s %q", test.before, test.after, f, test.want, test.words)
		}
	}
}

func TestTheClockOfAnAnswer(t *testing.T) {
	date := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header()["Date"] = []string{date} }))
	defer server.Close()
	tests := []struct {
		date string
		want state
	}{
		{time.Now().UTC().Format(http.TimeFormat), fine},
		{time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), bad},
		{"soon", minor},
	}
	for _, test := range tests {
		date = test.date
		if f := doctorOf("").checkClock(t.Context(), server.URL); f.State != test.want {
			t.Errorf("%s: %+v, want %s", test.date, f, test.want)
		}
	}
	server.Close()
	if f := doctorOf("").checkClock(t.Context(), server.URL); f.State != minor || !strings.Contains(f.Words, "nothing listens") {
		t.Errorf("without a carrier: %+v", f)
	}
}

func TestNumbersAreJudged(t *testing.T) {
	want := twilio.NumberURLs{Voice: "https://r/voice#rc=2", VoiceFallback: "https://bin", Status: "https://r/status", Text: "https://r/text#rc=2", TextFallback: "https://r/text#rc=2"}
	post := twilio.NumberURLs{Voice: "POST", VoiceFallback: "POST", Status: "POST", Text: "POST", TextFallback: "POST"}
	tests := []struct {
		name     string
		change   func(*twilio.NumberConfig)
		services []twilio.MessagingService
		want     string // part of the only failure; empty: none
	}{
		{"as it should be", func(*twilio.NumberConfig) {}, nil, ""},
		{"service defers", func(*twilio.NumberConfig) {}, []twilio.MessagingService{{SID: "MG1", InboundURL: "https://x", UsesNumberURL: true}}, ""},
		{"service leads here", func(*twilio.NumberConfig) {}, []twilio.MessagingService{{SID: "MG1", InboundURL: "https://r/text"}}, ""},
		{"service overrides", func(*twilio.NumberConfig) {}, []twilio.MessagingService{{SID: "MG1", InboundURL: "https://x"}}, "MG1"},
		{"trunk", func(n *twilio.NumberConfig) { n.Trunk = "TK1" }, nil, "SIP trunk TK1"},
		{"voice application", func(n *twilio.NumberConfig) { n.VoiceApplication = "AP1" }, nil, "calls go to the TwiML application AP1"},
		{"text application", func(n *twilio.NumberConfig) { n.TextApplication = "AP2" }, nil, "texts go to the application AP2"},
		{"fax", func(n *twilio.NumberConfig) { n.ReceiveMode = "fax" }, nil, "faxes"},
		{"no calls", func(n *twilio.NumberConfig) { n.Calls = false }, nil, "cannot take calls"},
		{"no texts", func(n *twilio.NumberConfig) { n.SMS = false }, nil, "cannot send texts"},
		{"calls elsewhere", func(n *twilio.NumberConfig) { n.URLs.Voice = "https://x" }, nil, "calls go to https://x instead of https://r/voice#rc=2"},
		{"without retries", func(n *twilio.NumberConfig) { n.URLs.Voice = "https://r/voice" }, nil, "calls go to https://r/voice instead of"},
		{"other fallback", func(n *twilio.NumberConfig) { n.URLs.VoiceFallback = "https://r/voice" }, nil, "calls that cannot be answered go to"},
		{"no status", func(n *twilio.NumberConfig) { n.URLs.Status = "" }, nil, "reports on calls go nowhere"},
		{"texts by GET", func(n *twilio.NumberConfig) { n.Methods.Text = "GET" }, nil, "texts come by GET"},
		{"no text fallback", func(n *twilio.NumberConfig) { n.URLs.TextFallback = "" }, nil, "texts that cannot be taken go nowhere"},
	}
	for _, test := range tests {
		n := twilio.NumberConfig{Number: "+14155550100", URLs: want, Methods: post, Calls: true, SMS: true, ReceiveMode: "voice"}
		test.change(&n)
		found := judgeNumber("acme.main", n, test.services, want, want.VoiceFallback, false)
		switch {
		case len(found) != 1:
			t.Errorf("%s: %d findings, want one: %+v", test.name, len(found), found)
		case test.want == "" && found[0].State != fine, test.want != "" && (found[0].State != bad || !strings.Contains(found[0].Words, test.want) || found[0].Remedy == ""):
			t.Errorf("%s: %+v, want %q", test.name, found[0], test.want)
		}
	}
}

func TestSpaceAndPagesAreJudged(t *testing.T) {
	for free, want := range map[uint64]state{50 << 20: bad, 500 << 20: minor, 5 << 30: fine} {
		if f := judgeSpace("data", free); f.State != want {
			t.Errorf("%d MB free: %+v, want %s", free>>20, f, want)
		}
	}
	tests := []struct {
		cfg  config.Config
		want state
	}{
		{config.Config{Listen: "127.0.0.1:8080"}, fine},
		{config.Config{Listen: "127.0.0.1:8080", PublicURL: "https://x.example.com"}, minor},
		{config.Config{Listen: ":8080"}, minor},
		{config.Config{Listen: ":8080", Password: "correct horse"}, fine},
	}
	for _, test := range tests {
		if f := checkPages(test.cfg); f.State != test.want {
			t.Errorf("%+v: %+v, want %s", test.cfg, f, test.want)
		}
	}
	if f := checkFolder(filepath.Join(t.TempDir(), "missing")); f.State != bad {
		t.Errorf("a missing folder: %+v", f)
	}
}
