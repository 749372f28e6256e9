package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rebound"
)

// teamEditPage is the form of one team: its name and its members in ringing order.
type teamEditPage struct {
	frame
	Path    string
	Title   string
	ID      rebound.TeamID // empty: the team is new
	Form    teamForm
	Problem string
	Wrong   []string
}

// teamForm is a team as typed. Members are all people, those of the team first.
type teamForm struct {
	Seen                    string
	Name                    string
	Members                 []memberTick
	NameWrong, MembersWrong string
}

// memberTick is somebody who may be of the team.
type memberTick struct {
	ID   rebound.MemberID
	Name string
	On   bool
}

func formOfTeam(t rebound.Team, all []rebound.Member) teamForm {
	f := teamForm{Seen: seenTeam(t), Name: t.Name}
	for _, id := range t.Members {
		f.Members = append(f.Members, memberTick{ID: id, On: true})
	}
	f.name(all)
	return f
}

// seenTeam is of what the form is about: a rota that changes meanwhile is nothing to it.
func seenTeam(t rebound.Team) string { return sealOf([]any{t.Name, t.Members}) }

// name gives the rows their names, and those who have none a row.
func (f *teamForm) name(all []rebound.Member) {
	for _, m := range all {
		i := slices.IndexFunc(f.Members, func(t memberTick) bool { return t.ID == m.ID })
		if i < 0 {
			f.Members = append(f.Members, memberTick{ID: m.ID, Name: m.Name})
			continue
		}
		f.Members[i].Name = m.Name
	}
	f.Members = slices.DeleteFunc(f.Members, func(t memberTick) bool { return t.Name == "" })
}

func readTeamForm(form url.Values) teamForm {
	f := teamForm{Seen: form.Get("seen"), Name: form.Get("name")}
	for _, id := range form["order"] {
		f.Members = append(f.Members, memberTick{ID: rebound.MemberID(id), On: slices.Contains(form["member"], id)})
	}
	return f
}

func (f teamForm) members() []rebound.MemberID {
	var ids []rebound.MemberID
	for _, m := range f.Members {
		if m.On {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

func (f *teamForm) place(problems rebound.Problems, id rebound.TeamID) (rest []string) {
	for _, p := range problems {
		switch about, _ := strings.CutPrefix(p.About, "teams."+string(id)+"."); about {
		case "name":
			f.NameWrong = says(p)
		case "members":
			f.MembersWrong = says(p)
		default:
			rest = append(rest, whole(p))
		}
	}
	return rest
}

func teamOf(d *rebound.Declaration, id rebound.TeamID) (*rebound.Team, error) {
	i := slices.IndexFunc(d.Teams, func(t rebound.Team) bool { return t.ID == id })
	if i < 0 {
		return nil, errNoPage
	}
	return &d.Teams[i], nil
}

func (s *site) newTeam(w http.ResponseWriter, r *http.Request) error {
	return s.showTeamEdit(w, r, http.StatusOK, teamEditPage{Path: s.at.teams()})
}

func (s *site) editTeam(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Desk.Declared(r.Context(), s.Business)
	if err != nil {
		return err
	}
	t, err := teamOf(&d, rebound.TeamID(r.PathValue("team")))
	if err != nil {
		return err
	}
	return s.showTeamEdit(w, r, http.StatusOK, teamEditPage{Path: s.at.teamOf(t.ID), ID: t.ID, Form: formOfTeam(*t, d.Members)})
}

func (s *site) showTeamEdit(w http.ResponseWriter, r *http.Request, status int, page teamEditPage) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	page.Form.name(sc.members)
	page.Title = page.Form.Name
	if page.ID == "" {
		page.Title = "Add a team"
	}
	page.frame = sc.frame(page.Title, sc.at.team(), "")
	return render(w, r, status, teamEditView(page))
}

// saveTeam saves a new team or a known one, takes one out of use, or shows the form with its rows moved.
func (s *site) saveTeam(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	f := readTeamForm(r.PostForm)
	page := teamEditPage{Path: s.at.teams(), ID: rebound.TeamID(r.PathValue("team"))}
	if page.ID != "" {
		page.Path = s.at.teamOf(page.ID)
	}
	v := pressedVerb(r.PostForm)
	if v.Do != "save" && v.Do != "retire" {
		changeRows(&f.Members, "m", v, memberTick{})
		page.Form = f
		return s.showTeamEdit(w, r, http.StatusOK, page)
	}
	id := page.ID
	err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		t := &rebound.Team{Business: s.Business}
		if page.ID != "" {
			var err error
			if t, err = teamOf(d, id); err != nil {
				return err
			}
			if seen := seenTeam(*t); seen != f.Seen {
				f.Seen = seen
				return errChanged
			}
		}
		if v.Do == "retire" {
			d.Teams = slices.DeleteFunc(d.Teams, func(o rebound.Team) bool { return o.ID == id })
			return nil
		}
		t.Name = strings.Join(strings.Fields(f.Name), " ")
		t.SetMembers(f.members())
		if page.ID == "" {
			t.ID = rebound.TeamID(rebound.Key(t.Name, "team", func(key string) bool {
				_, err := teamOf(d, rebound.TeamID(key))
				return err == nil
			}))
			id = t.ID
			d.Teams = append(d.Teams, *t)
		}
		if t.Name == "" {
			return rebound.Problems{{About: "teams." + string(id) + ".name", Wrong: "write a name"}}
		}
		return nil
	})
	if err == nil {
		return seeOther(w, r, withQuery(s.at.team(), "saved", "1"))
	}
	problems, words, status, other := unsaved(err)
	if other != nil {
		return other
	}
	page.Wrong = f.place(problems, id)
	page.Form, page.Problem = f, above(words, v, "This team")
	return s.showTeamEdit(w, r, status, page)
}
