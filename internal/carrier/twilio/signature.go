package twilio

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/http"
	"slices"
	"strings"

	"rebound"
)

// Verify reports whether Twilio signed the request: X-Twilio-Signature is the base64 of the
// HMAC-SHA1, under the auth token, of the address and, for a form, of its parameters. The address
// is the configured public one with path and query; the request's Host is never looked at. A nil
// error means yes. The other answers are Forbidden: R1101 no auth token here, R1102 no signature,
// R1103 a wrong one.
func (d *Door) Verify(r *http.Request, address string, body []byte) error {
	if len(d.token) == 0 {
		return rebound.Errorf(rebound.Forbidden, "R1101", "This connection has no auth token, so that nothing can prove that a request is Twilio's: set the connection's auth_token.")
	}
	header := r.Header.Get("X-Twilio-Signature")
	if header == "" {
		return rebound.Errorf(rebound.Forbidden, "R1102", "The request has no X-Twilio-Signature: only Twilio may call this address.")
	}
	wrong := rebound.Errorf(rebound.Forbidden, "R1103", "The signature is wrong: check the connection's auth token (the account's primary one) and that the public address is written as Twilio calls it.")
	given, err := base64.StdEncoding.DecodeString(header)
	if err != nil {
		return wrong
	}
	address, _, _ = strings.Cut(address, "#")
	params, ok := signedParameters(r, address, body)
	if !ok {
		return wrong
	}
	for _, form := range signedForms(address) {
		if hmac.Equal(given, d.sign(form, params)) {
			return nil
		}
	}
	return wrong
}

func (d *Door) sign(address, params string) []byte {
	mac := hmac.New(sha1.New, d.token)
	mac.Write([]byte(address))
	mac.Write([]byte(params))
	return mac.Sum(nil)
}

// signedParameters returns what of the body is signed after the address: of a form every key and
// value. Of any other body nothing is, and only its hash in the signed query vouches for it.
func signedParameters(r *http.Request, address string, body []byte) (params string, ok bool) {
	if r.Method != http.MethodPost {
		return "", true // the parameters are in the address
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" {
		f, err := parseForm(body)
		if err != nil {
			return "", false
		}
		return f.signed(), true
	}
	return "", hashVouches(address, body)
}

func hashVouches(address string, body []byte) bool {
	_, query, _ := strings.Cut(address, "?")
	q, err := parseForm([]byte(query))
	if err != nil {
		return false
	}
	want, err := hex.DecodeString(q.raw("bodySHA256"))
	if err != nil {
		return false
	}
	got := sha256.Sum256(body)
	return hmac.Equal(got[:], want)
}

// signed joins the parameters in the order in which Twilio signs them: by key, the values of a
// repeated key sorted too and each only once.
func (f form) signed() string {
	sorted := slices.Clone(f)
	slices.SortFunc(sorted, func(a, b parameter) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return strings.Compare(a.value, b.value)
	})
	var b strings.Builder
	for _, p := range slices.Compact(sorted) {
		b.WriteString(p.key)
		b.WriteString(p.value)
	}
	return b.String()
}

// signedForms lists the forms of an address that Twilio may have signed, the likeliest first: as
// it is, without its port, with the scheme's own port, and each of these with the query's values
// percent-encoded as Twilio's older signers did.
func signedForms(address string) []string {
	forms := []string{address}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		return forms
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority, path := rest[:end], rest[end:]
	if host, port := splitPort(authority); port != "" {
		forms = append(forms, scheme+"://"+host+path)
	} else if strings.EqualFold(scheme, "https") {
		forms = append(forms, scheme+"://"+host+":443"+path)
	} else {
		forms = append(forms, scheme+"://"+host+":80"+path)
	}
	if strings.Contains(address, "?") {
		for _, f := range forms[:len(forms):len(forms)] {
			forms = append(forms, legacyQuery(f))
		}
	}
	return forms
}

// splitPort cuts ":port" off an authority, which may hold user information and an IPv6 literal.
func splitPort(authority string) (host, port string) {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') || colon < strings.LastIndexByte(authority, '@') {
		return authority, ""
	}
	return authority[:colon], authority[colon:]
}

// legacyQuery percent-encodes what an address's query may hold as it is and Twilio's older signers
// encoded: an apostrophe is signed as %27.
func legacyQuery(address string) string {
	const digits = "0123456789ABCDEF"
	path, query, _ := strings.Cut(address, "?")
	b := append(make([]byte, 0, len(address)+16), path...)
	b = append(b, '?')
	for _, c := range []byte(query) {
		if c <= ' ' || c > '~' || strings.IndexByte(`'"<>`, c) >= 0 {
			b = append(b, '%', digits[c>>4], digits[c&15])
		} else {
			b = append(b, c)
		}
	}
	return string(b)
}
