package web

import (
	"testing"
	"time"

	"rebound"
)

func TestClockOfAWait(t *testing.T) {
	since := at(t, "10:30:00")
	for _, c := range []struct {
		after                      time.Duration
		waited, next, level, share string
	}{
		{0, "0 s", "second alert in 5 m", "", "3 100"},
		{4 * time.Minute, "4 m", "second alert in 1 m", "", "80 100"},
		{5 * time.Minute, "5 m", "reminder in 25 m", "", "3 100"},
		{19*time.Minute + 59*time.Second, "19 m", "reminder in 11 m", "", "59 100"},
		{20 * time.Minute, "20 m", "reminder in 10 m", "is-warn", "60 100"},
		{30 * time.Minute, "30 m", "supervisor in 1 h 30 m", "is-warn", "3 100"},
		{119 * time.Minute, "1 h 59 m", "supervisor in 1 m", "is-warn", "98 100"},
		{2 * time.Hour, "2 h", "supervisor alerted", "is-crit", "100 100"},
		{50 * time.Hour, "2 d 2 h", "supervisor alerted", "is-crit", "100 100"},
	} {
		w := sceneAt(t, since.Add(c.after)).wait(rebound.Recovery{WaitSince: since})
		if spaced(w.Waited) != c.waited || spaced(w.Next) != c.next || w.Level != c.level || w.Dash != c.share {
			t.Errorf("after %s: %q, %q, %q, %q; want %q, %q, %q, %q", c.after, w.Waited, w.Next, w.Level, w.Dash, c.waited, c.next, c.level, c.share)
		}
	}
}

func TestClockOfAnotherPolicy(t *testing.T) {
	since := at(t, "10:30:00")
	sc := sceneAt(t, since.Add(time.Hour))
	sc.business.Policy.Steps = []rebound.PolicyStep{{After: 45 * time.Minute, Whom: rebound.ToTeam}}
	w := sc.wait(rebound.Recovery{WaitSince: since})
	if spaced(w.Next) != "reminded" || w.Level != "is-warn" {
		t.Errorf("past the only step: %+v, want reminded, amber and never red", w)
	}
}
