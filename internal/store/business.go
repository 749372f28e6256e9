package store

import (
	"context"
	"errors"
	"time"

	"rebound"
)

// Businesses returns every business's id, in order. It is for work that goes through all of them.
func (r *Reader) Businesses(ctx context.Context) ([]rebound.BusinessID, error) {
	return list(ctx, r.q, func(row scanner, id *rebound.BusinessID) error { return row.Scan(str(id)) },
		`select id from businesses order by id`)
}

// Business returns the business itself, as it was declared.
func (t Tenant) Business(ctx context.Context) (rebound.Business, error) {
	b := rebound.Business{ID: t.id}
	err := t.q.row(ctx, `
		select name, zone, country, contact, job_value, schedule, text_back, policy
		from businesses where id = $1`, t.id).
		Scan(&b.Name, &b.Zone, &b.Country, &b.Contact, &b.JobValue, fromJSON(&b.Schedule), fromJSON(&b.TextBack), fromJSON(&b.Policy))
	return b, missing(err)
}

const revision = `select revision from businesses where id = $1`

// Revision returns how often the business was declared or an override of it set: while it stays the same, so
// do the business, its members, teams, lines, known numbers and overrides.
func (t Tenant) Revision(ctx context.Context) (int64, error) {
	var n int64
	err := t.q.row(ctx, revision, t.id).Scan(&n)
	return n, missing(err)
}

// SaveBusiness writes the business, whether it is there or not, under a new revision.
func (t TenantTx) SaveBusiness(ctx context.Context, b rebound.Business, now time.Time) error {
	return t.later(ctx, `
		insert into businesses (id, name, zone, country, contact, job_value, schedule, text_back, policy, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (id) do update set name = excluded.name, zone = excluded.zone, country = excluded.country,
			contact = excluded.contact, job_value = excluded.job_value, schedule = excluded.schedule,
			text_back = excluded.text_back, policy = excluded.policy, revision = businesses.revision + 1`,
		t.id, b.Name, b.Zone, b.Country, b.Contact, b.JobValue, asJSON(b.Schedule), asJSON(b.TextBack), asJSON(b.Policy), micros(now))
}

const connectionColumns = `business, id, name, carrier, account, key_id, auth_token, key_secret, base_url, fallback_url`

func scanConnection(row scanner, c *rebound.Connection) error {
	return row.Scan(str(&c.Business), str(&c.ID), &c.Name, &c.Carrier, &c.Account, &c.KeyID, &c.AuthToken,
		&c.KeySecret, &c.BaseURL, &c.FallbackURL)
}

// Connection returns the connection that an address names. It is how a carrier's request finds its
// business, so it is asked before the business is known.
func (r *Reader) Connection(ctx context.Context, id rebound.ConnectionID) (rebound.Connection, error) {
	return first(ctx, r.q, scanConnection,
		`select `+connectionColumns+` from connections where id = $1 and retired_at is null`, id)
}

// Connections returns the business's connections.
func (t Tenant) Connections(ctx context.Context) ([]rebound.Connection, error) {
	return list(ctx, t.q, scanConnection,
		`select `+connectionColumns+` from connections where business = $1 and retired_at is null order by id`, t.id)
}

// SaveConnection writes the connection, whether it is there or not.
func (t TenantTx) SaveConnection(ctx context.Context, c rebound.Connection) error {
	return t.later(ctx, `
		insert into connections (`+connectionColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (business, id) do update set name = excluded.name, carrier = excluded.carrier,
			account = excluded.account, key_id = excluded.key_id, auth_token = excluded.auth_token,
			key_secret = excluded.key_secret, base_url = excluded.base_url,
			fallback_url = excluded.fallback_url, retired_at = null`,
		t.id, c.ID, c.Name, c.Carrier, c.Account, c.KeyID, c.AuthToken, c.KeySecret, c.BaseURL, c.FallbackURL)
}

// Members returns the business's members.
func (t Tenant) Members(ctx context.Context) ([]rebound.Member, error) {
	return list(ctx, t.q, func(row scanner, m *rebound.Member) error {
		m.Business = t.id
		return row.Scan(str(&m.ID), &m.Name, &m.Email, fromJSON(&m.Rings), flagged(&m.OffDuty), str(&m.Role), fromJSON(&m.Alerts))
	}, `select id, name, email, rings, off_duty, role, alerts from members
		where business = $1 and retired_at is null order by id`, t.id)
}

// HoldBusiness keeps other transactions from declaring the business anew until this one ends. One that is not there yet
// is held by nobody.
func (t TenantTx) HoldBusiness(ctx context.Context) error {
	_, err := list(ctx, t.q, func(row scanner, id *rebound.BusinessID) error { return row.Scan(str(id)) },
		`select id from businesses where id = $1`+t.tx.words.held, t.id)
	return err
}

// HoldMember keeps other transactions from telling a member something, until this one ends. One who is not
// there any more is held by nobody.
func (t TenantTx) HoldMember(ctx context.Context, id rebound.MemberID) error {
	_, err := list(ctx, t.q, func(row scanner, id *rebound.MemberID) error { return row.Scan(str(id)) },
		`select id from members where business = $1 and id = $2`+t.tx.words.held, t.id, id)
	return err
}

// SaveMember writes the member, whether it is there or not.
func (t TenantTx) SaveMember(ctx context.Context, m rebound.Member) error {
	return t.later(ctx, `
		insert into members (business, id, name, email, rings, off_duty, role, alerts) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (business, id) do update set name = excluded.name, email = excluded.email,
			rings = excluded.rings, off_duty = excluded.off_duty, role = excluded.role, alerts = excluded.alerts, retired_at = null`,
		t.id, m.ID, m.Name, m.Email, asJSON(m.Rings), flag(m.OffDuty), string(m.Role), asJSON(m.Alerts))
}

// Teams returns the business's teams.
func (t Tenant) Teams(ctx context.Context) ([]rebound.Team, error) {
	return list(ctx, t.q, func(row scanner, team *rebound.Team) error {
		team.Business = t.id
		return row.Scan(str(&team.ID), &team.Name, fromJSON(&team.Members), fromJSON(&team.Rota), fromJSON(&team.Policy))
	}, `select id, name, members, rota, policy from teams where business = $1 and retired_at is null order by id`, t.id)
}

// SaveTeam writes the team, whether it is there or not.
func (t TenantTx) SaveTeam(ctx context.Context, team rebound.Team) error {
	return t.later(ctx, `
		insert into teams (business, id, name, members, rota, policy) values ($1, $2, $3, $4, $5, $6)
		on conflict (business, id) do update set name = excluded.name, members = excluded.members,
			rota = excluded.rota, policy = excluded.policy, retired_at = null`,
		t.id, team.ID, team.Name, asJSON(team.Members), asJSON(team.Rota), asJSON(team.Policy))
}

// DeclaredID names one thing that a business has in use: a row of connections, members, teams, routes, lines or webhooks.
type DeclaredID struct{ Table, ID string }

// DeclaredIDs returns everything that the business has in use.
func (t Tenant) DeclaredIDs(ctx context.Context) ([]DeclaredID, error) {
	return list(ctx, t.q, func(row scanner, d *DeclaredID) error { return row.Scan(&d.Table, &d.ID) }, `
		select 'connections', id from connections where business = $1 and retired_at is null
		union all select 'members', id from members where business = $1 and retired_at is null
		union all select 'teams', id from teams where business = $1 and retired_at is null
		union all select 'routes', id from routes where business = $1 and retired_at is null
		union all select 'lines', id from lines where business = $1 and retired_at is null
		union all select 'webhooks', id from webhooks where business = $1 and retired_at is null`, t.id)
}

// Retire takes what the business no longer declares out of use. Rows stay, for what happened
// through them stays. table is one of those of DeclaredID.
func (t TenantTx) Retire(ctx context.Context, table, id string, now time.Time) error {
	statement, ok := retire[table]
	if !ok {
		return errors.New("store: nothing in " + table + " can be retired")
	}
	return t.later(ctx, statement, t.id, id, micros(now))
}

var retire = map[string]string{
	"connections": `update connections set retired_at = $3 where business = $1 and id = $2`,
	"members":     `update members set retired_at = $3 where business = $1 and id = $2`,
	"routes":      `update routes set retired_at = $3 where business = $1 and id = $2`,
	"teams":       `update teams set retired_at = $3 where business = $1 and id = $2`,
	"webhooks":    `update webhooks set retired_at = $3 where business = $1 and id = $2`,
	"lines":       `update lines set retired_at = $3 where business = $1 and id = $2`,
}

// list runs a query and scans each row into a new T.
func list[T any](ctx context.Context, q queries, scan func(scanner, *T) error, query string, args ...any) ([]T, error) {
	rows, err := q.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		var one T
		if err := scan(rows, &one); err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, rows.Err()
}

// first returns the only row of a query, or ErrNotFound.
func first[T any](ctx context.Context, q queries, scan func(scanner, *T) error, query string, args ...any) (T, error) {
	found, err := list(ctx, q, scan, query, args...)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}
