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

// AlwaysOpen are hours that say so in full, where empty ones would mean those of somebody else: a line's
// empty hours are the business's (Schedule.Or). The week begins with Monday.
func AlwaysOpen() Hours {
	var h Hours
	for day := range time.Weekday(7) {
		h = append(h, Shift{(time.Monday + day) % 7, 0, dayMinutes})
	}
	return h
}

// Check reports a shift that cannot be or that overlaps another, of the same day or past midnight.
func (h Hours) Check() error {
	for i, s := range h {
		if s.Day < time.Sunday || s.Day > time.Saturday {
			return fmt.Errorf("%d is no day of the week: 0 is Sunday and 6 is Saturday", s.Day)
		}
		if impossible(s.From, s.To) {
			return fmt.Errorf("%s %s to %s is not a shift: it must start within the day and end after its start", s.Day, clock(s.From), clock(s.To))
		}
		for _, o := range h[:i] {
			if at, both := s.overlap(o); both {
				return fmt.Errorf("%s has two shifts at %s: join them into one", at.Day, clock(at.From))
			}
		}
	}
	return nil
}

// impossible reports minutes that are no opening: it starts within its day and lasts a day at most.
func impossible(from, to int) bool {
	return from < 0 || from >= dayMinutes || to <= from || to > from+dayMinutes
}

// overlap is where s and o begin to hold together, in a week that goes on into the next.
func (s Shift) overlap(o Shift) (at Shift, both bool) {
	from, to := int(s.Day)*dayMinutes+s.From, int(s.Day)*dayMinutes+s.To
	for _, turn := range []int{-weekMinutes, 0, weekMinutes} {
		otherFrom, otherTo := turn+int(o.Day)*dayMinutes+o.From, turn+int(o.Day)*dayMinutes+o.To
		if from < otherTo && otherFrom < to {
			start := (max(from, otherFrom) + weekMinutes) % weekMinutes
			return Shift{Day: time.Weekday(start / dayMinutes), From: start % dayMinutes}, true
		}
	}
	return Shift{}, false
}

// Always reports whether no minute of the week is closed: the shifts do not overlap and fill it.
func (h Hours) Always() bool {
	total := 0
	for _, s := range h {
		total += s.To - s.From
	}
	return len(h) == 0 || total == weekMinutes && h.Check() == nil
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }

// String writes the hours as a caller reads them: "Mon 08:00-17:30, Tue 08:00-17:30"; hours without
// an end are "24/7".
func (h Hours) String() string {
	if h.Always() {
		return "24/7"
	}
	var parts []string
	for _, s := range h {
		parts = append(parts, fmt.Sprintf("%s %s-%s", s.Day.String()[:3], clock(s.From), clock(s.To)))
	}
	return strings.Join(parts, ", ")
}
