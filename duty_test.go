package rebound

import (
	"strings"
	"testing"
	"time"
)

// people are Ana, Ben and Cleo.
func people() []Member {
	var members []Member
	for _, name := range []string{"Ana", "Ben", "Cleo"} {
		members = append(members, Member{ID: MemberID(strings.ToLower(name)), Name: name})
	}
	return members
}

func TestCandidates(t *testing.T) {
	la := load(t, "America/Los_Angeles")
	at := local(t, la, "2026-11-24 18:00") // a Tuesday
	three := local(t, la, "2026-11-25 15:00")
	shifts := Rota{Crew: []Rostered{{Member: "ben", Shifts: workweek()}, {Member: "who left", Shifts: workweek()}}}
	turns := Rota{Rotation: Rotation{Members: []MemberID{"cleo", "ana"}, Starts: moment(t, "2026-11-23 08:00"), Days: 7}}
	for _, test := range []struct {
		name string
		rota Rota
		set  Overrides
		off  bool // Ben
		want string
	}{
		{name: "no rota", want: "ana, ben, cleo"},
		{name: "off duty as declared", off: true, want: "ana, cleo; Ben: not taking calls"},
		{name: "shifts of one", rota: shifts, want: "ana, cleo; Ben: no shift until Wed 8:00 AM"},
		{name: "taking turns", rota: turns, want: "ben, cleo; Ana: off: Cleo is on call until Mon 8:00 AM"},
		{name: "busy until", set: Overrides{Members: map[MemberID]Absence{"ana": {true, three}}}, want: "ben, cleo; Ana: busy until Wed 3:00 PM"},
		{name: "off duty until", set: Overrides{Members: map[MemberID]Absence{"ana": {false, three}}}, want: "ben, cleo; Ana: not taking calls until Wed 3:00 PM"},
		{name: "which is over", set: Overrides{Members: map[MemberID]Absence{"ana": {true, at}, "ben": {false, at}}}, want: "ana, ben, cleo"},
	} {
		members := people()
		members[1].OffDuty = test.off
		team := Team{Members: []MemberID{"ana", "ben", "cleo", "who left"}, Rota: test.rota}
		if got := parted(Candidates(members, test.set.Rota(team, members).OnDuty(at, la))); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func parted(all []Candidate) string {
	var ids, others []string
	for _, c := range all {
		if c.Off == "" {
			ids = append(ids, string(c.Member.ID))
		} else {
			others = append(others, c.Member.Name+": "+c.Off)
		}
	}
	if len(others) == 0 {
		return strings.Join(ids, ", ")
	}
	return strings.Join(ids, ", ") + "; " + strings.Join(others, ", ")
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
