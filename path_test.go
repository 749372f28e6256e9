package rebound

import (
	"errors"
	"reflect"
	"testing"
	"time"
)

// choosing is a call to "press 1 for emergencies (M0), 2 for all else (M1, then M2)", then M3.
func choosing() Call {
	f := oneCall()
	f.Route.Open = []RouteStep{
		menu(Choice{Key: "1", Name: "emergencies", Steps: []RouteStep{ringMember("m0"), {Kind: VoicemailStep}}},
			Choice{Key: "2", Name: "all else", Steps: []RouteStep{ringMember("m1"), ringMember("m2")}}),
		ringMember("m3"),
	}
	return Call{Plan: MakePlan(f), State: CallRinging, ArrivedAt: arrival}
}

// tell applies an event and returns what the carrier is told.
func tell(t *testing.T, c *Call, ev CallEvent, after time.Duration) Instruction {
	t.Helper()
	if err := c.Apply(ev, arrival.Add(after)); err != nil {
		t.Fatalf("%s: %v", ev.Kind, err)
	}
	return c.Answer(ev)
}

func pressed(key string, try int) CallEvent {
	return CallEvent{Kind: MenuChosen, Target: try, Key: key}
}

func TestAMenuLeadsWhereItsKeysSay(t *testing.T) {
	for _, test := range []struct {
		name  string
		keys  []string // of each time that the menu is said
		rings string   // empty: the menu is said again
	}{
		{"1", []string{"1"}, "M0"}, {"2", []string{"2"}, "M1"}, {"a wrong key", []string{"7"}, ""},
		{"a wrong key, then 2", []string{"7", "2"}, "M1"}, {"a wrong key twice", []string{"7", "8"}, "M3"},
		{"nothing", []string{""}, ""}, {"nothing twice", []string{"", ""}, "M3"},
	} {
		c := choosing()
		in := c.Answer(CallEvent{Kind: CallArrived})
		if in.Kind != DoMenu || in.Target != 0 {
			t.Fatalf("the call begins with %s, try %d", in.Kind, in.Target)
		}
		for try, key := range test.keys {
			if in = tell(t, &c, pressed(key, try), 5*time.Second); in.Kind == DoMenu && in.Target != try+1 {
				t.Errorf("%s: said again as try %d, want %d", test.name, in.Target, try+1)
			}
			again := pressed(key, try)
			if err := c.Apply(again, arrival.Add(time.Minute)); !errors.Is(err, ErrStale) || !reflect.DeepEqual(c.Answer(again), in) {
				t.Errorf("%s: a repeated request is not answered like the first (%v)", test.name, err)
			}
		}
		switch {
		case test.rings == "" && in.Kind != DoMenu:
			t.Errorf("%s: %s, want the menu again", test.name, in.Kind)
		case test.rings != "" && (in.Kind != DoRing || in.Step.Targets[0].Name != test.rings):
			t.Errorf("%s: %s %v, want %s to ring", test.name, in.Kind, in.Step.Targets, test.rings)
		}
		if c.State != CallRinging {
			t.Errorf("%s: the call is %s", test.name, c.State)
		}
	}
}

// Behind the choice the other way's phones are not rung, and do not count.
func TestAWayThroughAMenuEndsInItsOwnVoicemail(t *testing.T) {
	c := choosing()
	tell(t, &c, pressed("1", 0), 5*time.Second)
	tell(t, &c, CallEvent{Kind: LegEnded, Step: 1, Status: EndBusy}, 6*time.Second)
	in := tell(t, &c, CallEvent{Kind: RingEnded, Step: 1, Status: EndBusy}, 7*time.Second)
	if in.Kind != DoVoicemail || in.Number != 2 || c.State != CallMissed || c.Reason != AllBusy || !c.MissedAt.Equal(arrival.Add(7*time.Second)) {
		t.Errorf("%s at step %d, the call %s for %s at %v", in.Kind, in.Number, c.State, c.Reason, c.MissedAt)
	}
}

func TestHangingUpWithinAMenu(t *testing.T) {
	for name, events := range map[string][]CallEvent{
		"at once":             {ended(EndCompleted)},
		"after a wrong key":   {pressed("9", 0), ended(EndCompleted)},
		"and it is told":      {{Kind: MenuChosen, CallerGone: true}, ended(EndCompleted)},
		"told as no answer":   {ended(EndNoAnswer)},
		"on the last try":     {pressed("", 0), {Kind: MenuChosen, Target: 1, CallerGone: true}, ended(EndCompleted)},
		"after a long while":  {{Kind: CallEnded, Status: EndCompleted, CallerGone: true, At: arrival.Add(3 * time.Minute)}},
		"while a phone rings": {pressed("2", 0), {Kind: RingEnded, Step: 3, Status: EndCanceled, CallerGone: true}, ended(EndCompleted)},
	} {
		c := choosing()
		for i, ev := range events {
			_ = c.Apply(ev, arrival.Add(time.Duration(i+1)*5*time.Second)) // stale is fine
		}
		c.Judge(arrival.Add(time.Hour))
		want := AbandonedInMenu
		if name == "while a phone rings" {
			want = Abandoned
		}
		if c.State != CallMissed || c.Reason != want {
			t.Errorf("%s: %s for %s, want %s", name, c.State, c.Reason, want)
		}
	}
}

// What rings proves which key was pressed, though the report of the key was lost.
func TestAKeyWhoseReportWasLost(t *testing.T) {
	c := choosing()
	tell(t, &c, CallEvent{Kind: LegRinging, Step: 4}, 30*time.Second)
	if path := c.Path(); !reflect.DeepEqual(path, []Reached{{0, arrival}, {3, time.Time{}}, {4, time.Time{}}}) {
		t.Errorf("the way is %v, want the menu, M1 and M2", path)
	}
	tell(t, &c, CallEvent{Kind: CallEnded, Status: EndNoAnswer, CallerGone: true}, 40*time.Second)
	if c.Reason != Abandoned {
		t.Errorf("missed for %s", c.Reason)
	}
}

func TestWhoDeclinedIsNotRungAgainInThisCall(t *testing.T) {
	f := oneCall()
	f.Members["m0"].Member.Rings[0] = Destination{Kind: Cell, Number: "+14155550180"} // the same person's other phone
	f.Teams["day"][0].Member.Rings = []Destination{{Kind: Cell, Number: "+14155550000"}}
	f.Route.Open = []RouteStep{ringTeam("day", Together), ringMember("m0"), ringTeam("day", InOrder), ringTeam("second", Together)}
	c := Call{Plan: MakePlan(f), State: CallRinging, ArrivedAt: arrival} // M0+M1+M2 M0 M0 M1 M2 M3 voicemail
	tell(t, &c, CallEvent{Kind: LegRinging}, time.Second)
	tell(t, &c, CallEvent{Kind: LegEnded, Status: EndBusy}, 2*time.Second)
	over := CallEvent{Kind: RingEnded, Status: EndNoAnswer}
	in := tell(t, &c, over, 20*time.Second)
	if in.Kind != DoRing || in.Number != 3 || len(in.Skip) != 0 {
		t.Errorf("%s at step %d without %v, want M1's", in.Kind, in.Number, in.Skip)
	}
	tell(t, &c, CallEvent{Kind: LegRinging, Step: 3}, 21*time.Second)
	tell(t, &c, CallEvent{Kind: LegEnded, Step: 3, Status: EndBusy}, 22*time.Second)
	if again := c.Answer(over); !reflect.DeepEqual(again, in) {
		t.Errorf("a repeated request gets step %d, the first got %d", again.Number, in.Number)
	}
	for step := 3; step <= 5; step++ {
		in = tell(t, &c, CallEvent{Kind: RingEnded, Step: step, Status: EndBusy}, time.Duration(step+20)*time.Second)
	}
	if in.Kind != DoVoicemail || c.State != CallMissed || c.Reason != AllBusy && c.Reason != NoAnswer {
		t.Errorf("%s, the call %s for %s", in.Kind, c.State, c.Reason)
	}
}

// Of those who ring together again, the others ring alone.
func TestWhoDeclinedIsSkippedAmongOthers(t *testing.T) {
	f := oneCall()
	f.Route.Open = []RouteStep{ringMember("m1"), ringTeam("day", Together)}
	c := Call{Plan: MakePlan(f), State: CallRinging, ArrivedAt: arrival}
	tell(t, &c, CallEvent{Kind: LegRinging}, time.Second)
	in := tell(t, &c, CallEvent{Kind: RingEnded, Status: EndBusy}, 2*time.Second) // the leg's own report is late
	if in.Kind != DoRing || !reflect.DeepEqual(in.Skip, []int{1}) {
		t.Errorf("%s without %v, want without M1", in.Kind, in.Skip)
	}
	f.Route.Open = []RouteStep{ringMember("m1"), ringMember("m1")}
	c = Call{Plan: MakePlan(f), State: CallRinging, ArrivedAt: arrival}
	tell(t, &c, CallEvent{Kind: LegRinging}, time.Second)
	if in := tell(t, &c, CallEvent{Kind: RingEnded, Status: EndBusy}, 2*time.Second); in.Kind != DoVoicemail || c.Reason != Declined {
		t.Errorf("%s, missed for %s", in.Kind, c.Reason)
	}
}

func TestWhetherTheVoicemailPickedUp(t *testing.T) {
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	rings := Plan{Steps: []Step{{Kind: RingStep, For: 20 * time.Second, Targets: []Target{{Name: "Ana"}}}, {Kind: VoicemailStep}}}
	straight := Plan{Steps: []Step{{Kind: VoicemailStep}}}
	missed := at.Add(20 * time.Second)
	spent := []Leg{{Step: 0, Target: 0, RangAt: at, Ended: EndNoAnswer, EndedAt: missed}}
	for name, test := range map[string]struct {
		call Call
		at   time.Time // zero: it did not, as far as told
	}{
		"the carrier asked what follows":  {Call{Plan: rings, Rings: []Ring{{Step: 0, Status: EndNoAnswer, At: missed}}}, missed},
		"the caller left while it rang":   {Call{Plan: rings, Rings: []Ring{{Step: 0, Status: EndCanceled, Gone: true, At: missed}}}, time.Time{}},
		"the report on the ring was lost": {Call{Plan: rings, Legs: spent}, time.Time{}},
		"lost, but there is a recording":  {Call{Plan: rings, Legs: spent, Voicemail: true}, missed},
		"it still rings":                  {Call{Plan: rings}, time.Time{}},
		"closed":                          {Call{Plan: straight}, at},
		"closed, and left at once":        {Call{Plan: straight, GoneAt: at}, at},
		"nobody ever asked":               {Call{Plan: straight, Unheard: true}, time.Time{}},
	} {
		test.call.ArrivedAt, test.call.MissedAt = at, missed
		got, came := test.call.ToVoicemail()
		if came != !test.at.IsZero() || came && !got.Equal(test.at) {
			t.Errorf("%s: %v, %v", name, got, came)
		}
	}
}
