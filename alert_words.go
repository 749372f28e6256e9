package rebound

import (
	"fmt"
	"strings"
	"time"
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
		title = w.Name + " has waited " + Waited(w.Waited)
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
	take := "Reply 1 to take it, 3 if booked."
	if len(waiters) > 1 {
		take = "Reply 1 to take the first, 3 if booked."
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

// Waited writes how long somebody has waited, as an alert says it: "30 min", "2 h", "2 h 5 min".
func Waited(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h > 0 && m > 0:
		return fmt.Sprintf("%d h %d min", h, m)
	case h > 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d min", m)
}
