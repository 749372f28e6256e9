package businessfile_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/businessfile"
	"rebound/internal/config"
	"rebound/internal/phone"
)

const example = "../../examples/acme-plumbing.yaml"

func TestTheExampleDeclaresWhatItSays(t *testing.T) {
	d := parseOne(t, readExample(t))
	want := rebound.Declaration{
		Business: rebound.Business{
			ID: "acme-plumbing", Slug: "acme-plumbing", Name: "Acme Plumbing", Zone: "America/Los_Angeles", Country: "US",
			Contact: "Call (415) 555-0100 or write to office@acme.example.", JobValue: 35000,
			Schedule: rebound.Schedule{
				Weekly:   append(weekdaysFrom(8*60, 12*60, 13*60, 17*60+30), rebound.Shift{Day: time.Saturday, From: 9 * 60, To: 13 * 60}),
				Holidays: []string{"us.new_year", "us.memorial", "us.independence", "us.labor", "us.thanksgiving", "us.christmas"},
			},
			TextBack: rebound.TextBackPolicy{Delay: 10 * time.Second, Templates: rebound.Templates{
				Open: "Hi, this is {{business}}. Sorry we missed your call! What can we help you with? Reply STOP to opt out.",
			}},
		},
		Connections: []rebound.Connection{{
			ID: "acme-plumbing.twilio", Business: "acme-plumbing", Name: "twilio", Carrier: "twilio",
			Account: "AC00000000000000000000000000000000", AuthToken: "env:TWILIO_AUTH_TOKEN",
		}},
		Members: []rebound.Member{
			{ID: "ana", Business: "acme-plumbing", Name: "Ana Ruiz", Email: "ana@acme.example",
				Rings: []rebound.Destination{{Kind: rebound.Cell, Number: "+14155550134"}}},
			{ID: "ben", Business: "acme-plumbing", Name: "Ben Olsen", Role: rebound.Supervisor,
				Rings: []rebound.Destination{{Kind: rebound.Cell, Number: "+14155550135"}, {Kind: rebound.Desk, Number: "+14155550136"}}},
		},
		Teams: []rebound.Team{{ID: "plumbers", Business: "acme-plumbing", Name: "Plumbers", Members: []rebound.MemberID{"ana", "ben"}}},
		Lines: []rebound.Line{{
			ID: "main", Business: "acme-plumbing", Connection: "acme-plumbing.twilio", Name: "Main line", Number: "+14155550100",
			Team: "plumbers", Strategy: rebound.Together, RingFor: 20 * time.Second,
			Greeting: rebound.Greeting{
				Say:    "You have reached Acme Plumbing. All of us are on a job. Leave a message, and we will text you.",
				Closed: "You have reached Acme Plumbing. We are closed. Leave a message, and we will text you.",
			},
			Voicemail: rebound.VoicemailRules{MaxLength: 2 * time.Minute, EndSilence: 5 * time.Second},
		}},
	}
	if !reflect.DeepEqual(d, want) {
		t.Errorf("got  %+v\nwant %+v", d, want)
	}
}

func weekdaysFrom(clocks ...int) rebound.Hours {
	var week rebound.Hours
	for day := time.Monday; day <= time.Friday; day++ {
		for i := 0; i < len(clocks); i += 2 {
			week = append(week, rebound.Shift{Day: day, From: clocks[i], To: clocks[i+1]})
		}
	}
	return week
}

func TestTheExamplesCommentsAreValidToo(t *testing.T) {
	var all []string
	for line := range strings.SplitSeq(readExample(t), "\n") {
		commented, is := strings.CutPrefix(strings.TrimLeft(line, " "), "# ")
		if setting := strings.Contains(commented, ":") || strings.HasPrefix(commented, "  "); is && setting && isSetting(commented) {
			line = strings.Repeat(" ", strings.Index(line, "#")) + commented
		}
		all = append(all, line)
	}
	d := parseOne(t, strings.Join(all, "\n"))
	if d.Business.TextBack.Limits.SegmentPrice != 83 || len(d.Business.Policy.Steps) != 4 || len(d.Blocked) != 1 ||
		d.Connections[0].FallbackURL == "" || !d.Members[1].OffDuty || d.Lines[0].Greeting.Language != "es-MX" ||
		len(d.Business.Schedule.Exceptions) != 2 || len(d.Lines[0].Schedule.Weekly) != 7 || len(d.Teams[0].Rota.Crew) != 1 ||
		len(d.Teams[0].Rota.Rotation.Members) != 2 || len(d.Teams[0].Rota.Changes) != 2 || len(d.Teams[0].Rota.Swaps) != 1 ||
		len(d.Routes) != 1 || len(d.Routes[0].Open[0].Menu.Choices) != 2 || d.Lines[1].Route != "calls" || len(d.VIPs) != 1 ||
		len(d.Webhooks) != 1 || len(d.Webhooks[0].Events) != len(rebound.WebhookEvents()) {
		t.Errorf("a commented line of the example did not take effect: %+v", d)
	}
	if got, want := d.Business.TextBack.WithDefaults().Limits, (rebound.TextBackPolicy{}).WithDefaults().Limits; got != want {
		t.Errorf("the example's limits are %+v, the defaults %+v", got, want)
	}
	ben := d.Members[1]
	if ben.Role != rebound.Supervisor || len(ben.Alerts.Normal) != 2 || len(ben.Alerts.Urgent) != 1 || ben.Alerts.Quiet.From != 22*60 ||
		d.Teams[0].Policy.Runs != rebound.RunsInOpenHours || d.Business.Policy.Fallback != "ana" || len(d.Business.Policy.UrgentWords) != 3 {
		t.Errorf("a commented line about alerts did not take effect: %+v, %+v", ben, d.Business.Policy)
	}
	d.Business.Policy.Fallback, d.Business.Policy.UrgentWords = "", nil
	if got, want := d.Business.Policy.WithDefaults(), (rebound.EscalationPolicy{}).WithDefaults(); !reflect.DeepEqual(got, want) {
		t.Errorf("the example's escalation is %+v, the default %+v", got, want)
	}
}

// isSetting tells a commented-out setting from a sentence: its key is one small word, a number or a date.
func isSetting(comment string) bool {
	key, _, colon := strings.Cut(strings.TrimLeft(comment, " -"), ":")
	return colon && (strings.HasPrefix(key, "+1 ") || strings.HasPrefix(key, "2026-") || key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyz_-0123456789") == "")
}

func readExample(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func parseOne(t *testing.T, text string) rebound.Declaration {
	t.Helper()
	ds, err := businessfile.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v\nin:\n%s", err, text)
	}
	if len(ds) != 1 {
		t.Fatalf("got %d businesses, want 1", len(ds))
	}
	return ds[0]
}

// least is a business with nothing that may be left out.
const least = `business: acme
name: Acme
zone: America/New_York
country: US
contact: Call us.
connections:
  main:
    carrier: twilio
    account: AC00000000000000000000000000000000
    auth_token: env:TOKEN
members:
  ana:
    name: Ana
    rings:
      - cell: 415 555 0134
teams:
  all:
    members: [ana]
lines:
  main:
    number: 415 555 0100
`

func TestWhatIsLeftOutHasItsDefault(t *testing.T) {
	d := parseOne(t, least)
	want := rebound.Line{
		ID: "main", Business: "acme", Connection: "acme.main", Name: "main", Number: "+14155550100", Team: "all",
		Strategy: rebound.Together, RingFor: 20 * time.Second,
		Voicemail: rebound.VoicemailRules{MaxLength: 2 * time.Minute, EndSilence: 5 * time.Second},
	}
	if !reflect.DeepEqual(d.Lines[0], want) {
		t.Errorf("line %+v, want %+v", d.Lines[0], want)
	}
	if p := d.Business.TextBack; !reflect.DeepEqual(p, rebound.TextBackPolicy{Delay: rebound.DefaultDelay}) {
		t.Errorf("text-back %+v, want all unset but the delay", p)
	}
}

// with replaces a line of least, or adds lines at the end where old is empty.
func with(old, new string) string {
	if old == "" {
		return least + new + "\n"
	}
	if strings.Count(least, old) != 1 {
		panic("least does not hold one " + old)
	}
	return strings.Replace(least, old, new, 1)
}

func TestEveryProblemIsToldWithItsPlaceAndRemedy(t *testing.T) {
	problems(t, []problem{
		{"no business", "# nothing\n", "the file declares no business"},
		{"no mapping", "- a\n", "1:1: this must be lines of the form `key: value`"},
		{"no YAML", "business: a: b\n", "1:11: this is not YAML … double quotes"},
		{"template without quotes", with("", "text_back:\n  templates:\n    open: {{business}} hi"), "24:12: this is not YAML … begin with {"},
		{"unknown key", with("contact: Call us.", "contact: x\ncontcat: Call us."), "6:1: contcat: there is no such key … did you mean contact?"},
		{"unknown nested key", with("    number: 415 555 0100", "    number: 415 555 0100\n    rings_for: 20s"), "22:5: lines.main.rings_for: there is no such key … did you mean ring_for?"},
		{"key twice", with("name: Acme\n", "name: Acme\nname: Acme\n"), "3:1: key \"name\" stands here a second time … line 2"},
		{"missing key", with("zone: America/New_York\n", ""), "1:1: zone: it is missing … zone: America/New_York"},
		{"empty value", with("name: Acme\n", "name:\n"), "2:6: name: it has no value"},
		{"list for a value", with("name: Acme\n", "name: [a]\n"), "2:7: name: this must be one value"},
		{"value for a mapping", with("  main:\n    number: 415 555 0100", "  main"), "20:3: lines: this must be lines"},
		{"second declaration", least + "---\n" + with("415 555 0100", "415 555 0101"), "23:1: business: acme is declared a second time … line 1"},
		{"slug", with("business: acme", "business: Acme Plumbing"), "1:11: business: \"Acme Plumbing\" is not a short name … small letters"},
		{"team's slug", with("  all:\n", "  All:\n"), "17:3: teams.All: \"All\" is not a short name"},
		{"long name", with("name: Acme\n", "name: "+strings.Repeat("x", 81)+"\n"), "2:7: name: it has 81 characters … shorten it to 80"},
		{"blank name", with("name: Acme\n", "name: \" \"\n"), "2:7: name: it is empty"},
		{"control character", with("name: Acme\n", "name: \"a\\x07b\"\n"), "2:7: name: there is a control character"},
		{"zone", with("America/New_York", "America/NewYork"), "3:7: zone: unknown time zone … did you mean America/New_York?"},
		{"country", with("country: US", "country: UK"), "4:10: country: … write GB"},
		{"no country", with("country: US", "country: Utopia"), "4:10: country: \"Utopia\" is not a country"},
		{"job value", with("", "job_value: $350"), "22:12: job_value: \"$350\" is not an amount"},
		{"job value too exact", with("", "job_value: 350.001"), "22:12: job_value: \"350.001\" is not an amount … at most 2 more"},
		{"job value nothing", with("", "job_value: 0.00"), "22:12: job_value: an amount of zero"},
		{"carrier", with("carrier: twilio", "carrier: twillio"), "8:14: connections.main.carrier: \"twillio\" is not possible here … did you mean twilio?"},
		{"account", with("AC00000000000000000000000000000000", "AC123"), "9:14: connections.main.account: \"AC123\" is not a Twilio account"},
		{"no token", with("    auth_token: env:TOKEN\n", ""), "8:5: connections.main.auth_token: it is missing … env:TWILIO_AUTH_TOKEN"},
		{"literal secret", with("env:TOKEN", "hush0123456789"), "10:17: connections.main.auth_token: a secret never stands in this file … env:TWILIO_AUTH_TOKEN"},
		{"literal secret like a reference", with("env:TOKEN", "env:hush hush"), "10:17: connections.main.auth_token: a secret never"},
		{"relative secret file", with("env:TOKEN", "file:hush"), "10:17: connections.main.auth_token: a secret never"},
		{"half an API key", with("env:TOKEN", "env:TOKEN\n    key_id: SK00000000000000000000000000000000"), "8:5: connections.main: an API key is key_id and key_secret"},
		{"API key", with("env:TOKEN", "env:TOKEN\n    key_id: SK1\n    key_secret: env:KEY"), "11:13: connections.main.key_id: \"SK1\" is not a Twilio API key"},
		{"fallback", with("env:TOKEN", "env:TOKEN\n    fallback_url: http://handler.twilio.com/x"), "11:19: connections.main.fallback_url: … not a whole address … https://"},
		{"base address", with("env:TOKEN", "env:TOKEN\n    base_url: localhost"), "11:15: connections.main.base_url: \"localhost\" is not a whole address"},
		{"email", with("    name: Ana\n", "    name: Ana\n    email: Ana <ana@acme.example>\n"), "14:12: members.ana.email: … is not an e-mail address"},
		{"off duty", with("    name: Ana\n", "    name: Ana\n    off_duty: maybe\n"), "14:15: members.ana.off_duty: \"maybe\" is neither … true or false"},
		{"phone", with("415 555 0134", "415 555 013"), "15:15: members.ana.rings[0].cell: \"415 555 013\" is not a phone number"},
		{"phone with letters", with("415 555 0134", "call me"), "15:15: members.ana.rings[0].cell: \"call me\" is not a phone number … digits"},
		{"way to be rung", with("- cell:", "- phone:"), "15:9: members.ana.rings[0].phone: there is no such key … cell, desk, sip"},
		{"two ways in one", with("- cell: 415 555 0134", "- cell: 415 555 0134\n        sip: sip:a@b.c"), "15:9: members.ana.rings: this must be one way"},
		{"SIP address", with("- cell: 415 555 0134", "- sip: ana"), "15:14: members.ana.rings[0].sip: \"ana\" is not a SIP address"},
		{"no ways", with("0134\n", "0134\n  ben: {name: Ben, rings: []}\n"), "16:27: members.ben.rings: the list is empty"},
		{"empty team", with("members: [ana]", "members: []"), "18:14: teams.all.members: the list is empty"},
		{"team without members", with("    members: [ana]\n", "    name: All\n"), "18:5: teams.all.members: it is missing"},
		{"unknown member", with("members: [ana]", "members: [ana, anna]"), "18:20: teams.all.members: there is no member \"anna\" … did you mean ana?"},
		{"member twice", with("members: [ana]", "members: [ana, ana]"), "18:20: teams.all.members: ana stands here twice"},
		{"nobody has a phone", with("    rings:\n      - cell: 415 555 0134\n", ""), "16:14: teams.all.members: nobody of this team has a phone"},
		{"unknown team", with("0100\n", "0100\n    team: al\n"), "22:11: lines.main.team: there is no team \"al\" … did you mean all?"},
		{"which team", with("lines:", "  more:\n    members: [ana]\nlines:"), "23:5: lines.main.team: it is missing … team: all or more"},
		{"no team at all", with("teams:\n  all:\n    members: [ana]\n", ""), "18:5: lines.main.team: it is missing … declare one under teams"},
		{"unknown connection", with("0100\n", "0100\n    connection: mian\n"), "22:17: lines.main.connection: there is no connection \"mian\" … did you mean main?"},
		{"line without number", with("    number: 415 555 0100\n", "    ring: together\n"), "21:5: lines.main.number: it is missing"},
		{"line's number", with("415 555 0100", "911"), "21:13: lines.main.number: \"911\" is not a phone number"},
		{"number on two lines", with("", "  second:\n    number: +1 (415) 555-0100"), "23:13: lines.second.number: +1 415-555-0100 is the number of acme.lines.main already"},
		{"number in two businesses", least + "---\n" + with("business: acme", "business: other"), "43:13: lines.main.number: … is the number of acme.lines.main already"},
		{"own line as a phone", with("415 555 0134", "415 555 0100"), "21:13: lines.main.number: Ana is rung at this number … circle … members.ana.rings"},
		{"ring", with("0100\n", "0100\n    ring: randomly\n"), "22:11: lines.main.ring: \"randomly\" is not possible here … together, in_order"},
		{"ring too short", with("0100\n", "0100\n    ring_for: 4s\n"), "22:15: lines.main.ring_for: 4s is out of range … 5s to 2m"},
		{"ring too long", with("0100\n", "0100\n    ring_for: 3 min\n"), "22:15: lines.main.ring_for: 3m is out of range"},
		{"no duration", with("0100\n", "0100\n    ring_for: 20\n"), "22:15: lines.main.ring_for: \"20\" is not a length of time … 20s"},
		{"huge duration", with("0100\n", "0100\n    ring_for: 99999d99999d99999d\n"), "22:15: lines.main.ring_for: 1000d is out of range"},
		{"no day", with("0100\n", "0100\n    hours:\n      mo: 8:00-9:00\n"), "23:7: lines.main.hours.mo: \"mo\" is no day"},
		{"no time", with("0100\n", "0100\n    hours:\n      mon: 8-12\n"), "23:12: lines.main.hours.mon: \"8-12\" are no opening hours"},
		{"impossible time", with("0100\n", "0100\n    hours:\n      mon: 13pm-25:00\n"), "23:12: lines.main.hours.mon: … are no opening hours"},
		{"day twice", with("0100\n", "0100\n    hours:\n      mon: 8:00-9:00\n      mon-tue: 10:00-11:00\n"), "24:7: lines.main.hours.mon-tue: Monday has hours already"},
		{"overlap", with("0100\n", "0100\n    hours:\n      mon: 8:00-12:00, 11:00-13:00\n"), "23:7: lines.main.hours: Monday has two shifts at 11:00"},
		{"never open", with("0100\n", "0100\n    hours:\n      daily: closed\n"), "23:7: lines.main.hours: it is closed on every day"},
		{"hours no mapping", with("0100\n", "0100\n    hours: 8:00-17:00\n"), "22:12: lines.main.hours: this must be always, or lines"},
		{"hours a list", with("0100\n", "0100\n    hours:\n      mon: [8:00-9:00]\n"), "23:12: lines.main.hours.mon: this must be times"},
		{"long greeting", with("0100\n", "0100\n    greeting:\n      say: "+strings.Repeat("x", 1001)+"\n"), "23:12: lines.main.greeting.say: it has 1001 characters … 1000"},
		{"greeting's file", with("0100\n", "0100\n    greeting:\n      play: greeting.mp3\n"), "23:13: lines.main.greeting.play: \"greeting.mp3\" is not a whole address"},
		{"greeting's sound", with("0100\n", "0100\n    greeting:\n      closed_sound: greeting.mp3\n"), "23:21: lines.main.greeting.closed_sound: \"greeting.mp3\" is no stored sound … upload"},
		{"language", with("0100\n", "0100\n    greeting:\n      language: English\n"), "23:17: lines.main.greeting.language: \"English\" is not a language"},
		{"voicemail too long", with("0100\n", "0100\n    voicemail:\n      max_length: 1h\n"), "23:19: lines.main.voicemail.max_length: 1h is out of range"},
		{"silence too short", with("0100\n", "0100\n    voicemail:\n      end_silence: 1s\n"), "23:20: lines.main.voicemail.end_silence: 1s is out of range"},
		{"delay", with("", "text_back:\n  delay: 56s"), "23:10: text_back.delay: 56s is out of range … 0s to 55s"},
		{"cool-down", with("", "text_back:\n  cool_down: 0s"), "23:14: text_back.cool_down: 0s is out of range … 1m to 30d"},
		{"human within", with("", "text_back:\n  human_within: 2d"), "23:17: text_back.human_within: 2d is out of range … 1m to 24h"},
		{"quick hang-up", with("", "text_back:\n  quick_hang_up: 2m"), "23:18: text_back.quick_hang_up: 2m is out of range … (or none)"},
		{"countries", with("", "text_back:\n  countries: [US, XX]"), "23:19: text_back.countries: \"XX\" is not a country"},
		{"booking link", with("", "text_back:\n  booking_link: acme.example/book"), "23:17: text_back.booking_link: … is not a whole address"},
		{"template without business", with("", "text_back:\n  templates:\n    open: Hi!"), "24:11: text_back.templates.open: … put {{business}} into it"},
		{"template's variable", with("", "text_back:\n  templates:\n    open: \"{{busines}}: hi\""), "24:11: text_back.templates.open: {{busines}} is not a variable"},
		{"limit of zero", with("", "text_back:\n  limits:\n    per_caller: 0"), "24:17: text_back.limits.per_caller: \"0\" is not possible … (or none)"},
		{"spend", with("", "text_back:\n  limits:\n    spend_per_day: lots"), "24:20: text_back.limits.spend_per_day: \"lots\" is not an amount"},
		{"step order", with("", "escalation:\n  steps:\n    - {after: 5m, tell: team}\n    - {after: 1m, tell: team}"), "25:8: escalation.steps: this step comes before"},
		{"step without audience", with("", "escalation:\n  steps:\n    - after: 5m"), "24:7: escalation.steps[0].tell: it is missing"},
		{"audience", with("", "escalation:\n  steps:\n    - {after: 5m, tell: boss}"), "24:25: escalation.steps[0].tell: \"boss\" is not possible here … assignee, team, supervisor"},
		{"a supervisor who does not exist", with("", "escalation:\n  steps:\n    - {after: 5m, tell: supervisor}"), "24:8: escalation.steps: there is no supervisor … role: supervisor"},
		{"a member who is not named", with("", "escalation:\n  steps:\n    - {after: 5m, tell: member}"), "24:8: escalation.steps: it does not say which member … member: ana"},
		{"no steps", with("", "escalation:\n  steps: []"), "23:10: escalation.steps: the list is empty"},
		{"VIP twice", with("", "vip:\n  415 555 0199:\n  +14155550199: x"), "24:3: vip.+14155550199: the number is a VIP already"},
		{"blocked", with("", "blocked:\n  nobody: x"), "23:3: blocked.nobody: \"nobody\" is not a phone number"},
		{"blocked twice", with("", "blocked:\n  415 555 0199:\n  +14155550199: x"), "24:3: blocked.+14155550199: the number is blocked already"},
		{"blocked a list", with("", "blocked:\n  - 415 555 0199"), "23:3: blocked: this must be lines of the form `number: note`"},
	})
}

// problem is a file with one problem, and what is told of it.
type problem struct{ name, text, want string }

func problems(t *testing.T, tests []problem) {
	t.Helper()
	for _, test := range tests {
		ds, err := businessfile.Parse([]byte(test.text))
		if err == nil {
			t.Errorf("%s: no error, want %q", test.name, test.want)
			continue
		}
		if ds != nil {
			t.Errorf("%s: an error and %d declarations", test.name, len(ds))
		}
		if problems := (config.Problems)(nil); !errors.As(err, &problems) || len(problems) != 1 {
			t.Errorf("%s: %d problems, want one:\n%s", test.name, len(problems), err)
		}
		if !says(err.Error(), test.want) {
			t.Errorf("%s:\n got  %s\n want %s", test.name, err, test.want)
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error shows a secret: %s", test.name, err)
		}
	}
}

// says reports whether message begins with want's first part and holds its others, parted by " … ", in order.
func says(message, want string) bool {
	for i, part := range strings.Split(want, " … ") {
		at := strings.Index(message, part)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		message = message[at+len(part):]
	}
	return true
}

func TestAllProblemsAreToldAtOnceInTheOrderOfTheirPlaces(t *testing.T) {
	text := with("country: US", "contry: US") + "---\n" + "business: 2\nname: [x]\n"
	_, err := businessfile.Parse([]byte(text))
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want problems", err)
	}
	if len(problems) < 6 {
		t.Errorf("got %d problems, want those of both documents:\n%s", len(problems), err)
	}
	if !slices.IsSortedFunc(problems, func(a, b config.Problem) int { return a.Line - b.Line }) {
		t.Errorf("not in the order of places:\n%s", err)
	}
}

func TestHours(t *testing.T) {
	tests := []struct{ written, canonical string }{
		{"mon-fri: 08:00-12:00, 13:00-17:30", "mon-fri: 08:00-12:00, 13:00-17:30"},
		{"Monday - Friday: 8:00 - 17:30", "mon-fri: 08:00-17:30"},
		{"mon, wed, fri: 8am-5:30pm", "mon: 08:00-17:30 / wed: 08:00-17:30 / fri: 08:00-17:30"},
		{"mon, tue: 8am-12am", "mon-tue: 08:00-24:00"},
		{"sat-mon: 12pm-1pm", "mon: 12:00-13:00 / sat-sun: 12:00-13:00"},
		{"fri: 22:00-02:00", "fri: 22:00-02:00"},
		{"sun: 08:00-08:00", "sun: 08:00-08:00"},
		{"sun: 12am-12am", "sun: 00:00-24:00"},
		{"mon: closed / tue: 20:00-21:00, 8:00-9:00", "tue: 08:00-09:00, 20:00-21:00"},
	}
	for _, test := range tests {
		const indent = "\n      "
		text := strings.ReplaceAll(test.written, " / ", indent)
		d := parseOne(t, with("0100\n", "0100\n    hours:"+indent+text+"\n"))
		_, rest, _ := strings.Cut(string(businessfile.Format(d)), "    hours:"+indent)
		if got := strings.ReplaceAll(strings.TrimSpace(rest), indent, " / "); got != test.canonical {
			t.Errorf("%s is written as %s, want %s", test.written, got, test.canonical)
		}
	}
	for _, text := range []string{"always", "\n      daily: 00:00-24:00", "\n      mon-fri: 12am-12am\n      sun, sat: 0:00-24:00"} {
		d := parseOne(t, with("0100\n", "0100\n    hours: "+text+"\n"))
		if got := string(businessfile.Format(d)); !slices.Equal(d.Lines[0].Schedule.Weekly, rebound.AlwaysOpen()) || !strings.HasSuffix(got, "    hours: always\n") {
			t.Errorf("%s is %v, and written as\n%s", text, d.Lines[0].Schedule, got)
		}
	}
}

func TestDurationsAndAmounts(t *testing.T) {
	tests := []struct{ key, written, canonical string }{
		{"cool_down", "24h", "24h"}, {"cool_down", "1d", "24h"}, {"cool_down", "2 d", "2d"}, {"cool_down", "90 min", "1h30m"},
		{"cool_down", "100sec", "1m40s"}, {"cool_down", "1h 30m", "1h30m"}, {"quick_hang_up", "none", "none"},
		{"delay", "0s", "0s"}, {"enabled", "no", "false"}, {"enabled", "off", "false"},
	}
	for _, test := range tests {
		d := parseOne(t, with("", "text_back:\n  "+test.key+": "+test.written))
		if got, want := string(businessfile.Format(d)), "  "+test.key+": "+test.canonical+"\n"; !strings.HasSuffix(got, want) {
			t.Errorf("%s: %s is written as\n%swant it to end in %s", test.key, test.written, got, want)
		}
	}
	amounts := []struct {
		written, canonical string
		value              int64
	}{{"25", "25.00", 250_000}, {"0.0083", "0.0083", 83}, {"12.345", "12.345", 123_450}, {"none", "none", -1}}
	for _, test := range amounts {
		d := parseOne(t, with("", "text_back:\n  limits:\n    spend_per_day: "+test.written))
		if got := d.Business.TextBack.Limits.SpendPerDay; got != test.value {
			t.Errorf("%s is %d, want %d", test.written, got, test.value)
		}
		if got := string(businessfile.Format(d)); !strings.HasSuffix(got, ": "+test.canonical+"\n") {
			t.Errorf("%s is written as\n%s", test.written, got)
		}
	}
}

func TestAnchorsSaveTyping(t *testing.T) {
	d := parseOne(t, with("0100\n", "0100\n    hours: &week\n      mon-fri: 8:00-17:00\n  second:\n    number: 415 555 0101\n    hours: *week\n"))
	if !reflect.DeepEqual(d.Lines[0].Schedule, d.Lines[1].Schedule) || len(d.Lines[1].Schedule.Weekly) != 5 {
		t.Errorf("hours %v and %v, want the same", d.Lines[0].Schedule, d.Lines[1].Schedule)
	}
}

func TestFilesFromWindowsAreRead(t *testing.T) {
	want := parseOne(t, least)
	for _, text := range []string{strings.ReplaceAll(least, "\n", "\r\n"), "\ufeff" + least} {
		if got := parseOne(t, text); !reflect.DeepEqual(got, want) {
			t.Errorf("read as %+v", got)
		}
	}
}

func TestSeveralBusinessesInOneFile(t *testing.T) {
	other := strings.NewReplacer("business: acme", "business: other", "0100", "0101").Replace(least)
	ds, err := businessfile.Parse([]byte(least + "---\n# the next one\n" + other + "---\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(ds) != 2 || ds[0].Business.ID != "acme" || ds[1].Business.ID != "other" || ds[1].Connections[0].ID != "other.main" {
		t.Errorf("got %+v", ds)
	}
	again, err := businessfile.Parse(businessfile.Format(ds...))
	if err != nil || !reflect.DeepEqual(again, ds) {
		t.Errorf("written and read again: %v\n%+v", err, again)
	}
}

// differ fails unless the difference of two declarations is told in these lines.
func differ(t *testing.T, old, new rebound.Declaration, want ...string) {
	t.Helper()
	var got []string
	for _, c := range businessfile.Diff(old, new) {
		got = append(got, c.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDiffShowsEachChangeByItsPath(t *testing.T) {
	old := parseOne(t, least)
	new := parseOne(t, strings.NewReplacer(
		"0100\n", "0100\n    ring_for: 25s\n    hours:\n      mon: 8:00-9:00\n",
		"env:TOKEN", "file:/run/token",
		"cell: 415", "desk: 415",
		"contact: Call us.", "contact: Call us.\njob_value: 100",
	).Replace(least+"blocked:\n  415 555 0199:\n"))
	differ(t, old, new,
		"+ job_value: 100.00",
		"~ connections.main.auth_token: env:TOKEN → file:/run/token",
		"~ members.ana.rings: [cell +1 415-555-0134] → [desk +1 415-555-0134]",
		"~ lines.main.ring_for: 20s → 25s",
		"+ lines.main.hours.mon: 08:00-09:00",
		`+ blocked.+1 415-555-0199: ""`,
	)
	if same := businessfile.Diff(new, new); len(same) != 0 {
		t.Errorf("a business differs from itself: %v", same)
	}
	for _, c := range businessfile.Diff(new, rebound.Declaration{}) {
		if !strings.HasPrefix(c.String(), "- ") {
			t.Errorf("removing everything says %s", c)
		}
	}
	for _, c := range businessfile.Diff(rebound.Declaration{}, new) {
		if !strings.HasPrefix(c.String(), "+ ") {
			t.Errorf("adding everything says %s", c)
		}
	}
}

// TestNothingIsLostBetweenFormatAndParse writes declarations made at random and reads them again.
func TestNothingIsLostBetweenFormatAndParse(t *testing.T) {
	for seed := range uint64(300) {
		d := randomDeclaration(rand.New(rand.NewPCG(seed, 0)))
		text := businessfile.Format(d)
		again, err := businessfile.Parse(text)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, text)
		}
		if len(again) != 1 || !reflect.DeepEqual(again[0], d) {
			t.Fatalf("seed %d: wrote\n%+v\nread\n%+v\nfrom\n%s", seed, d, again, text)
		}
		if changes := businessfile.Diff(d, again[0]); len(changes) != 0 {
			t.Fatalf("seed %d: %v", seed, changes)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(least))
	for seed := range uint64(5) {
		f.Add(businessfile.Format(randomDeclaration(rand.New(rand.NewPCG(seed, 1)))))
	}
	f.Add([]byte("a: &x [*x, {b: *x}]\n---\n? [a]\n: b\n<<: {c: d}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		ds, err := businessfile.Parse(data)
		if err != nil {
			if err.Error() == "" {
				t.Fatal("an error without words")
			}
			return
		}
		text := businessfile.Format(ds...)
		again, err := businessfile.Parse(text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(again, ds) {
			t.Fatalf("wrote\n%+v\nread\n%+v\nfrom\n%s", ds, again, text)
		}
	})
}

// randomDeclaration makes a business that passes every check, with each part present or not.
func randomDeclaration(r *rand.Rand) rebound.Declaration {
	id := rebound.BusinessID(fmt.Sprintf("b-%d", r.IntN(100)))
	d := rebound.Declaration{Business: rebound.Business{
		ID: id, Slug: string(id), Name: text(r), Zone: pick(r, "UTC", "America/St_Johns"), Country: pick(r, "US", "CA", "DE", "IT"),
		Contact: text(r), JobValue: maybe(r, 1+r.Int64N(1e9)), Schedule: randomSchedule(r), TextBack: randomTextBack(r),
	}}
	for i := range maybe(r, 1+r.IntN(3)) {
		d.Business.Policy.Steps = append(d.Business.Policy.Steps, rebound.PolicyStep{
			After: time.Duration(i) * time.Minute, Whom: pick(r, rebound.ToAssignee, rebound.ToTeam, rebound.ToSupervisor),
		})
	}
	d.Business.Policy.Runs = maybe(r, rebound.RunsInOpenHours)
	d.Business.Policy.Fallback = maybe(r, rebound.MemberID("m0"))
	d.Business.Policy.Limits = rebound.AlertLimits{PerMinute: maybe(r, 2), PerQuarter: maybe(r, -1), PerHour: maybe(r, 20)}
	if r.IntN(2) == 0 {
		d.Business.Policy.UrgentWords = []string{"no heat", "fire"}
		d.Business.Policy.Steps = append(d.Business.Policy.Steps, rebound.PolicyStep{
			After: time.Hour, Whom: rebound.ToMember, Member: "m0", Channels: []rebound.Channel{rebound.ByEmail, rebound.BySMS}, Repeat: 7 * time.Minute,
		})
	}
	d.Business.Policy.RepeatEvery = maybe(r, time.Duration(60+r.IntN(600_000))*time.Second)
	for i := range 1 + r.IntN(2) {
		c := rebound.Connection{
			ID: rebound.ConnectionID(fmt.Sprintf("%s.c%d", id, i)), Business: id, Name: text(r), Carrier: "twilio",
			Account: fmt.Sprintf("AC%032x", r.Uint64()), AuthToken: pick(r, "env:T", "file:/run/secrets/my token"),
			BaseURL: maybe(r, "http://127.0.0.1:99/x?y=1&z=2"), FallbackURL: maybe(r, "https://handler.twilio.com/twiml/EH1#f"),
		}
		if r.IntN(2) == 0 {
			c.KeyID, c.KeySecret = fmt.Sprintf("SK%032x", r.Uint64()), "env:KEY_1"
		}
		d.Connections = append(d.Connections, c)
	}
	for i := range 1 + r.IntN(3) {
		m := rebound.Member{
			ID: rebound.MemberID(fmt.Sprintf("m%d", i)), Business: id, Name: text(r), Email: maybe(r, "o'neil+x@acme.example"), OffDuty: r.IntN(2) == 0,
		}
		for range 1 + r.IntN(3) {
			m.Rings = append(m.Rings, pick(r,
				rebound.Destination{Kind: rebound.Cell, Number: number(r)}, rebound.Destination{Kind: rebound.Desk, Number: number(r)},
				rebound.Destination{Kind: rebound.SIP, Address: "sip:ana;x=1&y@pbx.example.com:5060"}))
		}
		m.Role = pick(r, rebound.Supervisor, rebound.Owner)
		if r.IntN(2) == 0 {
			m.Alerts = rebound.Alerts{
				Normal: []rebound.Way{{Channel: rebound.BySMS, Address: string(number(r))}, {Channel: rebound.BySlack, Address: "https://hooks.example/x?y=1#z"}},
				Urgent: []rebound.Way{{Channel: rebound.BySMS, Address: string(number(r))}, {Channel: rebound.ByEmail, Address: "o'neil+x@acme.example"}},
				Quiet:  pick(r, rebound.QuietTime{}, rebound.QuietTime{From: 22 * 60, To: 7*60 + 5}),
			}
		}
		d.Members = append(d.Members, m)
	}
	for i := range 1 + r.IntN(2) {
		d.Teams = append(d.Teams, randomTeam(r, d, i))
	}
	for i := range r.IntN(3) {
		d.Routes = append(d.Routes, rebound.Route{
			ID: rebound.RouteID(fmt.Sprintf("r%d", i)), Business: id, Name: text(r), Open: randomSteps(r, d, 1), Closed: randomSteps(r, d, 1),
			VIP: randomSteps(r, d, 2), Fallback: maybe(r, randomWhom(r, d)),
		})
	}
	for i := range r.IntN(3) {
		d.Lines = append(d.Lines, randomLine(r, d, i))
	}
	for i := range maybe(r, 1+r.IntN(3)) {
		d.Blocked = append(d.Blocked, rebound.BlockedNumber{Number: fmt.Sprintf("+1415556%04d", i), Note: maybe(r, text(r))})
	}
	for i := range maybe(r, 1+r.IntN(3)) {
		d.VIPs = append(d.VIPs, rebound.VIPNumber{Number: fmt.Sprintf("+1415558%04d", i), Note: maybe(r, text(r))})
	}
	for i := range maybe(r, 1+r.IntN(3)) {
		d.Canned = append(d.Canned, rebound.CannedReply{
			ID: rebound.CannedReplyID(fmt.Sprintf("c%d", i)), Name: text(r), Text: "Hi {{first_name}}, {{ member }}: " + strings.ReplaceAll(text(r), "{", "x"),
		})
	}
	for i := range maybe(r, 1+r.IntN(2)) {
		w := rebound.Webhook{
			ID: rebound.WebhookID(fmt.Sprintf("w%d", i)), Business: id, URL: pick(r, "https://crm.example/a?b=c&d#e", "http://n8n:5678/hook"),
			Secret: maybe(r, pick(r, "env:W", "file:/run/secrets/w")),
		}
		w.Events = append(w.Events, rebound.WebhookEvents()[:r.IntN(5)]...)
		d.Webhooks = append(d.Webhooks, w)
	}
	return d
}

func randomSteps(r *rand.Rand, d rebound.Declaration, menus int) []rebound.RouteStep {
	var steps []rebound.RouteStep
	for range r.IntN(3) {
		s := rebound.RouteStep{
			Kind: rebound.RingStep, Whom: randomWhom(r, d), For: maybe(r, time.Duration(5+r.IntN(116))*time.Second),
			Strategy: maybe(r, pick(r, rebound.Together, rebound.InOrder, rebound.RoundRobin, rebound.LongestIdle, rebound.Sticky)),
		}
		if menus <= rebound.DeepestMenu && r.IntN(3) == 0 {
			s = rebound.RouteStep{Kind: rebound.MenuStep, Menu: rebound.Menu{
				Say: text(r), Language: maybe(r, "es-MX"), Play: maybe(r, "https://acme.example/m.mp3"),
				Wait: maybe(r, time.Duration(1+r.IntN(60))*time.Second), Tries: maybe(r, 1+r.IntN(5)),
			}}
			for _, key := range pick(r, []string{"1"}, []string{"0", "*", "#"}) {
				inner := append([]rebound.RouteStep{{Kind: rebound.RingStep, Whom: randomWhom(r, d)}}, randomSteps(r, d, menus+1)...)
				s.Menu.Choices = append(s.Menu.Choices, rebound.Choice{Key: key, Name: text(r), Steps: inner})
			}
		}
		steps = append(steps, s)
	}
	if r.IntN(3) == 0 {
		steps = append(steps, rebound.RouteStep{
			Kind:     pick(r, rebound.VoicemailStep, rebound.GreetStep),
			Greeting: rebound.Greeting{Say: maybe(r, text(r)), Language: maybe(r, "es-419"), Play: maybe(r, "https://acme.example/a.mp3"), Sound: rebound.MediaID(maybe(r, "2sdrmmmrcwezlzdyxugo4mfilrbuaakm"))},
		})
	}
	return steps
}

func randomWhom(r *rand.Rand, d rebound.Declaration) rebound.Whom {
	return pick(r, rebound.Whom{Owner: true}, rebound.Whom{Team: d.Teams[r.IntN(len(d.Teams))].ID},
		rebound.Whom{Member: d.Members[r.IntN(len(d.Members))].ID},
		rebound.Whom{Outside: rebound.Destination{Kind: pick(r, rebound.Cell, rebound.Desk), Number: number(r)}},
		rebound.Whom{Outside: rebound.Destination{Kind: rebound.SIP, Address: "sip:night@answering.example"}})
}

func randomTextBack(r *rand.Rand) rebound.TextBackPolicy {
	p := rebound.TextBackPolicy{
		Off: r.IntN(2) == 0, Lookup: r.IntN(2) == 0, Delay: time.Duration(r.IntN(56)) * time.Second, CoolDown: maybe(r, time.Duration(60+r.IntN(1_000_000))*time.Second),
		HumanWithin: maybe(r, time.Duration(60+r.IntN(80_000))*time.Second), QuickHangUp: pick(r, 0, -1, 5*time.Second),
		BookingLink: maybe(r, "https://acme.example/book?a=b#c"),
		Limits: rebound.Limits{
			PerCaller: limit(r), PerCallerAll: limit(r), PerPrefix: limit(r), PerLineHour: limit(r), PerBusinessHour: limit(r),
			PerBusinessDay: limit(r), LoopTexts: limit(r), SpendPerDay: int64(limit(r)), SegmentPrice: maybe(r, 1+r.Int64N(1e6)),
		},
	}
	for _, t := range []*string{&p.Templates.Open, &p.Templates.AfterHours, &p.Templates.Voicemail, &p.Templates.Known,
		&p.Templates.Stop, &p.Templates.Start, &p.Templates.Help} {
		*t = maybe(r, "{{business}} "+strings.ReplaceAll(text(r), "{", "x"))
	}
	if r.IntN(2) == 0 {
		p.Countries = []string{"US", "NO"}
	}
	return p
}

func randomLine(r *rand.Rand, d rebound.Declaration, i int) rebound.Line {
	l := rebound.Line{
		ID: rebound.LineID(fmt.Sprintf("l%d", i)), Business: d.Business.ID, Connection: d.Connections[r.IntN(len(d.Connections))].ID,
		Name: text(r), Number: phone.Number(fmt.Sprintf("+1415557%04d", i)), Team: d.Teams[r.IntN(len(d.Teams))].ID,
		Strategy: pick(r, rebound.Together, rebound.InOrder), RingFor: time.Duration(5+r.IntN(116)) * time.Second,
		Greeting: rebound.Greeting{Say: maybe(r, text(r)), Language: maybe(r, "es-419"), Play: maybe(r, "https://acme.example/a.mp3"), Closed: maybe(r, text(r)),
			Sound: rebound.MediaID(maybe(r, "7sdrmmmrcwezlzdyxugo4mfilrbuaakm")), ClosedSound: rebound.MediaID(maybe(r, "lrbuaakm7sdrmmmrcwezlzdyxugo4mfi"))},
		Voicemail: rebound.VoicemailRules{
			Off: r.IntN(2) == 0, MaxLength: time.Duration(10+r.IntN(591)) * time.Second, EndSilence: time.Duration(2+r.IntN(29)) * time.Second,
		},
	}
	l.Schedule = randomSchedule(r)
	if len(d.Routes) > 0 && r.IntN(2) == 0 {
		l.Route, l.Team, l.Strategy, l.RingFor = d.Routes[r.IntN(len(d.Routes))].ID, "", "", 0
	}
	return l
}

func maybe[T any](r *rand.Rand, v T) (zero T) {
	if r.IntN(2) == 0 {
		return zero
	}
	return v
}

func pick[T any](r *rand.Rand, choices ...T) T { return choices[r.IntN(len(choices))] }

func limit(r *rand.Rand) int { return pick(r, 0, -1, 1+r.IntN(1000)) }

func number(r *rand.Rand) phone.Number {
	return pick(r, phone.Number(fmt.Sprintf("+1415555%04d", r.IntN(10000))), "+390612345678", "+4915112345678", "+442079460000")
}

// text is what people and the unkind write: YAML's own signs, quotes, other alphabets, numbers, words of YAML.
func text(r *rand.Rand) string {
	parts := []string{"Acme", "&", "Sons:", "#1", "- x", "'", `"`, `\`, "{{", "[", "é", "日本", "👍🏽", "no", "null", "08:00", "1.0", "~", "%", "@", "!x", "*y", "|", ">", "?", ",", "’", "\u200d", "\u2028x"}
	var words []string
	for range 1 + r.IntN(6) {
		words = append(words, pick(r, parts...))
	}
	text := strings.Join(strings.Fields(strings.Join(words, pick(r, " ", ""))), " ")
	if text == "" {
		return "x"
	}
	return text
}

func TestCheckFindsInADeclarationWhatParseFindsInAFile(t *testing.T) {
	d := parseOne(t, readExample(t))
	if err := businessfile.Check(d); err != nil {
		t.Fatalf("the example: %v", err)
	}
	d.Teams[0].Members = append(d.Teams[0].Members, "nobody")
	var problems rebound.Problems
	if err := businessfile.Check(d); !errors.As(err, &problems) {
		t.Fatalf("a team with a member who does not exist: %v", err)
	}
	if p := problems[0]; !strings.HasPrefix(p.About, "teams.") || !strings.Contains(p.Wrong, "nobody") {
		t.Errorf("the problem is %+v; it lacks its place or what is wrong", p)
	}
}
