package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
)

// The power is cut between the commit of an attempt and the carrier's answer.
func TestACrashBetweenCommitAndAnswer(t *testing.T) {
	for name, taken := range map[string]bool{"taken": true, "not taken": false} {
		t.Run(name, func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				w.Network.Behave(fake.Habits{NoReceipts: taken})
				w.NextSends(fake.Hang(taken))
				caller := w.Caller()
				w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(8 * time.Second))
				caller.ExpectTextState(rebound.Sending)
				w.Crash()
				w.FastForward(2 * time.Minute)
				caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered)
				want := map[bool]int{true: 1, false: 2}[taken]
				if m := caller.LastText(); m.Attempt != want {
					t.Errorf("%d attempts, want %d", m.Attempt, want)
				}
				caller.ExpectRecovery(rebound.RecoveryOpen, "").ExpectNoText(15 * time.Minute)
			})
		})
	}
}

func TestACrashBeforeThePlannedTextLeaves(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		delayed(w)
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(8 * time.Second))
		caller.ExpectTextState(rebound.Planned)
		w.Crash()
		caller.ExpectText("missed your call")
		if got := afterTheMiss(w, caller); got != 30*time.Second {
			t.Errorf("sent %v after the miss", got)
		}
	})
}

// Everything about the end of the call comes while nobody is there.
func TestACrashWhileItRings(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierMayComplain()
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		call.WaitRinging()
		w.PowerOff()
		<-call.Done()
		w.FastForward(time.Minute)
		w.PowerOn()
		caller.ExpectNoText(time.Minute)
		w.FastForward(3 * time.Minute)
		caller.ExpectText("missed your call").ExpectCall(rebound.CallMissed, rebound.NoAnswer) // the log says: answered, so by the greeting
	})
}

// A receipt finds nobody, twice, and the text is in the carrier's list all the same.
func TestACrashLosesReceiptsButNoTimer(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		began := w.Conversation(caller).Recoveries[0].WaitSince
		w.FastForward(4 * time.Minute)
		w.Crash()
		w.FastForward(2 * time.Minute)
		caller.ExpectSaid(rebound.EventStepReached, "Still waiting after 5")
		r := w.Conversation(caller).Recoveries[0]
		if !r.DueAt.Equal(began.Add(30 * time.Minute)) {
			t.Errorf("the next step is due %v after the clock started", r.DueAt.Sub(began))
		}
		w.PowerOff()
		w.FastForward(3 * time.Hour)
		w.PowerOn()
		w.Settle()
		r = w.Conversation(caller).Recoveries[0]
		if got := saidTimes(w, caller, rebound.EventStepReached); got != 2 || saidTimes(w, caller, rebound.EventStepLate) != 1 || r.State != rebound.RecoveryWaiting {
			t.Errorf("%d steps were reached (5 min, and 3 h, the latest after the outage), the recovery is %s", got, r.State)
		}
	})
}

func TestACrashWhileAHumansTextIsOnItsWay(t *testing.T) {
	for name, taken := range map[string]bool{"taken": true, "not taken": false} {
		t.Run(name, func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				w.Network.Behave(fake.Habits{NoReceipts: true})
				caller := w.Caller()
				waiting(w, caller)
				w.NextSends(fake.Hang(taken))
				writes(w, caller, "We can come at 5", "key-1")
				w.FastForward(time.Second)
				caller.ExpectTextState(rebound.Sending).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
				w.Crash()
				again := writes(w, caller, "We can come at 5", "key-1") // the page asks again
				w.FastForward(2 * time.Minute)
				caller.ExpectText("We can come at 5").ExpectRecovery(rebound.RecoveryContacted, "")
				if again.ID != caller.LastText().ID {
					t.Error("the same key made a second text")
				}
			})
		})
	}
}

// writes lets Ana write to the caller.
func writes(w *reboundtest.World, to *reboundtest.Handset, body, key string) rebound.Message {
	w.T.Helper()
	m, err := w.App.Engine.SendText(w.T.Context(), engine.HumanText{
		Business: reboundtest.Business, Contact: w.Conversation(to).Contact.ID, Author: "ana", Body: body, Key: key,
	})
	if err != nil {
		w.T.Fatal(err)
	}
	return m
}
