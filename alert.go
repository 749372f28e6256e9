package rebound

import (
	"cmp"
	"slices"
	"time"

	"rebound/internal/phone"
)

// AlertID names one alert.
type AlertID string

// Channel is a way in which a member can be told something.
type Channel string

const (
	BySMS     Channel = "sms"   // through the line's carrier
	ByCall    Channel = "call"  // likewise: says who waits, and connects on a pressed key
	ByEmail   Channel = "email" // the rest through notify
	BySlack   Channel = "slack" // an incoming webhook, as the next two
	ByTeams   Channel = "teams" // Microsoft Teams
	ByDiscord Channel = "discord"
	ByWebhook Channel = "webhook" // any system that takes JSON
)

// Channels are all of them.
func Channels() []Channel {
	return []Channel{BySMS, ByCall, ByEmail, BySlack, ByTeams, ByDiscord, ByWebhook}
}

// Way is one channel with the address that it has for one member.
type Way struct {
	Channel Channel `json:"channel"`
	Address string  `json:"address"` // E.164 number, e-mail address, webhook's address
}

// Alerts are the ways in which one member is told, in the order in which they are tried.
type Alerts struct {
	Normal []Way     `json:"normal,omitempty"` // empty: a text to the first cell, then the e-mail address
	Urgent []Way     `json:"urgent,omitempty"` // empty: as Normal
	Quiet  QuietTime `json:"quiet,omitzero"`
}

// QuietTime is a part of each day, on the business's wall clock, in which a member is only told what is
// urgent: minutes after midnight, From included, To not. To before From is past midnight; both zero is none.
type QuietTime struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Holds reports whether the wall clock's time is in the quiet time.
func (q QuietTime) Holds(wall time.Time) bool {
	minute := wall.Hour()*60 + wall.Minute()
	if q.From <= q.To {
		return q.From <= minute && minute < q.To
	}
	return minute >= q.From || minute < q.To
}

// Ways are how a member is told: by the channels that a step names, in its order, or else by their own.
func (m Member) Ways(urgent bool, channels []Channel) []Way {
	ways := m.Alerts.Normal
	if urgent && len(m.Alerts.Urgent) > 0 {
		ways = m.Alerts.Urgent
	}
	if len(ways) == 0 {
		ways = m.defaultWays()
	}
	if len(channels) == 0 {
		return ways
	}
	all := slices.Concat(ways, m.Alerts.Normal, m.Alerts.Urgent, m.defaultWays())
	if n := m.phone(); n != "" {
		all = append(all, Way{ByCall, string(n)})
	}
	var chosen []Way
	for _, c := range channels {
		for _, w := range all {
			if w.Channel == c && !slices.Contains(chosen, w) {
				chosen = append(chosen, w)
			}
		}
	}
	if len(chosen) == 0 {
		return ways // none of the step's channels reaches them: their own do
	}
	return chosen
}

func (m Member) defaultWays() []Way {
	var ways []Way
	if n := m.Cell(); n != "" {
		ways = append(ways, Way{BySMS, string(n)})
	}
	if m.Email != "" {
		ways = append(ways, Way{ByEmail, m.Email})
	}
	return ways
}

// phone returns the first number at which the member is rung, or "".
func (m Member) phone() phone.Number {
	i := slices.IndexFunc(m.Rings, func(d Destination) bool { return d.Number != "" })
	if i < 0 {
		return ""
	}
	return m.Rings[i].Number
}

// Cell returns the member's first cell, or "".
func (m Member) Cell() phone.Number {
	i := slices.IndexFunc(m.Rings, func(d Destination) bool { return d.Kind == Cell })
	if i < 0 {
		return ""
	}
	return m.Rings[i].Number
}

// AlertState is how far an alert has come.
type AlertState string

const (
	AlertQueued    AlertState = "queued"    // to be sent when it is due
	AlertSending   AlertState = "sending"   // a request may be on the wire
	AlertSent      AlertState = "sent"      // the other side has it; of a call: it rings
	AlertDelivered AlertState = "delivered" // and the member's device; of a call: a key was pressed
	AlertFailed    AlertState = "failed"    // no channel took it
	AlertDropped   AlertState = "dropped"   // nobody waited any more when its turn came
)

// Alert is one attempt to tell one member about one recovery. It goes through the member's channels in turn
// until one takes it: at least once, since what may have arrived is sent again, marked as a repeat.
type Alert struct {
	ID        AlertID
	Business  BusinessID
	Recovery  RecoveryID
	Contact   ContactID
	Member    MemberID
	Line      LineID
	Reason    AlertReason
	Urgent    bool // passes throttle and quiet time
	Ways      []Way
	Way       int // the one in use
	State     AlertState
	Body      string  // AlertAnswer, AlertNamed: what it says; else it is written when it is sent
	Trouble   string  // what went wrong last, in words
	Bundle    AlertID // the alert that tells this one with it; empty: this one itself
	CarrierID string  // BySMS: the carrier's id; ByCall: the CallID
	Attempt   int     // of this way
	CreatedAt time.Time
	SentAt    time.Time
	DoneAt    time.Time
	DueAt     time.Time // when the engine looks at it again; zero: never
}

// AlertReason says why a member is told.
type AlertReason string

const (
	AlertStep   AlertReason = "step"     // a policy step
	AlertUrgent AlertReason = "urgent"   // words that cannot wait, or a second call
	AlertGiven  AlertReason = "assigned" // somebody gave it to them
	AlertAnswer AlertReason = "answer"   // to what they texted
	// AlertConnect rings them because they asked for it, by a text. Where that fails they are told by text.
	AlertConnect AlertReason = "connect"
	AlertNamed   AlertReason = "mention" // a note names them
)

// Standing reports whether an alert is of use whether or not anybody waits: the member has asked for it, or a note named
// them. It is not held by the limits either.
func (r AlertReason) Standing() bool { return r == AlertAnswer || r == AlertConnect || r == AlertNamed }

// Through returns the way in use; the zero Way when all have been tried.
func (a Alert) Through() Way {
	if a.Way < len(a.Ways) {
		return a.Ways[a.Way]
	}
	return Way{}
}

// AlertLimits keep alerts by SMS so rare that nobody mutes them. Zero means the default, negative none. Urgent
// ones and answers do not count and are not held.
type AlertLimits struct {
	PerMinute  int `json:"per_minute,omitempty"`  // default 1
	PerQuarter int `json:"per_quarter,omitempty"` // in 15 min; default 5
	PerHour    int `json:"per_hour,omitempty"`    // default 11
}

func (l AlertLimits) withDefaults() AlertLimits {
	or(&l.PerMinute, 1)
	or(&l.PerQuarter, 5)
	or(&l.PerHour, 11)
	return l
}

// Free returns when the next alert may go to a member who was sent some at the given times, latest first. A
// time that is not after now is now. What waits until then goes as one bundle.
func (l AlertLimits) Free(sent []time.Time, now time.Time) time.Time {
	l = l.withDefaults()
	free := now
	for _, window := range []struct {
		most int
		last time.Duration
	}{{l.PerMinute, time.Minute}, {l.PerQuarter, 15 * time.Minute}, {l.PerHour, time.Hour}} {
		if window.most > 0 && len(sent) >= window.most {
			free = later(free, sent[window.most-1].Add(window.last))
		}
	}
	return free
}

const (
	// AlertTries is how often one way is tried while it may yet work.
	AlertTries = 2
	// LastAlertTries is the same for the last way: behind it there is none.
	LastAlertTries = 5
	// AlertRepeats is how long after a send whose end is not known it is made again.
	AlertRepeats = 30 * time.Second
)

// NextWay moves an alert that its way did not take to the next one, at once. Where there is none it has failed.
func (a Alert) NextWay(now time.Time, trouble string) Alert {
	a.Way, a.Attempt, a.CarrierID, a.Trouble = a.Way+1, 0, "", trouble
	a.State, a.DueAt, a.SentAt = AlertQueued, now, time.Time{}
	if a.Way >= len(a.Ways) {
		a.State, a.DoneAt, a.DueAt = AlertFailed, now, time.Time{}
	}
	return a
}

// AlertEnd says what is known of an alert that a way did not take.
type AlertEnd string

const (
	AlertRefused AlertEnd = "refused"  // trying this way again is of no use
	AlertNotSent AlertEnd = "not_sent" // nothing has left
	AlertInDoubt AlertEnd = "in_doubt" // it may have arrived
)

// NotTaken moves an alert on that its way did not take: to the next way at once where this one refuses or
// cannot be reached, and else to the same one again, marked as a repeat.
func (a Alert) NotTaken(end AlertEnd, now time.Time, trouble string) Alert {
	last := a.Way+1 >= len(a.Ways)
	again := end == AlertInDoubt && a.Attempt < AlertTries || end != AlertRefused && last && a.Attempt < LastAlertTries
	if !again {
		return a.NextWay(now, trouble)
	}
	a.State, a.Trouble, a.DueAt, a.SentAt = AlertQueued, trouble, now.Add(time.Duration(max(a.Attempt, 1))*AlertRepeats), time.Time{}
	return a
}

// Throttled reports whether an alert counts towards the limits and is held by them.
func (a Alert) Throttled() bool {
	return !a.Urgent && !a.Reason.Standing() && a.Through().Channel == BySMS
}

// Tells reports whether an alert that goes out now tells another of the same member with it: one that it has told
// before, or that would wait for the same limits.
func (a Alert) Tells(other Alert) bool {
	waits := other.State == AlertQueued && other.Bundle == "" && other.Throttled() && a.Throttled()
	return other.ID != a.ID && (other.Bundle == a.ID || waits)
}

// Meant returns which of a member's alerts their answer is about: the latest that may have reached them, with those
// that went as one with it. What an earlier one named, an answer does not mean.
func Meant(all []Alert) []Alert {
	told := func(a Alert) bool { return (!a.SentAt.IsZero() || a.Attempt > 0) && !a.Reason.Standing() }
	said := func(a Alert) time.Time { // or, in doubt about that, was to be
		if a.SentAt.IsZero() {
			return a.CreatedAt
		}
		return a.SentAt
	}
	var latest Alert
	for _, a := range all {
		if told(a) && (latest.ID == "" || said(a).After(said(latest))) {
			latest = a
		}
	}
	bundle := cmp.Or(latest.Bundle, latest.ID)
	return slices.DeleteFunc(slices.Clone(all), func(a Alert) bool { return !told(a) || cmp.Or(a.Bundle, a.ID) != bundle })
}

// Rung says what a call that alerts has come to. over is false while it rings; an empty end is a pressed key.
func (c *Call) Rung() (end AlertEnd, trouble string, over bool) {
	switch {
	case c.KeyPressed():
		return "", "", true
	case c.State == CallUnanswered && c.Reason == Failed:
		return AlertNotSent, "the phone could not be rung", true
	case c.State == CallUnanswered:
		return AlertRefused, "nobody pressed a key", true
	}
	return "", "", false
}
