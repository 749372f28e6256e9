package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// routeDraft is a route as a form has it: what was typed, right or wrong. The form holds all of it, so that each
// press of a button brings it back changed, and nothing is kept between two presses.
type routeDraft struct {
	Name     string
	Ways     map[rebound.RouteWay][]stepDraft
	Fallback whomDraft
}

// whomDraft is who rings: a choice like "team:day", and the number of somebody outside.
type whomDraft struct{ Whom, Number string }

// stepDraft is one step. Which of its words count depends on its kind.
type stepDraft struct {
	Kind                string
	Whom                whomDraft
	By, For             string
	Say, Language, Play string
	Sound               string // a stored greeting, which this form does not change
	Wait, Tries         string
	Keys                []keyDraft
}

type keyDraft struct {
	Key, Name string
	Steps     []stepDraft
}

func ways() []rebound.RouteWay {
	return []rebound.RouteWay{rebound.OpenWay, rebound.ClosedWay, rebound.VIPWay}
}

// draftRoute is a route as the form shows it first.
func draftRoute(r rebound.Route) routeDraft {
	d := routeDraft{Name: r.Name, Fallback: draftWhom(r.Fallback), Ways: map[rebound.RouteWay][]stepDraft{}}
	for _, w := range ways() {
		d.Ways[w] = draftSteps(w.Of(r))
	}
	return d
}

func draftSteps(steps []rebound.RouteStep) []stepDraft {
	drafts := make([]stepDraft, len(steps))
	for i, s := range steps {
		d := stepDraft{Kind: string(s.Kind), Whom: draftWhom(s.Whom), By: string(s.Strategy), For: wholeSeconds(s.For)}
		d.Say, d.Language, d.Play, d.Sound = s.Greeting.Say, s.Greeting.Language, s.Greeting.Play, string(s.Greeting.Sound)
		if s.Kind == rebound.MenuStep {
			d.Say, d.Language, d.Play = s.Menu.Say, s.Menu.Language, s.Menu.Play
			d.Wait, d.Tries = wholeSeconds(s.Menu.Wait), ""
			if s.Menu.Tries > 0 {
				d.Tries = strconv.Itoa(s.Menu.Tries)
			}
		}
		for _, c := range s.Menu.Choices {
			d.Keys = append(d.Keys, keyDraft{c.Key, c.Name, draftSteps(c.Steps)})
		}
		drafts[i] = d
	}
	return drafts
}

// wholeSeconds writes a length for a number field; zero is empty.
func wholeSeconds(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}

func draftWhom(w rebound.Whom) whomDraft {
	switch {
	case w.Team != "":
		return whomDraft{Whom: "team:" + string(w.Team)}
	case w.Member != "":
		return whomDraft{Whom: "member:" + string(w.Member)}
	case w.Owner:
		return whomDraft{Whom: "owner"}
	case w.Outside.Kind == rebound.SIP:
		return whomDraft{string(rebound.SIP), w.Outside.Address}
	case w.Outside.Kind != "":
		return whomDraft{string(w.Outside.Kind), w.Outside.Number.International()}
	}
	return whomDraft{}
}

// readRouteDraft takes the draft out of a posted form.
func readRouteDraft(form url.Values) routeDraft {
	d := routeDraft{Name: form.Get("name"), Fallback: readWhom(form, "fallback"), Ways: map[rebound.RouteWay][]stepDraft{}}
	for _, w := range ways() {
		d.Ways[w] = readSteps(form, string(w))
	}
	return d
}

func readWhom(form url.Values, at string) whomDraft {
	return whomDraft{form.Get(at + ".whom"), form.Get(at + ".number")}
}

func readSteps(form url.Values, at string) []stepDraft {
	var steps []stepDraft
	for i := 0; form.Has(nth(at, i) + ".kind"); i++ {
		in := nth(at, i)
		s := stepDraft{
			Kind: form.Get(in + ".kind"), Whom: readWhom(form, in), By: form.Get(in + ".by"), For: form.Get(in + ".for"),
			Say: form.Get(in + ".say"), Language: form.Get(in + ".language"), Play: form.Get(in + ".play"), Sound: form.Get(in + ".sound"),
			Wait: form.Get(in + ".wait"), Tries: form.Get(in + ".tries"),
		}
		for k := 0; form.Has(nth(in+".key", k) + ".key"); k++ {
			key := nth(in+".key", k)
			s.Keys = append(s.Keys, keyDraft{form.Get(key + ".key"), form.Get(key + ".name"), readSteps(form, key+".steps")})
		}
		steps = append(steps, s)
	}
	return steps
}

// nth names the n-th of what stands at a place of the form.
func nth(at string, n int) string { return at + "." + strconv.Itoa(n) }

// press does what a button of the form says, "up open.1", and returns where the page is to be looked at then. What a
// form does not have is not pressed.
func (d *routeDraft) press(command string) string {
	what, at, _ := strings.Cut(command, " ")
	kind := ""
	if what == "add" {
		at, kind, _ = strings.Cut(at, " ")
	}
	path := strings.Split(at, ".")
	way := rebound.RouteWay(path[0])
	steps, is := d.Ways[way]
	if !is {
		return ""
	}
	d.Ways[way] = pressed(steps, path[1:], what, kind)
	return at
}

// pressed changes steps by a button: path leads to one of them, or to the keys of one.
func pressed(steps []stepDraft, path []string, what, kind string) []stepDraft {
	if len(path) == 0 {
		if s, ok := freshStep(kind); what == "add" && ok {
			return append(steps, s)
		}
		return steps
	}
	i, err := strconv.Atoi(path[0])
	if err != nil || i < 0 || i >= len(steps) {
		return steps
	}
	s := &steps[i]
	switch {
	case len(path) == 1 && what == "key":
		s.Keys = append(s.Keys, keyDraft{Key: s.freeKey()})
	case len(path) == 1:
		return moved(steps, i, what)
	case len(path) >= 3 && path[1] == "key":
		k, err := strconv.Atoi(path[2])
		if err != nil || k < 0 || k >= len(s.Keys) {
			return steps
		}
		if len(path) == 3 {
			s.Keys = moved(s.Keys, k, what)
		} else {
			s.Keys[k].Steps = pressed(s.Keys[k].Steps, path[4:], what, kind)
		}
	}
	return steps
}

// freshStep is a step that was just added.
func freshStep(kind string) (stepDraft, bool) {
	switch rebound.StepKind(kind) {
	case rebound.RingStep, rebound.VoicemailStep, rebound.GreetStep:
		return stepDraft{Kind: kind}, true
	case rebound.MenuStep:
		return stepDraft{Kind: kind, Keys: []keyDraft{{Key: "1"}}}, true
	}
	return stepDraft{}, false
}

// freeKey is the first key that the menu does not use.
func (s stepDraft) freeKey() string {
	for _, key := range "1234567890*#" {
		if !slices.ContainsFunc(s.Keys, func(k keyDraft) bool { return k.Key == string(key) }) {
			return string(key)
		}
	}
	return "1"
}

func moved[T any](all []T, i int, what string) []T {
	switch {
	case what == "remove":
		return slices.Delete(all, i, i+1)
	case what == "up" && i > 0:
		all[i-1], all[i] = all[i], all[i-1]
	case what == "down" && i < len(all)-1:
		all[i], all[i+1] = all[i+1], all[i]
	}
	return all
}

// drafting makes a route of a draft, with what cannot be read, and where the form shows each place of the route.
type drafting struct {
	country string
	wrongs  wrongs
	fields  map[string]string // place in the declaration → field
}

// route reads the draft. Whether the route can be is another question: the declaration's check answers it.
func (d routeDraft) route(id rebound.RouteID, b rebound.Business) (rebound.Route, *drafting) {
	in := &drafting{country: b.Country, fields: map[string]string{}}
	place := "routes." + string(id)
	in.fields[place+".name"], in.fields[place+".fallback"] = "name", "fallback.whom"
	r := rebound.Route{ID: id, Business: b.ID, Name: strings.TrimSpace(d.Name)}
	r.Open = in.steps(d.Ways[rebound.OpenWay], "open", place+".open")
	r.Closed = in.steps(d.Ways[rebound.ClosedWay], "closed", place+".closed")
	r.VIP = in.steps(d.Ways[rebound.VIPWay], "vip", place+".vip")
	if d.Fallback.Whom != "" {
		r.Fallback = in.whom(d.Fallback, "fallback")
	}
	if r.Name == "" {
		in.wrong("name", "The route has no name. Give it one that your team knows.")
	}
	return r, in
}

func (in *drafting) wrong(name, words string) {
	in.wrongs = append(in.wrongs, wrong{field{Name: name}.id(), words})
}

func (in *drafting) steps(drafts []stepDraft, at, place string) []rebound.RouteStep {
	var steps []rebound.RouteStep
	in.fields[place] = at
	for i, d := range drafts {
		steps = append(steps, in.step(d, nth(at, i), fmt.Sprintf("%s[%d]", place, i)))
	}
	return steps
}

func (in *drafting) step(d stepDraft, at, place string) rebound.RouteStep {
	s := rebound.RouteStep{Kind: rebound.StepKind(d.Kind)}
	in.fields[place] = at + ".say"
	switch s.Kind {
	case rebound.RingStep:
		s.Whom, s.Strategy, s.For = in.whom(d.Whom, at), rebound.RingStrategy(d.By), in.seconds(d.For, at+".for")
		if s.Whom.Team == "" {
			s.Strategy = ""
		}
		in.fields[place], in.fields[place+".ring"] = at+".whom", at+".whom"
		in.fields[place+".by"], in.fields[place+".for"] = at+".by", at+".for"
	case rebound.MenuStep:
		menu := place + ".menu"
		s.Menu = rebound.Menu{Say: tidy(d.Say), Language: strings.TrimSpace(d.Language), Play: strings.TrimSpace(d.Play), Wait: in.seconds(d.Wait, at+".wait")}
		s.Menu.Tries = in.number(d.Tries, at+".tries")
		for _, name := range []string{"say", "language", "play", "wait", "tries"} {
			in.fields[menu+"."+name] = at + "." + name
		}
		if s.Menu.Say == "" && s.Menu.Play == "" {
			in.wrong(at+".say", "The menu says nothing. Write what callers hear: “For emergencies press 1.”")
		}
		s.Menu.Choices = in.choices(d.Keys, at, menu+".keys")
	default:
		s.Greeting = rebound.Greeting{
			Say: tidy(d.Say), Language: strings.TrimSpace(d.Language), Play: strings.TrimSpace(d.Play), Sound: rebound.MediaID(d.Sound),
		}
		for _, name := range []string{"say", "language", "play"} {
			in.fields[place+".greeting."+name] = at + "." + name
		}
	}
	return s
}

func (in *drafting) choices(drafts []keyDraft, at, place string) []rebound.Choice {
	var choices []rebound.Choice
	if len(drafts) == 0 {
		in.wrong(at+".say", "The menu has no keys. Add one, or remove the menu.")
	}
	for k, d := range drafts {
		key, in2 := nth(at+".key", k), fmt.Sprintf("%s.%s", place, d.Key)
		if slices.ContainsFunc(choices, func(c rebound.Choice) bool { return c.Key == d.Key }) {
			in.wrong(key+".key", "Two choices of the menu have this key. Choose another.")
		}
		if strings.TrimSpace(d.Name) == "" {
			in.wrong(key+".name", "Name what the key is for: “emergencies”.")
		}
		if len(d.Steps) == 0 {
			in.wrong(key+".name", "Nothing happens behind this key. Add a step to it.")
		}
		in.fields[in2], in.fields[in2+".name"] = key+".name", key+".name"
		choices = append(choices, rebound.Choice{Key: d.Key, Name: tidy(d.Name), Steps: in.steps(d.Steps, key+".steps", in2+".steps")})
	}
	return choices
}

// tidy is a text with single blanks, as a file has it.
func tidy(text string) string { return strings.Join(strings.Fields(text), " ") }

func (in *drafting) whom(d whomDraft, at string) rebound.Whom {
	kind, id, _ := strings.Cut(d.Whom, ":")
	switch kind {
	case "team":
		return rebound.Whom{Team: rebound.TeamID(id)}
	case "member":
		return rebound.Whom{Member: rebound.MemberID(id)}
	case "owner":
		return rebound.Whom{Owner: true}
	case string(rebound.SIP):
		if strings.TrimSpace(d.Number) == "" {
			in.wrong(at+".number", "Write the address: “sip:office@example.com”.")
		}
		return rebound.Whom{Outside: rebound.Destination{Kind: rebound.SIP, Address: strings.TrimSpace(d.Number)}}
	case string(rebound.Cell), string(rebound.Desk):
		n, err := phone.Parse(d.Number, in.country)
		if err != nil {
			in.wrong(at+".number", sentence(err.Error()))
		}
		return rebound.Whom{Outside: rebound.Destination{Kind: rebound.DestinationKind(kind), Number: n}}
	}
	in.wrong(at+".whom", "Choose who rings.")
	return rebound.Whom{}
}

// seconds reads a length of time; an empty field is zero.
func (in *drafting) seconds(text, name string) time.Duration {
	if strings.TrimSpace(text) == "" {
		return 0
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || n <= 0 || n > 86_400 || n != n {
		in.wrong(name, "Write a number of seconds.")
		return 0
	}
	return time.Duration(n * float64(time.Second)).Round(time.Millisecond)
}

// number reads a whole number; an empty field is zero.
func (in *drafting) number(text, name string) int {
	if strings.TrimSpace(text) == "" {
		return 0
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > 1000 {
		in.wrong(name, "Write a whole number of 1 or more.")
		return 0
	}
	return n
}
