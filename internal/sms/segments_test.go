package sms

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSegments(t *testing.T) {
	tests := []struct {
		name string
		text string
		want Count
	}{
		{"empty", "", Count{GSM7, 0, 0, 160}},
		{"one letter", "a", Count{GSM7, 1, 1, 160}},
		{"one full segment", strings.Repeat("a", 160), Count{GSM7, 160, 1, 160}},
		{"one letter more", strings.Repeat("a", 161), Count{GSM7, 161, 2, 153}},
		{"two full segments", strings.Repeat("a", 306), Count{GSM7, 306, 2, 153}},
		{"three segments", strings.Repeat("a", 307), Count{GSM7, 307, 3, 153}},
		{"extension characters count two", "^{}[]~\\|€\f", Count{GSM7, 20, 1, 160}},
		{"eighty of them are full", strings.Repeat("€", 80), Count{GSM7, 160, 1, 160}},
		{"an escape is not split", strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), Count{GSM7, 306, 3, 153}},
		{"accents of the default alphabet", "Ça va, señor Müller? Où çà", Count{UCS2, 26, 1, 70}},
		{"Spanish", "¿Mañana a las 9?", Count{GSM7, 16, 1, 160}},
		{"Greek capitals", "ΔΦΓΛΩΠΨΣΘΞ", Count{GSM7, 10, 1, 160}},
		{"one curly apostrophe", "We’ll call", Count{UCS2, 10, 1, 70}},
		{"a backtick", "`", Count{UCS2, 1, 1, 70}},
		{"a tab", "\t", Count{UCS2, 1, 1, 70}},
		{"one full wide segment", strings.Repeat("я", 70), Count{UCS2, 70, 1, 70}},
		{"one wide letter more", strings.Repeat("я", 71), Count{UCS2, 71, 2, 67}},
		{"an emoji is two units", "👍", Count{UCS2, 2, 1, 70}},
		{"a surrogate pair is not split", strings.Repeat("я", 66) + "👍" + strings.Repeat("я", 66), Count{UCS2, 134, 3, 67}},
		{"an extension character is one unit in UCS-2", "€я", Count{UCS2, 2, 1, 70}},
		{"invalid UTF-8", "a\xff", Count{UCS2, 2, 1, 70}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Segments(tt.text); got != tt.want {
				t.Errorf("Segments(%q) = %+v, want %+v", tt.text, got, tt.want)
			}
		})
	}
}

// The vectors are our own texts, counted by npm sms-segments-calculator 1.3.0. It
// and we differ on purpose for the empty text (it says one segment), and it also
// keeps emoji of several code points in one segment, so that none are in here.
func TestSegmentsAgreesWithOracle(t *testing.T) {
	file, err := os.ReadFile("testdata/segments.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Text, Encoding  string
		Units, Segments int
	}
	if err := json.Unmarshal(file, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors) < 200 {
		t.Fatalf("%d vectors, want at least 200", len(vectors))
	}
	for _, v := range vectors {
		got := Segments(v.Text)
		if got.Encoding.String() != v.Encoding || got.Units != v.Units || got.Segments != v.Segments {
			t.Errorf("Segments(%q) = %+v, want %s, %d units, %d segments", v.Text, got, v.Encoding, v.Units, v.Segments)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("", "a")
	f.Add(strings.Repeat("a", 160), "€")
	f.Add(strings.Repeat("я", 66), "👍👍")
	f.Add("a\xff", "`")
	f.Fuzz(func(t *testing.T, a, b string) {
		one, both := Segments(a), Segments(a+b)
		for _, c := range []Count{one, both} {
			if c.Units > c.Segments*c.PerSegment || (c.Segments > 1 && c.Units <= (c.Segments-1)*(c.PerSegment-1)) {
				t.Errorf("%q, %q: %+v does not add up", a, b, c)
			}
		}
		if utf8.ValidString(a) && (both.Encoding < one.Encoding || both.Segments < one.Segments) {
			t.Errorf("%q: %+v, with %q added: %+v", a, one, b, both)
		}
		if (one.Segments == 0) != (a == "") {
			t.Errorf("%q: %+v", a, one)
		}
	})
}

func BenchmarkSegments(b *testing.B) {
	text := "Hi, this is Ace Plumbing. Sorry we missed your call! How can we help? Reply STOP to opt out."
	b.ReportAllocs()
	for b.Loop() {
		Segments(text)
	}
}
