package sms

import "strings"

// CarrierKeyword reports whether body is one of the bare keywords on which carriers act by
// themselves, whatever we make of them (CARRIERS.md 2.d): STOP and its family, START, HELP.
func CarrierKeyword(body string) bool {
	switch strings.ToUpper(strings.TrimSpace(body)) {
	case "STOP", "STOPALL", "UNSUBSCRIBE", "END", "QUIT", "REVOKE", "OPTOUT", "CANCEL", "START", "YES", "UNSTOP", "HELP", "INFO":
		return true
	}
	return false
}

// BareCancel reports whether body says nothing but "cancel", courtesies aside. That is an opt-out at the carrier, and
// in a business with appointments often meant otherwise, so a person has to look at it.
func BareCancel(body string) bool {
	text := grammar().courtesy.ReplaceAllString(strings.Join(clausesOf(body), " "), "")
	return strings.Join(strings.Fields(text), " ") == "cancel"
}
