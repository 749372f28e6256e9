package rebound

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// people are Ana, Ben and Cleo, each with a phone.
func people() []Member {
	members := crew(3)
	members[0].ID, members[0].Name = "ana", "Ana"
	members[1].ID, members[1].Name = "ben", "Ben"
	members[2].ID, members[2].Name = "cleo", "Cleo"
	return members
}

func TestCandidates(t *testing.T) {
	la := load(t, "America/Los_Angeles")
	at := local(t, la, "2026-11-24 18:00") // a Tuesday
	three := local(t, la, "2026-11-25 15:00")
	shifts := Rota{Crew: []Rostered{{Member: "ben", Shifts: workweek()}, {Member: "who left", Shifts: workweek()}}}
	turns := Rota{Rotation: Rotation{Members: []MemberID{"cleo", "ana"}, Starts: moment(t, "2026-11-23 08:00"), Days: 7}}
	for _, test := range []struct {
		name    string
		rota    Rota
		set     Overrides
		off     bool // Ben
		talking []MemberID
		want    string
	}{
		{name: "no rota", want: "ana, ben, cleo"},
		{name: "off duty as declared", off: true, want: "ana, cleo; Ben: not taking calls"},
		{name: "shifts of one", rota: shifts, want: "ana, cleo; Ben: no shift until Wed 8:00 AM"},
		{name: "taking turns", rota: turns, want: "ben, cleo; Ana: off: Cleo is on call until Mon 8:00 AM"},
		{name: "busy until", set: Overrides{Members: map[MemberID]Absence{"ana": {true, three}}}, want: "ben, cleo; Ana: busy until Wed 3:00 PM"},
		{name: "off duty until", set: Overrides{Members: map[MemberID]Absence{"ana": {false, three}}}, want: "ben, cleo; Ana: not taking calls until Wed 3:00 PM"},
		{name: "which is over", set: Overrides{Members: map[MemberID]Absence{"ana": {true, at}, "ben": {false, at}}}, want: "ana, ben, cleo"},
		{name: "talking", talking: []MemberID{"cleo", "ana"}, want: "ben; Ana: busy on another call (busy), Cleo: busy on another call (busy)"},
		{name: "talking off duty", off: true, talking: []MemberID{"ben"}, want: "ana, cleo; Ben: not taking calls"},
	} {
		members := people()
		members[1].OffDuty = test.off
		team := Team{Members: []MemberID{"ana", "ben", "cleo", "who left"}, Rota: test.rota}
		ring, passed := Candidates(members, test.set.Rota(team, members).OnDuty(at, la), test.talking)
		if got := parted(ring, passed); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func parted(ring []Member, passed []Passed) string {
	var ids, others []string
	for _, m := range ring {
		ids = append(ids, string(m.ID))
	}
	for _, p := range passed {
		busy := ""
		if p.Busy {
			busy = " (busy)"
		}
		others = append(others, fmt.Sprintf("%s: %s%s", p.Name, p.Why, busy))
	}
	if len(others) == 0 {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids, ", ") + "; " + strings.Join(others, ", ")
}

func TestAPlanSaysWhoIsPassedOver(t *testing.T) {
	f := oneCall(Together, crew(1))
	f.Passed = []Passed{{Member: "ben", Name: "Ben", Why: "no shift on Tuesdays"}}
	if p := MakePlan(f); len(p.Passed) != 1 || p.Passed[0] != f.Passed[0] || p.Reason != "" {
		t.Errorf("%+v", p)
	}
	f.Members = nil
	if p := MakePlan(f); p.Reason != NobodyOnDuty || p.Steps[0].Why != "nobody on duty: voicemail" {
		t.Errorf("%s, %q", p.Reason, p.Steps[0].Why)
	}
	f.Passed[0].Busy = true
	if p := MakePlan(f); p.Reason != AllBusy || p.Steps[0].Why != "everyone on duty is busy: voicemail" {
		t.Errorf("%s, %q", p.Reason, p.Steps[0].Why)
	}
	f.Closed = "closed: Thanksgiving Day, until Fri 8:00 AM"
	if p := MakePlan(f); p.Reason != AfterHours || p.Steps[0].Why != f.Closed+": voicemail" {
		t.Errorf("%s, %q", p.Reason, p.Steps[0].Why)
	}
}

func TestOverridesOfALineWinOverThoseOfItsBusiness(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	until := func(open bool, hours int) Override {
		return Override{Open: open, Until: at.Add(time.Duration(hours) * time.Hour)}
	}
	for _, test := range []struct {
		name string
		set  Overrides
		want string
	}{
		{"none", Overrides{}, "open until 5:30 PM"},
		{"the business's", Overrides{Business: until(false, 1)}, "closed until 11:00 AM"},
		{"both", Overrides{Business: until(false, 2), Lines: map[LineID]Override{"main": until(true, 1)}}, "open until 11:00 AM"},
		{"another line's", Overrides{Lines: map[LineID]Override{"other": until(false, 1)}}, "open until 5:30 PM"},
		{"one that is over", Overrides{Lines: map[LineID]Override{"main": until(false, 0)}}, "open until 5:30 PM"},
	} {
		b := Business{Schedule: Schedule{Weekly: workweek()}}
		if got := test.set.Schedule(b, Line{ID: "main"}).At(at, time.UTC, nil).Why; got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestCheckOfATeam(t *testing.T) {
	team := Team{Members: []MemberID{"ana", "ben"}, Rota: Rota{
		Crew:    []Rostered{{Member: "ben", Shifts: Hours{{time.Monday, 60, 60}}}},
		Changes: []Change{{Member: "cleo", From: moment(t, "2026-11-24 08:00"), To: moment(t, "2026-11-24 09:00")}},
	}}
	problems := team.Check()
	if len(problems) != 2 || problems[0].About != "crew[1].shifts" || problems[1].About != "changes[0].member" {
		t.Errorf("%+v", problems)
	}
	if problems := (Team{Members: []MemberID{"ana"}}).Check(); len(problems) > 0 {
		t.Errorf("a team without a rota: %+v", problems)
	}
}
