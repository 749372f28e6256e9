package phone

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	tests := []struct {
		raw, region string
		want        Number
	}{
		{"+14155550134", "", "+14155550134"},
		{"+14155550134", "GB", "+14155550134"},
		{"4155550134", "US", "+14155550134"},
		{"4155550134", "us", "+14155550134"},
		{"14155550134", "US", "+14155550134"},
		{"(415) 555-0134", "US", "+14155550134"},
		{"415.555.0134", "CA", "+14155550134"},
		{" +1 (415) 555–0134 ", "", "+14155550134"},
		{"+1\u00a0415\u202f555\u20110134", "", "+14155550134"},
		{"\u202a+14155550134\u202c", "", "+14155550134"},
		{"＋１４１５５５５０１３４", "", "+14155550134"},
		{"011 44 20 7946 0958", "US", "+442079460958"},
		{"020 7946 0958", "GB", "+442079460958"},
		{"+44 (0)20 7946 0958", "", "+442079460958"},
		{"00442079460958", "FR", "+442079460958"},
		{"01 23 45 67 89", "FR", "+33123456789"},
		{"0151 23456789", "DE", "+4915123456789"},
		{"06 6982 0000", "IT", "+390669820000"},
		{"(11) 96123-4567", "BR", "+5511961234567"},
		{"55 1234 5678", "MX", "+525512345678"},
		{"+16135550134", "", "+16135550134"},
		{"+12425550134", "", "+12425550134"},
		{"+19992345678", "", "+19992345678"}, // no such area code today: the form decides
		{"7378742833", "US", "+17378742833"}, // spells RESTRICTED, and is a number in Austin
		{"+80012345678", "", "+80012345678"},
		{"sip:+14155550134@192.0.2.1:5060;isup-oli=00", "", "+14155550134"},
		{"sips:4155550134@example.com", "US", "+14155550134"},
	}
	for _, tt := range tests {
		got, err := Parse(tt.raw, tt.region)
		if err != nil || got != tt.want {
			t.Errorf("Parse(%q, %q) = %q, %v; want %q", tt.raw, tt.region, got, err, tt.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		raw, region string
		remedy      string // part of the error
	}{
		{"", "US", "no digits"},
		{"+", "US", "no digits"},
		{"   ", "US", "no digits"},
		{"anonymous", "US", "in digits"},
		{"1-800-FLOWERS", "US", "in digits"},
		{"415-555-0134 x12", "US", "without letters or extension"},
		{"+14155550134;ext=12", "US", "without letters or extension"},
		{"call 415 555 0134", "US", "in digits"},
		{"415+5550134", "US", "in digits"},
		{"++14155550134", "", "in digits"},
		{"4155550134", "", "with + and country code"},
		{"4155550134", "ZZ", "with + and country code"},
		{"555-0134", "US", "too few digits"},
		{"911", "US", "too few digits"},
		{"+1415555013", "", "too few digits"},
		{"+141555501345", "", "too many digits"},
		{"+10155550134", "", "begins with 0 or 1"},
		{"+14151550134", "", "begins with 0 or 1"},
		{"+266696687", "", "digits"},
		{"+9991234567", "", "no country"},
		{"+0123456789", "", "no country"},
		{"sip:alice@example.com", "US", "in digits"},
		{"sip:192.0.2.1", "US", "no digits"},
		{"client:ana", "US", "in digits"},
		{"00097 48", "IR", "two ways"},
		{strings.Repeat("1", 300), "US", "too long"},
		{"+1415555\x000134", "US", "in digits"},
		{"+1415555\xff0134", "US", "in digits"},
		{"'; drop table calls; --", "US", "in digits"},
	}
	for _, tt := range tests {
		got, err := Parse(tt.raw, tt.region)
		if err == nil {
			t.Errorf("Parse(%q, %q) = %q, want an error", tt.raw, tt.region, got)
			continue
		}
		if got != "" {
			t.Errorf("Parse(%q, %q) = %q beside an error", tt.raw, tt.region, got)
		}
		if text := err.Error(); !strings.Contains(text, tt.remedy) || !strings.Contains(text, "is not a phone number") || len(text) > 400 {
			t.Errorf("Parse(%q, %q): %q, want %q in it", tt.raw, tt.region, text, tt.remedy)
		}
	}
}

func TestRegion(t *testing.T) {
	for n, want := range map[Number]string{
		"+14155550134":         "US",
		"+12125550134":         "US",
		"+18005550134":         "US",
		"+14165550134":         "CA",
		"+16045550134":         "CA",
		"+12425550134":         "BS",
		"+18765550134":         "JM",
		"+16585550134":         "JM",
		"+18095550134":         "DO",
		"+18492201234":         "DO",
		"+17875550134":         "PR",
		"+16715550134":         "GU",
		"+12684601234":         "AG",
		"+14412345678":         "BM",
		"+19992345678":         "", // area code not in use
		"+442079460958":        "GB",
		"+447781123456":        "GG",
		"+390612345678":        "IT",
		"+390669812345":        "VA",
		"+79161234567":         "RU",
		"+77011234567":         "KZ",
		"+525512345678":        "MX",
		"+80012345678":         "", // international freephone
		"+881612345678":        "", // satellite
		"":                     "",
		"+":                    "",
		"14155550134":          "",
		"+1":                   "",
		"+999123":              "",
		"garbage":              "",
		"+1415555013４":         "",
		"+1999234567823456789": "",
	} {
		if got := n.Region(); got != want {
			t.Errorf("%q.Region() = %q, want %q", n, got, want)
		}
	}
}

func TestPrefix(t *testing.T) {
	for n, want := range map[Number]string{
		"+14155550134":   "+1415555",
		"+12425550134":   "+1242555",
		"+442079460958":  "+4420794",
		"+447700900123":  "+4477009",
		"+4915123456789": "+49151234",
		"+33612345678":   "+336123",
		"+3545550134":    "+35455",
		"+2904123":       "+29041",
		"+390669820000":  "+3906698",
		"":               "",
		"garbage":        "",
	} {
		if got := n.Prefix(); got != want {
			t.Errorf("%q.Prefix() = %q, want %q", n, got, want)
		}
	}
}

func TestShown(t *testing.T) {
	tests := []struct {
		n                       Number
		national, international string
	}{
		{"+14155550199", "(415) 555-0199", "+1 415-555-0199"},
		{"+442079460958", "020 7946 0958", "+44 20 7946 0958"},
		{"+33123456789", "01 23 45 67 89", "+33 1 23 45 67 89"},
		{"+390669820000", "06 6982 0000", "+39 06 6982 0000"},
		{"+19992345678", "(999) 234-5678", "+1 999-234-5678"},
		{"", "", ""},
		{"garbage", "garbage", "garbage"},
	}
	for _, tt := range tests {
		if got := tt.n.National(); got != tt.national {
			t.Errorf("%q.National() = %q, want %q", tt.n, got, tt.national)
		}
		if got := tt.n.International(); got != tt.international {
			t.Errorf("%q.International() = %q, want %q", tt.n, got, tt.international)
		}
	}
}

func TestLineType(t *testing.T) {
	for n, want := range map[Number]LineType{
		"+14155550134":   LandlineOrMobile,
		"+18005550134":   TollFree,
		"+18885550134":   TollFree,
		"+19002345678":   PremiumRate,
		"+14159761234":   PremiumRate, // pay-per-call exchange
		"+15005550006":   Other,
		"+442079460958":  Landline,
		"+447400123456":  Mobile,
		"+448451234567":  PremiumRate, // shared cost
		"+449012345678":  PremiumRate,
		"+448081570000":  TollFree,
		"+445612345678":  VoIP,
		"+447640123456":  Pager,
		"+447012345678":  Other,
		"+33612345678":   Mobile,
		"+33891123456":   PremiumRate,
		"+4915123456789": Mobile,
		"+979123456789":  PremiumRate,
		"+19992345678":   Unknown,
		"":               Unknown,
		"garbage":        Unknown,
	} {
		if got := n.LineType(); got != want {
			t.Errorf("%q.LineType() = %q, want %q", n, got, want)
		}
		if got := n.Premium(); got != (want == PremiumRate) {
			t.Errorf("%q.Premium() = %t, but its line type is %q", n, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, raw := range []string{"+14155550134", "(415) 555-0134", "020 7946 0958", "+390669820000", "+5491123456789", "sip:+1555@h", "1-800-FLOWERS", "+290", "\xff"} {
		f.Add(raw, "US")
		f.Add(raw, "IT")
		f.Add(raw, "")
	}
	f.Fuzz(func(t *testing.T, raw, region string) {
		n, err := Parse(raw, region)
		if err != nil {
			if n != "" {
				t.Errorf("Parse(%q, %q) = %q beside %v", raw, region, n, err)
			}
			return
		}
		if again, err := Parse(string(n), region); err != nil || again != n {
			t.Errorf("Parse(%q, %q) = %q; again %q, %v", raw, region, n, again, err)
		}
		if len(n) > 16 || n[0] != '+' || !isDigits(string(n[1:])) {
			t.Errorf("Parse(%q, %q) = %q is not E.164", raw, region, n)
		}
		if !strings.HasPrefix(string(n), n.Prefix()) || len(n.Prefix()) < 3 {
			t.Errorf("%q.Prefix() = %q", n, n.Prefix())
		}
		n.Region()
		n.LineType()
		// What people are shown can be typed in again.
		if again, err := Parse(n.International(), ""); err != nil || again != n {
			t.Errorf("%q is shown as %q, which is read as %q, %v", n, n.International(), again, err)
		}
	})
}

func FuzzNumber(f *testing.F) {
	f.Add("+14155550134")
	f.Add("+0")
	f.Fuzz(func(t *testing.T, s string) {
		n := Number(s)
		n.Region()
		n.Prefix()
		n.National()
		n.International()
		n.LineType()
	})
}

func BenchmarkParse(b *testing.B) {
	for name, raw := range map[string]string{"E.164 +1": "+14155550134", "national": "(415) 555-0134", "E.164 +44": "+442079460958", "refused": "+1415"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Parse(raw, "US")
			}
		})
	}
}

func BenchmarkNumber(b *testing.B) {
	n := Number("+14155550134")
	for name, method := range map[string]func(){
		"Region":   func() { n.Region() },
		"Prefix":   func() { n.Prefix() },
		"National": func() { n.National() },
		"Premium":  func() { n.Premium() },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				method()
			}
		})
	}
}
