package rebound_test

import (
	"reflect"
	"testing"
	"time"

	"rebound"
)

func TestAReplayCountsWhatTheChangeDoes(t *testing.T) {
	day, ray := rebound.Whom{Team: "day"}, rebound.Whom{Member: "ray"}
	menu := func(steps ...rebound.RouteStep) rebound.RouteStep {
		return rebound.RouteStep{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "Press 1", Choices: []rebound.Choice{{Key: "1", Name: "x", Steps: steps}}}}
	}
	plan := func(steps ...rebound.RouteStep) rebound.Plan {
		d := shop(rebound.Route{Open: steps})
		return d.FullPlan(d.Lines[0], d.Routes[0], rebound.OpenWay)
	}
	now := plan(menu(ringFor(day, "", 20)), ringFor(ray, "", 10))
	changed := plan(menu(ringFor(ray, "", 20)), rebound.RouteStep{Kind: rebound.GreetStep})
	pressed := rebound.Call{ID: "pressed", State: rebound.CallMissed, Plan: now, Presses: []rebound.Press{{Key: "1"}}, Rings: []rebound.Ring{{Step: 1}}}
	waited := rebound.Call{ID: "waited", State: rebound.CallAnswered, Plan: now, Presses: []rebound.Press{{}, {Try: 1}}}
	var r rebound.Replay
	r.Add(pressed, now, changed)
	r.Add(waited, now, changed)
	r.Add(waited, now, now)
	want := rebound.Replay{
		Calls: 3, Differ: 2,
		Now:     rebound.Courses{Phones: 3 + 1 + 1},
		Changed: rebound.Courses{Straight: 1, Phones: 1 + 0 + 1, Missed: 1},
		Examples: []rebound.Difference{
			{Call: "pressed", State: rebound.CallMissed,
				Now:     rebound.Course{Rings: []string{"Ana and Ben", "Ray"}, For: 30 * time.Second, End: rebound.VoicemailStep},
				Changed: rebound.Course{Rings: []string{"Ray"}, For: 20 * time.Second, End: rebound.GreetStep}},
			{Call: "waited", State: rebound.CallAnswered,
				Now:     rebound.Course{Rings: []string{"Ray"}, For: 10 * time.Second, End: rebound.VoicemailStep},
				Changed: rebound.Course{End: rebound.GreetStep}},
		},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got\n%+v\nwant\n%+v", r, want)
	}
}
