package web

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/store"
)

// thread is a conversation in order, oldest first.
type thread struct {
	Contact rebound.ContactID
	Items   []item
}

// item is one thing in a thread: a call, a text, or a line that says what happened. One of the three is set.
type item struct {
	at   time.Time
	ID   string
	Day  string // goes before it when it is the first of its day
	Call *callCard
	Text *bubble
	Line *eventLine
}

// eventLine is a small line between bubbles.
type eventLine struct {
	Class, Icon string
	Words, Time string
	Stamp       string
}

// thread puts everything between a contact and the business in one order.
func (sc scene) thread(c store.Conversation) thread {
	var items []item
	for i := range c.Calls {
		call := &c.Calls[i]
		items = append(items, item{at: call.ArrivedAt, ID: "call-" + string(call.ID), Call: sc.callCard(call, c)})
		if d := call.Decision; !d.At.IsZero() && !d.Send {
			items = append(items, item{at: d.At, ID: "why-" + string(call.ID), Line: sc.note(d.At, "", "msg", d.Reason.Words())})
		}
	}
	for _, m := range c.Messages {
		items = append(items, item{at: m.CreatedAt, ID: "text-" + string(m.ID), Text: sc.bubble(m, c)})
	}
	for _, e := range c.Events {
		if line := sc.eventLine(e, c); line != nil {
			items = append(items, item{at: e.At, ID: "event-" + e.ID, Line: line})
		}
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.at.Compare(b.at) })
	for i := range items {
		if i == 0 || !sc.sameDay(items[i-1].at, items[i].at) {
			items[i].Day = sc.day(items[i].at)
		}
	}
	return thread{c.Contact.ID, items}
}

// note is a line that ends with its time.
func (sc scene) note(at time.Time, class, icon, words string) *eventLine {
	return &eventLine{Class: class, Icon: icon, Words: strings.TrimSuffix(words, "."), Time: sc.clock(at), Stamp: stamp(at)}
}

// eventLine shows an event, or nil where the call, the text or the decision that it is about shows it already.
func (sc scene) eventLine(e rebound.Event, c store.Conversation) *eventLine {
	class, icon := "", "clock"
	switch e.Kind {
	case rebound.EventCallArrived, rebound.EventDecided:
		return nil
	case rebound.EventStepReached:
		class, icon = "is-warn", "bell"
		if sc.pastSupervisor(e, c.Recoveries) {
			class, icon = "is-crit", "flag"
		}
	case rebound.EventContactMade:
		class, icon = "is-ok", "check"
	case rebound.EventContactVoid:
		class, icon = "is-warn", "clock"
	case rebound.EventOutcome:
		icon = "dollar"
	case rebound.EventConsent:
		icon = "shield"
	case rebound.EventTextTrouble, rebound.EventConfigAlarm, rebound.EventRouteAlarm:
		class, icon = "is-crit", "warn"
	}
	return sc.note(e.At, class, icon, e.Words)
}

// pastSupervisor reports whether a policy step came when the supervisor had to know.
func (sc scene) pastSupervisor(e rebound.Event, recoveries []rebound.Recovery) bool {
	after, ok := stage(sc.business.Policy, rebound.ToSupervisor)
	i := slices.IndexFunc(recoveries, func(r rebound.Recovery) bool { return r.ID == e.Recovery })
	return ok && i >= 0 && e.At.Sub(recoveries[i].WaitSince) >= after
}

// callCard is one call in a thread.
type callCard struct {
	Title, Sub  string
	Badge, Icon string
	Time, Stamp string
	Rang        []rung
	Voicemail   *voicemail
	Since       int64 // the page counts from here while the call goes on; milliseconds, 0: it is over
	Count       string
}

// rung is one phone that a call rang.
type rung struct {
	Person person
	Words  string
}

// voicemail is a recording to listen to, or why there is none.
type voicemail struct {
	ID, Link string
	Seconds  string
	Length   string // "0:26"
	Spoken   string // "26 s"
	Trouble  string // instead of Link
	Words    string // what a machine heard in it; empty: see NoWords
	NoWords  string // why there are none, where a machine was asked
}

func (sc scene) callCard(call *rebound.Call, c store.Conversation) *callCard {
	card := &callCard{Time: sc.clock(call.ArrivedAt), Stamp: stamp(call.ArrivedAt), Rang: sc.rang(call), Voicemail: sc.voicemail(call, c.Media, c.Transcripts)}
	sub := []string{lineName(sc.line(call.Line))}
	switch call.State {
	case rebound.CallCalling, rebound.CallUnanswered:
		sub = append(sub, call.Plan.Steps[0].Why, card.calledOut(sc, call, sc.name(c.Contact)))
	case rebound.CallRinging:
		card.Title, card.Badge, card.Icon = "Ringing now", "badge--accent", "phone-in"
		sub = append(sub, and(ringingNames(call)))
		card.since(sc, call.FirstRing())
	case rebound.CallAnswered:
		if call.Direction == rebound.Outbound {
			sub = append(sub, call.Plan.Steps[0].Why, card.calledOut(sc, call, sc.name(c.Contact)))
			break
		}
		card.Title, card.Badge, card.Icon = "Answered", "badge--ok", "phone"
		if p := sc.person(call.AcceptedBy); p.First != "" {
			card.Title = p.First + " answered"
		}
		if call.Talk > 0 {
			sub = append(sub, "talked "+rebound.Span(call.Talk))
		} else if call.Ended == "" {
			sub = append(sub, "on the call now")
		}
	case rebound.CallBlocked:
		card.Title, card.Icon = "Call refused", "missed"
		sub = append(sub, call.Plan.Steps[0].Why)
	default:
		card.missed(sc, call)
		if len(call.Legs) > 0 {
			sub = append(sub, "rang "+rebound.Span(call.MissedAt.Sub(firstRing(call))))
		}
		sub = append(sub, missWords(call.Reason))
	}
	card.Sub = strings.Join(slices.DeleteFunc(sub, func(s string) bool { return s == "" }), " · ")
	return card
}

func (card *callCard) missed(sc scene, call *rebound.Call) {
	card.Title, card.Badge, card.Icon = "Missed call", "badge--miss", "missed"
	switch {
	case call.Voicemail:
		card.Title = "Missed call, left a voicemail"
	case call.OnVoicemail() && sc.now.Sub(call.MissedAt) < call.Plan.Longest():
		card.Title, card.Badge, card.Icon = "Missed call, on voicemail now", "", "vm"
		card.since(sc, call.MissedAt)
	}
}

func (card *callCard) since(sc scene, at time.Time) {
	card.Since, card.Count = at.UnixMilli(), minutes(sc.now.Sub(at))
}

func lineName(l rebound.Line) string {
	if l.Name == "" {
		return "A number no longer in use"
	}
	return l.Name
}

// firstRing is when the first phone rang, as far as told, else when the call came.
func firstRing(call *rebound.Call) time.Time {
	var first time.Time
	for _, leg := range call.Legs {
		if !leg.RangAt.IsZero() && (first.IsZero() || leg.RangAt.Before(first)) {
			first = leg.RangAt
		}
	}
	if first.IsZero() {
		return call.ArrivedAt
	}
	return first
}

// legTarget is whom a leg rings; false for a leg that the plan does not know.
func legTarget(call *rebound.Call, leg rebound.Leg) (rebound.Target, bool) {
	if leg.Step < 0 || leg.Step >= len(call.Plan.Steps) {
		return rebound.Target{}, false
	}
	targets := call.Plan.Steps[leg.Step].Targets
	if leg.Target < 0 || leg.Target >= len(targets) {
		return rebound.Target{}, false
	}
	return targets[leg.Target], true
}

// legs are a call's legs in the order of its plan.
func legs(call *rebound.Call) []rebound.Leg {
	all := slices.Clone(call.Legs)
	slices.SortStableFunc(all, func(a, b rebound.Leg) int { return cmp.Or(a.Step-b.Step, a.Target-b.Target) })
	return all
}

// ringingNames are those whose phones have not stopped ringing.
func ringingNames(call *rebound.Call) []string {
	var names []string
	for _, leg := range legs(call) {
		t, ok := legTarget(call, leg)
		if name := firstWord(t.Name); ok && leg.Ended == "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (sc scene) rang(call *rebound.Call) []rung {
	var all []rung
	for _, leg := range legs(call) {
		t, ok := legTarget(call, leg)
		if !ok {
			continue
		}
		p := sc.person(t.Member)
		if p.First == "" {
			p = person{Name: t.Name, First: firstWord(t.Name), Initials: initials(t.Name)}
		}
		all = append(all, rung{p, legWords(call, leg, t)})
	}
	return all
}

// legWords says what became of one phone's ringing. A phone that rang and then was busy was declined by hand.
func legWords(call *rebound.Call, leg rebound.Leg, t rebound.Target) string {
	if call.Direction == rebound.Outbound {
		return outLegWords(call, leg)
	}
	screened := t.Destination.Kind.Screened()
	switch {
	case call.State == rebound.CallAnswered && call.AcceptedBy == t.Member:
		return "answered"
	case !leg.AcceptedAt.IsZero():
		return "was a moment later"
	case screened && !leg.AnsweredAt.IsZero() && leg.Ended == "" && call.State == rebound.CallRinging:
		return "picked up, no key yet"
	case screened && !leg.AnsweredAt.IsZero():
		return "picked up, pressed no key"
	case leg.Ended == rebound.EndBusy && !leg.RangAt.IsZero():
		return "declined"
	case leg.Ended == rebound.EndBusy:
		return "on a call"
	case leg.Ended == rebound.EndFailed:
		return "could not be rung"
	case leg.Ended == "" && call.State == rebound.CallRinging:
		return "rings"
	}
	return "no answer"
}

func (sc scene) voicemail(call *rebound.Call, media []rebound.Media, heard []rebound.Transcript) *voicemail {
	if !call.Voicemail {
		return nil
	}
	length := call.Recording.Duration
	v := &voicemail{
		ID: "vm-" + string(call.ID), Seconds: seconds(length.Seconds()), Length: minutes(length), Spoken: rebound.Span(length),
		Trouble: "The recording is on its way.",
	}
	for _, m := range media {
		switch {
		case m.Call != call.ID:
		case m.State == rebound.MediaStored:
			v.Link, v.Trouble = sc.at.media(m.ID), ""
			v.Words, v.NoWords = transcript(m.ID, heard)
		case m.State == rebound.MediaLost:
			v.Trouble = "The recording could not be fetched. " + sentence(m.Trouble)
		}
	}
	return v
}

// transcript returns what a machine heard in a recording, or why there is nothing to read.
func transcript(id rebound.MediaID, heard []rebound.Transcript) (words, none string) {
	i := slices.IndexFunc(heard, func(t rebound.Transcript) bool { return t.Media == id })
	switch {
	case i < 0:
		return "", ""
	case heard[i].State == rebound.TranscriptMade && heard[i].Words == "":
		return "", "No words were heard."
	case heard[i].State == rebound.TranscriptMade:
		return heard[i].Words, ""
	case heard[i].Trouble == "":
		return "", "The transcript is on its way."
	}
	return "", heard[i].Trouble
}
