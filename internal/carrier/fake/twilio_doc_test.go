package fake

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// The signatures that Twilio's own libraries publish, with the token 12345.
func TestSignaturesMatchThePublishedOnes(t *testing.T) {
	base := map[string][]string{
		"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+14158675309"}, "From": {"+14158675309"}, "Digits": {"1234"}, "To": {"+18005551212"},
	}
	with := func(more map[string][]string) map[string][]string {
		out := map[string][]string{}
		for _, m := range []map[string][]string{base, more} {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	tests := []struct {
		name, address, want string
		form                map[string][]string
	}{
		{"a form", "https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", base},
		{"with the port", "https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w=", base},
		{"keys in order", "https://mycompany.com/myapp.php?foo=1&bar=2", "vOEb5UThFn24KEfnOFLQY2AE5FY=",
			with(map[string][]string{"Reason": {"Participant"}, "ReasonConferenceEnded": {"test"}})},
		{"repeated keys", "https://mycompany.com/myapp.php?foo=1&bar=2", "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
			map[string][]string{"Digits": {"5678", "1234", "1234"}, "Sid": {"CA123"}, "SidAccount": {"AC123"}}},
		{"without the fragment", "https://mycompany.com/myapp.php?foo=1&bar=2#rc=2&rp=all", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", base},
	}
	for _, tt := range tests {
		if got := SignTwilio("12345", tt.address, tt.form); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	got, called := SignTwilioJSON("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", []byte(`{"property": "value", "boolean": true}`))
	if got != "a9nBmqA0ju/hNViExpshrM61xv4=" || !strings.Contains(called, "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620") {
		t.Errorf("a JSON body: %s at %s", got, called)
	}
}

// TestGrammarIsTwilios compares the table with the one derived from Twilio's own definitions.
func TestGrammarIsTwilios(t *testing.T) {
	var published struct {
		Voice map[string]struct {
			Children   map[string]string
			Attributes map[string]struct {
				Type string
				Enum []string
				List bool
			}
		}
	}
	if err := json.Unmarshal(readContract(t, "twiml_grammar.json"), &published); err != nil {
		t.Fatal(err)
	}
	for name, e := range grammar {
		p, known := published.Voice[name]
		if !known {
			t.Errorf("Twilio has no <%s>", name)
		}
		for _, inner := range strings.Fields(e.holds) {
			if p.Children[inner] == "" {
				t.Errorf("<%s> may not hold <%s>", name, inner)
			}
		}
		for a := range p.Attributes {
			if e.attrs[a] == "" {
				t.Errorf("<%s> lacks the attribute %s", name, a)
			}
		}
		for a, kind := range e.attrs {
			known, ok := p.Attributes[a]
			words := strings.Split(strings.TrimPrefix(kind, "list:"), "|")
			slices.Sort(words)
			slices.Sort(known.Enum)
			switch {
			case !ok:
				t.Errorf("Twilio's <%s> has no attribute %s", name, a)
			case (known.Type == "boolean") != (kind == "bool"):
				t.Errorf("<%s %s> is %s, not %s", name, a, known.Type, kind)
			case (known.Type == "number") != (kind[0] >= '0' && kind[0] <= '9'):
				t.Errorf("<%s %s> is %s, not %s", name, a, known.Type, kind)
			case len(known.Enum) > 0 && kind != "text" && kind != "language" && !slices.Equal(words, known.Enum):
				t.Errorf("<%s %s> is one of %v, not %s", name, a, known.Enum, kind)
			case known.List != strings.HasPrefix(kind, "list:"):
				t.Errorf("<%s %s>: a list or not", name, a)
			}
		}
	}
}

func TestDocuments(t *testing.T) {
	long := strings.Repeat(" ", largest)
	tests := []struct{ name, body, code string }{
		{"empty", `<Response/>`, ""},
		{"a declaration and a comment", `<?xml version="1.0"?><!-- hi --><Response><Hangup/></Response><!-- bye -->`, ""},
		{"text after it", `<Response/>bye`, "12100"},
		{"escaped", `<Response><Dial action="/a?b=1&amp;c=2">+14155550101</Dial></Response>`, ""},
		{"not escaped", `<Response><Dial action="/a?b=1&c=2">+14155550101</Dial></Response>`, "12100"},
		{"not closed", `<Response><Dial>`, "12100"},
		{"no XML", `hello`, "12100"},
		{"nothing", ``, "12100"},
		{"two roots", `<Response/><Response/>`, "12100"},
		{"unknown attribute", `<Response><Dial actoin="/a">+14155550101</Dial></Response>`, "12200"},
		{"wrong case", `<response/>`, "12100"},
		{"out of range", `<Response><Dial timeout="3">+14155550101</Dial></Response>`, "12200"},
		{"bad word", `<Response><Reject reason="asleep"/></Response>`, "12200"},
		{"bad event", `<Response><Dial><Number statusCallbackEvent="ringing picked">+1</Number></Dial></Response>`, "12200"},
		{"wrong place", `<Response><Number>+1</Number></Response>`, "12200"},
		{"text in Response", `<Response>hello</Response>`, "12200"},
		{"too many", `<Response><Dial>` + strings.Repeat(`<Number>+1</Number>`, 11) + `</Dial></Response>`, "13222"},
		{"nobody", `<Response><Dial/></Response>`, "13222"},
		{"bad SIP", `<Response><Dial><Sip>desk</Sip></Dial></Response>`, "13221"},
		{"too large", `<Response>` + long + `</Response>`, "11750"},
	}
	for _, tt := range tests {
		_, err := page{contentType: "text/xml; charset=utf-8", body: []byte(tt.body)}.parse()
		var c *complaint
		if errors.As(err, &c); (c == nil) != (tt.code == "") || c != nil && c.code != tt.code {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.code)
		}
	}
}

func TestOverrides(t *testing.T) {
	tests := map[string]overrides{
		"https://a/":             {15 * time.Second, 15 * time.Second, 1, []string{"ct"}},
		"https://a/#rc=2&rp=all": {15 * time.Second, 15 * time.Second, 2, []string{"all"}},
		"https://a/#rt=1000&tt=2000&rp=5xx,rt&rc=0": {time.Second, 2 * time.Second, 0, []string{"5xx", "rt"}},
		"https://a/#rt=99999&rc=9":                  {15 * time.Second, 15 * time.Second, 1, []string{"ct"}},
	}
	for address, want := range tests {
		got := overridesOf(address)
		if got.read != want.read || got.total != want.total || got.retries != want.retries || !slices.Equal(got.on, want.on) {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}

func TestSegments(t *testing.T) {
	for body, want := range map[string]int{
		"": 1, strings.Repeat("a", 160): 1, strings.Repeat("a", 161): 2, strings.Repeat("a", 307): 3,
		strings.Repeat("€", 80): 1, strings.Repeat("€", 81): 2, strings.Repeat("’", 70): 1, strings.Repeat("’", 71): 2,
		strings.Repeat("😀", 35): 1, strings.Repeat("😀", 36): 2,
	} {
		if got := segments(body); got != want {
			t.Errorf("%d bytes of %.4q: %d segments, want %d", len(body), body, got, want)
		}
	}
}
