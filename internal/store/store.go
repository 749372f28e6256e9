// Package store keeps everything that must not be forgotten, in SQLite or PostgreSQL, with one SQL
// text for both. It refuses to decide anything, to look at a clock and to write without a
// transaction: instants come in as arguments, and a business's rows are reachable only through For.
package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"rebound"
)

// ErrNotFound says that there is no such row, or that it belongs to another business.
var ErrNotFound = errors.New("store: no such row")

// Options say where the database is.
type Options struct {
	// Postgres is the address of a PostgreSQL database, "postgres://…". Empty means SQLite.
	Postgres string
	// Path is the SQLite file. Its folder is made when it is missing.
	Path string
	// Node names this process in leases. It must be unlike that of every other process on the same
	// database; empty means a random one.
	Node string
	// Beside opens a SQLite file also while another process serves it. Transactions of the two take
	// turns; who is beside must not work on what is due, for it is not the only one.
	Beside bool
	// Log gets what nobody waits for, such as a lost connection of Listen. Nil means slog.Default.
	Log *slog.Logger
}

// Store is one open database. Its methods may be called from any goroutine.
type Store struct {
	engine engine
	words  dialect
	node   string
	reader Reader
}

// engine is what the two databases do differently.
type engine interface {
	dialect() dialect
	write(ctx context.Context, fn func(writes) error) error
	reads() queries
	durability(ctx context.Context) (string, error)
	// live returns those of the named nodes that are known to run, besides this one.
	live(ctx context.Context, nodes []string) (map[string]bool, error)
	listen(ctx context.Context, fn func(payload string)) error
	close() error
}

// dialect holds the few words that the two databases do not share.
type dialect struct {
	name       string
	hasTable   string                  // query: how many tables are named $1
	lock       string                  // statement that lets one migration run at a time, or ""
	held       string                  // goes at the end of a select whose row nobody else may change until the end
	skipLocked string                  // likewise, and passes over rows that somebody holds
	notify     string                  // statement that sends $1 to every node, or ""
	schema     func(sql string) string // translates a migration
}

// queries run SQL with $1…$n placeholders. The texts are constants of the program: each is prepared
// once for a connection and kept. Rows must be closed before the next query of the same
// transaction, for PostgreSQL has one conversation for each connection.
type queries interface {
	exec(ctx context.Context, query string, args ...any) (rows int64, err error)
	query(ctx context.Context, query string, args ...any) (rows, error)
	row(ctx context.Context, query string, args ...any) scanner
}

// writes are the statements of a transaction.
type writes interface {
	queries
	// later is exec for a statement of which nobody asks the result. It runs before any other query and
	// before the commit; an error that it meets there fails the transaction. On PostgreSQL this makes one
	// round trip of a step's many writes.
	later(ctx context.Context, query string, args ...any) error
	// each runs a query once for each list of arguments, in their order, and gives scan every row with the number of its
	// list. On PostgreSQL it is one round trip.
	each(ctx context.Context, query string, lists [][]any, scan func(list int, row scanner) error) error
	// script runs a text of several statements.
	script(ctx context.Context, text string) error
}

// rows is what a query finds, one row after the other.
type rows interface {
	scanner // the current one
	Next() bool
	Err() error
	Close() error
}

// scanner is one row, or a query that failed.
type scanner interface{ Scan(dest ...any) error }

// onlyRow is the first row of a query.
type onlyRow struct{ rows }

func (r onlyRow) Scan(dest ...any) error {
	defer r.Close()
	if !r.Next() {
		return cmp.Or(r.Err(), sql.ErrNoRows)
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	return r.Close()
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// Open opens the database and makes sure that it keeps what it acknowledges and is no newer than
// the program. It does not migrate, so only Migrate, Schema and Durability can be counted on before
// the schema is current.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Node == "" {
		o.Node = strings.ToLower(rand.Text()[:12])
	}
	open := openSQLite
	if o.Postgres != "" {
		open = openPostgres
	}
	e, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Store{engine: e, words: e.dialect(), node: o.Node, reader: Reader{q: e.reads()}}
	if err := s.check(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) check(ctx context.Context) error {
	if _, err := s.Durability(ctx); err != nil {
		return err
	}
	version, err := s.Schema(ctx)
	if err != nil {
		return err
	}
	return refuseNewer(version, migrations())
}

// Durability returns the engine's own words about its version and its settings, and an error when
// they would let an acknowledged write be lost in a power cut.
func (s *Store) Durability(ctx context.Context) (string, error) { return s.engine.durability(ctx) }

// Engine returns "sqlite" or "postgres".
func (s *Store) Engine() string { return s.words.name }

// Node returns the name of this process in leases.
func (s *Store) Node() string { return s.node }

// Close waits for the writes that have begun and closes the database. Later writes fail.
func (s *Store) Close() error { return s.engine.close() }

// Read returns the way to the rows that cannot change them: the database itself refuses.
func (s *Store) Read() *Reader { return &s.reader }

// Reader reads rows, each query as of the moment that it runs.
type Reader struct{ q queries }

// For returns the rows of one business.
func (r *Reader) For(b rebound.BusinessID) Tenant { return Tenant{q: r.q, id: b} }

// Tenant reads the rows of one business.
type Tenant struct {
	q  queries
	id rebound.BusinessID
}

// TenantTx reads and writes the rows of one business within a transaction.
type TenantTx struct {
	Tenant
	tx *Tx
}

// Secret returns the 32 random bytes kept under name: made on first use, the same on every node.
func (s *Store) Secret(ctx context.Context, name string) ([]byte, error) {
	fresh := make([]byte, 32)
	rand.Read(fresh) // never fails
	var secret []byte
	err := s.Write(ctx, func(tx *Tx) error {
		const keep = `insert into secrets (name, value) values ($1, $2) on conflict (name) do nothing`
		if _, err := tx.q.exec(ctx, keep, name, fresh); err != nil {
			return err
		}
		return tx.q.row(ctx, `select value from secrets where name = $1`, name).Scan(&secret)
	})
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	return secret, nil
}

// unique reports whether err is a violation of a unique index. On PostgreSQL the transaction is lost
// with it: where it is no surprise, insert with "on conflict".
func unique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return code(err) == "23505"
}

// missing turns "no rows" into ErrNotFound and leaves other errors as they are.
func missing(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}
