package rebound

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestTheDefaultPolicyIsTheMissions(t *testing.T) {
	policy := EscalationPolicy{}.WithDefaults()
	for n, want := range []struct {
		after time.Duration
		whom  Audience
	}{
		{0, ToAssignee},
		{5 * time.Minute, ToAssignee},
		{30 * time.Minute, ToTeam},
		{2 * time.Hour, ToSupervisor},
		{3 * time.Hour, ToSupervisor},
		{4 * time.Hour, ToSupervisor},
	} {
		if step, after := policy.Rung(n); after != want.after || step.Whom != want.whom {
			t.Errorf("rung %d speaks to the %s after %v, want the %s after %v", n, step.Whom, after, want.whom, want.after)
		}
	}
}

func TestAStepRepeatsUntilTheNext(t *testing.T) {
	policy := EscalationPolicy{Steps: []PolicyStep{
		{After: 0, Whom: ToAssignee, Repeat: 4 * time.Minute}, {After: 10 * time.Minute, Whom: ToTeam},
		{After: 10 * time.Minute, Whom: ToSupervisor, Repeat: 15 * time.Minute},
	}}.WithDefaults()
	var afters []time.Duration
	for n := range 6 {
		_, after := policy.Rung(n)
		afters = append(afters, after/time.Minute)
	}
	if want := []time.Duration{0, 4, 8, 10, 10, 25}; !slices.Equal(afters, want) {
		t.Errorf("due after %v minutes, want %v", afters, want)
	}
	for done, want := range map[time.Duration]int{0: 1, 5: 2, 8: 3, 10: 5, 24: 5, 25: 6, 1000: 71} {
		if got := policy.beyond(done * time.Minute); got != want {
			t.Errorf("beyond %d min comes rung %d, want %d", done, got, want)
		}
	}
}

func TestWhatIsDue(t *testing.T) {
	start := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	twice := EscalationPolicy{Steps: []PolicyStep{
		{After: 0, Whom: ToAssignee}, {After: 5 * time.Minute, Whom: ToTeam}, {After: 5 * time.Minute, Whom: ToMember, Member: "sam"},
	}}
	for _, test := range []struct {
		name   string
		policy EscalationPolicy
		alarm  Alarm
		now    time.Duration
		tell   []Audience
		late   []time.Duration
		next   time.Duration
	}{
		{"in time", EscalationPolicy{}, AlarmNone, 0, []Audience{ToAssignee}, nil, 5 * time.Minute},
		{"after an outage the latest alone", EscalationPolicy{}, AlarmNone, 3*time.Hour + time.Minute, []Audience{ToSupervisor},
			[]time.Duration{0, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour}, 4 * time.Hour},
		{"two at one time", twice, AlarmNone, 6 * time.Minute, []Audience{ToTeam, ToMember}, []time.Duration{0}, time.Hour + 5*time.Minute},
		{"urgency", EscalationPolicy{}, AlarmDue, time.Minute, []Audience{ToOnDuty}, nil, 5 * time.Minute},
	} {
		r := Recovery{State: RecoveryWaiting, WaitSince: start, DueAt: start, Alarm: test.alarm}
		got, follows, err := r.Next(RecoveryInput{Step: StepDue}, Clock{Policy: test.policy}, start.Add(test.now))
		var tell []Audience
		for _, s := range follows.Tell {
			tell = append(tell, s.Whom)
		}
		if err != nil || !slices.Equal(tell, test.tell) || !slices.Equal(follows.Late, test.late) || got.DueAt.Sub(start) != test.next {
			t.Errorf("%s: tells %v, late %v, next after %v, %v; want %v, %v, %v", test.name, tell, follows.Late, got.DueAt.Sub(start), err, test.tell, test.late, test.next)
		}
	}
}

func TestANewPolicyTakesOver(t *testing.T) {
	start := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	was := Clock{}
	at := func(d ...time.Duration) Clock {
		var p EscalationPolicy
		for _, d := range d {
			p.Steps = append(p.Steps, PolicyStep{After: d, Whom: ToTeam})
		}
		return Clock{Policy: p}
	}
	for _, test := range []struct {
		name string
		told int // rungs of the default policy
		is   Clock
		due  time.Duration
	}{
		{"told nothing yet", 0, at(time.Minute), time.Minute},
		{"told at 5 min, next one sooner", 2, at(0, 10*time.Minute, 20*time.Minute), 10 * time.Minute},
		{"told at 30 min, all before is over", 3, at(0, 10*time.Minute, 31*time.Minute), 31 * time.Minute},
		{"only repeats are left", 4, at(0), 3 * time.Hour},
	} {
		r := Recovery{State: RecoveryWaiting, WaitSince: start, PolicyStep: test.told}
		r.plan(was)
		if got, _ := r.Replan(was, test.is); got.DueAt.Sub(start) != test.due {
			t.Errorf("%s: due after %v, want %v", test.name, got.DueAt.Sub(start), test.due)
		}
		if _, err := r.Replan(was, was); !errors.Is(err, ErrStale) {
			t.Errorf("%s: the same policy changes something: %v", test.name, err)
		}
	}
}

func TestAPolicyInOpenHoursStandsStillWhileClosed(t *testing.T) {
	zone := time.UTC
	s := Schedule{Weekly: Hours{{time.Monday, 8 * 60, 17 * 60}, {time.Tuesday, 8 * 60, 17 * 60}}}
	clock := Clock{Policy: EscalationPolicy{Runs: RunsInOpenHours}, Open: func(since time.Time, d time.Duration) time.Time {
		return s.OpenAfter(since, d, zone, nil)
	}}
	evening := time.Date(2026, 11, 23, 16, 50, 0, 0, zone) // Monday, ten minutes before closing
	r := Recovery{State: RecoveryWaiting, WaitSince: evening}
	for n, want := range []string{"Mon 16:50", "Mon 16:55", "Tue 08:20", "Tue 09:50", "Tue 10:50"} {
		if got := clock.Due(r, n).Format("Mon 15:04"); got != want {
			t.Errorf("rung %d is due %s, want %s", n, got, want)
		}
	}
	r.Urgent = true
	if got := clock.Due(r, 2).Format("Mon 15:04"); got != "Mon 17:20" {
		t.Errorf("an urgent one is due %s, want Mon 17:20", got)
	}
	never := Schedule{Override: Override{Until: evening.AddDate(3, 0, 0)}}
	if got := never.OpenAfter(evening, time.Hour, zone, nil); !got.Equal(evening.Add(time.Hour)) {
		t.Errorf("where it never opens, the hour is over at %v", got)
	}
}

func TestUrgentWords(t *testing.T) {
	for text, want := range map[string]bool{
		"I smell GAS in the kitchen!": true, "we have no heat": true, "My son’s been arrested.": true, "can't breathe": true,
		"Can you fix my boiler?": false, "gastropub sink": false, "What do you charge?": false, "": false, "é ist URGENTE": true,
	} {
		if got := (EscalationPolicy{}).Urgent(text); got != want {
			t.Errorf("%q: urgent %v, want %v", text, got, want)
		}
	}
	own := EscalationPolicy{UrgentWords: []string{"Toothache"}}
	if !own.Urgent("bad toothache") || own.Urgent("flood") {
		t.Error("a business's own words are not the ones that count")
	}
}
