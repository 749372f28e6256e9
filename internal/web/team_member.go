package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rebound"
	"rebound/internal/phone"
)

// memberPage is the form of one person.
type memberPage struct {
	frame
	Path    string
	Title   string
	Known   bool // else the person is new
	Form    memberForm
	Teams   []teamTick
	Problem string
	Wrong   []string // what has no field
}

// memberForm is a member as typed.
type memberForm struct {
	Seen                  string
	Name, Email           string
	NameWrong, EmailWrong string
	OffDuty               bool
	Phones                []phoneRow
	PhonesWrong           string
	Teams                 []string // of a new person: the teams to join
}

// phoneRow is one way to be rung, as typed.
type phoneRow struct{ Kind, Number, Wrong string }

// teamTick is a team that a new person may join.
type teamTick struct {
	ID   rebound.TeamID
	Name string
	On   bool
}

func formOfMember(m rebound.Member) memberForm {
	f := memberForm{Seen: sealOf(m), Name: m.Name, Email: m.Email, OffDuty: m.OffDuty}
	for _, d := range m.Rings {
		row := phoneRow{Kind: string(d.Kind), Number: d.Number.International()}
		if d.Kind == rebound.SIP {
			row.Number = d.Address
		}
		f.Phones = append(f.Phones, row)
	}
	return f
}

func readMemberForm(form url.Values) memberForm {
	f := memberForm{
		Seen: form.Get("seen"), Name: form.Get("name"), Email: strings.TrimSpace(form.Get("email")),
		OffDuty: form.Get("off") != "", Teams: form["team"],
	}
	for i := 0; form.Has(fmt.Sprint("p.", i, ".number")); i++ {
		f.Phones = append(f.Phones, phoneRow{Kind: form.Get(fmt.Sprint("p.", i, ".kind")), Number: strings.TrimSpace(form.Get(fmt.Sprint("p.", i, ".number")))})
	}
	return f
}

// member reads the form into a member whose id is kept, or says at each field what is wrong.
func (f *memberForm) member(m rebound.Member, country string) (rebound.Member, bool) {
	fine := true
	m.Name, m.Email, m.OffDuty, m.Rings = strings.Join(strings.Fields(f.Name), " "), f.Email, f.OffDuty, nil
	if m.Name == "" {
		f.NameWrong, fine = "Write a name.", false
	}
	f.Phones = slices.DeleteFunc(f.Phones, func(p phoneRow) bool { return p.Number == "" })
	for i := range f.Phones {
		p := &f.Phones[i]
		d := rebound.Destination{Kind: rebound.DestinationKind(p.Kind)}
		if d.Kind == rebound.SIP {
			d.Address = p.Number
		} else {
			var err error
			if d.Number, err = phone.Parse(p.Number, country); err != nil {
				p.Wrong, fine = sentence(err.Error()), false
			}
		}
		if slices.Contains(m.Rings, d) {
			p.Wrong, fine = "This phone stands here twice. Remove one.", false
		}
		m.Rings = append(m.Rings, d)
	}
	return m, fine
}

// place puts the problems of a declaration at the fields of the member whom they are about.
func (f *memberForm) place(problems rebound.Problems, id rebound.MemberID) (rest []string) {
	for _, p := range problems {
		switch about, _ := strings.CutPrefix(p.About, "members."+string(id)+"."); {
		case about == "name":
			f.NameWrong = says(p)
		case about == "email":
			f.EmailWrong = says(p)
		case strings.HasPrefix(about, "rings"):
			f.PhonesWrong = says(p)
		default:
			rest = append(rest, whole(p))
		}
	}
	return rest
}

func (s *site) newMember(w http.ResponseWriter, r *http.Request) error {
	return s.showMember(w, r, http.StatusOK, memberPage{Path: s.at.people(), Form: memberForm{Phones: []phoneRow{{Kind: string(rebound.Cell)}}}})
}

func (s *site) member(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Desk.Declared(r.Context(), s.Business)
	if err != nil {
		return err
	}
	m, err := memberOf(&d, rebound.MemberID(r.PathValue("member")))
	if err != nil {
		return err
	}
	return s.showMember(w, r, http.StatusOK, memberPage{Path: s.at.member(m.ID), Title: m.Name, Known: true, Form: formOfMember(*m)})
}

func memberOf(d *rebound.Declaration, id rebound.MemberID) (*rebound.Member, error) {
	i := slices.IndexFunc(d.Members, func(m rebound.Member) bool { return m.ID == id })
	if i < 0 {
		return nil, errNoPage
	}
	return &d.Members[i], nil
}

func (s *site) showMember(w http.ResponseWriter, r *http.Request, status int, page memberPage) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	if !page.Known {
		page.Title = "Add someone"
		for _, t := range sc.teams {
			page.Teams = append(page.Teams, teamTick{t.ID, t.Name, slices.Contains(page.Form.Teams, string(t.ID))})
		}
	}
	page.frame = sc.frame(page.Title, sc.at.team(), "")
	return render(w, r, status, memberPageView(page))
}

// saveMember saves a new person or a known one, takes one out of use, or shows the form with its rows changed.
func (s *site) saveMember(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	id, f := rebound.MemberID(r.PathValue("member")), readMemberForm(r.PostForm)
	page := memberPage{Path: s.at.people(), Known: id != "", Title: strings.TrimSpace(f.Name)}
	if page.Known {
		page.Path = s.at.member(id)
	}
	v := pressedVerb(r.PostForm)
	if v.Do != "save" && v.Do != "retire" {
		changeRows(&f.Phones, "p", v, phoneRow{Kind: string(rebound.Cell)})
		page.Form = f
		return s.showMember(w, r, http.StatusOK, page)
	}
	fine := true
	err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		f = readMemberForm(r.PostForm) // anew: it may be called again
		m := &rebound.Member{Business: s.Business}
		if page.Known {
			var err error
			if m, err = memberOf(d, id); err != nil {
				return err
			}
			if seen := sealOf(*m); seen != f.Seen {
				f.Seen = seen
				return errChanged
			}
		}
		if v.Do == "retire" {
			d.RemoveMember(id)
			return nil
		}
		var wanted rebound.Member
		if wanted, fine = f.member(*m, d.Business.Country); !fine {
			return rebound.Problems{}
		}
		if page.Known {
			*m = wanted
			return nil
		}
		wanted.ID = rebound.MemberID(rebound.Key(wanted.Name, "member", func(key string) bool {
			_, err := memberOf(d, rebound.MemberID(key))
			return err == nil
		}))
		id = wanted.ID
		d.Members = append(d.Members, wanted)
		for i, t := range d.Teams {
			if slices.Contains(f.Teams, string(t.ID)) {
				d.Teams[i].Members = append(slices.Clone(t.Members), id)
			}
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
	page.Form, page.Problem = f, above(words, v, "This person")
	return s.showMember(w, r, status, page)
}
