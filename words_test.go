package rebound

import (
	"strings"
	"testing"
	"time"
)

func TestFill(t *testing.T) {
	values := map[string]string{"business": "Acme", "first_name": "", "hours": "8-5"}
	for template, want := range map[string]string{
		"Hi, this is {{business}}.":                        "Hi, this is Acme.",
		"Hi {{first_name}}, this is {{business}}.":         "Hi, this is Acme.",
		"{{ business }}: open {{hours}}":                   "Acme: open 8-5",
		"{{business}} {{unknown}}!":                        "Acme!",
		"{{business}}\nLine two":                           "Acme\nLine two",
		"{{business}} {{unclosed":                          "Acme {{unclosed",
		"no variable":                                      "no variable",
		"{{first_name}} {{business}} wants {{first_name}}": "Acme wants",
	} {
		if got := Fill(template, values); got != want {
			t.Errorf("Fill(%q) = %q, want %q", template, got, want)
		}
	}
}

// What a stranger put into a name is text, never a template.
func TestFillDoesNotFillTwice(t *testing.T) {
	got := Fill("{{business}}", map[string]string{"business": "{{hours}}", "hours": "leaked"})
	if got != "{{hours}}" {
		t.Errorf("filled twice: %q", got)
	}
}

func TestCheckTemplate(t *testing.T) {
	if err := CheckTemplate("Hi {{first_name}}, this is {{business}}."); err != nil {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"Hi there":                      "{{business}}",
		"{{busines}} here":              "is not a variable",
		"{{business}} {{hours":          "two braces",
		"{{business}} }} called":        "two braces",
		"{{first_name}} this is us, ok": "{{business}}",
	} {
		if err := CheckTemplate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("CheckTemplate(%q) = %v, want something about %q", text, err, want)
		}
	}
}

func TestDefaultTemplatesPass(t *testing.T) {
	d := Templates{}.withDefaults()
	for _, text := range []string{d.Open, d.AfterHours, d.Voicemail, d.Known, d.Stop, d.Start, d.Help} {
		if err := CheckTemplate(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if filled := Fill(text, map[string]string{"business": "Acme Plumbing & Heating", "first_name": "Maria", "contact": "Call (415) 555-0134."}); len(filled) > 160 {
			t.Errorf("%q is %d characters, more than one text", filled, len(filled))
		}
	}
}

func TestConsent(t *testing.T) {
	for _, test := range []struct {
		now     ConsentState
		intent  ConsentIntent
		carrier bool
		next    ConsentState
		answer  ConsentAnswer
	}{
		{ConsentUnsaid, IntentStop, false, ConsentOptedOut, AnswerStop},
		{ConsentUnsaid, IntentStop, true, ConsentOptedOut, AnswerNone},
		{ConsentOptedOut, IntentStop, false, ConsentOptedOut, AnswerNone},
		{ConsentGiven, IntentStop, false, ConsentOptedOut, AnswerStop},
		{ConsentInDoubt, IntentStop, false, ConsentOptedOut, AnswerStop},
		{ConsentUnsaid, IntentMaybeStop, false, ConsentInDoubt, AnswerNone},
		{ConsentOptedOut, IntentMaybeStop, false, ConsentOptedOut, AnswerNone},
		{ConsentUnsaid, IntentStart, false, ConsentUnsaid, AnswerNone},
		{ConsentOptedOut, IntentStart, false, ConsentGiven, AnswerStart},
		{ConsentOptedOut, IntentStart, true, ConsentGiven, AnswerNone},
		{ConsentInDoubt, IntentStart, false, ConsentInDoubt, AnswerNone}, // "yes" may answer anything
		{ConsentUnsaid, IntentHelp, false, ConsentUnsaid, AnswerHelp},
		{ConsentOptedOut, IntentHelp, false, ConsentOptedOut, AnswerHelp},
		{ConsentUnsaid, IntentNone, false, ConsentUnsaid, AnswerNone},
		{ConsentOptedOut, IntentNone, false, ConsentOptedOut, AnswerNone},
	} {
		next, answer := Consent(test.now, test.intent, test.carrier)
		if next != test.next || answer != test.answer {
			t.Errorf("%q says %q (carrier answers: %v): %q, %q; want %q, %q", test.now, test.intent, test.carrier, next, answer, test.next, test.answer)
		}
	}
}

func TestReceiptsOnlyMoveATextForward(t *testing.T) {
	states := []MessageState{Queued, Sent, Delivered}
	for i, from := range states {
		for j, to := range states {
			if got := from.Before(to); got != (i < j) {
				t.Errorf("%s before %s: %v", from, to, got)
			}
		}
	}
	for _, end := range []MessageState{Delivered, Undelivered, FailedText, Cancelled, Unconfirmed, Received, Planned} {
		for _, to := range []MessageState{Queued, Sent, Delivered, Undelivered, FailedText} {
			if end.Before(to) {
				t.Errorf("%s moves to %s", end, to)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", -time.Second: "0 s", 40 * time.Second: "40 s", time.Minute: "1 m", 160 * time.Second: "2 m 40 s",
		12*time.Minute + 5*time.Second: "12 m", time.Hour: "1 h", 76 * time.Minute: "1 h 16 m", 49 * time.Hour: "49 h",
	} {
		if got := strings.ReplaceAll(Span(d), "\u00a0", " "); got != want {
			t.Errorf("Span(%v) = %q, want %q", d, got, want)
		}
	}
}
