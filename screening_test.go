package rebound_test

import (
	"testing"
	"time"

	"rebound"
)

// picked is a call in which Mike's phone answered so many seconds after it rang; key: with a key pressed.
func picked(kind rebound.DestinationKind, seconds float64, key bool) rebound.Call {
	rang := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	answered := rang.Add(time.Duration(seconds * float64(time.Second)))
	leg := rebound.Leg{RangAt: rang, AnsweredAt: answered}
	if key {
		leg.AcceptedAt = answered.Add(2 * time.Second)
	}
	if seconds == 0 {
		leg.AnsweredAt = time.Time{}
	}
	return rebound.Call{
		Plan: rebound.Plan{Steps: []rebound.Step{{Kind: rebound.RingStep, Targets: []rebound.Target{
			{Member: "mike", Name: "Mike", Destination: rebound.Destination{Kind: kind, Number: "+14155550111"}},
		}}}},
		Legs: []rebound.Leg{leg},
	}
}

func TestAVoicemailThatTakesCallsIsFound(t *testing.T) {
	cells := func(seconds ...float64) []rebound.Call {
		var calls []rebound.Call
		for _, s := range seconds {
			calls = append(calls, picked(rebound.Cell, s, false))
		}
		return calls
	}
	for name, test := range map[string]struct {
		calls []rebound.Call
		want  int // calls; 0: nothing is found
		ring  time.Duration
	}{
		"seven at 23 s":              {cells(23, 22.8, 23.4, 23.1, 22.9, 23, 23.2), 7, 18 * time.Second},
		"and one that was declined":  {cells(23, 23, 23, 23, 4), 4, 18 * time.Second},
		"two could be chance":        {cells(23, 23), 0, 0},
		"people answer at all times": {cells(9, 14, 19, 23), 0, 0},
		"half and half":              {cells(23, 23, 23, 9, 14, 19), 0, 0},
		"a phone that is off":        {cells(2, 2, 2, 2), 0, 0},
		"early, but not at once":     {cells(9, 9, 9), 3, 5 * time.Second},
		"nobody picked up":           {cells(0, 0, 0), 0, 0},
		"keys were pressed":          {[]rebound.Call{picked(rebound.Cell, 23, true), picked(rebound.Cell, 23, true), picked(rebound.Cell, 23, true)}, 0, 0},
		"a desk phone needs no key":  {[]rebound.Call{picked(rebound.Desk, 23, false), picked(rebound.Desk, 23, false), picked(rebound.Desk, 23, false)}, 0, 0},
		"no calls":                   {nil, 0, 0},
	} {
		got := rebound.Pickups(test.calls)
		switch {
		case test.want == 0 && len(got) > 0:
			t.Errorf("%s: found %+v", name, got)
		case test.want > 0 && (len(got) != 1 || got[0].Calls != test.want || got[0].Ring != test.ring || got[0].Name != "Mike"):
			t.Errorf("%s: found %+v, want %d calls and %v", name, got, test.want, test.ring)
		}
	}
}

func TestShorteningRingsAMemberLessEverywhereOnTheLine(t *testing.T) {
	day, ray := rebound.Whom{Team: "day"}, rebound.Whom{Member: "ray"}
	route := rebound.Route{
		Open: []rebound.RouteStep{
			{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "Press 1", Choices: []rebound.Choice{{Key: "1", Name: "x", Steps: []rebound.RouteStep{ringFor(day, "", 0)}}}}},
			ringFor(day, "", 12), ringFor(ray, "", 30),
		},
		Closed: []rebound.RouteStep{ringFor(rebound.Whom{Member: "ana"}, "", 25)},
	}
	before := shop(route)
	d := before
	if !d.Shorten("main", "ana", 18*time.Second) {
		t.Error("nothing was shortened")
	}
	r := d.Routes[0]
	for name, got := range map[string]time.Duration{
		"18s behind a key, where it was the default": r.Open[0].Menu.Choices[0].Steps[0].For, "18s when closed": r.Closed[0].For,
		"12s, which is short enough": r.Open[1].For, "30s of somebody else": r.Open[2].For,
	} {
		if want := name[:3]; got.String() != want {
			t.Errorf("%v, want %s", got, name)
		}
	}
	if before.Routes[0].Closed[0].For != 25*time.Second || before.Routes[0].Open[0].Menu.Choices[0].Steps[0].For != 0 {
		t.Error("the declaration from which it came was changed too")
	}
	if d.Shorten("main", "ana", 18*time.Second) {
		t.Error("a second time changes something")
	}
	if !d.Shorten("short", "ben", 18*time.Second) || d.Lines[1].RingFor != 18*time.Second {
		t.Errorf("the line's own words: %+v", d.Lines[1])
	}
}
