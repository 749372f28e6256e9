package reboundtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// Scene begins another story in the same world: what it fails for is said under its name, and the business,
// the members' phones and the network are as at the beginning.
func (w *World) Scene(name string) {
	w.T.Helper()
	before := w.T
	if s, ok := before.(scene); ok {
		before = s.TB
	}
	w.T = scene{before, name}
	w.Network.Intercept(nil)
	w.Network.Behave(fake.Habits{})
	for _, n := range []phone.Number{AnaCell, BenCell, FrontDesk} {
		w.Network.Phone(n).LetsRing().Presses("1").Talks(time.Minute)
	}
	w.Declare(func(*rebound.Declaration) {})
}

// scene is a test within a test that cannot have subtests, as one in virtual time cannot.
type scene struct {
	testing.TB
	name string
}

func (s scene) Error(args ...any) {
	s.Helper()
	s.TB.Errorf("%s: %s", s.name, fmt.Sprint(args...))
}

func (s scene) Errorf(format string, args ...any) {
	s.Helper()
	s.TB.Errorf("%s: %s", s.name, fmt.Sprintf(format, args...))
}

func (s scene) Fatal(args ...any) {
	s.Helper()
	s.TB.Fatalf("%s: %s", s.name, fmt.Sprint(args...))
}

func (s scene) Fatalf(format string, args ...any) {
	s.Helper()
	s.TB.Fatalf("%s: %s", s.name, fmt.Sprintf(format, args...))
}

// Over waits until a call is over and all reports on it have arrived.
func (w *World) Over(c *fake.Call) {
	<-c.Done()
	w.Settle()
}

// Conversation returns what stands between the default business and a phone's owner.
func (w *World) Conversation(h *Handset) store.Conversation {
	w.T.Helper()
	c, err := w.Rows().ContactByNumber(context.Background(), string(h.Number))
	if err != nil {
		w.T.Fatalf("no contact for %s: %v", h.Number, err)
	}
	return w.conversation(w.Rows(), c.ID)
}

// Latest returns the conversation in which something happened last: that of a caller who hides.
func (w *World) Latest() store.Conversation {
	w.T.Helper()
	rows, err := w.Rows().Inbox(context.Background(), 1)
	if err != nil || len(rows) == 0 {
		w.T.Fatalf("the inbox: %d rows, %v", len(rows), err)
	}
	return w.conversation(w.Rows(), rows[0].Contact.ID)
}

func (w *World) conversation(rows store.Tenant, id rebound.ContactID) store.Conversation {
	w.T.Helper()
	c, err := rows.Conversation(context.Background(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	return c
}

// ExpectCall fails unless the phone's last call stands as said.
func (h *Handset) ExpectCall(state rebound.CallState, reason rebound.MissReason) *Handset {
	h.w.T.Helper()
	calls := h.w.Conversation(h).Calls
	if len(calls) == 0 {
		h.w.T.Errorf("%s: no call is known", h.Number)
		return h
	}
	if c := calls[len(calls)-1]; c.State != state || c.Reason != reason {
		h.w.T.Errorf("the call is %s %s, want %s %s", c.State, c.Reason, state, reason)
	}
	return h
}

// ExpectDecision fails unless the last miss of the phone's owner was decided so.
func (h *Handset) ExpectDecision(why rebound.TextBackReason) *Handset {
	h.w.T.Helper()
	ExpectDecision(h.w, h.w.Conversation(h), why)
	return h
}

// ExpectDecision fails unless the conversation's last miss was decided so.
func ExpectDecision(w *World, c store.Conversation, why rebound.TextBackReason) {
	w.T.Helper()
	made := Decisions(c)
	if len(made) == 0 {
		w.T.Errorf("nothing was decided, want %s", why)
		return
	}
	d := made[len(made)-1]
	if d.Reason != why || d.Send != (why == rebound.BecauseMissed) {
		w.T.Errorf("decided %s (send: %v), want %s", d.Reason, d.Send, why)
	}
}

// Decisions returns the decisions on a conversation's misses, in the order in which they were made.
func Decisions(c store.Conversation) []rebound.Decision {
	var made []rebound.Decision
	for _, call := range c.Calls {
		if !call.Decision.At.IsZero() {
			made = append(made, call.Decision)
		}
	}
	slices.SortStableFunc(made, func(a, b rebound.Decision) int { return a.At.Compare(b.At) })
	return made
}

// ExpectRecovery fails unless the phone's owner has one live recovery that stands as said.
func (h *Handset) ExpectRecovery(state rebound.RecoveryState, why rebound.WaitReason) *Handset {
	h.w.T.Helper()
	ExpectRecovery(h.w, h.w.Conversation(h), state, why)
	return h
}

// ExpectRecovery fails unless the conversation's last recovery stands as said. why counts only while it waits.
func ExpectRecovery(w *World, c store.Conversation, state rebound.RecoveryState, why rebound.WaitReason) {
	w.T.Helper()
	if len(c.Recoveries) == 0 {
		w.T.Errorf("there is no recovery, want one that is %s", state)
		return
	}
	r := c.Recoveries[len(c.Recoveries)-1]
	if r.State != state || state == rebound.RecoveryWaiting && r.Why != why {
		w.T.Errorf("the recovery is %s for %q, want %s for %q", r.State, r.Why, state, why)
	}
}

// ExpectNoRecovery fails if anything waits for the phone's owner or ever did.
func (h *Handset) ExpectNoRecovery() *Handset {
	h.w.T.Helper()
	if r := h.w.Conversation(h).Recoveries; len(r) > 0 {
		h.w.T.Errorf("there is a recovery, %s for %q", r[0].State, r[0].Why)
	}
	return h
}

// LastText returns the newest text to the phone's owner, as the program has it.
func (h *Handset) LastText() rebound.Message {
	h.w.T.Helper()
	all := h.w.Conversation(h).Messages
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Direction == rebound.Outbound {
			return all[i]
		}
	}
	h.w.T.Fatalf("%s: no text was written", h.Number)
	return rebound.Message{}
}

// ExpectTextState fails unless the newest text to the phone's owner has come so far.
func (h *Handset) ExpectTextState(state rebound.MessageState) *Handset {
	h.w.T.Helper()
	if m := h.LastText(); m.State != state {
		h.w.T.Errorf("the text is %s (%s %s), want %s", m.State, m.Code, m.Trouble, state)
	}
	return h
}

// ExpectSaid fails unless a line of the conversation's timeline says what.
func (h *Handset) ExpectSaid(kind rebound.EventKind, what string) *Handset {
	h.w.T.Helper()
	var said []string
	for _, e := range h.w.Conversation(h).Events {
		if e.Kind == kind && strings.Contains(e.Words, what) {
			return h
		}
		said = append(said, string(e.Kind)+": "+e.Words)
	}
	h.w.T.Errorf("no %s says %q; the timeline says %q", kind, what, said)
	return h
}

// checkPromise holds the world against the one-line promise of PRODUCT.md: every missed call has
// ended in a text or a call-back task. A text that may still arrive counts.
func (w *World) checkPromise() {
	w.T.Helper()
	businesses, err := w.Store.Read().Businesses(context.Background())
	if err != nil {
		w.T.Fatal(err)
	}
	for _, b := range businesses {
		rows := w.Store.Read().For(b)
		inbox, err := rows.Inbox(context.Background(), 1000)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, row := range inbox {
			w.checkConversation(w.conversation(rows, row.Contact.ID))
		}
	}
}

func (w *World) checkConversation(c store.Conversation) {
	w.T.Helper()
	who := c.Contact.Raw
	recoveries := map[rebound.RecoveryID]bool{}
	for _, r := range c.Recoveries {
		recoveries[r.ID] = true
		if r.State == rebound.RecoveryOpen && !answersRecovery(c.Messages, r) {
			w.T.Errorf("%s is forgotten: the recovery is open, and no text has left or will", who)
		}
		if (r.State == rebound.RecoveryWaiting) != !r.DueAt.IsZero() {
			w.T.Errorf("%s: the recovery is %s, its timer is due %v", who, r.State, r.DueAt)
		}
	}
	for _, call := range c.Calls {
		why, ok := call.Decision.Reason, !call.Decision.At.IsZero()
		switch {
		case call.State == rebound.CallRinging && call.CheckAt.IsZero():
			w.T.Errorf("%s: a call rings for ever", who)
		case call.State == rebound.CallMissed && !ok:
			w.T.Errorf("%s: a missed call was not decided about", who)
		case call.State == rebound.CallMissed && why.MakesRecovery() != recoveries[call.Recovery]:
			w.T.Errorf("%s: a call missed and decided %s has the recovery %q", who, why, call.Recovery)
		case call.MissedAt.IsZero() == (call.State == rebound.CallMissed), call.State == rebound.CallMissed && call.MissedAt.Before(call.ArrivedAt):
			w.T.Errorf("%s: a call %s that arrived %v was missed %v", who, call.State, call.ArrivedAt, call.MissedAt)
		}
	}
}

func answersRecovery(messages []rebound.Message, r rebound.Recovery) bool {
	for _, m := range messages {
		switch m.State {
		case rebound.Cancelled, rebound.FailedText, rebound.Undelivered, rebound.Unconfirmed:
			continue
		}
		if m.Recovery == r.ID && m.Direction == rebound.Outbound {
			return true
		}
	}
	return false
}
