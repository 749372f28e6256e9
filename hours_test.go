package rebound

import (
	"testing"
	"time"
)

func TestHoursOpen(t *testing.T) {
	h := Hours{
		{Day: time.Tuesday, From: 8 * 60, To: 12 * 60}, {Day: time.Tuesday, From: 13 * 60, To: 17*60 + 30},
		{Day: time.Saturday, From: 22 * 60, To: 26 * 60}, // to 2 on Sunday
	}
	if err := h.Check(); err != nil {
		t.Fatal(err)
	}
	day := func(d, hour, minute int) time.Time { return time.Date(2026, 11, d, hour, minute, 0, 0, time.UTC) }
	for _, test := range []struct {
		at   time.Time
		open bool
	}{
		{day(24, 7, 59), false}, {day(24, 8, 0), true}, {day(24, 11, 59), true}, {day(24, 12, 0), false}, {day(24, 13, 0), true},
		{day(24, 17, 29), true}, {day(24, 17, 30), false}, {day(25, 9, 0), false},
		{day(28, 21, 59), false}, {day(28, 22, 0), true}, {day(29, 1, 59), true}, {day(29, 2, 0), false},
	} {
		if got := h.Open(test.at); got != test.open {
			t.Errorf("%s: open %v", test.at.Format("Mon 15:04"), got)
		}
	}
	if !Hours(nil).Open(day(25, 3, 0)) {
		t.Error("no hours are not always open")
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
