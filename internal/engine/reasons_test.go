package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

// calls makes a call that nobody takes and waits for all that follows.
func calls(w *reboundtest.World, caller *reboundtest.Handset) {
	w.T.Helper()
	w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
}

// textBack changes the default business's rules for the automatic text.
func textBack(w *reboundtest.World, edit func(*rebound.TextBackPolicy)) {
	w.T.Helper()
	w.Declare(func(d *rebound.Declaration) { edit(&d.Business.TextBack) })
}

// A caller who cannot be texted is no dead end: the recovery waits at once, from the moment of the miss.
func TestWhoCannotBeTextedWaitsForACall(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, test := range []struct {
			shown string
			want  rebound.TextBackReason
		}{
			{"anonymous", rebound.Withheld},
			{"Restricted", rebound.Withheld},
			{"unavailable", rebound.Withheld},
			{"unknown", rebound.Withheld},
			{"blocked", rebound.Withheld},
			{"private", rebound.Withheld},
			{"+266696687", rebound.Withheld}, // ANONYMOUS on a keypad
			{"+7378742833", rebound.Withheld},
			{"+86282452253", rebound.Withheld},
			{"+8656696", rebound.Withheld},
			{"+2562533", rebound.Withheld},
			{"sip:+14157770001@192.0.2.1:5060;isup-oli=00", rebound.SIPCaller},
			{"+12345", rebound.ShortCode},
			{"+1415", rebound.ShortCode},
			{"+99912345678901", rebound.Malformed},
		} {
			w.Scene(test.shown)
			w.Over(w.Caller().CallsAs(test.shown, reboundtest.MainLine).RingsOut())
			c := w.Latest()
			if got := c.Calls[0]; got.State != rebound.CallMissed || got.Reason != rebound.NoAnswer {
				w.T.Errorf("the call is %s for %s", got.State, got.Reason)
			}
			reboundtest.ExpectDecision(w, c, test.want)
			reboundtest.ExpectRecovery(w, c, rebound.RecoveryWaiting, rebound.WaitNoText)
			if r := c.Recoveries[0]; len(c.Calls) != 1 || !r.WaitSince.Equal(c.Calls[0].MissedAt) {
				w.T.Errorf("%d calls, waits since %v, missed at %v", len(c.Calls), r.WaitSince, c.Calls[0].MissedAt)
			}
		}
	})
}

func TestWhoseNumberIsNotTexted(t *testing.T) {
	london := phone.Number("+442079460123")
	british := func(w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Business.Country, d.Lines[0].Number = "GB", "+441632960001" })
	}
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, test := range []struct {
			name  string
			given func(*reboundtest.World)
			from  phone.Number
			to    phone.Number
			want  rebound.TextBackReason
		}{
			{"a landline", british, london, "+441632960001", rebound.Landline},
			{"a premium number", nil, "+19005550123", reboundtest.MainLine, rebound.Premium},
			{"the Bahamas, in spite of +1", nil, "+12423570123", reboundtest.MainLine, rebound.CountryNotOn},
			{"Canada, in spite of +1", nil, "+14165550123", reboundtest.MainLine, rebound.CountryNotOn},
			{"the line's own country, when the list leaves it out", func(w *reboundtest.World) {
				textBack(w, func(p *rebound.TextBackPolicy) { p.Countries = []string{"CA"} })
			}, "+14157770001", reboundtest.MainLine, rebound.CountryNotOn},
		} {
			w.Scene(test.name)
			if test.given != nil {
				test.given(w)
			}
			caller := w.Phone(test.from)
			w.Over(caller.Calls(test.to).RingsOut())
			caller.ExpectCall(rebound.CallMissed, rebound.NoAnswer).ExpectDecision(test.want)
			caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText).ExpectNoText(10 * time.Minute)
		}
	})
}

func TestACountryOnTheListIsTexted(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.Countries = []string{"US", "CA", "BS"} })
		for _, n := range []phone.Number{"+12423570123", "+14165550123", "+14157770001"} {
			caller := w.Phone(n)
			calls(w, caller)
			caller.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
		}
	})
}

func TestAForgedCallerIDHoldsTheTextBackNotTheLead(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		forged, verified := w.Caller(), w.Caller()
		w.Over(forged.Dials(fake.Dial{To: reboundtest.MainLine, CallerID: rebound.No}).RingsOut())
		forged.ExpectDecision(rebound.CallerIDFailed).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
		w.Over(verified.Dials(fake.Dial{To: reboundtest.MainLine, CallerID: rebound.Yes}).RingsOut())
		verified.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
	})
}

func TestStaffAndOwnLinesAreNobodysLead(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			second := d.Lines[0]
			second.ID, second.Number = "second", "+14155550135"
			d.Lines = append(d.Lines, second)
		})
		w.Over(w.Phone(reboundtest.FrontDesk).Calls(reboundtest.MainLine).RingsOut())
		w.Phone(reboundtest.FrontDesk).ExpectDecision(rebound.IsStaff).ExpectNoRecovery()
		w.Over(w.Phone("+14155550135").Calls(reboundtest.MainLine).RingsOut())
		w.Phone("+14155550135").ExpectDecision(rebound.IsOwnLine).ExpectNoRecovery()
	})
}

func TestABlockedCallerIsRejected(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		block := func(d *rebound.Declaration) { d.Blocked = []rebound.BlockedNumber{{Number: string(caller.Number)}} }
		w.Declare(block)
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		w.Over(call)
		caller.ExpectCall(rebound.CallBlocked, "").ExpectNoRecovery()
		if call.Status() == rebound.EndCompleted || len(call.Legs()) > 0 {
			t.Errorf("the call ended %s after %d legs: it must be refused unanswered", call.Status(), len(call.Legs()))
		}
		if d := reboundtest.Decisions(w.Conversation(caller)); len(d) != 0 {
			t.Errorf("a blocked call is no miss, and %s was decided", d[0].Reason)
		}
	})
}

func TestBlockedWhileItRings(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).RingsOut()
		call.WaitRinging()
		w.Declare(func(d *rebound.Declaration) { d.Blocked = []rebound.BlockedNumber{{Number: string(caller.Number)}} })
		w.Over(call)
		caller.ExpectDecision(rebound.IsBlocked).ExpectNoRecovery()
	})
}

func TestOptedOutCallerWaitsForACall(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		stop, doubt := w.Caller(), w.Caller()
		stop.Replies("STOP").ExpectText("unsubscribed") // by the carrier
		calls(w, stop)
		stop.ExpectDecision(rebound.OptedOut).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
		doubt.Replies("wrong number")
		calls(w, doubt)
		doubt.ExpectDecision(rebound.OptOutLikely).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
	})
}

func TestTextBackIsOff(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.Off = true })
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectDecision(rebound.TurnedOff).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
	})
}

func TestHangingUpAtOnceCanBeTextedAnyway(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.QuickHangUp = -1 })
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(time.Second))
		caller.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
	})
}

func TestASecondCallInTheCoolDownRaisesTheUrgency(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call").ExpectRecovery(rebound.RecoveryOpen, "")
		w.FastForward(time.Hour)
		calls(w, caller)
		caller.ExpectDecision(rebound.CoolDown).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitAgain)
		c := w.Conversation(caller)
		if r := c.Recoveries[0]; len(c.Recoveries) != 1 || !r.Urgent || r.Misses != 2 || !r.WaitSince.Equal(c.Calls[1].MissedAt) {
			t.Errorf("%d recoveries, the first %+v", len(c.Recoveries), r)
		}
	})
}

func TestAfterTheCoolDownAnotherTextGoesOut(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.CoolDown = time.Minute })
		caller := w.Caller()
		for range 2 {
			calls(w, caller)
			caller.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
			w.FastForward(time.Minute)
		}
		if c := w.Conversation(caller); len(c.Recoveries) != 1 || c.Recoveries[0].Texts != 2 {
			t.Errorf("%d recoveries, %d texts", len(c.Recoveries), c.Recoveries[0].Texts)
		}
	})
}

func TestAHumanInTouchIsNotTalkedOver(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		w.Ana().Accepts(2 * time.Second)
		w.Over(caller.Calls(reboundtest.MainLine))
		w.Ana().LetsRing()
		w.FastForward(20 * time.Minute)
		calls(w, caller)
		caller.ExpectDecision(rebound.HumanInTouch).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitAgain)
		w.FastForward(15 * time.Minute)
		calls(w, caller)
		caller.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
	})
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		name string
		set  func(*rebound.TextBackPolicy)
		same bool // the same caller calls again
		want rebound.TextBackReason
	}{
		{"per caller", func(p *rebound.TextBackPolicy) { p.CoolDown, p.Limits.PerCaller = -1, 1 }, true, rebound.CapCaller},
		{"per caller, all businesses", func(p *rebound.TextBackPolicy) { p.CoolDown, p.Limits.PerCallerAll = -1, 1 }, true, rebound.CapCallerAll},
		{"per prefix", func(p *rebound.TextBackPolicy) { p.Limits.PerPrefix = 1 }, false, rebound.CapPrefix},
		{"per line and hour", func(p *rebound.TextBackPolicy) { p.Limits.PerLineHour = 1 }, false, rebound.CapLine},
		{"per business and hour", func(p *rebound.TextBackPolicy) { p.Limits.PerBusinessHour = 1 }, false, rebound.CapHour},
		{"per business and day", func(p *rebound.TextBackPolicy) { p.Limits.PerBusinessDay = 1 }, false, rebound.CapDay},
		{"spend", func(p *rebound.TextBackPolicy) { p.Limits.SpendPerDay = 100 }, false, rebound.CapSpend}, // one segment is 83
		{"two machines", func(p *rebound.TextBackPolicy) { p.CoolDown, p.Limits.LoopTexts = -1, 1 }, true, rebound.Loop},
	} {
		t.Run(test.name, func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				textBack(w, test.set)
				first := w.Caller()
				calls(w, first)
				first.ExpectDecision(rebound.BecauseMissed).ExpectText("missed your call")
				if test.want == rebound.Loop {
					first.Replies("We received your message.")
				}
				second := first
				if !test.same {
					second = w.Caller()
				}
				calls(w, second)
				second.ExpectDecision(test.want).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
				second.ExpectNoText(10 * time.Minute)
			})
		})
	}
}

// Two businesses share an installation; a number that calls both is texted as often as one limit says.
func TestLimitsOverAllBusinesses(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		limit := func(p *rebound.TextBackPolicy) { p.Limits.PerCallerAll = 1 }
		textBack(w, limit)
		other := another(w, limit)
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("Acme Plumbing")
		w.Over(caller.Calls(other).RingsOut())
		c, err := w.Store.Read().For("beta").ContactByNumber(t.Context(), string(caller.Number))
		if err != nil {
			t.Fatal(err)
		}
		conversation, err := w.Store.Read().For("beta").Conversation(t.Context(), c.ID)
		if err != nil {
			t.Fatal(err)
		}
		reboundtest.ExpectDecision(w, conversation, rebound.CapCallerAll)
		reboundtest.ExpectRecovery(w, conversation, rebound.RecoveryWaiting, rebound.WaitNoText)
		stranger := w.Caller()
		w.Over(stranger.Calls(other).RingsOut())
		stranger.ExpectText("Beta Heating")
	})
}

// another declares a second business with a connection of its own, and returns its line's number.
func another(w *reboundtest.World, edit func(*rebound.TextBackPolicy)) phone.Number {
	w.T.Helper()
	const beta = rebound.BusinessID("beta")
	d := reboundtest.DefaultBusiness()
	d.Business.ID, d.Business.Slug, d.Business.Name = beta, "beta", "Beta Heating"
	edit(&d.Business.TextBack)
	d.Connections[0].Business, d.Connections[0].ID = beta, "beta.main"
	for i := range d.Members {
		d.Members[i].Business = beta
	}
	d.Teams[0].Business = beta
	d.Lines[0].Business, d.Lines[0].Connection, d.Lines[0].Number = beta, "beta.main", "+14155550144"
	w.DeclareBusiness(d)
	return d.Lines[0].Number
}

// An instant answer may go at any hour. One that is late because of an outage obeys quiet hours, and one
// that is very late is of no use at all.
func TestQuietHoursAndLateTexts(t *testing.T) {
	for _, test := range []struct {
		name  string
		zone  string // the tests begin at midnight UTC
		off   time.Duration
		want  rebound.TextBackReason
		state rebound.RecoveryState
	}{
		{"instant, at night", "Europe/London", 0, rebound.BecauseMissed, rebound.RecoveryOpen},
		{"after a short outage, by day", "America/Los_Angeles", 3 * time.Minute, rebound.BecauseMissed, rebound.RecoveryOpen},
		{"after a short outage, at night", "Europe/London", 3 * time.Minute, rebound.Stale, rebound.RecoveryWaiting},
		{"after a long outage, by day", "America/Los_Angeles", 20 * time.Minute, rebound.Stale, rebound.RecoveryWaiting},
	} {
		t.Run(test.name, func(t *testing.T) {
			reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
				w.CarrierMayComplain()
				w.Declare(func(d *rebound.Declaration) { d.Business.Zone = test.zone })
				caller := w.Caller()
				call := caller.Calls(reboundtest.MainLine).RingsOut()
				call.WaitRinging()
				if test.off > 0 {
					w.PowerOff()
					w.FastForward(test.off)
					w.PowerOn()
				}
				w.Over(call)
				w.FastForward(4 * time.Minute) // nothing was told, so the carrier's log is asked
				caller.ExpectDecision(test.want).ExpectRecovery(test.state, rebound.WaitNoText)
				if test.want == rebound.BecauseMissed {
					caller.ExpectText("missed your call")
				}
			})
		})
	}
}

// The text was decided and planned; then the machine was off.
func TestAPlannedTextThatGrewOld(t *testing.T) {
	for _, test := range []struct {
		name  string
		zone  string
		off   time.Duration
		texts bool
	}{
		{"a short while, by day", "America/Los_Angeles", 5 * time.Minute, true},
		{"a short while, at night", "Europe/London", 5 * time.Minute, false},
		{"a long while, by day", "America/Los_Angeles", 15 * time.Minute, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
				w.Declare(func(d *rebound.Declaration) {
					d.Business.Zone, d.Business.TextBack.Delay = test.zone, 30*time.Second
				})
				caller := w.Caller()
				calls(w, caller)
				caller.ExpectDecision(rebound.BecauseMissed).ExpectTextState(rebound.Planned)
				w.PowerOff()
				w.FastForward(test.off)
				w.PowerOn()
				w.Settle()
				if test.texts {
					caller.ExpectText("missed your call").ExpectRecovery(rebound.RecoveryOpen, "")
					return
				}
				caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitNoText)
				if m := caller.LastText(); m.Trouble != rebound.Stale.Words() {
					t.Errorf("cancelled: %s", m.Trouble)
				}
			})
		})
	}
}

// delayed makes the text-back wait long enough for something else to happen.
func delayed(w *reboundtest.World) {
	w.T.Helper()
	textBack(w, func(p *rebound.TextBackPolicy) { p.Delay = 30 * time.Second })
}

func TestTheCallerRedialsAndIsAnsweredDuringTheDelay(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		delayed(w)
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
		w.Ana().Accepts(2 * time.Second)
		w.Over(caller.Calls(reboundtest.MainLine))
		caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryContacted, "").ExpectNoText(10 * time.Minute)
		if m := caller.LastText(); m.Trouble != rebound.AnsweredSince.Words() {
			t.Errorf("cancelled: %s", m.Trouble)
		}
	})
}

func TestAnsweredDuringTheDelayButForAMoment(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		delayed(w)
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
		w.Ana().Accepts(2 * time.Second).Talks(3 * time.Second)
		w.Over(caller.Calls(reboundtest.MainLine))
		// That was no contact, and the text is gone: somebody has to call.
		caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitAgain)
	})
}

func TestTheCallerWritesFirst(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		delayed(w)
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
		caller.Replies("I just called, my heater is out")
		caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		if m := caller.LastText(); m.Trouble != rebound.WroteFirst.Words() {
			t.Errorf("cancelled: %s", m.Trouble)
		}
		caller.ExpectNoText(10 * time.Minute)
	})
}

func TestOptingOutDuringTheDelay(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, test := range []struct {
			says  string
			waits rebound.WaitReason
			why   rebound.TextBackReason
		}{{"STOP", rebound.WaitNoText, rebound.OptedOut}, {"wrong number", rebound.WaitReply, rebound.OptOutLikely}} {
			w.Scene(test.says)
			delayed(w)
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
			caller.Replies(test.says)
			caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, test.waits)
			if m := caller.LastText(); m.Trouble != test.why.Words() {
				w.T.Errorf("cancelled: %s", m.Trouble)
			}
			if test.says == "STOP" {
				caller.ExpectText("unsubscribed") // by the carrier
			}
			caller.ExpectNoText(10 * time.Minute)
		}
	})
}
