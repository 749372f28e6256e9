package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/notify"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// Alerts reach members at least once: an attempt is committed before it may leave, and one whose end nobody saw
// is made again, marked as a repeat.

// notice is an alert that may leave: its attempt is in the same transaction.
type notice struct {
	alert  rebound.Alert
	way    rebound.Way
	conn   rebound.ConnectionID
	text   carrier.Text  // by SMS
	call   PhoneAlert    // by call
	notice notify.Notice // by all else
}

// alertDue sends an alert that the lane has claimed.
func (e *Engine) alertDue(ctx context.Context, claim store.Claim) error {
	read, err := e.store.Read().For(claim.Business).Alert(ctx, rebound.AlertID(claim.ID))
	if err != nil {
		return err
	}
	var out *notice
	err = e.write(ctx, func(s *step) error {
		out = nil
		// The member first: what they were sent lately is counted, and what waits for them goes along.
		if err := s.tx.For(claim.Business).HoldMember(s.ctx, read.Member); err != nil {
			return err
		}
		mine, err := s.tx.For(claim.Business).Leased(s.ctx, store.Alerts, claim)
		if err != nil || !mine {
			return err
		}
		current, err := s.tx.For(claim.Business).Alert(s.ctx, read.ID)
		if err != nil {
			return err
		}
		out, err = s.beginAlert(current)
		return err
	})
	if err != nil || out == nil {
		return err
	}
	end, id, trouble := e.sendAlert(ctx, out)
	return e.write(context.WithoutCancel(ctx), func(s *step) error { return s.alertSent(out.alert, end, id, trouble) })
}

// beginAlert begins the next attempt of an alert, unless it is not to be made now, or nobody waits any more.
func (s *step) beginAlert(a rebound.Alert) (*notice, error) {
	mine := s.tx.For(a.Business)
	if a.State != rebound.AlertQueued && a.State != rebound.AlertSending || a.Bundle != "" {
		a.DueAt = time.Time{} // it came to its end in another way
		return nil, mine.SaveAlert(s.ctx, a, "")
	}
	d, err := s.declared(a.Business)
	if err != nil {
		return nil, err
	}
	group := []rebound.Alert{a}
	if !a.Reason.Standing() {
		all, err := mine.AlertsTo(s.ctx, a.Member, s.now.Add(-24*time.Hour))
		if err != nil {
			return nil, err
		}
		if free := d.business.Policy.Limits.Free(sentTimes(all, a.ID), s.now); a.Throttled() && a.Attempt == 0 && free.After(s.now) {
			return nil, s.putOff(d, a, all, free)
		}
		for _, other := range all {
			if a.Tells(other) {
				group = append(group, other)
			}
		}
	}
	group, waiters, err := s.stillWaiting(d, a, group)
	if err != nil || len(group) == 0 {
		return nil, err
	}
	if group[0].ID != a.ID { // a's own caller waits no more: the others go by themselves
		return nil, s.unbundle(group)
	}
	if a, err = s.endUnseen(d, a); err != nil {
		return nil, err
	}
	if a, err = s.passable(d, a, group); err != nil || a.State == rebound.AlertFailed {
		return nil, err
	}
	again := a.Attempt > 0
	if a.State != rebound.AlertSending || a.Through().Channel != rebound.ByCall { // a call in doubt is asked for under its own key
		a.Attempt++
	}
	a.State, a.SentAt, a.DueAt = rebound.AlertSending, s.now, s.now.Add(s.o.Lease)
	out, err := s.word(d, a, waiters, again)
	if err != nil {
		return nil, err
	}
	return out, s.saveGroup(out.alert, group, s.store.Node())
}

// putOff has an alert that the limits hold, and those that would go with it, looked at again when they let it go.
func (s *step) putOff(d *declared, a rebound.Alert, all []rebound.Alert, free time.Time) error {
	s.nextAlertAt(d, a.Member, free)
	s.look(store.Alerts, free)
	a.DueAt = free
	held := []rebound.Alert{a}
	for _, other := range all {
		if a.Tells(other) && other.DueAt.Before(free) {
			other.DueAt = free
			held = append(held, other)
		}
	}
	for _, other := range held {
		if err := s.tx.For(a.Business).SaveAlert(s.ctx, other, ""); err != nil {
			return err
		}
	}
	return nil
}

// endUnseen moves an alert on whose last attempts all ended unseen, with the process or the database: else it would be
// made again for ever.
func (s *step) endUnseen(d *declared, a rebound.Alert) (rebound.Alert, error) {
	if a.State != rebound.AlertSending || a.Through().Channel == rebound.ByCall {
		return a, nil
	}
	next := a.NotTaken(rebound.AlertInDoubt, s.now, "nobody saw whether it arrived")
	if next.Way == a.Way {
		return a, nil // at once: its lease was the pause
	}
	return next, s.sayMoved(d, next, a.Through().Channel)
}

func (s *step) unbundle(group []rebound.Alert) error {
	for _, other := range group {
		other.Bundle, other.State, other.DueAt, other.SentAt = "", rebound.AlertQueued, s.now, time.Time{}
		s.look(store.Alerts, s.now)
		if err := s.tx.For(other.Business).SaveAlert(s.ctx, other, ""); err != nil {
			return err
		}
	}
	return nil
}

func sentTimes(all []rebound.Alert, but rebound.AlertID) []time.Time {
	var sent []time.Time
	for _, a := range all {
		if a.ID != but && a.Bundle == "" && !a.SentAt.IsZero() && a.Throttled() {
			sent = append(sent, a.SentAt)
		}
	}
	slices.SortFunc(sent, func(a, b time.Time) int { return b.Compare(a) })
	return sent
}

// stillWaiting returns those alerts of a group whose callers still wait, with the callers, the longest first, and
// drops the others. The first alert of what it returns is a, if a's caller is among them.
func (s *step) stillWaiting(d *declared, a rebound.Alert, group []rebound.Alert) ([]rebound.Alert, []rebound.Waiter, error) {
	if a.Reason.Standing() {
		return group, nil, nil
	}
	mine := s.tx.For(a.Business)
	var still []rebound.Alert
	var waiters []rebound.Waiter
	named := map[rebound.RecoveryID]bool{}
	for _, alert := range group {
		r, err := mine.Recovery(s.ctx, alert.Recovery)
		if err != nil {
			return nil, nil, err
		}
		if r.State != rebound.RecoveryWaiting {
			alert.State, alert.DoneAt, alert.DueAt = rebound.AlertDropped, s.now, time.Time{}
			if err := mine.SaveAlert(s.ctx, alert, ""); err != nil {
				return nil, nil, err
			}
			continue
		}
		still = append(still, alert)
		if named[r.ID] {
			continue
		}
		named[r.ID] = true
		c, err := mine.Contact(s.ctx, r.Contact)
		if err != nil {
			return nil, nil, err
		}
		waiters = append(waiters, waiter(r, c, s.now))
	}
	slices.SortStableFunc(waiters, func(a, b rebound.Waiter) int { return cmp.Compare(b.Waited, a.Waited) })
	return still, waiters, nil
}

func waiter(r rebound.Recovery, c rebound.Contact, now time.Time) rebound.Waiter {
	w := rebound.Waiter{Name: nameOf(c), Why: r.Why, Waited: now.Sub(r.WaitSince), Urgent: r.Urgent}
	if c.LastKind == "text_in" {
		w.Said = shorten(c.Last, 80)
	}
	return w
}

// nameOf is what a member reads for a contact.
func nameOf(c rebound.Contact) string {
	switch {
	case c.Name != "":
		return c.Name
	case textable(c):
		return phone.Number(c.Number).International()
	}
	return "A caller without a number"
}

// passable moves an alert on from ways that cannot be used at this moment to the first that can.
func (s *step) passable(d *declared, a rebound.Alert, group []rebound.Alert) (rebound.Alert, error) {
	for a.State != rebound.AlertFailed {
		trouble, err := s.barred(a)
		if err != nil || trouble == "" && a.Way < len(a.Ways) {
			return a, err
		}
		from := a.Through().Channel
		a = a.NextWay(s.now, trouble)
		if err := s.sayMoved(d, a, from); err != nil {
			return a, err
		}
	}
	return a, s.saveGroup(a, group, "")
}

// barred says why an alert's way cannot be used, or "".
func (s *step) barred(a rebound.Alert) (string, error) {
	way := a.Through()
	if way.Channel == rebound.ByCall {
		return "", nil
	}
	if way.Channel != rebound.BySMS {
		if s.o.Notify[way.Channel] == nil {
			return "this channel is not set up", nil
		}
		return "", nil
	}
	c, err := s.tx.For(a.Business).ContactByNumber(s.ctx, way.Address)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	if err == nil && c.Consent == rebound.ConsentOptedOut {
		return "the number has texted STOP", nil
	}
	return "", err
}

// word writes what an alert says in its way.
func (s *step) word(d *declared, a rebound.Alert, waiters []rebound.Waiter, again bool) (*notice, error) {
	line, err := s.lineOf(a.Business, a.Line)
	if err != nil {
		return nil, err
	}
	link := s.alertLink(a)
	out := &notice{way: a.Through(), conn: line.Connection, notice: notify.Notice{
		ID: string(a.ID), Business: d.business.Name, Link: link, Urgent: a.Urgent, Repeat: again, At: s.now,
	}}
	text := a.Body
	switch {
	case out.way.Channel == rebound.ByCall:
		if out.call, err = s.phoneAlert(a, waiters); err != nil {
			return nil, err
		}
	case a.Reason == rebound.AlertConnect:
		c, err := s.tx.For(a.Business).Contact(s.ctx, a.Contact)
		if err != nil {
			return nil, err
		}
		text = sms.Straighten(rebound.NotConnected(d.business.Name, c, a.Trouble)) + "\n" + link
	case a.Reason == rebound.AlertNamed:
		out.notice.Link = s.pageOf(a)
		out.notice.Title, out.notice.Body, _ = strings.Cut(a.Body, "\n")
		text = sms.Straighten(d.business.Name + ": " + a.Body + "\n" + out.notice.Link)
	case !a.Reason.Standing():
		out.notice.Title, out.notice.Body = rebound.AlertWords(waiters)
		text = sms.Straighten(rebound.AlertText(d.business.Name, waiters, again, link))
		a.Body = text
	}
	out.alert = a
	out.text = carrier.Text{
		From: line.Number, To: phone.Number(out.way.Address), Body: text, ValidFor: alertFresh,
		Receipt: s.o.Link(carrier.Place{Kind: carrier.AtReceipt, Connection: line.Connection, Business: a.Business, Message: rebound.MessageID(a.ID)}), // receipts tell texts and alerts apart by their ids
	}
	return out, nil
}

// alertFresh is how long the carrier may hold an alert.
const alertFresh = 10 * time.Minute

// saveGroup saves an alert, and the others that it tells as what it is.
func (s *step) saveGroup(a rebound.Alert, group []rebound.Alert, lease string) error {
	mine := s.tx.For(a.Business)
	for _, other := range group {
		if other.ID == a.ID {
			continue
		}
		other.Bundle, other.State, other.SentAt, other.DoneAt, other.Trouble = a.ID, a.State, a.SentAt, a.DoneAt, a.Trouble
		other.DueAt = time.Time{}
		if err := mine.SaveAlert(s.ctx, other, ""); err != nil {
			return err
		}
	}
	s.look(store.Alerts, a.DueAt)
	return mine.SaveAlert(s.ctx, a, lease)
}

// sendAlert makes the one request of an attempt. An empty end: it was taken.
func (e *Engine) sendAlert(ctx context.Context, out *notice) (end rebound.AlertEnd, carrierID, trouble string) {
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	if out.way.Channel == rebound.ByCall {
		return e.ring(ctx, out)
	}
	if out.way.Channel != rebound.BySMS {
		err := e.o.Notify[out.way.Channel].Send(ctx, out.way.Address, out.notice)
		var busy *notify.Busy
		switch refusal := notify.Refused(err); {
		case err == nil:
			return "", "", ""
		case refusal != nil:
			return rebound.AlertRefused, "", shorten(sms.Clean(refusal.Reason), longestTrouble)
		case errors.As(err, &busy):
			return rebound.AlertNotSent, "", shorten(sms.Clean(busy.Reason), longestTrouble)
		}
		return rebound.AlertInDoubt, "", shorten(sms.Clean(err.Error()), longestTrouble)
	}
	c, err := e.o.Carrier(ctx, out.conn)
	if err != nil {
		return rebound.AlertNotSent, "", err.Error()
	}
	accepted, err := c.Send(ctx, out.text)
	var known *carrier.SendError
	switch {
	case err == nil:
		return "", accepted.ID, ""
	case !errors.As(err, &known) || known.Outcome == carrier.InDoubt:
		return rebound.AlertInDoubt, "", "the carrier gave no clear answer"
	case known.Outcome == carrier.NotSent:
		return rebound.AlertNotSent, "", "the carrier could not take it"
	}
	return rebound.AlertRefused, "", cmp.Or(e.o.Explain(out.conn, known.Code).Words, known.Message, "the carrier refused it")
}

// longestTrouble bounds what another side's words about an alert may fill, in characters.
const longestTrouble = 200

// alertSent writes what became of an attempt.
func (s *step) alertSent(sent rebound.Alert, end rebound.AlertEnd, carrierID, trouble string) error {
	a, err := s.tx.For(sent.Business).HoldAlert(s.ctx, sent.ID)
	if err != nil || a.State != rebound.AlertSending || a.Attempt != sent.Attempt || a.Way != sent.Way {
		return err // a receipt was faster
	}
	if end != "" {
		return s.alertNotTaken(a, end, trouble)
	}
	s.note(slog.LevelInfo, "alert sent", "business", a.Business, "recovery", a.Recovery, "step", "alert", "channel", a.Through().Channel)
	return s.alertTaken(a, rebound.AlertSent, carrierID)
}

func (s *step) alertTaken(a rebound.Alert, state rebound.AlertState, carrierID string) error {
	a.State, a.CarrierID, a.Trouble, a.DueAt = state, carrierID, "", time.Time{}
	if state == rebound.AlertDelivered {
		a.DoneAt = s.now
	}
	return s.saveBundle(a)
}

// saveBundle saves an alert with those that went as one with it.
func (s *step) saveBundle(a rebound.Alert) error {
	all, err := s.tx.For(a.Business).AlertsTo(s.ctx, a.Member, a.CreatedAt.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(other rebound.Alert) bool { return other.Bundle != a.ID })
	s.changed(a.Business, a.Contact)
	return s.saveGroup(a, all, "")
}

// alertNotTaken moves an alert on that its way did not take.
func (s *step) alertNotTaken(a rebound.Alert, end rebound.AlertEnd, trouble string) error {
	d, err := s.declared(a.Business)
	if err != nil {
		return err
	}
	next := a.NotTaken(end, s.now, trouble)
	if next.Way != a.Way {
		if err := s.sayMoved(d, next, a.Through().Channel); err != nil {
			return err
		}
	}
	return s.saveBundle(next)
}

// sayMoved says that a channel did not take an alert, and what is tried next.
func (s *step) sayMoved(d *declared, a rebound.Alert, from rebound.Channel) error {
	s.note(slog.LevelWarn, "alert not taken", "business", a.Business, "recovery", a.Recovery, "member", a.Member, "step", "alert",
		"channel", from, "trouble", a.Trouble, "next", a.Through().Channel)
	words := fmt.Sprintf("%s could not be alerted by %s: %s. ", d.nameOf(a.Member), from, a.Trouble)
	if a.State == rebound.AlertFailed {
		words += "No channel is left"
	} else {
		words += "Next: " + string(a.Through().Channel)
	}
	return s.say(rebound.Event{Business: a.Business, Contact: a.Contact, Recovery: a.Recovery, Kind: rebound.EventAlertTrouble, Words: words})
}

// alertReceipt takes in a carrier's report on an alert's text. It only moves the alert forward.
func (e *Engine) alertReceipt(ctx context.Context, r rebound.Receipt) error {
	return e.write(ctx, func(s *step) error {
		a, err := s.tx.For(r.Business).HoldAlert(s.ctx, rebound.AlertID(r.Message))
		if errors.Is(err, store.ErrNotFound) {
			return rebound.Errorf(rebound.NotFound, "R1301", "this text is not known here")
		}
		if err != nil {
			return err
		}
		unsettled := a.CarrierID == "" && a.Attempt > 0 && (a.State == rebound.AlertSending || a.State == rebound.AlertQueued)
		if a.Through().Channel != rebound.BySMS || a.CarrierID != r.CarrierID && !unsettled {
			return rebound.ErrStale // about an earlier way or attempt
		}
		if err := s.keepRaw(r.Connection, "receipt", r.CarrierID, "", r.Raw); err != nil {
			return err
		}
		switch {
		case a.State == rebound.AlertDelivered || a.State == rebound.AlertFailed:
			return rebound.ErrStale
		case ends(r.State):
			trouble := cmp.Or(s.o.Explain(r.Connection, r.Code).Words, "the text did not arrive")
			return s.alertNotTaken(a, rebound.AlertRefused, trouble)
		case r.State == rebound.Delivered:
			return s.alertTaken(a, rebound.AlertDelivered, r.CarrierID)
		}
		return s.alertTaken(a, rebound.AlertSent, r.CarrierID)
	})
}
