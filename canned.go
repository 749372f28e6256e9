package rebound

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// CannedReplyID is a canned reply's key, which people type behind a slash: "way".
type CannedReplyID string

// CannedReply is a text that members need again and again. It is put into the draft, where it can be changed.
type CannedReply struct {
	ID   CannedReplyID
	Name string // "On our way"
	Text string // with variables as in a template
}

// CheckCanned reports a broken or unknown variable of a canned reply, with the remedy.
func CheckCanned(text string) error { return checkVariables(text) }

// checkVariables reports an unknown or broken variable, with the remedy.
func checkVariables(text string) error {
	for _, name := range variables(text) {
		if !slices.Contains(templateVariables(), name) {
			return fmt.Errorf("{{%s}} is not a variable; there are {{%s}}", name, strings.Join(templateVariables(), "}}, {{"))
		}
	}
	if strings.Count(text, "{{") != strings.Count(text, "}}") {
		return fmt.Errorf("a variable is written {{name}}, with two braces on both sides")
	}
	return nil
}

// Fill writes the reply as by would send it to a contact from a line.
func (r CannedReply) Fill(b Business, l Line, c Contact, by Member) string {
	values := TemplateValues(b, l, c)
	values["member"] = firstWord(by.Name)
	return Fill(r.Text, values)
}

// SendAhead is how far ahead a text may be scheduled.
const SendAhead = 90 * 24 * time.Hour

// CheckSendAt refuses a time for a scheduled text that is not to come, or too far away. R3252.
func CheckSendAt(at, now time.Time) error {
	if !at.After(now) || at.After(now.Add(SendAhead)) {
		return Errorf(Invalid, "R3252", "Choose a time to come, at most 90 days ahead.")
	}
	return nil
}
