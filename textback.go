package rebound

import (
	"fmt"
	"slices"
	"time"

	"rebound/internal/phone"
)

// TextBackPolicy is a business's rules for the automatic text.
type TextBackPolicy struct {
	Off         bool          `json:"off,omitempty"`
	Delay       time.Duration `json:"delay"`            // after the miss; 0 to 55 s, default 10 s
	CoolDown    time.Duration `json:"cool_down"`        // between texts of one recovery; default 24 h
	HumanWithin time.Duration `json:"human_within"`     // no text when a human was in touch so recently; default 30 min
	QuickHangUp time.Duration `json:"quick_hang_up"`    // abandoned within: recorded, no text; default 4 s, negative: text anyway
	Countries   []string      `json:"countries"`        // ISO 3166 alpha-2; empty: the line's own country
	Lookup      bool          `json:"lookup,omitempty"` // ask the carrier what kind of line a new number is before its first text; costs money
	Templates   Templates     `json:"templates"`
	BookingLink string        `json:"booking_link,omitempty"`
	Limits      Limits        `json:"limits"`
}

// Limits keep a flood of calls from becoming an SMS bill. Zero means the default, negative none.
type Limits struct {
	PerCaller       int   `json:"per_caller"`        // texts to one caller in 24 h, from this business; default 3
	PerCallerAll    int   `json:"per_caller_all"`    // texts to one number in 24 h from all businesses here; default 6
	PerPrefix       int   `json:"per_prefix"`        // texts to one number prefix in an hour, all businesses; default 60
	PerLineHour     int   `json:"per_line_hour"`     // default 100
	PerBusinessHour int   `json:"per_business_hour"` // default 200
	PerBusinessDay  int   `json:"per_business_day"`  // default 1,000
	SpendPerDay     int64 `json:"spend_per_day"`     // ten-thousandths of the account's currency unit; default 250,000 (25.00)
	SegmentPrice    int64 `json:"segment_price"`     // the same unit; default 83 (0.0083)
	LoopTexts       int   `json:"loop_texts"`        // automatic texts to a caller within 10 min that are each followed by one from them; default 3
}

// WithDefaults fills what is not set.
func (p TextBackPolicy) WithDefaults() TextBackPolicy {
	or(&p.CoolDown, 24*time.Hour)
	or(&p.HumanWithin, 30*time.Minute)
	or(&p.QuickHangUp, 4*time.Second)
	l := &p.Limits
	or(&l.PerCaller, 3)
	or(&l.PerCallerAll, 6)
	or(&l.PerPrefix, 60)
	or(&l.PerLineHour, 100)
	or(&l.PerBusinessHour, 200)
	or(&l.PerBusinessDay, 1000)
	or(&l.SpendPerDay, 250_000)
	or(&l.SegmentPrice, 83)
	or(&l.LoopTexts, 3)
	p.Templates = p.Templates.withDefaults()
	return p
}

// DefaultDelay is the text-back's delay where a business has not set one: long enough for a caller
// who redials at once, short enough to be first (PRODUCT.md, "The text-back decision").
const DefaultDelay = 10 * time.Second

const (
	// FreshFor is how long after its due time a text-back is still worth sending, and how long the
	// carrier may hold it: one that arrives hours later is worse than none.
	FreshFor = 10 * time.Minute
	// LateAfter is when a text is no longer the instant answer to a call and obeys quiet hours.
	LateAfter = 2 * time.Minute
	// VoicemailHold bounds how long a text waits for the caller to finish speaking.
	VoicemailHold = 45 * time.Second
)

// TextDue returns when the text-back of a call missed at missedAt is due. While the caller is on
// the voicemail it waits, though never past VoicemailHold.
func (p TextBackPolicy) TextDue(missedAt time.Time, onVoicemail bool) time.Time {
	if onVoicemail {
		return missedAt.Add(max(p.Delay, VoicemailHold))
	}
	return missedAt.Add(p.Delay)
}

// Quiet reports whether t, on the business's clock, is in the quiet hours: before 8 or from 21 on.
func Quiet(t time.Time) bool { return t.Hour() < 8 || t.Hour() >= 21 }

func or[T int | int64 | time.Duration](v *T, fallback T) {
	if *v == 0 {
		*v = fallback
	}
}

// TextBackReason says why a text goes out, or why not. The constants stand in the order in which
// the rules are asked.
type TextBackReason string

const (
	BecauseMissed TextBackReason = "missed" // send

	Withheld       TextBackReason = "withheld"
	Malformed      TextBackReason = "malformed"
	ShortCode      TextBackReason = "short_code"
	SIPCaller      TextBackReason = "sip_caller"
	Landline       TextBackReason = "landline"
	Premium        TextBackReason = "premium"
	CountryNotOn   TextBackReason = "country_not_allowed"
	CallerIDFailed TextBackReason = "caller_id_failed" // the carrier says the number is forged
	IsStaff        TextBackReason = "staff"
	IsOwnLine      TextBackReason = "own_line"
	IsBlocked      TextBackReason = "blocked"
	OptedOut       TextBackReason = "opted_out"
	OptOutLikely   TextBackReason = "opt_out_likely"
	TurnedOff      TextBackReason = "turned_off"
	QuickHangUp    TextBackReason = "quick_hang_up"
	CoolDown       TextBackReason = "cool_down"
	HumanInTouch   TextBackReason = "human_in_touch"
	CapCaller      TextBackReason = "cap_caller"
	CapCallerAll   TextBackReason = "cap_caller_all"
	CapPrefix      TextBackReason = "cap_prefix"
	CapLine        TextBackReason = "cap_line"
	CapHour        TextBackReason = "cap_business_hour"
	CapDay         TextBackReason = "cap_business_day"
	CapSpend       TextBackReason = "cap_spend"
	Loop           TextBackReason = "loop"

	// Reasons for which a planned text is cancelled before it leaves; WroteFirst and Stale also keep one
	// from being planned, where the miss became known late.
	AnsweredSince TextBackReason = "answered_since" // the caller redialled and was answered, or wrote and was
	WroteFirst    TextBackReason = "wrote_first"    // the caller wrote before the text left
	Stale         TextBackReason = "stale"          // too late to be of use
)

// TextBackFacts is all that the decision looks at. It is stored with the decision, so that it can
// be replayed.
type TextBackFacts struct {
	Now        time.Time        `json:"now"`
	CallerKind phone.CallerKind `json:"caller_kind"`
	Region     string           `json:"region,omitempty"` // of the caller's number
	LineRegion string           `json:"line_region,omitempty"`
	Landline   bool             `json:"landline,omitempty"`
	Premium    bool             `json:"premium,omitempty"`
	CallerID   Truth            `json:"caller_id,omitempty"`
	Staff      bool             `json:"staff,omitempty"`
	OwnLine    bool             `json:"own_line,omitempty"`
	Blocked    bool             `json:"blocked,omitempty"`
	Consent    ConsentState     `json:"consent,omitempty"`
	Reason     MissReason       `json:"reason"`
	MissedAt   time.Time        `json:"missed_at"`
	Rang       time.Duration    `json:"rang"`               // from the first ring to the miss
	Quiet      bool             `json:"quiet,omitempty"`    // quiet hours on the business's clock
	TextedAt   time.Time        `json:"texted_at,omitzero"` // last text-back of the caller's open recovery
	HumanAt    time.Time        `json:"human_at,omitzero"`  // a human last texted or talked with this caller
	WroteAt    time.Time        `json:"wrote_at,omitzero"`  // the caller's text, where that was the last thing to happen
	Used       Usage            `json:"used"`
	Segments   int              `json:"segments"`
	Exchanges  int              `json:"exchanges,omitempty"` // automatic texts of the last 10 min that the caller followed with a text
}

// Usage counts what the limits bound.
type Usage struct {
	Caller       int   `json:"caller"`
	CallerAll    int   `json:"caller_all"`
	Prefix       int   `json:"prefix"`
	LineHour     int   `json:"line_hour"`
	BusinessHour int   `json:"business_hour"`
	BusinessDay  int   `json:"business_day"`
	SpendDay     int64 `json:"spend_day"`
}

// Decision is the one answer to "does this miss get a text?", kept with the call and shown with its reason.
type Decision struct {
	Send   bool           `json:"send,omitempty"`
	Reason TextBackReason `json:"reason"`
	Facts  TextBackFacts  `json:"facts"`
	At     time.Time      `json:"at"` // zero: nothing was decided
}

// Decide asks the rules in PRODUCT.md's order and returns the first that holds.
func (p TextBackPolicy) Decide(f TextBackFacts) (send bool, why TextBackReason) {
	for _, rule := range []func(TextBackFacts) TextBackReason{
		p.textable, p.known, p.worth, p.already, p.limited,
	} {
		if why := rule(f); why != "" {
			return false, why
		}
	}
	return true, BecauseMissed
}

func (p TextBackPolicy) textable(f TextBackFacts) TextBackReason {
	switch f.CallerKind {
	case phone.KindAnonymous:
		return Withheld
	case phone.KindSIP:
		return SIPCaller
	case phone.KindShortCode:
		return ShortCode
	case phone.KindMalformed:
		return Malformed
	}
	switch {
	case f.Premium:
		return Premium
	case f.Landline:
		return Landline
	case !p.allowed(f.Region, f.LineRegion):
		return CountryNotOn
	case f.CallerID == No:
		return CallerIDFailed
	}
	return ""
}

func (p TextBackPolicy) allowed(region, line string) bool {
	if len(p.Countries) == 0 {
		return region == line
	}
	return slices.Contains(p.Countries, region)
}

func (p TextBackPolicy) known(f TextBackFacts) TextBackReason {
	switch {
	case f.Staff:
		return IsStaff
	case f.OwnLine:
		return IsOwnLine
	case f.Blocked:
		return IsBlocked
	case f.Consent == ConsentOptedOut:
		return OptedOut
	case f.Consent == ConsentInDoubt:
		return OptOutLikely
	}
	return ""
}

func (p TextBackPolicy) worth(f TextBackFacts) TextBackReason {
	switch {
	case p.Off:
		return TurnedOff
	case f.Reason == Abandoned && f.Rang < p.QuickHangUp:
		return QuickHangUp
	case TooLate(f.Now.Sub(f.MissedAt), f.Quiet):
		return Stale
	}
	return ""
}

// TooLate reports whether an automatic text is not worth sending any more so long after what it
// answers. quiet: it is a quiet hour on the business's clock.
func TooLate(after time.Duration, quiet bool) bool {
	return after > FreshFor || quiet && after > LateAfter
}

func (p TextBackPolicy) already(f TextBackFacts) TextBackReason {
	switch {
	case !f.TextedAt.IsZero() && f.Now.Sub(f.TextedAt) < p.CoolDown:
		return CoolDown
	case !f.HumanAt.IsZero() && f.Now.Sub(f.HumanAt) < p.HumanWithin:
		return HumanInTouch
	case f.WroteAt.After(f.MissedAt):
		return WroteFirst
	}
	return ""
}

func (p TextBackPolicy) limited(f TextBackFacts) TextBackReason {
	l, u := p.Limits, f.Used
	switch {
	case over(u.Caller, l.PerCaller):
		return CapCaller
	case over(u.CallerAll, l.PerCallerAll):
		return CapCallerAll
	case over(u.Prefix, l.PerPrefix):
		return CapPrefix
	case over(u.LineHour, l.PerLineHour):
		return CapLine
	case over(u.BusinessHour, l.PerBusinessHour):
		return CapHour
	case over(u.BusinessDay, l.PerBusinessDay):
		return CapDay
	case l.SpendPerDay >= 0 && u.SpendDay+int64(f.Segments)*l.SegmentPrice > l.SpendPerDay:
		return CapSpend
	case over(f.Exchanges, l.LoopTexts):
		return Loop
	}
	return ""
}

// over reports whether one more would pass the limit; a negative limit is none.
func over(used, limit int) bool { return limit >= 0 && used >= limit }

// MakesRecovery reports whether a miss decided with this reason is somebody's need that must end
// in contact or an outcome. Staff, our own lines and blocked numbers are nobody's lead; a caller
// gone at once is recorded only.
func (r TextBackReason) MakesRecovery() bool {
	switch r {
	case IsStaff, IsOwnLine, IsBlocked, QuickHangUp:
		return false
	}
	return true
}

// Words says the reason to people, as the conversation shows it.
func (r TextBackReason) Words() string {
	if w, ok := textBackWords[r]; ok {
		return w
	}
	return fmt.Sprintf("No text: %s.", string(r))
}

var textBackWords = map[TextBackReason]string{
	BecauseMissed:  "Missed call from a number that can be texted, so a text goes out.",
	Withheld:       "No text: the caller hid the number.",
	Malformed:      "No text: the carrier sent something that is not a phone number.",
	ShortCode:      "No text: the call came from a short code.",
	SIPCaller:      "No text: the call came from an internet address, not a phone number.",
	Landline:       "No text: the number is a landline.",
	Premium:        "No text: texts to this number cost extra.",
	CountryNotOn:   "No text: the number's country is not on the list.",
	CallerIDFailed: "No text: the carrier says the caller's number is forged.",
	IsStaff:        "No text: the caller is on the team.",
	IsOwnLine:      "No text: the call came from one of our own lines.",
	IsBlocked:      "No text: the number is blocked.",
	OptedOut:       "No text: the customer opted out of texts.",
	OptOutLikely:   "No text: the customer may have opted out; somebody has to confirm it.",
	TurnedOff:      "No text: automatic texts are off.",
	QuickHangUp:    "No text: the caller hung up at once.",
	CoolDown:       "No second text: this customer was texted already, so the team is told instead.",
	HumanInTouch:   "No text: somebody was in touch with this customer a moment ago.",
	CapCaller:      "No text: this number had its share of texts for today.",
	CapCallerAll:   "No text: this number had its share of texts for today, from all businesses here.",
	CapPrefix:      "No text: too many calls from numbers like this one within an hour.",
	CapLine:        "No text: the line's limit for this hour is reached.",
	CapHour:        "No text: the business's limit for this hour is reached.",
	CapDay:         "No text: the business's limit for today is reached.",
	CapSpend:       "No text: today's budget for texts is spent.",
	Loop:           "No text: two machines seem to be texting each other.",
	AnsweredSince:  "Text cancelled: the customer was answered meanwhile.",
	WroteFirst:     "Text cancelled: the customer wrote first.",
	Stale:          "Text cancelled: it came too late to be of use.",
}
