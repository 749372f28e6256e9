package rebound

import (
	"slices"
	"time"
)

// This file follows a caller through the plan, by what the carrier told.

// Reached is a step that the caller came to.
type Reached struct {
	Step int       // in the call's plan
	At   time.Time // zero: nobody told when
}

// Path returns the steps that the caller came through, in order. At the last they are, or were in the end.
func (c *Call) Path() []Reached {
	var path []Reached
	next := Reached{Step: 0, At: c.ArrivedAt}
	for next.Step >= 0 && next.Step < len(c.Plan.Steps) {
		path = append(path, next)
		next.Step, next.At = c.past(next.Step)
	}
	return path
}

// last returns the step at which the path ends, and since when the caller was there, as far as told.
func (c *Call) last() (s Step, since time.Time) {
	for _, r := range c.Path() {
		s, since = c.Plan.Steps[r.Step], later(since, r.At)
	}
	return s, since
}

// ToVoicemail reports whether the caller came to the voicemail, by what was told: the carrier asked what follows and
// got the voicemail for an answer, or there is a recording. That all phones were spent is no proof: the caller may have
// left. at is when; the miss's own time where nobody told.
func (c *Call) ToVoicemail() (at time.Time, came bool) {
	if path := c.Path(); len(path) > 0 {
		last := path[len(path)-1]
		if c.Plan.Steps[last.Step].Kind == VoicemailStep && !last.At.IsZero() && !c.Unheard {
			return last.At, true
		}
	}
	return c.MissedAt, c.Voicemail || !c.RecordedAt.IsZero()
}

// past returns the step that the caller came to behind step i and when, zero where nobody told; or -1 if
// they came to none. A report on a later step proves that this one is over, though its own was lost.
func (c *Call) past(i int) (next int, at time.Time) {
	switch c.Plan.Steps[i].Kind {
	case RingStep:
		switch r := c.ring(i); {
		case r != nil && r.Gone:
		case r != nil:
			return c.Plan.After(i), r.At
		case c.spent(i) || c.heardBehind(i) >= 0:
			return c.Plan.After(i), time.Time{}
		}
	case MenuStep:
		if next, at := c.chosen(i); next >= 0 {
			return next, at
		}
		if heard := c.heardBehind(i); heard >= 0 {
			return c.towards(i, heard), time.Time{}
		}
	}
	return -1, time.Time{}
}

// heardBehind returns the first step behind i that a report tells of, or -1.
func (c *Call) heardBehind(i int) int {
	first := -1
	hear := func(step int) {
		if step > i && step < len(c.Plan.Steps) && (first < 0 || step < first) {
			first = step
		}
	}
	for _, l := range c.Legs {
		hear(l.Step)
	}
	for _, r := range c.Rings {
		hear(r.Step)
	}
	for _, p := range c.Presses {
		hear(p.Step)
	}
	return first
}

// towards returns which way out of a menu leads to a later step: the one that begins last before it.
func (c *Call) towards(menu, step int) int {
	way := -1
	for _, first := range c.Plan.Steps[menu].Keys {
		if first <= step {
			way = max(way, first)
		}
	}
	if after := c.Plan.After(menu); way < 0 || after <= step {
		way = max(way, after)
	}
	return way
}

// menuChosen records what was pressed at a menu, and reports whether that is news. A caller who left chose
// nothing.
func (c *Call) menuChosen(ev CallEvent, at time.Time) bool {
	known := slices.ContainsFunc(c.Presses, func(p Press) bool { return p.Step == ev.Step && p.Try == ev.Target })
	if known || ev.CallerGone && ev.Key == "" {
		return false
	}
	c.Presses = append(c.Presses, Press{Step: ev.Step, Try: ev.Target, Key: ev.Key, At: at})
	return true
}

// chosen returns the step that the caller came to from a menu and when, or -1 while they are there.
func (c *Call) chosen(menu int) (next int, at time.Time) {
	next = -1
	for _, p := range c.Presses {
		if p.Step != menu {
			continue
		}
		switch to, leads := c.Plan.Steps[menu].leads(p.Key, p.Try); {
		case leads && to >= 0:
			return to, p.At
		case leads:
			next, at = c.Plan.After(menu), p.At
		}
	}
	return next, at
}

// leads returns the step that a key leads to out of a menu, -1 for the steps after the menu; false: the menu
// is said again.
func (s Step) leads(key string, try int) (next int, ok bool) {
	if to, is := s.Keys[key]; is {
		return to, true
	}
	return -1, try+1 >= s.Tries
}

// declined tells who has refused the call by hand so far.
func (c *Call) declined() []string {
	var all []string
	for i, s := range c.Plan.Steps {
		for n, t := range s.Targets {
			if c.legEnd(i, n) == Declined && !slices.Contains(all, t.who()) {
				all = append(all, t.who())
			}
		}
	}
	return all
}

// skipped returns which targets of a step are not rung, because who they belong to has declined: once is
// enough in one call. It goes by what was known when an earlier step was over, so that a repeated request is
// answered like the first.
func (c *Call) skipped(step int) []int {
	var skip []int
	for n, t := range c.Plan.Steps[step].Targets {
		if slices.ContainsFunc(c.Rings, func(r Ring) bool { return r.Step < step && slices.Contains(r.Declined, t.who()) }) {
			skip = append(skip, n)
		}
	}
	return skip
}

// spent reports whether all whom a ring step would ring have declined.
func (c *Call) spent(step int) bool {
	targets := c.Plan.Steps[step].Targets
	return len(targets) > 0 && len(c.skipped(step)) == len(targets)
}
