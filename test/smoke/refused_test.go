package smoke

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"rebound/internal/carrier/fake"
)

// What a stranger sends, or a carrier that was set up wrong, is answered with what is wrong, and
// nothing of it is kept.
func TestBadRequestsAreRefusedAndNothingOfThemIsStored(t *testing.T) {
	onBoth(t, func(s *shop) {
		s.serve()
		db := s.database()
		good := func() url.Values { return s.missedForm("+12065550100", mainLine, "CA1") }
		form := func(change func(url.Values)) url.Values {
			f := good()
			change(f)
			return f
		}
		for name, c := range map[string]struct {
			request *http.Request
			status  int
			says    string
		}{
			"wrong signature": {forged(s.request("status", good())), http.StatusForbidden, "signature is wrong"},
			"no signature":    {unsigned(s.request("status", good())), http.StatusForbidden, "no X-Twilio-Signature"},
			"another's form":  {altered(s.request("status", good())), http.StatusForbidden, "signature is wrong"},
			"made up address": {s.request("receipt/acme/m1/AAAAAAAAAAAAAAAAAAAAAA", good()), http.StatusForbidden, "R1002"},
			"no such place":   {s.request("nothing", good()), http.StatusForbidden, "R1002"},
			"unknown line":    {s.request("status", form(func(f url.Values) { f.Set("To", "+14155559999") })), http.StatusNotFound, "R1203"},
			"text to unknown": {s.request("text", url.Values{"MessageSid": {"SM1"}, "From": {"+12065550100"}, "To": {"+14155559999"}, "Body": {"Hello"}}), http.StatusNotFound, "R1203"},
			"malformed line":  {s.request("status", form(func(f url.Values) { f.Set("To", "our number") })), http.StatusBadRequest, "R1202"},
			"no call named":   {s.request("status", form(func(f url.Values) { f.Del("CallSid") })), http.StatusBadRequest, "R1111"},
			"body too large":  {s.request("status", form(func(f url.Values) { f.Set("More", strings.Repeat("x", 256<<10)) })), http.StatusRequestEntityTooLarge, "R1006"},
			"no form":         {typed(s.request("status", good()), "text/plain"), http.StatusUnsupportedMediaType, "R1005"},
		} {
			if status, says := s.send(c.request); status != c.status || !strings.Contains(says, c.says) {
				s.Errorf("%s: answered %d %q, expected %d and %q", name, status, says, c.status, c.says)
			}
		}
		if n := s.count(db, everything); n != 0 {
			s.Errorf("%d rows were kept of requests that were refused", n)
		}
		if got := s.health(); got.Webhooks.Forged != 5 || got.Webhooks.Refused != 6 || got.Webhooks.Taken != 0 || !got.OK {
			s.Errorf("the health page says %+v", got)
		}
		if len(s.network.Taken(mainLine)) != 0 {
			s.Error("a text went out")
		}
	})
}

func forged(r *http.Request) *http.Request {
	r.Header.Set("X-Twilio-Signature", fake.SignTwilio("another account's token", r.URL.String(), nil))
	return r
}

func unsigned(r *http.Request) *http.Request {
	r.Header.Del("X-Twilio-Signature")
	return r
}

// altered changes a form after it was signed.
func altered(r *http.Request) *http.Request {
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("CallSid=CA2&CallStatus=no-answer")), -1
	return r
}

func typed(r *http.Request, contentType string) *http.Request {
	r.Header.Set("Content-Type", contentType)
	return r
}

// health is what /healthz answers.
type health struct {
	OK       bool   `json:"ok"`
	Database string `json:"database"`
	Schema   int    `json:"schema"`
	Webhooks struct{ Taken, Forged, Refused, Failed int }
}

func (s *shop) health() health {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, publicURL+"/healthz", nil)
	if err != nil {
		s.Fatal(err)
	}
	status, body := s.send(r)
	var h health
	if err := json.Unmarshal([]byte(body), &h); err != nil || status != http.StatusOK {
		s.Fatalf("/healthz: %d %s", status, body)
	}
	return h
}
