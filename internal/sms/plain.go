package sms

import (
	"strings"
	"unicode"
)

// Straighten replaces typographic punctuation by the plain signs of GSM-7, so
// that a text typed on a phone or in a word processor stays one segment. It
// changes signs only, never letters: what it cannot make plain without changing
// the meaning, it leaves.
func Straighten(s string) string {
	return straight.Replace(strings.ToValidUTF8(s, "\uFFFD"))
}

// straight is read-only; a Replacer is safe for use by many.
var straight = strings.NewReplacer(
	"‘", "'", "’", "'", "‚", "'", "‛", "'", "‹", "'", "›", "'", "′", "'", "´", "'", "`", "'",
	"“", `"`, "”", `"`, "„", `"`, "‟", `"`, "«", `"`, "»", `"`, "″", `"`,
	"‐", "-", "‑", "-", "‒", "-", "–", "-", "—", "-", "―", "-", "−", "-", "•", "-",
	"…", "...", "‥", "..", "⁄", "/", "∕", "/",
	"\t", " ", "\u00a0", " ", "\u1680", " ", "\u2000", " ", "\u2001", " ", "\u2002", " ", "\u2003", " ",
	"\u2004", " ", "\u2005", " ", "\u2006", " ", "\u2007", " ", "\u2008", " ", "\u2009", " ", "\u200a", " ",
	"\u202f", " ", "\u205f", " ", "\u3000", " ",
	"\u2028", "\n", "\u2029", "\n",
	"\u00ad", "", "\u200b", "", "\u2060", "", "\ufeff", "",
)

// Clean makes a text from outside fit to be stored and shown: valid UTF-8, line
// ends as \n, and no other control characters (PostgreSQL refuses NUL).
func Clean(body string) string {
	body = strings.ToValidUTF8(body, "\uFFFD")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r != '\n' && unicode.IsControl(r):
			return -1
		}
		return r
	}, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(body))
}
