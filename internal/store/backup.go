package store

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"

	"rebound"
)

// A backup is a tar file: the database, the media, and at the end the manifest that says what must have been there.
const (
	backupFormat   = 1
	backupDatabase = "rebound.db"
	backupMedia    = "media"
	backupManifest = "manifest.json"
)

// Manifest is the table of contents of a backup.
type Manifest struct {
	Format int               `json:"format"` // 1
	Taken  time.Time         `json:"taken"`  // when the backup began; the database is of this moment or a little later
	Schema int               `json:"schema"` // version of the database's schema
	Rows   map[string]int64  `json:"rows"`   // of each table
	Files  map[string]string `json:"files"`  // SHA-256 in hex of each file of the backup, by its name in it
}

// Backup writes the SQLite database and the media of the folder data into one new file, while a server may go on
// writing both. The database is copied as of one moment, and first: a file that a row names is stored before the
// row, so it is there when its turn comes, unless its time to be deleted has come meanwhile. The file is there
// whole, read again and found right, or not at all. Only its owner may read it: it holds what callers said, and
// the keys that sign links. now is the time for the manifest.
func Backup(ctx context.Context, data, to string, now time.Time) (Manifest, error) {
	from := filepath.Join(data, backupDatabase)
	if _, err := os.Stat(from); err != nil {
		return Manifest{}, rebound.Errorf(rebound.NotFound, "R3350", "there is no database at %s; name the data folder of the server with --data", from)
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, rebound.Errorf(rebound.Conflict, "R3351", "%s is there already; name a file that is not", to)
	}
	work, err := os.MkdirTemp(filepath.Dir(to), ".rebound-backup-")
	if err != nil {
		return Manifest{}, fmt.Errorf("make a folder beside the backup: %w", err)
	}
	m, err := backup(ctx, data, work, to, now)
	return m, errors.Join(err, os.RemoveAll(work))
}

func backup(ctx context.Context, data, work, to string, now time.Time) (Manifest, error) {
	m := Manifest{Format: backupFormat, Taken: now.UTC().Truncate(time.Second), Files: map[string]string{}}
	copied := filepath.Join(work, backupDatabase)
	if err := copySQLite(ctx, filepath.Join(data, backupDatabase), copied); err != nil {
		return m, fmt.Errorf("copy the database: %w", err)
	}
	var err error
	if m.Schema, m.Rows, err = lookInto(ctx, copied); err != nil {
		return m, err
	}
	part := filepath.Join(work, "backup.tar")
	if err := writeBackup(ctx, part, copied, filepath.Join(data, backupMedia), &m); err != nil {
		return m, fmt.Errorf("write the backup: %w", err)
	}
	if _, err := readBackup(ctx, part, func(string, io.Reader) error { return nil }); err != nil {
		return m, fmt.Errorf("read the backup again: %w", err)
	}
	if err := os.Link(part, to); err != nil { // unlike a rename, it replaces nothing
		return m, fmt.Errorf("name the backup: %w", err)
	}
	return m, syncFolder(filepath.Dir(to))
}

// copySQLite writes what the database holds at one moment into a new file. Writers need not wait.
func copySQLite(ctx context.Context, from, to string) error {
	db, err := sqliteDB(from, 1)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `vacuum into $1`, to)
	return errors.Join(err, db.Close())
}

// lookInto checks that a SQLite file that nobody writes is sound, and counts its rows.
func lookInto(ctx context.Context, file string) (schema int, rows map[string]int64, err error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return 0, nil, err
	}
	address := url.URL{Scheme: "file", Path: filepath.ToSlash(abs), RawQuery: "mode=ro&immutable=1"}
	connector, err := sqlite.NewConnector(address.String())
	if err != nil {
		return 0, nil, err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, `pragma integrity_check(1)`).Scan(&verdict); err != nil || verdict != "ok" {
		return 0, nil, rebound.Errorf(rebound.Invalid, "R3352", "the database is damaged (%s); take the latest backup that is not", firstWords(verdict, err))
	}
	if err := db.QueryRowContext(ctx, `select coalesce(max(version), 0) from schema_versions`).Scan(&schema); err != nil {
		return 0, nil, fmt.Errorf("read the schema's version: %w", err)
	}
	tables, err := tableNames(ctx, db)
	if err != nil {
		return 0, nil, err
	}
	rows = make(map[string]int64, len(tables))
	for _, table := range tables {
		var n int64
		// The name is one of our own schema, so it needs no more than quotes.
		if err := db.QueryRowContext(ctx, `select count(*) from "`+table+`"`).Scan(&n); err != nil {
			return 0, nil, fmt.Errorf("count %s: %w", table, err)
		}
		rows[table] = n
	}
	return schema, rows, nil
}

func firstWords(verdict string, err error) string {
	if err != nil {
		return err.Error()
	}
	return verdict
}

func tableNames(ctx context.Context, db *sql.DB) ([]string, error) {
	found, err := db.QueryContext(ctx, `select name from sqlite_schema where type = 'table' and name not like 'sqlite\_%' escape '\' order by name`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer found.Close()
	var names []string
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, found.Err()
}

// writeBackup writes the tar and fills in the manifest's sums.
func writeBackup(ctx context.Context, to, database, media string, m *Manifest) error {
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer out.Close() //nolint:errcheck // what matters of it is told by Sync
	w := tar.NewWriter(out)
	add := func(file, name string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		sum, err := addFile(w, file, name, m.Taken)
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was deleted meanwhile
		}
		m.Files[name] = sum
		return err
	}
	if err := add(database, backupDatabase); err != nil {
		return err
	}
	err = filepath.WalkDir(media, func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !entry.Type().IsRegular() || strings.HasSuffix(file, partSuffix) {
			return err
		}
		within, err := filepath.Rel(media, file)
		if err != nil {
			return err
		}
		return add(file, path.Join(backupMedia, filepath.ToSlash(within)))
	})
	if err != nil {
		return err
	}
	list, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := w.WriteHeader(tarHeader(backupManifest, int64(len(list)), m.Taken)); err != nil {
		return err
	}
	if _, err := w.Write(list); err != nil {
		return err
	}
	return errors.Join(w.Close(), out.Sync())
}

// addFile returns fs.ErrNotExist, with nothing written, when there is no such file.
func addFile(w *tar.Writer, file, name string, at time.Time) (sum string, err error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer in.Close() //nolint:errcheck // only read
	info, err := in.Stat()
	if err != nil {
		return "", err
	}
	if err := w.WriteHeader(tarHeader(name, info.Size(), at)); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(w, hash), in, info.Size()); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

func tarHeader(name string, size int64, at time.Time) *tar.Header {
	return &tar.Header{Name: name, Size: size, Mode: 0o600, ModTime: at, Format: tar.FormatPAX}
}

func syncFolder(name string) error {
	dir, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
