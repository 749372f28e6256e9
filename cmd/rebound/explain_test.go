package main

import (
	"strings"
	"testing"
)

// routed is the plumber with a route: a menu, then overflow; closed, Ana alone.
var routed = strings.Replace(plumber, "lines:\n  main: {number: 415 555 0100, ", `routes:
  calls:
    open:
      - menu:
          say: For emergencies press 1.
          keys:
            1: {name: emergencies, steps: [{ring: {member: ana}}, {end: voicemail}]}
            2: {name: sales, steps: [{ring: {member: ben}}]}
      - ring: {team: all}
        by: in_order
        for: 15s
    closed:
      - ring: {member: ana}
    fallback: {desk: 415 555 0190}
lines:
  main: {route: calls, number: 415 555 0100, `, 1)

func TestExplainTellsWhoWouldRing(t *testing.T) {
	o := newOperator(t)
	file := o.writes("business.yaml", routed)
	o.runs(0, "apply", file)
	asks := func(at string) string {
		stdout, _ := o.runs(0, "explain", "--business", "acme", "--line", "main", "--from", "+14155550177", "--at", at)
		return stdout
	}
	want := `Acme Plumbing, line main, a call Tue Nov 24 2026 16:59 (America/New_York):
  1. open until 5:00 PM: menu
     key 1: goes to 2
     key 2: goes to 4
     no key, said 2 times: goes to 5
  2. pressed 1 for emergencies: rings Ana for 20 s
  3. nobody accepted: voicemail
  4. pressed 2 for sales: rings Ben for 20 s
  5. after the menu: rings Ben for 15 s
  6. nobody accepted: rings Ana for 15 s
  7. nobody accepted: voicemail
Phones ring for 50 s at most.
`
	if got := asks("2026-11-24 16:59"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	wants(t, asks("2026-11-24 18:05"), "1. closed until Wed 8:00 AM: rings Ana for 20 s", "2. nobody accepted: voicemail", "called after_hours")

	o.writes("business.yaml", strings.Replace(routed, "ana: {name: Ana,", "ana: {name: Ana, off_duty: true,", 1))
	o.runs(0, "apply", file)
	wants(t, asks("2026-11-24 18:05"), "1. closed until Wed 8:00 AM, nobody on duty: rings (415) 555-0190 for 20 s", "not rung: Ana: not taking calls", "! Nobody was on duty")
	stdout, _ := o.runs(0, "explain", "--from", "415 555 0199")
	wants(t, stdout, "a call now", "1. the number is blocked")
}

func TestExplainSaysWhatItCannotTell(t *testing.T) {
	o := newOperator(t)
	_, stderr := o.runs(2, "explain")
	wants(t, stderr, "there is no business; declare one")
	o.runs(0, "apply", o.writes("business.yaml", plumber))
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"--business", "acne"}, `there is no business "acne"; did you mean acme?`},
		{[]string{"--line", "mian"}, `there is no line "mian"; did you mean main?`},
		{[]string{"--at", "tomorrow"}, `--at "tomorrow" is no time; write it like "2026-11-24 18:05"`},
		{[]string{"--at", "2026-03-08 02:30"}, "clocks in America/New_York leap over that time"},
	} {
		_, stderr := o.runs(2, append([]string{"explain"}, test.args...)...)
		wants(t, stderr, test.want)
	}
}

// What was applied comes back as it was, so that an edit on the screen loses nothing of the file.
func TestRoutesComeBackByExport(t *testing.T) {
	o := newOperator(t)
	file := o.writes("business.yaml", routed+"vip:\n  415 555 0177: the hospital\n")
	o.runs(0, "apply", file)
	stdout, _ := o.runs(0, "export")
	wants(t, stdout, "route: calls", "by: in_order", "the hospital", "fallback:")
	again, _ := o.runs(0, "apply", o.writes("export.yaml", stdout))
	if again != "acme: nothing to change\n" {
		t.Errorf("what was exported differs from what was applied:\n%s", again)
	}
	stdout, _ = o.runs(0, "apply", o.writes("business.yaml", plumber))
	wants(t, stdout, "- routes.calls.open", "- lines.main.route: calls", "+ lines.main.team: all")
	if stdout, _ = o.runs(0, "export"); strings.Contains(stdout, "routes:") || strings.Contains(stdout, "vip:") {
		t.Errorf("what the file no longer names is still there:\n%s", stdout)
	}
}
