package main

import (
	"os"
	"strings"
	"testing"
)

const plumber = `business: acme
name: Acme Plumbing
zone: America/New_York
country: US
contact: Call us.
connections:
  main: {carrier: twilio, account: AC00000000000000000000000000000000, auth_token: env:TOKEN}
members:
  ana: {name: Ana, rings: [{cell: 415 555 0134}]}
  ben: {name: Ben, rings: [{cell: 415 555 0135}]}
teams:
  all: {members: [ben, ana]}
lines:
  main: {number: 415 555 0100, hours: {mon-fri: "8:00-17:00"}}
blocked:
  415 555 0199: sells roofs
`

func TestApplyShowsAndMakesTheDifferenceOnce(t *testing.T) {
	o := newOperator(t)
	file := o.writes("business.yaml", plumber)

	stdout, _ := o.runs(0, "apply", "--dry-run", file)
	wants(t, stdout, "+ name: Acme Plumbing", "+ lines.main.ring_for: 20s", "nothing was changed")
	stdout, _ = o.runs(0, "export")
	if stdout != "" {
		t.Errorf("a dry run has declared\n%s", stdout)
	}

	stdout, _ = o.runs(0, "apply", file)
	wants(t, stdout, "+ teams.all.members: [ben, ana]", "changes made")
	stdout, _ = o.runs(0, "apply", file)
	if stdout != "acme: nothing to change\n" {
		t.Errorf("applied a second time it says\n%s", stdout)
	}

	o.writes("business.yaml", strings.NewReplacer("8:00-17:00\"}", "8:00-17:00\"}, ring_for: 25s", "[ben, ana]", "[ana]",
		"  ben: {name: Ben, rings: [{cell: 415 555 0135}]}\n", "", "blocked:\n  415 555 0199: sells roofs\n", "").Replace(plumber))
	stdout, _ = o.runs(0, "apply", file, "--dry-run")
	want := `acme:
  ~ teams.all.members: [ben, ana] → [ana]
  ~ lines.main.ring_for: 20s → 25s
  - members.ben.name: Ben
  - members.ben.rings: [cell +1 415-555-0135]
  - blocked.+1 415-555-0199: sells roofs
acme: 5 changes to make; nothing was changed (--dry-run)
`
	if stdout != want {
		t.Errorf("got\n%swant\n%s", stdout, want)
	}
	o.runs(0, "apply", file)
	stdout, _ = o.runs(0, "apply", file)
	wants(t, stdout, "nothing to change")
}

func TestOneProblemVoidsTheWholeFile(t *testing.T) {
	o := newOperator(t)
	other := strings.NewReplacer("business: acme", "business: other", "0100", "0101", "zone: America/New_York", "zone: Nowhere").Replace(plumber)
	file := o.writes("business.yaml", plumber+"---\n"+other)
	_, stderr := o.runs(2, "apply", file)
	wants(t, stderr, "1 problem to mend", file+":20:7: zone: unknown time zone")
	if stdout, _ := o.runs(0, "export"); stdout != "" {
		t.Errorf("half of a bad file was declared:\n%s", stdout)
	}
}

func TestWhatIsExportedCanBeApplied(t *testing.T) {
	o := newOperator(t)
	data, err := os.ReadFile("../../examples/acme-plumbing.yaml")
	if err != nil {
		t.Fatal(err)
	}
	o.runs(0, "apply", o.writes("business.yaml", plumber+"---\n"+strings.ReplaceAll(string(data), "555-0100", "555-0177")))

	all, _ := o.runs(0, "export")
	wants(t, all, "business: acme\n", "---\nbusiness: acme-plumbing\n", "auth_token: env:TOKEN")
	stdout, _ := o.runs(0, "apply", o.writes("again.yaml", all))
	if want := "acme: nothing to change\nacme-plumbing: nothing to change\n"; stdout != want {
		t.Errorf("got\n%swant\n%s", stdout, want)
	}
	one, _ := o.runs(0, "export", "acme")
	if !strings.HasPrefix(all, one) || strings.Contains(one, "acme-plumbing") {
		t.Errorf("one business is exported as\n%s", one)
	}
	_, stderr := o.runs(2, "export", "acmee")
	wants(t, stderr, "did you mean acme?")
}

func TestWebhooksAreListedAndEnabled(t *testing.T) {
	o := newOperator(t)
	o.runs(0, "apply", o.writes("business.yaml", plumber+"webhooks:\n  crm: {url: https://crm.example/hook}\n"))
	stdout, _ := o.runs(0, "webhooks")
	wants(t, stdout, "acme: webhooks.crm answers")
	if strings.Contains(stdout, "whsec_") {
		t.Errorf("a secret is printed that nobody asked for\n%s", stdout)
	}
	stdout, _ = o.runs(0, "webhooks", "--secrets")
	wants(t, stdout, "checks signatures with whsec_")
	stdout, _ = o.runs(0, "webhooks", "--enable", "crm")
	wants(t, stdout, "told again")
	_, stderr := o.runs(1, "webhooks", "--enable", "none")
	wants(t, stderr, "R2253")
	_, stderr = o.runs(1, "webhooks", "--replay", "none")
	wants(t, stderr, "R2252")
}

func TestApplyPrintsTheSecretOfANewWebhookOnce(t *testing.T) {
	o := newOperator(t)
	file := o.writes("business.yaml", plumber+"webhooks:\n  crm: {url: https://crm.example/hook}\n  own: {url: https://own.example/hook, secret: env:OWN}\n")
	stdout, _ := o.runs(0, "apply", file)
	wants(t, stdout, "+ webhooks.crm.url: https://crm.example/hook", "the receiver of webhooks.crm checks signatures with whsec_")
	if strings.Contains(stdout, "webhooks.own checks") {
		t.Errorf("a secret of the owner's is printed\n%s", stdout)
	}
	o.writes("business.yaml", plumber+"webhooks:\n  crm: {url: https://crm.example/other}\n  own: {url: https://own.example/hook, secret: env:OWN}\n")
	stdout, _ = o.runs(0, "apply", file)
	if !strings.Contains(stdout, "1 change made") || strings.Contains(stdout, "whsec_") {
		t.Errorf("applied again it says\n%s", stdout)
	}
}
