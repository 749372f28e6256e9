package rebound

import (
	"fmt"
	"strings"
	"time"
)

// Hours are a week's opening hours on the business's wall clock. Empty means always open.
type Hours []Shift

// Shift is one opening on one weekday, as minutes after local midnight: From included, To not.
// To may pass midnight: 22:00 to 02:00 is From 1320, To 1560.
type Shift struct {
	Day  time.Weekday `json:"day"`
	From int          `json:"from"`
	To   int          `json:"to"`
}

// Check reports a shift that cannot be or that overlaps another of the same day.
func (h Hours) Check() error {
	for i, s := range h {
		if s.From < 0 || s.From >= 24*60 || s.To <= s.From || s.To > s.From+24*60 {
			return fmt.Errorf("%s %s to %s is not a shift: it must start within the day and end after its start", s.Day, clock(s.From), clock(s.To))
		}
		for _, o := range h[:i] {
			if o.Day == s.Day && s.From < o.To && o.From < s.To {
				return fmt.Errorf("%s has two shifts at %s: join them into one", s.Day, clock(max(s.From, o.From)))
			}
		}
	}
	return nil
}

// Open reports whether the business is open at t, which must be in the business's zone.
func (h Hours) Open(t time.Time) bool {
	if len(h) == 0 {
		return true
	}
	minute := t.Hour()*60 + t.Minute()
	for _, s := range h {
		if s.Day == t.Weekday() && minute >= s.From && minute < s.To {
			return true
		}
		past := minute + 24*60 // a shift that began yesterday and passed midnight
		if (s.Day+1)%7 == t.Weekday() && past >= s.From && past < s.To {
			return true
		}
	}
	return false
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }

// String writes the hours as a caller reads them: "Mon 08:00-17:30, Tue 08:00-17:30"; empty hours
// are "24/7".
func (h Hours) String() string {
	if len(h) == 0 {
		return "24/7"
	}
	var parts []string
	for _, s := range h {
		parts = append(parts, fmt.Sprintf("%s %s-%s", s.Day.String()[:3], clock(s.From), clock(s.To)))
	}
	return strings.Join(parts, ", ")
}
