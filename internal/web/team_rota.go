package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rebound"
)

// rotaPage is when whom of a team is on duty: what holds now, and the form.
type rotaPage struct {
	frame
	ID      rebound.TeamID
	Team    string
	Now     []rebound.Duty
	Next    string
	Form    rotaForm
	Options []memberTick // the team's members, for choices
	Saved   bool
	Problem string
}

func (s *site) rota(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Desk.Declared(r.Context(), s.Business)
	if err != nil {
		return err
	}
	t, err := teamOf(&d, rebound.TeamID(r.PathValue("team")))
	if err != nil {
		return err
	}
	return s.showRota(w, r, http.StatusOK, rotaPage{ID: t.ID, Form: formOfRota(*t), Saved: r.URL.Query().Has("saved")})
}

func (s *site) showRota(w http.ResponseWriter, r *http.Request, status int, page rotaPage) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	crews := sc.crews()
	i := slices.IndexFunc(crews, func(c crew) bool { return c.ID == page.ID })
	if i < 0 {
		return errNoPage
	}
	c := crews[i]
	page.Team, page.Now, page.Next = c.Name, c.duties, sc.teamView(c).Next
	for _, m := range c.members {
		page.Options = append(page.Options, memberTick{ID: m.ID, Name: m.Name})
	}
	page.Form.complete(page.Options, rebound.MomentOf(sc.now).String())
	page.frame = sc.frame("Rota of "+c.Name, sc.at.team(), "")
	return render(w, r, status, rotaView(page))
}

func (s *site) saveRota(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	page := rotaPage{ID: rebound.TeamID(r.PathValue("team")), Form: readRotaForm(r.PostForm)}
	f := &page.Form
	if v := pressedVerb(r.PostForm); v.Do != "save" {
		f.change(v)
		return s.showRota(w, r, http.StatusOK, page)
	}
	fine := true
	err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		*f = readRotaForm(r.PostForm) // anew: it may be called again
		t, err := teamOf(d, page.ID)
		if err != nil {
			return err
		}
		if seen := sealOf(*t); seen != f.Seen {
			f.Seen = seen
			return errChanged
		}
		t.Rota, fine = f.rota(*t)
		if fine {
			fine = f.check(*t)
		}
		if !fine {
			return rebound.Problems{}
		}
		return nil
	})
	if err == nil {
		return seeOther(w, r, withQuery(s.at.rota(page.ID), "saved", "1"))
	}
	problems, words, status, other := unsaved(err)
	if other != nil {
		return other
	}
	for _, p := range problems {
		f.Wrong = append(f.Wrong, whole(p))
	}
	page.Problem = words
	if words == "" && !fine {
		page.Problem = "Nothing is saved yet. Mend what is marked below, then save again."
	}
	return s.showRota(w, r, status, page)
}

// periodRow is one dated change or swap, as typed: Who is put on or off duty, or takes the duty of Of.
type periodRow struct {
	Who, Of  string
	On       bool
	From, To string
	Note     string
	Wrong    string
	Past     bool
}

func readPeriods(form url.Values, prefix string) []periodRow {
	var rows []periodRow
	for i := 0; form.Has(prefix + "." + itoa(i) + ".from"); i++ {
		at := prefix + "." + itoa(i) + "."
		rows = append(rows, periodRow{
			Who: form.Get(at + "who"), Of: form.Get(at + "of"), On: form.Get(at+"duty") == "on",
			From: form.Get(at + "from"), To: form.Get(at + "to"), Note: strings.TrimSpace(form.Get(at + "note")),
		})
	}
	return rows
}

// moments reads when the row begins and ends, or says in it what is wrong.
func (p *periodRow) moments() (from, to rebound.Moment, fine bool) {
	from, ok := typedMoment(p.From)
	to, ok2 := typedMoment(p.To)
	if !ok || !ok2 {
		p.Wrong = "Say from when to when, with date and time."
	}
	return from, to, ok && ok2
}

func (p periodRow) blank() bool { return p.From == "" && p.To == "" && p.Note == "" }

// typedInput is a moment as <input type=datetime-local> takes it.
func typedInput(m rebound.Moment) string { return strings.Replace(m.String(), " ", "T", 1) }

func pastPeriods(rows []periodRow) int {
	n := 0
	for _, row := range rows {
		if row.Past {
			n++
		}
	}
	return n
}
