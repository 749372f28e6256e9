package rebound

import (
	"errors"
	"fmt"
	"strconv"
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

// Check reports the first of Problems.
func (h Hours) Check() error {
	if found := h.Problems(); len(found) > 0 {
		return errors.New(found[0].Wrong)
	}
	return nil
}

// Problems returns each shift ("[2]") that cannot be or that overlaps an earlier one, of the same day or past
// midnight.
func (h Hours) Problems() []Problem {
	var found []Problem
	for i, s := range h {
		if wrong := s.wrong(h[:i]); wrong != "" {
			found = append(found, Problem{About: fmt.Sprintf("[%d]", i), Wrong: wrong})
		}
	}
	return found
}

func (s Shift) wrong(others Hours) string {
	if s.Day < time.Sunday || s.Day > time.Saturday {
		return fmt.Sprintf("%d is no day of the week: 0 is Sunday and 6 is Saturday", s.Day)
	}
	if impossible(s.From, s.To) {
		return fmt.Sprintf("%s %s to %s is not a shift: it must start within the day and end after its start", s.Day, clock(s.From), clock(s.To))
	}
	for _, o := range others {
		if at, both := s.overlap(o); both {
			return fmt.Sprintf("%s has two shifts at %s: join them into one", at.Day, clock(at.From))
		}
	}
	return ""
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

// ParseClock reads a time of day as people write it, "08:00", "8:00", "24:00", "8am" or "5:30 pm", as minutes
// after midnight, 0 to 1440.
func ParseClock(text string) (minutes int, ok bool) {
	text = strings.ToLower(strings.ReplaceAll(text, " ", ""))
	digits, afternoon := strings.CutSuffix(text, "pm")
	digits, morning := strings.CutSuffix(digits, "am")
	hour, minute, colon := strings.Cut(digits, ":")
	h, err := strconv.ParseUint(hour, 10, 8)
	m := uint64(0)
	if colon && err == nil {
		m, err = strconv.ParseUint(minute, 10, 8)
	}
	switch {
	case err != nil || colon && len(minute) != 2 || m > 59 || h > 24 || h == 24 && m > 0:
		return 0, false
	case afternoon && morning || (afternoon || morning) && (h < 1 || h > 12):
		return 0, false
	case !colon && !afternoon && !morning:
		return 0, false
	case afternoon || morning:
		h %= 12
	}
	if afternoon {
		h += 12
	}
	return int(h*60 + m), true
}

// ParseOpening reads when an opening or a shift begins and ends, each as ParseClock does. One that ends no later
// than it begins goes past midnight.
func ParseOpening(from, to string) (Opening, bool) {
	begins, ok := ParseClock(from)
	ends, ok2 := ParseClock(to)
	if !ok || !ok2 || begins == dayMinutes {
		return Opening{}, false
	}
	if ends <= begins {
		ends += dayMinutes
	}
	return Opening{begins, ends}, true
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
