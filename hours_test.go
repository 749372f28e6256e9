package rebound

import "testing"

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
