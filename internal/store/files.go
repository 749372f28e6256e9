package store

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"rebound"
)

// ErrTooLarge says that a file has more bytes than it may.
var ErrTooLarge = errors.New("store: the file is too large")

// Files keep media beside the database, one folder for each business. A file is there whole or not
// at all.
type Files struct{ root *os.Root }

// NewFiles opens the folder and makes it when it is missing.
func NewFiles(dir string) (*Files, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the media folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the media folder: %w", err)
	}
	return &Files{root}, nil
}

// ForgetParts removes what a crash left half written and is older than age, which must be more than any Put takes:
// other programs may be writing.
func (f *Files) ForgetParts(now time.Time, age time.Duration) error {
	return fs.WalkDir(f.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil && entry != nil && entry.IsDir() && name != "." {
			return fs.SkipDir // not ours, or not readable: it holds no part of ours
		}
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, partSuffix) {
			return err
		}
		info, err := entry.Info()
		if err == nil && now.Sub(info.ModTime()) > age {
			err = f.root.Remove(name)
		}
		if errors.Is(err, fs.ErrNotExist) { // another program did it
			return nil
		}
		return err
	})
}

// Close lets the folder go. Open files stay readable.
func (f *Files) Close() error { return f.root.Close() }

const partSuffix = ".part" // no id has a dot

// Put keeps what r holds, in the place of an earlier file of the same id, and returns its size
// after it is on the disk. More than max bytes are ErrTooLarge and leave nothing behind.
func (f *Files) Put(b rebound.BusinessID, id rebound.MediaID, r io.Reader, max int64) (size int64, err error) {
	name, err := fileName(b, id)
	if err != nil {
		return 0, err
	}
	if err := f.root.MkdirAll(string(b), 0o700); err != nil {
		return 0, fmt.Errorf("keep file %s: %w", name, err)
	}
	part := name + "." + rand.Text() + partSuffix
	size, err = f.write(part, r, max)
	if err == nil {
		err = f.root.Rename(part, name)
	}
	if err != nil {
		_ = f.root.Remove(part)
		return 0, fmt.Errorf("keep file %s: %w", name, err)
	}
	return size, errors.Join(f.sync(string(b)), f.sync("."))
}

func (f *Files) write(part string, r io.Reader, max int64) (size int64, err error) {
	out, err := f.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	size, err = io.Copy(out, io.LimitReader(r, max+1))
	if err != nil {
		return 0, err
	}
	if size > max {
		return 0, ErrTooLarge
	}
	return size, out.Sync()
}

// sync puts the folder's list of names on the disk.
func (f *Files) sync(folder string) error {
	dir, err := f.root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open returns the file for reading; the caller closes it. A missing one is ErrNotFound.
func (f *Files) Open(b rebound.BusinessID, id rebound.MediaID) (*os.File, error) {
	name, err := fileName(b, id)
	if err != nil {
		return nil, err
	}
	file, err := f.root.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotFound
	}
	return file, err
}

// Remove deletes the file; a missing one is no error.
func (f *Files) Remove(b rebound.BusinessID, id rebound.MediaID) error {
	name, err := fileName(b, id)
	if err != nil {
		return err
	}
	if err := f.root.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

var plainID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// fileName makes the path within the folder from ids that cannot lead out of it.
func fileName(b rebound.BusinessID, id rebound.MediaID) (string, error) {
	if !plainID.MatchString(string(b)) || !plainID.MatchString(string(id)) {
		return "", fmt.Errorf("store: %q/%q does not name a file", b, id)
	}
	return string(b) + "/" + string(id), nil
}
