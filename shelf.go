package rebound

import "time"

// Shelf is where a conversation lies that is not to stand among the open ones.
type Shelf string

// The shelves of the inbox.
const (
	InHand  Shelf = ""        // on none
	Snoozed Shelf = "snoozed" // for later
	Filed   Shelf = "done"
)

// LongestSnooze is how far ahead a conversation may be put off.
const LongestSnooze = 366 * 24 * time.Hour

// MostAtOnce is how many conversations one press may change.
const MostAtOnce = 200

// Snooze returns the contact with their conversation put off until an instant; zero: until they write or call. It stops
// no clock (PRODUCT.md, "The clock"). R3200: the instant has passed, or is more than LongestSnooze away.
func (c Contact) Snooze(until, now time.Time) (Contact, error) {
	if !until.IsZero() && (!until.After(now) || until.Sub(now) > LongestSnooze) {
		return c, Errorf(Invalid, "R3200", "Choose a time from now on, within a year.")
	}
	c.Shelf, c.ShelfUntil, c.Unread = Snoozed, until, false
	return c, nil
}

// File returns the contact with their conversation done. r is their latest recovery; without one it is zero.
// R3201: somebody still has to reach them, for nothing but contact or an outcome ends that.
func (c Contact) File(r Recovery) (Contact, error) {
	if r.State == RecoveryOpen || r.State == RecoveryWaiting {
		return c, Errorf(Conflict, "R3201", "Nobody has reached this customer yet. Say first how it ended: booked, not a lead, lost or unreachable.")
	}
	c.Shelf, c.ShelfUntil, c.Unread = Filed, time.Time{}, false
	return c, nil
}

// OffShelf returns the contact with their conversation among the open ones: they called or wrote, somebody is told about
// them, or a member took it back.
func (c Contact) OffShelf() Contact {
	c.Shelf, c.ShelfUntil = InHand, time.Time{}
	return c
}

// Wakes reports whether a snooze has run out.
func (c Contact) Wakes(now time.Time) bool {
	return c.Shelf == Snoozed && !c.ShelfUntil.IsZero() && !c.ShelfUntil.After(now)
}

// DueAt is when something about the contact is due by itself: a likely opt-out that nobody settled, or the end of a
// snooze. Zero: never.
func (c Contact) DueAt() time.Time {
	if c.SettleAt.IsZero() || !c.ShelfUntil.IsZero() && c.ShelfUntil.Before(c.SettleAt) {
		return c.ShelfUntil
	}
	return c.SettleAt
}
