package store

import (
	"context"
)

// Notify tells every node's Listen about payload (at most 8,000 bytes) when the transaction commits.
// SQLite has one node, which knows already: there it does nothing.
func (tx *Tx) Notify(ctx context.Context, payload string) error {
	if tx.words.notify == "" {
		return nil
	}
	return tx.q.later(ctx, tx.words.notify, payload)
}

// Listen calls fn, one call at a time, with every payload that any node notifies, until ctx ends,
// and returns its error. After each connection to the database, the first included, it calls fn with "":
// something may have been missed. On SQLite nothing ever comes.
func (s *Store) Listen(ctx context.Context, fn func(payload string)) error {
	return s.engine.listen(ctx, fn)
}
