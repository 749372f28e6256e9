package store

import (
	"context"
	"slices"

	"rebound"
	"rebound/internal/phone"
)

const lineColumns = `business, id, connection, name, number, team, strategy, ring_for, schedule, greeting, voicemail, route`

func scanLine(row scanner, l *rebound.Line) error {
	return row.Scan(str(&l.Business), str(&l.ID), str(&l.Connection), &l.Name, str(&l.Number), str(&l.Team),
		str(&l.Strategy), (*int64)(&l.RingFor), fromJSON(&l.Schedule), fromJSON(&l.Greeting), fromJSON(&l.Voicemail), str(&l.Route))
}

// LineByNumber returns the line that a carrier's request is about. The number and the connection
// say whose it is, so it is asked before the business is known.
func (tx *Tx) LineByNumber(ctx context.Context, c rebound.ConnectionID, n phone.Number) (rebound.Line, error) {
	return first(ctx, tx.q, scanLine,
		`select `+lineColumns+` from lines where connection = $1 and number = $2 and retired_at is null`, c, n)
}

// Line returns one line, also one that is no longer in use.
func (t Tenant) Line(ctx context.Context, id rebound.LineID) (rebound.Line, error) {
	return first(ctx, t.q, scanLine, `select `+lineColumns+` from lines where business = $1 and id = $2`, t.id, id)
}

// Lines returns the business's lines.
func (t Tenant) Lines(ctx context.Context) ([]rebound.Line, error) {
	return list(ctx, t.q, scanLine,
		`select `+lineColumns+` from lines where business = $1 and retired_at is null order by id`, t.id)
}

// SaveLine writes the line, whether it is there or not.
func (t TenantTx) SaveLine(ctx context.Context, l rebound.Line) error {
	return t.later(ctx, `
		insert into lines (`+lineColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		on conflict (business, id) do update set connection = excluded.connection, name = excluded.name,
			number = excluded.number, team = excluded.team, strategy = excluded.strategy,
			ring_for = excluded.ring_for, schedule = excluded.schedule, greeting = excluded.greeting,
			voicemail = excluded.voicemail, route = excluded.route, retired_at = null`,
		t.id, l.ID, l.Connection, l.Name, l.Number, l.Team, string(l.Strategy), int64(l.RingFor),
		asJSON(l.Schedule), asJSON(l.Greeting), asJSON(l.Voicemail), l.Route)
}

// Known says what a number means to a business, for the text-back decision.
type Known struct {
	Staff, OwnLine, Blocked, VIP bool
}

// Known returns the numbers that mean something to the business, with what they mean.
func (t Tenant) Known(ctx context.Context) (map[phone.Number]Known, error) {
	type meaning struct {
		number phone.Number
		kind   string
	}
	meanings, err := list(ctx, t.q, func(row scanner, m *meaning) error { return row.Scan(str(&m.number), &m.kind) },
		`
		select number, kind from known_numbers where business = $1
		union all select number, 'vip' from vip_numbers where business = $1`, t.id)
	all := map[phone.Number]Known{}
	for _, m := range meanings {
		k := all[m.number]
		k.Staff = k.Staff || m.kind == "staff"
		k.OwnLine = k.OwnLine || m.kind == "own_line"
		k.Blocked = k.Blocked || m.kind == "blocked"
		k.VIP = k.VIP || m.kind == "vip"
		all[m.number] = k
	}
	return all, err
}

// Blocked returns the numbers the business blocks.
func (t Tenant) Blocked(ctx context.Context) ([]rebound.BlockedNumber, error) {
	return list(ctx, t.q, func(row scanner, b *rebound.BlockedNumber) error { return row.Scan(&b.Number, &b.Note) },
		`select number, note from known_numbers where business = $1 and kind = 'blocked' order by number`, t.id)
}

// ReplaceKnown writes the business's known numbers anew.
func (t TenantTx) ReplaceKnown(ctx context.Context, d rebound.Declaration) error {
	if _, err := t.tx.q.exec(ctx, `delete from known_numbers where business = $1`, t.id); err != nil {
		return err
	}
	add := func(number, kind, note string) error {
		if number == "" {
			return nil
		}
		_, err := t.tx.q.exec(ctx, `
			insert into known_numbers (business, number, kind, note) values ($1, $2, $3, $4)
			on conflict (business, number, kind) do nothing`, t.id, number, kind, note)
		return err
	}
	for _, m := range d.Members {
		for _, r := range m.Rings {
			if err := add(string(r.Number), "staff", m.Name); err != nil {
				return err
			}
		}
		for _, w := range slices.Concat(m.Alerts.Normal, m.Alerts.Urgent) {
			if w.Channel != rebound.BySMS {
				continue
			}
			if err := add(w.Address, "staff", m.Name); err != nil {
				return err
			}
		}
	}
	for _, r := range d.Routes {
		for outside := range r.Outside {
			if err := add(string(outside.Number), "staff", r.Name); err != nil {
				return err
			}
		}
	}
	for _, l := range d.Lines {
		if err := add(string(l.Number), "own_line", l.Name); err != nil {
			return err
		}
	}
	for _, b := range d.Blocked {
		if err := add(b.Number, "blocked", b.Note); err != nil {
			return err
		}
	}
	return nil
}
