package rebound

import (
	"time"

	"rebound/internal/phone"
)

// InstructionKind says what a live call, or a leg of it, does next.
type InstructionKind string

const (
	DoRing      InstructionKind = "ring"      // ring the step's targets
	DoMenu      InstructionKind = "menu"      // say the menu and wait for a key
	DoVoicemail InstructionKind = "voicemail" // greet and record
	DoGreet     InstructionKind = "greet"     // greet and hang up
	DoScreen    InstructionKind = "screen"    // on a leg: announce and wait for any key
	DoConnect   InstructionKind = "connect"   // on a leg: bridge it now
	DoHangUp    InstructionKind = "hang_up"
	DoReject    InstructionKind = "reject"  // refuse the call without answering it
	DoNothing   InstructionKind = "nothing" // an empty answer: the request was only a report
)

// Instruction is the engine's answer to a carrier's request, in no carrier's language. It is a
// function of the call's plan and the request's place in it, so a retried request gets the same
// document and never starts a second ring.
type Instruction struct {
	Kind       InstructionKind
	Connection ConnectionID
	Business   BusinessID
	Call       CallID
	Number     int   // which step of the plan Step is
	Step       Step  // DoRing, DoMenu, DoVoicemail, DoGreet, DoScreen
	Skip       []int // DoRing: targets of the step that are not rung, never all
	Target     int   // DoScreen: the leg it is about; DoMenu: which try it is, from 0
}

// TextEvent is one text that arrived.
type TextEvent struct {
	Connection ConnectionID
	CarrierID  string
	Token      string
	From, To   string // as the carrier wrote them
	Body       string
	Media      []InboundMedia
	Intent     CarrierIntent // what the carrier itself made of it
	Raw        []byte
	At         time.Time // when it was written, where that is not just now: the carrier's log says so
}

// InboundMedia is a picture that came with a text, still at the carrier.
type InboundMedia struct {
	URL         string `json:"url"`
	ContentType string `json:"content_type"`
}

// CarrierIntent is a carrier's own reading of an opt-out keyword (Twilio: OptOutType). When it is
// set, the carrier has already answered the person.
type CarrierIntent string

const (
	CarrierStop  CarrierIntent = "STOP"
	CarrierStart CarrierIntent = "START"
	CarrierHelp  CarrierIntent = "HELP"
)

// Receipt is the carrier's report on a text that we sent.
type Receipt struct {
	Connection ConnectionID
	Business   BusinessID
	Message    MessageID // from the signed address
	CarrierID  string
	From, To   phone.Number
	State      MessageState
	Code       string
	At         time.Time
	Raw        []byte
}
