package twilio_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"

	"rebound"
	"rebound/internal/carrier/twilio"
)

const (
	// The token, address and parameters of the example in Twilio's documentation, on which the
	// tests of its SDKs build.
	exampleToken   = "12345"
	exampleAddress = "https://mycompany.com/myapp.php?foo=1&bar=2"
	exampleForm    = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
	exampleJSON    = `{"property": "value", "boolean": true}`
	exampleHash    = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
)

func doorWith(token string) *twilio.Door {
	return twilio.NewDoor(rebound.Connection{ID: "con1"}, twilio.Secrets{AuthToken: token})
}

// signedRequest is a request as the hook has it: its Host and address are what a proxy left of
// them, and must not matter.
func signedRequest(method, contentType, signature, body string) *http.Request {
	r := httptest.NewRequest(method, "http://10.0.0.7:8080/else", strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if signature != "" {
		r.Header.Set("X-Twilio-Signature", signature)
	}
	return r
}

const formType = "application/x-www-form-urlencoded; charset=UTF-8"

// The signatures come from Twilio's documentation and from the tests of its Node, C#, PHP and
// Python SDKs, those over %27 from Python's hmac; none was made by the code under test.
func TestVerifyPublishedVectors(t *testing.T) {
	const http80 = "http://mycompany.com/myapp.php?foo=1&bar=2"
	for _, c := range []struct {
		name, address, contentType, body, signature string
		valid                                       bool
	}{
		{"the documented example", exampleAddress, formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"parameters in another order", exampleAddress, formType,
			"To=%2B18005551212&Digits=1234&CallSid=CA1234567890ABCDE&From=%2B14158675309&Caller=%2B14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"a fragment is not signed", exampleAddress + "#rc=2&rp=all", formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https signed with its port", exampleAddress, formType, exampleForm, "kvajT1Ptam85bY51eRf/AJRuM3w=", true},
		{"http signed with its port", http80, formType, exampleForm, "0ZXoZLH/DfblKGATFgpif+LLRf4=", true},
		{"https called on a port, signed without", "https://mycompany.com:1234/myapp.php?foo=1&bar=2", formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https called on its port, signed without", "https://mycompany.com:443/myapp.php?foo=1&bar=2", formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
		{"https on a port, signed with it", "https://mycompany.com:1234/myapp.php?foo=1&bar=2", formType, exampleForm, "CYn1h0gLBdNxDGkKJg6hYohgeD8=", true},
		{"http on a port, signed with it", "http://mycompany.com:1234/myapp.php?foo=1&bar=2", formType, exampleForm, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", true},
		{"upper case in the host", "https://MyCompany.com/myapp.php?foo=1&bar=2", formType, exampleForm, "g9IN/x4Cft2g517EjYvEvM/W7LU=", true},
		{"user and password", "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", formType, exampleForm, "CukzLTc1tT5dXEDIHm/tKBanW10=", true},
		{"user and password, signed with the port", "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", formType, exampleForm, "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", true},
		{"user alone", "https://user@mycompany.com/myapp.php?foo=1&bar=2", formType, exampleForm, "2YRLlVAflCqxaNicjMpJcSTgzSs=", true},
		{"keys are sorted before they are joined", exampleAddress, formType, exampleForm + "&Reason=Participant&ReasonConferenceEnded=test", "vOEb5UThFn24KEfnOFLQY2AE5FY=", true},
		{"keys joined before they were sorted", exampleAddress, formType, exampleForm + "&Reason=Participant&ReasonConferenceEnded=test", "95+Bu0JVPi0r/SsESZCVf0dWAjw=", false},
		{"a repeated key, values sorted and once each", exampleAddress, formType, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU=", true},
		{"a repeated key in another order", exampleAddress, formType, "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx", "83O6e2vORAoJHUNzJjDWN1jz+BA=", true},
		{"an apostrophe in the query, as it is", exampleAddress + "&Body=It's+amazing", formType, exampleForm, "dsq4Ehbj6cs+KdTkpF5sSSplOWw=", true},
		{"an apostrophe in the query, signed as %27", exampleAddress + "&Body=It's+amazing", formType, exampleForm, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", true},
		{"the same, signed with the port", exampleAddress + "&Body=It's+amazing", formType, exampleForm, "OU0PwBcMvk9v0XjJUUQ652SK/T8=", true},
		{"a JSON body", exampleAddress + "&bodySHA256=" + exampleHash, "application/json", exampleJSON, "a9nBmqA0ju/hNViExpshrM61xv4=", true},
		{"an empty JSON object", exampleAddress + "&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "application/json", "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", true},
		{"a JSON body, the hash alone in the query", "https://mycompany.com/myapp.php?bodySHA256=" + exampleHash, "application/json", exampleJSON, "y77kIzt2vzLz71DgmJGsen2scGs=", true},
		{"another JSON body than was hashed", exampleAddress + "&bodySHA256=" + exampleHash, "application/json", exampleJSON + " ", "a9nBmqA0ju/hNViExpshrM61xv4=", false},
		{"a JSON body that nothing vouches for", exampleAddress, "application/json", exampleJSON, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"upper case in the host, another signature", "https://MyCompany.com/myapp.php?foo=1&bar=2", formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"a parameter more", exampleAddress, formType, exampleForm + "&Extra=1", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"a parameter less", exampleAddress, formType, "CallSid=CA1234567890ABCDE", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"another path", "https://mycompany.com/other.php?foo=1&bar=2", formType, exampleForm, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"a form that cannot be read", exampleAddress, formType, exampleForm + "&x=%zz", "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
		{"a signature that is no base64", exampleAddress, formType, exampleForm, "not a signature", false},
		{"the start of the signature", exampleAddress, formType, exampleForm, "RSOYDt4T1cUTdK1PDd93", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := doorWith(exampleToken).Verify(signedRequest("POST", c.contentType, c.signature, c.body), c.address, []byte(c.body))
			if valid := err == nil; valid != c.valid {
				t.Errorf("valid = %t, want %t (%v)", valid, c.valid, err)
			}
			if err != nil {
				wantCode(t, err, rebound.Forbidden, "R1103")
			}
		})
	}
}

func TestVerifyGetSignsTheAddressAlone(t *testing.T) {
	address := "https://mycompany.com/hook/twilio/con1/voice?" + exampleForm
	signature := reference(exampleToken, address, nil)
	door := doorWith(exampleToken)
	if err := door.Verify(signedRequest("GET", "", signature, ""), address, []byte(exampleForm)); err != nil {
		t.Errorf("a signed GET is refused: %v", err)
	}
	if err := door.Verify(signedRequest("GET", "", signature, ""), address+"&x=1", []byte(exampleForm+"&x=1")); err == nil {
		t.Error("a GET with another query than was signed is accepted")
	}
}

func TestVerifyRefusesWithoutSignatureOrToken(t *testing.T) {
	body := []byte(exampleForm)
	err := doorWith(exampleToken).Verify(signedRequest("POST", formType, "", exampleForm), exampleAddress, body)
	wantCode(t, err, rebound.Forbidden, "R1102")

	// Signed with the empty token, as anybody could.
	forged := reference("", exampleAddress, mustForm(t, exampleForm))
	err = doorWith("").Verify(signedRequest("POST", formType, forged, exampleForm), exampleAddress, body)
	wantCode(t, err, rebound.Forbidden, "R1101")
}

func TestVerifyBoundsTheWorkOfStrangers(t *testing.T) {
	body := strings.Repeat("a=1&", 100_000)
	err := doorWith(exampleToken).Verify(signedRequest("POST", formType, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", body), exampleAddress, []byte(body))
	wantCode(t, err, rebound.Forbidden, "R1103")
}

// reference signs as the documentation says, in other words than the code under test: by maps and
// the standard form parser.
func reference(token, address string, params url.Values) string {
	var keys []string
	for k := range params {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	signed := address
	for _, k := range keys {
		once := map[string]bool{}
		for _, v := range params[k] {
			once[v] = true
		}
		var values []string
		for v := range once {
			values = append(values, v)
		}
		sort.Strings(values)
		for _, v := range values {
			signed += k + v
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(signed))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestReferenceAgreesWithTheDocumentation(t *testing.T) {
	if got := reference(exampleToken, exampleAddress, mustForm(t, exampleForm)); got != "RSOYDt4T1cUTdK1PDd93/VVr8B8=" {
		t.Errorf("the reference signs %s", got)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(exampleForm, exampleAddress)
	f.Add("a=1&a=1&a=0&b&=x&&%61=2", "https://[::1]:8443/x?y='<>\x80")
	f.Add("k=%00%ff", "no address")
	f.Fuzz(func(t *testing.T, body, address string) {
		door := doorWith(exampleToken)
		params, err := url.ParseQuery(body)
		readable := err == nil && len(params) < 500 && strings.Count(body, "&") < 900
		base, _, _ := strings.Cut(address, "#")
		r := signedRequest("POST", formType, reference(exampleToken, base, params), body)
		if err := door.Verify(r, address, []byte(body)); readable && err != nil {
			t.Errorf("a signed request is refused: %v", err)
		}
		r = signedRequest("POST", formType, reference("another token", base, params), body)
		if err := door.Verify(r, address, []byte(body)); err == nil {
			t.Error("a request signed with another token is accepted")
		}
	})
}

func mustForm(t testing.TB, body string) url.Values {
	t.Helper()
	v, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func wantCode(t testing.TB, err error, kind rebound.Kind, code string) {
	t.Helper()
	var e *rebound.Error
	if !errors.As(err, &e) || e.Kind != kind || e.Code != code {
		t.Errorf("error = %v, want %s %s", err, kind, code)
	}
}
