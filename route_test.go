package rebound

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound/internal/phone"
)

func crew(n int) []Candidate {
	var crew []Candidate
	for i := range n {
		crew = append(crew, Candidate{Member: Member{
			ID: MemberID(fmt.Sprint("m", i)), Name: fmt.Sprint("M", i),
			Rings: []Destination{{Kind: Cell, Number: phone.Number(fmt.Sprintf("+1415555%04d", i))}},
		}})
	}
	return crew
}

// oneCall is a call to a line whose team of three rings, then voicemail. A second team is M3 alone.
func oneCall() RouteFacts {
	all := crew(4)
	members := map[MemberID]Candidate{}
	for _, c := range all {
		members[c.Member.ID] = c
	}
	return RouteFacts{
		Business: Business{Name: "Acme"},
		Line:     Line{Name: "Main line", Number: "+14155550134", Voicemail: VoicemailRules{MaxLength: time.Minute}},
		Route:    Route{Open: []RouteStep{ringTeam("day", Together)}},
		Hours:    Status{Open: true, Why: "open until 5:30 PM"},
		Caller:   phone.Caller{Kind: phone.KindNumber, Number: "+14155550199"},
		Teams:    map[TeamID][]Candidate{"day": all[:3], "second": all[3:]},
		Members:  members,
	}
}

func ringTeam(team TeamID, s RingStrategy) RouteStep {
	return RouteStep{Kind: RingStep, Whom: Whom{Team: team}, Strategy: s}
}

func ringMember(m MemberID) RouteStep { return RouteStep{Kind: RingStep, Whom: Whom{Member: m}} }

func menu(choices ...Choice) RouteStep {
	return RouteStep{Kind: MenuStep, Menu: Menu{Say: "Press a key.", Choices: choices}}
}

// shape writes a plan as "M0+M1 M2 voicemail": two rung together, then one, then voicemail.
func shape(p Plan) string {
	var parts []string
	for i, s := range p.Steps {
		next := ""
		if !s.Kind.final() && p.After(i) != i+1 {
			next = fmt.Sprintf(">%d", p.After(i))
		}
		switch s.Kind {
		case RingStep:
			var names []string
			for _, t := range s.Targets {
				names = append(names, t.Name)
			}
			parts = append(parts, strings.Join(names, "+")+next)
		case MenuStep:
			var keys []string
			for k, to := range s.Keys {
				keys = append(keys, fmt.Sprintf("%s:%d", k, to))
			}
			slices.Sort(keys)
			parts = append(parts, "menu("+strings.Join(keys, " ")+")"+next)
		default:
			parts = append(parts, string(s.Kind))
		}
	}
	return strings.Join(parts, " ")
}

// planned is a case of TestMakePlan: what is edited in oneCall, and what its plan is.
type planned struct {
	name   string
	edit   func(*RouteFacts)
	shape  string
	reason MissReason
}

func TestMakePlan(t *testing.T) {
	for _, test := range slices.Concat(plansOfRoutes(), plansOfMenus()) {
		t.Run(test.name, func(t *testing.T) {
			f := oneCall()
			test.edit(&f)
			p := MakePlan(f)
			if got := shape(p); got != test.shape || p.Reason != test.reason {
				t.Errorf("plan %q for %q, want %q for %q", got, p.Reason, test.shape, test.reason)
			}
			checkPlan(t, p)
		})
	}
}

func closed(f *RouteFacts) { f.Hours = Status{Why: "closed: Thanksgiving"} }

func plansOfRoutes() []planned {
	overflow := func(f *RouteFacts) { f.Route.Open = append(f.Route.Open, ringTeam("second", Together)) }
	ownerFirst := func(f *RouteFacts) {
		f.Route.Open = []RouteStep{{Kind: RingStep, Whom: Whom{Owner: true}}, ringTeam("day", Together)}
	}
	return []planned{
		{"more than a carrier rings together", func(f *RouteFacts) { f.Teams["day"] = crew(12) }, "M0+M1+M2+M3+M4+M5+M6+M7+M8+M9 M10+M11 voicemail", ""},
		{"nobody on duty", func(f *RouteFacts) { f.Teams["day"] = nil }, "voicemail", NobodyOnDuty},
		{"nobody on duty, with a fallback", func(f *RouteFacts) { f.Teams["day"], f.Route.Fallback = nil, Whom{Member: "m3"} }, "M3 voicemail", ""},
		{"the fallback rings off duty too", func(f *RouteFacts) {
			f.Teams["day"], f.Route.Fallback = nil, Whom{Team: "second"}
			f.Teams["second"][0].Off = "is off duty"
		}, "M3 voicemail", ""},
		{"a fallback on another call", func(f *RouteFacts) {
			f.Teams["day"], f.Route.Fallback = nil, Whom{Team: "second"}
			f.Teams["second"][0].Busy = "is on another call"
		}, "voicemail", NobodyOnDuty},
		{"a team that is gone", func(f *RouteFacts) { f.Route.Open[0].Whom = Whom{Team: "gone"} }, "voicemail", NobodyOnDuty},
		{"no route at all", func(f *RouteFacts) { f.Route = Route{} }, "voicemail", ""},
		{"overflow to a second team", overflow, "M0+M1+M2 M3 voicemail", ""},
		{"overflow at once when all are busy", func(f *RouteFacts) {
			overflow(f)
			for i := range f.Teams["day"] {
				f.Teams["day"][i].Busy = "is on another call"
			}
		}, "M3 voicemail", ""},
		{"overflow to a number outside", func(f *RouteFacts) {
			f.Route.Open = append(f.Route.Open, RouteStep{Kind: RingStep, Whom: Whom{Outside: Destination{Kind: Desk, Number: "+14155550190"}}})
		}, "M0+M1+M2 (415) 555-0190 voicemail", ""},
		{"the contact's owner first", func(f *RouteFacts) { ownerFirst(f); f.Contact.Owner = "m1" }, "M1 M0+M1+M2 voicemail", ""},
		{"nobody owns the contact", ownerFirst, "M0+M1+M2 voicemail", ""},
		{"nobody owns the contact, and nobody else is asked", func(f *RouteFacts) {
			ownerFirst(f)
			f.Route.Open, f.Route.Fallback = f.Route.Open[:1], Whom{Member: "m3"}
		}, "voicemail", ""},
		{"an owner who has left", func(f *RouteFacts) { ownerFirst(f); f.Contact.Owner = "gone" }, "M0+M1+M2 voicemail", ""},
		{"closed", closed, "voicemail", AfterHours},
		{"closed, somebody on call first", func(f *RouteFacts) { closed(f); f.Route.Closed = []RouteStep{ringMember("m2")} }, "M2 voicemail", AfterHours},
		{"closed, nobody on call", func(f *RouteFacts) {
			closed(f)
			f.Route.Closed, f.Route.Fallback = []RouteStep{ringMember("gone")}, Whom{Member: "m3"}
		}, "M3 voicemail", AfterHours},
		{"a VIP rings at any hour", func(f *RouteFacts) {
			closed(f)
			f.VIP, f.Route.VIP = true, []RouteStep{ringTeam("day", Together)}
		}, "M0+M1+M2 voicemail", ""},
		{"a VIP of a route that knows none", func(f *RouteFacts) { closed(f); f.VIP = true }, "voicemail", AfterHours},
		{"a greeting instead of voicemail", func(f *RouteFacts) { f.Line.Voicemail.Off = true }, "M0+M1+M2 greet", ""},
		{"steps behind the end", func(f *RouteFacts) {
			f.Route.Open = []RouteStep{{Kind: GreetStep}, ringTeam("day", Together)}
		}, "greet", ""},
		{"blocked", func(f *RouteFacts) { f.Blocked = true }, "reject", ""},
		{"sent back to ourselves", func(f *RouteFacts) { f.Loop = true }, "reject", ""},
	}
}

func plansOfMenus() []planned {
	emergencies := Choice{Key: "1", Name: "emergencies", Steps: []RouteStep{ringMember("m2"), {Kind: VoicemailStep}}}
	rest := Choice{Key: "2", Name: "all else", Steps: []RouteStep{ringMember("m0")}}
	return []planned{
		{"a menu", func(f *RouteFacts) {
			f.Route.Open = []RouteStep{menu(emergencies, rest), ringTeam("day", Together)}
		}, "menu(1:1 2:3)>4 M2 voicemail M0 M0+M1+M2 voicemail", ""},
		{"a menu alone ends too", func(f *RouteFacts) { f.Route.Open = []RouteStep{menu(emergencies)} },
			"menu(1:1)>3 M2 voicemail voicemail", ""},
		{"two keys that lead behind the menu", func(f *RouteFacts) {
			f.Route.Open = []RouteStep{menu(rest, Choice{Key: "3", Name: "sales", Steps: []RouteStep{ringTeam("second", Together)}})}
		}, "menu(2:1 3:2)>3 M0>3 M3 voicemail", ""},
		{"nobody on duty behind a key", func(f *RouteFacts) {
			f.Route.Open = []RouteStep{menu(emergencies, Choice{Key: "2", Name: "sales", Steps: []RouteStep{ringMember("gone")}}), ringTeam("day", Together)}
		}, "menu(1:1 2:3)>3 M2 voicemail M0+M1+M2 voicemail", ""},
		{"nobody on duty behind a key, with a fallback", func(f *RouteFacts) {
			f.Route.Fallback = Whom{Member: "m3"}
			f.Route.Open = []RouteStep{menu(Choice{Key: "1", Name: "emergencies", Steps: []RouteStep{ringMember("gone"), {Kind: VoicemailStep}}}), ringTeam("day", Together)}
		}, "menu(1:1)>3 M3 voicemail M0+M1+M2 voicemail", ""},
		{"nobody on duty behind any key, with a fallback", func(f *RouteFacts) {
			f.Teams["day"], f.Route.Fallback = nil, Whom{Member: "m3"}
			f.Route.Open = []RouteStep{menu(Choice{Key: "1", Name: "sales", Steps: []RouteStep{ringTeam("day", Together)}})}
		}, "M3 menu(1:2) voicemail", ""},
		{"nobody on duty behind any key", func(f *RouteFacts) {
			f.Teams["day"] = nil
			f.Route.Open = []RouteStep{menu(Choice{Key: "1", Name: "sales", Steps: []RouteStep{ringTeam("day", Together)}})}
		}, "menu(1:1) voicemail", NobodyOnDuty},
		{"a menu within a menu", func(f *RouteFacts) {
			inner := menu(Choice{Key: "1", Name: "today", Steps: []RouteStep{ringMember("m1")}}, Choice{Key: "2", Name: "later", Steps: []RouteStep{ringMember("m2")}})
			f.Route.Open = []RouteStep{menu(Choice{Key: "1", Name: "repairs", Steps: []RouteStep{inner}}, rest)}
		}, "menu(1:1 2:4)>5 menu(1:2 2:3)>5 M1>5 M2>5 M0 voicemail", ""},
		{"a menu when closed", func(f *RouteFacts) { closed(f); f.Route.Closed = []RouteStep{menu(emergencies)} },
			"menu(1:1)>3 M2 voicemail voicemail", AfterHours},
	}
}

// Every strategy, with the first of three as they may be when the call comes.
func TestWhoRingsByEachStrategy(t *testing.T) {
	strategies := []struct {
		strategy       RingStrategy
		free, gone, up string // all free; the first cannot be rung; nobody can
	}{
		{Together, "M0+M1+M2 voicemail", "M1+M2 voicemail", "voicemail"},
		{InOrder, "M0 M1 M2 voicemail", "M1 M2 voicemail", "voicemail"},
		{RoundRobin, "M1 M2 M0 voicemail", "M1 M2 voicemail", "voicemail"},  // the fifth call
		{LongestIdle, "M1 M2 M0 voicemail", "M1 M2 voicemail", "voicemail"}, // M1 had none, M2 an hour ago, M0 a minute ago
		{Sticky, "M2 M0+M1 voicemail", "M2 M1 voicemail", "voicemail"},
	}
	states := map[string]func(*Candidate){
		"on another call": func(c *Candidate) { c.Busy = "is on another call" },
		"off duty":        func(c *Candidate) { c.Off = "is off duty" },
		"without a phone": func(c *Candidate) { c.Member.Rings = nil },
	}
	facts := func(s RingStrategy) RouteFacts {
		f := oneCall()
		f.Route.Open[0].Strategy, f.Turns, f.Talked = s, map[TeamID]int{"day": 4}, "m2"
		now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
		f.Teams["day"][0].Idle, f.Teams["day"][2].Idle = now.Add(-time.Minute), now.Add(-time.Hour)
		return f
	}
	for _, s := range strategies {
		if got := shape(MakePlan(facts(s.strategy))); got != s.free {
			t.Errorf("%s: %q, want %q", s.strategy, got, s.free)
		}
		for name, change := range states {
			f := facts(s.strategy)
			change(&f.Teams["day"][0])
			if got := shape(MakePlan(f)); got != s.gone {
				t.Errorf("%s, the first %s: %q, want %q", s.strategy, name, got, s.gone)
			}
			reason := NobodyOnDuty
			for i := range f.Teams["day"] {
				change(&f.Teams["day"][i])
			}
			if name == "on another call" {
				reason = AllBusy
			}
			p := MakePlan(f)
			if got := shape(p); got != s.up || p.Reason != reason || (p.Alarm != "") != (reason == NobodyOnDuty) {
				t.Errorf("%s, all %s: %q for %q, alarm %q", s.strategy, name, got, p.Reason, p.Alarm)
			}
		}
	}
}

// A line that names no route rings as its own few words say.
func TestOwnRoute(t *testing.T) {
	for strategy, want := range map[RingStrategy]string{Together: "M0+M0+M1+M2 voicemail", InOrder: "M0 M0 M1 M2 voicemail"} {
		f := oneCall()
		f.Teams["day"][0].Member.Rings = append(f.Teams["day"][0].Member.Rings, Destination{Kind: Desk, Number: "+14155550180"})
		f.Line.Team, f.Line.Strategy, f.Line.RingFor = "day", strategy, 33*time.Second
		f.Route = f.Line.OwnRoute()
		p := MakePlan(f)
		if got := shape(p); got != want || p.Steps[0].For != 33*time.Second {
			t.Errorf("%s: %q for %s each, want %q", strategy, got, p.Steps[0].For, want)
		}
	}
}

// checkPlan fails unless every way through the plan leads forward to an end, each step with a reason.
func checkPlan(t *testing.T, p Plan) {
	t.Helper()
	for i, s := range p.Steps {
		if s.Why == "" {
			t.Errorf("step %d does not say why", i)
		}
		if s.Kind == RingStep && (len(s.Targets) == 0 || len(s.Targets) > mostTogether) {
			t.Errorf("step %d rings %d phones", i, len(s.Targets))
		}
		ways := []int{p.After(i)}
		for _, to := range s.Keys {
			ways = append(ways, to)
		}
		for _, to := range ways {
			if !s.Kind.final() && (to <= i || to >= len(p.Steps)) {
				t.Errorf("step %d leads to %d of %d", i, to, len(p.Steps))
			}
		}
	}
}

func TestAPlanSaysWhoIsPassedOver(t *testing.T) {
	f := oneCall()
	f.Teams["day"][0].Off, f.Teams["day"][1].Busy = "no shift on Tuesdays", "busy on another call"
	got := MakePlan(f).Steps[0]
	if want := []Passed{{"m0", "M0", "no shift on Tuesdays"}, {"m1", "M1", "busy on another call"}}; !slices.Equal(got.Passed, want) {
		t.Errorf("passed over: %q, want %q", got.Passed, want)
	}
	if want := "open until 5:30 PM: rings M2 for 20 s"; got.Why != want {
		t.Errorf("says %q, want %q", got.Why, want)
	}
}

// The one miss that nobody would hear of is an emergency that rings nobody.
func TestNobodyBehindAKeyIsSaidLoudly(t *testing.T) {
	f := oneCall()
	f.Route.Open = []RouteStep{menu(Choice{Key: "1", Name: "emergencies", Steps: []RouteStep{ringMember("gone")}}), ringTeam("day", Together)}
	if p := MakePlan(f); p.Alarm == "" {
		t.Error("nobody hears of it")
	}
}

func TestWhatTheRungSee(t *testing.T) {
	f := oneCall()
	if got := MakePlan(f).Steps[0]; got.CallerID != "" || got.Announce != "Call for Acme from (415) 555-0199. Press any key to accept." {
		t.Errorf("a caller with a number is shown as %q, announced as %q", got.CallerID, got.Announce)
	}
	f.Contact.Name = "Maria Lopez"
	if got := MakePlan(f).Steps[0].Announce; got != "Call for Acme from Maria Lopez. Press any key to accept." {
		t.Errorf("a known caller is announced as %q", got)
	}
	f.Caller, f.Contact = phone.Caller{Kind: phone.KindAnonymous}, Contact{}
	if got := MakePlan(f).Steps[0]; got.CallerID != f.Line.Number || got.Announce != "Call for Acme. Press any key to accept." {
		t.Errorf("a withheld caller is shown as %q, announced as %q", got.CallerID, got.Announce)
	}
}

func TestTheGreetingFitsTheHour(t *testing.T) {
	f := oneCall()
	f.Line.Greeting = Greeting{Say: "We are on a job.", Closed: "We are closed.", Play: "https://acme.test/a.mp3"}
	last := func() Step { s := MakePlan(f).Steps; return s[len(s)-1] }
	if got := last(); got.Say != "We are on a job." || got.Play == "" {
		t.Errorf("open: %+v", got)
	}
	closed(&f)
	if got := last(); got.Say != "We are closed." || got.Play != "" {
		t.Errorf("closed: %+v", got)
	}
	f.Line.Greeting = f.Line.Greeting.With(GreetOpen, "recorded")
	if got := last(); got.Say != "We are closed." || got.Sound != "" {
		t.Errorf("closed, with a sound for the open hours: %+v", got)
	}
	f.Line.Greeting.Closed = ""
	if got := last(); got.Sound != "recorded" {
		t.Errorf("closed, with nothing of its own: %+v", got)
	}
	f.Line.Greeting = f.Line.Greeting.With(GreetClosed, "recorded at night")
	if got := last(); got.Sound != "recorded at night" || got.Play != "" {
		t.Errorf("closed, with a sound: %+v", got)
	}
	f.Route.Closed = []RouteStep{{Kind: VoicemailStep, Greeting: Greeting{Say: "Happy Thanksgiving!"}}}
	if got := last(); got.Say != "Happy Thanksgiving!" || got.Kind != VoicemailStep {
		t.Errorf("its own: %+v", got)
	}
}

func TestACallThatComesBack(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	line := Line{ID: "main", Number: "+14155550100"}
	const caller, cell, other = phone.Number("+14155550199"), phone.Number("+14155550181"), phone.Number("+14155550182")
	rang := func(ago time.Duration) Call {
		return Call{Line: "main", ArrivedAt: at.Add(-ago), Plan: Plan{Steps: []Step{
			{Kind: RingStep, For: 20 * time.Second, Targets: []Target{{Destination: Destination{Number: cell}}}},
			{Kind: VoicemailStep, MaxFor: 2 * time.Minute},
		}}}
	}
	elsewhere := rang(time.Second)
	elsewhere.Line = "other"
	for _, test := range []struct {
		name    string
		caller  phone.Number
		by      phone.Number
		ringing []Call
		want    bool
	}{
		{"the first", caller, "", nil, false},
		{"from the line itself", line.Number, "", nil, true},
		{"sent on by a phone that rings", caller, cell, []Call{rang(time.Second)}, true},
		{"sent on by somebody else's", caller, other, []Call{rang(time.Second)}, false},
		{"sent on by a phone that rang long ago", caller, cell, []Call{rang(3 * time.Minute)}, false},
		{"sent on by a phone that rings for another line", caller, cell, []Call{elsewhere}, false},
		{"a third", caller, "", []Call{rang(time.Second), rang(2 * time.Second)}, false},
		{"a fourth", caller, "", []Call{rang(time.Second), rang(2 * time.Second), rang(3 * time.Second)}, true},
		{"a fourth within minutes", caller, "", []Call{rang(time.Second), rang(2 * time.Second), rang(31 * time.Second)}, false},
	} {
		if got := line.Circles(test.caller, test.by, test.ringing, at); got != test.want {
			t.Errorf("%s: %t", test.name, got)
		}
	}
}

// Fair means that over a round everybody is first once.
func TestRoundRobinIsFair(t *testing.T) {
	f := oneCall()
	f.Route.Open[0].Strategy = RoundRobin
	first := map[string]int{}
	for turn := range 30 {
		f.Turns = map[TeamID]int{"day": turn}
		p := MakePlan(f)
		first[p.Steps[0].Targets[0].Name]++
		if p.Steps[0].Turn != "day" || p.Steps[1].Turn != "" {
			t.Fatalf("turns are counted at %q and %q, want at the first alone", p.Steps[0].Turn, p.Steps[1].Turn)
		}
	}
	for _, c := range f.Teams["day"] {
		if first[c.Member.Name] != 10 {
			t.Errorf("%s was first %d times of 30", c.Member.Name, first[c.Member.Name])
		}
	}
}

func TestHowLongAPlanTakes(t *testing.T) {
	f := oneCall()
	f.Route.Open = []RouteStep{
		menu(Choice{Key: "1", Name: "long", Steps: []RouteStep{
			{Kind: RingStep, Whom: Whom{Member: "m0"}, For: 30 * time.Second}, {Kind: RingStep, Whom: Whom{Member: "m1"}, For: 15 * time.Second}}},
			Choice{Key: "2", Name: "short", Steps: []RouteStep{ringMember("m2")}}),
		{Kind: RingStep, Whom: Whom{Member: "m3"}, For: 10 * time.Second},
	}
	p := MakePlan(f)
	if got := p.RingTime(); got != 55*time.Second {
		t.Errorf("rings for %s, want 55s", got)
	}
	if got, want := p.Longest(), 55*time.Second+2*DefaultMenuWait+time.Minute; got != want {
		t.Errorf("takes %s, want %s", got, want)
	}
	if got, want := p.slowest(), 55*time.Second+3*slowScreening+2*(DefaultMenuWait+slowScreening); got != want {
		t.Errorf("somebody can answer for %s, want %s", got, want)
	}
}

// The business is large: 50 teams of 20, nine of them behind keys and rung one after another.
func BenchmarkMakePlan(b *testing.B) {
	f := oneCall()
	f.Teams, f.Members = map[TeamID][]Candidate{}, map[MemberID]Candidate{}
	all := crew(1000)
	for i, c := range all {
		team := TeamID(fmt.Sprint("t", i/20))
		f.Teams[team] = append(f.Teams[team], c)
		f.Members[c.Member.ID] = c
	}
	var choices []Choice
	for i := range 9 {
		choices = append(choices, Choice{Key: fmt.Sprint(i), Name: "choice", Steps: []RouteStep{
			ringTeam(TeamID(fmt.Sprint("t", i)), LongestIdle), ringTeam(TeamID(fmt.Sprint("t", i+10)), Together)}})
	}
	f.Route.Open = []RouteStep{menu(choices...), ringTeam("t31", Sticky), ringTeam("t49", Together)}
	took := make([]time.Duration, 0, 1<<16)
	b.ReportAllocs()
	for b.Loop() {
		start := time.Now()
		MakePlan(f)
		if took = append(took, time.Since(start)); len(took) == cap(took) {
			took = took[:0]
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}
