package rebound

import (
	"testing"
	"time"
)

func TestWhoIsTold(t *testing.T) {
	member := func(id MemberID, off string, role Role) Candidate {
		return Candidate{Member: Member{ID: id, Role: role, Rings: []Destination{{Kind: Cell, Number: "+14155550111"}}}, Off: off}
	}
	deskOnly := Candidate{Member: Member{ID: "desk", Rings: []Destination{{Kind: Desk, Number: "+14155550113"}}}}
	ana, ben, eve := member("ana", "", ""), member("ben", "", ""), member("eve", "", "")
	sam, olga := member("sam", "in no team", Supervisor), member("olga", "in no team", Owner)
	all := []Candidate{ana, ben, eve, deskOnly, sam, olga}
	team := []MemberID{"ana", "ben", "desk"}
	benOff := []Candidate{ana, member("ben", "off", ""), eve, deskOnly, sam, olga}
	nobody := []Candidate{member("ana", "off", ""), member("ben", "off", ""), deskOnly, sam, olga}
	for _, test := range []struct {
		name    string
		staff   Staff
		step    PolicyStep
		want    string
		instead bool
	}{
		{"unassigned: the team on duty", Staff{All: all, Team: team}, PolicyStep{Whom: ToAssignee}, "ana ben ", false},
		{"whose it is", Staff{All: all, Team: team, Assignee: "ben"}, PolicyStep{Whom: ToAssignee}, "ben ", false},
		{"whose it is has gone home", Staff{All: benOff, Team: team, Assignee: "ben"}, PolicyStep{Whom: ToAssignee}, "ana ", false},
		{"the team and whose it is", Staff{All: all, Team: team, Assignee: "eve"}, PolicyStep{Whom: ToTeam}, "ana ben eve ", false},
		{"everyone on duty", Staff{All: all, Team: team}, PolicyStep{Whom: ToOnDuty}, "ana ben eve ", false},
		{"the supervisor", Staff{All: all, Team: team}, PolicyStep{Whom: ToSupervisor}, "sam ", false},
		{"no supervisor: the owner", Staff{All: []Candidate{ana, olga}, Team: team}, PolicyStep{Whom: ToSupervisor}, "olga ", true},
		{"one by name", Staff{All: all, Team: team}, PolicyStep{Whom: ToMember, Member: "olga"}, "olga ", false},
		{"one who has left", Staff{All: all, Team: team}, PolicyStep{Whom: ToMember, Member: "gone"}, "sam ", true},
		{"nobody on duty: the fallback", Staff{All: nobody, Team: team, Fallback: "ben"}, PolicyStep{Whom: ToTeam}, "ben ", true},
		{"nobody on duty: the supervisor", Staff{All: nobody, Team: team}, PolicyStep{Whom: ToTeam}, "sam ", true},
		{"nobody at all: everyone", Staff{All: nobody[:3], Team: team}, PolicyStep{Whom: ToTeam}, "ana ben ", true},
		{"in their quiet time", Staff{All: all, Team: team, Asleep: map[MemberID]bool{"ana": true}}, PolicyStep{Whom: ToTeam}, "ben ", false},
		{"urgent wakes", Staff{All: all, Team: team, Asleep: map[MemberID]bool{"ana": true}, Urgent: true}, PolicyStep{Whom: ToTeam}, "ana ben ", false},
		{"nobody has a way", Staff{All: []Candidate{deskOnly}}, PolicyStep{Whom: ToTeam}, "", true},
	} {
		members, instead := test.staff.Tell(test.step)
		got := ""
		for _, m := range members {
			got += string(m.ID) + " "
		}
		if got != test.want || (instead != "") != test.instead {
			t.Errorf("%s: tells %q (%s), want %q", test.name, got, instead, test.want)
		}
	}
}

func TestWays(t *testing.T) {
	plain := Member{Email: "ana@acme.example", Rings: []Destination{{Kind: Desk, Number: "+14155550113"}, {Kind: Cell, Number: "+14155550111"}}}
	own := plain
	own.Alerts = Alerts{Normal: []Way{{BySlack, "https://slack.example/x"}}, Urgent: []Way{{ByDiscord, "https://discord.example/x"}}}
	for _, test := range []struct {
		name     string
		member   Member
		urgent   bool
		channels []Channel
		want     []Channel
	}{
		{"a cell, then the e-mail address", plain, false, nil, []Channel{BySMS, ByEmail}},
		{"their own", own, false, nil, []Channel{BySlack}},
		{"their own for what is urgent", own, true, nil, []Channel{ByDiscord}},
		{"urgent ones as others", plain, true, nil, []Channel{BySMS, ByEmail}},
		{"the step's, in its order", own, false, []Channel{ByEmail, BySMS}, []Channel{ByEmail, BySMS}},
		{"a channel that they lack", plain, false, []Channel{ByTeams}, []Channel{BySMS, ByEmail}},
	} {
		ways := test.member.Ways(test.urgent, test.channels)
		ok := len(ways) == len(test.want)
		for i := range ways {
			ok = ok && ways[i].Channel == test.want[i] && ways[i].Address != ""
		}
		if !ok {
			t.Errorf("%s: %v, want %v", test.name, ways, test.want)
		}
	}
}

func TestAlertsAreThrottled(t *testing.T) {
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	ago := func(minutes ...int) []time.Time {
		var sent []time.Time
		for _, m := range minutes {
			sent = append(sent, now.Add(-time.Duration(m)*time.Minute))
		}
		return sent
	}
	for _, test := range []struct {
		name   string
		limits AlertLimits
		sent   []time.Time
		want   time.Duration
	}{
		{"the first", AlertLimits{}, nil, 0},
		{"one a minute", AlertLimits{}, ago(0), time.Minute},
		{"a minute later", AlertLimits{}, ago(1), 0},
		{"five in a quarter", AlertLimits{}, ago(2, 4, 6, 8, 10), 5 * time.Minute},
		{"eleven in an hour", AlertLimits{}, ago(3, 6, 9, 12, 16, 20, 25, 30, 35, 40, 50), 10 * time.Minute},
		{"no limit", AlertLimits{PerMinute: -1}, ago(0), 0},
	} {
		if got := test.limits.Free(test.sent, now).Sub(now); got != test.want {
			t.Errorf("%s: free in %v, want %v", test.name, got, test.want)
		}
	}
}

func TestQuietTimePassesMidnight(t *testing.T) {
	night := QuietTime{From: 22 * 60, To: 7 * 60}
	for hour, want := range map[int]bool{21: false, 22: true, 0: true, 6: true, 7: false} {
		if got := night.Holds(time.Date(2026, 11, 24, hour, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%d:00 is quiet: %v, want %v", hour, got, want)
		}
	}
	if (QuietTime{}).Holds(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
		t.Error("no quiet time is quiet")
	}
}
