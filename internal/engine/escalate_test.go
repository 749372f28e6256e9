package engine_test

import (
	"context"

	"strings"
	"sync"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/notify"
	"rebound/internal/reboundtest"
	"rebound/internal/zone"
)

func TestNobodyAnswersSoTheSupervisorIsTold(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, ana, ben, sam := w.Caller(), w.Member("ana"), w.Member("ben"), w.Member("sam")
		calls(w, caller)
		caller.ExpectText("missed your call").Replies("Can you fix my boiler?")
		ana.ExpectAlert("boiler")
		ben.ExpectAlert("boiler") // nobody's yet: the team on duty
		w.FastForward(5 * time.Minute)
		ana.ExpectAlert("boiler", "5 min")
		ben.ExpectAlert("boiler", "5 min")
		w.FastForward(25 * time.Minute)
		ana.ExpectAlert("30 min")
		ben.ExpectAlert("30 min")
		w.FastForward(90 * time.Minute)
		sam.ExpectAlert("boiler", "2 h")
		w.FastForward(time.Hour)
		sam.ExpectAlert("3 h")
		writes(w, caller, "Yes, tomorrow at 9?", "key")
		caller.ExpectText("tomorrow at 9").ExpectRecovery(rebound.RecoveryContacted, "")
		w.FastForward(3 * time.Hour) // and nobody hears of it again
		caller.ExpectSaid(rebound.EventAlerted, "Alerts go to Ana, Ben")
	})
}

func TestAMissedCallAloneTellsNobody(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call")
		w.FastForward(4 * time.Hour)
		alerts, err := w.Rows().AlertsTo(t.Context(), "ana", time.Unix(1, 0)) // the zero time selects nothing
		if err != nil || len(alerts) != 0 {
			t.Errorf("a missed call without a reply made %d alerts, %v", len(alerts), err)
		}
	})
}

func TestWhoTalkedLastIsTold(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		w.Ana().Accepts(time.Second)
		w.Over(caller.Calls(reboundtest.MainLine))
		w.Ana().LetsRing()
		caller.Replies("One more thing: the tap drips")
		w.Member("ana").ExpectAlert("the tap drips")
		if r := w.Conversation(caller).Recoveries[0]; r.Assignee != "ana" {
			t.Errorf("it is %q's, want Ana's", r.Assignee)
		}
	})
}

// waits makes a caller wait whose first alert the team has had.
func waits(w *reboundtest.World, said string) (*reboundtest.Handset, rebound.RecoveryID) {
	w.T.Helper()
	caller := w.Caller()
	calls(w, caller)
	caller.ExpectText("missed your call").Replies(said)
	w.Member("ana").ExpectAlert(said)
	w.Member("ben").ExpectAlert(said)
	return caller, w.Conversation(caller).Recoveries[0].ID
}

func TestTheFirstToClaimHasIt(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, id := waits(w, "boiler")
		ana, ben := w.Member("ana"), w.Member("ben")
		ben.Replies("1")
		ben.ExpectText("is yours", "+1 415-777")
		ana.Replies("1")
		ana.ExpectText("Ben has taken")
		if err := w.App.Engine.Claim(t.Context(), reboundtest.Business, id, "ana"); rebound.ErrorKind(err) != rebound.Conflict {
			t.Errorf("a second claim: %v", err)
		}
		if err := w.App.Engine.Claim(t.Context(), reboundtest.Business, id, "ben"); err != nil {
			t.Errorf("the same claim again: %v", err)
		}
		if n := saidTimes(w, caller, rebound.EventClaimed); n != 1 {
			t.Errorf("the timeline says %d times who took it", n)
		}
		w.FastForward(5 * time.Minute)
		ben.ExpectAlert("5 min") // his alone now, and a claim does not stop the clock
		ben.Replies("3")
		ben.ExpectText("is booked", "https://rebound.test/a/acme/")
		if r := w.Conversation(caller).Recoveries[0]; r.State != rebound.RecoveryClosed || r.Outcome != rebound.Booked {
			t.Errorf("the recovery is %s, %s", r.State, r.Outcome)
		}
		ben.Replies("1")
		ben.ExpectText("Nobody from your last alerts waits")
	})
}

func TestImOnItHoldsOnceForEachMember(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, id := waits(w, "boiler")
		w.FastForward(4 * time.Minute)
		for range 2 {
			if err := w.App.Engine.Hold(t.Context(), reboundtest.Business, id, "ana"); err != nil {
				t.Fatal(err)
			}
			w.FastForward(4 * time.Minute)
		}
		w.Member("ana").ExpectNoText(time.Minute) // 9 min: held until 14
		w.FastForward(5 * time.Minute)
		w.Member("ana").ExpectAlert("14 min")
		w.Member("ben").ExpectAlert("14 min")
		w.FastForward(16 * time.Minute)
		w.Member("ana").ExpectAlert("30 min")
		w.Member("ben").ExpectAlert("30 min")
		if err := w.App.Engine.StateContact(t.Context(), reboundtest.Business, id, "ana"); err != nil {
			t.Fatal(err)
		}
		caller.ExpectSaid(rebound.EventStated, "Ana")
		if r := w.Conversation(caller).Recoveries[0]; r.State != rebound.RecoveryContacted || r.Proven {
			t.Errorf("stated contact: %s, proven %v", r.State, r.Proven)
		}
		w.FastForward(3 * time.Hour)
	})
}

func TestAssignedOutcomeAndACloserOverruled(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, id := waits(w, "boiler")
		engine := w.App.Engine
		if err := engine.Assign(t.Context(), reboundtest.Business, id, "ben", "ana"); err != nil {
			t.Fatal(err)
		}
		w.FastForward(time.Minute + time.Second)
		w.Member("ben").ExpectAlert("boiler")
		writes(w, caller, "Tomorrow at 9?", "key")
		caller.ExpectText("Tomorrow").Replies("Thanks")
		caller.ExpectRecovery(rebound.RecoveryContacted, "")
		all := w.Conversation(caller).Messages
		if err := engine.OverruleCloser(t.Context(), reboundtest.Business, all[len(all)-1].ID); err != nil {
			t.Fatal(err)
		}
		w.FastForward(time.Minute)
		w.Member("ben").ExpectAlert("Thanks")
		for range 2 {
			if err := engine.SetOutcome(t.Context(), reboundtest.Business, id, rebound.Booked, 42_000, "ben"); err != nil {
				t.Fatal(err)
			}
		}
		if n := saidTimes(w, caller, rebound.EventOutcome); n != 1 {
			t.Errorf("the outcome is said %d times", n)
		}
		caller.ExpectSaid(rebound.EventOutcome, "booked, 420.00")
		for name, err := range map[string]error{
			"R2203": engine.SetOutcome(t.Context(), reboundtest.Business, id, "won", 0, ""),
			"R2204": engine.SetOutcome(t.Context(), reboundtest.Business, id, rebound.Lost, 5, ""),
			"R2205": engine.Claim(t.Context(), reboundtest.Business, id, "nobody"),
			"R2206": engine.Claim(t.Context(), reboundtest.Business, "nothing", "ana"),
			"R2201": engine.Claim(t.Context(), reboundtest.Business, id, "ana"),
		} {
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%v, want %s", err, name)
			}
		}
	})
}

func TestUrgentWordsTellEveryoneOnDutyAtOnce(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			d.Teams = append(d.Teams, rebound.Team{Business: reboundtest.Business, ID: "night", Name: "Night", Members: []rebound.MemberID{"sam"}})
		})
		caller, _ := waits(w, "what do you charge?")
		w.FastForward(30 * time.Second)
		caller.Replies("I smell gas now")
		for _, m := range []rebound.MemberID{"ana", "ben", "sam"} { // also within the minute of the first alert
			w.Member(m).ExpectAlert("URGENT", "I smell gas now")
		}
		w.AlertsAreRead()
		caller.ExpectSaid(rebound.EventUrgent, "everyone on duty")
	})
}

func TestNobodyOnDutyFailsOpen(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		off := func(fallback rebound.MemberID) {
			w.Declare(func(d *rebound.Declaration) {
				d.Members[0].OffDuty, d.Members[1].OffDuty = true, true
				d.Business.Policy.Fallback = fallback
			})
		}
		off("")
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine))
		caller.ExpectText("missed your call").Replies("boiler")
		w.Member("sam").ExpectAlert("boiler")
		caller.ExpectSaid(rebound.EventAlerted, "the supervisor: Sam")
		off("ben")
		w.FastForward(5 * time.Minute)
		w.Member("ben").ExpectAlert("boiler")
	})
}

func TestALaterPolicyTakesOverAndOpenHoursHold(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, _ := waits(w, "boiler")
		w.FastForward(5 * time.Minute)
		w.Member("ana").ExpectAlert("5 min")
		w.Member("ben").ExpectAlert("5 min")
		w.Declare(func(d *rebound.Declaration) {
			d.Business.Policy.Steps = []rebound.PolicyStep{{After: 0, Whom: rebound.ToTeam}, {After: 10 * time.Minute, Whom: rebound.ToMember, Member: "sam"}}
		})
		w.FastForward(5 * time.Minute)
		w.Member("sam").ExpectAlert("10 min")
		began := w.Conversation(caller).Recoveries[0].WaitSince
		day := int(began.In(mustZone(t)).Weekday())
		w.Declare(func(d *rebound.Declaration) { // closed until the same time in six days
			d.Business.Policy.Runs = rebound.RunsInOpenHours
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Weekday((day + 6) % 7), From: 0, To: 1440}}
		})
		w.FastForward(24 * time.Hour)
		if r := w.Conversation(caller).Recoveries[0]; !r.DueAt.After(began.Add(4 * 24 * time.Hour)) {
			t.Errorf("the next step is due %v after the wait began", r.DueAt.Sub(began))
		}
	})
}

// The server's clock goes forward for a while: what is due by it then is told once, and not again when it is back.
func TestTheServersClockGoesForwardAndBack(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller, _ := waits(w, "boiler")
		w.ClockMoves(time.Hour)
		w.FastForward(5 * time.Minute)
		w.Member("ana").ExpectAlert("has waited 1 h")
		w.Member("ben").ExpectAlert("has waited 1 h")
		w.ClockMoves(-time.Hour)
		w.Member("ana").ExpectNoText(110 * time.Minute)
		w.FastForward(5 * time.Minute)
		w.Member("sam").ExpectAlert("2 h")
		if late := saidTimes(w, caller, rebound.EventStepLate); late != 1 {
			t.Errorf("late steps were told %d times", late)
		}
	})
}

func mustZone(t *testing.T) *time.Location {
	here, err := zone.Load("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	return here
}

func TestAlertsInAHurryGoAsOne(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		_, _ = waits(w, "boiler")
		a, b := w.Caller(), w.Caller()
		for _, c := range []*reboundtest.Handset{a, b} {
			c.Replies("hello from " + string(c.Number))
		}
		w.FastForward(time.Minute)
		for _, m := range []rebound.MemberID{"ana", "ben"} {
			w.Member(m).ExpectAlert("2 people wait", a.Number.International(), b.Number.International())
		}
		w.Member("ana").Replies("1")
		w.Member("ana").ExpectText("is yours", a.Number.International())
		w.AlertsAreRead()
	})
}

func TestAChannelThatFailsIsFollowedByTheNext(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		mail := &mailbox{}
		w.Notifies(rebound.ByEmail, mail)
		w.Declare(func(d *rebound.Declaration) {
			d.Members[0].Email = "ana@acme.example"
			d.Teams[0].Members = d.Teams[0].Members[:1]
		})
		w.Network.EachSend(func(t fake.Text) fake.SendFault {
			if t.To == reboundtest.AnaCell {
				return fake.Refuse("30003", 400)
			}
			return fake.SendFault{}
		})
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call").Replies("boiler")
		caller.ExpectSaid(rebound.EventAlertTrouble, "Next: email")
		if got := mail.read(); len(got) != 1 || !strings.Contains(got[0].Body, "boiler") || got[0].Link == "" {
			t.Fatalf("the mail box has %+v", got)
		}
		link := mail.read()[0].Link
		path := strings.TrimPrefix(link, "https://rebound.test")
		if l, err := w.App.Engine.ReadAlertLink(path); err != nil || l.Member != "ana" || l.Business != reboundtest.Business {
			t.Errorf("the link opens %+v, %v", l, err)
		}
		if _, err := w.App.Engine.ReadAlertLink(strings.Replace(path, "/ana/", "/ben/", 1)); err == nil || !strings.Contains(err.Error(), "R2210") {
			t.Errorf("an altered link: %v", err)
		}
		w.Network.EachSend(nil)
		w.Ana().Replies("STOP").ExpectText("unsubscribed")
		w.FastForward(5 * time.Minute)
		if got := mail.read(); len(got) != 2 {
			t.Errorf("after STOP the mail box has %d alerts, want a second", len(got))
		}
		mail.fail(&notify.Refusal{Reason: "no such mail box"})
		w.FastForward(25 * time.Minute)
		caller.ExpectSaid(rebound.EventAlertTrouble, "no such mail box. No channel is left")
		w.AlertsAreRead()
	})
}

// mailbox takes what is sent to it.
type mailbox struct {
	mu  sync.Mutex
	got []notify.Notice
	err error
}

func (m *mailbox) Send(_ context.Context, _ string, n notify.Notice) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.got = append(m.got, n)
	return nil
}

func (m *mailbox) read() []notify.Notice {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got
}

func (m *mailbox) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func TestAnAlertThatMayHaveArrivedIsRepeatedAndMarked(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Network.Behave(fake.Habits{NoReceipts: true})
		var once sync.Once
		w.Network.EachSend(func(t fake.Text) (f fake.SendFault) {
			if t.To == reboundtest.AnaCell {
				once.Do(func() { f = fake.Hang(true) })
			}
			return f
		})
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call").Replies("boiler")
		w.Member("ben").ExpectAlert("boiler")
		w.Member("ana").ExpectAlert("boiler").ExpectAlert("Repeat. ", "boiler")
	})
}

func TestOneTimerThatFailsStopsNoOther(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		var all []*reboundtest.Handset
		for range 20 { // more than the lane has workers, so that steps take several
			all = append(all, w.Caller())
		}
		for _, c := range all {
			c.Replies("hello from " + string(c.Number))
		}
		w.FastForward(time.Minute)
		together := w.Conversation(all[19]).Recoveries[0].DueAt
		for i, c := range all {
			r := w.Conversation(c).Recoveries[0]
			if r.DueAt = together; i == 7 {
				r.Contact = "nobody"
			}
			w.Tamper(r)
		}
		w.FastForward(4*time.Minute + 5*time.Second) // no lease runs out meanwhile
		for i, c := range all {
			if i == 7 {
				continue
			}
			if r := w.Conversation(c).Recoveries[0]; r.PolicyStep != 2 {
				t.Errorf("the policy of caller %d is at step %d, want 2", i, r.PolicyStep)
			}
		}
		w.AlertsAreRead()
	})
}

func TestTheAuditorRepairsTimers(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Audits(time.Minute)
		caller, id := waits(w, "boiler")
		r := w.Conversation(caller).Recoveries[0]
		want := r.DueAt
		if a := w.App.Engine.Audited(); !a.OK(time.Now()) || a.Repaired != 0 {
			t.Fatalf("before: %+v", a)
		}
		broken := r
		broken.DueAt = want.Add(1000 * time.Hour)
		w.Tamper(broken)
		w.FastForward(time.Minute)
		if r := w.Conversation(caller).Recoveries[0]; !r.DueAt.Equal(want) || r.ID != id {
			t.Errorf("the timer is due %v, want %v", r.DueAt, want)
		}
		if a := w.App.Engine.Audited(); a.Repaired != 1 {
			t.Errorf("afterwards: %+v", a)
		}
		caller.ExpectSaid(rebound.EventRepaired, "repaired")
		w.FastForward(4 * time.Minute)
		w.Member("ana").ExpectAlert("5 min")
		w.Member("ben").ExpectAlert("5 min")
	})
}
