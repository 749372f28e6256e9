package store

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"rebound"
)

const largestManifest = 64 << 20 // bytes; some hundred thousand files

// Restore unpacks a backup into the folder data, which must be empty or missing. All of it is written beside, and
// checked against the manifest's sums and counts, before the first file takes its name; the database takes its
// name last, so no server starts on half of it. It returns what the backup held.
func Restore(ctx context.Context, from, data string) (Manifest, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return Manifest{}, fmt.Errorf("make the data folder: %w", err)
	}
	there, err := os.ReadDir(data)
	if err != nil {
		return Manifest{}, fmt.Errorf("read the data folder: %w", err)
	}
	if len(there) > 0 {
		return Manifest{}, rebound.Errorf(rebound.Conflict, "R3353", "%s is not empty (%s is in it); move it away first, or name another folder with --data", data, there[0].Name())
	}
	work, err := os.MkdirTemp(data, ".restoring-")
	if err != nil {
		return Manifest{}, fmt.Errorf("make a folder beside: %w", err)
	}
	m, err := restore(ctx, from, work, data)
	return m, errors.Join(err, os.RemoveAll(work))
}

func restore(ctx context.Context, from, work, data string) (Manifest, error) {
	root, err := os.OpenRoot(work)
	if err != nil {
		return Manifest{}, err
	}
	defer root.Close() //nolint:errcheck // only a handle
	m, err := readBackup(ctx, from, func(name string, r io.Reader) error { return unpack(root, name, r) })
	if err != nil {
		return m, err
	}
	database := filepath.Join(work, backupDatabase)
	schema, rows, err := lookInto(ctx, database)
	if err != nil {
		return m, err
	}
	if schema != m.Schema || !maps.Equal(rows, m.Rows) {
		return m, rebound.Errorf(rebound.Invalid, "R3354", "the database does not hold the rows that the backup's manifest names; take another backup")
	}
	if err := refuseNewer(schema, migrations()); err != nil {
		return m, err
	}
	media := filepath.Join(work, backupMedia)
	if err := os.MkdirAll(media, 0o700); err != nil {
		return m, err
	}
	if err := os.Rename(media, filepath.Join(data, backupMedia)); err != nil {
		return m, fmt.Errorf("name the media folder: %w", err)
	}
	if err := os.Rename(database, filepath.Join(data, backupDatabase)); err != nil {
		return m, fmt.Errorf("name the database: %w", err)
	}
	return m, syncFolder(data)
}

// unpack writes one file below root, which it cannot leave, and keeps it over a power cut.
func unpack(root *os.Root, name string, r io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, r)
	return errors.Join(err, out.Sync(), out.Close())
}

// readBackup gives each file of a backup to keep, and returns the manifest when everything that it names was there
// with the right sum, and nothing else.
func readBackup(ctx context.Context, from string, keep func(name string, r io.Reader) error) (Manifest, error) {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, rebound.Errorf(rebound.NotFound, "R3355", "there is no file %s; name a file that rebound backup has written", from)
	}
	if err != nil {
		return Manifest{}, err
	}
	defer in.Close() //nolint:errcheck // only read
	sums := map[string]string{}
	r := tar.NewReader(in)
	for {
		if err := ctx.Err(); err != nil {
			return Manifest{}, err
		}
		h, err := r.Next()
		if err != nil {
			return Manifest{}, damaged("it ends before its manifest")
		}
		if h.Name == backupManifest {
			return readManifest(io.LimitReader(r, largestManifest), sums)
		}
		media := strings.HasPrefix(h.Name, backupMedia+"/") && filepath.IsLocal(h.Name)
		if h.Typeflag != tar.TypeReg || h.Name != backupDatabase && !media {
			return Manifest{}, damaged(fmt.Sprintf("it holds %q, which no backup does", h.Name))
		}
		hash := sha256.New()
		source := &tarFile{r: io.TeeReader(r, hash)}
		if err := keep(h.Name, source); err != nil && source.err == nil {
			return Manifest{}, fmt.Errorf("unpack %s: %w", h.Name, err)
		}
		if _, err := io.Copy(io.Discard, source); err != nil {
			return Manifest{}, damaged("it ends within " + h.Name)
		}
		sums[h.Name] = hex.EncodeToString(hash.Sum(nil))
	}
}

// tarFile remembers the error that reading met, to tell it from one of writing.
type tarFile struct {
	r   io.Reader
	err error
}

func (f *tarFile) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

func readManifest(r io.Reader, sums map[string]string) (Manifest, error) {
	var m Manifest
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		return m, damaged("its manifest cannot be read")
	}
	if m.Format != backupFormat {
		return m, rebound.Errorf(rebound.Invalid, "R3357", "the backup has format %d, and this program reads format %d; use the program that wrote it", m.Format, backupFormat)
	}
	for name, sum := range m.Files {
		if sums[name] != sum {
			return m, damaged(name + " is missing or altered")
		}
	}
	if len(sums) != len(m.Files) || sums[backupDatabase] == "" {
		return m, damaged("its files are not those that its manifest names")
	}
	return m, nil
}

func damaged(how string) error {
	return rebound.Errorf(rebound.Invalid, "R3356", "the backup is damaged: %s; nothing was restored, take another backup", how)
}
