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
		{0, "0 s", "5 m mark in 5 m", "", "3 100"},
		{4 * time.Minute, "4 m", "5 m mark in 1 m", "", "80 100"},
		{5 * time.Minute, "5 m", "30 m mark in 25 m", "", "3 100"},
		{19*time.Minute + 59*time.Second, "19 m", "30 m mark in 11 m", "", "59 100"},
		{20 * time.Minute, "20 m", "30 m mark in 10 m", "is-warn", "60 100"},
		{30 * time.Minute, "30 m", "2 h mark in 1 h 30 m", "is-warn", "3 100"},
		{119 * time.Minute, "1 h 59 m", "2 h mark in 1 m", "is-warn", "98 100"},
		{2 * time.Hour, "2 h", "over 2 h", "is-crit", "100 100"},
		{50 * time.Hour, "2 d 2 h", "over 2 h", "is-crit", "100 100"},
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
	if spaced(w.Next) != "over 45 m" || w.Level != "is-warn" {
		t.Errorf("past the only step: %+v, want over 45 m, amber and never red", w)
	}
}
