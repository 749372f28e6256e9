package engine_test

import (
	"errors"
	"testing"
	"time"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
)

// picked is one caller's conversation as Ana picks it.
func picked(w *reboundtest.World, h *reboundtest.Handset) engine.Picked {
	c := w.Conversation(h).Contact
	return engine.Picked{Business: c.Business, Contacts: []rebound.ContactID{c.ID}, By: "ana"}
}

func expectShelf(t *testing.T, w *reboundtest.World, h *reboundtest.Handset, want rebound.Shelf) {
	t.Helper()
	if got := w.Conversation(h).Contact.Shelf; got != want {
		t.Errorf("the conversation lies at %q, want %q", got, want)
	}
}

func TestASnoozeStopsNoClockAndEndsWithAnAlert(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		before := w.Conversation(caller).Recoveries[0]
		if refused, err := w.App.Engine.Snooze(t.Context(), picked(w, caller), time.Time{}); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		expectShelf(t, w, caller, rebound.Snoozed)
		caller.ExpectSaid(rebound.EventShelf, "the clock runs on")
		if now := w.Conversation(caller).Recoveries[0]; now.State != rebound.RecoveryWaiting || !now.DueAt.Equal(before.DueAt) {
			t.Errorf("the snooze changed the clock: %+v", now)
		}
		w.FastForward(31 * time.Minute)
		caller.ExpectSaid(rebound.EventStepReached, "30")
		expectShelf(t, w, caller, rebound.InHand)
	})
}

func TestASnoozeEndsByItsTimeOrWhenTheyWrite(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		caller.ExpectText("tomorrow at 9").ExpectRecovery(rebound.RecoveryContacted, "")
		if refused, err := w.App.Engine.Snooze(t.Context(), picked(w, caller), time.Now().Add(2*time.Hour)); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		w.FastForward(time.Hour)
		expectShelf(t, w, caller, rebound.Snoozed)
		w.FastForward(61 * time.Minute)
		expectShelf(t, w, caller, rebound.InHand)
		caller.ExpectSaid(rebound.EventShelf, "The snooze is over")

		if refused, err := w.App.Engine.Snooze(t.Context(), picked(w, caller), time.Now().Add(2*time.Hour)); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		caller.Texts(reboundtest.MainLine, "Are you still coming?")
		w.Settle()
		expectShelf(t, w, caller, rebound.InHand)
	})
}

func TestDoneWithoutContactNeedsAnOutcome(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		reached, unheard := w.Caller(), w.Caller()
		waiting(w, reached)
		waiting(w, unheard)
		writes(w, reached, "On my way.", "key")
		reached.ExpectText("On my way.").ExpectRecovery(rebound.RecoveryContacted, "")
		both := picked(w, reached)
		both.Contacts = append(both.Contacts, picked(w, unheard).Contacts[0], "nobody")
		refused, err := w.App.Engine.File(t.Context(), both, "")
		if err != nil {
			t.Fatal(err)
		}
		codes := map[string]bool{}
		for _, r := range refused {
			var told *rebound.Error
			if errors.As(r.Err, &told) {
				codes[told.Code] = true
			}
		}
		if len(refused) != 2 || !codes["R3201"] || !codes["R2004"] {
			t.Errorf("refused: %v", refused)
		}
		expectShelf(t, w, reached, rebound.Filed)
		expectShelf(t, w, unheard, rebound.InHand)
		unheard.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)

		if refused, err = w.App.Engine.File(t.Context(), picked(w, unheard), rebound.NotALead); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		expectShelf(t, w, unheard, rebound.Filed)
		if r := w.Conversation(unheard).Recoveries[0]; r.State != rebound.RecoveryClosed || r.Outcome != rebound.NotALead {
			t.Errorf("%+v", r)
		}
		if refused, err = w.App.Engine.TakeBack(t.Context(), picked(w, unheard)); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		expectShelf(t, w, unheard, rebound.InHand)
	})
}

func TestPickedConversationsAreAssignedAndRead(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		p := picked(w, caller)
		if refused, err := w.App.Engine.AssignAll(t.Context(), p, "ben"); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		if refused, err := w.App.Engine.ReadAll(t.Context(), p); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
		c := w.Conversation(caller)
		if c.Contact.Unread || c.Recoveries[0].Assignee != "ben" || c.Recoveries[0].State != rebound.RecoveryWaiting {
			t.Errorf("%+v, %+v", c.Contact, c.Recoveries[0])
		}
		for name, p := range map[string]engine.Picked{
			"nothing":  {Business: p.Business, By: "ana"},
			"too many": {Business: p.Business, By: "ana", Contacts: manyContacts(rebound.MostAtOnce + 1)},
			"nobody":   {Business: p.Business, By: "zoe", Contacts: p.Contacts},
		} {
			if _, err := w.App.Engine.ReadAll(t.Context(), p); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		w.AlertsAreRead()
	})
}

func manyContacts(n int) []rebound.ContactID {
	ids := make([]rebound.ContactID, n)
	for i := range ids {
		ids[i] = rebound.ContactID(rune('a' + i))
	}
	return ids
}
