package rebound

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// EscalationPolicy says when a waiting recovery is told to whom, and again to whom.
type EscalationPolicy struct {
	Steps       []PolicyStep  `json:"steps,omitempty"`        // in the order of their times; empty: the default policy
	RepeatEvery time.Duration `json:"repeat_every,omitempty"` // of the last step, where it has no Repeat; default 1 h
	Runs        Runs          `json:"runs,omitempty"`
	Fallback    MemberID      `json:"fallback,omitempty"`     // told where a step reaches nobody; empty: supervisors, else owners
	UrgentWords []string      `json:"urgent_words,omitempty"` // empty: UrgentWords()
	Limits      AlertLimits   `json:"limits,omitzero"`
}

// Runs says when a policy's time passes.
type Runs string

const (
	RunsAlways      Runs = ""
	RunsInOpenHours Runs = "open_hours" // of the recovery's line; for urgent recoveries always
)

// PolicyStep is one rung of the ladder.
type PolicyStep struct {
	After    time.Duration `json:"after"` // since the recovery began to wait
	Whom     Audience      `json:"whom"`
	Member   MemberID      `json:"member,omitempty"`   // ToMember
	Channels []Channel     `json:"channels,omitempty"` // in this order; empty: each member's own
	Repeat   time.Duration `json:"repeat,omitempty"`   // until the next step; of the last one, until the clock stops
}

// Audience is who a policy step speaks to.
type Audience string

const (
	ToAssignee   Audience = "assignee"   // whose it is; unassigned, or off duty: the team
	ToTeam       Audience = "team"       // who of the line's team is on duty, and the assignee
	ToSupervisor Audience = "supervisor" // all who are; without one, the owners
	ToOnDuty     Audience = "on_duty"    // everyone on duty in any team
	ToMember     Audience = "member"     // one by name, on duty or not
)

// WithDefaults is the mission's policy where a business has none (PRODUCT.md, "The clock").
func (p EscalationPolicy) WithDefaults() EscalationPolicy {
	if len(p.Steps) == 0 {
		p.Steps = []PolicyStep{
			{After: 0, Whom: ToAssignee},
			{After: 5 * time.Minute, Whom: ToAssignee},
			{After: 30 * time.Minute, Whom: ToTeam},
			{After: 2 * time.Hour, Whom: ToSupervisor},
		}
	}
	or(&p.RepeatEvery, time.Hour)
	p.Limits = p.Limits.withDefaults()
	return p
}

// Or is a team's policy, where what it does not say is the business's, part by part.
func (p EscalationPolicy) Or(parent EscalationPolicy) EscalationPolicy {
	if len(p.Steps) == 0 {
		p.Steps = parent.Steps
	}
	if len(p.UrgentWords) == 0 {
		p.UrgentWords = parent.UrgentWords
	}
	p.RepeatEvery = cmp.Or(p.RepeatEvery, parent.RepeatEvery)
	p.Runs = cmp.Or(p.Runs, parent.Runs)
	p.Fallback = cmp.Or(p.Fallback, parent.Fallback)
	p.Limits = parent.Limits // they are about members, who may be in several teams
	return p
}

// Rung returns the n-th thing to do, from 0, and how long after the wait began it is due. A step that repeats
// is several, and the last one has no end.
func (p EscalationPolicy) Rung(n int) (PolicyStep, time.Duration) {
	last := len(p.Steps) - 1
	for i, s := range p.Steps[:last] {
		times := 1
		if gap := p.Steps[i+1].After - s.After; s.Repeat > 0 && gap > 0 {
			times = int((gap-1)/s.Repeat) + 1
		}
		if n < times {
			return s, s.After + time.Duration(n)*s.Repeat
		}
		n -= times
	}
	s := p.Steps[last]
	return s, s.After + time.Duration(n)*p.lastRepeat()
}

func (p EscalationPolicy) lastRepeat() time.Duration {
	return cmp.Or(p.Steps[len(p.Steps)-1].Repeat, p.RepeatEvery, time.Hour)
}

// beyond returns the first rung that is due later than so long after the wait began.
func (p EscalationPolicy) beyond(done time.Duration) int {
	n := 0
	if last := p.Steps[len(p.Steps)-1].After; done >= last { // all but the last step's turns are over
		for s, after := p.Rung(n); after < last || s.After < last; s, after = p.Rung(n) {
			n++
		}
		n += int((done - last) / p.lastRepeat())
	}
	for {
		if _, after := p.Rung(n); after > done {
			return n
		}
		n++
	}
}

// Clock is a policy as it runs for one line.
type Clock struct {
	Policy EscalationPolicy
	// Open returns the instant by which the line has been open for d since an instant. Nil: it always is.
	Open func(since time.Time, d time.Duration) time.Time
}

// NewClock returns the clock of recoveries on a line: the policy of its team where it has one, else the business's,
// and the line's hours, overrides included.
func NewClock(b Business, t Team, hours Schedule, zone *time.Location, holidays HolidayFinder) Clock {
	return Clock{
		Policy: t.Policy.Or(b.Policy),
		Open: func(since time.Time, lasting time.Duration) time.Time {
			return hours.OpenAfter(since, lasting, zone, holidays)
		},
	}
}

// Due returns when the n-th rung is due for a waiting recovery.
func (c Clock) Due(r Recovery, n int) time.Time {
	_, after := c.Policy.WithDefaults().Rung(n)
	return later(c.After(r, after), r.HeldUntil)
}

// After returns when a waiting recovery has waited for d, as the policy counts.
func (c Clock) After(r Recovery, d time.Duration) time.Time {
	if c.Policy.Runs == RunsInOpenHours && !r.Urgent && c.Open != nil {
		return c.Open(r.WaitSince, d)
	}
	return r.WaitSince.Add(d)
}

// OpenAfter returns the instant by which the schedule has been open for d since an instant. One that is not
// open for so long within a year does not count: then it is d after since, so that nobody is forgotten.
func (s Schedule) OpenAfter(since time.Time, d time.Duration, zone *time.Location, holidays HolidayFinder) time.Time {
	const part, parts = 7 * 24 * time.Hour, 53
	from, left := since, d
	for range parts {
		for _, w := range s.Windows(from, from.Add(part), zone, holidays) {
			length := w.Closes.Sub(w.Opens)
			if left < length {
				return w.Opens.Add(left).UTC()
			}
			left -= length
		}
		from = from.Add(part)
	}
	return since.Add(d)
}

// Urgent reports whether a caller's words mean that it cannot wait (PRODUCT.md, "The clock").
func (p EscalationPolicy) Urgent(text string) bool {
	list := p.UrgentWords
	if len(list) == 0 {
		list = UrgentWords()
	}
	said := bareWords(text)
	return slices.ContainsFunc(list, func(words string) bool {
		words = bareWords(words)
		return len(words) > 2 && strings.Contains(said, words)
	})
}

// bareWords writes a text in small letters, with one blank before and after each word.
func bareWords(text string) string {
	text = strings.ReplaceAll(strings.ToLower(text), "’", "'")
	text = strings.ReplaceAll(text, "'", "")
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
	return " " + strings.Join(words, " ") + " "
}

// UrgentWords are what means urgency where a business says nothing else, for the trades that Rebound is made
// for. They are many and plain, because a needless alert costs less than a missed one.
func UrgentWords() []string {
	return []string{
		"emergency", "urgent", "asap", "right away", "help me", "emergencia", "urgente", // everyone
		"gas", "carbon monoxide", "co alarm", "smoke", "fire", "sparks", "sparking", "burning smell", "electrocuted", "exposed wire",
		"flood", "flooded", "flooding", "burst", "burst pipe", "gushing", "sewage", "sewer backup", "water everywhere", "no water",
		"no heat", "no heating", "no hot water", "no ac", "no cooling", "no power", "freezing", "frozen pipe",
		"locked out", "stranded", "broke down", "break in", "broken into",
		"bleeding", "knocked out", "swollen", "swelling", "abscess", "severe pain", "cant breathe", "unconscious", "overdose",
		"arrested", "in jail", "custody", "warrant", "police", "court today", "court tomorrow", "evicted", "eviction",
	}
}
