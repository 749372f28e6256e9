package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

func paysForLookup(d *rebound.Declaration) { d.Business.TextBack.Lookup = true }

func TestALandlineIsLookedUpOnceAndBecomesACallBackTask(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(paysForLookup)
		caller := w.Caller()
		caller.IsLine(phone.Landline)
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		caller.ExpectNoText(time.Minute)
		c := w.Conversation(caller)
		if got := c.Recoveries[0]; got.State != rebound.RecoveryWaiting || got.Why != rebound.WaitNoText {
			t.Errorf("the recovery is %s for %q", got.State, got.Why)
		}
		w.Network.ListsDown(true) // the second call must not need it
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		w.Settle()
		if got := reboundtest.Decisions(w.Conversation(caller))[1]; got.Reason != rebound.Landline {
			t.Errorf("the second decision is %s", got.Reason)
		}
	})
}

func TestAMobileIsLookedUpAndTexted(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(paysForLookup)
		caller := w.Caller()
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		caller.ExpectText("Acme Plumbing")
		if got := w.Conversation(caller).Contact.LineType; got != phone.Mobile {
			t.Errorf("the contact's line is %q", got)
		}
	})
}

func TestALookupThatFailsDoesNotHoldTheTextBack(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(paysForLookup)
		w.Network.ListsDown(true)
		caller := w.Caller()
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		caller.ExpectText("Acme Plumbing")
		w.Network.ListsDown(false)
	})
}

func TestALandlineIsLearnedFromTheCarriersError(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		caller.RefusesTexts("30006")
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		w.Settle()
		if got := w.Conversation(caller).Contact.LineType; got != phone.Landline {
			t.Errorf("the contact's line is %q", got)
		}
	})
}
