package rebound

import (
	"cmp"
	"slices"
	"time"
)

// Pickup is a phone that keeps taking calls at the same moment, and nobody presses a key: its own voicemail does.
type Pickup struct {
	Member MemberID
	Name   string
	Phone  Destination
	Calls  int           // that it took so
	After  time.Duration // ringing, whole seconds
	Ring   time.Duration // how long to ring it instead: its voicemail stays out, and the next one rings sooner
}

const (
	// A voicemail answers to the second; a person does not, five times.
	fewestPickups  = 3
	pickupScatter  = 1500 * time.Millisecond
	earliestPickup = 8 * time.Second // before that somebody pressed a button, or the phone was off
	pickupMargin   = 5 * time.Second // between the end of ringing and the voicemail
	shortestRing   = 5 * time.Second
)

// Pickups finds in calls the phones whose voicemail takes them, those with the most calls first. A leg that nobody
// saw ring tells nothing.
func Pickups(calls []Call) []Pickup {
	found := map[string]*Pickup{}
	took := map[string][]time.Duration{}
	for _, c := range calls {
		for _, l := range c.Legs {
			if l.Step >= len(c.Plan.Steps) || l.Target >= len(c.Plan.Steps[l.Step].Targets) {
				continue
			}
			t := c.Plan.Steps[l.Step].Targets[l.Target]
			if t.Member == "" || !t.Destination.Kind.Screened() || l.RangAt.IsZero() || l.AnsweredAt.IsZero() || !l.AcceptedAt.IsZero() {
				continue
			}
			key := string(t.Member) + "/" + string(t.Destination.Number)
			found[key] = &Pickup{Member: t.Member, Name: t.Name, Phone: t.Destination}
			took[key] = append(took[key], l.AnsweredAt.Sub(l.RangAt))
		}
	}
	var all []Pickup
	for key, p := range found {
		if p.judge(took[key]) {
			all = append(all, *p)
		}
	}
	slices.SortFunc(all, func(a, b Pickup) int {
		return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Phone.Number, b.Phone.Number))
	})
	return all
}

// judge reports whether the times at which a phone answered without a key are those of a machine: most of them lie
// together.
func (p *Pickup) judge(took []time.Duration) bool {
	slices.Sort(took)
	middle := took[len(took)/2]
	for _, t := range took {
		if (t - middle).Abs() <= pickupScatter {
			p.Calls++
		}
	}
	p.After = middle.Round(time.Second)
	p.Ring = max(p.After-pickupMargin, shortestRing)
	return p.Calls >= fewestPickups && p.Calls*5 >= len(took)*4 && middle >= earliestPickup
}

// Shorten makes a line ring a member for so long at most, and reports whether that changes anything: in the line's
// own words, or in all steps of its route that ring them.
func (d *Declaration) Shorten(line LineID, m MemberID, long time.Duration) bool {
	changed := false
	cut := func(ring *time.Duration, w Whom) {
		if cmp.Or(*ring, DefaultRing) > long && d.asks(w, m) {
			*ring, changed = long, true
		}
	}
	var steps func([]RouteStep) []RouteStep
	steps = func(all []RouteStep) []RouteStep {
		all = slices.Clone(all)
		for i := range all {
			s := &all[i]
			if s.Kind == RingStep {
				cut(&s.For, s.Whom)
			}
			s.Menu.Choices = slices.Clone(s.Menu.Choices)
			for k := range s.Menu.Choices {
				s.Menu.Choices[k].Steps = steps(s.Menu.Choices[k].Steps)
			}
		}
		return all
	}
	d.Lines, d.Routes = slices.Clone(d.Lines), slices.Clone(d.Routes)
	for i := range d.Lines {
		l := &d.Lines[i]
		if l.ID != line {
			continue
		}
		if l.Route == "" {
			cut(&l.RingFor, Whom{Team: l.Team})
		}
		for k := range d.Routes {
			if r := &d.Routes[k]; r.ID == l.Route {
				r.Open, r.Closed, r.VIP = steps(r.Open), steps(r.Closed), steps(r.VIP)
			}
		}
	}
	return changed
}

// asks reports whether a step rings the member, whatever the rota says.
func (d *Declaration) asks(w Whom, m MemberID) bool {
	if w.Member == m || w.Owner {
		return true
	}
	return slices.ContainsFunc(d.Teams, func(t Team) bool { return t.ID == w.Team && w.Team != "" && slices.Contains(t.Members, m) })
}
