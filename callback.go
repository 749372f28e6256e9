package rebound

import (
	"fmt"
	"time"

	"rebound/internal/phone"
)

// This file is about the calls that Rebound makes itself. A member's phone is rung first; who presses a key there
// is connected with the customer, who sees the line's number. Such a call is judged by its evidence like one that
// comes in, so order and repetition of the reports do not matter.

// ProofOfContact is how long member and customer must have talked for the clock to stop
// (PRODUCT.md, "The clock").
const ProofOfContact = 20 * time.Second

const (
	ourStep   = 0 // of an outbound call's plan: the member's phone
	theirStep = CustomerStep

	// CustomerStep is the step of an outbound call's plan that rings the customer.
	CustomerStep = 1
)

// ringForCallBack is how long each of the two phones of an outbound call rings.
const ringForCallBack = 30 * time.Second

// CallBackFacts are what is known of a call that is to be made.
type CallBackFacts struct {
	Business Business
	Line     Line
	Contact  Contact
	Member   Member
	Phone    phone.Number // of the member's, rung in place of their first; empty: that one
	Blocked  bool         // the business has blocked the customer's number
	OwnLine  bool         // the number is one of the business's own
	Called   bool         // a call made earlier still rings the member, or they talk in it
}

// CallBack returns the plan of a call in which a member reaches a customer. An opt-out of texts does not forbid
// it. The errors are R2302 the customer's number is not known, R2303 it is blocked, R2304 it costs extra,
// R2305 it is a line of the business, R2307 the member has no phone, R2308 the member is in such a call already.
func CallBack(f CallBackFacts) (Plan, error) {
	announce := fmt.Sprintf("%s: calling %s back. Press any key to be connected.", f.Business.Name, f.Contact.spoken())
	return f.plan(announce, f.Member.Name+" calls back")
}

// PhoneAlert returns the plan of a call that alerts a member and connects them with who waits. said is what the
// customer wrote last, empty where they wrote nothing; waited is for how long; others wait beside them. The errors are CallBack's.
func PhoneAlert(f CallBackFacts, said string, waited time.Duration, others int) (Plan, error) {
	about := " waits for a call back."
	if said != "" {
		about = " wrote: " + shortened(said, longestQuote) + "."
	}
	about += " Waiting " + SpanInWords(waited) + "."
	switch {
	case others == 1:
		about += " One more person waits."
	case others > 1:
		about += fmt.Sprintf(" %d more people wait.", others)
	}
	announce := fmt.Sprintf("%s: %s%s Press 1 to be connected.", f.Business.Name, f.Contact.spoken(), about)
	return f.plan(announce, "Alert to "+f.Member.Name+": waiting "+Span(waited))
}

// longestQuote is how many characters of a customer's text an alert reads aloud.
const longestQuote = 160

func shortened(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}

// spoken is what a voice calls the customer.
func (c Contact) spoken() string {
	if c.Name != "" {
		return c.Name
	}
	return phone.Number(c.Number).National()
}

func (f CallBackFacts) plan(announce, why string) (Plan, error) {
	if err := f.refusal(); err != nil {
		return Plan{}, err
	}
	ours := Destination{Kind: Cell, Number: f.Phone}
	if f.Phone == "" {
		ours = f.Member.Rings[0]
	}
	customer := Destination{Kind: Customer, Number: phone.Number(f.Contact.Number)}
	return Plan{Steps: []Step{
		{
			Kind: RingStep, For: ringForCallBack, CallerID: f.Line.Number, Announce: announce, Language: f.Line.Greeting.Language, Why: why,
			Targets: []Target{{Member: f.Member.ID, Name: f.Member.Name, Destination: ours}},
		},
		{
			Kind: RingStep, For: ringForCallBack, CallerID: f.Line.Number, Why: "a key was pressed",
			Targets: []Target{{Name: f.Contact.spoken(), Destination: customer}},
		},
		{Kind: GreetStep, Say: f.Contact.spoken() + " could not be reached. Goodbye.", Language: f.Line.Greeting.Language, Why: "the customer did not answer"},
	}}, nil
}

// MayBeCalled says why nobody can call the contact, by their number alone; nil: they can be called.
func (c Contact) MayBeCalled() error {
	switch caller := phone.ParseCaller(c.Number, ""); {
	case caller.Kind != phone.KindNumber:
		return Errorf(Invalid, "R2302", "This customer has no number that can be called. Wait until they call again.")
	case caller.Number.Premium():
		return Errorf(Invalid, "R2304", "This number costs extra, so it is not called. Use your own phone if you must.")
	}
	return nil
}

func (f CallBackFacts) refusal() error {
	if err := f.Contact.MayBeCalled(); err != nil {
		return err
	}
	switch {
	case f.Blocked:
		return Errorf(Invalid, "R2303", "This number is blocked. Unblock it first.")
	case f.OwnLine:
		return Errorf(Invalid, "R2305", "This is a line of your own, which would only ring you.")
	case len(f.Member.Rings) == 0 && f.Phone == "":
		return Errorf(Invalid, "R2307", "%s has no phone that could be rung. Add one, or let somebody else call.", f.Member.Name)
	case f.Called:
		return Errorf(Conflict, "R2308", "%s is being called already. Answer that call, or hang it up first.", f.Member.Name)
	}
	return nil
}

// ProvesContact reports whether the call is proof that a human reached the customer: member and customer were
// connected, each by their own doing, for long enough.
func (c *Call) ProvesContact() bool { return c.State == CallAnswered && c.Talk >= ProofOfContact }

// Engages returns the member whom the call keeps from others, as far as told; empty: nobody.
func (c *Call) Engages() MemberID {
	switch {
	case c.Direction != Outbound && c.Talking():
		return c.AcceptedBy
	case c.Direction == Outbound && (c.State == CallCalling || c.Talking()):
		return c.caller().Member
	}
	return ""
}

// caller is the member's phone of an outbound call.
func (c *Call) caller() Target {
	t, _ := c.target(ourStep, 0)
	return t
}

// learnOutbound reads from an event what only concerns calls that we make: the member's leg is the carrier's call,
// so it names the call, and its end is the call's.
func (c *Call) learnOutbound(ev CallEvent, at time.Time) (fresh bool) {
	if ev.Kind == CallPlaced {
		c.leg(ev, &fresh)
	}
	our := c.legOf(ourStep)
	if c.CarrierID == "" && our.CarrierID != "" {
		c.CarrierID, fresh = our.CarrierID, true
	}
	if c.Ended == "" && our.Ended != "" {
		c.Ended, c.EndedAt, fresh = our.Ended, at, true
	}
	return fresh
}

// legOf returns the one leg of an outbound call's step, as far as told.
func (c *Call) legOf(step int) Leg {
	for _, l := range c.Legs {
		if l.Step == step {
			return l
		}
	}
	return Leg{}
}

// judgeOutbound is Judge for a call that we make.
func (c *Call) judgeOutbound(now time.Time) {
	c.State, c.Reason, c.AcceptedBy, c.Talk = CallCalling, "", "", 0
	their, ring := c.legOf(theirStep), c.ring(theirStep)
	switch {
	case c.bothConnected():
		c.State, c.AcceptedBy, c.Talk = CallAnswered, c.caller().Member, c.talkedOutbound()
	case c.Ended != "" || ring != nil || their.Ended != "":
		c.State, c.Reason = CallUnanswered, c.whyUnanswered()
	}
	c.CheckAt = c.checkOutbound(now)
}

// KeyPressed reports whether the member pressed a key: it is told, or the customer's phone was rung, which happens
// on no other ground. Picking up is not enough, whatever kind of phone it is: a voicemail must never be connected
// with a customer.
func (c *Call) KeyPressed() bool {
	their := c.legOf(theirStep)
	return !c.legOf(ourStep).AcceptedAt.IsZero() || c.ring(theirStep) != nil || their != (Leg{})
}

// bothConnected reports whether member and customer were connected. The step's own report is believed before
// those on the customer's leg.
func (c *Call) bothConnected() bool {
	if r := c.ring(theirStep); r != nil {
		return r.Status == EndCompleted && r.Bridged != No
	}
	their := c.legOf(theirStep)
	return !their.AnsweredAt.IsZero() || their.Ended == EndCompleted
}

// talkedOutbound is how long they were connected: by the step's report, else from the customer's pick-up to the
// first report of an end. Zero: they still talk, or nobody told.
func (c *Call) talkedOutbound() time.Duration {
	their, r := c.legOf(theirStep), c.ring(theirStep)
	over := c.EndedAt
	earlier := func(t time.Time) {
		if !t.IsZero() && (over.IsZero() || t.Before(over)) {
			over = t
		}
	}
	earlier(their.EndedAt)
	if r != nil {
		if r.Talk > 0 {
			return r.Talk
		}
		earlier(r.At)
	}
	if over.IsZero() || their.AnsweredAt.IsZero() {
		return 0
	}
	return max(over.Sub(their.AnsweredAt), 0)
}

// whyUnanswered tells on which side an outbound call came to nothing.
func (c *Call) whyUnanswered() MissReason {
	if !c.KeyPressed() {
		if c.Ended == EndFailed {
			return Failed
		}
		return NotTaken
	}
	status := c.legOf(theirStep).Ended
	if r := c.ring(theirStep); r != nil {
		if r.Gone {
			return Abandoned
		}
		status = r.Status
	}
	switch status {
	case EndBusy:
		return AllBusy
	case EndFailed:
		return Failed
	case EndCanceled, "":
		return Abandoned
	}
	return NoAnswer
}

// looksForCall are the ages of a call whose request nobody saw end at which the carrier's list is asked.
var looksForCall = [...]time.Duration{5 * time.Second, 35 * time.Second, 90 * time.Second}

// ListedBy is the age from which on a carrier that does not list a call never had it.
const ListedBy = 90 * time.Second

// checkOutbound returns when to ask the carrier about an outbound call because a report may have been lost; zero
// when the call is complete.
func (c *Call) checkOutbound(now time.Time) time.Time {
	if c.Ended != "" {
		if c.KeyPressed() && c.ring(theirStep) == nil {
			return c.EndedAt.Add(Grace) // whether they talked is not told
		}
		return time.Time{}
	}
	if c.CarrierID == "" {
		for _, age := range looksForCall {
			if at := c.ArrivedAt.Add(age); at.After(now) {
				return at
			}
		}
		return now.Add(time.Minute)
	}
	switch their, r := c.legOf(theirStep), c.ring(theirStep); {
	case r != nil:
		return r.At.Add(lateness)
	case their.Ended != "":
		return their.EndedAt.Add(lateness)
	case c.State == CallAnswered:
		return c.ArrivedAt.Add(longestTalk)
	}
	return c.ArrivedAt.Add(c.Plan.Longest() + lateness)
}

// answerOutbound is Answer for a call that we make.
func (c *Call) answerOutbound(in Instruction, ev CallEvent) Instruction {
	switch {
	case ev.Kind == LegAnswered && ev.Step == ourStep:
		in.Kind, in.Number, in.Step = DoScreen, ourStep, c.Plan.Steps[ourStep]
	case ev.Kind == LegAccepted && ev.Step == ourStep:
		return c.instruct(in, theirStep)
	case ev.Kind == RingEnded:
		if c.bothConnected() || ev.CallerGone {
			in.Kind = DoHangUp
			return in
		}
		return c.instruct(in, c.Plan.After(theirStep))
	}
	return in
}
