package store_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

// scratch is the schema of tests that need no real one: a table to write into and all lanes.
var scratch = fstest.MapFS{"0001_scratch.sql": {Data: []byte(scratchSQL())}}

func scratchSQL() string {
	var b strings.Builder
	b.WriteString("create table things (id text primary key, n bigint not null, data bytea) /* strict */;\n")
	for _, lane := range store.Lanes() {
		b.WriteString("create table " + string(lane) + ` (business text not null, id text not null, due_at bigint,
			lease_by text, claims bigint not null default 0, primary key (business, id)) /* strict */;` + "\n")
	}
	return b.String()
}

// stores is reboundtest.Stores with the scratch schema.
func stores(t *testing.T, fn func(t *testing.T, open func(t testing.TB) *store.Store)) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		fn(t, func(t testing.TB) *store.Store {
			t.Helper()
			return openScratch(t, fresh(t))
		})
	})
}

func openScratch(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s := open(t, o)
	migrate(t, s)
	return s
}

func open(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func migrate(t testing.TB, s *store.Store) {
	t.Helper()
	if _, _, err := s.MigrateFrom(t.Context(), scratch); err != nil {
		t.Fatal(err)
	}
}

func put(ctx context.Context, id string, n int) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `insert into things (id, n) values ($1, $2)`, id, n)
		return err
	}
}

func write(t testing.TB, s *store.Store, fn func(*store.Tx) error) {
	t.Helper()
	if err := s.Write(t.Context(), fn); err != nil {
		t.Error(err)
	}
}

func count(t testing.TB, s *store.Store) (n int) {
	t.Helper()
	if err := s.Read().Row(t.Context(), `select count(*) from things`).Scan(&n); err != nil {
		t.Error(err)
	}
	return n
}

func TestEngineSaysThatItIsDurable(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		says, err := s.Durability(t.Context())
		if err != nil {
			t.Error(err)
		}
		want := map[string]string{"sqlite": "journal_mode=wal, synchronous=2", "postgres": "fsync=on, synchronous_commit=on"}[s.Engine()]
		if !strings.Contains(says, want) {
			t.Errorf("it says %q, without %q", says, want)
		}
	})
}

func TestUndurableSQLiteIsAnError(t *testing.T) {
	s := open(t, store.Options{Path: filepath.Join(t.TempDir(), "rebound.db")})
	if err := s.Pragma("synchronous = normal"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Durability(t.Context()); err == nil || !strings.Contains(err.Error(), "synchronous=1") {
		t.Errorf("error %v", err)
	}
}

func TestUndurablePostgresIsRefused(t *testing.T) {
	o := reboundtest.Postgres(t)
	o.Postgres += "&synchronous_commit=off"
	if _, err := store.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "synchronous_commit=off") {
		t.Errorf("error %v", err)
	}
}

func TestOneProcessForASQLiteFile(t *testing.T) {
	o := store.Options{Path: filepath.Join(t.TempDir(), "a folder", "100% ?#.db")}
	s := openScratch(t, o)
	write(t, s, put(t.Context(), "a", 1))
	if _, err := store.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "PostgreSQL") {
		t.Errorf("a second open: error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if n := count(t, open(t, o)); n != 1 {
		t.Errorf("%d rows after opening again", n)
	}
	if file, err := os.Stat(o.Path); err != nil || file.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", file, err)
	}
}

func TestReaderCannotWrite(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		if _, err := s.Read().Exec(t.Context(), `insert into things (id, n) values ('a', 1)`); err == nil {
			t.Error("it wrote")
		}
		if n := count(t, s); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestManyRead(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s, ctx := open(t), t.Context()
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				for range 20 {
					write(t, s, put(ctx, rand.Text(), i))
					rows, err := s.Read().Query(ctx, `select n from things where n = $1`, i)
					if err != nil {
						t.Error(err)
						return
					}
					for n := i; rows.Next() && n == i; {
						if err := rows.Scan(&n); err != nil || n != i {
							t.Errorf("read %d, %v; expected %d", n, err, i)
						}
					}
					if err := rows.Close(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if n := count(t, s); n != 16*20 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestSecretIsMadeOnce(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s := open(t)
		secrets := make([][]byte, 8)
		var wg sync.WaitGroup
		for i := range secrets {
			wg.Go(func() {
				var err error
				if secrets[i], err = s.Secret(t.Context(), "links"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, secret := range secrets {
			if len(secret) != 32 || !bytes.Equal(secret, secrets[0]) {
				t.Errorf("%x and %x", secret, secrets[0])
			}
		}
		other, err := s.Secret(t.Context(), "sessions")
		if err != nil || bytes.Equal(other, secrets[0]) {
			t.Errorf("the other secret is %x, %v", other, err)
		}
	})
}

func TestClosedStoreRefuses(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), put(t.Context(), "a", 1)); err == nil {
			t.Error("it wrote")
		} else if s.Engine() == "sqlite" && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("closing again: %v", err)
		}
	})
}

// The scenarios of the whole program run in virtual time, so opening, idling and closing must leave no
// goroutine waiting for something outside the bubble.
func TestStoreLivesInVirtualTime(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			write(t, s, put(t.Context(), "a", 1))
			time.Sleep(3 * time.Hour) // longer than any connection of a pool lives
			write(t, s, put(t.Context(), "b", 1))
			if n := count(t, s); n != 2 {
				t.Errorf("%d rows", n)
			}
			if _, err := s.DeadNodes(t.Context(), time.Now()); err != nil {
				t.Error(err)
			}
		})
	})
}
