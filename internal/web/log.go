package web

import (
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// logStep is one line of "What Rebound did".
type logStep struct {
	at          time.Time
	Time, Stamp string
	Strong      string // begins the line
	Words       string
}

// log tells a conversation step by step, to the second, from the rows alone.
func (sc scene) log(c store.Conversation) []logStep {
	var steps []logStep
	say := func(at time.Time, strong, words string) {
		if !at.IsZero() {
			steps = append(steps, logStep{at: at, Time: sc.second(at), Stamp: stamp(at), Strong: strong, Words: words})
		}
	}
	for i := range c.Calls {
		sc.logCall(&c.Calls[i], say)
		say(c.Calls[i].Decision.At, "", c.Calls[i].Decision.Reason.Words())
	}
	for _, m := range c.Messages {
		logText(m, say)
	}
	for _, e := range c.Events {
		if e.Kind != rebound.EventCallArrived && e.Kind != rebound.EventDecided {
			say(e.At, "", sentence(e.Words))
		}
	}
	slices.SortStableFunc(steps, func(a, b logStep) int { return a.at.Compare(b.at) })
	return steps
}

type sayer func(at time.Time, strong, words string)

func (sc scene) logCall(call *rebound.Call, say sayer) {
	if call.Direction == rebound.Outbound {
		sc.logCallOut(call, say)
		return
	}
	from := call.From
	switch caller := phone.ParseCaller(call.From, sc.business.Country); caller.Kind {
	case phone.KindAnonymous:
		from = "a hidden number"
	case phone.KindNumber:
		from = sc.number(string(caller.Number))
	}
	say(call.ArrivedAt, "Call from "+from, "reached "+lineName(sc.line(call.Line))+".")
	sc.logPath(call, say)
	if names := rangNames(call); len(names) > 0 {
		say(firstRing(call), "", "Rings the "+map[bool]string{true: "phone", false: "phones"}[len(names) == 1]+" of "+and(names)+".")
	}
	for _, leg := range legs(call) {
		t, ok := legTarget(call, leg)
		if !ok {
			continue
		}
		name := firstWord(t.Name)
		if t.Destination.Kind.Screened() && leg.AcceptedAt.IsZero() {
			say(leg.AnsweredAt, "", name+"’s phone was picked up. A voicemail does that too, so a key has to be pressed.")
		}
		switch {
		case call.State == rebound.CallAnswered && call.AcceptedBy == t.Member && !leg.AcceptedAt.IsZero():
			say(leg.AcceptedAt, name+" accepted", "the call.")
		case call.State == rebound.CallAnswered && call.AcceptedBy == t.Member:
			say(leg.AnsweredAt, name+" answered", "the call.")
		case leg.Ended == rebound.EndBusy:
			say(leg.EndedAt, "", name+" "+legWords(call, leg, t)+".")
		}
	}
	if call.State == rebound.CallMissed {
		say(call.MissedAt, "Missed:", missWords(call.Reason)+".")
		if at, came := call.ToVoicemail(); came {
			say(at, "", "Voicemail picks up.")
		}
	}
	if call.Voicemail {
		say(call.RecordedAt, "", "Voicemail of "+rebound.Span(call.Recording.Duration)+" recorded.")
	}
	if call.Ended != "" {
		say(call.EndedAt, "", "The call is over.")
	}
}

// logPath says why the caller came to each step and who was passed over there. That voicemail picks up is said
// where the call is missed.
func (sc scene) logPath(call *rebound.Call, say sayer) {
	at := call.ArrivedAt
	for i, r := range call.Path() {
		step := call.Plan.Steps[r.Step]
		if !r.At.IsZero() {
			at = r.At
		}
		for _, m := range step.Passed {
			say(at, m.Name, "is not rung: "+m.Why+".")
		}
		if i == 0 || step.Kind != rebound.VoicemailStep {
			say(at, "", sentence(step.Why))
		}
	}
}

// rangNames are those whose phones rang.
func rangNames(call *rebound.Call) []string {
	var names []string
	for _, leg := range legs(call) {
		t, ok := legTarget(call, leg)
		if name := firstWord(t.Name); ok && !leg.RangAt.IsZero() && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func logText(m rebound.Message, say sayer) {
	if m.Direction == rebound.Inbound {
		say(m.CreatedAt, "Caller texted.", "")
		return
	}
	name := map[rebound.MessageClass]string{
		rebound.ClassTextBack: "Text-back", rebound.ClassConsent: "Automatic answer", rebound.ClassHuman: "The team’s text",
	}[m.Class]
	if wait := m.DueAt.Sub(m.CreatedAt); m.State == rebound.Planned && wait > 0 {
		say(m.CreatedAt, "", name+" goes out within "+rebound.Span(wait)+".")
	}
	say(m.SentAt, name+" sent", "to the carrier.")
	switch m.State {
	case rebound.Delivered:
		words := "as far as the carrier knows."
		if !m.SentAt.IsZero() {
			words = rebound.Span(m.DoneAt.Sub(m.SentAt)) + " later."
		}
		say(m.DoneAt, name+" delivered,", words)
	case rebound.Undelivered, rebound.FailedText, rebound.Unconfirmed, rebound.Cancelled:
		say(m.DoneAt, name+" not delivered.", strings.TrimPrefix(trouble(m), ". "))
	}
}
