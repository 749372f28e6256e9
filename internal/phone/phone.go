// Package phone reads telephone numbers as carriers and people write them, and
// answers what a number alone tells: its country, its kind, how to show it.
//
// It never asks a carrier. Whether a number is in service, was ported, or can
// receive texts is a look-up's business.
package phone

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
)

// Number is a telephone number in E.164, such as "+14155550134". A Number made
// by [Parse] is well formed; the zero value means that there is none. A string
// converted to Number by other means is safe but may answer nothing.
type Number string

// maxInput bounds, in bytes, what is looked at; the longest real input is a SIP URI.
const maxInput = 250

// Parse reads a number in E.164, in international form, or as it is dialled in
// defaultRegion (ISO 3166 alpha-2; "" if there is none), with the usual
// punctuation. Of a sip: or sips: URI it reads the user part; whether a SIP
// caller counts as a telephone is for [ParseCaller] to say.
//
// Parse checks the form, not the assignment: the length must fit the country's
// numbering plan, and a +1 number must have the shape NXX-NXX-XXXX. Number
// blocks open faster than any program's tables are updated, and a refused
// caller is a lost one; [Number.Region] is "" for a block it does not know.
//
// Letters and extensions are refused, not guessed at. The error names the value
// and says how to write it.
func Parse(raw, defaultRegion string) (Number, error) {
	if isNANP(raw) {
		return Number(raw), nil
	}
	digits, err := dialled(raw)
	if err != nil {
		return "", refusal(raw, err)
	}
	region := strings.ToUpper(strings.TrimSpace(defaultRegion))
	if digits[0] != '+' && phonenumbers.GetCountryCodeForRegion(region) == 0 {
		return "", refusal(raw, errors.New("its country is not known; write it with + and country code"))
	}
	n, err := read(digits, region)
	if err == nil && string(n) != digits && !isNANP(string(n)) {
		// A number that reads differently by itself would be two contacts.
		if again, _ := read(string(n), ""); again != n {
			err = errors.New("it can be read in two ways; write it with + and country code")
		}
	}
	if err != nil {
		return "", refusal(raw, err)
	}
	return n, nil
}

// isNANP reports whether s is a North American number in E.164. Nearly all
// traffic is, and this spares it the general parser.
func isNANP(s string) bool {
	return len(s) == 12 && s[:2] == "+1" && s[2] >= '2' && s[5] >= '2' && isDigits(s[1:])
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// dialled reduces raw to at least one ASCII digit, after a + if raw had one.
func dialled(raw string) (string, error) {
	if len(raw) > maxInput {
		return "", errors.New("it is too long; write it like +14155550134")
	}
	text := raw
	if sip, ok := parseSIP(raw); ok {
		text = sip.user
	}
	var out strings.Builder
	for _, r := range text {
		switch {
		case '0' <= r && r <= '9':
			out.WriteRune(r)
		case '０' <= r && r <= '９':
			out.WriteRune(r - '０' + '0')
		case (r == '+' || r == '＋') && out.Len() == 0:
			out.WriteByte('+')
		case !isPunctuation(r):
			return "", errors.New("write it in digits like +14155550134, without letters or extension")
		}
	}
	if strings.Trim(out.String(), "+") == "" {
		return "", errors.New("it has no digits; write it like +14155550134")
	}
	return out.String(), nil
}

// isPunctuation reports whether r is a sign that people, word processors and
// address books put around or between the digits of a number.
func isPunctuation(r rune) bool {
	switch r {
	case ' ', '\t', '\u00a0', '\u202f', '-', '\u2212', '.', '/', '(', ')', '[', ']',
		'\u00ad', '\u200b', '\u2060', // invisible breaks
		'\u200e', '\u200f', '\u202a', '\u202c', '\u202d', '\u2066', '\u2068', '\u2069': // writing direction
		return true
	}
	return '\u2010' <= r && r <= '\u2015' // hyphens and dashes
}

// read turns digits as they are dialled in region, or after a + anywhere, into a number.
func read(digits, region string) (Number, error) {
	parsed, err := phonenumbers.Parse(digits, region)
	if err != nil {
		return "", errors.New("no country has such numbers; write it with + and country code")
	}
	n := Number(phonenumbers.Format(parsed, phonenumbers.E164))
	return n, possible(n)
}

// possible says what keeps n from being a number of its country, if anything.
func possible(n Number) error {
	plan := n.split()
	if plan == nil {
		return errors.New("no country has such numbers; write it with + and country code")
	}
	switch phonenumbers.IsPossibleNumberWithReason(plan) {
	case phonenumbers.IS_POSSIBLE:
	case phonenumbers.TOO_LONG:
		return errors.New("it has too many digits; write it like +14155550134")
	case phonenumbers.TOO_SHORT, phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return errors.New("it has too few digits; write it with country and area code")
	default:
		return errors.New("its country has no numbers of this length; write it with country and area code")
	}
	if plan.GetCountryCode() == 1 && !isNANP(string(n)) {
		return errors.New("no area code or exchange begins with 0 or 1; write it like +14155550134")
	}
	return nil
}

// refusal is the error about raw, which may come from a stranger and be of any length.
func refusal(raw string, why error) error {
	const shown = 40
	if utf8.RuneCountInString(raw) > shown {
		raw = string([]rune(raw)[:shown]) + "…"
	}
	return fmt.Errorf("%q is not a phone number: %w", raw, why)
}

// split is n as the numbering plans are asked about it, or nil if no country
// has its code. It is ten times cheaper than to parse again.
func (n Number) split() *phonenumbers.PhoneNumber {
	const longest = 15 // digits, E.164
	if len(n) < 2 || n[0] != '+' || len(n) > 1+longest || !isDigits(string(n[1:])) {
		return nil
	}
	rest, code := n[1:], int32(0)
	for range 3 {
		if rest == "" {
			return nil
		}
		code, rest = code*10+int32(rest[0]-'0'), rest[1:]
		if phonenumbers.GetSupportedCallingCodes()[int(code)] {
			return planned(code, string(rest))
		}
	}
	return nil
}

// planned is the national number under a country code. Leading zeros, which
// Italy and others dial from abroad too, are counted beside the value.
func planned(code int32, national string) *phonenumbers.PhoneNumber {
	p := &phonenumbers.PhoneNumber{CountryCode: &code}
	zeros, value, leading := int32(0), uint64(0), true
	for i := range len(national) {
		leading = leading && national[i] == '0' && i < len(national)-1
		if leading {
			zeros++
		}
		value = value*10 + uint64(national[i]-'0')
	}
	p.NationalNumber = &value
	if zeros > 0 {
		yes := true
		p.ItalianLeadingZero, p.NumberOfLeadingZeros = &yes, &zeros
	}
	return p
}

// HasRegion reports whether code is the ISO 3166 alpha-2 code, in capitals, of a place with phone
// numbers of its own.
func HasRegion(code string) bool { return phonenumbers.GetCountryCodeForRegion(code) != 0 }

// Region is the country or territory (ISO 3166 alpha-2) that n belongs to, told
// by the number itself: "+1242…" is "BS" and "+1416…" is "CA", not "US". It is ""
// for satellite and other numbers of no country, and for blocks not known here.
func (n Number) Region() string {
	p := n.split()
	if p == nil {
		return ""
	}
	region := phonenumbers.GetRegionCodeForNumber(p)
	if len(region) != 2 { // "001" stands for the world
		return ""
	}
	return region
}

// Prefix is the block of neighbouring numbers that n is counted with when a
// flood of spoofed callers must be held back: the country code and all national
// digits but the last five, at least two; for +1 all but the last four (+1NPANXX).
func (n Number) Prefix() string {
	if isNANP(string(n)) {
		return string(n[:len("+1NPANXX")])
	}
	p := n.split()
	if p == nil {
		return ""
	}
	code := len(fmt.Sprint(p.GetCountryCode()))
	return string(n[:min(len(n), max(len(n)-5, 1+code+2))])
}

// National is n for a reader of the same country: "(415) 555-0134".
func (n Number) National() string { return n.format(phonenumbers.NATIONAL) }

// International is n for a reader anywhere: "+1 415-555-0134".
func (n Number) International() string { return n.format(phonenumbers.INTERNATIONAL) }

func (n Number) format(f phonenumbers.PhoneNumberFormat) string {
	p := n.split()
	if p == nil {
		return string(n)
	}
	return phonenumbers.Format(p, f)
}

// LineType is the kind of line that a number's block is set aside for.
type LineType string

// The kinds of line. In North America numbers are ported freely between
// landlines and mobiles, so that most there are LandlineOrMobile.
const (
	Mobile           LineType = "mobile"
	Landline         LineType = "landline"
	LandlineOrMobile LineType = "landline_or_mobile"
	TollFree         LineType = "toll_free"
	PremiumRate      LineType = "premium" // the caller or texter pays extra, all or a share of it to the callee
	VoIP             LineType = "voip"
	Pager            LineType = "pager"
	Other            LineType = "other" // personal numbers, company-wide numbers, voicemail access
	Unknown          LineType = "unknown"
)

// LineType is what the number alone tells; only a look-up knows more.
func (n Number) LineType() LineType {
	p := n.split()
	if p == nil {
		return Unknown
	}
	if isPayPerCall(n) {
		return PremiumRate
	}
	switch phonenumbers.GetNumberType(p) {
	case phonenumbers.MOBILE:
		return Mobile
	case phonenumbers.FIXED_LINE:
		return Landline
	case phonenumbers.FIXED_LINE_OR_MOBILE:
		return LandlineOrMobile
	case phonenumbers.TOLL_FREE:
		return TollFree
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST:
		return PremiumRate
	case phonenumbers.VOIP:
		return VoIP
	case phonenumbers.PAGER:
		return Pager
	case phonenumbers.PERSONAL_NUMBER, phonenumbers.UAN, phonenumbers.VOICEMAIL:
		return Other
	}
	return Unknown
}

// isPayPerCall knows what the numbering plans leave out: in every North
// American area code the exchange 976 is for services billed to the caller.
func isPayPerCall(n Number) bool {
	return isNANP(string(n)) && n[5:8] == "976"
}

// Premium reports whether calls and texts to n cost more than the ordinary rate:
// premium and shared-cost ranges. Such numbers are never called or texted.
func (n Number) Premium() bool { return n.LineType() == PremiumRate }

// Example returns a number of a region as strangers there have one, for showing what a call from such a number would
// do. It is never called or texted. A region without numbers has none.
func Example(region string) Number {
	n := phonenumbers.GetExampleNumberForType(region, phonenumbers.MOBILE)
	if n == nil {
		return ""
	}
	return Number(phonenumbers.Format(n, phonenumbers.E164))
}
