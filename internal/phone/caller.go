package phone

import (
	"net/url"
	"strings"
	"unicode"
)

// CallerKind says what a carrier's "from" is.
type CallerKind string

// The kinds of caller. Only a KindNumber can be texted.
const (
	KindNumber    CallerKind = "number"
	KindAnonymous CallerKind = "anonymous"  // withheld by the caller or lost on the way
	KindSIP       CallerKind = "sip"        // a SIP or app address, even if its user part is a number
	KindShortCode CallerKind = "short_code" // 3 to 6 digits: a service, not a person
	KindMalformed CallerKind = "malformed"
)

// Caller is who calls, as far as the carrier says.
type Caller struct {
	// Number is set for KindNumber, and for KindSIP if the user part of the
	// address is a number; it then tells who may be calling, not whom to text.
	Number Number
	// Raw is what the carrier sent, without control characters and cut to 250
	// bytes, so that it can be stored and shown as it is.
	Raw  string
	Kind CallerKind
}

// ParseCaller reads the "from" of a carrier, which can be a number, a SIP URI,
// a short code, a word, keypad digits that spell a word, or nothing at all. A
// carrier that sends digits without + (Plivo, Vonage) must have the + put back
// by its own package: ten bare digits may spell RESTRICTED.
func ParseCaller(raw, defaultRegion string) Caller {
	c := Caller{Raw: storable(raw)}
	from := strings.TrimSpace(c.Raw)
	if isWithheld(from) {
		c.Kind = KindAnonymous
		return c
	}
	if sip, ok := parseSIP(from); ok {
		c.Kind = KindSIP
		if isWithheld(sip.user) || sip.host == "anonymous.invalid" {
			c.Kind = KindAnonymous
		} else if n, err := Parse(sip.user, defaultRegion); err == nil {
			c.Number = n
		}
		return c
	}
	if digits := strings.TrimPrefix(from, "+"); 3 <= len(digits) && len(digits) <= 6 && isDigits(digits) {
		c.Kind = KindShortCode
		return c
	}
	n, err := Parse(from, defaultRegion)
	if err != nil {
		c.Kind = KindMalformed
		return c
	}
	c.Kind, c.Number = KindNumber, n
	return c
}

// storable keeps what both databases and every screen can hold.
func storable(raw string) string {
	clean := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(raw, ""))
	if len(clean) > maxInput {
		clean = strings.ToValidUTF8(clean[:maxInput], "")
	}
	return clean
}

// isWithheld reports whether from stands for "the caller does not show a
// number": a word, the digits that spell it on a keypad, or nothing.
func isWithheld(from string) bool {
	word := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, from)
	switch word {
	case "", "anonymous", "restricted", "unavailable", "unknown", "blocked", "private", "withheld",
		"anonymouscaller", "unknowncaller", "privatecaller", "unknownnumber", "privatenumber",
		"nocallerid", "notavailable", "outofarea":
		return true
	case "266696687", // ANONYMOUS
		"7378742833",  // RESTRICTED
		"86282452253", // UNAVAILABLE
		"8656696",     // UNKNOWN
		"2562533",     // BLOCKED
		"7748283":     // PRIVATE
		return true
	}
	return false
}

// sipAddress is what matters of a SIP URI, such as sip:+14155550134@192.0.2.1:5060.
type sipAddress struct{ user, host string }

// parseSIP reads a SIP URI, bare or in angle brackets behind a display name, or
// an app's address ("client:ana"). The user's password and parameters are dropped.
func parseSIP(raw string) (sipAddress, bool) {
	uri := strings.TrimSpace(raw)
	if _, after, ok := strings.Cut(uri, "<"); ok {
		uri, _, _ = strings.Cut(after, ">")
	}
	scheme, rest, ok := strings.Cut(uri, ":")
	if !ok {
		return sipAddress{}, false
	}
	switch strings.ToLower(scheme) {
	case "sip", "sips":
	case "client":
		return sipAddress{user: rest}, true
	default:
		return sipAddress{}, false
	}
	user, host, ok := strings.Cut(rest, "@")
	if !ok {
		user, host = "", rest
	}
	if i := strings.IndexAny(user, ":;"); i >= 0 {
		user = user[:i]
	}
	if i := strings.IndexAny(host, ":;?"); i >= 0 {
		host = host[:i]
	}
	if plain, err := url.PathUnescape(user); err == nil {
		user = plain
	}
	return sipAddress{user: user, host: strings.ToLower(host)}, true
}
