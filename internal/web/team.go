package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"rebound"
	"rebound/internal/store"
)

// teamPage is the people of the business, their teams, and who of them takes calls now.
type teamPage struct {
	frame
	People   []memberView
	Teams    []teamView
	Warnings []coverWarning
	Saved    bool
	Wrong    string
}

// memberView is one person with what they do now and the taps that change it.
type memberView struct {
	ID     rebound.MemberID
	Person person
	Name   string
	Email  string
	Phones []string
	On     bool
	State  string   // "On duty", "On a call", "Busy until 3:00 PM"
	Why    []string // in each team: "Day team: on shift until 5:30 PM"
	Away   bool     // set by hand: a tap brings them back
	Seen   string
}

// teamView is one team with who is on duty and when that changes.
type teamView struct {
	ID      rebound.TeamID
	Name    string
	Members []string
	On      []string // "Ana, on call until Mon 8:00 AM"
	Next    string   // "Next change Mon 8:00 AM"
}

func (s *site) team(w http.ResponseWriter, r *http.Request) error {
	return s.showTeam(w, r, http.StatusOK, teamPage{Saved: r.URL.Query().Has("saved")})
}

func (s *site) showTeam(w http.ResponseWriter, r *http.Request, status int, page teamPage) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	crews := sc.crews()
	set, err := s.rows.Overrides(r.Context())
	if err != nil {
		return err
	}
	talking, err := s.talking(r.Context())
	if err != nil {
		return err
	}
	page.frame = sc.frame("Team", sc.at.team(), "")
	for _, m := range sc.members {
		page.People = append(page.People, sc.memberView(m, crews, talking[m.ID], awayOf(set, m.ID)))
	}
	for _, c := range crews {
		page.Teams = append(page.Teams, sc.teamView(c))
	}
	if page.Warnings, err = s.coverWarnings(r.Context(), sc, crews); err != nil {
		return err
	}
	return render(w, r, status, teamPageView(page))
}

// crew is a team with its members who have not left, in ringing order, and its rota with all that is set by hand.
type crew struct {
	rebound.Team
	members []rebound.Member
	rota    rebound.Rota
	duties  []rebound.Duty // now
}

func (sc scene) crews() []crew {
	var crews []crew
	for _, t := range sc.teams {
		crews = append(crews, sc.crew(t))
	}
	return crews
}

func (sc scene) crew(t rebound.Team) crew {
	c := crew{Team: t}
	for _, id := range t.Members {
		for _, m := range sc.members {
			if m.ID == id {
				c.members = append(c.members, m)
			}
		}
	}
	c.rota = sc.set.Rota(t, c.members)
	c.duties = c.rota.OnDuty(sc.now, sc.zone)
	return c
}

// talking is who is on a call that Rebound put through.
func (s *site) talking(ctx context.Context) (map[rebound.MemberID]bool, error) {
	calls, err := s.rows.Engaging(ctx)
	if err != nil {
		return nil, err
	}
	talking := map[rebound.MemberID]bool{}
	for _, call := range calls {
		talking[call.Engages()] = true
	}
	return talking, nil
}

// awayOf is what is set about a member by hand; its zero value if nothing is.
func awayOf(set []store.Override, m rebound.MemberID) store.Override {
	for _, o := range set {
		if o.Member == m {
			return o
		}
	}
	return store.Override{}
}

func (sc scene) memberView(m rebound.Member, crews []crew, talking bool, away store.Override) memberView {
	v := memberView{ID: m.ID, Person: sc.person(m.ID), Name: m.Name, Email: m.Email, Away: away.Until.After(sc.now), Seen: sealOf(away)}
	for _, d := range m.Rings {
		v.Phones = append(v.Phones, destinationKind(d.Kind)+" "+sc.destination(d))
	}
	for _, c := range crews {
		for _, d := range c.duties {
			if d.Member != m.ID {
				continue
			}
			v.On = v.On || d.On
			v.Why = append(v.Why, c.Name+": "+d.Why)
		}
	}
	switch alone := sc.set.Rota(rebound.Team{}, []rebound.Member{m}).OnDuty(sc.now, sc.zone)[0]; {
	case !alone.On: // of the person, whatever their teams' rotas say
		v.On, v.State, v.Why = false, capital(alone.Why), nil
	case len(v.Why) == 0:
		v.State = "In no team"
	case v.On:
		v.State = "On duty"
	default:
		v.State = "Off duty"
	}
	if talking {
		v.State = "On a call"
	}
	return v
}

func (sc scene) teamView(c crew) teamView {
	v := teamView{ID: c.ID, Name: c.Name}
	for i, d := range c.duties {
		v.Members = append(v.Members, c.members[i].Name)
		if d.On {
			v.On = append(v.On, d.Name+", "+d.Why)
		}
	}
	if next := c.rota.Next(sc.now, sc.zone); !next.IsZero() {
		v.Next = "Next change " + sc.soon(next)
	}
	return v
}

// destination is a phone as people of the business read it.
func (sc scene) destination(d rebound.Destination) string {
	if d.Kind == rebound.SIP {
		return d.Address
	}
	return sc.number(string(d.Number))
}

func destinationKind(k rebound.DestinationKind) string {
	switch k {
	case rebound.Cell:
		return "Cell"
	case rebound.Desk:
		return "Desk"
	}
	return "SIP"
}

// absence is a tap that sends a member away, or brings them back.
func (s *site) absence(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	m := rebound.MemberID(r.PathValue("member"))
	if !slices.ContainsFunc(sc.members, func(o rebound.Member) bool { return o.ID == m }) {
		return errNoPage
	}
	err = s.tapMember(r.Context(), sc, m, r.PostForm, sc.by(r))
	if err == nil {
		return seeOther(w, r, withQuery(s.at.team(), "saved", "1"))
	}
	_, words, status, other := unsaved(err)
	if other != nil {
		return other
	}
	return s.showTeam(w, r, status, teamPage{Wrong: words})
}

func (s *site) tapMember(ctx context.Context, sc scene, m rebound.MemberID, form url.Values, by rebound.MemberID) error {
	set, err := s.rows.Overrides(ctx)
	if err != nil {
		return err
	}
	if form.Get("seen") != sealOf(awayOf(set, m)) {
		return rebound.Errorf(rebound.Conflict, "R1641", "Somebody has set or lifted this by hand meanwhile. Look at what holds now, then press again.")
	}
	v, until := pressedVerb(form), time.Time{}
	if v.Do != "lift" {
		if until = sc.until(v.On, form.Get("at"), rebound.Schedule{}); until.IsZero() {
			return rebound.Errorf(rebound.Invalid, "R1642", "Say until when: choose a date and a time that is still to come.")
		}
	}
	return s.Desk.OverrideMember(ctx, s.Business, m, rebound.Absence{Busy: v.Do == "busy", Until: until}, by)
}
