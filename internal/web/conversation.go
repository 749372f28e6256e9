package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/store"
)

// conversationPage is one conversation beside the list.
type conversationPage struct {
	frame
	List list
	Conv conversationView
}

// conversationView is one conversation as a column of a page.
type conversationView struct {
	At      place
	Contact rebound.ContactID
	Name    string
	Sub     string // "(415) 555-0176 · called Main line"
	Unread  bool
	Pretend bool
	Bar     clockBar
	Thread  thread
	Reply   reply
	Follow  followUp
}

func (s *site) conversation(w http.ResponseWriter, r *http.Request) error {
	return s.showConversation(w, r, http.StatusOK, draft{})
}

// draft is what somebody typed and could not send, and why.
type draft struct{ Body, Key, Error string }

func (s *site) showConversation(w http.ResponseWriter, r *http.Request, status int, d draft) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	c, err := s.rows.Conversation(r.Context(), rebound.ContactID(r.PathValue("contact")))
	if err != nil {
		return err
	}
	f := sc.frame(sc.name(c.Contact), sc.at.inbox(), sc.at.stream(view{Page: onConversation, Contact: c.Contact.ID}, sc.mark))
	f.View = "thread"
	if r.FormValue("show") == "details" {
		f.View = "details"
	}
	page := conversationPage{frame: f, List: sc.list(c.Contact.ID), Conv: sc.conversation(c)}
	page.Conv.Reply.draft = d
	if d.Key == "" {
		page.Conv.Reply.Key = newKey()
	}
	return render(w, r, status, conversationPageView(page))
}

// markRead takes the mark of the new from a conversation that somebody has opened.
func (s *site) markRead(w http.ResponseWriter, r *http.Request) error {
	if err := s.Desk.MarkRead(r.Context(), s.Business, rebound.ContactID(r.PathValue("contact"))); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// settleConsent takes a person's word on a likely opt-out.
func (s *site) settleConsent(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	said := r.PostForm.Get("opted_out")
	if said != "yes" && said != "no" {
		return rebound.Errorf(rebound.Invalid, "R1619", "Say whether they opted out: press Yes or No.")
	}
	contact := rebound.ContactID(r.PathValue("contact"))
	if err := s.Desk.SettleConsent(r.Context(), s.Business, contact, said == "yes"); err != nil {
		return err
	}
	http.Redirect(w, r, s.at.threadEnd(contact), http.StatusSeeOther)
	return nil
}

func (sc scene) conversation(c store.Conversation) conversationView {
	v := conversationView{
		At: sc.at, Contact: c.Contact.ID, Name: sc.name(c.Contact), Unread: c.Contact.Unread, Pretend: sc.pretend,
		Bar: sc.bar(c), Thread: sc.thread(c), Reply: sc.reply(c), Follow: sc.followUp(c),
	}
	var sub []string
	if c.Contact.Name != "" && c.Contact.Number != "" {
		sub = append(sub, sc.number(c.Contact.Number))
	}
	for _, call := range slices.Backward(c.Calls) {
		if call.Direction != rebound.Outbound {
			sub = append(sub, "called "+lineName(sc.line(call.Line)))
			break
		}
	}
	v.Sub = strings.Join(sub, " · ")
	return v
}

// clockBar says above a thread whether somebody waits. Without words there is none.
type clockBar struct {
	Wait       *wait
	What       string // after "Waiting 12 m": "for a person."
	Head, Tail string // instead of Wait: how it ended
	Class      string
	Doubt      bool // a likely opt-out wants a person's word
}

func (sc scene) bar(c store.Conversation) clockBar {
	b := sc.clockBar(c)
	if c.Contact.Consent == rebound.ConsentInDoubt {
		b.Doubt = true
	}
	return b
}

func (sc scene) clockBar(c store.Conversation) clockBar {
	if len(c.Recoveries) == 0 {
		return clockBar{}
	}
	r := c.Recoveries[len(c.Recoveries)-1]
	switch r.State {
	case rebound.RecoveryWaiting:
		w := sc.wait(r)
		what := "for a person."
		if callBack(r.Why) {
			what = "for a call back."
		}
		return clockBar{Wait: &w, What: what, Class: w.Level}
	case rebound.RecoveryContacted:
		if r.WaitSince.IsZero() {
			return clockBar{}
		}
		who := "Contact was made"
		if p := sc.person(reachedBy(r, c)); p.First != "" {
			who = p.First + " made contact"
		}
		return clockBar{
			Class: "is-ok", Head: who + " after " + rebound.Span(r.ContactAt.Sub(r.WaitSince)) + ".",
			Tail: "Clock stopped at " + sc.clock(r.ContactAt) + ".",
		}
	case rebound.RecoveryClosed:
		return clockBar{Class: "is-ok", Head: sentence(outcomeWords(r)), Tail: "Since " + sc.when(r.ClosedAt) + "."}
	}
	return clockBar{}
}

// reachedBy is who made contact: the author of the text, or whoever answered the call, that stopped the clock.
func reachedBy(r rebound.Recovery, c store.Conversation) rebound.MemberID {
	if !r.Proven {
		return "" // whoever said so stands in the timeline
	}
	for _, m := range slices.Backward(c.Messages) {
		if m.Class == rebound.ClassHuman && !m.CreatedAt.After(r.ContactAt) && r.ContactAt.Sub(m.CreatedAt) < time.Minute {
			return m.Author
		}
	}
	for _, call := range slices.Backward(c.Calls) {
		if call.State == rebound.CallAnswered && !call.ArrivedAt.After(r.ContactAt) {
			return call.AcceptedBy
		}
	}
	return ""
}
