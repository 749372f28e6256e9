package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// mostReplayed bounds what one look at the past reads: some MB.
const mostReplayed = 2000

// Replay returns what a line's calls since an instant would have gone through if changed were declared, the latest
// calls first, at most 2,000 of them. Nothing is changed. The errors are NotFound: R3001 there is no such business,
// R3002 no such line.
func (e *Engine) Replay(ctx context.Context, b rebound.BusinessID, line rebound.LineID, changed rebound.Declaration, since time.Time) (rebound.Replay, error) {
	var r rebound.Replay
	mine := e.store.Read().For(b)
	now, l, zone, err := e.explained(ctx, mine, b, line)
	if err != nil {
		return r, err
	}
	calls, err := mine.CallsSince(ctx, line, since, mostReplayed)
	if err != nil {
		return r, fmt.Errorf("calls of line %s: %w", line, err)
	}
	now.set = rebound.Overrides{} // of today
	would := now.with(changed)
	contacts := map[rebound.ContactID]rebound.Contact{}
	for _, call := range calls {
		if call.Unheard {
			continue // nobody asked what to do with it
		}
		c, known := contacts[call.Contact]
		if !known {
			if c, err = mine.Contact(ctx, call.Contact); err != nil && !errors.Is(err, store.ErrNotFound) {
				return r, fmt.Errorf("contact of call %s: %w", call.ID, err)
			}
			contacts[call.Contact] = c
		}
		at := call.ArrivedAt.In(zone)
		r.Add(call, now.again(l, call, c, at), would.again(would.lineOr(l), call, c, at))
	}
	return r, nil
}

// with is what is declared, with the lines and routes of a declaration.
func (d *declared) with(changed rebound.Declaration) *declared {
	other := *d
	other.lines, other.routes = changed.Lines, map[rebound.RouteID]rebound.Route{}
	for _, r := range changed.Routes {
		other.routes[r.ID] = r
	}
	return &other
}

func (d *declared) lineOr(l rebound.Line) rebound.Line {
	for _, other := range d.lines {
		if other.ID == l.ID {
			return other
		}
	}
	return l
}

// again plans a call that was. Turns and who talked last are not asked: they are what they are now.
func (d *declared) again(l rebound.Line, call rebound.Call, c rebound.Contact, at time.Time) rebound.Plan {
	route := d.routeOf(l)
	caller := phone.ParseCaller(call.From, d.business.Country)
	known := d.known[caller.Number]
	f := rebound.RouteFacts{
		Business: d.business, Line: l, Route: route, Hours: hoursOf(d, l, at), Caller: caller, Contact: c, VIP: known.VIP, Blocked: known.Blocked,
	}
	f.Teams, f.Members = d.candidates(route, c.Owner, engaged{talking: call.Busy()}, at)
	return rebound.MakePlan(f)
}

// Pickups returns the phones of a line whose own voicemail took its calls since an instant.
func (e *Engine) Pickups(ctx context.Context, b rebound.BusinessID, line rebound.LineID, since time.Time) ([]rebound.Pickup, error) {
	calls, err := e.store.Read().For(b).CallsSince(ctx, line, since, mostReplayed)
	if err != nil {
		return nil, fmt.Errorf("calls of line %s: %w", line, err)
	}
	return rebound.Pickups(calls), nil
}
