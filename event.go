package rebound

import "time"

// EventKind names what a line in a conversation's timeline says, beside its calls and texts.
type EventKind string

const (
	EventCallArrived  EventKind = "call_arrived"
	EventDecided      EventKind = "decided"       // the text-back decision and its reason
	EventClockStarted EventKind = "clock_started" // the recovery waits
	EventStepReached  EventKind = "step_reached"  // a policy step was due
	EventStepLate     EventKind = "step_late"     // steps that came too late were passed over
	EventUrgent       EventKind = "urgent"        // everyone on duty is told at once
	EventAlerted      EventKind = "alerted"       // who is told, by which channels
	EventAlertTrouble EventKind = "alert_failed"  // a channel, or all of a member's, did not take an alert
	EventClaimed      EventKind = "claimed"
	EventAssigned     EventKind = "assigned"
	EventHeld         EventKind = "held"     // "I'm on it": the next step waits
	EventRepaired     EventKind = "repaired" // the auditor set a broken timer right
	EventContactMade  EventKind = "contact_made"
	EventStated       EventKind = "contact_stated" // by a member, without proof
	EventContactVoid  EventKind = "contact_void"
	EventOutcome      EventKind = "outcome"
	EventShelf        EventKind = "shelf"        // snoozed, done, or taken back
	EventConsent      EventKind = "consent"      // an opt-out, opt-in or doubt
	EventCloser       EventKind = "closer"       // a closing word that does not start the clock anew
	EventTextTrouble  EventKind = "text_trouble" // a text was refused, is unknown or unconfirmed
	EventRouteAlarm   EventKind = "route_alarm"  // nobody was on duty, or a phone sends calls back: Plan.Alarm
	EventConfigAlarm  EventKind = "config_alarm" // the carrier says the account or number is set up wrong
)

// Event is one line of a conversation's timeline.
type Event struct {
	ID       string
	Business BusinessID
	Contact  ContactID
	Recovery RecoveryID
	Call     CallID
	Message  MessageID
	Kind     EventKind
	Words    string // what happened, for people
	At       time.Time
}
