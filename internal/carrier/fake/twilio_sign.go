package fake

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// SignTwilio is the signature of a form that Twilio posts to an address: of the address as called,
// without its fragment, followed by each key with its values. Keys come in order, the values of
// one key too and without repetitions. A nil form is a GET request.
//
// It is written from the description alone, so that it can check the package that verifies it.
func SignTwilio(token, address string, form url.Values) string {
	var said strings.Builder
	said.WriteString(withoutFragment(address))
	keys := make([]string, 0, len(form))
	for k := range form {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		values := slices.Clone(form[k])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			said.WriteString(k)
			said.WriteString(v)
		}
	}
	mac := hmac.New(sha1.New, []byte(token))
	mac.Write([]byte(said.String()))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SignTwilioJSON is the signature of a JSON body, and the address with the body's digest in its
// query, which is what is signed.
func SignTwilioJSON(token, address string, body []byte) (signature, called string) {
	sum := sha256.Sum256(body)
	called = withoutFragment(address)
	separator := "?"
	if strings.Contains(called, "?") {
		separator = "&"
	}
	called += separator + "bodySHA256=" + hex.EncodeToString(sum[:])
	return SignTwilio(token, called, nil), called
}

func withoutFragment(address string) string {
	before, _, _ := strings.Cut(address, "#")
	return before
}
