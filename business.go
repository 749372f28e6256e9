// Package rebound is the vocabulary and the judgement of Rebound: who rings, what counts as a
// miss, whether a text goes out, when a recovery waits. It refuses to do I/O and to look at a
// clock: every decision is a function of its arguments, so that it can be replayed and explained.
package rebound

import (
	"slices"
	"time"

	"rebound/internal/phone"
)

// Identifiers are time-ordered strings made by the program before a row is written. Each kind of
// thing has a type of its own, so that a call's id cannot be passed where a line's is meant.
type (
	BusinessID   string
	ConnectionID string
	LineID       string
	TeamID       string
	MemberID     string
	ContactID    string
	CallID       string
	RecoveryID   string
	MessageID    string
	MediaID      string
	WebhookID    string
	DeliveryID   string
)

// Business is a tenant: a plumber, a dentist. Everything else belongs to exactly one.
type Business struct {
	ID       BusinessID
	Slug     string   // stable name in business.yaml and in addresses: "acme-plumbing"
	Name     string   // as callers know it; appears in every automatic text
	Zone     string   // IANA name of the time zone people's clocks there show
	Country  string   // ISO 3166 alpha-2; reads national numbers and is the default allow-list
	Contact  string   // how a person reaches the business otherwise; the answer to HELP
	JobValue int64    // average job in whole cents of the business's currency; 0: not told
	Schedule Schedule // of all lines that say nothing else; without an override (Overrides)
	TextBack TextBackPolicy
	Policy   EscalationPolicy
}

// Connection is the business's account at a carrier.
type Connection struct {
	ID       ConnectionID
	Business BusinessID
	Name     string
	Carrier  string // "twilio" or "fake"
	Account  string // the carrier's account id (Twilio: AC…)
	KeyID    string // API key id (Twilio: SK…) when requests are not signed in with the account's token; may be empty
	// Secrets are references, never the secret itself: "env:NAME" or "file:/path".
	AuthToken string // signs webhooks (Twilio: the account's primary token)
	KeySecret string // goes with KeyID
	// BaseURL replaces the carrier's API address; empty means the carrier's own.
	BaseURL string
	// FallbackURL is a document kept at the carrier (Twilio: a TwiML Bin) that answers calls while
	// Rebound cannot be reached; empty means that there is none.
	FallbackURL string
}

// DestinationKind tells how a destination answers, which decides whether it is screened.
type DestinationKind string

const (
	Cell DestinationKind = "cell" // has a voicemail of its own: somebody must press a key
	Desk DestinationKind = "desk" // a desk phone that only a person picks up
	SIP  DestinationKind = "sip"  // a SIP address

	Customer DestinationKind = "customer" // whom an outbound call is for: they cannot be asked for a key
)

// Screened reports whether only a pressed key proves that a person answered
// (PRODUCT.md, "What counts as a miss").
func (k DestinationKind) Screened() bool { return k == Cell }

// Destination is one way to ring a member.
type Destination struct {
	Kind    DestinationKind `json:"kind"`
	Number  phone.Number    `json:"number,omitempty"`  // all but SIP
	Address string          `json:"address,omitempty"` // SIP: "sip:user@host"
}

// Member is a person of the business.
type Member struct {
	ID       MemberID
	Business BusinessID
	Name     string
	Email    string
	Rings    []Destination // in the order they are tried
	OffDuty  bool          // takes no calls until they say otherwise, whatever a rota says
	Role     Role
	Alerts   Alerts
}

// Role is what a member has to answer for, beside customers.
type Role string

const (
	Supervisor Role = "supervisor" // hears what went wrong
	Owner      Role = "owner"      // likewise, where there is no supervisor
)

// Team is a department: members in ringing order.
type Team struct {
	ID       TeamID
	Business BusinessID
	Name     string
	Members  []MemberID
	Rota     Rota             // its crew are those of Members who have shifts; none of anything: all are always on duty
	Policy   EscalationPolicy // what it does not say is the business's (EscalationPolicy.Or)
}

// RingStrategy says how a team's destinations are rung.
type RingStrategy string

const (
	Together    RingStrategy = "together"     // all at once, the first to accept wins
	InOrder     RingStrategy = "in_order"     // one phone after another
	RoundRobin  RingStrategy = "round_robin"  // likewise, each call beginning with the next member
	LongestIdle RingStrategy = "longest_idle" // likewise, whose last call was over the longest ago first
	Sticky      RingStrategy = "sticky"       // who talked with this caller last, then all others at once
)

// Line is a phone number of the business.
type Line struct {
	ID         LineID
	Business   BusinessID
	Connection ConnectionID
	Name       string
	Number     phone.Number
	Route      RouteID // empty: OwnRoute, of the three that follow
	Team       TeamID
	Strategy   RingStrategy
	RingFor    time.Duration // how long each ring step lasts: 5 s to 120 s
	Schedule   Schedule      // what it does not say is the business's (Schedule.Or); without an override (Overrides)
	Greeting   Greeting
	Voicemail  VoicemailRules
}

// Greeting is what a caller hears before the voicemail's tone: a text that is spoken, an audio file somewhere, or a
// sound of our own storage.
type Greeting struct {
	Say         string  `json:"say,omitempty"`
	Language    string  `json:"language,omitempty"`     // BCP 47; empty means en-US
	Play        string  `json:"play,omitempty"`         // absolute https address of an audio file; wins over Say
	Sound       MediaID `json:"sound,omitempty"`        // a stored Sound; wins over Play
	Closed      string  `json:"closed,omitempty"`       // spoken outside opening hours instead of all the above
	ClosedSound MediaID `json:"closed_sound,omitempty"` // a stored Sound; wins over Closed
}

// Sounds are the stored sounds that the greeting names.
func (g Greeting) Sounds() []MediaID {
	return slices.DeleteFunc([]MediaID{g.Sound, g.ClosedSound}, func(id MediaID) bool { return id == "" })
}

// With returns the greeting with a stored sound for an hour; none: with the words that are spoken there.
func (g Greeting) With(hour GreetingHour, sound MediaID) Greeting {
	if hour == GreetClosed {
		g.ClosedSound = sound
	} else {
		g.Sound = sound
	}
	return g
}

// at returns what of the greeting is heard while the line is open or closed.
func (g Greeting) at(open bool) Greeting {
	if !open && (g.Closed != "" || g.ClosedSound != "") {
		return Greeting{Say: g.Closed, Language: g.Language, Sound: g.ClosedSound}
	}
	return g
}

// VoicemailRules bound a recording.
type VoicemailRules struct {
	Off        bool          `json:"off,omitempty"` // true: the greeting is said and the call ends
	MaxLength  time.Duration `json:"max_length"`    // default 2 min
	EndSilence time.Duration `json:"end_silence"`   // silence that ends the recording; default 5 s
}

// Media is a picture or a recording, fetched from the carrier into our own storage.
type Media struct {
	ID          MediaID
	Business    BusinessID
	Connection  ConnectionID
	Contact     ContactID
	Call        CallID    // a voicemail
	Message     MessageID // a picture
	URL         string    // at the carrier
	ContentType string
	Size        int64
	Duration    time.Duration // recordings
	State       MediaState
	Trouble     string // why it could not be fetched
	Tries       int
	CreatedAt   time.Time
	DueAt       time.Time // when it is fetched (again); zero: never
}

// MediaState is how far a picture or recording has come.
type MediaState string

const (
	MediaWanted MediaState = "wanted"
	MediaStored MediaState = "stored"
	MediaLost   MediaState = "lost" // could not be fetched, or was refused as too large
)
