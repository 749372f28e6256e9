package store

import "context"

// Leased reports whether a claim still holds: nobody else has claimed the row since, and no step has
// saved it. The row is then held for this transaction.
func (t TenantTx) Leased(ctx context.Context, lane Lane, c Claim) (bool, error) {
	n, err := t.tx.q.exec(ctx, `update `+string(lane)+` set claims = claims
		where business = $1 and id = $2 and claims = $3 and lease_by is not null`, t.id, c.ID, c.Fence)
	return n == 1, err
}

// Rest ends a claim on a row that has nothing more due.
func (t TenantTx) Rest(ctx context.Context, lane Lane, c Claim) error {
	return t.later(ctx, `update `+string(lane)+` set due_at = null, lease_by = null
		where business = $1 and id = $2 and claims = $3`, t.id, c.ID, c.Fence)
}
