package phone

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestParseCaller(t *testing.T) {
	tests := []struct {
		raw    string
		kind   CallerKind
		number Number
	}{
		{"+14155550134", KindNumber, "+14155550134"},
		{"(415) 555-0134", KindNumber, "+14155550134"},
		{"+442079460958", KindNumber, "+442079460958"},
		{"+17378742833", KindNumber, "+17378742833"}, // with its country code it is a number in Austin

		{"", KindAnonymous, ""},
		{"+", KindAnonymous, ""},
		{"  ", KindAnonymous, ""},
		{"anonymous", KindAnonymous, ""},
		{"Anonymous", KindAnonymous, ""},
		{"+anonymous", KindAnonymous, ""},
		{"RESTRICTED", KindAnonymous, ""},
		{"unavailable", KindAnonymous, ""},
		{"unknown", KindAnonymous, ""},
		{"Blocked", KindAnonymous, ""},
		{"private", KindAnonymous, ""},
		{"No Caller ID", KindAnonymous, ""},
		{"Private Number", KindAnonymous, ""},
		{"+266696687", KindAnonymous, ""},
		{"266696687", KindAnonymous, ""},
		{"+7378742833", KindAnonymous, ""},
		{"7378742833", KindAnonymous, ""},
		{"+86282452253", KindAnonymous, ""},
		{"86282452253", KindAnonymous, ""},
		{"+8656696", KindAnonymous, ""},
		{"8656696", KindAnonymous, ""},
		{"+2562533", KindAnonymous, ""},
		{"2562533", KindAnonymous, ""},
		{"+7748283", KindAnonymous, ""},
		{"sip:anonymous@anonymous.invalid", KindAnonymous, ""},
		{"sip:4155550134@anonymous.invalid", KindAnonymous, ""},
		{"sip:Restricted@192.0.2.1", KindAnonymous, ""},
		{"sip:+266696687@192.0.2.1", KindAnonymous, ""},
		{"\"Anonymous\" <sip:anonymous@anonymous.invalid>", KindAnonymous, ""},
		{"sip:192.0.2.1", KindAnonymous, ""},

		{"sip:+14155550134@192.0.2.1:5060;isup-oli=00", KindSIP, "+14155550134"},
		{"SIP:+14155550134@EXAMPLE.COM", KindSIP, "+14155550134"},
		{"sips:4155550134@example.com;transport=tls", KindSIP, "+14155550134"},
		{"sip:%2B14155550134@example.com", KindSIP, "+14155550134"},
		{"sip:+14155550134;npdi;rn=+14155550100@example.com", KindSIP, "+14155550134"},
		{"sip:+14155550134:secret@example.com", KindSIP, "+14155550134"},
		{"\"Ana\" <sip:+14155550134@example.com>", KindSIP, "+14155550134"},
		{"sip:alice@example.com", KindSIP, ""},
		{"sip:1001@pbx.example.com", KindSIP, ""},
		{"client:ana", KindSIP, ""},

		{"911", KindShortCode, ""},
		{"+911", KindShortCode, ""},
		{"72345", KindShortCode, ""},
		{"123456", KindShortCode, ""},

		{"12", KindMalformed, ""},
		{"1234567", KindMalformed, ""},
		{"+10000000000", KindMalformed, ""},
		{"+1415555013", KindMalformed, ""},
		{"+14155550134x9", KindMalformed, ""},
		{"whatsapp:+14155550134", KindMalformed, ""},
		{"Bob's Plumbing", KindMalformed, ""},
		{"+00000000000000000000000", KindMalformed, ""},
		{"<script>", KindMalformed, ""},
		{"\xff\xfe\x00", KindAnonymous, ""},
	}
	for _, tt := range tests {
		got := ParseCaller(tt.raw, "US")
		if got.Kind != tt.kind || got.Number != tt.number {
			t.Errorf("ParseCaller(%q) = %q %q, want %q %q", tt.raw, got.Kind, got.Number, tt.kind, tt.number)
		}
	}
}

// The digits in isWithheld are what the words spell on a telephone's keypad.
func TestWithheldWordsAndDigits(t *testing.T) {
	keypad := func(word string) string {
		return strings.Map(func(r rune) rune {
			const digits = "22233344455566677778889999"
			return rune(digits[r-'a'])
		}, word)
	}
	for _, word := range []string{"anonymous", "restricted", "unavailable", "unknown", "blocked", "private"} {
		for _, raw := range []string{word, strings.ToUpper(word), keypad(word), "+" + keypad(word)} {
			if c := ParseCaller(raw, "US"); c.Kind != KindAnonymous || c.Raw != raw {
				t.Errorf("ParseCaller(%q) = %+v, want anonymous", raw, c)
			}
		}
	}
}

func TestCallerRawCanBeStored(t *testing.T) {
	for raw, want := range map[string]string{
		"+14155550134":                 "+14155550134",
		"a\x00b\nc\xffd":               "abcd",
		" Bob ":                        " Bob ",
		strings.Repeat("é", 200):       strings.Repeat("é", 125),
		"x" + strings.Repeat("é", 200): "x" + strings.Repeat("é", 124),
	} {
		if got := ParseCaller(raw, "US").Raw; got != want {
			t.Errorf("ParseCaller(%q).Raw = %q, want %q", raw, got, want)
		}
	}
}

func FuzzParseCaller(f *testing.F) {
	for _, raw := range []string{"+14155550134", "anonymous", "+266696687", "sip:+1555@h:5060;x", "<sip:%zz@h>", "client:", "12345", "", "+", "\xff\x00"} {
		f.Add(raw, "US")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		c := ParseCaller(raw, region)
		switch c.Kind {
		case KindNumber:
			if again := ParseCaller(string(c.Number), region); again.Kind != KindNumber || again.Number != c.Number {
				t.Errorf("ParseCaller(%q) = %+v, and its number %+v", raw, c, again)
			}
		case KindSIP:
		case KindAnonymous, KindShortCode, KindMalformed:
			if c.Number != "" {
				t.Errorf("ParseCaller(%q) = %+v", raw, c)
			}
		default:
			t.Errorf("ParseCaller(%q) = %+v", raw, c)
		}
		if again := ParseCaller(c.Raw, region); again != c {
			t.Errorf("ParseCaller(%q) = %+v, its raw value %+v", raw, c, again)
		}
		if !utf8.ValidString(c.Raw) || len(c.Raw) > maxInput || strings.ContainsFunc(c.Raw, unicode.IsControl) {
			t.Errorf("ParseCaller(%q).Raw = %q cannot be stored", raw, c.Raw)
		}
	})
}

func BenchmarkParseCaller(b *testing.B) {
	for name, raw := range map[string]string{"number": "+14155550134", "sip": "sip:+14155550134@192.0.2.1:5060;isup-oli=00", "withheld": "+266696687"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ParseCaller(raw, "US")
			}
		})
	}
}
