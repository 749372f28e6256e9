package rebound

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// NoteID names one note.
type NoteID string

// Note is what a member wrote into a conversation for the team alone. It stops no clock (PRODUCT.md, "The clock").
type Note struct {
	ID       NoteID
	Business BusinessID
	Contact  ContactID
	Recovery RecoveryID // the live one when it was written; may be empty
	Author   MemberID
	Body     string
	Told     []MemberID // whom it names with an @, each once; never the author
	Once     string     // unique in the business: the same press never writes two
	At       time.Time
}

// LongestNote is how many characters a note may have.
const LongestNote = 4000

// Mention is where a text names a member: the bytes from From to To, the @ included.
type Mention struct {
	From, To int
	Member   MemberID
}

// Mentions finds the members whom a text names with an @: "@ana" by id, "@Ana Ruiz" by name, and "@Ana" where no other
// member has that first name. Letters' case does not matter, and an @ inside a word (an e-mail address) names nobody.
func Mentions(text string, members []Member) []Mention {
	type handle struct {
		words  string
		member MemberID
	}
	var handles []handle
	firsts := map[string]int{}
	for _, m := range members {
		firsts[strings.ToLower(firstWord(m.Name))]++
	}
	for _, m := range members {
		handles = append(handles, handle{string(m.ID), m.ID}, handle{m.Name, m.ID})
		if first := firstWord(m.Name); firsts[strings.ToLower(first)] == 1 {
			handles = append(handles, handle{first, m.ID})
		}
	}
	handles = slices.DeleteFunc(handles, func(h handle) bool { return h.words == "" })
	// An id may be another member's first name: the longest words win, and among equals the id, which came first.
	slices.SortStableFunc(handles, func(a, b handle) int { return cmp.Compare(len(b.words), len(a.words)) })
	var found []Mention
	for at := 0; at < len(text); at++ {
		if before, _ := utf8.DecodeLastRuneInString(text[:at]); text[at] != '@' || wordy(before) {
			continue
		}
		for _, h := range handles {
			end := at + 1 + len(h.words)
			if end > len(text) || !strings.EqualFold(text[at+1:end], h.words) {
				continue
			}
			if after, _ := utf8.DecodeRuneInString(text[end:]); end < len(text) && wordy(after) {
				continue
			}
			found = append(found, Mention{at, end, h.member})
			at = end - 1
			break
		}
	}
	return found
}

func wordy(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

func firstWord(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

// MentionWords is what a member is told who is named in a note: a title in the first line, the note's words in the second.
func MentionWords(author, contact, body string) string {
	return author + " mentioned you in a note about " + contact + "\n“" + strings.Join(strings.Fields(body), " ") + "”"
}
