package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"rebound"
)

// routePage is the form in which a route is written.
type routePage struct {
	frame
	Heading, Sub   string
	Action, Back   string
	Base, Line     string // hidden: what the form was made from, and the line that a new route is for
	Name           field
	Ways           []wayForm
	Whom, Number   field // the fallback
	Wrongs         wrongs
	Stale, Current bool // Stale: somebody changed the route meanwhile; Current: it can still be looked at
	Replay         *replayView
}

// wayForm is one way of the route.
type wayForm struct {
	At, Title, Help string
	Ring            patience
	Steps           []stepForm
}

type stepForm struct {
	At, Title, Kind       string
	First, Last           bool
	Whom, Number, By, For field
	Say, Language, Play   field
	SoundName, Sound      string // of a stored greeting
	Wait, Tries           field
	Keys                  []keyForm
	Spoken                bool // Language or Play is in use
}

type keyForm struct {
	At          string
	First, Last bool
	Key, Name   field
	Steps       []stepForm
}

// edited is a route that is being edited.
type edited struct {
	declaration
	route rebound.Route
	line  rebound.LineID // a new route is this line's
	mark  string         // of the route as it stands
}

// newRoute names, in an address, the route that is still to be made.
const newRoute = "new"

// editing finds the route that an address names. A new one begins as what its line does without.
func (s *site) editing(r *http.Request) (edited, error) {
	d, err := s.declared(r)
	e := edited{declaration: d}
	if err != nil {
		return e, err
	}
	if id := rebound.RouteID(r.PathValue("route")); id != newRoute {
		i := slices.IndexFunc(d.Routes, func(route rebound.Route) bool { return route.ID == id })
		if i < 0 {
			return e, errNoPage
		}
		e.route = d.Routes[i]
		e.mark = routeSeal(e.route)
		return e, nil
	}
	l, ok := d.line(rebound.LineID(r.FormValue("line")))
	if !ok || l.Route != "" {
		return e, errNoPage
	}
	e.line, e.route, e.mark = l.ID, l.OwnRoute(), sealOf(l)
	e.route.Name = l.Name
	return e, nil
}

// routeSeal is the seal of a route: its name is not in its JSON.
func routeSeal(r rebound.Route) string { return sealOf([]any{r.Name, r}) }

func (s *site) editRoute(w http.ResponseWriter, r *http.Request) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	e, err := s.editing(r)
	if err != nil {
		return err
	}
	p := sc.routePage(e, draftRoute(e.route), nil)
	p.Base = e.mark
	return render(w, r, http.StatusOK, routePageView(p))
}

// pressRoute takes one press of a button of the form: it changes the form, shows what calls would have done, or saves.
func (s *site) pressRoute(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	e, err := s.editing(r)
	if err != nil {
		return err
	}
	draft := readRouteDraft(r.PostForm)
	what := r.PostForm.Get("do")
	var found wrongs
	status := http.StatusOK
	switch what {
	case "save", "over":
		id, ws, err := s.saveRoute(r, e, draft)
		if err == nil && len(ws) == 0 {
			http.Redirect(w, r, e.backFrom(s.at, id), http.StatusSeeOther)
			return nil
		}
		if found, status = ws, http.StatusUnprocessableEntity; err != nil && rebound.ErrorKind(err) != rebound.Conflict {
			return err
		}
		if err != nil {
			status = http.StatusConflict
		}
	case "replay":
		return s.showReplay(w, r, sc, e, draft)
	default:
		draft.press(what)
	}
	p := sc.routePage(e, draft, found)
	p.Base, p.Stale = r.PostForm.Get("base"), status == http.StatusConflict
	return render(w, r, status, routePageView(p))
}

// backFrom is where a saved route is looked at: on the first line that goes by it.
func (e edited) backFrom(at place, id rebound.RouteID) string {
	if e.line != "" {
		return at.line(e.line)
	}
	for _, l := range e.Lines {
		if l.Route == id {
			return at.line(l.ID)
		}
	}
	return at.lines()
}

// saveRoute writes the draft into what the business declares, unless it cannot be (wrongs) or the route was changed
// since the form was made (Conflict).
func (s *site) saveRoute(r *http.Request, e edited, draft routeDraft) (rebound.RouteID, wrongs, error) {
	id := e.route.ID
	if id == "" {
		id = freeRoute(e.Declaration, draft.Name)
	}
	route, in := draft.route(id, e.Business)
	if len(in.wrongs) > 0 {
		return id, in.wrongs, nil
	}
	over := r.PostForm.Get("do") == "over"
	err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		if mark := e.markIn(*d); mark != r.PostForm.Get("base") && (!over || mark == "") {
			return errChanged
		}
		if e.route.ID == "" {
			id = freeRoute(*d, draft.Name) // somebody may have been faster with the same name
			route.ID = id
		}
		e.put(d, route)
		return nil
	})
	if err == nil {
		return id, nil, nil
	}
	ws, _, err := refused(err, in.fields)
	return id, ws, err
}

// markIn is the mark of what is edited as it stands; empty: it is no longer there.
func (e edited) markIn(d rebound.Declaration) string {
	for _, l := range d.Lines {
		if e.line != "" && l.ID == e.line && l.Route == "" {
			return sealOf(l)
		}
	}
	for _, route := range d.Routes {
		if e.line == "" && route.ID == e.route.ID {
			return routeSeal(route)
		}
	}
	return ""
}

// put writes the route into a declaration. A new one becomes its line's, which then says no longer by itself who rings.
func (e edited) put(d *rebound.Declaration, route rebound.Route) {
	for i := range d.Routes {
		if e.route.ID != "" && d.Routes[i].ID == route.ID {
			d.Routes[i] = route
			return
		}
	}
	d.Routes = append(d.Routes, route)
	for i := range d.Lines {
		if l := &d.Lines[i]; e.line != "" && l.ID == e.line {
			l.Route, l.Team, l.Strategy, l.RingFor = route.ID, "", "", 0
		}
	}
}

// freeRoute makes a key for a new route out of its name: it stands in business.yaml and in addresses.
func freeRoute(d rebound.Declaration, name string) rebound.RouteID {
	return rebound.RouteID(rebound.Key(name, "route", func(key string) bool {
		return key == newRoute || slices.ContainsFunc(d.Routes, func(r rebound.Route) bool { return string(r.ID) == key })
	}))
}

// routePage shows a draft.
func (sc scene) routePage(e edited, draft routeDraft, found wrongs) routePage {
	id := string(e.route.ID)
	p := routePage{
		frame: sc.frame("Edit route", sc.at.lines(), ""), Heading: cmp.Or(e.route.Name, "Route"), Back: e.backFrom(sc.at, e.route.ID),
		Action: sc.at.route(rebound.RouteID(cmp.Or(id, newRoute))), Line: string(e.line), Wrongs: found, Current: id != "",
	}
	var lines []string
	for _, l := range e.Lines {
		if e.line == "" && l.Route == e.route.ID || e.line == l.ID {
			lines = append(lines, l.Name)
		}
	}
	p.Sub = "No number goes by it yet"
	if len(lines) > 0 {
		p.Sub = "Who rings when somebody calls " + and(lines)
	}
	f := former{sc: sc, d: e.declaration, wrongs: found}
	p.Name = f.text("name", "Name", draft.Name)
	p.Whom, p.Number = f.whom(draft.Fallback, "fallback", "If nobody is on duty", option{Text: "Nobody: voicemail"})
	route, _ := draft.route(e.route.ID, e.Business)
	line := e.firstLine(e.route.ID)
	for _, w := range ways() {
		way := wayForm{At: string(w), Steps: f.steps(draft.Ways[w], string(w))}
		if len(way.Steps) > 0 {
			way.Ring = patient(e.FullPlan(line, route, w).RingTime())
		}
		switch w {
		case rebound.OpenWay:
			way.Title, way.Help = "When you are open", "Nothing here: callers hear the greeting at once."
		case rebound.ClosedWay:
			way.Title, way.Help = "When you are closed", "Nothing here: callers hear the after-hours greeting and can leave a voicemail."
		case rebound.VIPWay:
			way.Title, way.Help = "For VIPs, at any hour", "Nothing here: they are treated as everybody."
		}
		p.Ways = append(p.Ways, way)
	}
	return p
}

// firstLine is the line by which a route's ring time is shown.
func (e edited) firstLine(id rebound.RouteID) rebound.Line {
	for _, l := range e.Lines {
		if e.line == l.ID || e.line == "" && l.Route == id {
			return l
		}
	}
	return rebound.Line{}
}

// former makes fields.
type former struct {
	sc     scene
	d      declaration
	wrongs wrongs
}

func (f former) text(name, label, value string) field {
	return field{Name: name, Label: label, Value: value, Problem: f.wrongs.of(name)}
}

func (f former) number(name, label, value, help string) field {
	n := f.text(name, label, value)
	n.Type, n.Help, n.Min = "number", help, "1"
	return n
}

// whom asks who rings; first comes what stands for nobody.
func (f former) whom(d whomDraft, at, label string, first ...option) (whom, number field) {
	options := first
	for _, t := range f.d.Teams {
		options = append(options, option{Value: "team:" + string(t.ID), Text: cmp.Or(t.Name, string(t.ID))})
	}
	for _, m := range f.d.Members {
		options = append(options, option{Value: "member:" + string(m.ID), Text: m.Name})
	}
	options = append(options,
		option{Value: "owner", Text: "Whose customer it is"},
		option{Value: string(rebound.Cell), Text: "A mobile outside the team"}, option{Value: string(rebound.Desk), Text: "A desk phone outside the team"},
		option{Value: string(rebound.SIP), Text: "An internet phone outside the team"},
	)
	if d.Whom == "" && len(first) == 0 {
		d.Whom = options[0].Value
	}
	whom = f.text(at+".whom", label, d.Whom)
	whom.Options = choose(d.Whom, options...)
	number = f.text(at+".number", "Its number or address", d.Number)
	return whom, number
}

func (f former) steps(drafts []stepDraft, at string) []stepForm {
	steps := make([]stepForm, len(drafts))
	rings := 0
	for i, d := range drafts {
		in := nth(at, i)
		s := stepForm{At: in, Kind: d.Kind, First: i == 0, Last: i == len(drafts)-1}
		s.Language, s.Play = f.text(in+".language", "Language", d.Language), f.text(in+".play", "Or play this recording", d.Play)
		s.Language.Help, s.Play.Help = "Like en-US, fr-CA.", "An https address of an audio file."
		s.SoundName, s.Sound = in+".sound", d.Sound
		s.Spoken = d.Language != "" || d.Play != "" || s.Language.Problem != "" || s.Play.Problem != ""
		switch rebound.StepKind(d.Kind) {
		case rebound.RingStep:
			if s.Title = "Ring"; rings > 0 {
				s.Title = "Then ring"
			}
			rings++
			s.Whom, s.Number = f.whom(d.Whom, in, "Whom")
			s.By = f.text(in+".by", "How", d.By)
			s.By.Options = choose(cmp.Or(d.By, string(rebound.Together)), strategies()...)
			s.For = f.number(in+".for", "Seconds", d.For, fmt.Sprintf("Empty: %d.", int(rebound.DefaultRing.Seconds())))
		case rebound.MenuStep:
			s.Title, s.Say = "Menu", f.text(in+".say", "What callers hear", d.Say)
			s.Wait = f.number(in+".wait", "Seconds for a key", d.Wait, fmt.Sprintf("Empty: %d.", int(rebound.DefaultMenuWait.Seconds())))
			s.Tries = f.number(in+".tries", "Times it is said", d.Tries, fmt.Sprintf("Empty: %d. A wrong key counts as one.", rebound.DefaultMenuTries))
			s.Keys = f.keys(d.Keys, in)
		case rebound.GreetStep:
			s.Title, s.Say = "Greeting, then the call ends", f.text(in+".say", "What callers hear", d.Say)
			s.Say.Help = "Empty: the number's greeting."
		default:
			s.Title, s.Say = "Voicemail", f.text(in+".say", "Greeting", d.Say)
			s.Say.Help = "Empty: the number's greeting."
		}
		steps[i] = s
	}
	return steps
}

func strategies() []option {
	return []option{
		{Value: string(rebound.Together), Text: "All at once"}, {Value: string(rebound.InOrder), Text: "One after another"},
		{Value: string(rebound.RoundRobin), Text: "In turn, the next one first"}, {Value: string(rebound.LongestIdle), Text: "Longest idle first"},
		{Value: string(rebound.Sticky), Text: "Who talked with them last, then all"},
	}
}

func (f former) keys(drafts []keyDraft, at string) []keyForm {
	keys := make([]keyForm, len(drafts))
	var options []option
	for _, key := range rebound.MenuKeys {
		options = append(options, option{Value: string(key), Text: string(key)})
	}
	for k, d := range drafts {
		in := nth(at+".key", k)
		keys[k] = keyForm{At: in, First: k == 0, Last: k == len(drafts)-1, Steps: f.steps(d.Steps, in+".steps"), Name: f.text(in+".name", "For", d.Name)}
		keys[k].Key = f.text(in+".key", "Key", d.Key)
		keys[k].Key.Options = choose(d.Key, options...)
	}
	return keys
}

// pressAt is where the form is sent by a button, so that the page is then seen at the same place.
func (p routePage) pressAt(at string) string { return p.Action + "#at-" + url.PathEscape(at) }
