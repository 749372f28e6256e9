package engine_test

import (
	"bytes"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

func consentOf(w *reboundtest.World, h *reboundtest.Handset) rebound.ConsentState {
	w.T.Helper()
	return w.Conversation(h).Contact.Consent
}

func TestAReplyBelongsToTheRecovery(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call")
		w.FastForward(time.Minute)
		caller.Replies("Can you fix my boiler?").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		c := w.Conversation(caller)
		last := c.Messages[len(c.Messages)-1]
		if last.Body != "Can you fix my boiler?" || last.Recovery != c.Recoveries[0].ID || len(c.Recoveries) != 1 {
			t.Errorf("%+v", last)
		}
		if c.Contact.Last != last.Body || !c.Contact.Unread || c.Contact.LastKind != "text_in" {
			t.Errorf("the list shows %q, unread: %v", c.Contact.Last, c.Contact.Unread)
		}
	})
}

func TestATextOutOfTheBlueIsSomebodyWhoWaits(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		caller.Replies("Do you do water heaters?").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		caller.ExpectNoText(15 * time.Minute)
	})
}

func TestTextsFromThoseWhoAreNobodysLead(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		blocked := w.Caller()
		w.Declare(func(d *rebound.Declaration) { d.Blocked = []rebound.BlockedNumber{{Number: string(blocked.Number)}} })
		for _, h := range []*reboundtest.Handset{w.Ana(), blocked} {
			h.Replies("I am on my way").ExpectNoRecovery()
		}
		code := w.Phone(phone.Number("24273")) // a service's one-time code
		code.Replies("Your code is 123456").ExpectNoRecovery()
	})
}

func TestATextThatComesTwiceIsOne(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.Intercept(fake.Twice(3 * time.Second))
		caller := w.Caller()
		caller.Replies("Hello").Replies("HELP")
		caller.ExpectText("Reply STOP to unsubscribe") // by the carrier, once
		if n := len(w.Conversation(caller).Messages); n != 2 {
			t.Errorf("%d messages", n)
		}
	})
}

// The carrier obeys its own words and confirms; nobody is told twice.
func TestOptOutThatTheCarrierConfirms(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call")
		caller.Replies("Stop").ExpectText("unsubscribed").ExpectSaid(rebound.EventConsent, "Stop")
		caller.Replies("STOP").ExpectNoText(time.Minute).ExpectRecovery(rebound.RecoveryOpen, "")
		if got := consentOf(w, caller); got != rebound.ConsentOptedOut {
			t.Errorf("consent is %q", got)
		}
		caller.Replies("START").ExpectText("receive messages from this number again").ExpectNoText(time.Minute)
		if got := consentOf(w, caller); got != rebound.ConsentGiven {
			t.Errorf("consent is %q", got)
		}
		caller.Replies("INFO").ExpectText("Reply STOP").ExpectNoText(time.Minute)
	})
}

// A carrier that leaves STOP to us, or does not know the words: exactly one confirmation.
func TestOptOutThatIsOursToConfirm(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, words := range []string{"please stop", "Don't text me anymore", "take me off the list", "BAJA", "🛑"} {
			w.Scene(words)
			caller := w.Caller()
			caller.Replies(words).ExpectText("Acme Plumbing", "no more texts")
			caller.Replies(words).Replies("no more texts please").ExpectNoText(time.Minute).ExpectNoRecovery()
			if got := consentOf(w, caller); got != rebound.ConsentOptedOut {
				w.T.Errorf("consent is %q", got)
			}
		}
	})
}

func TestACarrierThatLeavesEverythingToUs(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierLeavesStop()
		caller := w.Caller()
		caller.Replies("STOP").ExpectText("Acme Plumbing", "no more texts").Replies("STOP").ExpectNoText(time.Minute)
		caller.Replies("HELP").ExpectText("Acme Plumbing", "(415) 555-0134", "STOP")
		caller.Replies("YES").ExpectText("Acme Plumbing", "again").ExpectNoText(time.Minute).ExpectNoRecovery()
		if got := consentOf(w, caller); got != rebound.ConsentGiven {
			t.Errorf("consent is %q", got)
		}
		caller.Replies("YES").ExpectNoText(time.Minute).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply) // an answer to somebody
	})
}

func TestTwoMachinesAskingForHelp(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierLeavesStop()
		machine := w.Caller()
		for range 3 {
			machine.Replies("HELP").ExpectText("Acme Plumbing")
		}
		for range 5 {
			machine.Replies("HELP")
		}
		machine.ExpectNoText(time.Minute)
	})
}

func TestNotAnOptOut(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for _, words := range []string{"cancel my appointment", "can you stop by tomorrow?", "the water won't stop"} {
			caller := w.Caller()
			caller.Replies(words).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
			if got := consentOf(w, caller); got != rebound.ConsentUnsaid {
				t.Errorf("%q: consent is %q", words, got)
			}
		}
	})
}

// A bare "Cancel" is an opt-out at the carrier, and may have meant an appointment: staff are told, and call.
func TestABareCancelWaitsForAHuman(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		caller.Replies("Cancel").ExpectText("unsubscribed").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		if got := consentOf(w, caller); got != rebound.ConsentOptedOut {
			t.Errorf("consent is %q", got)
		}
	})
}

func TestALikelyOptOutCountsAsOneAfterADayUnlessAPersonSettlesIt(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		settled := map[*reboundtest.Handset]rebound.ConsentState{w.Caller(): rebound.ConsentOptedOut, w.Caller(): rebound.ConsentUnsaid}
		for caller, want := range settled {
			caller.Replies("leave me alone")
			id, optedOut := w.Conversation(caller).Contact.ID, want == rebound.ConsentOptedOut
			if err := w.App.Engine.SettleConsent(t.Context(), reboundtest.Business, id, optedOut); err != nil {
				t.Fatal(err)
			}
		}
		caller := w.Caller()
		caller.Replies("wrong number").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply).ExpectNoText(time.Minute)
		caller.ExpectSaid(rebound.EventConsent, "May have opted out")
		caller.Replies("yes").ExpectNoText(time.Minute) // which means nothing about texts
		if got := consentOf(w, caller); got != rebound.ConsentInDoubt {
			t.Errorf("consent is %q", got)
		}
		w.FastForward(24 * time.Hour)
		if got := consentOf(w, caller); got != rebound.ConsentOptedOut {
			t.Errorf("after a day consent is %q", got)
		}
		caller.ExpectSaid(rebound.EventConsent, "within a day")
		for caller, want := range settled {
			if c := w.Conversation(caller).Contact; c.Consent != want || !c.SettleAt.IsZero() {
				t.Errorf("consent is %q, want %q, to be settled %v", c.Consent, want, c.SettleAt)
			}
		}
	})
}

func TestPictures(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		small := fake.Picture{ContentType: "image/jpeg", Data: bytes.Repeat([]byte("jpeg"), 1000)}
		large := fake.Picture{ContentType: "image/png", Data: make([]byte, 6<<20)}
		caller.Texts(reboundtest.MainLine, "", small, large)
		w.Settle()
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		c := w.Conversation(caller)
		if len(c.Media) != 2 || c.Contact.Last != "Sent a picture" {
			t.Fatalf("%d pictures, the list shows %q", len(c.Media), c.Contact.Last)
		}
		for _, m := range c.Media {
			switch m.ContentType {
			case "image/jpeg":
				if m.State != rebound.MediaStored || sizeOf(t, w.App.Files, m) != 4000 {
					t.Errorf("the small one: %+v", m)
				}
			case "image/png":
				if m.State != rebound.MediaLost || m.Trouble == "" {
					t.Errorf("the large one: %+v", m)
				}
			}
		}
	})
}

func TestAClosingWordDoesNotStartTheClock(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		caller.Replies("thanks").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply) // nobody has answered yet
		writes(w, caller, "Tomorrow at 9?", "key")
		caller.ExpectText("Tomorrow")
		for _, words := range []string{"ok", "Thank you!", "👍"} {
			caller.Replies(words).ExpectRecovery(rebound.RecoveryContacted, "")
		}
		caller.ExpectSaid(rebound.EventCloser, "closing word")
		w.FastForward(time.Hour)
		caller.Replies("Actually, can it be at 10?").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		c := w.Conversation(caller)
		if r := c.Recoveries[0]; len(c.Recoveries) != 1 || !r.WaitSince.Equal(c.Messages[len(c.Messages)-1].CreatedAt) {
			t.Errorf("%d recoveries, waits since %v", len(c.Recoveries), r.WaitSince)
		}
	})
}

// Most requests come from somebody who meant none of it: they change nothing.
func TestTextsThatCannotBeTakenIn(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		for _, ev := range []rebound.TextEvent{
			{CarrierID: "1", From: "anonymous", To: string(reboundtest.MainLine), Body: "hi"},
			{CarrierID: "2", From: "+14157770001", To: "+14155559999", Body: "hi"},
			{CarrierID: "3", From: "+14157770001", To: "nonsense", Body: "hi"},
		} {
			ev.Connection = reboundtest.Connection
			if err := w.App.Engine.HandleText(t.Context(), ev); rebound.ErrorKind(err) == "" {
				t.Errorf("%s to %s: %v", ev.From, ev.To, err)
			}
		}
		if rows, err := w.Rows().Inbox(t.Context(), 10); err != nil || len(rows) != 0 {
			t.Errorf("%d conversations, %v", len(rows), err)
		}
	})
}
