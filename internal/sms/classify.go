package sms

import (
	"slices"
	"strings"
)

// Intent is what a text asks of the automatic texts.
type Intent int

// The intents. What follows from each is decided by others: OptIn means
// something only to somebody who is opted out, and a reply of any intent is
// still a reply.
const (
	None Intent = iota
	OptOut
	LikelyOptOut // a person must confirm
	OptIn
	Help
)

func (i Intent) String() string {
	switch i {
	case OptOut:
		return "opt-out"
	case LikelyOptOut:
		return "likely opt-out"
	case OptIn:
		return "opt-in"
	case Help:
		return "help"
	}
	return "none"
}

// Classify tells what body asks, in English, French, Spanish or Portuguese. A
// keyword counts only when it is all that was written, since "cancel my
// appointment" and "the water won't stop" are no opt-outs; a sentence counts
// when it says plainly that no more texts are wanted.
func Classify(body string) Intent {
	if _, ok := reaction(body); ok {
		return None
	}
	clauses := clausesOf(body)
	if intent := keyword(clauses); intent != None {
		return intent
	}
	return judge(clauses)
}

// keyword is the intent of a text that holds nothing but keywords. Courtesies
// do not count, except beside HELP: "please help" is a caller in need.
func keyword(clauses []string) Intent {
	text := unspaced(strings.Join(clauses, " "))
	if isHelpWord(text) {
		return Help
	}
	text = strings.Join(strings.Fields(grammar().courtesy.ReplaceAllString(text, "")), " ")
	switch {
	case isOptOutWord(text):
		return OptOut
	case isLikelyWord(text):
		return LikelyOptOut
	case isOptInWord(text):
		return OptIn
	}
	words := strings.Fields(text)
	if len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !isOptOutWord(w) && w != "or" }) {
		return OptOut // "STOP STOP", "STOP / ARRET"
	}
	return None
}

// unspaced joins a word spelled out: "s t o p".
func unspaced(text string) string {
	words := strings.Fields(text)
	if len(words) < 3 || slices.ContainsFunc(words, func(w string) bool { return len(w) > 1 }) {
		return text
	}
	return strings.Join(words, "")
}

// isOptOutWord knows the base list: PRODUCT's, the carriers' own, their French,
// Spanish and Portuguese forms, and the usual slips of the thumb.
func isOptOutWord(text string) bool {
	switch text {
	case "stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke",
		"optout", "opt out", "remove", "🛑",
		"stop everything", "stop it", "stop that", "stop this", "quit it",
		"stpo", "sotp", "stopp", "sstop", "stop2end",
		"unsubscribe all", "unsubscribe me", "unsubscribed", "un subscribe", "desubscribe", "unsub", "unsubcribe", "unsuscribe", "unsubscibe", "unsubscrib",
		"arret", "arreter", "arretez", "arrete", "desabonner", "desabonnement", "desinscription", "desinscrire",
		"baja", "alto", "parar", "pare", "paren", "detener", "detenganse", "desuscribir", "desuscribirme",
		"parem", "sair", "descadastrar", "remover", "desinscrever":
		return true
	}
	return false
}

// isLikelyWord knows words that may mean an opt-out, but on which no carrier
// acts by itself, so that a person can still ask.
func isLikelyWord(text string) bool {
	switch text {
	case "🚫", "⛔", "🖕", "spam", "scam", "dnc", "no mas", "basta", "ya basta", "para", "fu", "f u", "f you",
		"cancelar", "annuler", "borrar", "salir", "eliminar", "apagar", "chega":
		return true
	}
	return false
}

func isOptInWord(text string) bool {
	switch text {
	case "start", "yes", "unstop", "subscribe", "resubscribe", "optin", "opt in",
		"oui", "reprendre", "si", "iniciar", "empezar", "sim", "comecar":
		return true
	}
	return false
}

func isHelpWord(text string) bool {
	switch text {
	case "help", "info", "aide", "ayuda", "ajuda":
		return true
	}
	return false
}
