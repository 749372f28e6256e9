package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

func TestNobodyAnswersSoTheCallerGetsAText(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		<-call.Done()
		caller.ExpectText("Acme Plumbing", "missed your call")
		caller.Replies("Can you fix my boiler?")
		c := w.Conversation(caller)
		if got := c.Calls[0]; got.State != rebound.CallMissed || got.Reason != rebound.NoAnswer {
			t.Errorf("the call is %s for %s", got.State, got.Reason)
		}
		if got := c.Recoveries[0]; got.State != rebound.RecoveryWaiting || got.Why != rebound.WaitReply {
			t.Errorf("the recovery is %s for %s", got.State, got.Why)
		}
		w.FastForward(30 * time.Minute)
	})
}

func TestOverTwilioNobodyAnswersSoTheCallerGetsAText(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		<-call.Done()
		caller.ExpectText("Acme Plumbing", "missed your call")
		caller.Replies("Can you fix my boiler?")
		c := w.Conversation(caller)
		if got := c.Calls[0]; got.State != rebound.CallMissed || got.Reason != rebound.NoAnswer {
			t.Errorf("the call is %s for %s", got.State, got.Reason)
		}
		if got := c.Messages[0]; got.State != rebound.Delivered {
			t.Errorf("the text is %s", got.State)
		}
	})
}
