package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// What a business has declared is wanted in nearly every step and changes when somebody applies a file.
// So the engine remembers it, with the overrides of the day, under the revision that each step reads in
// its own transaction: what is used is what stands, on every node, and beside `rebound apply`.

// declared is what a business had declared at one revision. It is shared and never changed.
type declared struct {
	revision int64
	business rebound.Business
	lines    []rebound.Line
	routes   map[rebound.RouteID]rebound.Route
	members  map[rebound.MemberID]rebound.Member
	teams    map[rebound.TeamID]team
	known    map[phone.Number]store.Known
	webhooks []rebound.Webhook // that are told
	set      rebound.Overrides // which may have run out
}

// team is a team with its members who have not left, in ringing order.
type team struct {
	rebound.Team
	members []rebound.Member
}

// mostRemembered bounds the memory. A business takes some KB.
const mostRemembered = 5000

// memory is what the engine remembers.
type memory struct {
	mu         sync.Mutex
	businesses map[rebound.BusinessID]*declared
	owners     map[rebound.ConnectionID]rebound.BusinessID // that never changes
	numbers    map[phone.Number]numberFacts
	alerts     map[alerted]nextAlert
}

// alerted is a member as the limits of alerts see them.
type alerted struct {
	business rebound.BusinessID
	member   rebound.MemberID
}

// nextAlert says before when it is of no use to look at another alert to a member that the limits hold: one is about to
// go and will tell it, or the limits of that revision do not let it go. A node that does not know looks for itself.
type nextAlert struct {
	revision int64
	at       time.Time
}

// numberFacts is what the numbering plans say about a number. To ask them takes longer than to write a row, so it is
// done before the step that wants it: while a step runs on SQLite, no other can.
type numberFacts struct {
	region string
	line   phone.LineType
}

// mostNumbers bounds what is remembered of numbers, and of members: some hundred bytes each.
const mostNumbers = 10_000

// number returns what the numbering plans say about a number.
func (m *memory) number(n phone.Number) numberFacts {
	m.mu.Lock()
	f, ok := m.numbers[n]
	m.mu.Unlock()
	if ok {
		return f
	}
	f = numberFacts{region: n.Region(), line: n.LineType()}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.numbers == nil || len(m.numbers) >= mostNumbers {
		m.numbers = map[phone.Number]numberFacts{}
	}
	m.numbers[n] = f
	return f
}

func (m *memory) nextAlert(a alerted) nextAlert {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alerts[a]
}

func (m *memory) keepNextAlerts(all map[alerted]nextAlert) {
	if len(all) == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.alerts == nil || len(m.alerts) >= mostNumbers {
		m.alerts = map[alerted]nextAlert{}
	}
	maps.Copy(m.alerts, all)
}

func (m *memory) of(id rebound.BusinessID) *declared {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.businesses[id]
}

func (m *memory) owner(c rebound.ConnectionID) rebound.BusinessID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.owners[c]
}

func (m *memory) keep(d *declared) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.businesses == nil || len(m.businesses) >= mostRemembered {
		m.businesses, m.owners = map[rebound.BusinessID]*declared{}, map[rebound.ConnectionID]rebound.BusinessID{}
	}
	m.businesses[d.business.ID] = d
	for _, l := range d.lines {
		m.owners[l.Connection] = d.business.ID
	}
}

// declared returns what the business has declared. It must not be asked in a step that declares.
func (s *step) declared(id rebound.BusinessID) (*declared, error) {
	if s.read != nil && s.read.business.ID == id {
		return s.read, nil
	}
	revision, err := s.tx.For(id).Revision(s.ctx)
	if err != nil {
		return nil, fmt.Errorf("revision of business %s: %w", id, err)
	}
	return s.declaredAt(id, revision)
}

// declaredAt is declared, where this transaction has read the revision already.
func (s *step) declaredAt(id rebound.BusinessID, revision int64) (d *declared, err error) {
	if s.read != nil && s.read.business.ID == id {
		return s.read, nil
	}
	d = s.memory.of(id)
	if i := slices.IndexFunc(s.learnt, func(d *declared) bool { return d.business.ID == id }); i >= 0 {
		d = s.learnt[i]
	}
	if d == nil || d.revision != revision {
		if d, err = readDeclared(s.ctx, s.tx.For(id).Tenant); err != nil {
			return nil, fmt.Errorf("what business %s has declared: %w", id, err)
		}
		d.revision = revision
		s.learnt = append(s.learnt, d) // remembered after the commit: another step's part of it may yet be undone
	}
	s.read = d
	return d, nil
}

func readDeclared(ctx context.Context, mine store.Tenant) (*declared, error) {
	d := &declared{
		routes: map[rebound.RouteID]rebound.Route{}, members: map[rebound.MemberID]rebound.Member{}, teams: map[rebound.TeamID]team{},
	}
	var routes []rebound.Route
	var teams []rebound.Team
	var members []rebound.Member
	var set []store.Override
	var err error
	for _, read := range []func() error{
		func() error { d.business, err = mine.Business(ctx); return err },
		func() error { d.lines, err = mine.Lines(ctx); return err },
		func() error { d.known, err = mine.Known(ctx); return err },
		func() error { d.webhooks, err = mine.ToldWebhooks(ctx); return err },
		func() error { routes, err = mine.Routes(ctx); return err },
		func() error { teams, err = mine.Teams(ctx); return err },
		func() error { members, err = mine.Members(ctx); return err },
		func() error { set, err = mine.Overrides(ctx); return err },
	} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	d.set = store.InForce(set)
	for _, r := range routes {
		d.routes[r.ID] = r
	}
	for _, m := range members {
		d.members[m.ID] = m
	}
	for _, t := range teams {
		there := team{Team: t}
		for _, id := range t.Members {
			if m, ok := d.members[id]; ok { // has not left
				there.members = append(there.members, m)
			}
		}
		d.teams[t.ID] = there
	}
	return d, nil
}

func (s *step) businessOf(id rebound.BusinessID) (rebound.Business, error) {
	d, err := s.declared(id)
	if err != nil {
		return rebound.Business{}, err
	}
	return d.business, nil
}

// lineOf returns a line, also one that is no longer in use.
func (s *step) lineOf(b rebound.BusinessID, id rebound.LineID) (rebound.Line, error) {
	d, err := s.declared(b)
	if err != nil {
		return rebound.Line{}, err
	}
	if i := slices.IndexFunc(d.lines, func(l rebound.Line) bool { return l.ID == id }); i >= 0 {
		return d.lines[i], nil
	}
	return s.tx.For(b).Line(s.ctx, id)
}

// lineByNumber returns the line that a carrier's request is about. ErrNotFound: no line in use has the
// number.
func (s *step) lineByNumber(c rebound.ConnectionID, n phone.Number) (rebound.Line, error) {
	if owner := s.memory.owner(c); owner != "" {
		d, err := s.declared(owner)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return rebound.Line{}, err
		}
		if d != nil {
			i := slices.IndexFunc(d.lines, func(l rebound.Line) bool { return l.Connection == c && l.Number == n })
			if i >= 0 {
				return d.lines[i], nil
			}
		}
	}
	return s.tx.LineByNumber(s.ctx, c, n)
}

// meaning says what a number means to the business.
func (s *step) meaning(b rebound.BusinessID, n phone.Number) (store.Known, error) {
	d, err := s.declared(b)
	if err != nil {
		return store.Known{}, err
	}
	return d.known[n], nil
}
