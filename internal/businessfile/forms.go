package businessfile

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/phone"
	"rebound/internal/zone"
)

const day = 24 * time.Hour

// words is text for people, of at most so many characters. White space in it, line ends too, counts
// as one blank, as it does when the text is sent or spoken.
func words(most int) form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			text = strings.Join(strings.Fields(text), " ")
			switch n := utf8.RuneCountInString(text); {
			case n == 0:
				return "", errors.New("it is empty; write a text, or remove the line")
			case n > most:
				return "", fmt.Errorf("it has %d characters; shorten it to %d", n, most)
			case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) && !unicode.Is(unicode.Cf, r) }):
				return "", errors.New("there is a control character in it; type the text anew")
			}
			return text, nil
		},
		write: quote,
	}
}

// template is the wording of a text. Twilio takes 1,600 characters with the variables filled in.
func template() form[string] {
	f := words(1000)
	plain := f.read
	f.read = func(text string) (string, error) {
		text, err := plain(text)
		if err != nil {
			return "", err
		}
		return text, rebound.CheckTemplate(text)
	}
	return f
}

// cannedText is a template that a person reads before it goes out, so that the business's name may be missing.
func cannedText() form[string] {
	f := words(1000)
	plain := f.read
	f.read = func(text string) (string, error) {
		text, err := plain(text)
		if err != nil {
			return "", err
		}
		return text, rebound.CheckCanned(text)
	}
	return f
}

var slugs = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// readSlug takes what is safe in an address and easy to say.
func readSlug(text string) (string, error) {
	const most = 40
	if len(text) > most || !slugs.MatchString(text) {
		return "", fmt.Errorf("%.60q is not a short name; use small letters, digits and single hyphens, at most %d", text, most)
	}
	return text, nil
}

// sound is the id of a stored sound, which is made from its content.
func sound() form[rebound.MediaID] {
	return form[rebound.MediaID]{
		read: func(text string) (rebound.MediaID, error) {
			if !soundIDs.MatchString(text) {
				return "", fmt.Errorf("%.60q is no stored sound; upload the file on the line's page, which writes this line, or put its address under play", text)
			}
			return rebound.MediaID(text), nil
		},
		write: func(id rebound.MediaID) string { return quote(string(id)) },
	}
}

var soundIDs = regexp.MustCompile(`^[a-z2-7]{32}$`)

func oneOf[S ~string](words ...S) form[S] {
	return form[S]{
		read: func(text string) (S, error) {
			if slices.Contains(words, S(text)) {
				return S(text), nil
			}
			return "", fmt.Errorf("%.60q is not possible here; %s", text, config.Suggest(text, texts(words)))
		},
		write: plain[S],
	}
}

func yesNo() form[bool] {
	return form[bool]{
		read: func(text string) (bool, error) {
			switch strings.ToLower(text) {
			case "true", "yes", "on":
				return true, nil
			case "false", "no", "off":
				return false, nil
			}
			return false, fmt.Errorf("%.60q is neither; write true or false", text)
		},
		write: strconv.FormatBool,
	}
}

// no is a declaration's "off", which the file writes as enabled: false.
func no() form[bool] {
	yes := yesNo()
	return form[bool]{
		read: func(text string) (bool, error) {
			enabled, err := yes.read(text)
			return !enabled && err == nil, err
		},
		write: func(off bool) string { return yes.write(!off) },
	}
}

var secrets = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*|file:/[\pL\pN ._/@+=-]+)$`)

// secret is a reference to a secret. The message about anything else must not repeat it.
func secret(name string) form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			if !secrets.MatchString(text) {
				return "", fmt.Errorf("a secret never stands in this file, which is copied, mailed and kept in version control; put it into the environment and write env:%s, or into a file of its own and write file:/path", name)
			}
			return text, nil
		},
		write: quote,
	}
}

// address is an absolute web address.
func address(schemes ...string) form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			u, err := url.Parse(text)
			if err != nil || !slices.Contains(schemes, u.Scheme) || u.Hostname() == "" || u.User != nil || strings.ContainsFunc(text, unicode.IsSpace) {
				return "", fmt.Errorf("%.60q is not a whole address; write it like %s://example.com/…", text, schemes[len(schemes)-1])
			}
			return text, nil
		},
		write: quote,
	}
}

func email() form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			a, err := mail.ParseAddress(text)
			if err != nil || a.Address != text {
				return "", fmt.Errorf("%.60q is not an e-mail address; write it like ana@acme.example", text)
			}
			return text, nil
		},
		write: quote,
	}
}

var sipAddresses = regexp.MustCompile(`^sips?:[A-Za-z0-9._~!$&'()*+,;=%-]+@[A-Za-z0-9.-]+(:[0-9]+)?$`)

// sip is a SIP address with a user and without a password or parameters.
func sip() form[string] {
	return matching(sipAddresses, "a SIP address", "sip:ana@pbx.example.com")
}

var languages = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// language is a BCP 47 tag; which ones are spoken is the carrier's to know.
func language() form[string] { return matching(languages, "a language", "en-US or es-MX") }

func matching(pattern *regexp.Regexp, what, example string) form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			if !pattern.MatchString(text) {
				return "", fmt.Errorf("%.60q is not %s; write it like %s", text, what, example)
			}
			return text, nil
		},
		write: quote,
	}
}

func zoneName() form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			_, err := zone.Load(text)
			return text, err
		},
		write: plain[string],
	}
}

// country is one whose phone numbers can be read.
func country() form[string] {
	return form[string]{
		read: func(text string) (string, error) {
			code := strings.ToUpper(text)
			switch {
			case code == "UK":
				return "", errors.New("the code of the United Kingdom is GB; write GB")
			case !phone.HasRegion(code):
				return "", fmt.Errorf("%.60q is not a country; write its two letters (ISO 3166), like US, CA or GB", text)
			}
			return code, nil
		},
		write: plain[string],
	}
}

// orNone adds the word for a limit that is not there.
func orNone[T int | int64 | time.Duration](f form[T]) form[T] {
	return form[T]{
		read: func(text string) (T, error) {
			if text == "none" {
				return -1, nil
			}
			v, err := f.read(text)
			if err != nil {
				err = fmt.Errorf("%w (or none)", err)
			}
			return v, err
		},
		write: func(v T) string {
			if v < 0 {
				return "none"
			}
			return f.write(v)
		},
	}
}

func count() form[int] {
	const most = 1_000_000
	return form[int]{
		read: func(text string) (int, error) {
			n, err := strconv.Atoi(strings.ReplaceAll(text, ",", ""))
			if err != nil || n < 1 || n > most {
				return 0, fmt.Errorf("%.60q is not possible; write a whole number from 1 to %d", text, most)
			}
			return n, nil
		},
		write: strconv.Itoa,
	}
}

var amounts = regexp.MustCompile(`^([0-9]{1,8})(?:\.([0-9]+))?$`)

// money is a positive amount in units of 10 to the power of -decimals.
func money(decimals int) form[int64] {
	return form[int64]{
		read: func(text string) (int64, error) {
			part := amounts.FindStringSubmatch(text)
			if part == nil || len(part[2]) > decimals {
				return 0, fmt.Errorf("%.60q is not an amount; write up to 8 digits, and a point with at most %d more, like 25.00", text, decimals)
			}
			amount, err := strconv.ParseInt(part[1]+part[2]+strings.Repeat("0", decimals-len(part[2])), 10, 64)
			if err != nil || amount == 0 {
				return 0, errors.New("an amount of zero says nothing; leave the line out")
			}
			return amount, nil
		},
		write: func(amount int64) string {
			digits := fmt.Sprintf("%0*d", decimals+1, amount)
			whole, part := digits[:len(digits)-decimals], digits[len(digits)-decimals:]
			for len(part) > 2 && part[len(part)-1] == '0' {
				part = part[:len(part)-1]
			}
			return whole + "." + part
		},
	}
}

// duration is whole seconds from least to most, written like 20s, 5m, 1h30m or 7d.
func duration(least, most time.Duration) form[time.Duration] {
	return form[time.Duration]{
		read: func(text string) (time.Duration, error) {
			d, ok := parseDuration(text)
			if !ok {
				return 0, fmt.Errorf("%.60q is not a length of time; write it like 20s, 5m, 1h30m or 7d", text)
			}
			if d < least || d > most {
				return 0, fmt.Errorf("%s is out of range; write %s to %s", formatDuration(d), formatDuration(least), formatDuration(most))
			}
			return d, nil
		},
		write: formatDuration,
	}
}

// parseDuration reads numbers with units, the larger unit first or not: "90 min", "1h 30m".
func parseDuration(text string) (total time.Duration, ok bool) {
	units := map[string]time.Duration{
		"s": time.Second, "sec": time.Second, "m": time.Minute, "min": time.Minute, "h": time.Hour, "d": day,
	}
	const mostDigits, longest = 5, 1000 * day // so that no sum overflows
	for rest := strings.ReplaceAll(text, " ", ""); rest != ""; {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		letters := len(rest[digits:]) - len(strings.TrimLeft(rest[digits:], "abcdefghijklmnopqrstuvwxyz"))
		unit, known := units[rest[digits:digits+letters]]
		n, err := strconv.Atoi(rest[:digits])
		if !known || err != nil || digits > mostDigits {
			return 0, false
		}
		total, ok, rest = min(longest, total+time.Duration(n)*unit), true, rest[digits+letters:]
	}
	return total, ok
}

// formatDuration writes whole seconds in the largest units that leave no fraction out. Days are
// used from two on: "24h" is how people say one.
func formatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d >= 2*day {
		fmt.Fprintf(&b, "%dd", d/day)
		d %= day
	}
	for _, u := range []struct {
		unit   time.Duration
		letter byte
	}{{time.Hour, 'h'}, {time.Minute, 'm'}, {time.Second, 's'}} {
		if n := d / u.unit; n > 0 {
			fmt.Fprintf(&b, "%d%c", n, u.letter)
		}
		d %= u.unit
	}
	return b.String()
}
