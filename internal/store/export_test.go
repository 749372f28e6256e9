package store

import (
	"context"
	"io/fs"
	"time"
)

// The suite runs as package store_test, because reboundtest imports store. These are its ways in.

const (
	MostTogether   = mostTogether
	WriteConns     = writeConns
	ClaimsTogether = claimsTogether
)

var (
	ErrClosed = errClosed
	Unique    = unique
	Lanes     = lanes
)

func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.q.exec(ctx, query, args...)
}

func (tx *Tx) Row(ctx context.Context, query string, args ...any) scanner {
	return tx.q.row(ctx, query, args...)
}

func (tx *Tx) Query(ctx context.Context, query string, args ...any) (rows, error) {
	return tx.q.query(ctx, query, args...)
}

func (r *Reader) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	return r.q.exec(ctx, query, args...)
}

func (r *Reader) Row(ctx context.Context, query string, args ...any) scanner {
	return r.q.row(ctx, query, args...)
}

func (r *Reader) Query(ctx context.Context, query string, args ...any) (rows, error) {
	return r.q.query(ctx, query, args...)
}

// MigrateFrom migrates with other files than the program's own.
func (s *Store) MigrateFrom(ctx context.Context, folder fs.FS) (from, to int, err error) {
	list, err := readMigrations(folder)
	if err != nil {
		return 0, 0, err
	}
	return s.migrate(ctx, list)
}

// Versions is how many migrations the program knows.
func Versions() int { return len(migrations()) }

// Prepared is how many statements the SQLite writer keeps.
func (s *Store) Prepared() int { return len(s.engine.(*sqliteEngine).writer.stmts) }

// Pragma runs a pragma on the SQLite writer's connection, which must be idle.
func (s *Store) Pragma(text string) error { return s.engine.(*sqliteEngine).do("pragma " + text) }

// BreakGuard ends the session that holds a node's lock.
func (s *Store) BreakGuard(ctx context.Context) {
	_ = s.engine.(*postgresEngine).guard.Close(ctx)
}

// Channel is where a node's notifications go on PostgreSQL.
func (s *Store) Channel() string { return s.engine.(*postgresEngine).channel() }

// Beat sets how often Listen makes sure of its connection on PostgreSQL.
func (s *Store) Beat(d time.Duration) { s.engine.(*postgresEngine).beat = d }
