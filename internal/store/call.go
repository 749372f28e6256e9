package store

import (
	"cmp"
	"context"
	"time"

	"rebound"
)

// evidence is what the carrier told about a call, kept as one JSON value: it is only ever read and
// judged as a whole.
type evidence struct {
	CallerID   rebound.Truth     `json:"caller_id,omitempty"`
	Legs       []rebound.Leg     `json:"legs,omitempty"`
	Rings      []rebound.Ring    `json:"rings,omitempty"`
	Presses    []rebound.Press   `json:"presses,omitempty"`
	Gone       time.Time         `json:"gone,omitzero"`
	Ended      rebound.EndStatus `json:"ended,omitempty"`
	Talk       time.Duration     `json:"talk,omitempty"`
	RecordedAt time.Time         `json:"recorded_at,omitzero"`
	Recording  rebound.Recording `json:"recording,omitzero"`
	Unheard    bool              `json:"unheard,omitempty"`
}

const callColumns = `business, id, line, connection, direction, carrier_id, contact, recovery, from_raw, plan, evidence,
	state, reason, accepted_by, arrived_at, missed_at, ended_at, voicemail, decision, due_at`

func scanCall(row scanner, c *rebound.Call) error {
	var e evidence
	err := row.Scan(str(&c.Business), str(&c.ID), str(&c.Line), str(&c.Connection), str(&c.Direction), str(&c.CarrierID), str(&c.Contact),
		str(&c.Recovery), &c.From, fromJSON(&c.Plan), fromJSON(&e), str(&c.State), str(&c.Reason), str(&c.AcceptedBy),
		at(&c.ArrivedAt), at(&c.MissedAt), at(&c.EndedAt), flagged(&c.Voicemail), fromJSON(&c.Decision), at(&c.CheckAt))
	c.CallerID, c.Legs, c.Rings, c.Presses, c.GoneAt = e.CallerID, e.Legs, e.Rings, e.Presses, e.Gone
	c.Ended, c.Talk, c.RecordedAt, c.Recording, c.Unheard = e.Ended, e.Talk, e.RecordedAt, e.Recording, e.Unheard
	return err
}

// CallByCarrier returns the call that the carrier knows by this id, and keeps other transactions
// from changing it. The carrier's id says whose it is, so it is asked before the business is known.
func (tx *Tx) CallByCarrier(ctx context.Context, c rebound.ConnectionID, carrierID string) (rebound.Call, error) {
	return first(ctx, tx.q, scanCall, `
		select `+callColumns+` from calls where connection = $1 and carrier_id = $2`+tx.words.held, c, carrierID)
}

// HoldCall returns one call and keeps other transactions from changing it.
func (t TenantTx) HoldCall(ctx context.Context, id rebound.CallID) (rebound.Call, error) {
	return first(ctx, t.q, scanCall,
		`select `+callColumns+` from calls where business = $1 and id = $2`+t.tx.words.held, t.id, id)
}

// Call returns one call.
func (t Tenant) Call(ctx context.Context, id rebound.CallID) (rebound.Call, error) {
	return first(ctx, t.q, scanCall, `select `+callColumns+` from calls where business = $1 and id = $2`, t.id, id)
}

// Arrival is that a call came, without what became of it.
type Arrival struct {
	Line rebound.LineID
	At   time.Time
}

// Arrivals returns when the business's calls came since an instant, blocked ones aside, latest first, at most limit.
// It reads one range of the key: a call's id is made when it comes, or later. Those of calls that we make begin with
// "out", and are not among them.
func (t Tenant) Arrivals(ctx context.Context, since time.Time, limit int) ([]Arrival, error) {
	return list(ctx, t.q, func(row scanner, a *Arrival) error { return row.Scan(str(&a.Line), at(&a.At)) }, `
		select line, arrived_at from calls
		where business = $1 and id >= $2 and id < 'out' and arrived_at >= $3 and state <> 'blocked' order by id desc limit $4`,
		t.id, firstID(since), micros(since), limit)
}

// CallsSince returns the line's calls from since on, latest first, at most so many. It reads one range of the key, as
// Arrivals does.
func (t Tenant) CallsSince(ctx context.Context, line rebound.LineID, since time.Time, most int) ([]rebound.Call, error) {
	return list(ctx, t.q, scanCall, `
		select `+callColumns+` from calls
		where business = $1 and id >= $2 and id < 'out' and arrived_at >= $3 and line = $4 order by id desc limit $5`,
		t.id, firstID(since), micros(since), line, most)
}

// CallsWith returns the calls from and to a contact since an instant, latest first.
func (t Tenant) CallsWith(ctx context.Context, c rebound.ContactID, since time.Time) ([]rebound.Call, error) {
	return list(ctx, t.q, scanCall, `
		select `+callColumns+` from calls where business = $1 and contact = $2 and arrived_at >= $3 order by arrived_at desc`,
		t.id, c, micros(since))
}

// AddCall writes a new call.
func (t TenantTx) AddCall(ctx context.Context, c rebound.Call) error {
	return t.later(ctx, `
		insert into calls (`+callColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		t.id, c.ID, c.Line, c.Connection, string(cmp.Or(c.Direction, rebound.Inbound)), nullable(c.CarrierID), c.Contact, nullable(c.Recovery), c.From, asJSON(c.Plan),
		asJSON(evidenceOf(c)), string(c.State), string(c.Reason), nullable(c.AcceptedBy), micros(c.ArrivedAt),
		micros(c.MissedAt), micros(c.EndedAt), flag(c.Voicemail), decided(c), micros(c.CheckAt))
}

// SaveCall writes a call that is there.
func (t TenantTx) SaveCall(ctx context.Context, c rebound.Call) error {
	return t.later(ctx, `
		update calls set recovery = $3, evidence = $4, state = $5, reason = $6, accepted_by = $7, missed_at = $8,
			ended_at = $9, voicemail = $10, decision = $11, due_at = $12, lease_by = null
		where business = $1 and id = $2`,
		t.id, c.ID, nullable(c.Recovery), asJSON(evidenceOf(c)), string(c.State), string(c.Reason), nullable(c.AcceptedBy),
		micros(c.MissedAt), micros(c.EndedAt), flag(c.Voicemail), decided(c), micros(c.CheckAt))
}

// NameCall writes under which id the carrier knows a call that we make.
func (t TenantTx) NameCall(ctx context.Context, id rebound.CallID, carrierID string) error {
	return t.later(ctx, `update calls set carrier_id = $3 where business = $1 and id = $2`, t.id, id, carrierID)
}

// decided writes the decision on a call's miss; null while there is none.
func decided(c rebound.Call) any {
	if c.Decision.At.IsZero() {
		return nil
	}
	return asJSON(c.Decision)
}

func evidenceOf(c rebound.Call) evidence {
	return evidence{
		CallerID: c.CallerID, Legs: c.Legs, Rings: c.Rings, Presses: c.Presses, Gone: c.GoneAt, Ended: c.Ended, Talk: c.Talk,
		RecordedAt: c.RecordedAt, Recording: c.Recording, Unheard: c.Unheard,
	}
}
