package engine_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
	"rebound/internal/zone"
)

// shop is a world at a time of 2026, by the clocks of Los Angeles.
type shop struct {
	*reboundtest.World
	in *time.Location
}

// keeps runs fn in a shop, at first at at.
func keeps(t *testing.T, at string, fn func(s shop)) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		in, err := zone.Load("America/Los_Angeles")
		if err != nil {
			t.Fatal(err)
		}
		s := shop{w, in}
		s.at(at)
		fn(s)
	})
}

func (s shop) instant(at string) time.Time {
	s.T.Helper()
	t, err := time.ParseInLocation(time.DateTime, at, s.in)
	if err != nil {
		s.T.Fatal(err)
	}
	return t
}

func (s shop) at(at string) {
	s.T.Helper()
	s.RestUntil(s.instant(at))
}

// plan is what the next caller's call goes through: nobody answers, and the miss is texted about.
func (s shop) plan(reason rebound.MissReason) rebound.Plan {
	s.T.Helper()
	return s.planOn(reboundtest.MainLine, reason)
}

func (s shop) planOn(line phone.Number, reason rebound.MissReason) rebound.Plan {
	s.T.Helper()
	caller := s.Caller()
	s.Over(caller.Calls(line).RingsOut())
	text := "missed your call"
	if reason == rebound.AfterHours {
		text = "closed right now"
	}
	caller.ExpectCall(rebound.CallMissed, reason).ExpectText(text)
	return s.Conversation(caller).Calls[0].Plan
}

// expectClosed fails unless the next call finds the line closed, and why.
func (s shop) expectClosed(why string) {
	s.T.Helper()
	if p := s.plan(rebound.AfterHours); p.Steps[0].Why != why+": voicemail" {
		s.T.Errorf("at %s: %q, want %q", time.Now().In(s.in), p.Steps[0].Why, why)
	}
}

// expectRings fails unless the next call rings the members, parted by blanks, and passes the others over.
func (s shop) expectRings(members, passed string) {
	s.T.Helper()
	p := s.plan(rebound.NoAnswer)
	var rung []string
	for _, t := range p.Steps[0].Targets {
		rung = append(rung, string(t.Member))
	}
	if got := strings.Join(rung, " "); got != members || over(p) != passed {
		s.T.Errorf("at %s: rings %q and passes over %q, want %q and %q", time.Now().In(s.in), got, over(p), members, passed)
	}
}

// over writes who is passed over: "ana: busy on another call, ben: …".
func over(p rebound.Plan) string {
	var all []string
	for _, s := range p.Steps {
		for _, m := range s.Passed {
			all = append(all, fmt.Sprintf("%s: %s", m.Member, m.Why))
		}
	}
	return strings.Join(all, ", ")
}

func weekdays(from, to int) rebound.Hours {
	var h rebound.Hours
	for day := time.Monday; day <= time.Friday; day++ {
		h = append(h, rebound.Shift{Day: day, From: from * 60, To: to * 60})
	}
	return h
}

func date(day int, month time.Month) rebound.Date {
	return rebound.Date{Year: 2026, Month: month, Day: day}
}

func TestHolidaysAndHalfDays(t *testing.T) {
	keeps(t, "2026-11-25 10:00:00", func(s shop) {
		s.Declare(func(d *rebound.Declaration) {
			d.Business.Schedule = rebound.Schedule{Weekly: weekdays(8, 17), Holidays: []string{"us.thanksgiving"}}
			d.Lines[0].Schedule.Exceptions = []rebound.Exception{{
				Date: date(24, time.December), Open: []rebound.Opening{{From: 8 * 60, To: 12 * 60}}, Note: "Christmas Eve",
			}}
		})
		s.expectRings("ana ben", "")
		s.at("2026-11-25 17:00:00")
		s.expectClosed("closed until Fri 8:00 AM")
		s.at("2026-11-26 10:00:00")
		s.expectClosed("closed: Thanksgiving Day, until Fri 8:00 AM")
		s.at("2026-12-24 11:55:00")
		s.expectRings("ana ben", "")
		s.at("2026-12-24 12:00:00")
		s.expectClosed("closed: Christmas Eve, until Fri 8:00 AM")
		s.Declare(func(d *rebound.Declaration) {
			d.Business.Schedule = rebound.Schedule{Weekly: weekdays(8, 9)}
			d.Lines[0].Schedule.Weekly = rebound.AlwaysOpen()
		})
		s.expectRings("ana ben", "")
	})
}

// At two on 1 November 2026 clocks go back to one; at two on 14 March 2027 they leap to three.
func TestANightOnWhichClocksChange(t *testing.T) {
	keeps(t, "2026-11-01 00:59:30", func(s shop) {
		s.Declare(func(d *rebound.Declaration) {
			d.Lines[0].Schedule.Weekly = rebound.Hours{{Day: time.Sunday, From: 60, To: 2*60 + 30}}
		})
		hour := s.instant("2026-11-01 00:00:00").Add // clocks do not tell these hours apart
		s.expectClosed("closed until 1:00 AM")
		s.RestUntil(hour(time.Hour))
		s.expectRings("ana ben", "")
		s.RestUntil(hour(2*time.Hour + 30*time.Minute)) // 1:30 again
		s.expectRings("ana ben", "")
		s.RestUntil(hour(3*time.Hour + 29*time.Minute)) // 2:29
		s.expectRings("ana ben", "")
		s.RestUntil(hour(3*time.Hour + 30*time.Minute))
		s.expectClosed("closed until Sun, Nov 8, 1:00 AM")
		s.at("2027-03-14 01:58:00")
		s.expectRings("ana ben", "")
		s.at("2027-03-14 03:00:00")
		s.expectClosed("closed until Sun, Mar 21, 1:00 AM")
	})
}

func TestABusinessMovesToAnotherZone(t *testing.T) {
	keeps(t, "2026-11-24 06:00:00", func(s shop) {
		in := func(zone string) {
			s.Declare(func(d *rebound.Declaration) {
				d.Business.Zone, d.Business.Schedule.Weekly = zone, weekdays(8, 17)
			})
		}
		in("America/Los_Angeles")
		s.expectClosed("closed until 8:00 AM")
		in("America/New_York")
		s.expectRings("ana ben", "")
		in("America/Los_Angeles")
		s.expectClosed("closed until 8:00 AM")
	})
}

func TestShiftsChangeBetweenTwoCalls(t *testing.T) {
	keeps(t, "2026-11-24 11:55:00", func(s shop) {
		at := func(day, hour int) rebound.Moment {
			return rebound.Moment{Date: date(day, time.November), Minute: hour * 60}
		}
		rota := rebound.Rota{Crew: []rebound.Rostered{{Member: "ana", Shifts: weekdays(8, 12)}, {Member: "ben", Shifts: weekdays(12, 17)}}}
		declare := func() {
			s.Declare(func(d *rebound.Declaration) { d.Teams[0].Rota = rota })
		}
		declare()
		s.expectRings("ana", "ben: no shift until 12:00 PM")
		s.at("2026-11-24 12:00:00")
		s.expectRings("ben", "ana: no shift until Wed 8:00 AM")
		rota.Swaps = []rebound.Swap{{Taker: "ana", Of: "ben", From: at(24, 12), To: at(25, 8)}}
		declare()
		s.expectRings("ana", "ben: off: swapped with Ana")
		rota = rebound.Rota{
			Rotation: rebound.Rotation{Members: []rebound.MemberID{"ben", "ana"}, Starts: at(24, 8), Days: 1},
			Changes:  []rebound.Change{{Member: "ana", From: at(25, 12), To: at(25, 18), Note: "dentist"}},
		}
		declare()
		s.expectRings("ben", "ana: off: Ben is on call until Wed 8:00 AM")
		s.at("2026-11-25 08:00:00")
		s.expectRings("ana", "ben: off: Ana is on call until Thu 8:00 AM")
		s.at("2026-11-25 12:00:00")
		p := s.plan(rebound.NobodyOnDuty)
		if got := over(p); got != "ana: off until 6:00 PM: dentist, ben: off: Ana is on call until Thu 8:00 AM" || p.Steps[0].Why != "always open, nobody on duty: voicemail" {
			s.T.Errorf("passed over %q: %s", got, p.Steps[0].Why)
		}
	})
}

func TestOneTapClosesAndOpens(t *testing.T) {
	keeps(t, "2026-11-24 10:00:00", func(s shop) {
		tap := func(line rebound.LineID, o rebound.Override) {
			s.T.Helper()
			if err := s.App.Engine.OverrideHours(s.T.Context(), reboundtest.Business, line, o, "ana"); err != nil {
				s.T.Fatal(err)
			}
		}
		declare := func() {
			s.Declare(func(d *rebound.Declaration) { d.Business.Schedule.Weekly = weekdays(8, 17) })
		}
		declare()
		s.expectRings("ana ben", "")
		tap("main", rebound.Override{Until: s.instant("2026-11-24 11:00:00"), Note: " team  lunch "})
		s.expectClosed("closed until 11:00 AM: team lunch")
		declare() // which says nothing of it
		s.Crash()
		s.expectClosed("closed until 11:00 AM: team lunch")
		s.at("2026-11-24 11:00:00")
		s.expectRings("ana ben", "") // by itself
		tap("", rebound.Override{Until: s.instant("2026-11-24 15:00:00")})
		s.expectClosed("closed until 3:00 PM")
		tap("main", rebound.Override{Open: true, Until: s.instant("2026-11-24 12:00:00")})
		s.expectRings("ana ben", "") // the line's own wins
		tap("main", rebound.Override{})
		s.expectClosed("closed until 3:00 PM")
		tap("", rebound.Override{Until: s.instant("2026-11-24 13:00:00")})
		s.at("2026-11-24 13:00:00")
		s.expectRings("ana ben", "")
		s.at("2026-11-24 22:00:00")
		s.expectClosed("closed until Wed 8:00 AM")
		tap("main", rebound.Override{Open: true, Until: s.instant("2026-11-24 23:00:00")})
		s.expectRings("ana ben", "")
	})
}

func TestOneTapAndAMemberTakesNoCalls(t *testing.T) {
	keeps(t, "2026-11-24 10:00:00", func(s shop) {
		tap := func(m rebound.MemberID, a rebound.Absence) {
			s.T.Helper()
			if err := s.App.Engine.OverrideMember(s.T.Context(), reboundtest.Business, m, a, m); err != nil {
				s.T.Fatal(err)
			}
		}
		tap("ana", rebound.Absence{Busy: true, Until: s.instant("2026-11-24 11:00:00")})
		s.expectRings("ben", "ana: busy until 11:00 AM")
		tap("ben", rebound.Absence{Until: s.instant("2026-11-24 12:00:00")})
		s.Declare(func(*rebound.Declaration) {})
		if got := over(s.plan(rebound.NobodyOnDuty)); got != "ana: busy until 11:00 AM, ben: not taking calls until 12:00 PM" {
			s.T.Errorf("passed over %q", got)
		}
		s.at("2026-11-24 11:00:00")
		s.expectRings("ana", "ben: not taking calls until 12:00 PM")
		tap("ben", rebound.Absence{})
		s.expectRings("ana ben", "")
	})
}

func TestWhoTalksIsNotRungByAnotherCall(t *testing.T) {
	const sales = phone.Number("+14155550139")
	keeps(t, "2026-11-24 10:00:00", func(s shop) {
		s.Declare(func(d *rebound.Declaration) {
			d.Teams = append(d.Teams, rebound.Team{Business: reboundtest.Business, ID: "sales", Name: "Sales", Members: []rebound.MemberID{"ana"}})
			other := d.Lines[0]
			other.ID, other.Number, other.Team = "sales", sales, "sales"
			d.Lines = append(d.Lines, other)
		})
		s.Ana().Accepts(2 * time.Second).Talks(10 * time.Minute)
		first := s.Caller()
		call := first.Calls(reboundtest.MainLine)
		s.FastForward(30 * time.Second)
		s.expectRings("ben", "ana: busy on another call")
		p := s.planOn(sales, rebound.AllBusy) // on whatever line
		if p.Steps[0].Why != "always open, everybody busy: voicemail" || over(p) != "ana: busy on another call" {
			s.T.Errorf("passed over %q: %s", over(p), p.Steps[0].Why)
		}
		s.Over(call)
		first.ExpectCall(rebound.CallAnswered, "")
		s.Ana().LetsRing()
		s.expectRings("ana ben", "")
	})
}

func TestWhatCannotBeOverridden(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		in := func(d time.Duration) time.Time { return time.Now().Add(d) }
		hours := func(b rebound.BusinessID, line rebound.LineID, o rebound.Override) error {
			return w.App.Engine.OverrideHours(t.Context(), b, line, o, "ana")
		}
		member := func(m rebound.MemberID, until time.Time) error {
			return w.App.Engine.OverrideMember(t.Context(), reboundtest.Business, m, rebound.Absence{Until: until}, m)
		}
		for code, err := range map[string]error{
			"R3001": hours("nobody", "", rebound.Override{Until: in(time.Hour)}),
			"R2101": hours(reboundtest.Business, "main", rebound.Override{Until: in(0)}),
			"R2102": hours(reboundtest.Business, "other", rebound.Override{Until: in(time.Hour)}),
			"R2103": member("nobody", in(time.Hour)),
			"R2104": hours(reboundtest.Business, "", rebound.Override{Until: in(time.Hour), Note: strings.Repeat("x", 161)}),
		} {
			expectCode(t, err, code)
		}
		expectCode(t, member("ana", in(400*24*time.Hour)), "R2101")
		expectCode(t, member("", in(time.Hour)), "R2103")
		if set, err := w.Rows().Overrides(t.Context()); err != nil || len(set) > 0 {
			t.Errorf("%+v, %v: nothing was to be set", set, err)
		}
	})
}

func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	var told *rebound.Error
	if !errors.As(err, &told) || told.Code != code {
		t.Errorf("%v, want %s", err, code)
	}
}

func TestWhatIsDeclaredOfHoursAndRotaIsNotLost(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		at := func(day, hour int) rebound.Moment {
			return rebound.Moment{Date: date(day, time.November), Minute: hour * 60}
		}
		want := reboundtest.DefaultBusiness()
		want.Business.Schedule = rebound.Schedule{
			Weekly: weekdays(22, 26), Holidays: []string{"us.thanksgiving"},
			Exceptions: []rebound.Exception{
				{Date: date(24, time.December), Open: []rebound.Opening{{From: 480, To: 720}}, Note: "half a day"},
				{Date: date(28, time.December), Through: date(31, time.December)},
			},
		}
		want.Lines[0].Schedule = rebound.Schedule{Holidays: []string{}} // none, whatever the business has
		want.Teams[0].Rota = rebound.Rota{
			Crew:     []rebound.Rostered{{Member: "ben", Shifts: weekdays(8, 17)}},
			Rotation: rebound.Rotation{Members: []rebound.MemberID{"ana", "ben"}, Starts: at(30, 8), Days: 7},
			Changes:  []rebound.Change{{Member: "ana", On: true, From: at(24, 8), To: at(25, 8), Note: "extra"}},
			Swaps:    []rebound.Swap{{Taker: "ana", Of: "ben", From: at(26, 0), To: at(27, 0)}},
		}
		w.DeclareBusiness(want)
		got, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Business.Schedule, want.Business.Schedule) || !reflect.DeepEqual(got.Lines, want.Lines) || !reflect.DeepEqual(got.Teams, want.Teams) {
			t.Errorf("got %+v %+v %+v", got.Business.Schedule, got.Lines, got.Teams)
		}
	})
}
