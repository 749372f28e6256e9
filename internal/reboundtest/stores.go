package reboundtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver that makes and drops schemas

	"rebound/internal/store"
)

// Stores runs fn once for each database, as the subtests "sqlite" and "postgres". Each open makes a
// new, empty and migrated database that goes away with its test. PostgreSQL is the one that
// REBOUND_TEST_POSTGRES names; without it that half is skipped, and fails where CI is set.
func Stores(t *testing.T, fn func(t *testing.T, open func(t *testing.T) *store.Store)) {
	Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		fn(t, func(t *testing.T) *store.Store {
			t.Helper()
			s, err := store.Open(t.Context(), fresh(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			if _, _, err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

// Databases is Stores for tests that open the store themselves: each fresh is a new, empty database.
func Databases(t *testing.T, fn func(t *testing.T, fresh func(t testing.TB) store.Options)) {
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite) })
	t.Run("postgres", func(t *testing.T) {
		server(t)
		fn(t, Postgres)
	})
}

// SQLite returns a new, empty database that goes away with its test.
func SQLite(t testing.TB) store.Options {
	return store.Options{Path: filepath.Join(t.TempDir(), "rebound.db")}
}

// Postgres returns a new, empty database that goes away with its test: a schema of its own on the
// server, which the address selects.
func Postgres(t testing.TB) store.Options {
	t.Helper()
	address, err := url.Parse(server(t))
	if err != nil {
		t.Fatal(err)
	}
	query := address.Query()
	query.Set("search_path", freshSchema(t, address.String()))
	address.RawQuery = query.Encode()
	return store.Options{Postgres: address.String()}
}

// server returns the address of the tests' PostgreSQL, or skips the test, or fails it where CI is set.
func server(t testing.TB) string {
	t.Helper()
	address := os.Getenv("REBOUND_TEST_POSTGRES")
	if address == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("REBOUND_TEST_POSTGRES is not set")
		}
		t.Skip("no PostgreSQL: run make test, or name one in REBOUND_TEST_POSTGRES")
	}
	return address
}

// freshSchema makes a schema and returns its name.
func freshSchema(t testing.TB, address string) string {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	name := "test_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "create schema "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.ExecContext(context.Background(), "drop schema "+name+" cascade"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return name
}
