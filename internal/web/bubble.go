package web

import (
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/store"
)

// bubble is one text in a thread. Its look says who wrote it: the customer grey, a machine dashed with a
// bolt, a teammate cobalt.
type bubble struct {
	Class       string
	Key         string // of the press of Send that made it
	Automatic   string // "Automatic text-back"; empty: a person wrote it
	Body        string
	Pictures    []picture
	Author      person
	State       delivery
	Time, Stamp string
	Due         int64  // when it goes out, milliseconds; 0: it has, or nobody waits for it
	DueIn       string // "39 s"
	After       string // "7 s after the call"
	Why         string // the decision, in words
}

// picture is what came with a text.
type picture struct {
	Link    string
	Shown   bool   // it is safe and stored; else Words say why it is not to be seen
	Words   string // also for those who cannot see it
	Attach  bool   // something else than a picture: to download
	Trouble bool
}

// delivery is how far a text has come, in words.
type delivery struct{ Class, Icon, Words string }

func (sc scene) bubble(m rebound.Message, c store.Conversation) *bubble {
	b := &bubble{Class: "msg--in", Body: m.Body}
	at := m.CreatedAt
	if m.Direction == rebound.Outbound {
		b.Class = "msg--out"
		b.State = sc.delivery(m)
		at = reachedAt(m)
	}
	b.Time, b.Stamp = sc.clock(at), stamp(at)
	if wait := m.DueAt.Sub(sc.now); m.State == rebound.Planned && wait > 0 {
		b.Due, b.DueIn = m.DueAt.UnixMilli(), until(wait)
	}
	switch m.Class {
	case rebound.ClassHuman:
		b.Author = sc.person(m.Author)
		b.Key = sendKey(m.Once)
	case rebound.ClassTextBack:
		b.Class += " msg--auto"
		b.Automatic = "Automatic text-back"
		b.After = afterCall(m, c.Calls)
		b.Why = why(m.Call, c.Calls)
	case rebound.ClassConsent:
		b.Class += " msg--auto"
		b.Automatic = "Automatic answer"
	}
	switch m.State {
	case rebound.FailedText, rebound.Undelivered, rebound.Unconfirmed, rebound.Cancelled:
		b.Class += " is-failed"
	case rebound.Sending, rebound.Unknown:
		if m.Class == rebound.ClassHuman {
			b.Class += " is-sending"
		}
	}
	for _, p := range c.Media {
		if p.Message == m.ID {
			b.Pictures = append(b.Pictures, sc.pictureOf(p))
		}
	}
	return b
}

// reachedAt is the latest that is known of a text's way.
func reachedAt(m rebound.Message) time.Time {
	for _, t := range []time.Time{m.DoneAt, m.SentAt} {
		if !t.IsZero() {
			return t
		}
	}
	return m.CreatedAt
}

// sendKey is the page's own key in what makes a text unique.
func sendKey(once string) string { return once[strings.LastIndexAny(once, ":/")+1:] }

// delivery says where a text is. The carrier's code stands in brackets, never alone.
func (sc scene) delivery(m rebound.Message) delivery {
	switch m.State {
	case rebound.Planned:
		return delivery{"", "clock", "Goes out within"}
	case rebound.Sending:
		return delivery{"", "clock", "Sending"}
	case rebound.Unknown:
		return delivery{"", "clock", "Asking the carrier whether it went out"}
	case rebound.Queued, rebound.Sent:
		return delivery{"", "check", "Sent"}
	case rebound.Delivered:
		return delivery{"ok", "checks", "Delivered"}
	case rebound.Cancelled:
		return delivery{"", "x", "Not sent" + trouble(m)}
	case rebound.Unconfirmed:
		return delivery{"bad", "warn", "Nobody can tell whether it arrived" + trouble(m)}
	case rebound.Undelivered:
		return delivery{"bad", "warn", "Not delivered" + trouble(m)}
	case rebound.FailedText:
		return delivery{"bad", "warn", "Not sent" + trouble(m)}
	}
	return delivery{"", "clock", string(m.State)}
}

func trouble(m rebound.Message) string {
	words := ""
	if m.Trouble != "" {
		words = ". " + strings.TrimSuffix(sentence(m.Trouble), ".")
	}
	if m.Code != "" {
		words += " [" + m.Code + "]"
	}
	return words
}

// afterCall says how soon after the end of a call an automatic text went out. Who listens to the greeting
// or speaks after the tone is still in the call.
func afterCall(m rebound.Message, calls []rebound.Call) string {
	i := slices.IndexFunc(calls, func(c rebound.Call) bool { return c.ID == m.Call })
	if i < 0 || m.SentAt.IsZero() || calls[i].MissedAt.IsZero() {
		return ""
	}
	c := calls[i]
	end := c.MissedAt
	for _, t := range []time.Time{c.RecordedAt, c.GoneAt, c.EndedAt} {
		if t.After(end) && !t.After(m.SentAt) {
			end = t
		}
	}
	if m.SentAt.Sub(end) < time.Second {
		return "right after the call"
	}
	return rebound.Span(m.SentAt.Sub(end)) + " after the call"
}

// why is the decision on a call's miss, in words.
func why(id rebound.CallID, calls []rebound.Call) string {
	for _, c := range calls {
		if c.ID == id && !c.Decision.At.IsZero() {
			return c.Decision.Reason.Words()
		}
	}
	return ""
}

func (sc scene) pictureOf(m rebound.Media) picture {
	p := picture{Link: sc.at.media(m.ID), Words: "Picture from the customer"}
	switch {
	case m.State == rebound.MediaLost:
		p.Trouble, p.Words = true, "A picture came with it and could not be fetched. "+sentence(m.Trouble)
	case m.State != rebound.MediaStored:
		p.Trouble, p.Words = true, "A picture came with it and is on its way."
	case strings.HasPrefix(safeType(m.ContentType), "image/"):
		p.Shown = true
	default:
		p.Attach, p.Words = true, "File from the customer"
	}
	return p
}
