package rebound

import (
	"fmt"
	"strings"
	"time"

	"rebound/internal/phone"
)

// Waiter is one caller as an alert names them.
type Waiter struct {
	Name   string // or the number, where nobody knows the name
	Said   string // their last words; empty: they wrote none
	Why    WaitReason
	Waited time.Duration
	Urgent bool
}

// AlertWords say who waits, the longest first: title in one line, body what follows it.
func AlertWords(waiters []Waiter) (title, body string) {
	if len(waiters) == 1 {
		w := waiters[0]
		return w.title(), w.did()
	}
	var lines []string
	for _, w := range waiters {
		lines = append(lines, w.title()+": "+w.did())
	}
	return fmt.Sprintf("%d people wait", len(waiters)), strings.Join(lines, "\n")
}

func (w Waiter) title() string {
	title := w.Name + " waits"
	if w.Waited >= time.Minute {
		title = w.Name + " has waited " + SpanInWords(w.Waited)
	}
	if w.Urgent {
		title = "URGENT: " + title
	}
	return title
}

func (w Waiter) did() string {
	switch {
	case w.Said != "":
		return "“" + w.Said + "”"
	case w.Why == WaitVoicemail:
		return "left a voicemail."
	case w.Why == WaitAgain:
		return "called again and was missed again."
	case w.Why == WaitReply:
		return "wrote."
	}
	return "called and has no text from us. Call back."
}

// AlertText is an alert as one text: the business, who waits and why, what to answer, and where to look.
// again: an earlier one may have arrived.
func AlertText(business string, waiters []Waiter, again bool, link string) string {
	title, body := AlertWords(waiters)
	parts := []string{business + ": " + title + ": " + body}
	if len(waiters) > 1 {
		parts = []string{business + ": " + title + ".", body}
	}
	take := "Reply 1 to take it, 2 to be connected, 3 if booked."
	if len(waiters) > 1 {
		take = "Reply 1 to take the first, 2 to be connected, 3 if booked."
	}
	parts = append(parts, take)
	if link != "" {
		parts = append(parts, link)
	}
	text := strings.Join(parts, "\n")
	if again {
		return "Repeat. " + text
	}
	return text
}

// NotConnected tells a member who asked to be connected with a caller that it did not come to that.
func NotConnected(business string, c Contact, trouble string) string {
	return fmt.Sprintf("%s: you are not connected with %s: %s. Call %s from your own phone.", business, c.spoken(), trouble,
		phone.Number(c.Number).International())
}
