package store

import (
	"context"

	"rebound"
)

// Tx is one transaction. It ends with the function that it was given to.
type Tx struct {
	q     writes
	node  string
	words dialect
}

// For returns the rows of one business.
func (tx *Tx) For(b rebound.BusinessID) TenantTx { return TenantTx{Tenant{q: tx.q, id: b}, tx} }

// later runs a statement of which nobody asks the result, see writes.
func (t TenantTx) later(ctx context.Context, query string, args ...any) error {
	return t.tx.q.later(ctx, query, args...)
}

// Write runs fn in a transaction and returns nil only when the commit is on the disk. An error of
// fn, or a panic, which goes on in the caller's goroutine, undoes all that fn wrote.
//
// The end of ctx stops the waiting for a turn, but never a function that has begun: queries within
// fn do not look at their contexts.
//
// fn must not call Write, and it may run several times: PostgreSQL lets transactions overlap and
// makes one of two that collide begin again; on SQLite, where many share a commit, one that fails after it
// has written makes the others run again. So fn assigns to what it gives out, never appends to
// it, and lets nothing leave the process.
//
// PostgreSQL isolates at READ COMMITTED. A row that is read to be changed is therefore read by a select
// that holds it (the dialect's held): the next transaction then waits for the end of this one. SQLite has one
// writer at a time.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	return s.engine.write(ctx, func(q writes) error {
		return fn(&Tx{q: q, node: s.node, words: s.words})
	})
}
