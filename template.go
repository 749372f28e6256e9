package rebound

import (
	"fmt"
	"slices"
	"strings"
)

// Templates are the wordings of the automatic texts. Empty ones take the default.
// {{business}} must appear in each.
type Templates struct {
	Open       string `json:"open,omitempty"`
	AfterHours string `json:"after_hours,omitempty"`
	Voicemail  string `json:"voicemail,omitempty"` // a voicemail was left
	Known      string `json:"known,omitempty"`     // the contact's name is known; open hours
	Stop       string `json:"stop,omitempty"`      // confirms an opt-out
	Start      string `json:"start,omitempty"`     // confirms an opt-in
	Help       string `json:"help,omitempty"`
}

func (t Templates) withDefaults() Templates {
	for _, d := range []struct {
		text     *string
		fallback string
	}{
		{&t.Open, "Hi, this is {{business}}. Sorry we missed your call! What can we help you with? Reply STOP to opt out."},
		{&t.AfterHours, "Hi, this is {{business}}. We are closed right now, but we got your call. What do you need? We will get back to you. Reply STOP to opt out."},
		{&t.Voicemail, "Hi, this is {{business}}. We got your voicemail and will call you back. Anything to add? Text us here. Reply STOP to opt out."},
		{&t.Known, "Hi {{first_name}}, this is {{business}}. Sorry we missed your call! What can we help you with? Reply STOP to opt out."},
		{&t.Stop, "{{business}}: you will get no more texts from us. Reply START to get them again."},
		{&t.Start, "{{business}}: you will get our texts again. Reply STOP to opt out."},
		{&t.Help, "{{business}}: we text you about your calls to us. {{contact}} Reply STOP to opt out."},
	} {
		if *d.text == "" {
			*d.text = d.fallback
		}
	}
	return t
}

// templateVariables are the names a template may use.
func templateVariables() []string {
	return []string{"business", "first_name", "member", "hours", "booking_link", "contact", "line"}
}

// CheckTemplate reports an unknown or broken variable, or a missing {{business}}, with the remedy.
func CheckTemplate(text string) error {
	if err := checkVariables(text); err != nil {
		return err
	}
	if !slices.Contains(variables(text), "business") {
		return fmt.Errorf("the text must say whose it is: put {{business}} into it")
	}
	return nil
}

func variables(text string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(text, "{{")
		name, rest, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			return names
		}
		names, text = append(names, strings.TrimSpace(name)), rest
	}
}

// TemplateValues is what the variables of a template stand for in a text to a contact about a call to a line.
func TemplateValues(b Business, l Line, c Contact) map[string]string {
	return map[string]string{
		"business": b.Name, "first_name": c.FirstName(), "line": l.Name, "contact": b.Contact,
		"booking_link": b.TextBack.BookingLink, "hours": l.Schedule.Or(b.Schedule).Weekly.String(), "member": "",
	}
}

// Fill writes a template's text with its variables. An unknown or empty variable leaves nothing
// behind but the text around it, closed up.
func Fill(template string, values map[string]string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{{")
		name, rest, closed := strings.Cut(rest, "}}")
		if !found || !closed {
			b.WriteString(template)
			break
		}
		b.WriteString(before)
		b.WriteString(values[strings.TrimSpace(name)])
		template = rest
	}
	lines := strings.Split(b.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.Join(strings.Fields(line), " ")
	}
	text := strings.TrimSpace(strings.Join(lines, "\n"))
	for _, mark := range []string{",", ".", "!", "?"} {
		text = strings.ReplaceAll(text, " "+mark, mark)
	}
	return text
}
