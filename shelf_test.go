package rebound_test

import (
	"errors"
	"testing"
	"time"

	"rebound"
)

func TestSnoozesEndWithinAYear(t *testing.T) {
	now := time.Date(2026, 11, 17, 18, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		until time.Time
		ok    bool
	}{
		{time.Time{}, true}, {now.Add(time.Minute), true}, {now.Add(rebound.LongestSnooze), true},
		{now, false}, {now.Add(-time.Hour), false}, {now.Add(rebound.LongestSnooze + 1), false},
	} {
		got, err := rebound.Contact{Unread: true}.Snooze(c.until, now)
		if (err == nil) != c.ok {
			t.Errorf("until %v: %v", c.until, err)
		}
		if (got.Shelf == rebound.Snoozed) != c.ok || got.Unread == c.ok {
			t.Errorf("until %v: %+v", c.until, got)
		}
	}
}

func TestDoneNeedsContactOrAnOutcome(t *testing.T) {
	for state, ok := range map[rebound.RecoveryState]bool{
		"": true, rebound.RecoveryOpen: false, rebound.RecoveryWaiting: false, rebound.RecoveryContacted: true, rebound.RecoveryClosed: true,
	} {
		got, err := rebound.Contact{}.File(rebound.Recovery{State: state})
		var told *rebound.Error
		if ok != (err == nil) || !ok && (!errors.As(err, &told) || told.Code != "R3201") || (got.Shelf == rebound.Filed) != ok {
			t.Errorf("%q: %+v, %v", state, got, err)
		}
	}
}

func TestAContactsTimerIsTheFirstOfTheTwo(t *testing.T) {
	early, late := time.Unix(1000, 0), time.Unix(2000, 0)
	for _, c := range []struct{ settle, shelf, due time.Time }{
		{}, {settle: late, due: late}, {shelf: late, due: late}, {early, late, early}, {late, early, early},
	} {
		if got := (rebound.Contact{SettleAt: c.settle, ShelfUntil: c.shelf}).DueAt(); !got.Equal(c.due) {
			t.Errorf("settle %v, shelf %v: due %v", c.settle, c.shelf, got)
		}
	}
}
