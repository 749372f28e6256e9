package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// tester asks what a call would go through. It makes no call, and its answer is made by what decides on real ones.
type tester struct {
	Day, Time, From, Number, Keys field
	HasMenu                       bool
	Taken                         rebound.RouteWay // the way of the route; empty: none, or nothing was answered
	Strip, Class, Icon            string
	Title                         string
	Steps                         []testStep
	Simulator                     bool
}

// testStep is one line of the answer.
type testStep struct {
	Time, Title, Why string
	Passed           []string
	End              bool
}

// Who can be pretended to call.
const (
	fromMobile   = "mobile"
	fromLandline = "landline"
	fromOptedOut = "opted-out"
	fromNumber   = "number"
)

// test answers what the address asks; without a time, for a call now.
func (s *site) test(r *http.Request, sc scene, l rebound.Line) (tester, error) {
	q := r.URL.Query()
	t := sc.tester(q)
	t.Simulator = s.pretend != nil
	at, ok := sc.moment(&t, q)
	if !ok {
		return t, nil
	}
	from := q.Get("from")
	number := string(phone.Example(sc.business.Country))
	switch {
	case from == fromNumber:
		number = strings.TrimSpace(q.Get("number"))
		if number != "" && phone.ParseCaller(number, sc.business.Country).Kind != phone.KindNumber {
			t.Number.Problem = "This is no phone number. Write it as you would dial it, or with + and the country's code; leave it empty for a hidden number."
			return t, nil
		}
	case strings.HasPrefix(from, "+"):
		number = from
	}
	x, err := s.Desk.Explain(r.Context(), s.Business, l.ID, number, at)
	if err != nil {
		return t, err
	}
	switch from {
	case fromLandline:
		x.Missed.Landline = true
	case fromOptedOut:
		x.Missed.Consent = rebound.ConsentOptedOut
	}
	if at.IsZero() {
		at = sc.now
	}
	t.answer(sc, x, at, q.Get("keys"))
	return t, nil
}

// tester is the form as it was filled in.
func (sc scene) tester(q url.Values) tester {
	options := []option{{Value: fromMobile, Text: "A new mobile number"}, {Value: fromLandline, Text: "A landline"}, {Value: fromOptedOut, Text: "Someone who opted out of texts"}}
	for _, row := range sc.inbox {
		if row.Contact.Name != "" && row.Contact.Number != "" && len(options) < 8 {
			options = append(options, option{Value: row.Contact.Number, Text: row.Contact.Name})
		}
	}
	options = append(options, option{Value: fromNumber, Text: "The number typed below"})
	return tester{
		Day: field{Name: "day", Label: "On", Type: "date", Value: q.Get("day")}, Time: field{Name: "time", Label: "At", Type: "time", Value: q.Get("time")},
		From:   field{Name: "from", Label: "From", Options: choose(q.Get("from"), options...)},
		Number: field{Name: "number", Label: "Number", Type: "tel", Value: q.Get("number")},
		Keys:   field{Name: "keys", Label: "Presses in the menu", Value: q.Get("keys"), Help: "One key for each menu; empty: nothing."},
	}
}

// moment reads when the call comes; zero is now. false: there is no such time, and the form says so.
func (sc scene) moment(t *tester, q url.Values) (time.Time, bool) {
	day, hour := t.Day.Value, t.Time.Value
	if q.Get("when") == "now" || day == "" && hour == "" {
		t.Day.Value, t.Time.Value = sc.now.Format(time.DateOnly), sc.now.Format("15:04")
		return time.Time{}, true
	}
	t.Day.Value, t.Time.Value = cmp.Or(day, sc.now.Format(time.DateOnly)), cmp.Or(hour, sc.now.Format("15:04"))
	const form = time.DateOnly + " 15:04"
	text := t.Day.Value + " " + t.Time.Value
	at, err := time.ParseInLocation(form, text, sc.zone)
	switch {
	case err != nil:
		t.Time.Problem = "This is no time. Choose a day and a time like 18:05."
	case at.Format(form) != text:
		t.Time.Problem = "Clocks leap over that time on that day. Choose another."
	}
	return at, t.Time.Problem == ""
}

// answer says a call's path, second by second.
func (t *tester) answer(sc scene, x rebound.Explanation, at time.Time, keys string) {
	t.Taken = x.Facts.Way()
	status := x.Facts.Hours
	t.Strip, t.Class, t.Icon, t.Title = sentence(status.Why), "", "snooze", "Closed."
	switch {
	case t.Taken == "":
		t.Strip, t.Class, t.Icon, t.Title = sentence(x.Plan.Steps[0].Why), "is-crit", "slash", "Refused."
	case t.Taken == rebound.VIPWay:
		t.Strip, t.Class, t.Icon, t.Title = "Calls of VIPs take their own way at any hour.", "is-ok", "flag", "VIP."
	case status.Open:
		t.Class, t.Icon, t.Title = "is-ok", "check", "Open."
	}
	say := func(after time.Duration, title, why string) *testStep {
		t.Steps = append(t.Steps, testStep{Time: at.Add(after).In(sc.zone).Format("3:04:05"), Title: title, Why: why})
		return &t.Steps[len(t.Steps)-1]
	}
	policy := x.Facts.Business.TextBack.WithDefaults()
	send, why := policy.Decide(x.Missed)
	say(0, "Call reaches "+x.Facts.Line.Name, sc.callerWords(x))
	over := time.Duration(0)
	for _, stop := range x.Plan.Walk(keys) {
		step := x.Plan.Steps[stop.Step]
		line := say(stop.After, stepTitle(step), capital(reason(step)))
		for _, p := range step.Passed {
			line.Passed = append(line.Passed, p.Name+": "+p.Why)
		}
		over = stop.After
	}
	for _, s := range x.Plan.Steps {
		t.HasMenu = t.HasMenu || s.Kind == rebound.MenuStep
	}
	if x.Plan.Alarm != "" {
		say(over, "You are told", x.Plan.Alarm)
	}
	switch {
	case t.Taken == "":
	case send:
		due := policy.TextDue(at.Add(over), false).Sub(at)
		say(due, "Text-back goes out", "“"+x.Text+"”")
		say(due, "Waits in the inbox", "The clock starts when they reply")
	case why.MakesRecovery():
		say(over, "Call-back task in the inbox", why.Words()+" The clock starts at once.")
	default:
		say(over, "Recorded only", why.Words())
	}
	t.Steps[len(t.Steps)-1].End = true
}

// reason is why a step comes, without what it does, which its title says.
func reason(s rebound.Step) string {
	if i := strings.LastIndex(s.Why, ": "); i > 0 && s.Kind != rebound.RejectStep {
		return s.Why[:i]
	}
	return s.Why
}

func stepTitle(s rebound.Step) string {
	switch s.Kind {
	case rebound.RingStep:
		var names []string
		for _, target := range s.Targets {
			if n := len(names); n == 0 || names[n-1] != target.Name {
				names = append(names, target.Name)
			}
		}
		if len(names) == 1 {
			return names[0] + " rings, " + rebound.Span(s.For)
		}
		return and(names) + " ring, " + rebound.Span(s.For)
	case rebound.MenuStep:
		return "The menu is said"
	case rebound.VoicemailStep:
		return "Voicemail"
	case rebound.GreetStep:
		return "Greeting, then the call ends"
	}
	return "The call is refused"
}

// callerWords says who calls, as far as that matters.
func (sc scene) callerWords(x rebound.Explanation) string {
	caller := x.Facts.Caller
	if caller.Kind != phone.KindNumber {
		return "The number is hidden, so it cannot be texted"
	}
	who := cmp.Or(x.Facts.Contact.Name, sc.number(string(caller.Number)))
	if owner := sc.person(x.Facts.Contact.Owner); owner.Name != "" {
		return fmt.Sprintf("%s, a customer of %s", who, owner.Name)
	}
	return who
}
