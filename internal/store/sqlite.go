package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	mostTogether = 128 // write functions that share one commit
	readerConns  = 4
)

var errClosed = errors.New("store: closed")

// sqliteEngine has one writer connection. Its goroutine lends it to one write function after the
// other and commits for all of them at once, so that a hundred callers wait for one fsync.
type sqliteEngine struct {
	lock    *os.File // nil beside another process
	writer  *liteConn
	readers *cachedPool
	copier  *checkpointer
	queue   chan *turn
	closing chan struct{} // closed: no new turns
	stopped chan struct{} // closed: the writer's goroutine has ended
	once    sync.Once
}

func openSQLite(ctx context.Context, o Options) (engine, error) {
	if o.Path == "" {
		return nil, errors.New("store: no path for the SQLite file")
	}
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return nil, fmt.Errorf("make the database's folder: %w", err)
	}
	var lock *os.File
	if !o.Beside {
		var err error
		if lock, err = lockFile(o.Path + ".lock"); err != nil {
			return nil, err
		}
	}
	e := &sqliteEngine{
		lock:    lock,
		queue:   make(chan *turn),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	if err := e.connect(ctx, o.Path); err != nil {
		close(e.stopped)
		return nil, errors.Join(fmt.Errorf("open %s: %w", o.Path, err), e.close())
	}
	go e.run()
	return e, nil
}

// connect opens the writer first: it sets the file's journal mode.
func (e *sqliteEngine) connect(ctx context.Context, path string) (err error) {
	if err := makePrivate(path); err != nil {
		return err
	}
	if e.writer, err = connectLite(ctx, path, fmt.Sprintf("wal_autocheckpoint(%d)", writerCheckpoints)); err != nil {
		return err
	}
	readers, err := sqliteDB(path, readerConns, "query_only(1)")
	if err != nil {
		return err
	}
	e.readers = &cachedPool{db: readers, stmts: make(map[string]*sql.Stmt)}
	e.copier, err = startCheckpointer(path)
	return err
}

// makePrivate makes the file when it is missing, for its owner alone. SQLite would let everybody
// read it, and gives the files beside it the same rights.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// sqliteDSN names a file and the pragmas of each connection to it: synchronous and foreign_keys belong to the
// connection and not to the file.
func sqliteDSN(path string, pragmas ...string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	// The pages that a savepoint would bring back stay in memory: in a temporary file they would cost
	// more system calls than all else that a write does. A cached page saves the search for its latest
	// copy in the WAL; the cache's KiB are taken as they are used.
	all := append([]string{"busy_timeout(5000)", "journal_mode(wal)", "synchronous(full)", "foreign_keys(1)",
		"temp_store(memory)", "cache_size(-8192)"}, pragmas...)
	dsn := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: url.Values{"_pragma": all}.Encode()}
	return dsn.String(), nil
}

// sqliteDB opens a pool.
func sqliteDB(path string, conns int, pragmas ...string) (*sql.DB, error) {
	dsn, err := sqliteDSN(path, pragmas...)
	if err != nil {
		return nil, err
	}
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func (e *sqliteEngine) dialect() dialect {
	return dialect{
		name:     "sqlite",
		hasTable: `select count(*) from sqlite_schema where type = 'table' and name = $1`,
		schema:   sqliteSchema,
	}
}

// turn is one write function's way through a batch.
type turn struct {
	start chan *sqliteTx // each asks for one run of the function; closed: there is no other
	ran   chan error     // what a run ended with
	end   chan error     // of the whole batch; has room for one, because a panic does not wait for it
	own   error          // what the latest run ended with
	begun bool           // its context stops it no more
}

// errAborted stands for a function that ended in a panic or in runtime.Goexit.
var errAborted = errors.New("store: the write function did not return")

// write runs fn in its caller's goroutine, so that a panic keeps its stack and needs no carrying.
func (e *sqliteEngine) write(ctx context.Context, fn func(writes) error) error {
	t := &turn{start: make(chan *sqliteTx), ran: make(chan error), end: make(chan error, 1)}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-e.closing:
		return errClosed
	case e.queue <- t:
	}
	for tx := range t.start {
		t.run(ctx, tx, fn)
	}
	return <-t.end
}

func (t *turn) run(ctx context.Context, tx *sqliteTx, fn func(writes) error) {
	var err error
	if !t.begun {
		err, t.begun = ctx.Err(), true
	}
	defer func() {
		tx.end()
		t.ran <- err
	}()
	if err == nil {
		err = errAborted
		err = fn(tx)
	}
}

// run is the writer's goroutine.
func (e *sqliteEngine) run() {
	defer close(e.stopped)
	var batch []*turn
	for {
		select {
		case <-e.closing:
			return
		case t := <-e.queue:
			batch = append(batch[:0], t)
		}
		batch = e.gather(batch)
		e.commit(batch)
	}
}

// gather takes those who wait already and does not wait for more.
func (e *sqliteEngine) gather(batch []*turn) []*turn {
	for len(batch) < mostTogether {
		select {
		case t := <-e.queue:
			batch = append(batch, t)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch. A function's own error undoes that function alone; an error of the
// transaction undoes the batch, and everybody in it gets it.
//
// Few functions fail after they have written, and a savepoint for each costs more than a tenth of all
// work: so they run without. When one fails so, all run once more, with savepoints. What a function found in a
// batch that was then undone is nobody's answer.
func (e *sqliteEngine) commit(batch []*turn) {
	again, err := e.together(batch, false)
	if again && err == nil {
		_, err = e.together(batch, true)
	}
	if err != nil {
		err = fmt.Errorf("write to the database: %w", err)
	} else {
		e.copier.wrote(len(batch))
	}
	for _, t := range batch {
		close(t.start)
		t.end <- cmp.Or(err, t.own)
	}
}

// together runs the functions in one transaction and commits it, or rolls it back and reports that they have
// to run again. A function that did not return cannot.
func (e *sqliteEngine) together(batch []*turn, savepoints bool) (again bool, err error) {
	defer func() {
		if again || err != nil {
			undo := e.do("rollback")
			if err == nil { // else it may have rolled back by itself
				err = undo
			}
		}
	}()
	if err := e.do("begin immediate"); err != nil {
		return false, err
	}
	for _, t := range batch {
		if errors.Is(t.own, errAborted) {
			continue
		}
		clean, err := e.lend(t, savepoints)
		if err != nil || !clean {
			return !clean, err
		}
	}
	return false, e.do("commit")
}

// lend gives the connection to one function. clean is false when the function failed and what it wrote is
// still there.
func (e *sqliteEngine) lend(t *turn, savepoint bool) (clean bool, err error) {
	if savepoint {
		if err := e.do("savepoint one"); err != nil {
			return true, err
		}
	}
	tx := &sqliteTx{e: e}
	t.start <- tx
	t.own = <-t.ran
	if tx.fatal != nil {
		return true, tx.fatal
	}
	if !savepoint {
		return t.own == nil || !tx.wrote, nil
	}
	if t.own != nil {
		if err := e.do("rollback to one"); err != nil {
			return true, err
		}
	}
	return true, e.do("release one")
}

func (e *sqliteEngine) do(query string) error {
	stmt, err := e.writer.prepared(query)
	if err == nil {
		_, err = stmt.exec(nil)
	}
	return err
}

// sqliteTx is the writer's connection while one function has it. It lets no statement be
// interrupted: an interrupt would undo the whole batch, and to watch for one takes the driver a
// goroutine for each statement.
type sqliteTx struct {
	e     *sqliteEngine
	rows  *liteRows // of the last query
	wrote bool
	fatal error // the transaction is lost, and with it the batch
	over  bool
}

func (tx *sqliteTx) exec(_ context.Context, query string, args ...any) (int64, error) {
	stmt, err := tx.prepared(query)
	if err != nil {
		return 0, err
	}
	n, err := stmt.exec(args)
	return n, tx.failed(err)
}

// later runs the statement at once: to wait would gain nothing.
func (tx *sqliteTx) later(ctx context.Context, query string, args ...any) error {
	_, err := tx.exec(ctx, query, args...)
	return err
}

func (tx *sqliteTx) script(ctx context.Context, text string) error {
	_, err := tx.exec(ctx, text)
	return err
}

func (tx *sqliteTx) query(_ context.Context, query string, args ...any) (rows, error) {
	stmt, err := tx.prepared(query)
	if err != nil {
		return nil, err
	}
	if tx.rows, err = stmt.query(args); err != nil {
		return nil, tx.failed(err)
	}
	tx.rows.failed = tx.failed
	return tx.rows, nil
}

func (tx *sqliteTx) row(ctx context.Context, query string, args ...any) scanner {
	found, err := tx.query(ctx, query, args...)
	if err != nil {
		return failedRow{err}
	}
	return onlyRow{found}
}

func (tx *sqliteTx) each(ctx context.Context, query string, lists [][]any, scan func(list int, row scanner) error) error {
	for list, args := range lists {
		found, err := tx.query(ctx, query, args...)
		if err != nil {
			return err
		}
		for found.Next() {
			if err := scan(list, found); err != nil {
				_ = found.Close()
				return err
			}
		}
		if err := cmp.Or(found.Err(), found.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (tx *sqliteTx) prepared(query string) (*liteStmt, error) {
	switch {
	case tx.over:
		return nil, sql.ErrTxDone
	case tx.fatal != nil:
		return nil, tx.fatal
	case tx.rows != nil && !tx.rows.over:
		return nil, errReading
	}
	stmt, err := tx.e.writer.prepared(query)
	if err != nil {
		return nil, tx.failed(err)
	}
	tx.wrote = tx.wrote || stmt.writes
	return stmt, nil
}

// errReading is what PostgreSQL would say, too, so that nobody needs it to find the mistake.
var errReading = errors.New("store: the rows of the last query are still open")

// end makes the connection ready for the next function.
func (tx *sqliteTx) end() {
	if tx.rows != nil {
		_ = tx.rows.Close() // nothing, unless the function forgot it
	}
	tx.over = true
}

// failed remembers an error after which SQLite may have rolled back the whole transaction by itself
// (disk full, I/O error, out of memory: lang_transaction.html, "Response To Errors Within A
// Transaction"). Later statements would be committed one by one.
func (tx *sqliteTx) failed(err error) error {
	if err == nil {
		return nil
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err // of database/sql: an argument's type
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE:
	default:
		tx.fatal = err
	}
	return err
}

// cachedPool keeps the statements of a pool prepared.
type cachedPool struct {
	db    *sql.DB
	mu    sync.RWMutex
	stmts map[string]*sql.Stmt
}

func (p *cachedPool) exec(ctx context.Context, query string, args ...any) (int64, error) {
	stmt, err := p.prepared(ctx, query)
	if err != nil {
		return 0, err
	}
	result, err := stmt.ExecContext(ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

func (p *cachedPool) query(ctx context.Context, query string, args ...any) (rows, error) {
	stmt, err := p.prepared(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (p *cachedPool) row(ctx context.Context, query string, args ...any) scanner {
	stmt, err := p.prepared(ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return stmt.QueryRowContext(ctx, args...)
}

func (p *cachedPool) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	stmt := p.stmts[query]
	p.mu.RUnlock()
	if stmt != nil {
		return stmt, nil
	}
	stmt, err := p.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.stmts[query]; first != nil {
		return first, stmt.Close()
	}
	p.stmts[query] = stmt
	return stmt, nil
}

func (e *sqliteEngine) reads() queries { return e.readers }

// live knows of nobody: the lock file says that there is no other process.
func (e *sqliteEngine) live(context.Context, []string) (map[string]bool, error) { return nil, nil }

func (e *sqliteEngine) listen(ctx context.Context, _ func(string)) error {
	<-ctx.Done()
	return ctx.Err()
}

func (e *sqliteEngine) durability(ctx context.Context) (string, error) {
	var version, journal string
	var synchronous int
	err := e.write(ctx, func(q writes) error {
		return errors.Join(
			q.row(ctx, `select sqlite_version()`).Scan(&version),
			q.row(ctx, `pragma journal_mode`).Scan(&journal),
			q.row(ctx, `pragma synchronous`).Scan(&synchronous))
	})
	if err != nil {
		return "", fmt.Errorf("read SQLite's settings: %w", err)
	}
	const full = 2
	says := fmt.Sprintf("SQLite %s, journal_mode=%s, synchronous=%d (%d is full)", version, journal, synchronous, full)
	if journal != "wal" || synchronous < full {
		return says, fmt.Errorf("a power cut would lose what was acknowledged: %s; expected journal_mode=wal, synchronous=%d", says, full)
	}
	return says, nil
}

func (e *sqliteEngine) close() error {
	var err error
	e.once.Do(func() {
		close(e.closing)
		<-e.stopped
		if e.copier != nil {
			err = errors.Join(err, e.copier.stop())
		}
		if e.readers != nil {
			err = errors.Join(err, e.readers.db.Close())
		}
		if e.writer != nil {
			err = errors.Join(err, e.writer.close())
		}
		if e.lock != nil {
			err = errors.Join(err, e.lock.Close()) // the lock goes with the last descriptor
		}
	})
	return err
}
