package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// reply is where a text is written, or why none can be.
type reply struct {
	draft
	At          place
	Contact     rebound.ContactID
	To          string // "to (415) 555-0176 from Main line"
	Cannot      string // instead of the form: "Opted out on Nov 3. You can call."
	Placeholder string
	Members     []author
	Label       string
	Back        string // where a browser without script goes after sending
	Call        callBackForm
}

// author is somebody who may be the writer.
type author struct {
	ID       rebound.MemberID
	Name     string
	Selected bool
}

// longestBody is how much may be typed; the engine refuses what is too long to send.
const longestBody = 1600

func (sc scene) reply(c store.Conversation) reply {
	p := reply{
		Contact: c.Contact.ID, Label: "Text to " + sc.name(c.Contact), Cannot: sc.cannotText(c), Placeholder: "Write a text.",
		At: sc.at, Back: sc.at.threadEnd(c.Contact.ID), Call: sc.callBackForm(c),
	}
	p.To = "to " + sc.number(c.Contact.Number)
	if n := len(c.Calls); n > 0 {
		p.To += " from " + lineName(sc.line(c.Calls[n-1].Line))
	}
	if n := len(c.Recoveries); n > 0 && c.Recoveries[n-1].State == rebound.RecoveryWaiting {
		p.Placeholder = "Write a text. Sending it stops the clock."
	}
	for _, m := range sc.members {
		p.Members = append(p.Members, author{m.ID, firstWord(m.Name), m.ID == sc.as})
	}
	return p
}

// cannotText says why a contact cannot be texted, or nothing.
func (sc scene) cannotText(c store.Conversation) string {
	contact := c.Contact
	call := "You can call " + sc.number(contact.Number) + "."
	switch {
	case contact.Number == "":
		return "Can’t be texted: the caller hid the number."
	case contact.Consent == rebound.ConsentOptedOut && contact.ConsentAt.IsZero():
		return "Opted out. " + call
	case contact.Consent == rebound.ConsentOptedOut:
		return "Opted out on " + sc.date(contact.ConsentAt) + ". " + call
	case phone.ParseCaller(contact.Number, sc.business.Country).Kind == phone.KindShortCode:
		return "Can’t be texted: this is a service’s short code."
	case phone.Number(contact.Number).LineType() == phone.Landline:
		return "Can’t be texted: this is a landline. " + call
	case phone.Number(contact.Number).Premium():
		return "Can’t be texted: this number costs extra."
	}
	return ""
}

// count is what the counter says before the script takes over.
func (p reply) count() string {
	c := sms.Segments(sms.Straighten(p.Body))
	segments := max(1, c.Segments)
	words := itoa(c.Units) + " / " + itoa(segments*c.PerSegment) + " · " + plural(segments, "text", "texts")
	if c.Encoding == sms.UCS2 {
		words += " · emoji"
	}
	return words
}

// newKey makes the key that keeps one press of Send from becoming two texts.
func newKey() string { return strings.ToLower(rand.Text()) }

// sendText sends what a person typed. A page's script gets the thread as it then is; a browser without
// script goes back to the conversation, with the draft where it was when it could not be sent.
func (s *site) sendText(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	t := engine.HumanText{
		Business: s.Business, Contact: rebound.ContactID(r.PathValue("contact")),
		Author: rebound.MemberID(r.PostForm.Get("author")), Key: r.PostForm.Get("key"),
		Body: r.PostForm.Get("body"),
	}
	_, err := s.Desk.SendText(r.Context(), t)
	switch {
	case err == nil:
		s.remember(w, t.Author)
	case !byScript(r) && rebound.ErrorKind(err) != "" && rebound.ErrorKind(err) != rebound.NotFound:
		f, _ := explain(err)
		return s.showConversation(w, r, f.Status, draft{Body: t.Body, Key: t.Key, Error: f.Message})
	case byScript(r):
		return s.sendFailed(w, r, t, err)
	default:
		return err
	}
	if byScript(r) {
		return s.sentText(w, r, t)
	}
	http.Redirect(w, r, s.backTo(r, t.Contact), http.StatusSeeOther)
	return nil
}

// sentText puts the text in the place of the bubble that the page drew when Send was pressed.
func (s *site) sentText(w http.ResponseWriter, r *http.Request, t engine.HumanText) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	c, err := s.rows.Conversation(r.Context(), t.Contact)
	if err != nil {
		return err
	}
	return render(w, r, http.StatusOK, sentPartials(t.Key, sc.conversation(c)))
}

// sendFailed turns the page's bubble into one that says why, with a way to try again under the same key.
func (s *site) sendFailed(w http.ResponseWriter, r *http.Request, t engine.HumanText, err error) error {
	f, known := explain(err)
	if !known {
		s.Log.Error("text not sent", "contact", t.Contact, "reference", f.Code, "error", err)
		f.Message = "Something went wrong."
	}
	return render(w, r, f.Status, failedPartial(s.at, t, f))
}
