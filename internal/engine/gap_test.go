package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// What could fall between two features: each of these lost a caller, or stopped the wrong clock.

func TestATextLongAfterContactOpensANewRecovery(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		writes(w, caller, "Tomorrow at 9", "key")
		caller.ExpectText("Tomorrow at 9").ExpectRecovery(rebound.RecoveryContacted, "")
		w.FastForward(rebound.RecoveryWindow + 24*time.Hour)
		caller.Replies("It drips again")
		c := w.Conversation(caller)
		if len(c.Recoveries) != 2 || c.Messages[len(c.Messages)-1].Body != "It drips again" {
			t.Fatalf("%d recoveries, the last text is %q", len(c.Recoveries), c.Messages[len(c.Messages)-1].Body)
		}
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
	})
}

func TestAShortCallBackLeavesNobodyWithoutATimer(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		delayed(w)
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(8 * time.Second))
		w.Ana().Accepts(time.Second)
		caller.Accepts(time.Second).Talks(8 * time.Second) // their own voicemail, say
		called(w, caller, "ana", "press-1")
		caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
	})
}

func TestATalkOutlivesATextThatFails(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		w.Network.Behave(fake.Habits{NoReceipts: true})
		writes(w, caller, "Calling you now", "key") // proof, until a receipt says otherwise
		caller.ExpectText("Calling you now")
		w.Ana().Accepts(time.Second)
		caller.Accepts(time.Second).Talks(40 * time.Second)
		called(w, caller, "ana", "press-1")
		m := caller.LastText()
		err := w.App.Engine.HandleReceipt(t.Context(), rebound.Receipt{
			Connection: reboundtest.Connection, Business: reboundtest.Business, Message: m.ID, CarrierID: m.CarrierID, State: rebound.Undelivered, Code: "30005",
		})
		if err != nil {
			t.Fatal(err)
		}
		caller.ExpectTextState(rebound.Undelivered).ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

func TestTwoTextsThatBothFailAreNoContact(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		caller.RefusesTexts("30005")
		writes(w, caller, "Yes", "key-1")
		w.FastForward(500 * time.Millisecond) // both are on their way, and fail one after the other
		writes(w, caller, "Tomorrow at 9", "key-2")
		w.Settle()
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
	})
}

func TestAnAnswerMeansTheLatestAlertAlone(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		first, _ := waits(w, "dripping tap")
		w.FastForward(2 * time.Minute)
		second, _ := waits(w, "blocked drain")
		ben := w.Member("ben")
		ben.Replies("3")
		ben.ExpectText("is booked")
		ben.Replies("3") // once more, as people do
		ben.ExpectText("has an outcome already")
		if r := w.Conversation(second).Recoveries[0]; r.State != rebound.RecoveryClosed {
			t.Errorf("whom the latest alert named is %s", r.State)
		}
		if r := w.Conversation(first).Recoveries[0]; r.State != rebound.RecoveryWaiting {
			t.Errorf("whom an earlier alert named is %s", r.State)
		}
		w.Member("ana").ReadAll()
	})
}

func TestUrgencyEndsWithItsWait(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		caller.Replies("There is a gas leak")
		if !w.Conversation(caller).Recoveries[0].Urgent {
			t.Fatal("a gas leak is not urgent")
		}
		writes(w, caller, "On my way", "key")
		caller.ExpectText("On my way")
		w.FastForward(48 * time.Hour)
		caller.Replies("Can we move it to 3?")
		if w.Conversation(caller).Recoveries[0].Urgent {
			t.Error("what was urgent two days ago, and met, is urgent still")
		}
	})
}

func TestEditsAtOnceLoseNothing(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		const editors = 8
		var all sync.WaitGroup
		for range editors {
			all.Go(func() {
				err := w.App.Engine.Edit(context.Background(), reboundtest.Business, func(d *rebound.Declaration) error {
					d.Business.JobValue++
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil || d.Business.JobValue != editors {
			t.Errorf("%d of %d edits are there: %v", d.Business.JobValue, editors, err)
		}
	})
}

func TestTwoPressesAtOnceAreOneCall(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		var all sync.WaitGroup
		ids := make([]rebound.CallID, 4)
		for i := range ids {
			all.Go(func() {
				call, err := callBack(w, caller, "ana", "press-1")
				if err != nil {
					t.Error(err)
				}
				ids[i] = call.ID
			})
		}
		all.Wait()
		for _, id := range ids {
			if id == "" || id != ids[0] {
				t.Errorf("presses of one key made the calls %v", ids)
			}
		}
		w.FastForward(5 * time.Minute)
		if n := len(w.Conversation(caller).Calls); n != 2 {
			t.Errorf("%d calls, want the missed one and one back", n)
		}
		since := w.Conversation(caller).Calls[0].ArrivedAt.Add(-time.Hour)
		came, err := w.Rows().Arrivals(t.Context(), since, 10)
		again, errAgain := w.Rows().CallsSince(t.Context(), "main", since, 10)
		if err = errors.Join(err, errAgain); err != nil || len(came) != 1 || len(again) != 1 {
			t.Errorf("%d arrivals and %d calls to plan anew, want the one that came: %v", len(came), len(again), err)
		}
	})
}
