package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/engine"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

// onBothWires runs a scenario with a carrier that speaks Rebound's words and with one that speaks Twilio's HTTP.
func onBothWires(t *testing.T, fn func(t *testing.T, w *reboundtest.World)) {
	t.Run("native", func(t *testing.T) { reboundtest.Run(t, fn) })
	t.Run("twilio", func(t *testing.T) { reboundtest.RunTwilio(t, fn) })
}

// left returns somebody whose recovery waits.
func left(w *reboundtest.World) *reboundtest.Handset {
	w.T.Helper()
	caller := w.Caller()
	waiting(w, caller)
	return caller
}

func callBack(w *reboundtest.World, to *reboundtest.Handset, member rebound.MemberID, key string) (rebound.Call, error) {
	w.T.Helper()
	return w.App.Engine.CallBack(context.Background(), engine.CallBack{
		Business: reboundtest.Business, Contact: w.Conversation(to).Contact.ID, Member: member, Key: key,
	})
}

// called makes a call back that must be taken by the carrier, lets it come to its end, and returns it.
func called(w *reboundtest.World, to *reboundtest.Handset, member rebound.MemberID, key string) rebound.Call {
	w.T.Helper()
	if _, err := callBack(w, to, member, key); err != nil {
		w.T.Fatal(err)
	}
	w.FastForward(5 * time.Minute)
	return lastCall(w, to)
}

func lastCall(w *reboundtest.World, of *reboundtest.Handset) rebound.Call {
	w.T.Helper()
	calls := w.Conversation(of).Calls
	return calls[len(calls)-1]
}

func expectOut(w *reboundtest.World, c rebound.Call, state rebound.CallState, reason rebound.MissReason, talk time.Duration) {
	w.T.Helper()
	if c.Direction != rebound.Outbound || c.State != state || c.Reason != reason || c.Talk.Round(time.Second) != talk {
		w.T.Errorf("the call %s is %s %q after %v, want %s %q after %v", c.Direction, c.State, c.Reason, c.Talk, state, reason, talk)
	}
	if !c.CheckAt.IsZero() {
		w.T.Errorf("the call still waits for a report, at %v", c.CheckAt)
	}
}

func TestACallBackIsProofOfContact(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		w.Ana().Accepts(3 * time.Second)
		caller.Accepts(4 * time.Second).Talks(40 * time.Second)
		call := called(w, caller, "ana", "press-1")
		expectOut(w, call, rebound.CallAnswered, "", 40*time.Second)
		if call.AcceptedBy != "ana" {
			t.Errorf("accepted by %q", call.AcceptedBy)
		}
		caller.ExpectRecovery(rebound.RecoveryContacted, "").ExpectSaid(rebound.EventContactMade, "Contact made after")
	})
}

func TestCallsBackThatAreNoProof(t *testing.T) {
	tests := []struct {
		name   string
		set    func(w *reboundtest.World, ana, caller *reboundtest.Handset)
		state  rebound.CallState
		reason rebound.MissReason
		talk   time.Duration
	}{
		{"they talk 19 s", func(_ *reboundtest.World, ana, caller *reboundtest.Handset) {
			ana.Accepts(time.Second)
			caller.Accepts(time.Second).Talks(19 * time.Second)
		}, rebound.CallAnswered, "", 19 * time.Second},
		{"the customer does not answer", func(_ *reboundtest.World, ana, caller *reboundtest.Handset) {
			ana.Accepts(time.Second)
		}, rebound.CallUnanswered, rebound.NoAnswer, 0},
		{"the customer is busy", func(_ *reboundtest.World, ana, caller *reboundtest.Handset) {
			ana.Accepts(time.Second)
			caller.Busy()
		}, rebound.CallUnanswered, rebound.AllBusy, 0},
		{"the member's phone rings out", func(*reboundtest.World, *reboundtest.Handset, *reboundtest.Handset) {},
			rebound.CallUnanswered, rebound.NotTaken, 0},
		{"the member declines", func(_ *reboundtest.World, ana, _ *reboundtest.Handset) {
			ana.Declines(2 * time.Second)
		}, rebound.CallUnanswered, rebound.NotTaken, 0},
		{"the member's voicemail answers", func(_ *reboundtest.World, ana, caller *reboundtest.Handset) {
			ana.VoicemailAnswers(2 * time.Second)
			caller.Accepts(time.Second)
		}, rebound.CallUnanswered, rebound.NotTaken, 0},
		{"the member's phone does not exist", func(_ *reboundtest.World, ana, _ *reboundtest.Handset) {
			ana.Unreachable()
		}, rebound.CallUnanswered, rebound.Failed, 0},
		{"the member hangs up while it rings", func(w *reboundtest.World, ana, _ *reboundtest.Handset) {
			ana.Accepts(time.Second)
			go func() {
				time.Sleep(25 * time.Second)
				for _, leg := range ana.Ringing() {
					leg.HangUp()
				}
			}()
		}, rebound.CallUnanswered, rebound.Abandoned, 0},
	}
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		for _, tc := range tests {
			w.Scene(tc.name)
			caller := left(w)
			tc.set(w, w.Ana(), caller)
			call := called(w, caller, "ana", tc.name)
			expectOut(w, call, tc.state, tc.reason, tc.talk)
			caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		}
	})
}

func TestOnePressRingsOnce(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		first, err := callBack(w, caller, "ana", "one-press")
		if err != nil {
			t.Fatal(err)
		}
		again, err := callBack(w, caller, "ana", "one-press")
		if err != nil || again.ID != first.ID {
			t.Errorf("the same key again: %s, %v, want %s", again.ID, err, first.ID)
		}
		if _, err := callBack(w, caller, "ana", "another"); code(err) != "R2308" {
			t.Errorf("another press while the phone rings: %v", err)
		}
		w.FastForward(2 * time.Second)
		if n := len(w.Ana().Ringing()); n != 1 {
			t.Errorf("%d legs ring Ana's phone", n)
		}
		w.FastForward(2 * time.Minute)
		if n := len(w.Conversation(caller).Calls); n != 2 {
			t.Errorf("%d calls in the conversation, want the missed one and one call back", n)
		}
	})
}

// code is the documented code of an error.
func code(err error) string {
	_, rest, _ := strings.Cut(err.Error(), "R23")
	if len(rest) < 2 {
		return ""
	}
	return "R23" + rest[:2]
}

func TestARequestThatNobodySawEnd(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		for _, tc := range []struct {
			name  string
			fault fake.SendFault
			lose  []carrier.PlaceKind
			state rebound.CallState
			err   string
		}{
			{"taken, and the answer is cut", fake.Cut(true), nil, rebound.CallAnswered, ""},
			{"taken, no answer, and no report on the member's phone", fake.Hang(true), []carrier.PlaceKind{carrier.AtLeg}, rebound.CallAnswered, ""},
			{"never taken", fake.Cut(false), nil, rebound.CallUnanswered, ""},
			{"a server's error", fake.Break(503, false), nil, rebound.CallUnanswered, ""},
			{"too many requests", fake.RateLimit(0), nil, rebound.CallUnanswered, "R2310"},
			{"refused", fake.Refuse("21215", 400), nil, rebound.CallUnanswered, "R2309"},
			{"no connection", fake.Unconnected(), nil, rebound.CallUnanswered, "R2310"},
		} {
			w.Scene(tc.name)
			caller := left(w)
			w.Ana().Accepts(time.Second)
			caller.Accepts(time.Second)
			w.Network.NextDials(tc.fault)
			if len(tc.lose) > 0 {
				w.Network.Intercept(fake.Lose(tc.lose...))
			}
			_, err := callBack(w, caller, "ana", tc.name)
			if (err != nil) != (tc.err != "") || err != nil && code(err) != tc.err {
				w.T.Errorf("the error is %v, want %q", err, tc.err)
			}
			w.FastForward(6 * time.Minute)
			call := lastCall(w, caller)
			if call.State != tc.state || !call.CheckAt.IsZero() {
				w.T.Errorf("the call is %s %q, looked at again %v; want %s", call.State, call.Reason, call.CheckAt, tc.state)
			}
			if tc.state == rebound.CallAnswered {
				caller.ExpectRecovery(rebound.RecoveryContacted, "")
			}
		}
	})
}

func TestLostReportsOnACallBack(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		for name, kinds := range map[string][]carrier.PlaceKind{
			"legs":                  {carrier.AtLeg},
			"the step":              {carrier.AtRung},
			"all but the questions": {carrier.AtLeg, carrier.AtRung},
		} {
			w.Scene(name)
			w.CarrierMayComplain()
			caller := left(w)
			w.Ana().Accepts(time.Second)
			caller.Accepts(time.Second).Talks(45 * time.Second)
			w.Network.Intercept(fake.Lose(kinds...))
			if _, err := callBack(w, caller, "ana", name); err != nil {
				w.T.Fatal(err)
			}
			w.FastForward(5 * time.Hour)
			expectOut(w, lastCall(w, caller), rebound.CallAnswered, "", 45*time.Second)
			caller.ExpectRecovery(rebound.RecoveryContacted, "")
		}
	})
}

func TestReportsOnACallBackInAnyOrderAndTwice(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		for name, unruly := range map[string]func(fake.Webhook) []fake.Webhook{
			"twice":                 fake.Twice(3 * time.Second),
			"the legs' late":        fake.Delay(2*time.Minute, carrier.AtLeg),
			"the step's overtaken":  fake.Delay(4*time.Second, carrier.AtRung),
			"the key's report late": fake.Delay(3*time.Second, carrier.AtAccept),
		} {
			w.Scene(name)
			caller := left(w)
			w.Ana().Accepts(time.Second)
			caller.Accepts(time.Second).Talks(45 * time.Second)
			w.Network.Intercept(unruly)
			expectOut(w, called(w, caller, "ana", name), rebound.CallAnswered, "", 45*time.Second)
			caller.ExpectRecovery(rebound.RecoveryContacted, "")
			if n := saidTimes(w, caller, rebound.EventContactMade); n != 1 {
				w.T.Errorf("contact was made %d times", n)
			}
		}
	})
}

func TestACrashBetweenThePressAndTheRing(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		w.Ana().Accepts(time.Second)
		caller.Accepts(time.Second)
		w.Network.NextDials(fake.Hang(true))
		go callBack(w, caller, "ana", "crash") //nolint:errcheck // its end is the crash
		w.FastForward(time.Second)
		w.Crash()
		w.FastForward(5 * time.Minute)
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
		if call := lastCall(w, caller); call.State != rebound.CallAnswered || call.CarrierID == "" {
			t.Errorf("the call is %s, its carrier's id %q", call.State, call.CarrierID)
		}
	})
}

func TestWhoCallsBackIsBusy(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, other := left(w), w.Caller()
		w.Ana().Accepts(time.Second)
		caller.Accepts(time.Second).Talks(3 * time.Minute)
		if _, err := callBack(w, caller, "ana", "busy"); err != nil {
			t.Fatal(err)
		}
		w.FastForward(30 * time.Second)
		w.Ben().Accepts(2 * time.Second)
		w.Over(other.Calls(reboundtest.MainLine))
		for _, leg := range lastCall(w, other).Legs {
			if c := lastCall(w, other); c.Plan.Steps[leg.Step].Targets[leg.Target].Member == "ana" {
				t.Error("Ana was rung while she called back")
			}
		}
		other.ExpectCall(rebound.CallAnswered, "")
	})
}

func TestWhomNobodyMayCallBack(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		conversation := w.Conversation(caller).Contact.ID
		try := func(contact rebound.ContactID, member rebound.MemberID, key string) string {
			_, err := w.App.Engine.CallBack(context.Background(), engine.CallBack{
				Business: reboundtest.Business, Contact: contact, Member: member, Key: key,
			})
			if err == nil {
				return ""
			}
			return code(err)
		}
		expect := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		expect("no key", try(conversation, "ana", ""), "R2300")
		expect("no conversation", try("nobody", "ana", "k1"), "R2301")
		expect("no member", try(conversation, "zoe", "k2"), "R2306")
		w.Over(caller.CallsAs("anonymous", reboundtest.MainLine).RingsOut())
		expect("a hidden number", try(w.Latest().Contact.ID, "ana", "k3"), "R2302")
		w.Declare(func(d *rebound.Declaration) {
			d.Blocked = []rebound.BlockedNumber{{Number: string(caller.Number)}}
			d.Members[1].Rings = nil
			d.Teams[0].Members = []rebound.MemberID{"ana"}
		})
		expect("a blocked number", try(conversation, "ana", "k4"), "R2303")
		w.Declare(func(d *rebound.Declaration) {
			d.Members[1].Rings = nil
			d.Teams[0].Members = []rebound.MemberID{"ana"}
		})
		expect("a member without a phone", try(conversation, "ben", "k5"), "R2307")
		premium := w.Phone(phone.Number("+19005550123"))
		w.Over(premium.Calls(reboundtest.MainLine).RingsOut())
		expect("a premium number", try(w.Conversation(premium).Contact.ID, "ana", "k6"), "R2304")
		caller.Replies("STOP")
		caller.ReadAll()
		expect("an opt-out of texts", try(conversation, "ana", "k7"), "")
	})
}

func TestAnAlertByPhoneConnects(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		caller := left(w)
		since := w.Conversation(caller).Recoveries[0].WaitSince
		w.FastForward(30*time.Minute - time.Since(since))
		alert := func(key string) rebound.Call {
			call, err := w.App.Engine.AlertByPhone(context.Background(), engine.PhoneAlert{
				CallBack: engine.CallBack{Business: reboundtest.Business, Contact: w.Conversation(caller).Contact.ID, Member: "ana", Key: key},
				Said:     "gas smell", Since: since,
			})
			if err != nil {
				t.Fatal(err)
			}
			w.FastForward(3 * time.Minute)
			return call
		}
		w.Ana().VoicemailAnswers(time.Second)
		caller.Accepts(time.Second)
		call := alert("one")
		if says := call.Plan.Steps[0].Announce; !strings.HasSuffix(says, "wrote: gas smell. Waiting 30 minutes. Press 1 to be connected.") || !strings.HasPrefix(says, "Acme Plumbing: ") {
			t.Errorf("the alert says %q", says)
		}
		if c := lastCall(w, caller); c.KeyPressed() {
			t.Error("a voicemail took the alert")
		}
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		w.Ana().Accepts(time.Second).Presses("1")
		alert("two")
		if c := lastCall(w, caller); !c.KeyPressed() {
			t.Error("a pressed key did not take the alert")
		}
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
	})
}
