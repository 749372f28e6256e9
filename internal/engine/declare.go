package engine

import (
	"context"
	"errors"
	"fmt"

	"rebound"
	"rebound/internal/store"
)

// Declared returns what a business has declared, as business.yaml would say it.
func (e *Engine) Declared(ctx context.Context, id rebound.BusinessID) (rebound.Declaration, error) {
	return readDeclaration(ctx, e.store.Read().For(id), id)
}

func readDeclaration(ctx context.Context, mine store.Tenant, id rebound.BusinessID) (rebound.Declaration, error) {
	var d rebound.Declaration
	var err error
	if d.Business, err = mine.Business(ctx); errors.Is(err, store.ErrNotFound) {
		return d, rebound.Errorf(rebound.NotFound, "R3001", "there is no business %q", id)
	}
	for _, read := range []func() error{
		func() error { return err },
		func() error { d.Connections, err = mine.Connections(ctx); return err },
		func() error { d.Members, err = mine.Members(ctx); return err },
		func() error { d.Teams, err = mine.Teams(ctx); return err },
		func() error { d.Routes, err = mine.Routes(ctx); return err },
		func() error { d.Lines, err = mine.Lines(ctx); return err },
		func() error { d.Blocked, err = mine.Blocked(ctx); return err },
		func() error { d.VIPs, err = mine.VIPs(ctx); return err },
		func() error { d.Canned, err = mine.CannedReplies(ctx); return err },
		func() error { d.Webhooks, err = mine.Webhooks(ctx); return err },
	} {
		if err := read(); err != nil {
			return d, fmt.Errorf("read what %s has declared: %w", id, err)
		}
	}
	return d, nil
}

// Declare makes the business what the declaration says, in one transaction. What it no longer
// names goes out of use; calls and texts that went through it stay. Declaring the same twice
// changes nothing.
func (e *Engine) Declare(ctx context.Context, d rebound.Declaration) error {
	if err := e.write(ctx, func(s *step) error { return s.replanned(d.Business.ID, func() error { return s.declare(d) }) }); err != nil {
		return fmt.Errorf("declare %s: %w", d.Business.ID, err)
	}
	return nil
}

// Edit changes what a business has declared: edit gets it as it stands and makes it what it is to be, and both
// happen in one transaction, so that nobody's change is lost. Where edit returns an error, nothing changes. It may be
// called again. R3001: there is no such business.
func (e *Engine) Edit(ctx context.Context, id rebound.BusinessID, edit func(*rebound.Declaration) error) error {
	if err := e.write(ctx, func(s *step) error { return s.edit(id, edit) }); err != nil {
		return fmt.Errorf("edit what %s has declared: %w", id, err)
	}
	return nil
}

func (s *step) edit(id rebound.BusinessID, edit func(*rebound.Declaration) error) error {
	if err := s.tx.For(id).HoldBusiness(s.ctx); err != nil {
		return err
	}
	d, err := readDeclaration(s.ctx, s.tx.For(id).Tenant, id)
	if err != nil {
		return err
	}
	if err := edit(&d); err != nil {
		return err
	}
	return s.replanned(id, func() error { return s.declare(d) })
}

func (s *step) declare(d rebound.Declaration) error {
	if err := s.soundsAreHere(d); err != nil {
		return err
	}
	mine := s.tx.For(d.Business.ID)
	if err := mine.SaveBusiness(s.ctx, d.Business, s.now); err != nil {
		return err
	}
	if err := s.retireAbsent(d); err != nil {
		return err
	}
	for _, c := range d.Connections {
		if err := mine.SaveConnection(s.ctx, c); err != nil {
			return fmt.Errorf("connection %s: %w", c.ID, err)
		}
	}
	for _, m := range d.Members {
		if err := mine.SaveMember(s.ctx, m); err != nil {
			return fmt.Errorf("member %s: %w", m.ID, err)
		}
	}
	for _, t := range d.Teams {
		if err := mine.SaveTeam(s.ctx, t); err != nil {
			return fmt.Errorf("team %s: %w", t.ID, err)
		}
	}
	for _, r := range d.Routes {
		if err := mine.SaveRoute(s.ctx, r); err != nil {
			return fmt.Errorf("route %s: %w", r.ID, err)
		}
	}
	if err := mine.ReplaceVIPs(s.ctx, d.VIPs); err != nil {
		return fmt.Errorf("VIPs: %w", err)
	}
	if err := mine.ReplaceCanned(s.ctx, d.Canned); err != nil {
		return fmt.Errorf("canned replies: %w", err)
	}
	for _, w := range d.Webhooks {
		if err := mine.SaveWebhook(s.ctx, w); err != nil {
			return fmt.Errorf("webhook %s: %w", w.ID, err)
		}
	}
	for _, l := range d.Lines {
		if err := mine.SaveLine(s.ctx, l); err != nil {
			return fmt.Errorf("line %s: %w", l.ID, err)
		}
		if err := mine.WatchLine(s.ctx, l, s.now, s.now.Add(max(s.o.Catchup, 0))); err != nil {
			return fmt.Errorf("watch line %s: %w", l.ID, err)
		}
	}
	return mine.ReplaceKnown(s.ctx, d)
}

// retireAbsent takes out of use what the business has and the declaration does not name. It comes
// first, so that a number can move from one line to another in one declaration.
func (s *step) retireAbsent(d rebound.Declaration) error {
	mine := s.tx.For(d.Business.ID)
	keep := map[string]bool{}
	for _, c := range d.Connections {
		keep["connections/"+string(c.ID)] = true
	}
	for _, m := range d.Members {
		keep["members/"+string(m.ID)] = true
	}
	for _, t := range d.Teams {
		keep["teams/"+string(t.ID)] = true
	}
	for _, r := range d.Routes {
		keep["routes/"+string(r.ID)] = true
	}
	for _, l := range d.Lines {
		keep["lines/"+string(l.ID)] = true
	}
	for _, w := range d.Webhooks {
		keep["webhooks/"+string(w.ID)] = true
	}
	have, err := mine.DeclaredIDs(s.ctx)
	if err != nil {
		return err
	}
	for _, h := range have {
		if keep[h.Table+"/"+h.ID] && h.Table != "lines" {
			continue
		}
		if err := mine.Retire(s.ctx, h.Table, h.ID, s.now); err != nil {
			return err
		}
	}
	return nil
}
