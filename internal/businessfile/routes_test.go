package businessfile_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/businessfile"
	"rebound/internal/config"
)

// routed is least with a route, of which rest is the open steps and what follows.
func routed(rest string) string {
	return strings.Replace(with("415 555 0100\n", "415 555 0100\n    route: calls\n"),
		"lines:\n", "routes:\n  calls:\n    open:\n"+rest+"lines:\n", 1)
}

func TestARoute(t *testing.T) {
	d := parseOne(t, routed(`      - ring: {owner: true}
        for: 15s
      - menu:
          say: For emergencies press 1.
          wait: 7s
          tries: 3
          keys:
            1: {name: emergencies, steps: [{ring: {member: ana}}, {end: voicemail}]}
            "#": {name: sales, steps: [{ring: {team: all}, by: longest_idle}]}
      - ring: {desk: 415 555 0190}
      - end: greet
        greeting:
          say: Goodbye.
    closed:
      - ring:
          sip: sip:night@answering.example
    fallback: {team: all}
`)+"vip:\n  415 555 0177: the hospital\n")
	want := rebound.Route{
		ID: "calls", Business: "acme", Name: "calls",
		Open: []rebound.RouteStep{
			{Kind: rebound.RingStep, Whom: rebound.Whom{Owner: true}, For: 15 * time.Second},
			{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "For emergencies press 1.", Wait: 7 * time.Second, Tries: 3, Choices: []rebound.Choice{
				{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{{Kind: rebound.RingStep, Whom: rebound.Whom{Member: "ana"}}, {Kind: rebound.VoicemailStep}}},
				{Key: "#", Name: "sales", Steps: []rebound.RouteStep{{Kind: rebound.RingStep, Whom: rebound.Whom{Team: "all"}, Strategy: rebound.LongestIdle}}},
			}}},
			{Kind: rebound.RingStep, Whom: rebound.Whom{Outside: rebound.Destination{Kind: rebound.Desk, Number: "+14155550190"}}},
			{Kind: rebound.GreetStep, Greeting: rebound.Greeting{Say: "Goodbye."}},
		},
		Closed:   []rebound.RouteStep{{Kind: rebound.RingStep, Whom: rebound.Whom{Outside: rebound.Destination{Kind: rebound.SIP, Address: "sip:night@answering.example"}}}},
		Fallback: rebound.Whom{Team: "all"},
	}
	if len(d.Routes) != 1 || !reflect.DeepEqual(d.Routes[0], want) {
		t.Errorf("got  %+v\nwant %+v", d.Routes, want)
	}
	if l := d.Lines[0]; l.Route != "calls" || l.Team != "" || l.Strategy != "" || l.RingFor != 0 {
		t.Errorf("the line rings by its route and by words of its own: %+v", l)
	}
	if want := []rebound.VIPNumber{{Number: "+14155550177", Note: "the hospital"}}; !reflect.DeepEqual(d.VIPs, want) {
		t.Errorf("VIPs %+v, want %+v", d.VIPs, want)
	}
}

func TestProblemsOfRoutesAreToldWithTheirPlaceAndRemedy(t *testing.T) {
	menu := func(inside string) string { return "      - menu:\n          say: x\n          keys:\n" + inside }
	nest := func(inner string) string { return "{name: x, steps: [{menu: {say: x, keys: {1: " + inner + "}}}]}" }
	ring := "{name: x, steps: [{ring: {team: all}}]}"
	for _, test := range []struct{ name, text, want string }{
		{"unknown route", strings.Replace(routed("      - end: greet\n"), "route: calls", "route: cals", 1), "26:12: lines.main.route: there is no route \"cals\" … did you mean calls?"},
		{"route and team", strings.Replace(routed("      - end: greet\n"), "route: calls", "route: calls\n    team: all", 1), "27:11: lines.main.team: the line's route says who rings … remove"},
		{"unknown team", routed("      - ring: {team: al}\n"), "22:22: routes.calls.open[0].ring.team: there is no team \"al\" … did you mean all?"},
		{"unknown member", routed("      - ring: {member: anna}\n"), "22:24: routes.calls.open[0].ring.member: there is no member \"anna\" … did you mean ana?"},
		{"member without a phone", strings.Replace(routed("      - ring: {member: ben}\n"), "teams:", "  ben: {name: Ben}\nteams:", 1), "23:24: routes.calls.open[0].ring.member: Ben has no phone; give one under members.ben.rings"},
		{"nobody", routed("      - ring: {}\n"), "22:15: routes.calls.open[0].ring: this must name one who rings"},
		{"two of them", routed("      - ring: {team: all, member: ana}\n"), "22:16: routes.calls.open[0].ring: this must name one who rings … team, member"},
		{"no owner", routed("      - ring: {owner: false}\n"), "22:16: routes.calls.open[0].ring: this must name one who rings"},
		{"own number", routed("      - ring: {desk: 415 555 0100}\n"), "25:13: lines.main.number: the route calls rings this number … circle … routes.calls"},
		{"own number behind a key", routed(menu("            1: {name: x, steps: [{ring: {cell: 415 555 0100}}]}\n")), "28:13: lines.main.number: the route calls rings this number"},
		{"own number as fallback", routed("      - end: greet\n    fallback: {desk: 415 555 0100}\n"), "26:13: lines.main.number: the route calls rings this number"},
		{"no step", routed("      - for: 5s\n"), "22:9: routes.calls.open: this must be one step … ring, menu and end"},
		{"two steps in one", routed("      - ring: {team: all}\n        end: greet\n"), "22:9: routes.calls.open: this must be one step"},
		{"strategy of nothing", routed("      - end: greet\n        by: together\n"), "23:13: routes.calls.open[0].by: it belongs to ring"},
		{"greeting of nobody", routed("      - ring: {team: all}\n        greeting: {say: x}\n"), "23:20: routes.calls.open[0].greeting: it belongs to end"},
		{"strategy", routed("      - ring: {team: all}\n        by: random\n"), "23:13: routes.calls.open[0].by: \"random\" is not possible here … round_robin"},
		{"ring too long", routed("      - ring: {team: all}\n        for: 3m\n"), "23:14: routes.calls.open[0].for: 3m is out of range … 5s to 2m"},
		{"end", routed("      - end: hang_up\n"), "22:14: routes.calls.open[0].end: \"hang_up\" is not possible here … voicemail"},
		{"steps behind the end", routed("      - end: greet\n      - ring: {team: all}\n"), "23:9: routes.calls.open: no call comes to this step"},
		{"no steps", strings.Replace(routed(""), "    open:\n", "    open: []\n", 1), "21:11: routes.calls.open: the list is empty"},
		{"unknown key", routed("      - rings: {team: all}\n"), "22:9: routes.calls.open[0].rings: there is no such key … did you mean ring?"},
		{"silent menu", routed("      - menu:\n          keys:\n            1: " + ring + "\n"), "23:11: routes.calls.open[0].menu: the menu says nothing … say:"},
		{"menu without keys", routed("      - menu:\n          say: x\n"), "23:11: routes.calls.open[0].menu.keys: it is missing"},
		{"no key of a phone", routed(menu("            10: " + ring + "\n")), "25:13: routes.calls.open[0].menu.keys.10: \"10\" is no key of a phone … 0 to 9"},
		{"key twice", routed(menu("            1: " + ring + "\n            1: " + ring + "\n")), "26:13: key \"1\" stands here a second time"},
		{"key without steps", routed(menu("            1: {name: x}\n")), "25:17: routes.calls.open[0].menu.keys.1.steps: it is missing"},
		{"key without a name", routed(menu("            1: {steps: [{ring: {team: all}}]}\n")), "25:17: routes.calls.open[0].menu.keys.1.name: it is missing"},
		{"too many tries", routed("      - menu:\n          say: x\n          tries: 9\n          keys:\n            1: " + ring + "\n"), "24:18: routes.calls.open[0].menu.tries: 9 is too many; write 1 to 5"},
		{"menus too deep", routed(menu("            1: " + nest(nest(nest(ring))) + "\n")), "25:130: … menu for the 4th time in a row … menu before it"},
	} {
		ds, err := businessfile.Parse([]byte(test.text))
		var problems config.Problems
		if !errors.As(err, &problems) || ds != nil {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
			continue
		}
		if test.name != "unknown key" && len(problems) != 1 {
			t.Errorf("%s: %d problems, want one:\n%s", test.name, len(problems), err)
		}
		if !says(err.Error(), test.want) {
			t.Errorf("%s:\n got  %s\n want %s", test.name, err, test.want)
		}
	}
}

// Three menus in a row are what a route may have, and a route that no line names is none's harm.
func TestWhatARouteMayBe(t *testing.T) {
	inner := "{name: x, steps: [{ring: {team: all}}]}"
	for range 2 {
		inner = "{name: x, steps: [{menu: {say: x, keys: {1: " + inner + "}}}]}"
	}
	d := parseOne(t, routed("      - menu: {say: x, keys: {1: "+inner+"}}\n"))
	depth := 0
	for s := range d.Routes[0].Steps {
		if s.Kind == rebound.MenuStep {
			depth++
		}
	}
	if depth != rebound.DeepestMenu {
		t.Errorf("%d menus, want %d", depth, rebound.DeepestMenu)
	}
	parseOne(t, strings.Replace(routed("      - ring: {team: all}\n"), "    route: calls\n", "", 1))
}
