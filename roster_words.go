package rebound

import (
	"cmp"
	"slices"
	"time"
)

func (s *sheet) name(i int) string {
	if i < 0 {
		return "somebody who left"
	}
	return cmp.Or(s.Crew[i].Name, string(s.Crew[i].Member))
}

// words are the reason for a post, for people who read them at now.
func (s *sheet) words(p post, now time.Time) string {
	until := ""
	if !p.until.IsZero() {
		until = " until " + when(p.until, now)
	}
	switch p.why {
	case byShift:
		return s.shiftWords(p, until, now)
	case byTurn:
		switch {
		case p.on:
			return "on call" + until
		case p.other < 0 && len(s.Rotation.Members) > 0 && now.Before(s.instant(s.Rotation.Starts)):
			return "the rotation starts " + when(p.until, now)
		}
		return "off: " + s.name(p.other) + " is on call" + until
	case bySwap:
		return "off: swapped with " + s.name(p.other)
	case byCover:
		return "on duty for " + s.name(p.other) + until
	case byChange:
		is := "off"
		if p.on {
			is = "on duty"
		}
		if p.note != "" {
			return is + until + ": " + p.note
		}
		return is + until
	case byBusy:
		return "busy" + until
	case bySwitch:
		return "not taking calls" + until
	}
	return "always on duty"
}

func (s *sheet) shiftWords(p post, until string, now time.Time) string {
	if p.on {
		return "on shift" + until
	}
	if slices.ContainsFunc(s.Crew[p.other].Shifts, func(h Shift) bool { return h.Day == now.Weekday() }) {
		return "no shift" + until
	}
	return "no shift on " + now.Weekday().String() + "s"
}
