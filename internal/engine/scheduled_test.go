package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
)

// plans schedules a text of Ana's.
func plans(w *reboundtest.World, to *reboundtest.Handset, body, key string, in time.Duration) (rebound.Message, error) {
	return w.App.Engine.SendText(w.T.Context(), engine.HumanText{
		Business: reboundtest.Business, Contact: w.Conversation(to).Contact.ID, Author: "ana", Body: body, Key: key, At: time.Now().Add(in),
	})
}

func planned(t *testing.T, w *reboundtest.World, to *reboundtest.Handset, body, key string, in time.Duration) rebound.Message {
	t.Helper()
	m, err := plans(w, to, body, key, in)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAScheduledTextGoesOutAtItsTimeAlsoAfterARestart(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		m := planned(t, w, caller, "Good morning, shall we come at 9?", "key", 20*time.Minute)
		if again := planned(t, w, caller, "Good morning, shall we come at 9?", "key", 25*time.Minute); again.ID != m.ID {
			t.Errorf("the same press made %s and %s", m.ID, again.ID)
		}
		caller.ExpectNoText(10*time.Minute).ExpectTextState(rebound.Planned).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		w.Crash()
		caller.ExpectNoText(9 * time.Minute)
		w.FastForward(time.Minute)
		caller.ExpectText("shall we come at 9?")
		w.Settle()
		caller.ExpectTextState(rebound.Delivered).ExpectRecovery(rebound.RecoveryContacted, rebound.WaitReply)
	})
}

func TestAScheduledTextIsTakenBack(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		m := planned(t, w, caller, "At 9?", "key", 10*time.Minute)
		take := func(id rebound.MessageID, by rebound.MemberID) error {
			return w.App.Engine.CancelText(t.Context(), reboundtest.Business, id, by)
		}
		expectCode(t, take(m.ID, "zoe"), "R2103")
		expectCode(t, take("nothing", "ana"), "R3254")
		for range 2 {
			if err := take(m.ID, "ben"); err != nil {
				t.Fatal(err)
			}
		}
		caller.ExpectNoText(15*time.Minute).ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		if m := caller.LastText(); m.Trouble != "Ben took it back" {
			t.Errorf("it says %q", m.Trouble)
		}
		gone := writes(w, caller, "Now then.", "other")
		caller.ExpectText("Now then.")
		expectCode(t, take(gone.ID, "ana"), "R3253")
	})
}

func TestAScheduledTextToWhomeverOptedOutIsDroppedAndSaid(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		planned(t, w, caller, "At 9?", "key", 10*time.Minute)
		caller.Replies("STOP")
		caller.ExpectText("unsubscribed")
		caller.ExpectNoText(15 * time.Minute)
		caller.ExpectSaid(rebound.EventTextTrouble, "A scheduled text did not go out")
		if c := w.Conversation(caller); !c.Contact.Unread {
			t.Error("nobody has to look")
		}
	})
}

func TestAScheduledTextNeedsATimeToCome(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		for _, in := range []time.Duration{-time.Second, rebound.SendAhead + time.Hour} {
			_, err := plans(w, caller, "At 9?", "key", in)
			expectCode(t, err, "R3252")
		}
	})
}

func TestAScheduledTextStopsTheClockOfWhatIsOpenThen(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		first := w.Conversation(caller).Recoveries[0]
		planned(t, w, caller, "At 9?", "key", 30*time.Hour)
		if err := w.App.Engine.SetOutcome(t.Context(), reboundtest.Business, first.ID, rebound.Lost, 0, "ana"); err != nil {
			t.Fatal(err)
		}
		w.FastForward(29 * time.Hour)
		waitingAgain(w, caller)
		w.FastForward(time.Hour)
		caller.ExpectText("At 9?").ExpectRecovery(rebound.RecoveryContacted, rebound.WaitReply)
		if m, c := caller.LastText(), w.Conversation(caller); m.Recovery == first.ID || m.Recovery != c.Recoveries[len(c.Recoveries)-1].ID {
			t.Errorf("the text belongs to %s", m.Recovery)
		}
	})
}

func waitingAgain(w *reboundtest.World, caller *reboundtest.Handset) {
	waiting(w, caller)
	caller.ReadAll()
}
