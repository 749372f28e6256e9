package engine

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// miss is what a decision is made from: everything that the step read about one missed call.
type miss struct {
	call     *rebound.Call
	stranger bool // nobody of the business has heard of the caller before: there is nothing to look up
	business rebound.Business
	policy   rebound.TextBackPolicy
	line     rebound.Line
	caller   phone.Caller
	contact  *rebound.Contact
	recovery rebound.Recovery // the caller's live one; its ID is empty where a new one is to be opened
	spans    [3]store.Span
}

// missed decides on a call's miss, once: recovery, text or call-back task.
func (s *step) missed(call *rebound.Call) error {
	if call.Recovery != "" {
		return s.missedAfterAll(call)
	}
	if !call.Decision.At.IsZero() {
		return nil // missed, answered after all, and then not: the first decision stands
	}
	m, err := s.readMiss(call)
	if err != nil {
		return fmt.Errorf("read what the decision needs: %w", err)
	}
	text := compose(m)
	facts, err := s.facts(m, text)
	if err != nil {
		return fmt.Errorf("facts of the decision: %w", err)
	}
	send, why := m.policy.Decide(facts)
	call.Decision = rebound.Decision{Send: send, Reason: why, Facts: facts, At: s.now}
	if why.MakesRecovery() {
		call.Recovery = cmp.Or(m.recovery.ID, rebound.RecoveryID(store.NewID(s.now)))
		err = s.join(m, send, why)
	}
	if err == nil && send {
		err = s.sendTextBack(m, text)
	}
	s.note(slog.LevelInfo, "missed call", "business", call.Business, "recovery", call.Recovery, "call", call.ID, "step", "decide", "reason", why)
	return err
}

// missedAfterAll is for a call that was missed, answered by what a late report said, and by a later one
// not. The first decision stands, but its text may have been cancelled meanwhile; then somebody has to call.
func (s *step) missedAfterAll(call *rebound.Call) error {
	if _, err := s.contact(call.Business, call.Contact); err != nil {
		return err
	}
	mine := s.tx.For(call.Business)
	recovery, err := mine.Recovery(s.ctx, call.Recovery)
	if err != nil || recovery.State != rebound.RecoveryOpen {
		return err
	}
	texted, err := mine.TextedBack(s.ctx, recovery.ID, call.Contact)
	if err != nil || texted {
		return err
	}
	return s.advance(recovery, rebound.RecoveryInput{Step: rebound.StepCalledAgain, At: call.MissedAt})
}

func (s *step) readMiss(call *rebound.Call) (*miss, error) {
	m := &miss{call: call, stranger: s.stranger(call.Business, call.Contact)}
	var err error
	if m.contact, err = s.contact(call.Business, call.Contact); err != nil {
		return nil, err
	}
	if m.business, err = s.businessOf(call.Business); err != nil {
		return nil, err
	}
	if m.line, err = s.lineOf(call.Business, call.Line); err != nil {
		return nil, err
	}
	m.policy = m.business.TextBack.WithDefaults()
	m.caller = phone.ParseCaller(call.From, m.business.Country)
	if m.stranger {
		return m, nil
	}
	m.recovery, err = s.liveRecovery(*m.contact)
	if errors.Is(err, store.ErrNotFound) {
		err = nil
	}
	if m.recovery.State == rebound.RecoveryContacted {
		m.recovery = rebound.Recovery{} // that need was met; this is a new one
	}
	return m, err
}

// compose writes the text-back in the variant that fits what is known now.
func compose(m *miss) string {
	t := m.policy.Templates
	text := t.Open
	switch {
	case m.call.Voicemail:
		text = t.Voicemail
	case m.call.Reason == rebound.AfterHours:
		text = t.AfterHours
	case m.contact.FirstName() != "":
		text = t.Known
	}
	return sms.Straighten(rebound.Fill(text, rebound.TemplateValues(m.business, m.line, *m.contact)))
}

func (s *step) facts(m *miss, text string) (rebound.TextBackFacts, error) {
	zone, err := s.o.Zone(m.business.Zone)
	if err != nil {
		return rebound.TextBackFacts{}, err
	}
	n := m.caller.Number
	f := rebound.TextBackFacts{
		Now: s.now, CallerKind: m.caller.Kind, CallerID: m.call.CallerID, Consent: m.contact.Consent,
		Reason: m.call.Reason, MissedAt: m.call.MissedAt, Rang: m.call.MissedAt.Sub(m.call.FirstRing()),
		Quiet: rebound.Quiet(s.now.In(zone)), TextedAt: m.recovery.TextedAt, HumanAt: m.contact.HumanAt,
		Segments: sms.Segments(text).Segments, LineRegion: s.memory.number(m.line.Number).region,
	}
	if m.contact.LastKind == "text_in" {
		f.WroteAt = m.contact.LastAt
	}
	if m.caller.Kind != phone.KindNumber {
		return f, nil
	}
	known, err := s.meaning(m.call.Business, n)
	if err != nil {
		return f, err
	}
	whose(&f, s.memory.number(n), known, *m.contact)
	return f, s.usage(m, &f, zone)
}

// whose adds to the facts what is known of the caller's number.
func whose(f *rebound.TextBackFacts, n numberFacts, known store.Known, c rebound.Contact) {
	f.Region, f.Premium = n.region, n.line == phone.PremiumRate
	f.Landline = n.line == phone.Landline || c.LineType == phone.Landline
	f.Staff, f.OwnLine, f.Blocked = known.Staff, known.OwnLine, known.Blocked
}

// usage reads what the limits count.
func (s *step) usage(m *miss, f *rebound.TextBackFacts, zone *time.Location) error {
	l := m.policy.Limits
	mine := s.tx.For(m.call.Business)
	if !m.stranger {
		var err error
		f.Used.Caller, f.Exchanges, err = mine.RecentTexts(s.ctx, m.contact.ID, s.now.Add(-24*time.Hour), atLeast(l.PerCaller),
			s.now.Add(-10*time.Minute), atLeast(l.LoopTexts))
		if err != nil {
			return err
		}
	}
	hour := s.now.Truncate(time.Hour)
	local := s.now.In(zone)
	midnight := time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
	m.spans = [3]store.Span{
		{Name: "line/" + string(m.line.ID) + "/" + hour.Format("2006-01-02T15"), Until: hour.Add(time.Hour)},
		{Name: "hour/" + hour.Format("2006-01-02T15"), Until: hour.Add(time.Hour)},
		{Name: "day/" + local.Format("2006-01-02"), Until: midnight},
	}
	used, err := mine.Used(s.ctx, store.Asked{
		Number: m.caller.Number, NumberSince: s.now.Add(-24 * time.Hour), MostNumber: atLeast(l.PerCallerAll),
		PrefixSince: s.now.Add(-time.Hour), MostPrefix: atLeast(l.PerPrefix),
		LineSpan: m.spans[0].Name, Hour: m.spans[1].Name, Day: m.spans[2].Name,
	})
	f.Used.CallerAll, f.Used.Prefix = used.Number, used.Prefix
	f.Used.LineHour, f.Used.BusinessHour, f.Used.BusinessDay, f.Used.SpendDay = used.Line, used.Hour, used.Day, used.Spent
	return err
}

// atLeast is how far it pays to count towards a limit.
func atLeast(limit int) int { return max(limit, 0) }

// join takes the miss into the caller's recovery, or opens one under the id that the call has.
func (s *step) join(m *miss, send bool, why rebound.TextBackReason) error {
	steps := []rebound.RecoveryInput{{Step: rebound.StepMissed, At: m.call.MissedAt}}
	switch {
	case send:
		steps = append(steps, rebound.RecoveryInput{Step: rebound.StepTextPlanned, At: s.now})
	case why == rebound.CoolDown || why == rebound.HumanInTouch:
		steps = append(steps, rebound.RecoveryInput{Step: rebound.StepCalledAgain, At: m.call.MissedAt, Urgent: why == rebound.CoolDown})
	case why == rebound.WroteFirst && m.recovery.State == rebound.RecoveryWaiting:
		// It waits for an answer to that already.
	default:
		steps = append(steps, rebound.RecoveryInput{Step: rebound.StepNoText, At: m.call.MissedAt})
	}
	if m.recovery.ID != "" {
		next, err := s.advanced(m.recovery, steps...)
		m.recovery = next
		return err
	}
	fresh := rebound.Recovery{
		ID: m.call.Recovery, Business: m.call.Business, Contact: m.call.Contact, Line: m.call.Line,
		State: rebound.RecoveryOpen, OpenedAt: m.call.MissedAt,
	}
	next, err := s.opened(fresh, m.stranger, steps...)
	m.recovery = next
	return err
}

// sendTextBack writes the recovery's text, due now or when the delay and the voicemail allow it.
func (s *step) sendTextBack(m *miss, text string) error {
	mine := s.tx.For(m.call.Business)
	due := m.policy.TextDue(m.call.MissedAt, m.call.OnVoicemail())
	count := sms.Segments(text).Segments
	cost := int64(count) * m.policy.Limits.SegmentPrice
	for i := range m.spans {
		m.spans[i].Texts, m.spans[i].Spent = 1, cost
	}
	if err := mine.AddUsage(s.ctx, m.spans[0], m.spans[1], m.spans[2]); err != nil {
		return err
	}
	msg := rebound.Message{
		ID: rebound.MessageID(store.NewID(s.now)), Business: m.call.Business, Contact: m.call.Contact, Recovery: m.recovery.ID,
		Call: m.call.ID, Line: m.line.ID, Direction: rebound.Outbound, Class: rebound.ClassTextBack,
		Once: fmt.Sprintf("text_back/%s/%d", m.recovery.ID, m.recovery.Texts), Connection: m.call.Connection,
		From: m.line.Number, To: m.caller.Number, Body: text, Segments: count, CreatedAt: s.now,
		StaleAt: m.call.MissedAt.Add(m.policy.Delay + rebound.FreshFor), DueAt: due,
	}
	if err := s.tx.AddTexted(s.ctx, msg.To, msg.ID, msg.To.Prefix(), s.now); err != nil {
		return err
	}
	if needsLookup(m.policy, msg, *m.contact) {
		return s.planText(msg)
	}
	return s.addText(msg)
}

// missMoved does what follows when more becomes known of a call that was missed: a voicemail is
// somebody who waits, and once the caller is off the line the held text may go.
func (s *step) missMoved(call *rebound.Call, before rebound.Call) error {
	if call.Voicemail && call.Recording != before.Recording {
		if err := s.wantRecording(call); err != nil {
			return err
		}
	}
	if call.Recovery == "" { // staff, say: nobody is to be helped
		return nil
	}
	if call.Voicemail && !before.Voicemail {
		if err := s.voicemailLeft(call); err != nil {
			return err
		}
	}
	if before.State == rebound.CallMissed && before.OnVoicemail() && !call.OnVoicemail() {
		return s.releaseText(call)
	}
	return nil
}

func (s *step) voicemailLeft(call *rebound.Call) error {
	if _, err := s.contact(call.Business, call.Contact); err != nil {
		return err
	}
	recovery, err := s.tx.For(call.Business).Recovery(s.ctx, call.Recovery)
	if err != nil {
		return err
	}
	return s.advance(recovery, rebound.RecoveryInput{Step: rebound.StepVoicemail, At: s.at})
}

// releaseText lets a text that waited for the end of the voicemail go as soon as its delay is over.
func (s *step) releaseText(call *rebound.Call) error {
	if _, err := s.contact(call.Business, call.Contact); err != nil {
		return err
	}
	mine := s.tx.For(call.Business)
	msg, err := mine.PlannedText(s.ctx, call.Recovery, call.Contact)
	if errors.Is(err, store.ErrNotFound) || msg.Call != call.ID {
		return nil
	}
	if err != nil {
		return err
	}
	business, err := s.businessOf(call.Business)
	if err != nil {
		return err
	}
	due := later(business.TextBack.WithDefaults().TextDue(call.MissedAt, false), s.now)
	if !due.Before(msg.DueAt) {
		return nil
	}
	msg.DueAt = due
	s.look(store.Messages, due)
	return mine.SaveMessage(s.ctx, msg, "")
}

// cancelPlanned keeps a recovery's text that has not left from leaving.
func (s *step) cancelPlanned(r rebound.Recovery, why rebound.TextBackReason) error {
	msg, err := s.tx.For(r.Business).PlannedText(s.ctx, r.ID, r.Contact)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.cancel(msg, why)
}

func (s *step) cancel(msg rebound.Message, why rebound.TextBackReason) error {
	return s.cancelled(msg, why.Words())
}

func (s *step) cancelled(msg rebound.Message, words string) error {
	msg.State, msg.Trouble, msg.DoneAt, msg.DueAt = rebound.Cancelled, words, s.now, time.Time{}
	s.changed(msg.Business, msg.Contact)
	return s.tx.For(msg.Business).SaveMessage(s.ctx, msg, "")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
