package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/engine"
	"rebound/internal/store"
)

// callBackForm is the button that calls a customer. Without members nobody can.
type callBackForm struct {
	At      place
	Contact rebound.ContactID
	Members []author // who have a phone
	Key     string
	Back    string
}

func (sc scene) callBackForm(c store.Conversation) callBackForm {
	f := callBackForm{Contact: c.Contact.ID, At: sc.at, Back: sc.at.threadEnd(c.Contact.ID)}
	if c.Contact.MayBeCalled() != nil {
		return f
	}
	for _, m := range sc.members {
		if len(m.Rings) > 0 {
			f.Members = append(f.Members, author{m.ID, firstWord(m.Name), m.ID == sc.as})
		}
	}
	// The key follows from what the page shows: two presses of one button are one call, whoever presses.
	f.Key = "first-" + string(c.Contact.ID)
	for _, call := range c.Calls {
		if call.Direction == rebound.Outbound {
			f.Key = "after-" + string(call.ID)
		}
	}
	return f
}

// callBack rings a member's phone and then the customer's. What becomes of it is shown in the thread.
func (s *site) callBack(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	b := engine.CallBack{
		Business: s.Business, Contact: rebound.ContactID(r.PathValue("contact")),
		Member: rebound.MemberID(r.PostForm.Get("author")), Key: r.PostForm.Get("key"),
	}
	if s.pretend != nil {
		if err := s.byHand(r.Context()); err != nil {
			return err
		}
	}
	call, err := s.Desk.CallBack(r.Context(), b)
	if err != nil {
		return err
	}
	if call.Ended != "" {
		return rebound.Errorf(rebound.Conflict, "R1622", "That call is over. Reload the page to call again.")
	}
	s.remember(w, b.Member)
	return done(w, r, s.backTo(r, b.Contact))
}

// calledOut says where a call stands that a member makes.
func (card *callCard) calledOut(sc scene, call *rebound.Call, their string) (detail string) {
	t, _ := legTarget(call, rebound.Leg{})
	whose := firstWord(t.Name) + "’s"
	if t.Member == sc.as {
		whose = "your"
	}
	card.Icon = "phone-out"
	switch call.State {
	case rebound.CallCalling:
		card.Title, card.Badge = "Ringing "+whose+" phone…", "badge--accent"
		if call.KeyPressed() {
			card.Title = "Ringing " + their + "…"
		}
		card.since(sc, call.ArrivedAt)
	case rebound.CallAnswered:
		card.Title, card.Badge = firstWord(t.Name)+" reached "+their, "badge--ok"
		switch {
		case call.Talk > 0:
			return "talked " + rebound.Span(call.Talk)
		case call.Ended == "":
			return "on the call now"
		}
	default:
		card.Title, card.Badge = unansweredWords(call.Reason, capital(whose)), "badge--miss"
	}
	return ""
}

// unansweredWords says why a call that a member makes reached nobody.
func unansweredWords(r rebound.MissReason, whose string) string {
	switch r {
	case rebound.NotTaken:
		return whose + " phone was not answered"
	case rebound.AllBusy:
		return "Called, their line was busy"
	case rebound.Abandoned:
		return "Called, hung up before they answered"
	case rebound.Failed:
		return "The call could not be made"
	}
	return "Called, no answer"
}

// outLegWords says what became of one phone of a call that a member makes.
func outLegWords(call *rebound.Call, leg rebound.Leg) string {
	over := leg.Ended != "" || call.Ended != ""
	switch ours := leg.Step != rebound.CustomerStep; {
	case ours && call.KeyPressed():
		return "pressed a key"
	case ours && !leg.AnsweredAt.IsZero() && over:
		return "picked up, pressed no key"
	case ours && !leg.AnsweredAt.IsZero():
		return "picked up, no key yet"
	case !leg.AnsweredAt.IsZero(), !ours && call.State == rebound.CallAnswered:
		return "answered"
	case leg.Ended == rebound.EndBusy && ours && !leg.RangAt.IsZero():
		return "declined"
	case leg.Ended == rebound.EndBusy:
		return "on a call"
	case leg.Ended == rebound.EndFailed:
		return "could not be rung"
	case !over:
		return "rings"
	}
	return "no answer"
}

// logCallOut tells a call that a member makes, step by step.
func (sc scene) logCallOut(call *rebound.Call, say sayer) {
	t, _ := legTarget(call, rebound.Leg{})
	name := firstWord(t.Name)
	say(call.ArrivedAt, sentence(call.Plan.Steps[0].Why), "Their own phone rings first.")
	for _, leg := range legs(call) {
		who, _ := legTarget(call, leg)
		if leg.Step == rebound.CustomerStep {
			say(leg.RangAt, "", who.Name+"’s phone rings.")
			say(leg.AnsweredAt, who.Name+" answered", "the call.")
			continue
		}
		if leg.AcceptedAt.IsZero() {
			say(leg.AnsweredAt, "", name+"’s phone was picked up. A voicemail does that too, so a key has to be pressed.")
		}
		say(leg.AcceptedAt, name+" pressed a key", "and is being connected.")
	}
	switch {
	case call.State == rebound.CallUnanswered:
		say(cameToNothing(call), "", sentence(unansweredWords(call.Reason, name+"’s")))
	case call.ProvesContact():
		say(call.EndedAt, "", "They talked for "+rebound.Span(call.Talk)+", which is proof of contact.")
	case call.Ended != "":
		say(call.EndedAt, "", "They talked for "+rebound.Span(call.Talk)+", too short to be proof of contact.")
	}
}

// cameToNothing is when the first report said that nobody was reached.
func cameToNothing(call *rebound.Call) time.Time {
	at := call.EndedAt
	for _, r := range call.Rings {
		if at.IsZero() || r.At.Before(at) {
			at = r.At
		}
	}
	return at
}

// ownPhones lists the team's pretend phones in calls that are made for a conversation.
func (s *site) ownPhones(sc scene, c store.Conversation) []teamPhone {
	var phones []teamPhone
	for _, m := range sc.members {
		for _, d := range m.Rings {
			for _, leg := range s.pretend.Network.Phone(d.Number).Ringing() {
				i := slices.IndexFunc(c.Calls, func(of rebound.Call) bool { return of.CarrierID == leg.ID })
				if i >= 0 {
					phones = append(phones, sc.ownPhone(leg, m, &c.Calls[i]))
				}
			}
		}
	}
	return phones
}

func (sc scene) ownPhone(leg *fake.Leg, m rebound.Member, call *rebound.Call) teamPhone {
	p := teamPhone{Leg: leg.ID, Person: sc.person(m.ID), Words: "rings now"}
	hangUp := legAction{"hang-up", "Hang up", false}
	switch state := leg.State(); {
	case state == fake.LegRings:
		p.Actions = []legAction{{"answer", "Answer", true}, {"decline", "Decline", false}}
	case state == fake.LegConnected:
		p.Words, p.Actions = "talks with the customer", []legAction{hangUp}
	case call.KeyPressed():
		p.Words, p.Actions = "hears the customer’s phone ring", []legAction{hangUp}
	default:
		p.Words = "hears: “" + call.Plan.Steps[0].Announce + "”"
		p.Actions = []legAction{{"key", "Press 1", true}, hangUp}
	}
	return p
}

// rungBy is the leg that rings the pretend caller's own handset, or in which they talk; nil: none.
func (p *pretend) rungBy(c caller) *fake.Leg {
	if legs := p.Network.Phone(c.Number).Ringing(); len(legs) > 0 {
		return legs[0]
	}
	return nil
}

// called is the handset's screen while the business calls it.
func (h *handset) called(leg *fake.Leg) {
	h.Screen, h.Since, h.Quote, h.Tone, h.Leg = "call", 0, "", false, leg.ID
	h.Status, h.Hint = "calls you", "The business calls back. Answer it, and talk for 20 seconds: that stops the clock."
	h.Actions = []legAction{{"answer", "Answer", true}, {"decline", "Decline", false}}
	if leg.State() != fake.LegRings {
		h.Status, h.Hint = "connected", "Talk for 20 seconds, and the clock stops."
		h.Actions = []legAction{{"hang-up", "Hang up", false}}
	}
}

// legOf finds a pretend leg that the page shows: of the caller's own call, or of one that the business makes.
func (s *site) legOf(ctx context.Context, c caller, id string) (*fake.Leg, error) {
	members, err := s.rows.Members(ctx)
	if err != nil {
		return nil, err
	}
	all := s.pretend.Network.Phone(c.Number).Ringing()
	if call := s.pretend.call(c.Number); call != nil {
		all = append(all, call.Legs()...)
	}
	for _, m := range members {
		for _, d := range m.Rings {
			all = append(all, s.pretend.Network.Phone(d.Number).Ringing()...)
		}
	}
	for _, leg := range all {
		if leg.ID == id {
			return leg, nil
		}
	}
	return nil, nil
}
