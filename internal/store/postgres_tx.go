package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// pgTx is one transaction. What nobody waits for is queued and travels with the next statement that
// somebody does wait for, or with the commit: what costs on PostgreSQL is the round trips.
//
// Statements run whatever becomes of their contexts: to watch one takes pgx a goroutine for each
// statement, and to obey one would cost the connection.
type pgTx struct {
	conn   *pgx.Conn
	queue  *pgx.Batch
	rows   *pgRows // of the last query, while they are open
	begun  bool    // the server has heard of it
	failed error   // a statement has failed, and with it the transaction
	over   bool
}

func beginPg(conn *pgx.Conn) *pgTx {
	tx := &pgTx{conn: conn, queue: &pgx.Batch{}}
	tx.queue.Queue("begin isolation level read committed")
	return tx
}

func (tx *pgTx) later(_ context.Context, query string, args ...any) error {
	if err := tx.ready(); err != nil {
		return err
	}
	tx.queue.Queue(query, args...)
	return nil
}

func (tx *pgTx) exec(_ context.Context, query string, args ...any) (int64, error) {
	if err := tx.ready(); err != nil {
		return 0, err
	}
	results, err := tx.send(query, args)
	if err != nil {
		return 0, err
	}
	tag, err := results.Exec()
	return tag.RowsAffected(), tx.note(cmp.Or(err, results.Close()))
}

func (tx *pgTx) script(ctx context.Context, text string) error {
	if err := tx.flush(); err != nil {
		return err
	}
	_, err := tx.conn.Exec(context.Background(), text, pgx.QueryExecModeSimpleProtocol)
	return tx.note(err)
}

func (tx *pgTx) query(_ context.Context, query string, args ...any) (rows, error) {
	if err := tx.ready(); err != nil {
		return nil, err
	}
	results, err := tx.send(query, args)
	if err != nil {
		return nil, err
	}
	found, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, tx.note(err)
	}
	tx.rows = &pgRows{Rows: found, results: results, tx: tx}
	return tx.rows, nil
}

func (tx *pgTx) row(ctx context.Context, query string, args ...any) scanner {
	found, err := tx.query(ctx, query, args...)
	if err != nil {
		return failedRow{err}
	}
	return onlyRow{found}
}

func (tx *pgTx) each(_ context.Context, query string, lists [][]any, scan func(list int, row scanner) error) error {
	if err := tx.ready(); err != nil || len(lists) == 0 {
		return err
	}
	results, err := tx.send(query, lists...)
	if err != nil {
		return err
	}
	for list := range lists {
		if err = eachRow(results, func(row scanner) error { return scan(list, row) }); err != nil {
			break
		}
	}
	return tx.note(cmp.Or(err, results.Close()))
}

func eachRow(results pgx.BatchResults, scan func(scanner) error) error {
	found, err := results.Query()
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := scan(found); err != nil {
			return err
		}
	}
	return found.Err()
}

// send sends what is queued and one more statement, once for each list of arguments, whose results are the next to read.
func (tx *pgTx) send(query string, lists ...[]any) (pgx.BatchResults, error) {
	before := tx.queue.Len()
	for _, args := range lists {
		tx.queue.Queue(query, args...)
	}
	results := tx.conn.SendBatch(context.Background(), tx.queue)
	tx.queue, tx.begun = &pgx.Batch{}, true
	for range before {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return nil, tx.note(err)
		}
	}
	return results, nil
}

func (tx *pgTx) flush() error {
	if err := tx.ready(); err != nil {
		return err
	}
	err := tx.conn.SendBatch(context.Background(), tx.queue).Close()
	tx.queue, tx.begun = &pgx.Batch{}, true
	return tx.note(err)
}

func (tx *pgTx) ready() error {
	switch {
	case tx.over:
		return sql.ErrTxDone
	case tx.failed != nil:
		return tx.failed
	case tx.rows != nil:
		return errReading
	}
	return nil
}

func (tx *pgTx) note(err error) error {
	tx.failed = cmp.Or(tx.failed, err)
	return err
}

// commit returns nil only when the commit is on the disk. Nobody can tell what became of it when the
// connection was lost over it; then it must not be tried again here.
func (tx *pgTx) commit() (again bool, err error) {
	if tx.rows != nil {
		_ = tx.rows.Close() // the function forgot it
	}
	if tx.failed != nil {
		return collided(tx.failed), fmt.Errorf("commit after an error: %w", tx.failed)
	}
	tx.over = true
	if !tx.begun && tx.queue.Len() == 1 {
		return false, nil // nothing was asked
	}
	results, err := tx.send("commit", nil)
	if err != nil {
		return collided(err), err
	}
	tag, err := results.Exec()
	err = cmp.Or(err, results.Close())
	switch {
	case err != nil:
		return collided(err), fmt.Errorf("commit: %w", err)
	case tag.String() != "COMMIT":
		return false, errors.New("commit: PostgreSQL rolled it back")
	}
	tx.begun = false
	return false, nil
}

// end undoes what was not committed, also after a panic.
func (tx *pgTx) end() {
	tx.over = true
	if !tx.begun || tx.conn.IsClosed() {
		return
	}
	if tx.rows != nil {
		_ = tx.rows.Close()
	}
	_, _ = tx.conn.Exec(context.Background(), "rollback") // a connection that cannot is closed on its release
}

// pgRows are the rows of a query with what was sent along with it.
type pgRows struct {
	pgx.Rows
	results pgx.BatchResults
	tx      *pgTx
}

func (r *pgRows) Close() error {
	if r.tx.rows == r {
		r.tx.rows = nil
	}
	r.Rows.Close()
	return r.tx.note(cmp.Or(r.Rows.Err(), r.results.Close()))
}
