package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	writeConns = 12
	readConns  = 4 // 16 together
	mostTries  = 5 // runs of one write function

	collisionPause = 2 * time.Millisecond // doubled for each run
)

// postgresEngine has a pool for each purpose: a connection that is told once to refuse writes
// saves every query of a reader the two round trips of a read-only transaction.
type postgresEngine struct {
	writers *pgPool
	readers *pgPool
	config  *pgx.ConnConfig // of connections outside the pools
	schema  string
	node    string
	log     *slog.Logger
	beat    time.Duration // how often listen makes sure of its connection
	mu      sync.Mutex
	guard   *pgx.Conn // its session holds the node's lock, which vanishes with the process
}

func openPostgres(ctx context.Context, o Options) (engine, error) {
	config, err := pgxpool.ParseConfig(o.Postgres)
	if err != nil {
		return nil, fmt.Errorf("the address of PostgreSQL: %w", err)
	}
	setUnlessTold(config.ConnConfig, map[string]string{"application_name": "rebound " + o.Node})
	e := &postgresEngine{config: config.ConnConfig, node: o.Node, log: o.Log, beat: 30 * time.Second}
	if err := e.connect(ctx, config); err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL: %w", err), e.close())
	}
	return e, nil
}

func (e *postgresEngine) connect(ctx context.Context, config *pgxpool.Config) (err error) {
	// A write function is never abandoned, so the server must end what hangs.
	e.writers, err = openPool(ctx, config, writeConns, map[string]string{
		"lock_timeout": "10s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "30s",
	})
	if err != nil {
		return err
	}
	e.readers, err = openPool(ctx, config, readConns, map[string]string{"default_transaction_read_only": "on"})
	if err != nil {
		return err
	}
	if err := e.writers.db.QueryRowContext(ctx, `select coalesce(current_schema(), '')`).Scan(&e.schema); err != nil {
		return err
	}
	if e.schema == "" {
		return errors.New("search_path names no schema that exists")
	}
	return e.watch(ctx)
}

// pgPool is a pgx pool with its face of database/sql. pgx prepares each text once for a connection.
type pgPool struct {
	db   *sql.DB
	pool *pgxpool.Pool
}

// setUnlessTold gives sessions settings where the address does not say otherwise.
func setUnlessTold(config *pgx.ConnConfig, settings map[string]string) {
	for name, value := range settings {
		if _, told := config.RuntimeParams[name]; !told {
			config.RuntimeParams[name] = value
		}
	}
}

func openPool(ctx context.Context, base *pgxpool.Config, conns int32, settings map[string]string) (*pgPool, error) {
	config := base.Copy()
	config.MaxConns = conns
	setUnlessTold(config.ConnConfig, settings)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	return &pgPool{db: stdlib.OpenDBFromPool(pool), pool: pool}, nil
}

func (p *pgPool) close() error {
	if p == nil {
		return nil
	}
	err := p.db.Close()
	p.pool.Close()
	return err
}

func (e *postgresEngine) dialect() dialect {
	return dialect{
		name:     "postgres",
		hasTable: `select count(*) from pg_catalog.pg_tables where schemaname = current_schema() and tablename = $1`,
		lock: fmt.Sprintf(`set local statement_timeout = 0; set local lock_timeout = 0;
			select pg_advisory_xact_lock(%d)`, e.key("migrate")),
		held:       " for update",
		skipLocked: " for update skip locked",
		notify:     fmt.Sprintf(`select pg_notify('%s', $1)`, e.channel()),
		schema:     func(sql string) string { return sql },
	}
}

// key is the number of an advisory lock. Locks belong to the whole database, so the schema is part
// of the key.
func (e *postgresEngine) key(of string) int64 {
	h := fnv.New64a()
	h.Write([]byte("rebound/" + e.schema + "/" + of))
	return int64(h.Sum64())
}

// channel is where notifications go. Like the locks they belong to the whole database.
func (e *postgresEngine) channel() string { return fmt.Sprintf("rebound_%x", uint64(e.key("notify"))) }

func (e *postgresEngine) write(ctx context.Context, fn func(writes) error) error {
	for try := 1; ; try++ {
		again, err := e.once(ctx, fn)
		again = again || try <= 2 && unique(err) // fn looked, and somebody else inserted then
		if !again || try == mostTries {
			return err
		}
		time.Sleep(rand.N(collisionPause << try)) // the other one finishes first
	}
}

// once runs fn in one transaction. ctx bounds the waiting for a connection alone. again says that nothing
// was written and the next try may succeed: PostgreSQL chose this transaction to fail
// (serialization_failure, deadlock_detected), or the connection was lost before it was to commit.
func (e *postgresEngine) once(ctx context.Context, fn func(writes) error) (again bool, err error) {
	conn, err := e.writers.pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("wait for a connection: %w", err)
	}
	defer conn.Release() // closes it when it is in a transaction
	tx := beginPg(conn.Conn())
	defer tx.end()
	if err := fn(tx); err != nil {
		return collided(err) || tx.conn.IsClosed(), err
	}
	return tx.commit()
}

func collided(err error) bool { return code(err) == "40001" || code(err) == "40P01" }

// code returns PostgreSQL's code of an error, or "".
func code(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// direct runs queries as they are.
type direct struct {
	db interface {
		ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
		QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
}

func (d direct) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := d.db.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (d direct) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := d.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (d direct) row(ctx context.Context, query string, args ...any) scanner {
	return d.db.QueryRowContext(ctx, query, args...)
}

func (e *postgresEngine) reads() queries { return direct{e.readers.db} }

// watch makes sure that the guard connection lives and holds the node's lock. No goroutine waits on
// the connection, for one that hangs on a socket would stop the virtual time of tests.
func (e *postgresEngine) watch(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.guard != nil {
		if e.guard.Ping(ctx) == nil {
			return nil
		}
		_ = e.guard.Close(ctx) // broken
		e.guard = nil
	}
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return err
	}
	if err := e.takeLock(ctx, conn); err != nil {
		return errors.Join(err, conn.Close(ctx))
	}
	e.guard = conn
	return nil
}

// takeLock waits for a moment, because PostgreSQL notices only then that a process of the same name
// was killed.
func (e *postgresEngine) takeLock(ctx context.Context, conn *pgx.Conn) error {
	if _, err := conn.Exec(ctx, `set lock_timeout = '2s'`); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, `select pg_advisory_lock($1)`, e.nodeKey(e.node))
	if code(err) == "55P03" { // lock_not_available
		return fmt.Errorf("another process runs as node %q: give each a name of its own, or none", e.node)
	}
	return err
}

func (e *postgresEngine) nodeKey(node string) int64 { return e.key("node/" + node) }

func (e *postgresEngine) live(ctx context.Context, nodes []string) (map[string]bool, error) {
	if err := e.watch(ctx); err != nil {
		return nil, fmt.Errorf("hold this node's lock: %w", err)
	}
	held, err := e.heldLocks(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the other nodes' locks: %w", err)
	}
	live := make(map[string]bool)
	for _, node := range nodes {
		live[node] = held[e.nodeKey(node)]
	}
	return live, nil
}

// heldLocks returns the keys of the advisory locks that any session holds. pg_locks shows a key of 64
// bits as two halves, marked by objsubid 1.
func (e *postgresEngine) heldLocks(ctx context.Context) (map[int64]bool, error) {
	rows, err := e.readers.db.QueryContext(ctx, `
		select classid::bigint, objid::bigint from pg_locks
		where locktype = 'advisory' and objsubid = 1 and granted
			and database = (select oid from pg_database where datname = current_database())`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	held := make(map[int64]bool)
	for rows.Next() {
		var high, low int64
		if err := rows.Scan(&high, &low); err != nil {
			return nil, err
		}
		held[high<<32|low] = true
	}
	return held, rows.Err()
}

func (e *postgresEngine) durability(ctx context.Context) (string, error) {
	var version, fsync, commit string
	const ask = `select current_setting('server_version'), current_setting('fsync'), current_setting('synchronous_commit')`
	if err := e.writers.db.QueryRowContext(ctx, ask).Scan(&version, &fsync, &commit); err != nil {
		return "", fmt.Errorf("read PostgreSQL's settings: %w", err)
	}
	says := fmt.Sprintf("PostgreSQL %s, fsync=%s, synchronous_commit=%s", version, fsync, commit)
	if fsync != "on" || commit == "off" {
		return says, fmt.Errorf("a power cut would lose what was acknowledged: %s; set fsync=on and synchronous_commit=on", says)
	}
	return says, nil
}

const (
	firstBackOff = 100 * time.Millisecond
	mostBackOff  = 10 * time.Second
	answerWithin = 3 * time.Second // a server that takes longer for nothing is not there
)

func (e *postgresEngine) listen(ctx context.Context, fn func(payload string)) error {
	wait := firstBackOff
	for ctx.Err() == nil {
		err := e.hear(ctx, func(payload string) {
			wait = firstBackOff
			fn(payload)
		})
		if ctx.Err() != nil {
			break
		}
		e.log.Warn("listening to PostgreSQL failed", "error", err, "again_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, mostBackOff)
	}
	return ctx.Err()
}

// hear listens on one connection until it breaks.
func (e *postgresEngine) hear(ctx context.Context, fn func(payload string)) error {
	conn, err := pgx.ConnectConfig(ctx, e.config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "listen "+e.channel()); err != nil {
		return err
	}
	fn("")
	for {
		payload, err := e.next(ctx, conn)
		if err != nil {
			return err
		}
		fn(payload)
	}
}

// next waits for a notification. A connection may die without a word, so it is asked now and then.
func (e *postgresEngine) next(ctx context.Context, conn *pgx.Conn) (payload string, err error) {
	for {
		beat, cancel := context.WithTimeout(ctx, e.beat)
		n, err := conn.WaitForNotification(beat)
		quiet := beat.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil {
			return n.Payload, nil
		}
		if !quiet {
			return "", err
		}
		alive, cancel := context.WithTimeout(ctx, answerWithin)
		err = conn.Ping(alive)
		cancel()
		if err != nil {
			return "", err
		}
	}
}

func (e *postgresEngine) close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	err := errors.Join(e.readers.close(), e.writers.close())
	if e.guard == nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), answerWithin)
	defer cancel()
	// Unlocked, because the session outlives its closing by a moment.
	_, unlock := e.guard.Exec(ctx, `select pg_advisory_unlock_all()`)
	err = errors.Join(err, unlock, e.guard.Close(ctx))
	e.guard = nil
	return err
}
