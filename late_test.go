package rebound

import (
	"errors"
	"testing"
	"time"
)

// What is learned of late is judged by when it happened.
func TestAnEventCountsFromWhenItHappened(t *testing.T) {
	began := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	c := Call{ArrivedAt: began, Plan: ringing(target("ana", Cell))}
	ev := ended(EndNoAnswer)
	ev.At = began.Add(8 * time.Second)
	if err := c.Apply(ev, began.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if c.State != CallMissed || c.Reason != Abandoned || !c.MissedAt.Equal(ev.At) || !c.EndedAt.Equal(ev.At) {
		t.Errorf("%s %s, missed at %v, ended at %v", c.State, c.Reason, c.MissedAt, c.EndedAt)
	}
}

// That a call arrived is news where only its end was told.
func TestACallIsUnheardUntilItArrives(t *testing.T) {
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	c := Call{ArrivedAt: now.Add(-3 * time.Second), Plan: ringing(target("ana", Cell)), Unheard: true}
	if err := c.Apply(ended(EndCompleted), now); err != nil || !c.Unheard {
		t.Errorf("its end: %v, unheard: %t", err, c.Unheard)
	}
	if c.Judge(now.Add(Grace)); c.State != CallMissed || c.Reason != Failed {
		t.Errorf("%s %s: whatever answered, it was not our plan", c.State, c.Reason)
	}
	for _, want := range []error{nil, ErrStale} {
		if err := c.Apply(CallEvent{Kind: CallArrived}, now); !errors.Is(err, want) || c.Unheard {
			t.Errorf("its arrival: %v, want %v; unheard: %t", err, want, c.Unheard)
		}
	}
}

func TestTooLate(t *testing.T) {
	for _, test := range []struct {
		after time.Duration
		quiet bool
		want  bool
	}{{0, true, false}, {LateAfter, true, false}, {LateAfter + 1, true, true}, {LateAfter + 1, false, false}, {FreshFor, false, false}, {FreshFor + 1, false, true}} {
		if got := TooLate(test.after, test.quiet); got != test.want {
			t.Errorf("%v after, quiet: %t: %t", test.after, test.quiet, got)
		}
	}
}
