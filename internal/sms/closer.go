package sms

import (
	"strings"
	"unicode"
)

// Closer reports whether body only closes the conversation ("thanks", "ok",
// 👍), so that it need not start the clock anew. A word list decides: each word
// must be on it, and at least one must close by itself; a question never does.
func Closer(body string) bool {
	if head, ok := reaction(body); ok {
		return isApproval(head)
	}
	if len(body) > maxCloser || strings.ContainsAny(body, "?？¿") {
		return false
	}
	closes := false
	for rest := closerWords(body); len(rest) > 0; {
		n, kind := longestCloser(rest)
		if n == 0 {
			return false
		}
		closes = closes || kind == closing
		rest = rest[n:]
	}
	return closes
}

// maxCloser bounds, in bytes, what can still be a mere courtesy.
const maxCloser = 200

// closerWords is body as words, each emoji a word of its own.
func closerWords(body string) []string {
	var spaced strings.Builder
	for _, r := range ownLines(body) {
		switch {
		case isApostrophe(r), unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Sk):
		case isWordRune(r):
			spaced.WriteString(fold(r))
		case unicode.Is(unicode.So, r):
			spaced.WriteString(" " + string(r) + " ")
		default:
			spaced.WriteByte(' ')
		}
	}
	return strings.Fields(spaced.String())
}

type closerKind int

const (
	filler  closerKind = iota + 1 // may stand beside a closing word
	closing                       // closes by itself
)

// longestCloser is the number of words, at most five, at the start of words that
// are on the list together, and what they are. It is 0 if there are none.
func longestCloser(words []string) (int, closerKind) {
	for n := min(5, len(words)); n > 0; n-- {
		if kind := closerPhrase(strings.Join(words[:n], " ")); kind != 0 {
			return n, kind
		}
	}
	return 0, 0
}

// closerPhrase is the word list. "Yes" and "no" are not on it: they answer a
// question, and somebody waits for the answer.
func closerPhrase(phrase string) closerKind {
	switch phrase {
	case "thanks", "thank you", "thankyou", "thank u", "thank", "thx", "thnx", "thanx", "tks", "tnx", "ty", "tysm", "tyvm", "cheers",
		"no thanks", "no thank you", "no thx", "many thanks", "much appreciated", "appreciated", "appreciate it",
		"i appreciate it", "we appreciate it", "appreciate you", "appreciate the help", "bless you", "god bless",
		"ok", "okay", "okey", "oki", "okie", "ok dokie", "okie dokie", "okk", "k", "kk", "okey dokey",
		"alright", "all right", "alrighty", "aight", "all set", "all good", "its all good", "we are all set", "im all set", "im good",
		"we are good",
		"good", "great", "perfect", "excellent", "awesome", "wonderful", "fantastic", "cool", "nice", "sweet", "super", "lovely", "fab",
		"amazing", "brilliant", "terrific",
		"sounds good", "sounds great", "sounds perfect", "sound good", "sounds like a plan", "that works", "works for me",
		"that works for me", "thats fine", "thats great", "thats perfect", "thats good",
		"got it", "gotcha", "understood", "will do", "noted", "roger", "roger that", "copy", "copy that", "10 4", "fair enough",
		"makes sense", "i see", "ah ok", "right",
		"no problem", "no prob", "np", "no worries", "not a problem", "youre welcome", "you are welcome", "yw", "welcome", "my pleasure",
		"anytime", "any time", "dont mention it",
		"see you", "see ya", "see you then", "see ya then", "see you soon", "see you later", "see you tomorrow", "see u", "see u then",
		"see u soon", "cya", "talk soon", "talk to you then", "talk to you soon", "ttyl", "bye", "bye bye", "goodbye", "good night",
		"goodnight", "good bye",
		"have a good day", "have a great day", "have a nice day", "have a good one", "have a great one", "have a good night",
		"have a good evening", "have a great weekend", "have a good weekend", "take care",
		"you too", "u too", "same to you", "likewise":
		return closing
	case "gracias", "muchas gracias", "mil gracias", "de nada", "vale", "perfecto", "genial", "excelente", "esta bien", "de acuerdo",
		"listo", "hasta luego", "adios", "buen dia", "muy amable",
		"merci", "merci beaucoup", "daccord", "parfait", "super merci", "tres bien", "entendu", "ca marche", "de rien", "bonne journee",
		"bonne soiree", "au revoir", "a bientot", "cest bon", "ca va",
		"obrigado", "obrigada", "muito obrigado", "muito obrigada", "valeu", "beleza", "perfeito", "combinado", "tudo bem", "ta bom",
		"ta bem", "tchau", "ate logo", "por nada", "otimo":
		return closing
	case "👍", "👌", "🙏", "🙌", "👏", "💯", "✅", "✔", "☑", "🤝", "🫡", "😊", "🙂", "😀", "😃", "😄", "😁", "😇", "🥰", "😍", "🤗", "😎", "☺",
		"❤", "♥", "🧡", "💛", "💚", "💙", "💜", "🖤", "💕", "💖", "👋", "🎉", "🤙", "✌", "🆗", "🤞":
		return closing
	case "so much", "very much", "a lot", "a bunch", "a million", "a ton", "again", "really", "so", "very", "much", "too", "then", "for now",
		"for your help", "for the help", "for all your help", "for everything", "for letting me know", "for the info",
		"for the information", "for the update", "for the quick reply", "for the quick response", "for getting back to me",
		"for getting back", "for your time", "for the reply", "for the call", "for calling", "for calling back",
		"sir", "maam", "man", "bro", "dude", "buddy", "guys", "you guys", "all", "everyone", "everybody", "friend", "boss", "team",
		"hun", "honey", "dear",
		"oh", "ah", "well", "and", "just", "lol", "haha", "hi", "hello", "today", "tomorrow", "tonight", "it", "that", "we", "i",
		"beaucoup", "bien", "muito", "mucho", "senor", "senora":
		return filler
	}
	return 0
}

// reaction recognises a text by which a phone reports a tap on one of our
// messages (Liked “…”, 👍 to “…”). It quotes our words, even "Reply STOP to opt
// out", and so says nothing about the sender's own. Head is what precedes the quotation.
func reaction(body string) (head string, ok bool) {
	text := strings.TrimSpace(body)
	head, quoted, found := cutQuote(text)
	if !found {
		switch text {
		case "Liked an image", "Loved an image", "Liked a movie", "Loved a movie":
			return text, true
		}
		return "", false
	}
	if quoted == "" {
		return "", false
	}
	head = strings.TrimSpace(head)
	switch strings.ToLower(head) {
	case "liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned",
		"le gustó", "le gusto", "le encantó", "le encanto", "no le gustó", "se rio de", "se rió de", "exclamó por", "cuestionó",
		"a aimé", "a adoré", "n’a pas aimé", "n'a pas aimé", "a ri à", "a mis l’accent sur", "s’interroge sur",
		"gostou de", "amou", "não gostou de", "riu de", "curtiu", "adorou", "enfatizou", "questionou":
		return head, true
	}
	if strings.HasPrefix(head, "Reacted ") && strings.HasSuffix(head, " to") || strings.HasPrefix(head, "Removed ") && strings.HasSuffix(head, " from") {
		return head, true
	}
	emoji, isTo := strings.CutSuffix(head, " to")
	return head, isTo && emoji != "" && !strings.ContainsFunc(emoji, func(r rune) bool { return isWordRune(r) })
}

// cutQuote splits text that ends in a quotation into what precedes the quotation
// and the quotation itself.
func cutQuote(text string) (head, quoted string, ok bool) {
	for _, marks := range [][2]string{{"“", "”"}, {`"`, `"`}, {"«", "»"}} {
		if !strings.HasSuffix(text, marks[1]) {
			continue
		}
		head, quoted, ok = strings.Cut(strings.TrimSuffix(text, marks[1]), marks[0])
		return head, strings.TrimSpace(quoted), ok && head != ""
	}
	return "", "", false
}

// isApproval reports whether a reaction's head approves of what it quotes.
func isApproval(head string) bool {
	switch head = strings.ToLower(head); head {
	case "liked", "loved", "laughed at", "liked an image", "loved an image", "liked a movie", "loved a movie",
		"le gustó", "le gusto", "le encantó", "le encanto", "a aimé", "a adoré", "gostou de", "amou", "curtiu", "adorou":
		return true
	}
	emoji, isTo := strings.CutSuffix(strings.TrimPrefix(head, "reacted "), " to")
	if !isTo {
		return false
	}
	words := closerWords(emoji)
	return len(words) == 1 && closerPhrase(words[0]) == closing
}
