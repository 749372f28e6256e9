package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/holiday"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// hoursOf says whether a line is open at an instant, which is in the business's zone, and why.
func hoursOf(d *declared, l rebound.Line, at time.Time) rebound.Status {
	return d.set.Schedule(d.business, l).At(at, at.Location(), holiday.Find)
}

// crew returns the members of a team as they are at an instant, which is in the business's zone.
func (d *declared) crew(id rebound.TeamID, at time.Time) []rebound.Candidate {
	team := d.teams[id]
	return rebound.Candidates(team.members, d.set.Rota(team.Team, team.members).OnDuty(at, at.Location()))
}

// member returns a member whom a route names without a team, whose rota would say more.
func (d *declared) member(m rebound.Member, at time.Time) rebound.Candidate {
	alone := []rebound.Member{m}
	return rebound.Candidates(alone, d.set.Rota(rebound.Team{}, alone).OnDuty(at, at.Location()))[0]
}

// longestOverride bounds what is set by one tap: what is to hold for longer is declared.
const longestOverride = 366 * 24 * time.Hour

// OverrideHours opens or closes a line, or without one the whole business, until an instant, whatever its
// hours say, in place of what was set so before. A zero Until lifts that. By is who did it; empty where
// nobody is named. R2101: the instant is past, or too far off. R2102: there is no such line. R2104: the
// note is too long.
func (e *Engine) OverrideHours(ctx context.Context, b rebound.BusinessID, line rebound.LineID, o rebound.Override, by rebound.MemberID) error {
	note := strings.Join(strings.Fields(sms.Clean(o.Note)), " ")
	const longestNote = 160
	if n := len([]rune(note)); n > longestNote {
		return rebound.Errorf(rebound.Invalid, "R2104", "The note has %d characters; shorten it to %d.", n, longestNote)
	}
	set := store.Override{Line: line, Says: store.SaysClosed, Until: o.Until, Note: note, By: by}
	if o.Open {
		set.Says = store.SaysOpen
	}
	return e.override(ctx, b, set)
}

// OverrideMember lets a member take no calls until an instant, in place of what was set so before. A zero
// Until lifts that. By is who did it. R2101: the instant is past, or too far off. R2103: there is no such
// member.
func (e *Engine) OverrideMember(ctx context.Context, b rebound.BusinessID, m rebound.MemberID, a rebound.Absence, by rebound.MemberID) error {
	if m == "" {
		return noMember(m)
	}
	set := store.Override{Member: m, Says: store.SaysOff, Until: a.Until, By: by}
	if a.Busy {
		set.Says = store.SaysBusy
	}
	return e.override(ctx, b, set)
}

func (e *Engine) override(ctx context.Context, b rebound.BusinessID, o store.Override) error {
	err := e.write(ctx, func(s *step) error {
		if err := s.mayOverride(b, o); err != nil {
			return err
		}
		s.changed(b, "") // open pages say who is open
		return s.replanned(b, func() error {
			if o.Until.IsZero() {
				return s.tx.For(b).LiftOverride(s.ctx, o)
			}
			o.At = s.now
			return s.tx.For(b).SetOverride(s.ctx, o)
		})
	})
	if err != nil {
		return fmt.Errorf("override in %s: %w", b, err)
	}
	return nil
}

func (s *step) mayOverride(b rebound.BusinessID, o store.Override) error {
	d, err := s.declared(b)
	if errors.Is(err, store.ErrNotFound) {
		return rebound.Errorf(rebound.NotFound, "R3001", "there is no business %q", b)
	}
	if err != nil {
		return err
	}
	if o.Line != "" && !slices.ContainsFunc(d.lines, func(l rebound.Line) bool { return l.ID == o.Line }) {
		return rebound.Errorf(rebound.NotFound, "R2102", "There is no line %q.", shorten(string(o.Line), 40))
	}
	if o.Member != "" {
		members, err := s.tx.For(b).Members(s.ctx)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(members, func(m rebound.Member) bool { return m.ID == o.Member }) {
			return noMember(o.Member)
		}
	}
	if !o.Until.IsZero() && (!o.Until.After(s.now) || o.Until.After(s.now.Add(longestOverride))) {
		return rebound.Errorf(rebound.Invalid, "R2101", "Choose a time that is still to come, within a year.")
	}
	return nil
}

func noMember(m rebound.MemberID) error {
	return rebound.Errorf(rebound.NotFound, "R2103", "There is no member %q.", shorten(string(m), 40))
}
