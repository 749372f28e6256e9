package engine

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// plan decides who rings for a call that arrives.
func (s *step) plan(b rebound.Business, l rebound.Line, c rebound.Contact, caller phone.Caller, ev rebound.CallEvent) (rebound.Plan, error) {
	d, err := s.declared(b.ID)
	if err != nil {
		return rebound.Plan{}, err
	}
	zone, err := s.o.Zone(b.Zone)
	if err != nil {
		return rebound.Plan{}, fmt.Errorf("zone of %s: %w", b.ID, err)
	}
	mine := s.tx.For(b.ID).Tenant
	asked := ev.Kind == rebound.CallArrived // else it is over, and rings nobody
	f, err := routeFacts(s.ctx, mine, d, l, c, caller, s.at.In(zone), asked)
	if err != nil {
		return rebound.Plan{}, fmt.Errorf("who can ring: %w", err)
	}
	if f.Loop, err = s.circles(mine, l, c, caller, ev); err != nil {
		return rebound.Plan{}, err
	}
	return rebound.MakePlan(f), nil
}

// routeAlarm tells of what somebody has to mend about the line's route.
func (s *step) routeAlarm(call rebound.Call) error {
	if call.Plan.Alarm == "" {
		return nil
	}
	s.note(slog.LevelWarn, "a route needs mending", "business", call.Business, "call", call.ID, "step", "route", "line", call.Line, "why", call.Plan.Alarm)
	return s.say(rebound.Event{Business: call.Business, Contact: call.Contact, Call: call.ID, Kind: rebound.EventRouteAlarm, Words: call.Plan.Alarm})
}

// routeFacts gathers what a line's route asks for at an instant, which is in the business's zone, but for
// whether the call goes in a circle. now says that the call comes now, so that who talks is busy.
func routeFacts(ctx context.Context, mine store.Tenant, d *declared, l rebound.Line, c rebound.Contact, caller phone.Caller, at time.Time, now bool) (rebound.RouteFacts, error) {
	route := d.routeOf(l)
	known := d.known[caller.Number]
	f := rebound.RouteFacts{
		Business: d.business, Line: l, Route: route, Hours: hoursOf(d, l, at), Caller: caller, Contact: c,
		VIP: known.VIP, Blocked: known.Blocked,
	}
	if known.Blocked {
		return f, nil // nobody is rung
	}
	engaged, err := engagedFor(ctx, mine, route, now)
	if err == nil && route.Uses(rebound.RoundRobin) {
		f.Turns, err = mine.Turns(ctx)
	}
	if err == nil && route.Uses(rebound.Sticky) && c.ID != "" {
		f.Talked, err = mine.TalkedLast(ctx, c.ID)
	}
	if err != nil {
		return f, err
	}
	f.Teams, f.Members = d.candidates(route, c.Owner, engaged, at)
	return f, nil
}

// routeOf returns the route of a line. One that is no longer there rings nobody and ends in voicemail.
func (d *declared) routeOf(l rebound.Line) rebound.Route {
	if l.Route == "" {
		return l.OwnRoute()
	}
	return d.routes[l.Route]
}

// engaged is what members do beside this call.
type engaged struct {
	talking map[rebound.MemberID]bool
	last    map[rebound.MemberID]time.Time // their last call was over
}

// engagedFor asks only for what the route goes by.
func engagedFor(ctx context.Context, mine store.Tenant, r rebound.Route, now bool) (e engaged, err error) {
	var calls []rebound.Call
	if now {
		if calls, err = mine.Engaging(ctx); err != nil {
			return e, err
		}
	}
	e.talking = map[rebound.MemberID]bool{}
	for _, call := range calls {
		e.talking[call.Engages()] = true // of who is named nobody, nobody asks
	}
	if now && r.Uses(rebound.LongestIdle) {
		e.last, err = mine.LastTalks(ctx)
	}
	return e, err
}

// candidates returns the teams and members that a route names, and a contact's owner, as they are at an instant.
func (d *declared) candidates(r rebound.Route, owner rebound.MemberID, e engaged, at time.Time) (map[rebound.TeamID][]rebound.Candidate, map[rebound.MemberID]rebound.Candidate) {
	teams, members := map[rebound.TeamID][]rebound.Candidate{}, map[rebound.MemberID]rebound.Candidate{}
	ask := func(w rebound.Whom) {
		if _, known := teams[w.Team]; w.Team != "" && !known {
			crew := d.crew(w.Team, at)
			for i := range crew {
				e.tell(&crew[i])
			}
			teams[w.Team] = crew
		}
		id := w.Member
		if w.Owner {
			id = owner
		}
		if m, ok := d.members[id]; ok {
			c := d.member(m, at)
			e.tell(&c)
			members[id] = c
		}
	}
	ask(r.Fallback)
	for s := range r.Steps {
		ask(s.Whom)
	}
	return teams, members
}

// tell adds what a member does beside this call.
func (e engaged) tell(c *rebound.Candidate) {
	c.Idle = e.last[c.Member.ID]
	if e.talking[c.Member.ID] {
		c.Busy = rebound.BusyTalking
	}
}

// circles reports whether a call is one that we ourselves are ringing, come back to the line.
func (s *step) circles(mine store.Tenant, l rebound.Line, c rebound.Contact, caller phone.Caller, ev rebound.CallEvent) (bool, error) {
	var ringing []rebound.Call
	if !s.stranger(c.Business, c.ID) {
		var err error
		if ringing, err = mine.RingingOf(s.ctx, c.ID); err != nil {
			return false, fmt.Errorf("other calls of this caller: %w", err)
		}
	}
	by, _ := phone.Parse(ev.ForwardedFrom, "") // no number: nobody is told to have sent it
	return l.Circles(caller.Number, by, ringing, s.at), nil
}
