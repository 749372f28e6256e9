package store

import (
	"context"
	"time"

	"rebound"
)

// Routes returns the business's routes.
func (t Tenant) Routes(ctx context.Context) ([]rebound.Route, error) {
	return list(ctx, t.q, func(row scanner, r *rebound.Route) error {
		var id, name string
		err := row.Scan(&id, &name, fromJSON(r))
		r.ID, r.Business, r.Name = rebound.RouteID(id), t.id, name
		return err
	}, `select id, name, rules from routes where business = $1 and retired_at is null order by id`, t.id)
}

// SaveRoute writes the route, whether it is there or not.
func (t TenantTx) SaveRoute(ctx context.Context, r rebound.Route) error {
	return t.later(ctx, `
		insert into routes (business, id, name, rules) values ($1, $2, $3, $4)
		on conflict (business, id) do update set name = excluded.name, rules = excluded.rules, retired_at = null`,
		t.id, r.ID, r.Name, asJSON(r))
}

// VIPs returns the callers whom the business's routes may treat better.
func (t Tenant) VIPs(ctx context.Context) ([]rebound.VIPNumber, error) {
	return list(ctx, t.q, func(row scanner, v *rebound.VIPNumber) error { return row.Scan(&v.Number, &v.Note) },
		`select number, note from vip_numbers where business = $1 order by number`, t.id)
}

// ReplaceVIPs writes the business's VIPs anew.
func (t TenantTx) ReplaceVIPs(ctx context.Context, vips []rebound.VIPNumber) error {
	if err := t.later(ctx, `delete from vip_numbers where business = $1`, t.id); err != nil {
		return err
	}
	for _, v := range vips {
		err := t.later(ctx, `insert into vip_numbers (business, number, note) values ($1, $2, $3)`, t.id, v.Number, v.Note)
		if err != nil {
			return err
		}
	}
	return nil
}

// Turns returns how many turns each team's round robin has given.
func (t Tenant) Turns(ctx context.Context) (map[rebound.TeamID]int, error) {
	type turns struct {
		team  rebound.TeamID
		given int
	}
	all, err := list(ctx, t.q, func(row scanner, n *turns) error { return row.Scan(str(&n.team), &n.given) },
		`select team, given from turns where business = $1`, t.id)
	given := make(map[rebound.TeamID]int, len(all))
	for _, n := range all {
		given[n.team] = n.given
	}
	return given, err
}

// GiveTurn counts one more turn of a team's round robin.
func (t TenantTx) GiveTurn(ctx context.Context, team rebound.TeamID) error {
	return t.later(ctx, `
		insert into turns (business, team, given) values ($1, $2, 1)
		on conflict (business, team) do update set given = turns.given + 1`, t.id, team)
}

// Engaging returns the calls that somebody answered, and those that we make, whose end is not told.
func (t Tenant) Engaging(ctx context.Context) ([]rebound.Call, error) {
	return list(ctx, t.q, scanCall,
		`select `+callColumns+` from calls where business = $1 and state in ('answered', 'calling') and ended_at is null`, t.id)
}

// RingingOf returns the contact's calls that nobody has answered and that are not over, as far as told.
func (t Tenant) RingingOf(ctx context.Context, c rebound.ContactID) ([]rebound.Call, error) {
	return list(ctx, t.q, scanCall,
		`select `+callColumns+` from calls where business = $1 and contact = $2 and state = 'ringing'`, t.id, c)
}

// LastTalks returns when each member's last call was over; who had none is not in it.
func (t Tenant) LastTalks(ctx context.Context) (map[rebound.MemberID]time.Time, error) {
	type talk struct {
		member rebound.MemberID
		over   time.Time
	}
	talks, err := list(ctx, t.q, func(row scanner, k *talk) error { return row.Scan(str(&k.member), at(&k.over)) }, `
		select m.id, (select max(c.ended_at) from calls c where c.business = m.business and c.accepted_by = m.id)
		from members m where m.business = $1 and m.retired_at is null`, t.id)
	last := map[rebound.MemberID]time.Time{}
	for _, k := range talks {
		if !k.over.IsZero() {
			last[k.member] = k.over
		}
	}
	return last, err
}

const talkedLast = `select accepted_by from calls where business = $1 and contact = $2 and accepted_by is not null
	order by arrived_at desc limit 1`

// TalkedLast returns which member answered the contact's last answered call; empty: none was.
func (t Tenant) TalkedLast(ctx context.Context, c rebound.ContactID) (rebound.MemberID, error) {
	talks, err := list(ctx, t.q, func(row scanner, m *rebound.MemberID) error { return row.Scan(str(m)) }, talkedLast, t.id, c)
	if len(talks) == 0 {
		return "", err
	}
	return talks[0], err
}
