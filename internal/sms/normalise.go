package sms

import (
	"strings"
	"unicode"
)

// maxJudged bounds, in bytes, how much of a text is read for its intent. It is
// more than the longest text that a carrier passes on.
const maxJudged = 4096

// clausesOf is what the sender wrote, without signature and quotation, as plain
// words: one normalised clause each.
func clausesOf(body string) []string {
	if len(body) > maxJudged {
		body = body[:maxJudged]
	}
	var clauses []string
	for clause := range strings.SplitSeq(normalise(ownLines(body)), "\n") {
		clause, signed := cutDeviceSignature(clause)
		if clause != "" {
			clauses = append(clauses, clause)
		}
		if signed {
			break
		}
	}
	return clauses
}

// ownLines is body without quoted lines ("> …") and without what follows a
// signature line ("-- Bob").
func ownLines(body string) string {
	var own strings.Builder
	for line := range strings.Lines(body) {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, ">") {
			continue
		}
		if own.Len() > 0 && isSignature(text) {
			break
		}
		if before, after, ok := strings.Cut(line, " -- "); ok && len(strings.Fields(after)) <= 3 {
			own.WriteString(before)
			break
		}
		own.WriteString(line)
	}
	return own.String()
}

// isSignature reports whether a line after the first is a name behind a dash.
func isSignature(line string) bool {
	name := strings.TrimLeft(line, "-–—~")
	return name != line && len(strings.Fields(name)) <= 4
}

// cutDeviceSignature cuts "sent from my iPhone" and its like off a normalised
// clause; gateways join it to the text without a line end.
func cutDeviceSignature(clause string) (before string, found bool) {
	for _, opening := range []string{
		"sent from my ", "sent from yahoo", "sent from outlook", "sent from mail for", "sent via ", "get outlook for ",
		"envoye de mon ", "envoye depuis mon ", "envoye a partir de ",
		"enviado desde mi ", "enviado de meu ", "enviado do meu ", "enviado via ",
	} {
		if i := strings.Index(" "+clause, " "+opening); i >= 0 {
			return strings.TrimSpace(clause[:i]), true
		}
	}
	return clause, false
}

// normalise reduces s to lower-case words without accents and apostrophes, one
// space apart, one clause a line. A letter written three times or more counts
// once ("stoooop"). Of the emoji only those that say stop remain, each a clause
// of its own. To normalise twice changes nothing.
func normalise(s string) string {
	text := []rune(s)
	var w wordWriter
	for i, r := range text {
		switch {
		case isApostrophe(r) || unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case isWordRune(r):
			w.letters(fold(r))
		case strings.ContainsRune("🛑🚫⛔🖕", r):
			w.gap('\n')
			w.letters(string(r))
			w.gap('\n')
		case strings.ContainsRune("-./:", r) && i > 0 && isWordRune(text[i-1]) && i+1 < len(text) && isWordRune(text[i+1]):
			w.gap(' ') // opt-out, s.t.o.p
			if r == '/' {
				w.letters("or") // call/text
				w.gap(' ')
			}
		case r == '#':
			w.gap(' ')
			w.letters("number") // "wrong #"
			w.gap(' ')
		case unicode.IsSpace(r) && r != '\n' && r != '\r', strings.ContainsRune("_*\"“”„«»&@+=~", r):
			w.gap(' ')
		default:
			w.gap('\n')
		}
	}
	return string(w.out)
}

// wordWriter collects words and what separates them.
type wordWriter struct {
	out  []rune
	sep  rune // due before the next letter; 0 inside a word
	same int  // how often the last letter stands in a row
}

func (w *wordWriter) gap(sep rune) {
	if w.sep != '\n' {
		w.sep = sep
	}
}

func (w *wordWriter) letters(s string) {
	for _, r := range s {
		if w.sep != 0 && len(w.out) > 0 {
			w.out, w.same = append(w.out, w.sep), 0
		}
		w.sep = 0
		if len(w.out) == 0 || w.out[len(w.out)-1] != r || unicode.IsDigit(r) {
			w.same = 0
		}
		w.same++
		switch {
		case w.same == 3:
			w.out = w.out[:len(w.out)-1]
		case w.same < 3:
			w.out = append(w.out, r)
		}
	}
}

func isApostrophe(r rune) bool { return strings.ContainsRune("'’‘‛ʼʻ´`′", r) }

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.Is(unicode.Mc, r)
}

// fold is r in lower case, without accent or full width.
func fold(r rune) string {
	if '！' <= r && r <= '～' {
		r -= '！' - '!'
	}
	r = unicode.ToLower(r)
	if r < 0x80 {
		return string(r)
	}
	switch r {
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ß':
		return "ss"
	}
	for _, family := range []string{
		"aàáâãäåāăą", "cçćĉċč", "dďđ", "eèéêëēĕėęě", "gĝğġģ", "iìíîïĩīĭįı", "lĺļľł", "nñńņň",
		"oòóôõöøōŏő", "rŕŗř", "sśŝşšș", "tţťț", "uùúûüũūŭůűų", "yýÿŷ", "zźżž",
	} {
		if strings.ContainsRune(family[1:], r) {
			return family[:1]
		}
	}
	return string(r)
}
