package engine

import (
	"errors"
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
	case "2":
		return s.connectByText(d, l, m, msg)
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

// connectByText rings the phone that the member has texted from, and then the caller whom their last alert named first.
// One who has been reached meanwhile is called too, where nobody else waits.
func (s *step) connectByText(d *declared, l rebound.Line, m rebound.Member, msg rebound.Message) error {
	r, err := s.alertedAbout(m, func(r rebound.Recovery) bool { return r.State == rebound.RecoveryWaiting })
	if err == nil && r.ID == "" {
		r, err = s.alertedAbout(m, func(r rebound.Recovery) bool { return r.State != rebound.RecoveryClosed })
	}
	if err != nil {
		return err
	}
	if r.ID == "" {
		return s.answerStaff(d, l, m, msg, rebound.Recovery{}, "Nobody from your last alerts waits any more.")
	}
	c, err := s.contact(r.Business, r.Contact)
	if err != nil {
		return err
	}
	facts, err := s.callBackFacts(CallBack{Business: r.Business, Member: m.ID, Phone: msg.From}, *c)
	if err != nil {
		return err
	}
	var refusal *rebound.Error
	if _, err := rebound.CallBack(facts); errors.As(err, &refusal) {
		return s.answerStaff(d, l, m, msg, r, refusal.Message)
	}
	return s.addAlert(rebound.Alert{
		Business: r.Business, Recovery: r.ID, Contact: r.Contact, Line: facts.Line.ID, Member: m.ID, Reason: rebound.AlertConnect,
		Ways: []rebound.Way{{Channel: rebound.ByCall, Address: string(msg.From)}, {Channel: rebound.BySMS, Address: string(msg.From)}},
	})
}

// alertedAbout returns the recovery that the member's answer is about: of those in their latest alert which fit, the one
// that has waited longest. Its ID is empty where none fits.
func (s *step) alertedAbout(m rebound.Member, fits func(rebound.Recovery) bool) (rebound.Recovery, error) {
	mine := s.tx.For(m.Business)
	all, err := mine.AlertsTo(s.ctx, m.ID, s.now.Add(-24*time.Hour))
	if err != nil {
		return rebound.Recovery{}, err
	}
	var found rebound.Recovery
	for _, a := range rebound.Meant(all) {
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
