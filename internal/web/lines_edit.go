package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound"
)

// lineEditPage is the form of a number's own settings: its name, who decides on its calls, and what callers hear.
type lineEditPage struct {
	frame
	Heading, Number, Link string
	Base                  string // hidden: what the form was made from
	Name, Route           field
	Team, Strategy, For   field // where no route decides
	Say, Closed           field
	Language, Play        field
	Voicemail             field
	Longest, Silence      field
	Spoken                bool // Language or Play is in use
	Wrongs                wrongs
	Stale                 bool
}

func (s *site) editLine(w http.ResponseWriter, r *http.Request) error {
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
	p := sc.lineEditPage(d, l, lineForm(l), nil)
	p.Base = sealOf(l)
	return render(w, r, http.StatusOK, lineEditView(p))
}

// lineForm is a line as the form shows it first.
func lineForm(l rebound.Line) url.Values {
	v := url.Values{
		"name": {l.Name}, "route": {string(l.Route)}, "team": {string(l.Team)}, "strategy": {string(l.Strategy)}, "for": {wholeSeconds(l.RingFor)},
		"greeting.say": {l.Greeting.Say}, "greeting.closed": {l.Greeting.Closed}, "greeting.language": {l.Greeting.Language}, "greeting.play": {l.Greeting.Play},
		"longest": {wholeSeconds(l.Voicemail.MaxLength)}, "silence": {wholeSeconds(l.Voicemail.EndSilence)},
	}
	if !l.Voicemail.Off {
		v.Set("voicemail", "yes")
	}
	return v
}

func (s *site) saveLine(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
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
	typed, in := readLine(l, r.PostForm, d)
	found, status := in.wrongs, http.StatusUnprocessableEntity
	stale := false
	if len(found) == 0 {
		err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
			i := slices.IndexFunc(d.Lines, func(other rebound.Line) bool { return other.ID == l.ID })
			if i < 0 || sealOf(d.Lines[i]) != r.PostForm.Get("base") && (r.PostForm.Get("do") != "over") {
				return errChanged
			}
			d.Lines[i] = typed
			return nil
		})
		if err == nil {
			http.Redirect(w, r, s.at.line(l.ID), http.StatusSeeOther)
			return nil
		}
		if stale = rebound.ErrorKind(err) == rebound.Conflict; stale {
			status = http.StatusConflict
		} else if found, status, err = refused(err, in.fields); err != nil {
			return err
		}
	}
	p := sc.lineEditPage(d, l, r.PostForm, found)
	p.Base, p.Stale = r.PostForm.Get("base"), stale
	return render(w, r, status, lineEditView(p))
}

// readLine is the line with what the form says of it. Where a route decides who rings, the line says nothing of that;
// where one is given up, it rings the first team until the form comes back with another.
func readLine(l rebound.Line, form url.Values, d declaration) (rebound.Line, *drafting) {
	place := "lines." + string(l.ID)
	in := &drafting{fields: map[string]string{
		place + ".name": "name", place + ".route": "route", place + ".team": "team", place + ".ring": "strategy", place + ".ring_for": "for",
		place + ".greeting.say": "greeting.say", place + ".greeting.closed": "greeting.closed", place + ".greeting.language": "greeting.language",
		place + ".greeting.play": "greeting.play", place + ".voicemail.max_length": "longest", place + ".voicemail.end_silence": "silence",
	}}
	if l.Name = tidy(form.Get("name")); l.Name == "" {
		in.wrong("name", "The number has no name. Give it one that your team knows.")
	}
	l.Route = rebound.RouteID(form.Get("route"))
	if l.Team, l.Strategy, l.RingFor = "", "", 0; l.Route == "" {
		l.Team, l.Strategy, l.RingFor = rebound.TeamID(form.Get("team")), rebound.RingStrategy(form.Get("strategy")), in.seconds(form.Get("for"), "for")
		l.RingFor = cmp.Or(l.RingFor, rebound.DefaultRing)
		l.Strategy = cmp.Or(l.Strategy, rebound.Together)
		if l.Team == "" && len(d.Teams) > 0 {
			l.Team = d.Teams[0].ID
		}
	}
	g := &l.Greeting // its sounds have a page of their own
	g.Say, g.Closed = tidy(form.Get("greeting.say")), tidy(form.Get("greeting.closed"))
	g.Language, g.Play = strings.TrimSpace(form.Get("greeting.language")), strings.TrimSpace(form.Get("greeting.play"))
	l.Voicemail.Off = form.Get("voicemail") == ""
	l.Voicemail.MaxLength = cmp.Or(in.seconds(form.Get("longest"), "longest"), l.Voicemail.MaxLength)
	l.Voicemail.EndSilence = cmp.Or(in.seconds(form.Get("silence"), "silence"), l.Voicemail.EndSilence)
	return l, in
}

func (sc scene) lineEditPage(d declaration, l rebound.Line, v url.Values, found wrongs) lineEditPage {
	f := former{sc: sc, d: d, wrongs: found}
	text := func(name, label, help string) field {
		t := f.text(name, label, v.Get(name))
		t.Help = help
		return t
	}
	p := lineEditPage{
		frame: sc.frame("Edit "+l.Name, sc.at.lines(), ""), Heading: l.Name, Number: sc.number(string(l.Number)), Link: sc.at.line(l.ID), Wrongs: found,
		Name: text("name", "Name", ""), Route: text("route", "Who decides on its calls", "A route is edited on its own page, and several numbers can go by it."),
		Team: text("team", "Rings", ""), Strategy: text("strategy", "How", ""),
		For:      f.number("for", "Seconds", v.Get("for"), "A mobile's own voicemail takes calls after 20 to 25."),
		Say:      text("greeting.say", "Greeting before the voicemail", "Empty: “You have reached "+sc.business.Name+" …”"),
		Closed:   text("greeting.closed", "Greeting when you are closed", "Empty: the same greeting."),
		Language: text("greeting.language", "Language", "Like en-US, fr-CA."), Play: text("greeting.play", "Or play this recording", "An https address of an audio file."),
		Voicemail: field{Name: "voicemail", Label: "Callers can leave a voicemail", Checked: v.Get("voicemail") != ""},
		Longest:   f.number("longest", "At most, in seconds", v.Get("longest"), ""), Silence: f.number("silence", "Ends after so many seconds of silence", v.Get("silence"), ""),
	}
	routes := []option{{Text: "Nobody else: one team rings"}}
	for _, r := range d.Routes {
		routes = append(routes, option{Value: string(r.ID), Text: "The route " + cmp.Or(r.Name, string(r.ID))})
	}
	var teams []option
	for _, t := range d.Teams {
		teams = append(teams, option{Value: string(t.ID), Text: cmp.Or(t.Name, string(t.ID))})
	}
	p.Route.Options, p.Team.Options = choose(v.Get("route"), routes...), choose(v.Get("team"), teams...)
	p.Strategy.Options = choose(v.Get("strategy"), strategies()[:2]...)
	p.Spoken = p.Language.Value != "" || p.Play.Value != "" || p.Language.Problem != "" || p.Play.Problem != ""
	return p
}

// pickupFor is how far back phones are looked at whose own voicemail takes calls.
const pickupFor = 7 * 24 * time.Hour

// pickupView tells of such a phone, with the remedy.
type pickupView struct {
	Words, Button   string
	Action          string
	Member, Seconds string
}

// pickups tells of those that the line would still ring for so long.
func (s *site) pickups(r *http.Request, sc scene, d declaration, l rebound.Line) ([]pickupView, error) {
	found, err := s.Desk.Pickups(r.Context(), s.Business, l.ID, sc.now.Add(-pickupFor))
	if err != nil {
		return nil, err
	}
	var views []pickupView
	for _, p := range found {
		if would := d.Declaration; !would.Shorten(l.ID, p.Member, p.Ring) {
			continue
		}
		name := cmp.Or(sc.person(p.Member).First, p.Name)
		views = append(views, pickupView{
			Words:  fmt.Sprintf("%s this week probably reached %s’s own voicemail, which picks up after %s.", plural(p.Calls, "call", "calls"), name, rebound.Span(p.After)),
			Button: "Ring " + rebound.Span(p.Ring) + " instead", Action: sc.at.line(l.ID) + "/ring",
			Member: string(p.Member), Seconds: wholeSeconds(p.Ring),
		})
	}
	return views, nil
}

// shortenRing is the one tap that takes such advice.
func (s *site) shortenRing(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	line, member := rebound.LineID(r.PathValue("line")), rebound.MemberID(r.PostForm.Get("member"))
	n, err := strconv.Atoi(r.PostForm.Get("seconds"))
	if err != nil || n < 5 || n > 120 {
		return unreadable(err)
	}
	err = s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		d.Shorten(line, member, time.Duration(n)*time.Second) // pressed twice, it is so already
		return nil
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.at.line(line), http.StatusSeeOther)
	return nil
}
