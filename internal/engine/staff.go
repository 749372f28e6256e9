package engine

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/sms"
)

// staffWrote takes in what a member texts to a line: an answer to an alert, or that they want no more of them.
func (s *step) staffWrote(l rebound.Line, c rebound.Contact, msg rebound.Message, intent rebound.ConsentIntent) error {
	d, err := s.declared(l.Business)
	if err != nil {
		return err
	}
	m, ok := d.memberAt(msg.From)
	if !ok {
		return nil // a phone that a route names, and nobody's
	}
	if intent == rebound.IntentStop {
		s.note(slog.LevelError, "a member has texted STOP; alerts reach them by other channels only", "business", l.Business,
			"member", m.ID, "step", "alert")
		return s.say(rebound.Event{
			Business: l.Business, Contact: c.ID, Message: msg.ID, Kind: rebound.EventAlertTrouble,
			Words: m.Name + " texted STOP, so no alert can reach this phone as a text until it texts START",
		})
	}
	switch strings.Trim(sms.Clean(msg.Body), " .!") {
	case "1":
		return s.claimByText(d, l, m, msg)
	case "3":
		return s.bookByText(d, l, m, msg)
	}
	return nil
}

// memberAt returns the member who is reached at a number.
func (d *declared) memberAt(n phone.Number) (rebound.Member, bool) {
	for _, id := range slices.Sorted(maps.Keys(d.members)) {
		m := d.members[id]
		ways := slices.Concat(m.Ways(false, nil), m.Ways(true, nil))
		if slices.ContainsFunc(ways, func(w rebound.Way) bool { return w.Channel == rebound.BySMS && w.Address == string(n) }) ||
			slices.ContainsFunc(m.Rings, func(r rebound.Destination) bool { return r.Number == n }) {
			return m, true
		}
	}
	return rebound.Member{}, false
}

// claimByText gives the member the caller whom their last alert named first.
func (s *step) claimByText(d *declared, l rebound.Line, m rebound.Member, msg rebound.Message) error {
	r, err := s.alertedAbout(m, func(r rebound.Recovery) bool { return r.State == rebound.RecoveryWaiting })
	if err != nil {
		return err
	}
	if r.ID == "" {
		return s.answerStaff(d, l, m, msg, rebound.Recovery{}, "Nobody from your last alerts waits any more.")
	}
	before, _, err := s.actOn(r, rebound.RecoveryInput{Step: rebound.StepClaimed, By: m.ID})
	c, contactErr := s.contact(r.Business, r.Contact)
	switch {
	case rebound.ErrorKind(err) == rebound.Conflict:
		return s.answerStaff(d, l, m, msg, r, fmt.Sprintf("%s has taken %s already.", d.nameOf(before.Assignee), nameOf(*c)))
	case err != nil:
		return err
	case contactErr != nil:
		return contactErr
	}
	words := nameOf(*c) + " is yours."
	if textable(*c) {
		words = fmt.Sprintf("%s is yours: %s.", nameOf(*c), phone.Number(c.Number).International())
	}
	return s.answerStaff(d, l, m, msg, r, words+" The clock runs until you have reached them.")
}

// bookByText closes as booked whom the member's last alert named first; the amount is added on the page.
func (s *step) bookByText(d *declared, l rebound.Line, m rebound.Member, msg rebound.Message) error {
	r, err := s.alertedAbout(m, func(r rebound.Recovery) bool { return r.State != rebound.RecoveryClosed })
	if err != nil {
		return err
	}
	if r.ID == "" {
		return s.answerStaff(d, l, m, msg, rebound.Recovery{}, "Everyone from your last alerts has an outcome already.")
	}
	if _, _, err := s.actOn(r, rebound.RecoveryInput{Step: rebound.StepOutcome, Outcome: rebound.Booked, By: m.ID}); err != nil {
		return err
	}
	c, err := s.contact(r.Business, r.Contact)
	if err != nil {
		return err
	}
	return s.answerStaff(d, l, m, msg, r, nameOf(*c)+" is booked. Add the amount:")
}

// alertedAbout returns the recovery that the member's answer is about: of those in their latest alert which fit, the one
// that has waited longest. Its ID is empty where none fits: what an earlier alert named, an answer does not mean.
func (s *step) alertedAbout(m rebound.Member, fits func(rebound.Recovery) bool) (rebound.Recovery, error) {
	mine := s.tx.For(m.Business)
	all, err := mine.AlertsTo(s.ctx, m.ID, s.now.Add(-24*time.Hour))
	if err != nil {
		return rebound.Recovery{}, err
	}
	all = slices.DeleteFunc(all, func(a rebound.Alert) bool {
		return a.SentAt.IsZero() && a.Attempt == 0 || a.Standing()
	})
	if len(all) == 0 {
		return rebound.Recovery{}, nil
	}
	latest := slices.MaxFunc(all, func(a, b rebound.Alert) int { return saidAt(a).Compare(saidAt(b)) })
	bundle := cmp.Or(latest.Bundle, latest.ID)
	var found rebound.Recovery
	for _, a := range all {
		if cmp.Or(a.Bundle, a.ID) != bundle {
			continue
		}
		r, err := mine.Recovery(s.ctx, a.Recovery)
		if err != nil {
			return found, err
		}
		if fits(r) && (found.ID == "" || r.WaitSince.Before(found.WaitSince)) {
			found = r
		}
	}
	return found, nil
}

// saidAt is when an alert was sent, or, in doubt about that, was to be.
func saidAt(a rebound.Alert) time.Time {
	if a.SentAt.IsZero() {
		return a.CreatedAt
	}
	return a.SentAt
}

// answerStaff texts the member what became of their answer, with the recovery's link where there is one.
func (s *step) answerStaff(d *declared, l rebound.Line, m rebound.Member, msg rebound.Message, r rebound.Recovery, words string) error {
	a := rebound.Alert{
		Business: l.Business, Recovery: r.ID, Contact: r.Contact, Line: l.ID, Member: m.ID, Reason: rebound.AlertAnswer,
		Ways: []rebound.Way{{Channel: rebound.BySMS, Address: string(msg.From)}},
		Body: sms.Straighten(d.business.Name + ": " + words),
	}
	if r.ID != "" {
		a.Body += "\n" + s.alertLink(a)
	} else {
		a.Contact = msg.Contact
	}
	return s.addAlert(a)
}
