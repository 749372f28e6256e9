package rebound

import (
	"fmt"
	"slices"
)

// Check returns all that is wrong with the rota.
func (r Rota) Check() []Problem {
	c := rotaCheck{rota: r}
	c.crew()
	c.rotation()
	c.changes()
	c.swaps()
	return c.found
}

type rotaCheck struct {
	rota  Rota
	found []Problem
}

func (c *rotaCheck) add(about, remedy, wrong string, args ...any) {
	c.found = append(c.found, Problem{about, fmt.Sprintf(wrong, args...), remedy})
}

func (c *rotaCheck) crew() {
	if len(c.rota.Crew) == 0 {
		c.add("crew", "name at least one member", "nobody is in it, so nobody would ever ring")
	}
	for i, m := range c.rota.Crew {
		about := fmt.Sprintf("crew[%d]", i)
		if slices.ContainsFunc(c.rota.Crew[:i], func(o Rostered) bool { return o.Member == m.Member }) {
			c.add(about, "remove one of the two", "%s is in the crew already", m.Member)
		}
		if err := m.Shifts.Check(); err != nil {
			c.add(about+".shifts", "", "%v", err)
		}
	}
}

// member reports a member who is not of the crew.
func (c *rotaCheck) member(about string, m MemberID) {
	if !slices.ContainsFunc(c.rota.Crew, func(o Rostered) bool { return o.Member == m }) {
		c.add(about, "name a member of the crew, or add this one to it", "%.60q is not in the crew", string(m))
	}
}

func (c *rotaCheck) rotation() {
	r := c.rota.Rotation
	for i, m := range r.Members {
		c.member(fmt.Sprintf("rotation.members[%d]", i), m)
	}
	switch {
	case len(r.Members) == 0 && (r.Days != 0 || !r.Starts.IsZero()):
		c.add("rotation.members", "name the members in the order of their turns, or remove the rotation", "nobody takes turns")
	case len(r.Members) == 0:
	case r.Days < 1 || r.Days > mostDays:
		c.add("rotation.days", "write 7 for a week, 14 for two", "a turn cannot last %d days", r.Days)
	case !r.Starts.exists():
		c.add("rotation.starts", "write when the first turn begins, like 2026-11-30 08:00", "there is no such time")
	}
}

func (c *rotaCheck) changes() {
	for i, change := range c.rota.Changes {
		about := fmt.Sprintf("changes[%d]", i)
		c.member(about+".member", change.Member)
		if !c.period(about, change.From, change.To) {
			continue
		}
		for _, o := range c.rota.Changes[:i] {
			if o.Member == change.Member && overlap(o.From, o.To, change.From, change.To) {
				c.add(about, "let one of the two end where the other begins", "%s has a change from %s to %s already", o.Member, o.From, o.To)
				break
			}
		}
	}
}

func (c *rotaCheck) swaps() {
	for i, s := range c.rota.Swaps {
		about := fmt.Sprintf("swaps[%d]", i)
		c.member(about+".taker", s.Taker)
		c.member(about+".of", s.Of)
		if s.Taker == s.Of {
			c.add(about, "name two members, or remove the swap", "%s cannot swap with themself", s.Of)
		}
		if !c.period(about, s.From, s.To) {
			continue
		}
		for _, o := range c.rota.Swaps[:i] {
			if o.Of == s.Of && overlap(o.From, o.To, s.From, s.To) {
				c.add(about, "let one of the two end where the other begins", "%s has taken the duty of %s from %s to %s already", o.Taker, o.Of, o.From, o.To)
				break
			}
		}
	}
}

func (c *rotaCheck) period(about string, from, to Moment) (fine bool) {
	switch {
	case !from.exists() || !to.exists():
		c.add(about, "write from when to when, like 2026-12-24 08:00", "it lacks a time, or has one that no clock shows")
	case to.wall() <= from.wall():
		c.add(about, "write the later time last", "it ends at %s, not after it begins", to)
	default:
		return true
	}
	return false
}

// exists reports whether a calendar and a clock can show m.
func (m Moment) exists() bool {
	return !m.Date.IsZero() && m.Date.AddDays(0) == m.Date && m.Minute >= 0 && m.Minute < dayMinutes
}

func overlap(from, to, otherFrom, otherTo Moment) bool {
	return from.wall() < otherTo.wall() && otherFrom.wall() < to.wall()
}
