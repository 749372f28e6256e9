package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

// down takes the program away while fn happens, and until that much time has passed.
func down(w *reboundtest.World, lasts time.Duration, fn func()) {
	w.T.Helper()
	w.CarrierMayComplain()
	w.PowerOff()
	up := time.Now().Add(lasts)
	fn()
	w.FastForward(time.Until(up))
	w.PowerOn()
}

// whole is an instant as Twilio keeps it.
func whole(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

// untilTen lets time pass until it is ten in the evening where the business is.
func untilTen(w *reboundtest.World) { w.FastForward(6 * time.Hour) }

func TestDownForMinutesByDaySoTheTextStillGoesOut(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		var began time.Time
		down(w, 3*time.Minute, func() {
			began = time.Now()
			<-caller.Calls(reboundtest.MainLine).Done()
		})
		up := time.Now()
		caller.ExpectText("Acme Plumbing", "missed your call")
		if late := time.Since(up); late > 5*time.Second {
			t.Errorf("the text came %v after the start", late)
		}
		caller.ExpectDecision(rebound.BecauseMissed).ExpectRecovery(rebound.RecoveryOpen, "")
		c := w.Conversation(caller)
		if call := c.Calls[0]; !call.ArrivedAt.Equal(whole(began)) || call.MissedAt.Sub(began) > 20*time.Second {
			t.Errorf("called at %v; it says arrived %v, missed %v", began, call.ArrivedAt, call.MissedAt)
		}
		if !c.Contact.LastAt.Before(up.Add(-2 * time.Minute)) {
			t.Errorf("the list shows the call at %v", c.Contact.LastAt)
		}
		caller.ExpectNoText(30 * time.Minute)
	})
}

// Nobody could be rung, however short the carrier's apology was: that is no caller who hung up at once.
func TestACallDuringAnOutageFailed(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		patient, hasty := w.Caller(), w.Caller()
		down(w, time.Minute, func() {
			<-patient.Calls(reboundtest.MainLine).Done()
			<-hasty.Calls(reboundtest.MainLine).HangsUp().Done()
		})
		patient.ExpectText("missed your call").ExpectCall(rebound.CallMissed, rebound.Failed)
		hasty.ExpectCall(rebound.CallMissed, rebound.Abandoned).ExpectDecision(rebound.QuickHangUp).ExpectNoRecovery()
	})
}

func TestDownForAnHourSoSomebodyHasToCall(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		down(w, time.Hour, func() { <-caller.Calls(reboundtest.MainLine).Done() })
		caller.ExpectNoText(time.Minute)
		caller.ExpectDecision(rebound.Stale).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
		c := w.Conversation(caller)
		if since := c.Recoveries[0].WaitSince; !since.Equal(c.Calls[0].MissedAt) || time.Since(since) < time.Hour {
			t.Errorf("waits since %v, missed at %v", since, c.Calls[0].MissedAt)
		}
	})
}

func TestALateTextObeysQuietHours(t *testing.T) {
	for lasts, text := range map[time.Duration]bool{3 * time.Minute: false, 90 * time.Second: true} {
		t.Run(lasts.String(), func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				untilTen(w)
				caller := w.Caller()
				down(w, lasts, func() { <-caller.Calls(reboundtest.MainLine).Done() })
				if text {
					caller.ExpectText("missed your call")
					return
				}
				caller.ExpectNoText(time.Minute)
				caller.ExpectDecision(rebound.Stale).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
			})
		})
	}
}

// Whether it was after hours is asked of the time of the call, not of the time at which we learn of it.
func TestTheRouteIsThatOfTheTimeOfTheCall(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			d.Lines[0].Schedule.Weekly = rebound.Hours{{Day: time.Friday, From: 8 * 60, To: 17 * 60}} // it is Friday, 16:00
		})
		w.FastForward(58 * time.Minute) // two minutes before the end of the day
		open, closed := w.Caller(), w.Caller()
		down(w, 4*time.Minute, func() {
			<-open.Calls(reboundtest.MainLine).Done()
			w.FastForward(2 * time.Minute)
			<-closed.Calls(reboundtest.MainLine).Done()
		})
		open.ExpectText("missed your call").ExpectCall(rebound.CallMissed, rebound.Failed)
		closed.ExpectText("Acme Plumbing").ExpectCall(rebound.CallMissed, rebound.AfterHours)
	})
}

func TestAReplyWhileDownWaitsSinceItWasWritten(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call")
		var wrote time.Time
		down(w, 40*time.Minute, func() {
			w.FastForward(time.Minute)
			wrote = time.Now()
			caller.Texts(reboundtest.MainLine, "It drips here", fake.Picture{ContentType: "image/png", Data: []byte("png")})
		})
		w.Settle()
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		c := w.Conversation(caller)
		msg, r := c.Messages[len(c.Messages)-1], c.Recoveries[0]
		if msg.Body != "It drips here" || msg.Recovery != r.ID || !msg.CreatedAt.Equal(whole(wrote)) || !r.WaitSince.Equal(whole(wrote)) {
			t.Errorf("written at %v: %+v, waits since %v", wrote, msg, r.WaitSince)
		}
		if c.Contact.Last != "It drips here" || !c.Contact.LastAt.Equal(whole(wrote)) || !c.Contact.Unread {
			t.Errorf("the list shows %+v", c.Contact)
		}
		if len(c.Media) != 1 || c.Media[0].State != rebound.MediaStored || c.Media[0].ContentType != "image/png" {
			t.Errorf("the picture: %+v", c.Media)
		}
		caller.ExpectSaid(rebound.EventStepReached, "Still waiting after 39").ExpectNoText(30 * time.Minute)
	})
}

func TestAnOptOutWhileDownIsObeyed(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		bare, plain := w.Caller(), w.Caller()
		var said time.Time
		down(w, 40*time.Minute, func() {
			said = time.Now()
			bare.Texts(reboundtest.MainLine, "STOP")
			plain.Texts(reboundtest.MainLine, "please don't text me anymore")
		})
		bare.ExpectText("unsubscribed") // by the carrier, at once
		w.Settle()
		for _, caller := range []*reboundtest.Handset{bare, plain} {
			c := w.Conversation(caller).Contact
			if c.Consent != rebound.ConsentOptedOut || !c.ConsentAt.Equal(whole(said)) {
				t.Errorf("%q at %v, said at %v", c.Consent, c.ConsentAt, said)
			}
			calls(w, caller)
			caller.ExpectDecision(rebound.OptedOut).ExpectNoText(15 * time.Minute) // nor a confirmation after so long
		}
	})
}

// Of two words about consent the one that was said last counts, not the one that was learned of last.
func TestAWordLearnedOfLateDoesNotOverruleALaterOne(t *testing.T) {
	for _, test := range []struct {
		lost, told string
		want       rebound.ConsentState
	}{
		{"STOP", "START", rebound.ConsentGiven},
		{"START", "STOP", rebound.ConsentOptedOut},
		{"STOP", "Is anybody there?", rebound.ConsentOptedOut},
	} {
		t.Run(test.lost+" "+test.told, func(t *testing.T) {
			reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
				caller := w.Caller()
				caller.Replies("STOP").ExpectText("unsubscribed")
				if test.told == "Is anybody there?" {
					caller.Replies("START").ExpectText("again")
				}
				w.Network.Intercept(fake.Lose(carrier.AtText))
				caller.Texts(reboundtest.MainLine, test.lost)
				w.Settle()
				w.Network.Intercept(nil)
				caller.Texts(reboundtest.MainLine, test.told)
				w.FastForward(6 * time.Minute)
				if got := consentOf(w, caller); got != test.want {
					t.Errorf("consent %q, want %q", got, test.want)
				}
				for range caller.Unread() { // the carrier's own answers
					caller.ExpectText()
				}
			})
		})
	}
}

func TestWhoCalledAndThenWroteWhileDownGetsNoTextBack(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		var wrote time.Time
		down(w, 3*time.Minute, func() {
			<-caller.Calls(reboundtest.MainLine).Done()
			w.FastForward(time.Minute)
			wrote = time.Now()
			caller.Texts(reboundtest.MainLine, "Nobody answers. Can you come today?")
		})
		caller.ExpectNoText(15 * time.Minute)
		caller.ExpectDecision(rebound.WroteFirst).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		r := w.Conversation(caller).Recoveries
		if len(r) != 1 || r[0].Misses != 1 || !r[0].WaitSince.Equal(whole(wrote)) {
			t.Errorf("%+v", r)
		}
	})
}

const bin = `<Response><Say>We are out for the moment. Speak after the tone.</Say><Record maxLength="3600" timeout="5"/></Response>`

func TestAVoicemailLeftWithTheCarrierIsNotLost(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.TwiMLBin(bin)
		caller := w.Caller()
		down(w, 3*time.Minute, func() {
			<-caller.Calls(reboundtest.MainLine).LeavesVoicemail(12*time.Second, nil).Done()
		})
		caller.ExpectText("voicemail").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitVoicemail)
		w.Settle()
		c := w.Conversation(caller)
		if !c.Calls[0].Voicemail || len(c.Media) != 1 || c.Media[0].State != rebound.MediaStored || c.Media[0].Duration != 12*time.Second {
			t.Errorf("%+v, media %+v", c.Calls[0], c.Media)
		}
	})
}

func TestACallThatGoesOnIsLeftForTheNextLook(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.TwiMLBin(bin)
		caller := w.Caller()
		var call *fake.Call
		down(w, time.Minute, func() {
			call = caller.Calls(reboundtest.MainLine).LeavesVoicemail(0, nil)
			call.WaitStage(fake.StageRecording)
		})
		w.FastForward(30 * time.Minute)
		if _, err := w.Rows().ContactByNumber(t.Context(), string(caller.Number)); err == nil {
			t.Error("a call that goes on was taken for one that is over")
		}
		call.HangsUp()
		w.FastForward(6 * time.Minute)
		caller.ExpectCall(rebound.CallMissed, rebound.Failed).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitVoicemail)
		caller.ExpectDecision(rebound.Stale) // the miss was when nobody could be rung
	})
}

// Where the webhooks do arrive, the log tells nothing new, however often it is read.
func TestWhatWasToldIsNotTakenTwice(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller, other := w.Caller(), w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call").Replies("Can you fix my boiler?")
		w.Over(other.Calls(reboundtest.MainLine).LeavesVoicemail(8*time.Second, nil))
		other.ExpectText("voicemail")
		w.Crash()
		w.FastForward(20 * time.Minute)
		for who, want := range map[*reboundtest.Handset][2]int{caller: {1, 2}, other: {1, 1}} {
			c := w.Conversation(who)
			if got := [2]int{len(c.Calls), len(c.Messages)}; got != want || len(c.Recoveries) != 1 || len(reboundtest.Decisions(c)) != 1 {
				t.Errorf("calls and texts %v, want %v; %d recoveries, %d decisions", got, want, len(c.Recoveries), len(reboundtest.Decisions(c)))
			}
		}
	})
}

// The program is up, and yet nothing of a call or a text reaches it.
func TestLostWebhooksAreMadeUpFor(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierMayComplain()
		caller, writer := w.Caller(), w.Caller()
		w.Network.Intercept(func(fake.Webhook) []fake.Webhook { return nil })
		<-caller.Calls(reboundtest.MainLine).Done()
		writer.Texts(reboundtest.MainLine, "Are you open?")
		w.Settle()
		w.Network.Intercept(nil)
		w.FastForward(5 * time.Minute)
		caller.ExpectText("missed your call")
		writer.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
	})
}

func TestALogThatLagsIsReadAgain(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.ListLag(4 * time.Minute)
		caller := w.Caller()
		down(w, time.Minute, func() { <-caller.Calls(reboundtest.MainLine).Done() })
		w.FastForward(4 * time.Minute)
		w.Network.ListLag(0)
		w.FastForward(2 * time.Minute)
		caller.ExpectText("missed your call")
	})
}

func TestALogThatCannotBeReadIsTriedAgain(t *testing.T) {
	for after, want := range map[time.Duration]rebound.TextBackReason{3 * time.Minute: rebound.BecauseMissed, time.Hour: rebound.Stale} {
		t.Run(after.String(), func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				w.Network.ListsDown(true)
				caller := w.Caller()
				down(w, time.Minute, func() { <-caller.Calls(reboundtest.MainLine).Done() })
				before := w.Looks()
				w.FastForward(after)
				if n := w.Looks() - before; n < 2 || n > 17 { // after 15 s, 30 s, 1, 2, 4 and then every 5 minutes
					t.Errorf("%d looks within %v", n, after)
				}
				if _, err := w.Rows().ContactByNumber(t.Context(), string(caller.Number)); err == nil {
					t.Error("known before the log could be read")
				}
				w.Network.ListsDown(false)
				w.FastForward(6 * time.Minute)
				caller.ExpectDecision(want)
				if want == rebound.BecauseMissed {
					caller.ExpectText("missed your call")
				}
			})
		})
	}
}

// One connection whose credentials are gone does not keep another from being looked at.
func TestABrokenConnectionDoesNotStopOthers(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		broken := reboundtest.DefaultBusiness()
		broken.Business.ID, broken.Connections[0].ID, broken.Lines[0].ID = "a-first", "a-first.main", "a-first"
		broken.Connections[0].Carrier, broken.Connections[0].AuthToken = "twilio", "file:/nowhere"
		broken.Members, broken.Teams = nil, nil
		broken.Lines[0].Connection, broken.Lines[0].Number = "a-first.main", "+14155550199"
		if err := w.App.Engine.Declare(t.Context(), broken); err != nil {
			t.Fatal(err)
		}
		caller := w.Caller()
		down(w, time.Minute, func() { <-caller.Calls(reboundtest.MainLine).Done() })
		caller.ExpectText("missed your call")
	})
}

// What a number's calls were before it was declared is nobody's business here.
func TestAFirstLookBeginsWithTheDeclaration(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		const second = phone.Number("+14155550135")
		w.Twilio.Owns(fake.TwilioNumber{Number: second})
		early, late := w.Caller(), w.Caller()
		<-early.Calls(second).Done()
		early.Texts(second, "Hello?")
		w.FastForward(time.Minute)
		w.Declare(func(d *rebound.Declaration) {
			line := d.Lines[0]
			line.ID, line.Number = "second", second
			d.Lines = append(d.Lines, line)
		})
		down(w, time.Minute, func() { <-late.Calls(second).Done() })
		late.ExpectText("missed your call")
		w.FastForward(20 * time.Minute)
		if _, err := w.Rows().ContactByNumber(t.Context(), string(early.Number)); err == nil {
			t.Error("the look went back further than the declaration")
		}
	})
}

func TestTwoNodesLookOnce(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		if w.Store.Engine() != "postgres" {
			return // two programs cannot share the file
		}
		w.Node()
		w.Settle()
		before := w.Looks()
		w.FastForward(time.Hour)
		if n := w.Looks() - before; n < 11 || n > 13 {
			t.Errorf("%d looks in an hour, one each five minutes is wanted", n)
		}
	})
}

// A look that hangs keeps nobody from ending the program.
func TestALookDoesNotHoldTheEndUp(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.CarrierHangs()
		w.Crash() // the start looks
		w.Settle()
		began := time.Now()
		if err := w.App.Close(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %v", took)
		}
		w.PowerOn()
	})
}
