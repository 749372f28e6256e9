package web

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"rebound"
	"rebound/internal/store"
)

// followUp is the panel beside a thread: who this is, what is to be done, and how it ended.
type followUp struct {
	Contact  rebound.ContactID
	Name     string
	Number   string
	Face     string // initials
	Recovery rebound.RecoveryID
	Waiting  bool
	Members  []author // who may be named as the one who acts
	Assigned []author // the first is nobody
	Outcomes []outcomeChoice
	Amount   string // "280", while booked
	Consent  consentWords
	Earlier  []earlier
	Back     string
}

// outcomeChoice is one way in which a recovery may end.
type outcomeChoice struct {
	Value   rebound.Outcome
	Words   string
	Pressed bool
}

// consentWords say whether texts may be sent, and why.
type consentWords struct {
	Head, Tail string
	CanOptOut  bool
}

// earlier is a recovery of this contact before the latest one.
type earlier struct{ Words, When string }

func (sc scene) followUp(c store.Conversation) followUp {
	p := followUp{
		Contact: c.Contact.ID, Name: sc.name(c.Contact), Number: sc.number(c.Contact.Number), Face: initials(sc.name(c.Contact)),
		Consent: sc.consentWords(c.Contact), Back: sc.at.conversation(c.Contact.ID),
	}
	for _, m := range sc.members {
		p.Members = append(p.Members, author{m.ID, firstWord(m.Name), m.ID == sc.as})
	}
	n := len(c.Recoveries)
	if n == 0 {
		return p
	}
	r := c.Recoveries[n-1]
	p.Recovery, p.Waiting = r.ID, r.State == rebound.RecoveryWaiting
	p.Assigned = append(p.Assigned, author{"", "Nobody yet", r.Assignee == ""})
	for _, m := range sc.members {
		p.Assigned = append(p.Assigned, author{m.ID, m.Name, m.ID == r.Assignee})
	}
	for _, o := range []outcomeChoice{{rebound.Booked, "Booked", false}, {rebound.NotALead, "Not a lead", false}, {rebound.Lost, "Lost", false}, {rebound.Unreachable, "Unreachable", false}} {
		o.Pressed = r.Outcome == o.Value
		p.Outcomes = append(p.Outcomes, o)
	}
	if r.Outcome == rebound.Booked && r.Amount > 0 {
		p.Amount = strconv.FormatFloat(float64(r.Amount)/100, 'f', -1, 64)
	}
	for _, old := range slices.Backward(c.Recoveries[:n-1]) {
		e := earlier{Words: sentence(outcomeWords(old)), When: sc.date(old.OpenedAt)}
		if old.Outcome == "" {
			e.Words = "Missed call"
			if old.State == rebound.RecoveryContacted {
				e.Words = "Reached"
			}
		}
		p.Earlier = append(p.Earlier, e)
	}
	return p
}

func (sc scene) consentWords(c rebound.Contact) consentWords {
	switch c.Consent {
	case rebound.ConsentOptedOut:
		return consentWords{Head: "Opted out of texts", Tail: sentence(c.ConsentHow)}
	case rebound.ConsentInDoubt:
		return consentWords{Head: "May have opted out", Tail: "Automatic texts wait for a person’s word.", CanOptOut: true}
	}
	if c.Number == "" {
		return consentWords{Head: "No number to text"}
	}
	return consentWords{Head: "OK to text about this call", Tail: "No opt-out on file.", CanOptOut: true}
}

// act is what a member does with a recovery. It stands in the last part of the address.
type act func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error

func (s *site) acts() map[string]act {
	return map[string]act{
		"claim": func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error {
			return s.Desk.Claim(r.Context(), s.Business, id, by)
		},
		"hold": func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error {
			return s.Desk.Hold(r.Context(), s.Business, id, by)
		},
		"contacted": func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error {
			return s.Desk.StateContact(r.Context(), s.Business, id, by)
		},
		"assignee": func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error {
			return s.Desk.Assign(r.Context(), s.Business, id, rebound.MemberID(r.PostForm.Get("to")), by)
		},
		"outcome": func(r *http.Request, id rebound.RecoveryID, by rebound.MemberID) error {
			amount := int64(0)
			outcome := rebound.Outcome(r.PostForm.Get("outcome"))
			if outcome == rebound.Booked {
				var err error
				if amount, err = cents(r.PostForm.Get("amount")); err != nil {
					return err
				}
			}
			return s.Desk.SetOutcome(r.Context(), s.Business, id, outcome, amount, by)
		},
	}
}

// followUpAct does what a member pressed and shows the conversation as it then is.
func (s *site) followUpAct(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	do, known := s.acts()[r.PathValue("act")]
	if !known {
		return notFound(w, r)
	}
	contact := rebound.ContactID(r.PathValue("contact"))
	c, err := s.rows.Conversation(r.Context(), contact)
	if err != nil {
		return err
	}
	id := rebound.RecoveryID(r.PostForm.Get("recovery"))
	if !slices.ContainsFunc(c.Recoveries, func(r rebound.Recovery) bool { return r.ID == id }) {
		return notFound(w, r)
	}
	by := rebound.MemberID(r.PostForm.Get("author"))
	if err := do(r, id, by); err != nil {
		return err
	}
	s.remember(w, by)
	to := s.at.conversation(contact)
	if r.PostForm.Get("show") == "details" {
		to += "?show=details"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// optOut records what a customer said to a person: no more texts.
func (s *site) optOut(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	contact, by := rebound.ContactID(r.PathValue("contact")), rebound.MemberID(r.PostForm.Get("author"))
	if err := s.Desk.RecordOptOut(r.Context(), s.Business, contact, by); err != nil {
		return err
	}
	s.remember(w, by)
	http.Redirect(w, r, s.at.conversation(contact), http.StatusSeeOther)
	return nil
}

// remember keeps who acts from this browser.
func (s *site) remember(w http.ResponseWriter, by rebound.MemberID) {
	http.SetCookie(w, &http.Cookie{
		Name: authorCookie, Value: string(by), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// amounts are whole units, with or without commas between thousands, and cents after a point.
var amounts = regexp.MustCompile(`^\$?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$`)

// cents reads an amount as people write it, "1,450" or "$280.50"; nothing is no amount.
func cents(text string) (int64, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, nil
	}
	const most = 10_000_000
	if found := amounts.FindStringSubmatch(text); found != nil {
		units, err := strconv.ParseInt(strings.ReplaceAll(found[1], ",", ""), 10, 64)
		part, _ := strconv.ParseInt((found[2] + "00")[:2], 10, 64) // digits, as the pattern says
		if err == nil && units <= most {
			return units*100 + part, nil
		}
	}
	return 0, rebound.Errorf(rebound.Invalid, "R1660", "The amount cannot be read. Write it like 1450 or 280.50, at most 10,000,000, or leave it out.")
}

// to is where an act is posted.
func (p followUp) to(act string) templ.SafeURL {
	return templ.SafeURL(p.Back + "/follow-up/" + act)
}
