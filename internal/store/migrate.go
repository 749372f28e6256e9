package store

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"rebound"
)

//go:embed migrations
var migrationFiles embed.FS

// migration is one file of the schema's history.
type migration struct {
	version int
	name    string
	sql     string
}

// migrations returns the program's own.
func migrations() []migration {
	folder, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err)
	}
	list, err := readMigrations(folder)
	if err != nil {
		panic(err) // they are embedded, and tests read them
	}
	return list
}

// readMigrations reads NNNN_name.sql in order; a gap or a repeated number is an error.
func readMigrations(folder fs.FS) ([]migration, error) {
	names, err := fs.Glob(folder, "*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var list []migration
	for _, name := range names {
		number, rest, _ := strings.Cut(strings.TrimSuffix(name, ".sql"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || len(number) != 4 || rest == "" || version != len(list)+1 {
			return nil, fmt.Errorf("migration %s: expected a name like %04d_what_it_does.sql", name, len(list)+1)
		}
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, err
		}
		list = append(list, migration{version, rest, string(text)})
	}
	return list, nil
}

// Schema returns the version of the database's schema; 0 means that it has none yet.
func (s *Store) Schema(ctx context.Context) (int, error) {
	version, err := schemaVersion(ctx, s.reader.q, s.words)
	if err != nil {
		return 0, fmt.Errorf("read the schema's version: %w", err)
	}
	return version, nil
}

func schemaVersion(ctx context.Context, q queries, words dialect) (version int, err error) {
	var tables int
	if err := q.row(ctx, words.hasTable, "schema_versions").Scan(&tables); err != nil || tables == 0 {
		return 0, err
	}
	err = q.row(ctx, `select coalesce(max(version), 0) from schema_versions`).Scan(&version)
	return version, err
}

// Migrate brings the schema up to the program's own version and returns the versions before and
// after. Each migration is one transaction, so a failure leaves the last good version; nodes that
// start together take turns.
func (s *Store) Migrate(ctx context.Context) (from, to int, err error) {
	return s.migrate(ctx, migrations())
}

func (s *Store) migrate(ctx context.Context, list []migration) (from, to int, err error) {
	if from, err = s.Schema(ctx); err != nil {
		return 0, 0, err
	}
	if err := refuseNewer(from, list); err != nil {
		return from, from, err
	}
	for to = from; to < len(list); to++ {
		if err := s.step(ctx, list[to]); err != nil {
			return from, to, fmt.Errorf("migration %04d_%s: %w", list[to].version, list[to].name, err)
		}
	}
	return from, to, nil
}

// step applies m unless another node did so while this one waited.
func (s *Store) step(ctx context.Context, m migration) error {
	return s.Write(ctx, func(tx *Tx) error {
		if tx.words.lock != "" {
			if err := tx.script(ctx, tx.words.lock); err != nil {
				return err
			}
		}
		version, err := schemaVersion(ctx, tx.q, tx.words)
		if err != nil || version >= m.version {
			return err
		}
		const versions = `create table if not exists schema_versions
			(version bigint primary key, name text not null, applied_at bigint not null) /* strict */;`
		if err := tx.script(ctx, versions+"\n"+m.sql); err != nil {
			return err
		}
		_, err = tx.q.exec(ctx, `insert into schema_versions (version, name, applied_at) values ($1, $2, $3)`,
			m.version, m.name, time.Now().UnixMicro())
		return err
	})
}

// script runs several statements in PostgreSQL's words.
func (tx *Tx) script(ctx context.Context, text string) error {
	return tx.q.script(ctx, tx.words.schema(text))
}

func refuseNewer(version int, list []migration) error {
	if version <= len(list) {
		return nil
	}
	return rebound.Errorf(rebound.Invalid, "R1901",
		"the database has schema %d, and this program knows %d: start the newer program that wrote it, or restore the backup made before it",
		version, len(list))
}

var (
	wordBigint  = regexp.MustCompile(`\bbigint\b`)
	wordBytea   = regexp.MustCompile(`\bbytea\b`)
	closingLine = regexp.MustCompile(`\) /\* strict \*/;`)
)

// sqliteSchema translates a migration: the three words of migrations/README.md.
func sqliteSchema(sql string) string {
	sql = wordBigint.ReplaceAllString(sql, "integer")
	sql = wordBytea.ReplaceAllString(sql, "blob")
	return closingLine.ReplaceAllString(sql, ") strict;")
}
