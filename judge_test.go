package rebound

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// told is the evidence of one call in the order in which it happened, and what the call is in the end.
type told struct {
	name   string
	plan   Plan
	events []CallEvent
	state  CallState
	reason MissReason
	by     MemberID
}

func ringing(targets ...Target) Plan {
	return Plan{Steps: []Step{
		{Kind: RingStep, Targets: targets, For: 20 * time.Second}, {Kind: VoicemailStep, MaxFor: 2 * time.Minute},
	}}
}

func target(member MemberID, kind DestinationKind) Target {
	return Target{Member: member, Destination: Destination{Kind: kind, Number: "+14155550111"}}
}

func leg(kind CallEventKind, n int, status EndStatus) CallEvent {
	return CallEvent{Kind: kind, Target: n, LegID: fmt.Sprint("leg", n), Status: status}
}

func rang(status EndStatus, leg string, bridged Truth) CallEvent {
	return CallEvent{Kind: RingEnded, Status: status, LegID: leg, Bridged: bridged}
}

func ended(status EndStatus) CallEvent {
	return CallEvent{Kind: CallEnded, Status: status, CallerGone: true}
}

func kindsOfCalls() []told {
	cells := ringing(target("ana", Cell), target("ben", Cell))
	voicemail := Recording{ID: "RE1", URL: "https://carrier.test/RE1", Duration: 8 * time.Second}
	goneNow := rang(EndCanceled, "leg0", No)
	goneNow.CallerGone = true
	talked := rang(EndCompleted, "leg0", Yes)
	talked.Talk, talked.CallerGone = time.Minute, true
	byDesk := talked
	chooses := Plan{Steps: []Step{
		{Kind: MenuStep, For: 5 * time.Second, Tries: 2, Keys: map[string]int{"1": 1, "2": 2}, Next: 3},
		{Kind: RingStep, Targets: []Target{target("ana", Cell)}, For: 20 * time.Second, Next: 3},
		{Kind: RingStep, Targets: []Target{target("ben", Cell)}, For: 20 * time.Second},
		{Kind: VoicemailStep, MaxFor: 2 * time.Minute},
	}}
	at := func(e CallEvent) CallEvent { e.Step = 2; return e } // Ben's phone
	return []told{
		{"rang out", cells, []CallEvent{
			leg(LegRinging, 0, ""), leg(LegRinging, 1, ""), leg(LegEnded, 0, EndNoAnswer), leg(LegEnded, 1, EndNoAnswer),
			rang(EndNoAnswer, "leg0", No), ended(EndCompleted),
		}, CallMissed, NoAnswer, ""},
		{"abandoned", cells, []CallEvent{
			leg(LegRinging, 0, ""), leg(LegRinging, 1, ""), leg(LegEnded, 0, EndCanceled), goneNow, ended(EndNoAnswer),
		}, CallMissed, Abandoned, ""},
		{"a cell's voicemail", cells, []CallEvent{
			leg(LegRinging, 0, ""), leg(LegAnswered, 0, ""), leg(LegEnded, 0, EndCompleted), leg(LegEnded, 1, EndNoAnswer),
			rang(EndCompleted, "leg0", No), ended(EndCompleted),
		}, CallMissed, NoAnswer, ""},
		{"left a voicemail", cells, []CallEvent{
			leg(LegEnded, 0, EndBusy), leg(LegEnded, 1, EndBusy), rang(EndBusy, "leg0", No),
			{Kind: VoicemailLeft, Recording: voicemail, CallerGone: true}, {Kind: RecordingReady, Recording: voicemail}, ended(EndCompleted),
		}, CallMissed, AllBusy, ""},
		{"answered on a cell", cells, []CallEvent{
			leg(LegRinging, 0, ""), leg(LegAnswered, 0, ""), leg(LegAccepted, 0, ""), talked, leg(LegEnded, 0, EndCompleted), ended(EndCompleted),
		}, CallAnswered, "", "ana"},
		{"answered at the desk", ringing(target("ana", Cell), target("desk", Desk)), []CallEvent{
			leg(LegRinging, 1, ""), leg(LegAnswered, 1, ""), leg(LegEnded, 0, EndCanceled),
			func() CallEvent { byDesk.LegID = "leg1"; return byDesk }(), leg(LegEnded, 1, EndCompleted), ended(EndCompleted),
		}, CallAnswered, "", "desk"},
		{"a key, then rang out", chooses, []CallEvent{
			{Kind: MenuChosen, Key: "2"}, at(leg(LegRinging, 0, "")), at(leg(LegEnded, 0, EndNoAnswer)), at(rang(EndNoAnswer, "leg0", No)), ended(EndCompleted),
		}, CallMissed, NoAnswer, ""},
		{"a key, then answered", chooses, []CallEvent{
			{Kind: MenuChosen, Key: "2"}, at(leg(LegAnswered, 0, "")), at(leg(LegAccepted, 0, "")), at(talked), ended(EndCompleted),
		}, CallAnswered, "", "ben"},
		{"hung up in the menu", chooses, []CallEvent{
			{Kind: MenuChosen, Key: "9"}, {Kind: MenuChosen, Target: 0, CallerGone: true}, ended(EndCompleted),
		}, CallMissed, AbandonedInMenu, ""},
		{"two accept", cells, []CallEvent{
			leg(LegAnswered, 0, ""), leg(LegAccepted, 0, ""), leg(LegAccepted, 1, ""), leg(LegEnded, 1, EndCompleted), talked, ended(EndCompleted),
		}, CallAnswered, "", "ana"},
	}
}

var arrival = time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)

// spacing keeps the events of one call within Grace of each other.
const spacing = 200 * time.Millisecond

// hear applies events in the given order, one after another, and calls look after each.
func hear(t *testing.T, plan Plan, events []CallEvent, look func(Call)) Call {
	t.Helper()
	c := Call{Plan: plan, State: CallRinging, ArrivedAt: arrival}
	now := arrival.Add(20 * time.Second)
	for _, ev := range events {
		if err := c.Apply(ev, now); err != nil && !errors.Is(err, ErrStale) {
			t.Fatalf("%s: %v", ev.Kind, err)
		}
		look(c)
		now = now.Add(spacing)
	}
	c.Judge(now.Add(Grace))
	return c
}

// permutations calls fn with every order of events. fn must not keep what it is given.
func permutations(events []CallEvent, fn func([]CallEvent)) {
	var walk func(n int)
	walk = func(n int) {
		if n == 1 {
			fn(events)
			return
		}
		for i := range n {
			walk(n - 1)
			if n%2 == 0 {
				events[i], events[n-1] = events[n-1], events[i]
			} else {
				events[0], events[n-1] = events[n-1], events[0]
			}
		}
	}
	walk(len(events))
}

func kinds(events []CallEvent) []CallEventKind {
	var all []CallEventKind
	for _, ev := range events {
		all = append(all, ev.Kind)
	}
	return all
}

func TestTheOrderOfReportsDoesNotMatter(t *testing.T) {
	for _, k := range kindsOfCalls() {
		t.Run(k.name, func(t *testing.T) {
			permutations(k.events, func(order []CallEvent) {
				if t.Failed() {
					return
				}
				c := hear(t, k.plan, order, func(Call) {})
				if c.State != k.state || c.Reason != k.reason || c.AcceptedBy != k.by {
					t.Errorf("after %v: %s %s by %q, want %s %s by %q", kinds(order), c.State, c.Reason, c.AcceptedBy, k.state, k.reason, k.by)
				}
			})
		})
	}
}

// As long as all reports come within Grace of each other, no call is taken for missed that was
// answered, or the other way round, and what was recognised stays.
func TestNoBeginningOfTheReportsMisleads(t *testing.T) {
	for _, k := range kindsOfCalls() {
		t.Run(k.name, func(t *testing.T) {
			permutations(k.events, func(order []CallEvent) {
				if t.Failed() {
					return
				}
				state := CallRinging
				hear(t, k.plan, order, func(c Call) {
					if c.State != state && (state != CallRinging || c.State != k.state) {
						t.Errorf("in %v: %s after %s, and in the end %s", kinds(order), c.State, state, k.state)
					}
					state = c.State
				})
			})
		})
	}
}

func TestReportsThatComeAgainTellNothing(t *testing.T) {
	for _, k := range kindsOfCalls() {
		c := hear(t, k.plan, k.events, func(Call) {})
		for _, ev := range k.events {
			again := c
			if err := again.Apply(ev, arrival.Add(time.Hour)); !errors.Is(err, ErrStale) {
				t.Errorf("%s: %s a second time: %v", k.name, ev.Kind, err)
			}
			if again.State != c.State || again.MissedAt != c.MissedAt || again.Talk != c.Talk {
				t.Errorf("%s: %s a second time changes the call", k.name, ev.Kind)
			}
		}
	}
}

// Any part of the reports that holds one of the call's end tells a miss from a talk. What gets
// coarser is the reason: without the ring step's report or a recording nobody knows whether the
// phones had stopped before the caller left, and without the legs' whether they were busy.
func TestLostReportsCostNoMoreThanTheReason(t *testing.T) {
	coarser := map[MissReason][]MissReason{
		NoAnswer: {NoAnswer, Abandoned, AbandonedInMenu}, Abandoned: {Abandoned}, AllBusy: {AllBusy, NoAnswer, Abandoned}, AbandonedInMenu: {AbandonedInMenu},
	}
	for _, k := range kindsOfCalls() {
		if k.state != CallMissed {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			for kept := range 1 << len(k.events) {
				var events []CallEvent
				over := false
				for i, ev := range k.events {
					if kept&(1<<i) != 0 {
						events = append(events, ev)
						over = over || ev.CallerGone || ev.Kind == RingEnded || ev.Kind == CallEnded || ev.Kind == VoicemailLeft || ev.Kind == RecordingReady
					}
				}
				c := hear(t, k.plan, events, func(Call) {})
				if over != (c.State == CallMissed) || c.State != CallMissed && c.State != CallRinging {
					t.Fatalf("of %v: %s", kinds(events), c.State)
				}
				if !over {
					if c.CheckAt.IsZero() {
						t.Fatalf("of %v: nobody will ask the carrier's log", kinds(events))
					}
					continue
				}
				if c.MissedAt.Before(arrival) || c.MissedAt.After(arrival.Add(30*time.Second)) {
					t.Fatalf("of %v: missed at %v", kinds(events), c.MissedAt)
				}
				fits := false
				for _, r := range coarser[k.reason] {
					fits = fits || c.Reason == r
				}
				if !fits {
					t.Fatalf("of %v: missed for %s", kinds(events), c.Reason)
				}
			}
		})
	}
}

// Without the key, nothing makes a talk on a cell of a call.
func TestWithoutAKeyACellHasNotAnswered(t *testing.T) {
	for _, k := range kindsOfCalls() {
		if k.name != "answered on a cell" {
			continue
		}
		var events []CallEvent
		for _, ev := range k.events {
			if ev.Kind != LegAccepted {
				events = append(events, ev)
			}
		}
		if c := hear(t, k.plan, events, func(Call) {}); c.State != CallMissed {
			t.Errorf("the call is %s", c.State)
		}
	}
}

func TestWhyNobodyAnswered(t *testing.T) {
	three := ringing(target("ana", Cell), target("ben", Cell), target("cleo", Cell))
	for _, test := range []struct {
		ends [3]EndStatus
		rang [3]bool
		want MissReason
	}{
		{[3]EndStatus{EndBusy, EndBusy, EndBusy}, [3]bool{}, AllBusy},
		{[3]EndStatus{EndBusy, EndNoAnswer, EndBusy}, [3]bool{false, true, false}, NoAnswer},
		{[3]EndStatus{EndBusy, EndBusy, EndBusy}, [3]bool{true, true, true}, Declined},
		{[3]EndStatus{EndBusy, EndBusy, EndFailed}, [3]bool{true, false, false}, Declined},
		{[3]EndStatus{EndBusy, EndFailed, EndFailed}, [3]bool{}, AllBusy},
		{[3]EndStatus{EndFailed, EndFailed, EndFailed}, [3]bool{}, Failed},
	} {
		var events []CallEvent
		for n := range 3 {
			if test.rang[n] {
				events = append(events, leg(LegRinging, n, ""))
			}
			events = append(events, leg(LegEnded, n, test.ends[n]))
		}
		events = append(events, rang(test.ends[0], "leg0", No))
		if c := hear(t, three, events, func(Call) {}); c.Reason != test.want {
			t.Errorf("%v, rang %v: %s, want %s", test.ends, test.rang, c.Reason, test.want)
		}
	}
}

func TestWhenTheClockOfTheMissStarts(t *testing.T) {
	cells := ringing(target("ana", Cell))
	at := func(s int) time.Time { return arrival.Add(time.Duration(s) * time.Second) }
	for _, test := range []struct {
		name string
		told map[int]CallEvent // by seconds after the arrival, in any order
		now  int
		want int // seconds; -1: not missed
	}{
		{"the ring plan is exhausted", map[int]CallEvent{20: rang(EndNoAnswer, "", No), 40: ended(EndCompleted)}, 40, 20},
		{"the caller hangs up", map[int]CallEvent{12: rang(EndCanceled, "", No)}, 12, 12},
		{"the greeting had started: the recording is all that is told", map[int]CallEvent{
			40: {Kind: VoicemailLeft, Recording: Recording{URL: "u", Duration: 10 * time.Second}},
		}, 40, 30},
		{"the ready recording is all that is told", map[int]CallEvent{
			45: {Kind: RecordingReady, Recording: Recording{URL: "u", Duration: 10 * time.Second}},
		}, 45, 35},
		{"a recording longer than the call", map[int]CallEvent{
			5: {Kind: RecordingReady, Recording: Recording{URL: "u", Duration: time.Minute}},
		}, 5, 0},
		{"a bare end waits for the rest", map[int]CallEvent{10: ended(EndCompleted)}, 11, -1},
		{"a bare end, and nothing follows", map[int]CallEvent{10: ended(EndCompleted)}, 12, 10},
		{"an end without an answer waits for nothing", map[int]CallEvent{10: ended(EndNoAnswer)}, 10, 10},
		{"connected, and no key is told", map[int]CallEvent{10: rang(EndCompleted, "leg0", Yes)}, 11, -1},
		{"connected, and no key follows", map[int]CallEvent{10: rang(EndCompleted, "leg0", Yes)}, 12, 10},
		{"a report that was hours late", map[int]CallEvent{7200: ended(EndNoAnswer)}, 7200, 50},
	} {
		c := Call{Plan: cells, State: CallRinging, ArrivedAt: arrival}
		for s := range test.now + 1 {
			if ev, ok := test.told[s]; ok {
				_ = c.Apply(ev, at(s))
			}
		}
		c.Judge(at(test.now))
		if missed := c.State == CallMissed; missed != (test.want >= 0) || missed && !c.MissedAt.Equal(at(test.want)) {
			t.Errorf("%s: %s, missed at %v", test.name, c.State, c.MissedAt.Sub(arrival))
		}
	}
}

func TestHowLongTheyTalked(t *testing.T) {
	at := func(s int) time.Time { return arrival.Add(time.Duration(s) * time.Second) }
	report := rang(EndCompleted, "leg0", Yes)
	report.Talk = 30 * time.Second // as carriers count: from the pick-up at second 5
	for _, test := range []struct {
		name          string
		key, rang, by int // seconds after the arrival; 0: never told
		want          int
	}{
		{"the announcement is no talk", 13, 35, 36, 22},
		{"the report came late", 13, 300, 301, 30},
		{"the report overtook the key", 40, 35, 41, 30},
		{"no report", 13, 0, 36, 23},
		{"no report, and the end overtook the key", 40, 0, 36, 0},
		{"still talking", 13, 0, 0, 0},
	} {
		c := Call{Plan: ringing(target("ana", Cell)), State: CallRinging, ArrivedAt: arrival}
		for s := range 400 {
			for when, ev := range map[int]CallEvent{test.key: leg(LegAccepted, 0, ""), test.rang: report, test.by: ended(EndCompleted)} {
				if when == s && s > 0 {
					_ = c.Apply(ev, at(s))
				}
			}
		}
		if c.State != CallAnswered || c.Talk != time.Duration(test.want)*time.Second {
			t.Errorf("%s: %s, talked %v, want %d s", test.name, c.State, c.Talk, test.want)
		}
	}
}

func TestQuickHangUpCountsFromTheFirstRing(t *testing.T) {
	at := func(s int) time.Time { return arrival.Add(time.Duration(s) * time.Second) }
	for _, test := range []struct{ rang, want int }{{0, 0}, {2, 2}, {60, 5}} { // a report of ringing may come late
		c := Call{Plan: ringing(target("ana", Cell)), State: CallRinging, ArrivedAt: arrival}
		if test.rang > 0 {
			_ = c.Apply(leg(LegRinging, 0, ""), at(test.rang))
		}
		if got := c.FirstRing(); !got.Equal(at(test.want)) {
			t.Errorf("told of ringing after %d s: first ring %v, want %d s", test.rang, got.Sub(arrival), test.want)
		}
	}
}

func TestAnswersDoNotChangeWhenARequestIsRepeated(t *testing.T) {
	for _, k := range kindsOfCalls() {
		c := Call{ID: "c", Plan: k.plan, State: CallRinging, ArrivedAt: arrival}
		var first []Instruction
		for i, ev := range k.events {
			_ = c.Apply(ev, arrival.Add(time.Duration(i+20)*time.Second))
			first = append(first, c.Answer(ev))
		}
		for i, ev := range k.events {
			if again := c.Answer(ev); fmt.Sprint(again) != fmt.Sprint(first[i]) {
				t.Errorf("%s: %s is answered %s, and later %s", k.name, ev.Kind, first[i].Kind, again.Kind)
			}
		}
	}
}
