package twilio

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// form is the parameters of a request in the order in which they came. Twilio adds parameters
// without notice, so unknown ones are kept for the signature and ignored otherwise.
type form []parameter

type parameter struct{ key, value string }

// mostParameters bounds the work that an unsigned request can cause. Twilio sends about 40.
const mostParameters = 1000

// parseForm reads application/x-www-form-urlencoded bytes. Unlike net/url it keeps the order and
// takes a semicolon as what it is.
func parseForm(body []byte) (form, error) {
	rest := string(body)
	n := 1 + strings.Count(rest, "&")
	if n > mostParameters {
		return nil, fmt.Errorf("more than %d parameters", mostParameters)
	}
	f := make(form, 0, n)
	for rest != "" {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(k)
		if err != nil {
			return nil, err
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			return nil, err
		}
		f = append(f, parameter{key, value})
	}
	return f, nil
}

// raw returns the first value of a key as it was sent, or "". Twilio sends keys with empty values,
// so that presence means nothing.
func (f form) raw(key string) string {
	for _, p := range f {
		if p.key == key {
			return p.value
		}
	}
	return ""
}

// text returns the first value of a key as both databases can hold it: valid UTF-8 without NUL.
func (f form) text(key string) string { return storable(f.raw(key)) }

func storable(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}

// first returns the value of the first of the keys that is not empty.
func (f form) first(keys ...string) string {
	for _, k := range keys {
		if v := f.text(k); v != "" {
			return v
		}
	}
	return ""
}

// seconds reads a whole number of seconds; anything else is 0.
func (f form) seconds(key string) time.Duration { return seconds(f.raw(key)) }

func seconds(s string) time.Duration {
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}
