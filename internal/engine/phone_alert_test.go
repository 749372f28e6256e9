package engine_test

import (
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

// phoned declares Ana alone on the team, told by phone first and then by text.
func phoned(w *reboundtest.World) {
	w.T.Helper()
	w.Declare(func(d *rebound.Declaration) {
		d.Teams[0].Members = d.Teams[0].Members[:1]
		d.Members[0].Alerts.Normal = []rebound.Way{
			{Channel: rebound.ByCall, Address: string(reboundtest.AnaCell)}, {Channel: rebound.BySMS, Address: string(reboundtest.AnaCell)},
		}
	})
}

// asksForHelp makes a caller be missed and write, while the team's phones ring out.
func asksForHelp(w *reboundtest.World) *reboundtest.Handset {
	w.T.Helper()
	caller := w.Caller()
	w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
	return caller.ExpectText("missed your call")
}

// newestAlert returns Ana's alert that was made last.
func newestAlert(w *reboundtest.World) rebound.Alert {
	w.T.Helper()
	all, err := w.Rows().AlertsTo(w.T.Context(), "ana", time.Unix(1, 0))
	if err != nil || len(all) == 0 {
		w.T.Fatalf("%d alerts, %v", len(all), err)
	}
	return all[0]
}

func TestAnAlertByPhoneIsTakenByAKey(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		phoned(w)
		caller := asksForHelp(w)
		w.Ana().Accepts(10 * time.Second)
		caller.Accepts(2 * time.Second).Talks(40 * time.Second)
		caller.Replies("gas smell?")
		if a := newestAlert(w); a.State != rebound.AlertSent || a.CarrierID == "" {
			t.Errorf("while it rings the alert is %s", a.State)
		}
		w.FastForward(2 * time.Minute)
		if a := newestAlert(w); a.State != rebound.AlertDelivered {
			t.Errorf("after a pressed key the alert is %s: %s", a.State, a.Trouble)
		}
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
	})
}

func TestAnAlertByPhoneThatNobodyTakesGoesOnAsAText(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		for name, set := range map[string]func(){
			"it rings out":      func() { w.Ana().LetsRing() },
			"a voicemail":       func() { w.Ana().VoicemailAnswers(2 * time.Second) },
			"it is declined":    func() { w.Ana().Declines(2 * time.Second) },
			"it cannot be rung": func() { w.Ana().Unreachable() },
		} {
			w.Scene(name)
			phoned(w)
			caller := asksForHelp(w)
			set()
			caller.Replies("boiler " + name)
			w.Member("ana").ExpectAlert("boiler " + name)
			caller.ExpectSaid(rebound.EventAlertTrouble, "Next: sms")
			writes(w, caller, "We are on our way", strings.ReplaceAll(name, " ", "-"))
			caller.ExpectText("on our way").ExpectRecovery(rebound.RecoveryContacted, "")
		}
	})
}

func TestACrashWhileAnAlertRings(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		phoned(w)
		caller := asksForHelp(w)
		caller.Replies("boiler")
		w.Crash()
		w.Member("ana").ExpectAlert("boiler") // the call rang out meanwhile
		if n := len(w.Conversation(caller).Calls); n != 2 {
			t.Errorf("%d calls, want the missed one and one alert", n)
		}
	})
}

func TestTextingTwoConnects(t *testing.T) {
	onBothWires(t, func(t *testing.T, w *reboundtest.World) {
		caller, _ := waits(w, "boiler")
		w.Ana().Accepts(2 * time.Second)
		caller.Accepts(2 * time.Second).Talks(40 * time.Second)
		w.Member("ana").Replies("2")
		w.FastForward(2 * time.Minute)
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
		w.Member("ana").Replies("2") // reached already, and still to be called again
		w.FastForward(2 * time.Minute)
		if n := len(w.Conversation(caller).Calls); n != 3 {
			t.Errorf("%d calls, want the missed one and two that Ana asked for", n)
		}
	})
}

func TestTextingTwoInVainIsToldByText(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Member("ana").Replies("2")
		w.Member("ana").ExpectText("Nobody from your last alerts waits")
		caller, _ := waits(w, "boiler")
		w.Ana().LetsRing()
		w.Member("ana").Replies("2")
		w.Member("ana").ExpectText("you are not connected with", "nobody pressed a key", caller.Number.International())
		w.Declare(func(d *rebound.Declaration) {
			d.Blocked = []rebound.BlockedNumber{{Number: string(caller.Number)}}
		})
		w.Member("ana").Replies("2")
		w.Member("ana").ExpectText("This number is blocked")
		w.AlertsAreRead()
	})
}

func TestTextingTwoReachesOneWhoOptedOutOfTexts(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, _ := waits(w, "boiler")
		caller.Replies("STOP")
		caller.ReadAll()
		w.Ana().Accepts(2 * time.Second)
		caller.Accepts(2 * time.Second).Talks(40 * time.Second)
		w.Member("ana").Replies("2")
		w.FastForward(2 * time.Minute)
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
	})
}
