package web

import (
	"net/http"
	"slices"
	"strings"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/store"
)

// linkPage is what the link in an alert opens: one conversation on a phone, without a password, for one member and as
// long as that recovery waits, a day at most. Opening it changes nothing, for previews open links too.
type linkPage struct {
	Business string
	Path     string // of the page, without a slash at its end
	Member   person
	Ended    string // why the link does nothing any more; then there is no more than that
	Strip    linkStrip
	Name     string
	Number   string
	Call     string // tel: address; "" where the number is hidden
	Said     []linkSaid
	Voice    *voicemail
	Mine     bool // the member has claimed it
	Over     bool // somebody made contact or closed it: nothing is left to do
	Recovery rebound.RecoveryID
	Cannot   string // instead of the form to write a text
	Line     string
	draft
}

// linkStrip says above all how it stands.
type linkStrip struct {
	Class      string
	Head, Tail string
	Wait       *wait
}

// linkSaid is something that the caller wrote.
type linkSaid struct{ Body, Time, Stamp string }

// mostSaid is how many of the caller's texts a link page shows.
const mostSaid = 3

// linked is a link that was opened and what it is about.
type linked struct {
	engine.AlertLink
	scene
	conv     store.Conversation
	recovery rebound.Recovery
}

// readLink checks the link and reads what it opens. A page with nothing but the reason answers an altered or expired one.
func (s *site) readLink(r *http.Request) (linked, error) {
	var l linked
	var err error
	if l.AlertLink, err = s.Desk.ReadAlertLink(linkPath(r)); err != nil {
		return l, err
	}
	if l.Business != s.Business {
		return l, errNoPage
	}
	if l.scene, err = s.scene(r); err != nil {
		return l, err
	}
	if l.recovery, err = s.rows.Recovery(r.Context(), l.Recovery); err != nil {
		return l, err
	}
	if !slices.ContainsFunc(l.members, func(m rebound.Member) bool { return m.ID == l.Member }) {
		return l, rebound.Errorf(rebound.Forbidden, "R1661", "This link is for somebody who has left the team. Sign in to open the conversation.")
	}
	if l.conv, err = s.rows.Conversation(r.Context(), l.recovery.Contact); err != nil {
		return l, err
	}
	l.as = l.Member
	return l, nil
}

// linkPattern is the address of a link's page, as the engine makes it.
const linkPattern = "/a/{business}/{recovery}/{member}/{until}/{mac}"

// linkPath is the part of an address that the engine signed.
func linkPath(r *http.Request) string {
	path := "/a"
	for _, part := range []string{"business", "recovery", "member", "until", "mac"} {
		path += "/" + r.PathValue(part)
	}
	return path
}

func (s *site) link(w http.ResponseWriter, r *http.Request) error {
	return s.showLink(w, r, http.StatusOK, draft{Key: newKey()})
}

func (s *site) showLink(w http.ResponseWriter, r *http.Request, status int, d draft) error {
	l, err := s.readLink(r)
	if rebound.ErrorKind(err) == rebound.Forbidden {
		f, _ := explain(err)
		return render(w, r, http.StatusForbidden, linkPageView(linkPage{Ended: f.Message}))
	}
	if err != nil {
		return err
	}
	page := l.page(linkPath(r))
	page.draft = d
	return render(w, r, status, linkPageView(page))
}

func (l linked) page(path string) linkPage {
	p := linkPage{
		Business: l.business.Name, Path: path, Member: l.person(l.Member), Name: l.name(l.conv.Contact), Number: l.number(l.conv.Contact.Number),
		Mine: l.recovery.Assignee == l.Member && !l.recovery.ClaimedAt.IsZero(), Over: l.recovery.State != rebound.RecoveryWaiting,
		Recovery: l.recovery.ID, Cannot: l.cannotText(l.conv), Strip: l.strip(), Line: lineName(l.line(l.recovery.Line)),
	}
	if l.conv.Contact.Number != "" {
		p.Call = "tel:" + l.conv.Contact.Number
	}
	for _, m := range l.conv.Messages {
		if m.Direction == rebound.Inbound && m.Body != "" {
			p.Said = append(p.Said, linkSaid{Body: m.Body, Time: l.clock(m.CreatedAt), Stamp: stamp(m.CreatedAt)})
		}
	}
	p.Said = p.Said[max(0, len(p.Said)-mostSaid):]
	for _, call := range slices.Backward(l.conv.Calls) {
		if v := l.voicemail(&call, l.conv.Media, l.conv.Transcripts); v != nil {
			if v.Link != "" {
				v.Link = path + strings.TrimPrefix(v.Link, string(l.at))
			}
			p.Voice = v
			break
		}
	}
	return p
}

func (l linked) strip() linkStrip {
	switch r := l.recovery; {
	case r.State == rebound.RecoveryWaiting && r.Assignee == l.Member && !r.ClaimedAt.IsZero():
		return linkStrip{Class: "is-ok", Head: "It’s yours, " + l.person(l.Member).First + ".", Tail: "The clock runs until you call or text."}
	case r.State == rebound.RecoveryWaiting:
		w := l.wait(r)
		s := linkStrip{Class: w.Level, Head: "Waiting " + w.Waited + " for a person.", Tail: sentence(w.Next), Wait: &w}
		if who := l.person(r.Assignee); !r.ClaimedAt.IsZero() && who.First != "" {
			s.Head, s.Tail = who.First+" has this one.", "Still waiting, "+w.Waited+" so far."
		}
		return s
	}
	bar := l.bar(l.conv)
	return linkStrip{Class: "is-ok", Head: bar.Head, Tail: "Nothing for you to do."}
}

// linkActs are what can be pressed on a link's page while the caller waits.
var linkActs = []string{"claim", "hold", "contacted"}

// linkAct does what the member pressed on a link's page. A press that comes too late changes nothing: the page says who
// was faster.
func (s *site) linkAct(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	l, err := s.readLink(r)
	if err != nil {
		return err
	}
	what := r.PathValue("act")
	if !slices.Contains(linkActs, what) {
		return errNoPage
	}
	if l.recovery.State == rebound.RecoveryWaiting {
		if err := s.acts()[what](r, l.recovery.ID, l.Member); err != nil && rebound.ErrorKind(err) != rebound.Conflict {
			return err
		}
	}
	http.Redirect(w, r, linkPath(r), http.StatusSeeOther)
	return nil
}

// linkText sends what the member wrote on a link's page.
func (s *site) linkText(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	l, err := s.readLink(r)
	if err != nil {
		return err
	}
	if l.recovery.State != rebound.RecoveryWaiting {
		http.Redirect(w, r, linkPath(r), http.StatusSeeOther)
		return nil
	}
	t := engine.HumanText{Business: s.Business, Contact: l.recovery.Contact, Author: l.Member, Key: r.PostForm.Get("key"), Body: r.PostForm.Get("body")}
	if _, err := s.Desk.SendText(r.Context(), t); err != nil {
		if rebound.ErrorKind(err) == "" {
			return err
		}
		f, _ := explain(err)
		return s.showLink(w, r, f.Status, draft{Body: t.Body, Key: t.Key, Error: f.Message})
	}
	http.Redirect(w, r, linkPath(r), http.StatusSeeOther)
	return nil
}

// linkMedia serves the pictures and recordings of the link's conversation, and no other's.
func (s *site) linkMedia(w http.ResponseWriter, r *http.Request) error {
	l, err := s.readLink(r)
	if err != nil {
		return err
	}
	id := rebound.MediaID(r.PathValue("media"))
	if !slices.ContainsFunc(l.conv.Media, func(m rebound.Media) bool { return m.ID == id }) {
		return errNoPage
	}
	return s.media(w, r)
}
