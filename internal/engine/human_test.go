package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
)

// A text typed by a human stops the clock when the carrier takes it.
func TestAHumansTextStopsTheClock(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		caller.ExpectText("Yes, tomorrow at 9?").ExpectRecovery(rebound.RecoveryContacted, "")
		caller.ExpectSaid(rebound.EventContactMade, "Contact made after")
		w.FastForward(3 * time.Hour)
		if n := saidTimes(w, caller, rebound.EventStepReached); n != 0 {
			t.Errorf("%d steps of the policy were reached after contact", n)
		}
	})
}

func TestACallSoonAfterAHumansTextGetsNoAutomaticOne(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		caller.ExpectText("Yes, tomorrow at 9?")
		w.FastForward(10 * time.Minute)
		calls(w, caller)
		caller.ExpectDecision(rebound.HumanInTouch).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitAgain)
	})
}

func TestAHumansTextThatIsRefusedDoesNotStopTheClock(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		w.NextSends(fake.Refuse("30007", 400))
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		w.Settle()
		caller.ExpectTextState(rebound.FailedText).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
	})
}

// A failed delivery puts the clock back as if it had never stopped, and says so.
func TestAHumansTextThatDoesNotArrivePutsTheClockBack(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		before := w.Conversation(caller).Recoveries[0]
		w.FastForward(10 * time.Minute)
		caller.RefusesTexts("30005")
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		w.Settle()
		caller.ExpectTextState(rebound.Undelivered).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		caller.ExpectSaid(rebound.EventContactVoid, "the clock runs again")
		after := w.Conversation(caller).Recoveries[0]
		if !after.WaitSince.Equal(before.WaitSince) || after.Proven || !after.ContactAt.IsZero() {
			t.Errorf("waits since %v, before since %v; proven: %v", after.WaitSince, before.WaitSince, after.Proven)
		}
		w.FastForward(25 * time.Minute)
		caller.ExpectSaid(rebound.EventStepReached, "30")
	})
}

func TestOneOfTwoTextsArrivesSoThatIsContact(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		caller.RefusesTexts("30005")
		writes(w, caller, "Yes", "key-1")
		w.FastForward(500 * time.Millisecond) // it is on its way, and fails later
		caller.RefusesTexts("")
		writes(w, caller, "Tomorrow at 9", "key-2")
		w.Settle()
		caller.ExpectText("Tomorrow at 9").ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

func TestATextThatFailsAfterATalkTakesNothingBack(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		w.Ana().Accepts(2 * time.Second)
		w.Over(caller.Calls(reboundtest.MainLine))
		caller.ExpectRecovery(rebound.RecoveryContacted, "").RefusesTexts("30005")
		writes(w, caller, "Here is the address", "key")
		w.Settle()
		caller.ExpectTextState(rebound.Undelivered).ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

// Nobody had written yet: the text-back stayed here because a human wrote, and then that text failed.
func TestAHumansTextThatReplacedTheTextBackFails(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, fails := range map[string]func(*reboundtest.World, *reboundtest.Handset){
			"refused":     func(w *reboundtest.World, _ *reboundtest.Handset) { w.NextSends(fake.Refuse("21614", 400)) },
			"undelivered": func(_ *reboundtest.World, caller *reboundtest.Handset) { caller.RefusesTexts("30005") },
		} {
			w.Scene(name)
			delayed(w)
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(8 * time.Second))
			fails(w, caller)
			writes(w, caller, "I saw that you called", "key-of-"+name)
			w.FastForward(time.Minute)
			caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
		}
	})
}

func TestAnUnreachablePhoneGetsAHumansTextLater(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		caller.RefusesTexts("30003")
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		w.Settle()
		caller.ExpectTextState(rebound.Planned).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply).RefusesTexts("")
		w.FastForward(3 * time.Minute)
		caller.ExpectText("tomorrow at 9").ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

func TestTheSameKeySendsOnce(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		one, two := writes(w, caller, "Yes", "key"), writes(w, caller, "Yes", "key")
		caller.ExpectText("Yes").ExpectNoText(15 * time.Minute)
		if one.ID != two.ID {
			t.Error("two texts were made")
		}
	})
}

// aKey is such a one as a page makes for a press of Send.
const aKey = "0123456789abcdef"

func TestWhatCannotBeTexted(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		out := w.Caller()
		out.Replies("STOP").ExpectText("unsubscribed")
		w.Over(w.Caller().CallsAs("anonymous", reboundtest.MainLine).RingsOut())
		hidden := w.Latest().Contact.ID
		known := w.Conversation(out).Contact.ID
		writes := w.Caller()
		writes.Replies("Are you open?")
		caller := w.Conversation(writes).Contact.ID
		for _, test := range []struct {
			text engine.HumanText
			code string
		}{
			{engine.HumanText{Contact: known, Body: "Hello", Key: aKey}, "R2006"},
			{engine.HumanText{Contact: hidden, Body: "Hello", Key: aKey}, "R2005"},
			{engine.HumanText{Contact: "nobody", Body: "Hello", Key: aKey}, "R2004"},
			{engine.HumanText{Contact: known, Body: " \n", Key: aKey}, "R2001"},
			{engine.HumanText{Contact: known, Body: strings.Repeat("a", 1601), Key: aKey}, "R2002"},
			{engine.HumanText{Contact: known, Body: "Hello"}, "R2003"},
			{engine.HumanText{Contact: known, Body: "Hello", Key: "not a page's key"}, "R2003"},
			{engine.HumanText{Contact: caller, Body: "Hello", Key: aKey, Author: "eve"}, "R2008"},
		} {
			test.text.Business = reboundtest.Business
			if test.text.Author == "" {
				test.text.Author = "ana"
			}
			_, err := w.App.Engine.SendText(t.Context(), test.text)
			var known *rebound.Error
			if !errors.As(err, &known) || known.Code != test.code {
				t.Errorf("%+v: %v, want %s", test.text, err, test.code)
			}
		}
	})
}
