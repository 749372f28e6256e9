package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"

	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

var errBoom = errors.New("boom")

func TestWriteIsAllOrNothing(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		write(t, s, put(ctx, "kept", 1))
		err := s.Write(ctx, func(tx *store.Tx) error {
			if err := put(ctx, "undone", 1)(tx); err != nil {
				return err
			}
			return errBoom
		})
		if err != errBoom {
			t.Errorf("error %v", err)
		}
		if n := count(t, s); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestPanicUndoesAndGoesOn(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		func() {
			defer func() {
				if v := recover(); v != errBoom {
					t.Errorf("recovered %v", v)
				}
			}()
			_ = s.Write(ctx, func(tx *store.Tx) error {
				_ = put(ctx, "undone", 1)(tx)
				panic(errBoom)
			})
		}()
		write(t, s, put(ctx, "kept", 1))
		if n := count(t, s); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

// A test that fails within a write function leaves its goroutine so.
func TestGoexitUndoes(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		var wg sync.WaitGroup
		wg.Go(func() {
			_ = s.Write(ctx, func(tx *store.Tx) error {
				_ = put(ctx, "undone", 1)(tx)
				runtime.Goexit()
				return nil
			})
		})
		wg.Wait()
		write(t, s, put(ctx, "kept", 1))
		if n := count(t, s); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

// together runs the functions in one batch of the SQLite writer, or at the same time on PostgreSQL,
// and returns their errors.
func together(ctx context.Context, s *store.Store, fns []func(*store.Tx) error) []error {
	held, errs := make(chan struct{}), make([]error, len(fns))
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = s.Write(ctx, func(*store.Tx) error { <-held; return nil })
	})
	synctest.Wait()
	for i, fn := range fns {
		wg.Go(func() { errs[i] = s.Write(ctx, fn) })
	}
	synctest.Wait()
	close(held)
	wg.Wait()
	return errs
}

func TestWritesTogetherFailAlone(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		synctest.Test(t, func(t *testing.T) {
			s, ctx := open(t), t.Context()
			var fns []func(*store.Tx) error
			for i := range 60 {
				fns = append(fns, func(tx *store.Tx) error {
					if err := put(ctx, fmt.Sprint(i), 1)(tx); err != nil || i%3 != 0 {
						return err
					}
					if i%2 == 0 {
						return put(ctx, fmt.Sprint(i), 1)(tx) // is there already
					}
					return errBoom
				})
			}
			for i, err := range together(ctx, s, fns) {
				if want := i%3 == 0; (err != nil) != want || want && i%2 == 0 != store.Unique(err) {
					t.Errorf("write %d: %v", i, err)
				}
			}
			if n := count(t, s); n != 40 {
				t.Errorf("%d rows, expected 40", n)
			}
		})
	})
}

// What a function saw of another that was then undone is nobody's answer.
func TestWhatSawTheUndoneRunsAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := openScratch(t, reboundtest.SQLite(t)), t.Context()
		first := true
		errs := together(ctx, s, []func(*store.Tx) error{
			func(tx *store.Tx) error {
				if !first {
					return nil // its row is not there this time
				}
				first = false
				return put(ctx, "text", 1)(tx)
			},
			put(ctx, "text", 2), // there already, so the batch is undone
		})
		if err := errors.Join(errs...); err != nil || count(t, s) != 1 {
			t.Errorf("%v, %d rows: the second was told of a row that is not there", err, count(t, s))
		}
	})
}

func TestSQLiteCommitsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := openScratch(t, reboundtest.SQLite(t)), t.Context()
		seen := map[int]int{} // how many rows readers saw committed while the functions ran
		var fns []func(*store.Tx) error
		for i := range store.MostTogether + 10 {
			fns = append(fns, func(tx *store.Tx) error {
				seen[count(t, s)]++
				return put(ctx, fmt.Sprint(i), 1)(tx)
			})
		}
		if err := errors.Join(together(ctx, s, fns)...); err != nil {
			t.Error(err)
		}
		if seen[0] != store.MostTogether || seen[store.MostTogether] != 10 {
			t.Errorf("committed rows seen: %v, expected %d times none", seen, store.MostTogether)
		}
	})
}

func TestCommitFailureIsEverybodysInTheBatch(t *testing.T) {
	schema := fstest.MapFS{"0001_scratch.sql": scratch["0001_scratch.sql"], "0002_late.sql": {Data: []byte(
		`create table late (thing text references things (id) deferrable initially deferred) /* strict */;`)}}
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		synctest.Test(t, func(t *testing.T) {
			s, ctx := open(t), t.Context()
			if _, _, err := s.MigrateFrom(ctx, schema); err != nil {
				t.Fatal(err)
			}
			errs := together(ctx, s, []func(*store.Tx) error{
				put(ctx, "innocent", 1),
				func(*store.Tx) error { return errBoom },
				func(tx *store.Tx) error {
					_, err := tx.Exec(ctx, `insert into late (thing) values ('nowhere')`)
					return err
				},
			})
			if alone := errs[1] == errBoom; errs[2] == nil || errs[1] == nil || alone != (s.Engine() == "postgres") {
				t.Errorf("errors %v: on SQLite what the second saw was undone, so its own word is nobody's answer", errs)
			}
			if s.Engine() == "sqlite" && errs[0] == nil {
				t.Error("a function was told that it was kept, without a commit")
			}
			kept := 0
			if errs[0] == nil {
				kept = 1
			}
			if n := count(t, s); n != kept {
				t.Errorf("%d rows, expected %d", n, kept)
			}
			write(t, s, put(ctx, "later", 1))
		})
	})
}

// SQLite rolls back everything by itself when the disk is full; what follows must not be committed
// statement by statement, even where a function ignores the error.
func TestFullDiskFailsTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, ctx := openScratch(t, reboundtest.SQLite(t)), t.Context()
		if err := s.Pragma("max_page_count = 40"); err != nil {
			t.Fatal(err)
		}
		errs := together(ctx, s, []func(*store.Tx) error{
			put(ctx, "before", 1),
			func(tx *store.Tx) error {
				_, _ = tx.Exec(ctx, `insert into things (id, n, data) values ('big', 1, $1)`, make([]byte, 1<<20))
				_ = put(ctx, "ignored", 1)(tx)
				return nil
			},
			put(ctx, "after", 1),
		})
		for i, err := range errs {
			if err == nil {
				t.Errorf("write %d: no error", i)
			}
		}
		if n := count(t, s); n != 0 {
			t.Errorf("%d rows", n)
		}
		write(t, s, put(ctx, "later", 1))
	})
}

func TestFunctionThatHasBegunIsNotAbandoned(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		ctx, cancel := context.WithCancel(t.Context())
		err := s.Write(ctx, func(tx *store.Tx) error {
			cancel()
			return put(ctx, "begun", 1)(tx)
		})
		if n := count(t, s); err != nil || n != 1 {
			t.Errorf("%d rows, %v", n, err)
		}
		err = s.Write(ctx, func(*store.Tx) error { t.Error("it ran"); return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the next: %v", err)
		}
	})
}

func TestEndedContextGivesUpTheQueue(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			held := make(chan struct{})
			var wg sync.WaitGroup
			for range store.WriteConns { // on SQLite one runs and the others wait, too
				wg.Go(func() { write(t, s, func(*store.Tx) error { <-held; return nil }) })
			}
			synctest.Wait()
			ctx, cancel := context.WithCancel(t.Context())
			waiting := make(chan error, 1)
			go func() {
				waiting <- s.Write(ctx, func(*store.Tx) error { t.Error("it ran"); return nil })
			}()
			synctest.Wait()
			cancel()
			synctest.Wait()
			select {
			case err := <-waiting:
				if !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			default:
				t.Error("it still waits")
			}
			close(held)
			wg.Wait()
		})
	})
}

func TestConcurrentIncrements(t *testing.T) {
	const writers, each = 16, 20
	ways := map[string]func(ctx context.Context, tx *store.Tx) error{
		"by the database": func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Exec(ctx, `update things set n = n + 1 where id = 'a'`)
			return err
		},
		"by the program, which holds the row": func(ctx context.Context, tx *store.Tx) error {
			var n int
			if err := tx.Row(ctx, `update things set n = n where id = 'a' returning n`).Scan(&n); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `update things set n = $1 where id = 'a'`, n+1)
			return err
		},
		"by an update that returns": func(ctx context.Context, tx *store.Tx) error {
			return tx.Row(ctx, `update things set n = n + 1 where id = 'a' returning n`).Scan(new(int))
		},
	}
	for name, way := range ways {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
				s, ctx := open(t), t.Context()
				write(t, s, put(ctx, "a", 0))
				var wg sync.WaitGroup
				for range writers {
					wg.Go(func() {
						for range each {
							write(t, s, func(tx *store.Tx) error { return way(ctx, tx) })
						}
					})
				}
				wg.Wait()
				var n int
				if err := s.Read().Row(ctx, `select n from things where id = 'a'`).Scan(&n); err != nil || n != writers*each {
					t.Errorf("n = %d, %v; expected %d", n, err, writers*each)
				}
			})
		})
	}
}

// Two transactions that lock the same rows in opposite order: PostgreSQL fails one, which runs again.
func TestDeadlockRunsAgain(t *testing.T) {
	s, ctx := openScratch(t, reboundtest.Postgres(t)), t.Context()
	write(t, s, put(ctx, "a", 0))
	write(t, s, put(ctx, "b", 0))
	const add = `update things set n = n + 1 where id = $1`
	var first, both sync.WaitGroup
	var runs [2]int
	first.Add(2)
	for i, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		both.Go(func() {
			write(t, s, func(tx *store.Tx) error {
				runs[i]++
				if _, err := tx.Exec(ctx, add, order[0]); err != nil {
					return err
				}
				if runs[i] == 1 {
					first.Done()
					first.Wait()
				}
				_, err := tx.Exec(ctx, add, order[1])
				return err
			})
		})
	}
	both.Wait()
	if runs[0]+runs[1] < 3 {
		t.Errorf("the functions ran %v times, expected one of them again", runs)
	}
	var sum int
	if err := s.Read().Row(ctx, `select sum(n) from things`).Scan(&sum); err != nil || sum != 4 {
		t.Errorf("sum %d, %v", sum, err)
	}
}

// Both functions look for a row, find none and insert it; the later one must find the other's.
func TestUniqueViolationLooksAgain(t *testing.T) {
	s, ctx := openScratch(t, reboundtest.Postgres(t)), t.Context()
	var looked sync.WaitGroup
	looked.Add(2)
	var once [2]sync.Once
	var inserted [2]bool
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			write(t, s, func(tx *store.Tx) error {
				inserted[i] = false
				var n int
				if err := tx.Row(ctx, `select count(*) from things where id = 'a'`).Scan(&n); err != nil || n > 0 {
					return err
				}
				once[i].Do(func() {
					looked.Done()
					looked.Wait()
				})
				inserted[i] = true
				return put(ctx, "a", 1)(tx)
			})
		})
	}
	wg.Wait()
	if inserted[0] == inserted[1] {
		t.Errorf("inserted: %v", inserted)
	}
}

func TestUniqueTellsViolationsApart(t *testing.T) {
	schema := fstest.MapFS{"0001_scratch.sql": scratch["0001_scratch.sql"], "0002_more.sql": {Data: []byte(
		`create unique index things_n on things (n);
		create table checked (n bigint not null check (n > 0)) /* strict */;`)}}
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		if _, _, err := s.MigrateFrom(ctx, schema); err != nil {
			t.Fatal(err)
		}
		write(t, s, put(ctx, "a", 1))
		for query, want := range map[string]bool{
			`insert into things (id, n) values ('a', 2)`: true,  // primary key
			`insert into things (id, n) values ('b', 1)`: true,  // unique index
			`insert into things (id) values ('c')`:       false, // not null
			`insert into checked (n) values (0)`:         false,
			`insert into nowhere (n) values (0)`:         false,
		} {
			err := s.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(ctx, query)
				return err
			})
			if err == nil || store.Unique(fmt.Errorf("wrapped: %w", err)) != want {
				t.Errorf("%s: %v; unique should be %t", query, err, want)
			}
		}
	})
}

func TestStatementsArePreparedOnce(t *testing.T) {
	s, ctx := openScratch(t, reboundtest.SQLite(t)), t.Context()
	write(t, s, put(ctx, "first", 1))
	before := s.Prepared()
	for i := range 20 {
		write(t, s, put(ctx, fmt.Sprint(i), i))
	}
	if after := s.Prepared(); after != before {
		t.Errorf("%d statements, then %d", before, after)
	}
}

// Statements that name their columns go on working while another node migrates.
func TestKeptStatementsSurviveAMigration(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		write(t, s, put(ctx, "a", 1))
		before := count(t, s)
		schema := fstest.MapFS{"0001_scratch.sql": scratch["0001_scratch.sql"], "0002_more.sql": {Data: []byte(
			`alter table things add column more bigint;`)}}
		if _, _, err := s.MigrateFrom(ctx, schema); err != nil {
			t.Fatal(err)
		}
		write(t, s, put(ctx, "b", 1))
		if after := count(t, s); after != before+1 {
			t.Errorf("%d rows, then %d", before, after)
		}
	})
}

func TestTransactionEndsWithItsFunction(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		var leaked *store.Tx
		write(t, s, func(tx *store.Tx) error { leaked = tx; return nil })
		if err := put(ctx, "late", 1)(leaked); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("exec: %v", err)
		}
		if err := leaked.Row(ctx, `select 1`).Scan(new(int)); !errors.Is(err, sql.ErrTxDone) {
			t.Errorf("row: %v", err)
		}
		if n := count(t, s); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestRowsAreClosedBeforeTheNextQuery(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		for i := range 3 {
			write(t, s, put(ctx, fmt.Sprint(i), i))
		}
		const query = `select id from things order by id`
		err := s.Write(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				if err := put(ctx, "within", 1)(tx); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		if err == nil {
			t.Error("a write between two rows")
		}
		// Rows that were forgotten are not the next function's trouble.
		_ = s.Write(ctx, func(tx *store.Tx) error {
			rows, err := tx.Query(ctx, query)
			if err == nil && !rows.Next() {
				t.Error("no rows")
			}
			return err
		})
		write(t, s, func(tx *store.Tx) error {
			return tx.Row(ctx, query).Scan(new(string))
		})
		if n := count(t, s); n != 3 {
			t.Errorf("%d rows", n)
		}
	})
}

// The driver must bind by number: $2 may stand before $1, and a number may stand twice.
func TestPlaceholdersAreNumbers(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, `insert into things (n, id) values ($2, $1)`, "a", 7)
			return err
		})
		var n int
		err := s.Read().Row(ctx, `select n + n from things where n = $2 and id = $1 and id = $1`, "a", 7).Scan(&n)
		if err != nil || n != 14 {
			t.Errorf("%d, %v", n, err)
		}
	})
}
