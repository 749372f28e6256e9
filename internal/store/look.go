package store

import (
	"context"
	"errors"
	"time"

	"rebound"
)

// Look is how far the carrier's logs of one line have been read.
type Look struct {
	Line      rebound.Line
	Since     time.Time // the line has its number since then
	SeenUntil time.Time
	Fails     int // looks that failed, in a row
}

// Look returns how far the logs of a line that is in use have been read.
func (t Tenant) Look(ctx context.Context, id rebound.LineID) (Look, error) {
	line, err := first(ctx, t.q, scanLine,
		`select `+lineColumns+` from lines where business = $1 and id = $2 and retired_at is null`, t.id, id)
	if err != nil {
		return Look{}, err
	}
	l := Look{Line: line}
	err = t.q.row(ctx, `select since, seen_until, fails from looks where business = $1 and id = $2`, t.id, id).
		Scan(at(&l.Since), at(&l.SeenUntil), &l.Fails)
	return l, missing(err)
}

// WatchLine makes the logs of a line be looked at from now on, first at due. A line that is watched
// already goes on as it was, unless its number is another now.
func (t TenantTx) WatchLine(ctx context.Context, l rebound.Line, now, due time.Time) error {
	return t.later(ctx, `
		insert into looks (business, id, connection, number, since, seen_until, fails, due_at)
		values ($1, $2, $3, $4, $5, $5, 0, $6)
		on conflict (business, id) do update set connection = excluded.connection, number = excluded.number,
			since = excluded.since, seen_until = excluded.seen_until, fails = 0, due_at = excluded.due_at,
			lease_by = null, claims = looks.claims + 1
		where looks.due_at is null or looks.connection <> excluded.connection or looks.number <> excluded.number`,
		t.id, l.ID, l.Connection, l.Number, micros(now), micros(due))
}

// LookNow makes the logs of all lines be looked at now, but for those that somebody is looking at.
func (tx *Tx) LookNow(ctx context.Context, now time.Time) error {
	_, err := tx.q.exec(ctx, `update looks set due_at = $1 where due_at > $1 and lease_by is null`, micros(now))
	if err != nil {
		return err
	}
	_, err = tx.q.exec(ctx, `
		insert into looks (business, id, connection, number, since, seen_until, fails, due_at)
		select business, id, connection, number, cast($1 as bigint), cast($1 as bigint), 0, cast($1 as bigint)
		from lines where retired_at is null
		on conflict (business, id) do nothing`, micros(now)) // lines from before there was this table
	return err
}

// SaveLook ends a claimed look: it was read so far, and the next is at due. It does nothing where the
// claim no longer holds.
func (t TenantTx) SaveLook(ctx context.Context, c Claim, l Look, due time.Time) error {
	return t.later(ctx, `
		update looks set seen_until = $4, fails = $5, due_at = $6, lease_by = null
		where business = $1 and id = $2 and claims = $3`,
		t.id, c.ID, c.Fence, micros(l.SeenUntil), l.Fails, micros(due))
}

// CallTold reports whether a call is known by the carrier's id, and not by its end alone.
func (t Tenant) CallTold(ctx context.Context, c rebound.ConnectionID, carrierID string) (bool, error) {
	var e evidence
	err := t.q.row(ctx, `select evidence from calls where business = $1 and connection = $2 and carrier_id = $3`,
		t.id, c, carrierID).Scan(fromJSON(&e))
	if errors.Is(missing(err), ErrNotFound) {
		return false, nil
	}
	return !e.Unheard, err
}
