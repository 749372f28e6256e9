package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"rebound"
)

const recoveryColumns = `id, contact, line, state, why, urgent, misses, texts, opened_at, texted_at, wait_since,
	policy_step, step_at, contact_at, proven, outcome, amount, closed_at, seq,
	alarm, assignee, claimed_at, held_by, held_until`

func (t Tenant) scanRecovery(row scanner, r *rebound.Recovery) error {
	r.Business = t.id
	return row.Scan(str(&r.ID), str(&r.Contact), str(&r.Line), str(&r.State), str(&r.Why), flagged(&r.Urgent), &r.Misses,
		&r.Texts, at(&r.OpenedAt), at(&r.TextedAt), at(&r.WaitSince), &r.PolicyStep, at(&r.DueAt), at(&r.ContactAt),
		flagged(&r.Proven), str(&r.Outcome), &r.Amount, at(&r.ClosedAt), &r.Seq,
		str(&r.Alarm), str(&r.Assignee), at(&r.ClaimedAt), fromJSON(&r.HeldBy), at(&r.HeldUntil))
}

// Recovery returns one recovery.
func (t Tenant) Recovery(ctx context.Context, id rebound.RecoveryID) (rebound.Recovery, error) {
	return first(ctx, t.q, t.scanRecovery,
		`select `+recoveryColumns+` from recoveries where business = $1 and id = $2`, t.id, id)
}

// LiveRecovery returns the contact's recovery that takes the next miss in, if it showed a sign of
// life since the given instant.
func (t Tenant) LiveRecovery(ctx context.Context, contact rebound.ContactID, since time.Time) (rebound.Recovery, error) {
	return first(ctx, t.q, t.scanRecovery, `
		select `+recoveryColumns+` from recoveries
		where business = $1 and contact = $2 and live = 1 and (state = 'waiting' or moved_at >= $3)`,
		t.id, contact, micros(since))
}

// StepBack makes room for a new recovery of the contact: one that still stands as live does so no longer.
func (t TenantTx) StepBack(ctx context.Context, contact rebound.ContactID) error {
	return t.later(ctx, `update recoveries set live = 0 where business = $1 and contact = $2 and live = 1`, t.id, contact)
}

// AddRecovery writes a new recovery as the contact's live one.
func (t TenantTx) AddRecovery(ctx context.Context, r rebound.Recovery, now time.Time) error {
	return t.later(ctx, `
		insert into recoveries (business, `+recoveryColumns+`, live, moved_at, due_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26,
			$27, $14)`,
		append(append([]any{t.id}, recoveryValues(r)...), flag(!over(r)), micros(now))...)
}

// SaveRecovery writes a recovery that is there, with its timer: the next policy step is planned for
// r.DueAt, and whoever held the lease on the last one has it no longer.
func (t TenantTx) SaveRecovery(ctx context.Context, r rebound.Recovery, now time.Time) error {
	return t.later(ctx, `
		update recoveries set contact = $3, line = $4, state = $5, why = $6, urgent = $7, misses = $8, texts = $9,
			opened_at = $10, texted_at = $11, wait_since = $12, policy_step = $13, step_at = $14, contact_at = $15,
			proven = $16, outcome = $17, amount = $18, closed_at = $19, seq = $20,
			alarm = $21, assignee = $22, claimed_at = $23, held_by = $24, held_until = $25,
			live = case when $26 = 1 then live else 0 end, moved_at = $27, due_at = $14, lease_by = null
		where business = $1 and id = $2`,
		append(append([]any{t.id}, recoveryValues(r)...), flag(!over(r)), micros(now))...)
}

func recoveryValues(r rebound.Recovery) []any {
	return []any{
		r.ID, r.Contact, r.Line, string(r.State), string(r.Why), flag(r.Urgent), r.Misses, r.Texts, micros(r.OpenedAt),
		micros(r.TextedAt), micros(r.WaitSince), r.PolicyStep, micros(r.DueAt), micros(r.ContactAt), flag(r.Proven),
		string(r.Outcome), r.Amount, micros(r.ClosedAt), r.Seq,
		string(r.Alarm), nullable(r.Assignee), micros(r.ClaimedAt), heldBy(r), micros(r.HeldUntil),
	}
}

func heldBy(r rebound.Recovery) any {
	if len(r.HeldBy) == 0 {
		return nil
	}
	return asJSON(r.HeldBy)
}

// Waiting returns the business's recoveries that wait.
func (t Tenant) Waiting(ctx context.Context) ([]rebound.Recovery, error) {
	return list(ctx, t.q, t.scanRecovery,
		`select `+recoveryColumns+` from recoveries where business = $1 and state = 'waiting' and due_at is not null`, t.id)
}

// DueRecovery is a recovery whose timer came, with what its step asks for.
type DueRecovery struct {
	Recovery   rebound.Recovery
	Contact    rebound.Contact
	TalkedLast rebound.MemberID // as of Tenant.TalkedLast
	Revision   int64            // as of Tenant.Revision

	claim Claim
}

// HoldDue returns the recoveries of those claims that still hold, as of TenantTx.Leased, and keeps other transactions
// from changing them, or anything else about their callers. They come in the order of their contacts, in which all who
// hold several take them.
func (tx *Tx) HoldDue(ctx context.Context, claims []Claim) ([]DueRecovery, error) {
	due := make([]DueRecovery, len(claims))
	for i, c := range claims {
		due[i].claim = c
	}
	read := func(query string, args func(d DueRecovery) []any, scan func(row scanner, d *DueRecovery) error) error {
		lists := make([][]any, len(due))
		for i, d := range due {
			lists[i] = append([]any{d.claim.Business}, args(d)...)
		}
		return tx.q.each(ctx, query, lists, func(i int, row scanner) error { return scan(row, &due[i]) })
	}
	claimed := func(d DueRecovery) []any { return []any{d.claim.ID} }
	contact := func(d DueRecovery) []any { return []any{d.Contact.ID} }

	err := read(`select contact from recoveries where business = $1 and id = $2`, claimed,
		func(row scanner, d *DueRecovery) error { return row.Scan(str(&d.Contact.ID)) })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(due, func(a, b DueRecovery) int { return cmp.Compare(a.Contact.ID, b.Contact.ID) })
	err = read(`select `+contactColumns+` from contacts where business = $1 and id = $2`+tx.words.held, contact,
		func(row scanner, d *DueRecovery) error { return tx.For(d.claim.Business).scanContact(row, &d.Contact) })
	if err != nil {
		return nil, err
	}
	err = read(`select `+recoveryColumns+` from recoveries
		where business = $1 and id = $2 and claims = $3 and lease_by is not null`+tx.words.held,
		func(d DueRecovery) []any { return []any{d.claim.ID, d.claim.Fence} },
		func(row scanner, d *DueRecovery) error {
			return tx.For(d.claim.Business).scanRecovery(row, &d.Recovery)
		})
	if err != nil {
		return nil, err
	}
	due = slices.DeleteFunc(due, func(d DueRecovery) bool { return d.Recovery.ID == "" })
	for _, d := range due {
		if d.Contact.Business == "" {
			return nil, fmt.Errorf("contact %s of recovery %s: %w", d.Contact.ID, d.Recovery.ID, ErrNotFound)
		}
	}
	err = read(talkedLast, contact, func(row scanner, d *DueRecovery) error { return row.Scan(str(&d.TalkedLast)) })
	if err != nil {
		return nil, err
	}
	return due, read(revision, func(DueRecovery) []any { return nil },
		func(row scanner, d *DueRecovery) error { return row.Scan(&d.Revision) })
}

// Timer is the timer of a recovery that waits.
type Timer struct {
	Business rebound.BusinessID
	Recovery rebound.RecoveryID
	Contact  rebound.ContactID
	DueAt    time.Time // zero: there is none
}

// DoubtfulTimers returns timers of recoveries that wait which may be broken: those that are missing, and the n
// that are due the furthest after an instant. It reads two indexes, however many recoveries wait.
func (r *Reader) DoubtfulTimers(ctx context.Context, after time.Time, n int) ([]Timer, error) {
	scan := func(row scanner, t *Timer) error {
		return row.Scan(str(&t.Business), str(&t.Recovery), str(&t.Contact), at(&t.DueAt))
	}
	missing, err := list(ctx, r.q, scan, `
		select business, id, contact, due_at from recoveries where state = 'waiting' and due_at is null limit $1`, n)
	if err != nil {
		return nil, err
	}
	far, err := list(ctx, r.q, scan, `
		select business, id, contact, due_at from recoveries where due_at > $1 order by due_at desc limit $2`, micros(after), n)
	return append(missing, far...), err
}

// RecoveryDue returns when the lane looks at a recovery next, as its row has it; zero: never.
func (t Tenant) RecoveryDue(ctx context.Context, id rebound.RecoveryID) (due time.Time, err error) {
	err = t.q.row(ctx, `select due_at from recoveries where business = $1 and id = $2`, t.id, id).Scan(at(&due))
	return due, missing(err)
}

// over: a recovery with an outcome takes no further miss in; the next one opens a new recovery.
func over(r rebound.Recovery) bool { return r.State == rebound.RecoveryClosed }
