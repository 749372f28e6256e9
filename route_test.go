package rebound

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rebound/internal/phone"
)

func crew(n int) []Member {
	var members []Member
	for i := range n {
		members = append(members, Member{
			ID: MemberID(fmt.Sprint("m", i)), Name: fmt.Sprint("Member ", i),
			Rings: []Destination{{Kind: Cell, Number: phone.Number(fmt.Sprintf("+1415555%04d", i))}},
		})
	}
	return members
}

func oneCall(strategy RingStrategy, members []Member) RouteFacts {
	return RouteFacts{
		Business: Business{Name: "Acme"}, Members: members,
		Line:   Line{Number: "+14155550134", Strategy: strategy, RingFor: 20 * time.Second, Voicemail: VoicemailRules{MaxLength: time.Minute}},
		Caller: phone.Caller{Kind: phone.KindNumber, Number: "+14155550199"},
		Now:    time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), // a Tuesday
	}
}

// shape writes a plan as "2r 1r voicemail": two targets rung together, then one, then voicemail.
func shape(p Plan) string {
	var parts []string
	for _, s := range p.Steps {
		if s.Kind == RingStep {
			parts = append(parts, fmt.Sprintf("%dr", len(s.Targets)))
			continue
		}
		parts = append(parts, string(s.Kind))
	}
	return strings.Join(parts, " ")
}

func TestMakePlan(t *testing.T) {
	for _, test := range []struct {
		name   string
		edit   func(*RouteFacts)
		shape  string
		reason MissReason
	}{
		{"together", func(*RouteFacts) {}, "3r voicemail", ""},
		{"in order", func(f *RouteFacts) { f.Line.Strategy = InOrder }, "1r 1r 1r voicemail", ""},
		{"more than a carrier rings together", func(f *RouteFacts) { f.Members = crew(23) }, "10r 10r 3r voicemail", ""},
		{"one off duty", func(f *RouteFacts) { f.Members[1].OffDuty = true }, "2r voicemail", ""},
		{"nobody on duty", func(f *RouteFacts) { f.Members = nil }, "voicemail", NobodyOnDuty},
		{"closed", func(f *RouteFacts) { f.Closed = "closed until Mon 8:00 AM" }, "voicemail", AfterHours},
		{"all busy", func(f *RouteFacts) { f.Members, f.Passed = nil, []Passed{{Busy: true}, {}} }, "voicemail", AllBusy},
		{"no voicemail", func(f *RouteFacts) { f.Line.Voicemail.Off = true }, "3r greet", ""},
		{"blocked", func(f *RouteFacts) { f.Blocked = true }, "reject", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := oneCall(Together, crew(3))
			test.edit(&f)
			p := MakePlan(f)
			if got := shape(p); got != test.shape || p.Reason != test.reason {
				t.Errorf("plan %q for %q, want %q for %q", got, p.Reason, test.shape, test.reason)
			}
			for _, s := range p.Steps {
				if s.Why == "" {
					t.Errorf("the %s step does not say why", s.Kind)
				}
			}
		})
	}
}

func TestAWithheldCallerIsShownAsTheLine(t *testing.T) {
	f := oneCall(Together, crew(1))
	if got := MakePlan(f).Steps[0].CallerID; got != "" {
		t.Errorf("a known caller is shown as %s", got)
	}
	f.Caller = phone.Caller{Kind: phone.KindAnonymous}
	if got := MakePlan(f).Steps[0].CallerID; got != f.Line.Number {
		t.Errorf("a withheld caller is shown as %q", got)
	}
}

func TestHoursCheck(t *testing.T) {
	for _, bad := range []Hours{
		{{Day: 1, From: 60, To: 60}}, {{Day: 1, From: -1, To: 60}}, {{Day: 1, From: 24 * 60, To: 25 * 60}},
		{{Day: 1, From: 60, To: 120}, {Day: 1, From: 119, To: 180}},
	} {
		if bad.Check() == nil {
			t.Errorf("%v passes", bad)
		}
	}
}
