package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// story is one way in which a call can go, and what has to come of it.
type story struct {
	name     string
	habits   fake.Habits
	given    func(w *reboundtest.World)
	goes     func(w *reboundtest.World, caller *reboundtest.Handset) *fake.Call
	state    rebound.CallState
	reason   rebound.MissReason
	decided  rebound.TextBackReason // "": nothing to decide
	recovery rebound.RecoveryState  // "": none
	waits    rebound.WaitReason
	text     string // the caller gets one text, which says this; "": none
}

// happen lets the stories happen one after another, to another caller each.
func happen(t *testing.T, stories ...story) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, s := range stories {
			w.Scene(s.name)
			s.happens(w)
		}
	})
}

func (s story) happens(w *reboundtest.World) {
	w.T.Helper()
	w.Network.Behave(s.habits)
	if s.given != nil {
		s.given(w)
	}
	caller := w.Caller()
	w.Over(s.goes(w, caller))
	caller.ExpectCall(s.state, s.reason)
	if s.decided != "" {
		caller.ExpectDecision(s.decided)
	} else if d := reboundtest.Decisions(w.Conversation(caller)); len(d) > 0 {
		w.T.Errorf("decided %s on a call that was not missed", d[0].Reason)
	}
	if s.recovery != "" {
		caller.ExpectRecovery(s.recovery, s.waits)
	} else {
		caller.ExpectNoRecovery()
	}
	if s.text != "" {
		caller.ExpectText("Acme Plumbing", s.text)
	}
	caller.ExpectNoText(10 * time.Minute)
}

// missedFor is a plain miss: one text and a recovery that is open.
func missedFor(reason rebound.MissReason, s story) story {
	s.state, s.reason, s.decided = rebound.CallMissed, reason, rebound.BecauseMissed
	s.recovery, s.text = rebound.RecoveryOpen, "missed your call"
	return s
}

func ringsOut(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
	return caller.Calls(reboundtest.MainLine).RingsOut()
}

func hangsUpAfter(d time.Duration) func(*reboundtest.World, *reboundtest.Handset) *fake.Call {
	return func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
		return caller.Calls(reboundtest.MainLine).HangsUpAfter(d)
	}
}

func both(does func(*fake.Phone)) func(*reboundtest.World) {
	return func(w *reboundtest.World) {
		does(w.Ana().Phone)
		does(w.Ben().Phone)
	}
}

// The rows of CARRIERS.md 2.b, in its order, each with the variants that networks are known for.
func TestHowAMissedCallShows(t *testing.T) {
	nobodyAccepts := both(func(p *fake.Phone) { p.VoicemailAnswers(8 * time.Second) })
	happen(t,
		missedFor(rebound.NoAnswer, story{name: "rang out", goes: ringsOut}),
		missedFor(rebound.AllBusy, story{name: "all busy", given: both(func(p *fake.Phone) { p.Busy() }), goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "one busy, one rings out", given: func(w *reboundtest.World) { w.Ana().Busy() }, goes: ringsOut}),
		missedFor(rebound.Declined, story{name: "declined", given: both(func(p *fake.Phone) { p.Declines(3 * time.Second) }), goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "declined, told as no answer", habits: fake.Habits{DeclineIsNoAnswer: true},
			given: both(func(p *fake.Phone) { p.Declines(3 * time.Second) }), goes: ringsOut}),
		missedFor(rebound.Failed, story{name: "unreachable", given: both(func(p *fake.Phone) { p.Unreachable() }), goes: ringsOut}),

		missedFor(rebound.NoAnswer, story{name: "a cell's own voicemail answers", given: nobodyAccepts, goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "a cell's own voicemail answers, told as no answer",
			habits: fake.Habits{UnacceptedIsNoAnswer: true}, given: nobodyAccepts, goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "a cell's own voicemail silences the other phone", habits: fake.Habits{PickUpSilences: true},
			given: func(w *reboundtest.World) { w.Ana().VoicemailAnswers(5 * time.Second) }, goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "the whisper is not accepted",
			given: func(w *reboundtest.World) { w.Ana().Accepts(3 * time.Second).Presses("") }, goes: ringsOut}),

		missedFor(rebound.Abandoned, story{name: "hangs up while it rings", goes: hangsUpAfter(12 * time.Second)}),
		missedFor(rebound.Abandoned, story{name: "hangs up while it rings, told by the status alone", habits: fake.Habits{SilentHangup: true}, goes: hangsUpAfter(12 * time.Second)}),
		missedFor(rebound.Abandoned, story{name: "hangs up while a voicemail listens",
			given: func(w *reboundtest.World) { w.Ana().VoicemailAnswers(5 * time.Second) }, goes: hangsUpAfter(9 * time.Second)}),
		story{name: "hangs up within 4 s", goes: hangsUpAfter(3 * time.Second),
			state: rebound.CallMissed, reason: rebound.Abandoned, decided: rebound.QuickHangUp},
		story{name: "hangs up at once", goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
			return caller.Dials(fake.Dial{To: reboundtest.MainLine, Brief: true})
		}, state: rebound.CallMissed, reason: rebound.Abandoned, decided: rebound.QuickHangUp},
		missedFor(rebound.Failed, story{name: "the carrier cannot reach us, and tells of the end", given: func(w *reboundtest.World) { w.Network.Intercept(fake.Lose(carrier.AtVoice)) },
			goes: ringsOut}),

		missedFor(rebound.NoAnswer, story{name: "hangs up while the greeting is said", goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
			call := caller.Calls(reboundtest.MainLine)
			call.WaitStage(fake.StageListening)
			return call.HangsUpAfter(2 * time.Second)
		}}),
		missedFor(rebound.NoAnswer, story{name: "hangs up at the tone", habits: fake.Habits{EmptyRecordingTold: true}, goes: ringsOut}),
		missedFor(rebound.NoAnswer, story{name: "stays silent after the tone", goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
			return caller.Calls(reboundtest.MainLine)
		}}),
		story{name: "hangs up during the recording", goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
			return caller.Calls(reboundtest.MainLine).LeavesVoicemail(6*time.Second, nil)
		}, state: rebound.CallMissed, reason: rebound.NoAnswer, decided: rebound.BecauseMissed,
			recovery: rebound.RecoveryWaiting, waits: rebound.WaitVoicemail, text: "voicemail"},
	)
}

func TestWhoAnswersACall(t *testing.T) {
	desk := func(d *rebound.Declaration) { d.Teams[0].Members = []rebound.MemberID{"desk"} }
	deskLine := func(w *reboundtest.World) {
		w.Declare(desk)
		w.Phone(reboundtest.FrontDesk).Accepts(3 * time.Second).Talks(time.Minute)
	}
	staysOn := func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
		return caller.Calls(reboundtest.MainLine)
	}
	happen(t, []story{
		{name: "a member presses a key", given: func(w *reboundtest.World) { w.Ana().Accepts(3 * time.Second) }, goes: staysOn, state: rebound.CallAnswered},
		{name: "and the caller ends the talk", given: func(w *reboundtest.World) { w.Ana().Accepts(3 * time.Second) }, goes: hangsUpAfter(40 * time.Second), state: rebound.CallAnswered},
		{name: "and the end of the ringing is not told", habits: fake.Habits{SilentHangup: true},
			given: func(w *reboundtest.World) { w.Ana().Accepts(3 * time.Second) }, goes: hangsUpAfter(40 * time.Second), state: rebound.CallAnswered},
		{name: "a desk phone needs no key", given: deskLine, goes: staysOn, state: rebound.CallAnswered},
		{name: "a desk phone, and the end of the ringing is not told", habits: fake.Habits{SilentHangup: true}, given: deskLine, goes: hangsUpAfter(40 * time.Second), state: rebound.CallAnswered},
		{name: "a desk phone whose own report is lost", given: func(w *reboundtest.World) {
			deskLine(w)
			w.Network.Intercept(fake.Lose(carrier.AtLeg))
		}, goes: staysOn, state: rebound.CallAnswered},
	}...)
}

func TestAllThatArrivesIsTheVoiceWebhook(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierMayComplain()
		w.Network.Intercept(func(h fake.Webhook) []fake.Webhook {
			if h.Kind != carrier.AtVoice && h.Kind != carrier.AtReceipt {
				return nil
			}
			return []fake.Webhook{h}
		})
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectCall(rebound.CallRinging, "").ExpectNoText(3 * time.Minute)
		w.FastForward(2 * time.Minute) // by then the call must be over, so the carrier's log is asked
		caller.ExpectText("missed your call")
		if c := w.Conversation(caller).Calls[0]; c.State != rebound.CallMissed {
			t.Errorf("the call is %s", c.State)
		}
	})
}

func TestTheLogTellsThatADeskPhoneAnswered(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierMayComplain()
		w.Declare(func(d *rebound.Declaration) { d.Teams[0].Members = []rebound.MemberID{"desk"} })
		w.Phone(reboundtest.FrontDesk).Accepts(3 * time.Second)
		caller := w.Caller()
		waiting(w, caller)
		w.Network.Intercept(func(h fake.Webhook) []fake.Webhook {
			if h.Kind != carrier.AtVoice {
				return nil
			}
			return []fake.Webhook{h}
		})
		w.Over(caller.Calls(reboundtest.MainLine))
		w.FastForward(5 * time.Minute)
		caller.ExpectCall(rebound.CallAnswered, "").ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

// waiting makes the caller wait for an answer: a call that nobody took, a text, a reply. Members' phones
// behave afterwards as before.
func waiting(w *reboundtest.World, caller *reboundtest.Handset) {
	w.T.Helper()
	w.Over(caller.Dials(fake.Dial{To: reboundtest.MainLine}).HangsUpAfter(2500 * time.Millisecond))
	caller.Replies("Can you fix my boiler?")
	caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
}

func TestATalkOfTwentySecondsIsContact(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for talk, state := range map[time.Duration]rebound.RecoveryState{
			19 * time.Second: rebound.RecoveryWaiting, 20 * time.Second: rebound.RecoveryContacted,
		} {
			w.Scene(talk.String())
			caller := w.Caller()
			waiting(w, caller)
			w.FastForward(time.Minute)
			w.Ana().Accepts(3 * time.Second).Talks(talk) // and some more time for the announcement
			w.Over(caller.Calls(reboundtest.MainLine))
			caller.ExpectCall(rebound.CallAnswered, "").ExpectRecovery(state, rebound.WaitReply)
			c := w.Conversation(caller)
			if len(c.Recoveries) != 1 || c.Calls[1].AcceptedBy != "ana" {
				w.T.Errorf("%d recoveries, accepted by %q", len(c.Recoveries), c.Calls[1].AcceptedBy)
			}
		}
	})
}

func TestTwoAcceptAtOnce(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Ana().Accepts(4 * time.Second)
		w.Ben().Accepts(4 * time.Second)
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine)
		call.WaitStage(fake.StageTalking)
		w.FastForward(time.Second) // the leg that has won is connected a moment later
		connected := 0
		for _, leg := range call.Legs() {
			if leg.State() == fake.LegConnected {
				connected++
			}
		}
		w.Over(call)
		caller.ExpectCall(rebound.CallAnswered, "")
		by := w.Conversation(caller).Calls[0].AcceptedBy
		if connected != 1 || by != "ana" && by != "ben" {
			t.Errorf("%d members were connected, and %q is said to have been", connected, by)
		}
	})
}

func TestInOrderRingsOneAfterAnother(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Lines[0].Strategy = rebound.InOrder })
		w.Ben().Accepts(3 * time.Second)
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine)
		call.WaitRinging()
		w.FastForward(15 * time.Second)
		if len(w.Ana().Ringing()) != 1 || len(w.Ben().Ringing()) != 0 {
			t.Error("after 15 s it is Ana's phone alone that should ring")
		}
		w.Over(call)
		caller.ExpectCall(rebound.CallAnswered, "")
		if by := w.Conversation(caller).Calls[0].AcceptedBy; by != "ben" {
			t.Errorf("accepted by %q", by)
		}
		w.Ben().LetsRing()
		other := w.Caller()
		w.Over(other.Calls(reboundtest.MainLine).RingsOut())
		other.ExpectCall(rebound.CallMissed, rebound.NoAnswer).ExpectText("missed your call")
	})
}

func TestNobodyIsRung(t *testing.T) {
	never := rebound.Hours{{Day: time.Wednesday, From: 9 * 60, To: 10 * 60}} // the tests begin on a Friday
	afterHours := missedFor(rebound.AfterHours, story{name: "after hours", given: func(w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Lines[0].Schedule.Weekly = never })
	}, goes: ringsOut})
	afterHours.text = "closed right now"
	noDuty := missedFor(rebound.NobodyOnDuty, story{name: "nobody on duty", given: func(w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Members[0].OffDuty, d.Members[1].OffDuty = true, true })
	}, goes: ringsOut})
	happen(t, afterHours, noDuty)
}

func TestOneIsOffDutySoTheOtherRings(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Members[0].OffDuty = true })
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		call.WaitRinging()
		w.FastForward(time.Second)
		if len(w.Ana().Ringing()) != 0 || len(w.Ben().Ringing()) != 1 {
			t.Error("Ana is off duty, Ben is not")
		}
		w.Over(call)
		caller.ExpectText("missed your call")
	})
}

func TestVoicemailIsOff(t *testing.T) {
	happen(t, missedFor(rebound.NoAnswer, story{name: "the greeting is said and the call ends", given: func(w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Lines[0].Voicemail.Off = true })
	}, goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
		return caller.Calls(reboundtest.MainLine)
	}}))
}

// A retried webhook is the same request again: it gets the same bytes and rings nobody twice.
func TestARetriedVoiceWebhookGetsTheSameDocument(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		var arrived fake.Webhook
		w.Network.Intercept(func(h fake.Webhook) []fake.Webhook {
			if h.Kind == carrier.AtVoice {
				arrived = h
			}
			return []fake.Webhook{h}
		})
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		call.WaitRinging()
		first := w.Post(arrived.URL, arrived.Form)
		w.FastForward(5 * time.Second)
		second := w.Post(arrived.URL, arrived.Form)
		w.Over(call)
		third := w.Post(arrived.URL, arrived.Form) // even after the end
		if first == "" || first != second || first != third {
			t.Errorf("three answers to one request:\n%s\n%s\n%s", first, second, third)
		}
		if legs := call.Legs(); len(legs) != 2 {
			t.Errorf("%d phones rang, want each of two once", len(legs))
		}
		caller.ExpectText("missed your call")
		if c := w.Conversation(caller); len(c.Calls) != 1 || len(reboundtest.Decisions(c)) != 1 {
			t.Errorf("%d calls, %d decisions", len(c.Calls), len(reboundtest.Decisions(c)))
		}
	})
}
