package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// HandleText takes in a text from outside. It is stored before anything else is decided; opt-out
// words are obeyed first, and everything else is somebody who waits for a human.
func (e *Engine) HandleText(ctx context.Context, ev rebound.TextEvent) error {
	err := e.write(ctx, func(s *step) error {
		s.happened(ev.At)
		line, err := s.lineCalled(ev.Connection, ev.To)
		if err != nil {
			return err
		}
		business, err := s.businessOf(line.Business)
		if err != nil {
			return err
		}
		caller := phone.ParseCaller(ev.From, business.Country)
		if caller.Kind != phone.KindNumber && caller.Kind != phone.KindShortCode {
			return rebound.Errorf(rebound.Invalid, "R1204", "the text's sender %q is not a phone number", shorten(ev.From, 40))
		}
		contact, err := s.meetNow(line.Business, caller)
		if err != nil {
			return err
		}
		if err := s.keepRaw(ev.Connection, "text", ev.CarrierID, ev.Token, ev.Raw); err != nil {
			return err
		}
		return s.replied(ev, business, line, caller, contact)
	})
	if err != nil && !stale(err) {
		return fmt.Errorf("text in: %w", err)
	}
	return nil
}

func (s *step) replied(ev rebound.TextEvent, b rebound.Business, l rebound.Line, caller phone.Caller, c *rebound.Contact) error {
	msg, err := s.keepText(ev, l, caller, c)
	if err != nil {
		return err // one that came twice is stale: nothing below happens again
	}
	intent := intentOf(ev, msg.Body)
	before := c.Consent
	if err := s.consent(ev, b, l, c, intent); err != nil {
		return err
	}
	known, err := s.meaning(b.ID, caller.Number)
	if err != nil || known.OwnLine || known.Blocked {
		return err
	}
	if known.Staff {
		return s.staffWrote(l, *c, msg, intent)
	}
	if err := s.announce(rebound.TellReceived, b.ID, c.ID, nil, &msg); err != nil {
		return err
	}
	if caller.Kind != phone.KindNumber || !needsHuman(intent, before, msg) {
		return nil
	}
	return s.startClock(b, l, c, msg)
}

// keepText writes the text and its pictures.
func (s *step) keepText(ev rebound.TextEvent, l rebound.Line, caller phone.Caller, c *rebound.Contact) (rebound.Message, error) {
	mine := s.tx.For(l.Business)
	body := sms.Clean(ev.Body)
	msg := rebound.Message{
		ID: rebound.MessageID(store.NewID(s.now)), Business: l.Business, Contact: c.ID, Line: l.ID,
		Direction: rebound.Inbound, Class: rebound.ClassReceived, Once: inboundKey(ev.Connection, ev.CarrierID),
		From: caller.Number, To: l.Number, Body: body, Segments: sms.Segments(body).Segments, State: rebound.Received,
		CarrierID: ev.CarrierID, Connection: ev.Connection, CreatedAt: s.at, DoneAt: s.at,
	}
	recovery, err := s.liveRecovery(*c)
	if err == nil {
		msg.Recovery = recovery.ID
	}
	if err := mine.AddMessage(s.ctx, msg, ""); err != nil {
		return msg, err
	}
	for i, m := range ev.Media {
		err := s.wantMedia(rebound.Media{
			Business: l.Business, Connection: ev.Connection, Contact: c.ID, Message: msg.ID, URL: m.URL, ContentType: m.ContentType,
		}, fmt.Sprintf("picture/%s/%d", msg.ID, i))
		if err != nil {
			return msg, err
		}
	}
	*c = c.OffShelf()
	c.Unread = true
	if c.LastKind == "" || !s.at.Before(c.LastAt) { // else it was learned of late, and something else was last
		c.Last, c.LastAt, c.LastKind = preview(body, len(ev.Media)), s.at, "text_in"
	}
	s.changed(l.Business, c.ID)
	return msg, nil
}

// inboundKey is the same each time that the carrier tells of one text.
func inboundKey(c rebound.ConnectionID, carrierID string) string {
	return "in/" + string(c) + "/" + carrierID
}

func preview(body string, pictures int) string {
	if body == "" && pictures > 0 {
		return "Sent a picture"
	}
	return shorten(body, 160)
}

// intentOf prefers the carrier's own reading: it has acted on it.
func intentOf(ev rebound.TextEvent, body string) rebound.ConsentIntent {
	switch ev.Intent {
	case rebound.CarrierStop:
		return rebound.IntentStop
	case rebound.CarrierStart:
		return rebound.IntentStart
	case rebound.CarrierHelp:
		return rebound.IntentHelp
	}
	return map[sms.Intent]rebound.ConsentIntent{
		sms.OptOut: rebound.IntentStop, sms.LikelyOptOut: rebound.IntentMaybeStop, sms.OptIn: rebound.IntentStart, sms.Help: rebound.IntentHelp,
	}[sms.Classify(body)]
}

// needsHuman reports whether a text is somebody who waits for a human. An opt-out, an opt-in and a
// HELP out of the blue have had their answer. Whatever only may be an opt-out must be looked at, and
// so must a bare "Cancel", which often means an appointment, and a HELP of somebody who has called:
// it may be a flooded basement.
func needsHuman(intent rebound.ConsentIntent, before rebound.ConsentState, msg rebound.Message) bool {
	switch intent {
	case rebound.IntentStop:
		return sms.BareCancel(msg.Body)
	case rebound.IntentStart:
		return before != rebound.ConsentOptedOut && before != rebound.ConsentInDoubt
	case rebound.IntentHelp:
		return msg.Recovery != ""
	}
	return true
}

// consent applies what the text says about being texted, and sends the one answer to it.
func (s *step) consent(ev rebound.TextEvent, b rebound.Business, l rebound.Line, c *rebound.Contact, intent rebound.ConsentIntent) error {
	if s.at.Before(c.ConsentAt) && (intent == rebound.IntentStart || c.Consent == rebound.ConsentGiven) {
		return nil // learned of late, and what they said since stands; an opt-out is overtaken by an opt-in only
	}
	answered, err := s.carrierAnswers(ev, intent)
	if err != nil {
		return err
	}
	next, answer := rebound.Consent(c.Consent, intent, answered)
	if intent == rebound.IntentStop {
		c.ConsentAt = later(c.ConsentAt, s.at)
	}
	if next != c.Consent {
		c.Consent, c.ConsentAt, c.SettleAt = next, s.at, time.Time{}
		c.ConsentHow = "texted “" + shorten(sms.Clean(ev.Body), 60) + "”"
		words := "Opted in to texts again: "
		switch next {
		case rebound.ConsentOptedOut:
			words = "Opted out of texts: "
		case rebound.ConsentInDoubt:
			words, c.SettleAt = "May have opted out: ", s.now.Add(rebound.ConsentSettles)
		}
		if err := s.say(rebound.Event{Business: b.ID, Contact: c.ID, Kind: rebound.EventConsent, Words: words + c.ConsentHow}); err != nil {
			return err
		}
		if err := s.silence(*c, next); err != nil {
			return err
		}
	}
	return s.answerConsent(b, l, c, answer, ev)
}

// carrierAnswers reports whether the carrier confirms by itself. Where its own word list decides, it
// does so for the bare keywords only.
func (s *step) carrierAnswers(ev rebound.TextEvent, intent rebound.ConsentIntent) (bool, error) {
	if ev.Intent != "" {
		return true, nil
	}
	if intent == rebound.IntentNone || !sms.CarrierKeyword(ev.Body) {
		return false, nil
	}
	c, err := s.o.Carrier(s.ctx, ev.Connection)
	if err != nil {
		s.note(slog.LevelWarn, "no carrier client, so no answer to a consent text", "connection", ev.Connection, "err", err)
		return true, nil
	}
	return c.AnswersStop(), nil
}

// silence keeps automatic texts that have not left from leaving to somebody who may not want them.
func (s *step) silence(c rebound.Contact, state rebound.ConsentState) error {
	why := map[rebound.ConsentState]rebound.TextBackReason{
		rebound.ConsentOptedOut: rebound.OptedOut, rebound.ConsentInDoubt: rebound.OptOutLikely,
	}[state]
	if why == "" {
		return nil
	}
	recovery, err := s.liveRecovery(c)
	if err != nil {
		return ignoreMissing(err)
	}
	msg, err := s.tx.For(c.Business).PlannedText(s.ctx, recovery.ID, c.ID)
	if err != nil {
		return ignoreMissing(err)
	}
	return s.dropText(msg, why)
}

// answerConsent sends the confirmation of an opt-out or opt-in, or the answer to HELP.
func (s *step) answerConsent(b rebound.Business, l rebound.Line, c *rebound.Contact, answer rebound.ConsentAnswer, ev rebound.TextEvent) error {
	t := b.TextBack.WithDefaults().Templates
	text, ok := map[rebound.ConsentAnswer]string{
		rebound.AnswerStop: t.Stop, rebound.AnswerStart: t.Start, rebound.AnswerHelp: t.Help,
	}[answer]
	if !ok || !textable(*c) {
		return nil
	}
	if answer == rebound.AnswerHelp {
		loops, err := s.loops(b, *c)
		if err != nil || loops {
			return err
		}
	}
	zone, err := s.o.Zone(b.Zone)
	if err != nil || rebound.TooLate(s.now.Sub(s.at), rebound.Quiet(s.now.In(zone))) {
		return err
	}
	body := sms.Straighten(rebound.Fill(text, rebound.TemplateValues(b, l, *c)))
	return s.addText(rebound.Message{
		ID: rebound.MessageID(store.NewID(s.now)), Business: b.ID, Contact: c.ID, Line: l.ID, Direction: rebound.Outbound,
		Class: rebound.ClassConsent, Once: "consent/" + string(ev.Connection) + "/" + ev.CarrierID, Connection: l.Connection,
		From: l.Number, To: phone.Number(c.Number), Body: body, Segments: sms.Segments(body).Segments,
		CreatedAt: s.now, DueAt: s.now, StaleAt: s.now.Add(rebound.FreshFor),
	})
}

// loops reports whether a machine seems to answer each of our texts with one that we would answer again.
func (s *step) loops(b rebound.Business, c rebound.Contact) (bool, error) {
	most := b.TextBack.WithDefaults().Limits.LoopTexts
	_, exchanges, err := s.tx.For(b.ID).RecentTexts(s.ctx, c.ID, s.now, 0, s.now.Add(-10*time.Minute), atLeast(most))
	return most >= 0 && exchanges >= most, err
}

// textable reports whether a contact has a number that can be texted at all.
func textable(c rebound.Contact) bool { return len(c.Number) > 1 && c.Number[0] == '+' }

// startClock makes the contact's recovery wait, or opens one that does. A text that came before the
// text-back left makes that unnecessary.
func (s *step) startClock(b rebound.Business, l rebound.Line, c *rebound.Contact, msg rebound.Message) error {
	clock, err := s.clockOf(b.ID, l.ID)
	if err != nil {
		return err
	}
	in := rebound.RecoveryInput{Step: rebound.StepReplied, At: s.at, Urgent: clock.Policy.Urgent(msg.Body)}
	recovery, err := s.liveRecovery(*c)
	if err != nil {
		if err := ignoreMissing(err); err != nil {
			return err
		}
		_, err = s.opened(rebound.Recovery{
			ID: rebound.RecoveryID(store.NewID(s.now)), Business: b.ID, Contact: c.ID, Line: l.ID, State: rebound.RecoveryOpen, OpenedAt: s.at,
		}, false, in)
		return err
	}
	if recovery.State == rebound.RecoveryContacted && sms.Closer(msg.Body) {
		return s.say(rebound.Event{
			Business: b.ID, Contact: c.ID, Recovery: recovery.ID, Message: msg.ID,
			Kind: rebound.EventCloser, Words: "A closing word, so the clock stays stopped",
		})
	}
	if err := s.cancelPlanned(recovery, rebound.WroteFirst); err != nil {
		return err
	}
	return s.advance(recovery, in)
}
