package engine_test

import (
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// What goes wrong after the carrier took the text leaves exactly one text, whether its receipts come or
// its list has to tell.
func TestATextThatWasTakenIsNotSentAgain(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, fault := range map[string]fake.SendFault{
			"hangs": fake.Hang(true), "dies in mid-answer": fake.Cut(true), "answers garbage": fake.Garble(true), "breaks": fake.Break(503, true),
		} {
			for _, silent := range []bool{false, true} {
				w.Scene(fmt.Sprintf("%s, without receipts: %v", name, silent))
				w.Network.Behave(fake.Habits{NoReceipts: silent})
				w.NextSends(fault)
				caller := w.Caller()
				calls(w, caller)
				w.FastForward(2 * time.Minute)
				caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered).ExpectRecovery(rebound.RecoveryOpen, "")
				if m := caller.LastText(); m.Attempt != 1 {
					w.T.Errorf("%d attempts", m.Attempt)
				}
				caller.ExpectNoText(15 * time.Minute)
			}
		}
	})
}

// With its one sender busy, texts wait for it: each is due, and the lane sleeps until a place is free.
func TestTextsWaitForASender(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		w.Senders(1)
		w.NextSends(fake.Late(5*time.Second), fake.Late(5*time.Second), fake.Late(5*time.Second))
		var all []*reboundtest.Handset
		var running []*fake.Call
		for range 3 {
			caller := w.Caller()
			all, running = append(all, caller), append(running, caller.Calls(reboundtest.MainLine).RingsOut())
		}
		for _, call := range running {
			<-call.Done()
		}
		w.FastForward(30 * time.Second)
		for _, caller := range all {
			caller.ExpectText("missed your call")
		}
	})
}

// What goes wrong before the carrier took it: its list, empty twice, proves that it may go out again.
func TestATextThatWasNotTakenIsSentAgain(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, fault := range map[string]fake.SendFault{
			"hangs": fake.Hang(false), "dies": fake.Cut(false), "answers garbage": fake.Garble(false), "breaks": fake.Break(503, false),
		} {
			w.Scene(name)
			w.NextSends(fault)
			caller := w.Caller()
			calls(w, caller)
			caller.ExpectNoText(30 * time.Second).ExpectTextState(rebound.Unknown)
			w.FastForward(90 * time.Second)
			caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered)
			if m, after := caller.LastText(), afterTheMiss(w, caller); m.Attempt != 2 || after < 90*time.Second {
				w.T.Errorf("%d attempts, the second %v after the miss", m.Attempt, after)
			}
		}
	})
}

func TestATextThatIsNeverTaken(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.EachSend(func(fake.Text) fake.SendFault { return fake.Cut(false) })
		caller := w.Caller()
		calls(w, caller)
		w.FastForward(15 * time.Minute)
		caller.ExpectTextState(rebound.Unconfirmed).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitUnsure)
		if m := caller.LastText(); m.Attempt != 5 {
			t.Errorf("%d attempts", m.Attempt)
		}
	})
}

// The list may lag behind: an empty one counts only when it is old enough.
func TestTheListLags(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, lag := range []time.Duration{20 * time.Second, 60 * time.Second} {
			w.Scene(lag.String())
			w.Network.Behave(fake.Habits{NoReceipts: true})
			w.Network.ListLag(lag)
			w.NextSends(fake.Hang(true))
			caller := w.Caller()
			calls(w, caller)
			w.FastForward(2 * time.Minute)
			caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered).ExpectNoText(15 * time.Minute)
			if m := caller.LastText(); m.Attempt != 1 {
				w.T.Errorf("%d attempts", m.Attempt)
			}
		}
	})
}

// Where nobody can tell, no text goes out a second time, and a person looks.
func TestTheListIsDownUntilTheTextIsStale(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, taken := range map[string]bool{"taken": true, "not taken": false} {
			w.Scene(name)
			w.Network.Behave(fake.Habits{NoReceipts: true})
			w.Network.ListsDown(true)
			w.NextSends(fake.Hang(taken))
			caller := w.Caller()
			calls(w, caller)
			w.FastForward(8 * time.Minute)
			caller.ExpectTextState(rebound.Unknown)
			w.FastForward(3 * time.Minute)
			caller.ExpectTextState(rebound.Unconfirmed).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitUnsure)
			caller.ExpectSaid(rebound.EventTextTrouble, "Nobody can tell")
			c := w.Conversation(caller)
			if r := c.Recoveries[0]; !r.WaitSince.Equal(c.Calls[0].MissedAt) {
				w.T.Errorf("waits since %v, missed at %v", r.WaitSince, c.Calls[0].MissedAt)
			}
			if taken {
				caller.ExpectText("missed your call")
			}
			w.Network.ListsDown(false)
			caller.ExpectNoText(15 * time.Minute)
		}
	})
}

func TestAReceiptThatComesAfterAllSettlesIt(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.ListsDown(true)
		w.Network.Intercept(fake.Delay(20*time.Minute, carrier.AtReceipt))
		w.NextSends(fake.Hang(true))
		caller := w.Caller()
		calls(w, caller)
		w.FastForward(15 * time.Minute)
		caller.ExpectText("missed your call").ExpectTextState(rebound.Unconfirmed)
		w.FastForward(10 * time.Minute)
		caller.ExpectTextState(rebound.Delivered).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitUnsure)
	})
}

func TestReceiptsBeforeTheAnswer(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.NextSends(fake.Late(3 * time.Second))
		caller := w.Caller()
		<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
		w.FastForward(2 * time.Second)
		caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered)
		w.FastForward(time.Minute)
		caller.ExpectTextState(rebound.Delivered)
		if m := caller.LastText(); m.Attempt != 1 {
			t.Errorf("%d attempts", m.Attempt)
		}
	})
}

func TestReceiptsTwiceAndOutOfOrder(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, troubled := range map[string]func(fake.Webhook) []fake.Webhook{
			"twice": fake.Twice(time.Minute),
			"sent after delivered": func(h fake.Webhook) []fake.Webhook {
				if h.Form.Get("MessageStatus") == "sent" {
					h.After = 30 * time.Second
				}
				return []fake.Webhook{h}
			},
		} {
			w.Scene(name)
			caller := w.Caller()
			<-caller.Calls(reboundtest.MainLine).RingsOut().Done()
			w.Network.Intercept(troubled)
			caller.ExpectText("missed your call")
			w.FastForward(2 * time.Minute)
			caller.ExpectTextState(rebound.Delivered)
		}
	})
}

// A 429 was never processed: it is repeated, no sooner than the carrier allows.
func TestTooManyRequests(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.NextSends(fake.RateLimit(40*time.Second), fake.RateLimit(0), fake.Unconnected())
		caller := w.Caller()
		calls(w, caller)
		w.FastForward(time.Minute)
		caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered)
		if m, after := caller.LastText(), afterTheMiss(w, caller); m.Attempt != 4 || after < 40*time.Second || after > 70*time.Second {
			t.Errorf("%d attempts, the last %v after the miss", m.Attempt, after)
		}
	})
}

func TestTheCarrierWantsNothingForLongerThanTheTextIsFresh(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		var asked atomic.Int64
		caller := w.Caller()
		w.Network.EachSend(func(t fake.Text) fake.SendFault {
			if t.To == caller.Number {
				asked.Add(1)
			}
			return fake.RateLimit(20 * time.Minute)
		})
		calls(w, caller)
		caller.ExpectTextState(rebound.FailedText).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
		w.FastForward(30 * time.Minute)
		if n := asked.Load(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

// A carrier's refusal has the consequence that CARRIERS.md 2.c gives its code.
func TestRefusals(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for _, test := range []struct {
			code  string
			alarm bool
		}{
			{"21211", false}, {"21614", false}, {"21612", false}, {"21635", false}, // this number: call
			{"21408", true}, {"21606", true}, {"21608", true}, {"20003", true}, {"30034", true}, // the set-up: somebody must mend it
			{"21617", true}, // our own fault
			{"30007", true}, // filtered: not the same words again
		} {
			status := 400
			if test.code == "20003" {
				status = 401
			}
			w.NextSends(fake.Refuse(test.code, status))
			caller := w.Caller()
			calls(w, caller)
			caller.ExpectTextState(rebound.FailedText).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
			m := caller.LastText()
			if m.Attempt != 1 || m.Code != test.code || m.Trouble == "" {
				t.Errorf("%s: %d attempts, code %q, %q", test.code, m.Attempt, m.Code, m.Trouble)
			}
			if said := saidTimes(w, caller, rebound.EventConfigAlarm); (said > 0) != test.alarm {
				t.Errorf("%s: an alarm was raised %d times", test.code, said)
			}
		}
	})
}

func saidTimes(w *reboundtest.World, h *reboundtest.Handset, kind rebound.EventKind) int {
	w.T.Helper()
	n := 0
	for _, e := range w.Conversation(h).Events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func TestAFullQueueHoldsTheTextAndRaisesOneAlarm(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.NextSends(fake.Refuse("21611", 400), fake.Refuse("21611", 400))
		caller := w.Caller()
		calls(w, caller)
		w.FastForward(2 * time.Minute)
		caller.ExpectText("missed your call").ExpectTextState(rebound.Delivered)
		if n := saidTimes(w, caller, rebound.EventConfigAlarm); n != 1 {
			t.Errorf("%d alarms", n)
		}
		w.Network.EachSend(func(fake.Text) fake.SendFault { return fake.Refuse("63038", 429) })
		held := w.Caller()
		calls(w, held)
		w.FastForward(11 * time.Minute) // the text is stale
		held.ExpectTextState(rebound.FailedText).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
		if n := saidTimes(w, held, rebound.EventConfigAlarm); n != 1 {
			t.Errorf("%d alarms", n)
		}
	})
}

func TestTheCarrierKnowsOfAnOptOut(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		refused, failed := w.Caller(), w.Caller()
		w.NextSends(fake.Refuse("21610", 400))
		calls(w, refused)
		failed.FailsTexts("21610")
		calls(w, failed)
		for _, caller := range []*reboundtest.Handset{refused, failed} {
			caller.ExpectTextState(rebound.FailedText).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
			caller.ExpectSaid(rebound.EventConsent, "21610")
			if c := w.Conversation(caller).Contact; c.Consent != rebound.ConsentOptedOut {
				t.Errorf("consent is %q", c.Consent)
			}
			calls(w, caller)
			caller.ExpectDecision(rebound.OptedOut)
		}
	})
}

// A text that did not arrive was none: the caller has waited since the call.
func TestUndelivered(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for code, state := range map[string]rebound.MessageState{"30004": rebound.Undelivered, "30005": rebound.Undelivered, "30006": rebound.FailedText} {
			caller := w.Caller()
			caller.RefusesTexts(code)
			if state == rebound.FailedText {
				caller.FailsTexts(code)
			}
			calls(w, caller)
			caller.ExpectTextState(state).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
			c := w.Conversation(caller)
			if r := c.Recoveries[0]; !r.WaitSince.Equal(c.Calls[0].MissedAt) || c.Messages[0].Code != code {
				t.Errorf("%s: waits since %v, missed at %v", code, r.WaitSince, c.Calls[0].MissedAt)
			}
		}
	})
}

func TestTheSecondTextFailsSoTheClockRunsFromTheSecondCall(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.CoolDown = time.Hour })
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call")
		w.FastForward(2 * time.Hour)
		caller.RefusesTexts("30005")
		calls(w, caller)
		c := w.Conversation(caller)
		reboundtest.ExpectRecovery(w, c, rebound.RecoveryWaiting, rebound.WaitBadText)
		if r := c.Recoveries[0]; len(c.Recoveries) != 1 || !r.WaitSince.Equal(c.Calls[1].MissedAt) {
			t.Errorf("waits since %v, the second miss was at %v", r.WaitSince, c.Calls[1].MissedAt)
		}
	})
}

func TestAnUnreachablePhoneIsTriedOnceMore(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		back, off := w.Caller(), w.Caller()
		back.RefusesTexts("30003")
		calls(w, back)
		back.ExpectTextState(rebound.Planned).ExpectRecovery(rebound.RecoveryOpen, "")
		back.RefusesTexts("")
		w.FastForward(3 * time.Minute)
		back.ExpectText("missed your call").ExpectTextState(rebound.Delivered)

		off.RefusesTexts("30003")
		calls(w, off)
		w.FastForward(3 * time.Minute)
		off.ExpectTextState(rebound.Undelivered).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitBadText)
		if m := off.LastText(); m.Attempt != 2 || len(w.Network.Taken(reboundtest.MainLine)) != 6 { // with the alerts of two members
			t.Errorf("%d attempts, %d texts taken in all", m.Attempt, len(w.Network.Taken(reboundtest.MainLine)))
		}
	})
}

// A carrier that queues the text drops it when it is no longer worth sending.
func TestTheCarrierMayHoldTheTextForMinutesOnly(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.Delay = rebound.DefaultDelay })
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(8 * time.Second))
		caller.ExpectText("missed your call")
		seconds, err := strconv.Atoi(w.LastRequest().Get("ValidityPeriod"))
		if err != nil || seconds != int(rebound.FreshFor.Seconds()) {
			t.Errorf("ValidityPeriod is %q", w.LastRequest().Get("ValidityPeriod"))
		}
	})
}
