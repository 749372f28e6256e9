package sms

import "unicode/utf16"

// Encoding is the alphabet that a text travels in.
type Encoding int

// The two alphabets. One character outside of GSM-7 moves the whole text to
// UCS-2, where a segment holds less than half as much.
const (
	GSM7 Encoding = iota
	UCS2
)

func (e Encoding) String() string {
	if e == UCS2 {
		return "UCS-2"
	}
	return "GSM-7"
}

// Count is the size of a text as carriers bill it.
type Count struct {
	Encoding   Encoding
	Units      int // GSM-7: septets, an extension character counts two; UCS-2: 16-bit units
	Segments   int // 0 for an empty text
	PerSegment int // units that one segment of this text can hold: 160 or 153, 70 or 67
}

// Segments counts s as it stands; see [Straighten] for what to do to it first.
// In a text of several segments each gives room to a header (160 becomes 153,
// 70 becomes 67), and none splits an escape sequence or a surrogate pair.
func Segments(s string) Count {
	c := Count{Encoding: encodingOf(s)}
	single, joined := 160, 153
	if c.Encoding == UCS2 {
		single, joined = 70, 67
	}
	segments, used := 1, 0
	for _, r := range s {
		n := width(r, c.Encoding)
		c.Units += n
		if used += n; used > joined {
			segments, used = segments+1, n
		}
	}
	c.Segments, c.PerSegment = segments, joined
	if c.Units <= single {
		c.Segments, c.PerSegment = min(c.Units, 1), single
	}
	return c
}

func encodingOf(s string) Encoding {
	for _, r := range s {
		if width(r, GSM7) == 0 {
			return UCS2
		}
	}
	return GSM7
}

// width is the number of units r takes in e; 0 if e is GSM7 and r is not in it.
func width(r rune, e Encoding) int {
	if e == UCS2 {
		return max(utf16.RuneLen(r), 1)
	}
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return 1
	}
	switch r { // GSM 03.38, the default alphabet and its extension table
	case '\n', '\r', ' ', '!', '"', '#', '$', '%', '&', '\'', '(', ')', '*', '+', ',', '-', '.', '/',
		':', ';', '<', '=', '>', '?', '@', '_', '¡', '£', '¤', '¥', '§', '¿',
		'Ä', 'Å', 'Æ', 'Ç', 'É', 'Ñ', 'Ö', 'Ø', 'Ü', 'ß',
		'à', 'ä', 'å', 'æ', 'è', 'é', 'ì', 'ñ', 'ò', 'ö', 'ø', 'ù', 'ü',
		'Δ', 'Φ', 'Γ', 'Λ', 'Ω', 'Π', 'Ψ', 'Σ', 'Θ', 'Ξ':
		return 1
	case '\f', '^', '{', '}', '\\', '[', '~', ']', '|', '€':
		return 2
	}
	return 0
}
