package rebound_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// shop is a business of three, with a line that rings them as route says.
func shop(route rebound.Route) rebound.Declaration {
	member := func(id, name string, n phone.Number) rebound.Member {
		return rebound.Member{ID: rebound.MemberID(id), Name: name, Rings: []rebound.Destination{{Kind: rebound.Cell, Number: n}}}
	}
	route.ID = "main"
	return rebound.Declaration{
		Business: rebound.Business{ID: "acme", Name: "Acme", Country: "US"},
		Members:  []rebound.Member{member("ana", "Ana", "+14155550111"), member("ben", "Ben", "+14155550112"), member("ray", "Ray", "+14155550113")},
		Teams:    []rebound.Team{{ID: "day", Name: "Day team", Members: []rebound.MemberID{"ana", "ben", "gone"}}},
		Routes:   []rebound.Route{route},
		Lines: []rebound.Line{
			{ID: "main", Name: "Main line", Route: "main"},
			{ID: "short", Name: "Short line", Team: "day", Strategy: rebound.InOrder, RingFor: 20 * time.Second},
			{ID: "lost", Route: "gone"},
		},
	}
}

func ringFor(w rebound.Whom, by rebound.RingStrategy, seconds int) rebound.RouteStep {
	return rebound.RouteStep{Kind: rebound.RingStep, Whom: w, Strategy: by, For: time.Duration(seconds) * time.Second}
}

func TestTheFullPlanRingsAsLongAsACallerCanBeKept(t *testing.T) {
	day, ray := rebound.Whom{Team: "day"}, rebound.Whom{Member: "ray"}
	d := shop(rebound.Route{
		Open: []rebound.RouteStep{
			ringFor(rebound.Whom{Owner: true}, "", 10),
			{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "Press 1", Choices: []rebound.Choice{
				{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{ringFor(day, rebound.Together, 12), {Kind: rebound.VoicemailStep}}},
			}}},
			ringFor(day, rebound.InOrder, 15), ringFor(ray, "", 0),
		},
		VIP: []rebound.RouteStep{ringFor(ray, "", 30)},
	})
	for _, test := range []struct {
		line rebound.LineID
		way  rebound.RouteWay
		want time.Duration
	}{
		{"main", rebound.OpenWay, (10 + 15 + 15 + 20) * time.Second},
		{"main", rebound.ClosedWay, 0},
		{"main", rebound.VIPWay, 30 * time.Second},
		{"short", rebound.OpenWay, 40 * time.Second},
		{"lost", rebound.OpenWay, 0},
	} {
		for _, l := range d.Lines {
			if l.ID != test.line {
				continue
			}
			if got := d.FullPlan(l, d.RouteOf(l), test.way).RingTime(); got != test.want {
				t.Errorf("%s, %s: rings for %v, want %v", test.line, test.way, got, test.want)
			}
		}
	}
}

func TestAWalkFollowsTheKeys(t *testing.T) {
	day, ray := rebound.Whom{Team: "day"}, rebound.Whom{Member: "ray"}
	d := shop(rebound.Route{Open: []rebound.RouteStep{
		{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "one two three four five", Wait: 4 * time.Second, Tries: 2, Choices: []rebound.Choice{
			{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{ringFor(ray, "", 10), {Kind: rebound.GreetStep}}},
			{Key: "2", Name: "all else", Steps: []rebound.RouteStep{ringFor(day, "", 15)}},
		}}},
		ringFor(day, "", 20),
	}})
	plan := d.FullPlan(d.Lines[0], d.Routes[0], rebound.OpenWay)
	for keys, want := range map[string]string{
		"":   "menu 0s, Ana+Ben 10s, voicemail 30s", // 2 s of speech, twice 4 s
		"9":  "menu 0s, Ana+Ben 10s, voicemail 30s",
		"1":  "menu 0s, Ray 2s, greet 12s",
		"2":  "menu 0s, Ana+Ben 2s, Ana+Ben 17s, voicemail 37s",
		"12": "menu 0s, Ray 2s, greet 12s",
	} {
		var said []string
		for _, stop := range plan.Walk(keys) {
			s := plan.Steps[stop.Step]
			words := string(s.Kind)
			if s.Kind == rebound.RingStep {
				words = ""
				for _, target := range s.Targets {
					words = strings.TrimPrefix(words+"+"+target.Name, "+")
				}
			}
			said = append(said, fmt.Sprintf("%s %v", words, stop.After))
		}
		if got := strings.Join(said, ", "); got != want {
			t.Errorf("keys %q: %s, want %s", keys, got, want)
		}
	}
}
