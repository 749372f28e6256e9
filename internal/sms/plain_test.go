package sms

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestStraighten(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"plain 'text' - \"here\"...":    "plain 'text' - \"here\"...",
		"We’re sorry we missed you":     "We're sorry we missed you",
		"‘single’ “double” „low“":       `'single' "double" "low"`,
		"« Bonjour »":                   `" Bonjour "`,
		"9–5 — call us… − 3":            "9-5 - call us... - 3",
		"no\u00a0break\u202fspaces":     "no break spaces",
		"zero\u200bwidth\ufeff":         "zerowidth",
		"soft\u00adhyphen":              "softhyphen",
		"one\u2028two\u2029three\tfour": "one\ntwo\nthree four",
		"`tick´ 5′ 6″":                  `'tick' 5' 6"`,
		"• first\n• second":             "- first\n- second",
		"½ ™ ° €":                       "½ ™ ° €",
		"Ça, são, naïve, Łódź, ʻokina":  "Ça, são, naïve, Łódź, ʻokina",
		"family 👨‍👩‍👧 ❤️":               "family 👨‍👩‍👧 ❤️",
		"漢字。かな、":                        "漢字。かな、",
	} {
		if got := Straighten(text); got != want {
			t.Errorf("Straighten(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestStraightenKeepsOneSegment(t *testing.T) {
	typed := "Hi, it’s “Ace Plumbing” — sorry we missed your call… What’s going on? We’ll ring you back by 9 – 10 am. Reply STOP to opt out"
	if before := Segments(typed); before.Segments != 2 || before.Encoding != UCS2 {
		t.Errorf("as typed: %+v, want 2 segments of UCS-2", before)
	}
	if after := Segments(Straighten(typed)); after.Segments != 1 || after.Encoding != GSM7 {
		t.Errorf("straightened: %+v, want 1 segment of GSM-7", after)
	}
}

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		"":                                     "",
		"hello\nworld":                         "hello\nworld",
		"a\x00b":                               "ab",
		"a\r\nb\rc":                            "a\nb\nc",
		"tab\there":                            "tab here",
		"bell\x07 esc\x1b[0m del\x7f c1\u0085": "bell esc[0m del c1",
		"bad \xff\xfe utf8":                    "bad \uFFFD utf8",
		"👍 “quotes” stay":                      "👍 “quotes” stay",
		"👨\u200d👩\u200d👧":                      "👨\u200d👩\u200d👧",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzStraighten(f *testing.F) {
	f.Add("“it’s” — …\r\u200b\n")
	f.Add("\r\n\u2028\u00a0`")
	f.Add("\xc2\u00ad\xad")
	f.Fuzz(func(t *testing.T, text string) {
		once := Straighten(text)
		if twice := Straighten(once); twice != once {
			t.Errorf("Straighten(%q) = %q, again %q", text, once, twice)
		}
		letters := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsLetter(r) || unicode.IsDigit(r) {
					return r
				}
				return -1
			}, s)
		}
		if utf8.ValidString(text) && letters(once) != letters(text) {
			t.Errorf("Straighten(%q) = %q changed letters", text, once)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("a\x00\xff\r\n\tb")
	f.Fuzz(func(t *testing.T, text string) {
		once := Clean(text)
		if !utf8.ValidString(once) {
			t.Errorf("Clean(%q) = %q is not UTF-8", text, once)
		}
		if i := strings.IndexFunc(once, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }); i >= 0 {
			t.Errorf("Clean(%q) = %q has a control character at %d", text, once, i)
		}
		if twice := Clean(once); twice != once {
			t.Errorf("Clean(%q) = %q, again %q", text, once, twice)
		}
	})
}
