package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rebound"
	"rebound/internal/holiday"
)

// linesPage lists the business's numbers and the routes that they share.
type linesPage struct {
	frame
	Rows   []lineRow
	Routes []routeRow
}

type lineRow struct {
	Link, Name, Number, Says string
	Open                     bool
	Way                      string // who decides: its route's name, or its team
	Ring                     patience
}

type routeRow struct{ Link, Name, Used string }

// patience is how long a caller hears it ring at most, beside how long callers listen.
type patience struct {
	Words, Class, Advice string
}

func patient(ring time.Duration) patience {
	p := patience{Words: "rings " + rebound.Span(ring) + " at most"}
	switch {
	case ring == 0:
		p.Words = "rings nobody"
	case ring > rebound.PatienceGone:
		p.Class, p.Advice = "pill--crit", "Most callers have hung up by "+rebound.Span(rebound.PatienceGone)+". Ring people together, or for less time."
	case ring > rebound.PatienceEnds:
		p.Class, p.Advice = "pill--warn", "Callers begin to hang up after "+rebound.Span(rebound.PatienceEnds)+"."
	}
	return p
}

func (s *site) lines(w http.ResponseWriter, r *http.Request) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	d, err := s.declared(r)
	if err != nil {
		return err
	}
	p := linesPage{frame: sc.frame("Call routing", sc.at.lines(), "")}
	used := map[rebound.RouteID][]string{}
	for _, l := range d.Lines {
		used[l.Route] = append(used[l.Route], l.Name)
		route, status := d.RouteOf(l), sc.status(l)
		row := lineRow{Link: sc.at.line(l.ID), Name: l.Name, Number: sc.number(string(l.Number)), Says: capital(status.Why), Open: status.Open}
		row.Way, row.Ring = cmp.Or(route.Name, "Rings "+d.teamName(l.Team)), patient(d.FullPlan(l, route, rebound.OpenWay).RingTime())
		p.Rows = append(p.Rows, row)
	}
	for _, route := range d.Routes {
		row := routeRow{Link: sc.at.route(route.ID), Name: cmp.Or(route.Name, string(route.ID)), Used: "No number goes by it"}
		if names := used[route.ID]; len(names) > 0 {
			row.Used = and(names)
		}
		p.Routes = append(p.Routes, row)
	}
	return render(w, r, http.StatusOK, linesPageView(p))
}

func (sc scene) status(l rebound.Line) rebound.Status {
	return sc.set.Schedule(sc.business, l).At(sc.now, sc.zone, holiday.Find)
}

// linePage is one number: what becomes of its calls, and the tester beside it.
type linePage struct {
	frame
	Name, Number, More string
	Says               string // "Open until 5:30 PM"
	Open               bool
	Link               string // of the page itself
	EditLine           string
	EditHours          string
	EditRoute          string
	Hours              string
	Entry              string // class of what every call goes through
	Ways               []wayView
	Fallback           string
	Pickups            []pickupView
	Tester             tester
}

// wayView is one way of the route, drawn as cards below each other.
type wayView struct {
	Label, Title string
	Class        string // of its pill
	Ring         patience
	Nodes        []node
	Mark         string // "is-hit" on the tester's path, "is-off" beside it
}

// node is one card of a way.
type node struct {
	Wire        string // what leads to it; empty: it is the first
	Icon, Badge string
	Title, Sub  string
	People      []person
	Says        string // what the caller hears or reads
	Keys        []keyView
	Edit        string
}

type keyView struct{ Key, Words string }

func (s *site) linePage(w http.ResponseWriter, r *http.Request) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	d, err := s.declared(r)
	if err != nil {
		return err
	}
	l, ok := d.line(rebound.LineID(r.PathValue("line")))
	if !ok {
		return errNoPage
	}
	route, status := d.RouteOf(l), sc.status(l)
	p := linePage{
		frame: sc.frame(l.Name, sc.at.lines(), ""), Name: l.Name, Number: sc.number(string(l.Number)), Says: capital(status.Why), Open: status.Open,
		Link: sc.at.line(l.ID), EditLine: sc.at.line(l.ID) + "/edit", EditHours: sc.at.hours(l.ID), EditRoute: sc.at.route(l.Route), Hours: hoursWords(l, sc.business),
	}
	if len(d.Lines) > 1 {
		p.More = plural(len(d.Lines)-1, "more number", "more numbers")
	}
	if l.Route == "" {
		p.EditRoute = sc.at.newRoute(l.ID)
	}
	if p.Pickups, err = s.pickups(r, sc, d, l); err != nil {
		return err
	}
	if p.Tester, err = s.test(r, sc, l); err != nil {
		return err
	}
	if p.Tester.Taken != "" {
		p.Entry = "is-hit"
	}
	for _, way := range []rebound.RouteWay{rebound.OpenWay, rebound.ClosedWay, rebound.VIPWay} {
		if way == rebound.VIPWay && len(route.VIP) == 0 {
			continue
		}
		p.Ways = append(p.Ways, sc.way(d, l, route, way, p))
	}
	if who := d.whomWords(sc, route.Fallback); who != "" {
		p.Fallback = "If nobody is on duty, " + who + " rings all the same, and you are told."
	}
	return render(w, r, http.StatusOK, linePageView(p))
}

// hoursWords says a line's week and holidays.
func hoursWords(l rebound.Line, b rebound.Business) string {
	schedule := l.Schedule.Or(b.Schedule)
	if schedule.Weekly.Always() {
		return "Always open"
	}
	words := schedule.Weekly.String()
	if n := len(schedule.Holidays); n > 0 {
		words += " · " + plural(n, "holiday", "holidays")
	}
	return words
}

// way draws one way of a route.
func (sc scene) way(d declaration, l rebound.Line, r rebound.Route, way rebound.RouteWay, p linePage) wayView {
	plan := d.FullPlan(l, r, way)
	v := wayView{Ring: patient(plan.RingTime())}
	switch way {
	case rebound.OpenWay:
		v.Label, v.Title, v.Class = "Open", "In opening hours", "pill--ok"
	case rebound.ClosedWay:
		v.Label, v.Title = "Closed", "Outside opening hours"
	case rebound.VIPWay:
		v.Label, v.Title, v.Class = "VIP", "Callers marked as VIP, at any hour", "pill--accent"
	}
	switch {
	case p.Tester.Taken == way:
		v.Mark = "is-hit"
	case p.Tester.Taken != "":
		v.Mark = "is-off"
	}
	v.Nodes = sc.nodes(d, way.Of(r))
	end := plan.Steps[len(plan.Steps)-1]
	v.Nodes = append(v.Nodes, node{Icon: "vm", Title: "Voicemail", Says: end.Say})
	if last := &v.Nodes[len(v.Nodes)-1]; end.Kind == rebound.GreetStep {
		last.Title, last.Sub = "Greeting, then the call ends", "No voicemail"
	} else {
		last.Sub = "Up to " + rebound.Span(end.MaxFor)
	}
	if end.Play != "" || end.Sound != "" {
		v.Nodes[len(v.Nodes)-1].Says = "Recorded greeting"
	}
	for i := range v.Nodes {
		v.Nodes[i].Edit = p.EditRoute + "#way-" + string(way)
	}
	v.Nodes[len(v.Nodes)-1].Edit = p.EditLine + "#f-greeting.say"
	v.Nodes = append(v.Nodes, sc.textNode(l, way))
	for i := 1; i < len(v.Nodes); i++ {
		v.Nodes[i].Wire = map[string]string{"team": "nobody answers", "user": "nobody answers", "split": "nobody answers", "route": "no key", "vm": "caller hangs up"}[v.Nodes[i-1].Icon]
	}
	return v
}

// textNode is the text that a missed caller gets.
func (sc scene) textNode(l rebound.Line, way rebound.RouteWay) node {
	policy := sc.business.TextBack.WithDefaults()
	n := node{Icon: "bolt", Badge: "badge--accent", Title: "Text them back", Sub: "Within seconds, to mobile numbers"}
	if policy.Off {
		return node{Icon: "bolt", Title: "No text", Sub: "Automatic texts are off"}
	}
	text := policy.Templates.Open
	if way == rebound.ClosedWay {
		text = policy.Templates.AfterHours
	}
	n.Says = rebound.Fill(text, rebound.TemplateValues(sc.business, l, rebound.Contact{}))
	return n
}

// nodes draws steps up to their end, which is drawn by itself.
func (sc scene) nodes(d declaration, steps []rebound.RouteStep) []node {
	var nodes []node
	rings := 0
	for _, s := range steps {
		switch s.Kind {
		case rebound.RingStep:
			n := node{Icon: "team", Title: "Ring " + d.whomWords(sc, s.Whom), Sub: ringWords(s), People: d.whomPeople(sc, s.Whom)}
			if s.Whom.Team == "" {
				n.Icon = "user"
			}
			if rings++; rings > 1 && s.Whom.Team != "" {
				n.Icon, n.Title = "split", "Overflow: ring "+d.whomWords(sc, s.Whom)
			}
			nodes = append(nodes, n)
		case rebound.MenuStep:
			n := node{Icon: "route", Title: "Menu", Says: s.Menu.Say}
			for _, c := range s.Menu.Choices {
				n.Keys = append(n.Keys, keyView{c.Key, c.Name + ": " + d.stepsWords(sc, c.Steps)})
			}
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// stepsWords says what stands behind a key in one line.
func (d declaration) stepsWords(sc scene, steps []rebound.RouteStep) string {
	var words []string
	for _, s := range steps {
		switch s.Kind {
		case rebound.RingStep:
			words = append(words, fmt.Sprintf("ring %s %s", d.whomWords(sc, s.Whom), rebound.Span(cmp.Or(s.For, rebound.DefaultRing))))
		case rebound.MenuStep:
			words = append(words, "another menu")
		case rebound.VoicemailStep:
			words = append(words, "voicemail")
		case rebound.GreetStep:
			words = append(words, "greeting")
		}
	}
	if len(words) == 0 {
		return "goes on below"
	}
	return strings.Join(words, ", then ")
}

func ringWords(s rebound.RouteStep) string {
	long := rebound.Span(cmp.Or(s.For, rebound.DefaultRing))
	if s.Whom.Team == "" {
		return "For " + long
	}
	return map[rebound.RingStrategy]string{
		rebound.InOrder: "One after another", rebound.RoundRobin: "In turn, beginning with the next each call",
		rebound.LongestIdle: "One after another, longest idle first", rebound.Sticky: "Who talked with them last, then all",
	}[s.Strategy] + map[bool]string{true: "All at once, for " + long, false: ", " + long + " each"}[s.Strategy == rebound.Together || s.Strategy == ""]
}

// declaration finds things in what a business has declared, and names them.
type declaration struct{ rebound.Declaration }

func (s *site) declared(r *http.Request) (declaration, error) {
	d, err := s.Desk.Declared(r.Context(), s.Business)
	return declaration{d}, err
}

func (d declaration) line(id rebound.LineID) (rebound.Line, bool) {
	for _, l := range d.Lines {
		if l.ID == id {
			return l, true
		}
	}
	return rebound.Line{}, false
}

func (d declaration) team(id rebound.TeamID) rebound.Team {
	for _, t := range d.Teams {
		if t.ID == id {
			return t
		}
	}
	return rebound.Team{}
}

func (d declaration) teamName(id rebound.TeamID) string {
	name := cmp.Or(d.team(id).Name, string(id))
	if strings.HasSuffix(strings.ToLower(name), "team") {
		return "the " + name
	}
	return name
}

// whomWords names who rings; empty: nobody.
func (d declaration) whomWords(sc scene, w rebound.Whom) string {
	switch {
	case w.Team != "":
		return d.teamName(w.Team)
	case w.Member != "":
		return cmp.Or(sc.person(w.Member).Name, string(w.Member))
	case w.Owner:
		return "whose customer it is"
	case w.Outside.Number != "":
		return sc.number(string(w.Outside.Number))
	}
	return w.Outside.Address
}

func (d declaration) whomPeople(sc scene, w rebound.Whom) []person {
	ids := d.team(w.Team).Members
	if w.Member != "" {
		ids = []rebound.MemberID{w.Member}
	}
	var people []person
	for _, id := range ids {
		if p := sc.person(id); p.Name != "" {
			people = append(people, p)
		}
	}
	return people
}
