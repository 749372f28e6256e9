package store

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"rebound"
)

func files(t *testing.T) (f *Files, dir string) {
	dir = filepath.Join(t.TempDir(), "media")
	f, err := NewFiles(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f, dir
}

// left returns the files under dir.
func left(t *testing.T, dir string) (names []string) {
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFileComesBack(t *testing.T) {
	f, _ := files(t)
	for _, content := range []string{"a picture", "a longer picture in its place", ""} {
		size, err := f.Put("acme", "m1", strings.NewReader(content), 100)
		if err != nil || size != int64(len(content)) {
			t.Fatalf("put: %d, %v", size, err)
		}
		in, err := f.Open("acme", "m1")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(in)
		if err := errors.Join(err, in.Close()); err != nil || string(got) != content {
			t.Errorf("got %q, %v", got, err)
		}
	}
	if _, err := f.Open("other", "m1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("another business's: %v", err)
	}
	for range 2 {
		if err := f.Remove("acme", "m1"); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Open("acme", "m1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a removed one: %v", err)
	}
}

func TestFileIsWholeOrNotThere(t *testing.T) {
	f, dir := files(t)
	if size, err := f.Put("acme", "exact", strings.NewReader("12345"), 5); err != nil || size != 5 {
		t.Errorf("as large as it may be: %d, %v", size, err)
	}
	if _, err := f.Put("acme", "large", strings.NewReader("123456"), 5); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	broken := io.MultiReader(strings.NewReader("123"), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := f.Put("acme", "broken", broken, 5); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("broken: %v", err)
	}
	if names := left(t, dir); len(names) != 1 || filepath.Base(names[0]) != "exact" {
		t.Errorf("left: %v", names)
	}
}

func TestFileIDsCannotLeadElsewhere(t *testing.T) {
	f, dir := files(t)
	bad := []string{"", ".", "..", "../x", "a/b", `a\b`, "a\x00b", "a.part", "/etc", strings.Repeat("a", 65), "a\n"}
	for _, id := range bad {
		if _, err := f.Put("acme", rebound.MediaID(id), strings.NewReader("x"), 5); err == nil {
			t.Errorf("put %q", id)
		}
		if _, err := f.Put(rebound.BusinessID(id), "m1", strings.NewReader("x"), 5); err == nil {
			t.Errorf("put for %q", id)
		}
		if _, err := f.Open("acme", rebound.MediaID(id)); err == nil {
			t.Errorf("open %q", id)
		}
		if err := f.Remove(rebound.BusinessID(id), "m1"); err == nil {
			t.Errorf("remove for %q", id)
		}
	}
	if names := left(t, dir); len(names) != 0 {
		t.Errorf("left: %v", names)
	}
}

// A part that a crash left goes; one that somebody may be writing stays, and so does every whole file.
func TestPartsOfACrashAreForgotten(t *testing.T) {
	f, dir := files(t)
	if _, err := f.Put("acme", "whole", strings.NewReader("x"), 5); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"old.X.part": 2 * time.Hour, "new.X.part": time.Minute} {
		path := filepath.Join(dir, "acme", name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, now, now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, "acme", "whole"), now, now.Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := f.ForgetParts(now, time.Hour); err != nil {
		t.Fatal(err)
	}
	for _, path := range left(t, dir) {
		if name := filepath.Base(path); name != "whole" && name != "new.X.part" {
			t.Errorf("%s is still there", name)
		}
	}
	if n := len(left(t, dir)); n != 2 {
		t.Errorf("%d files are left, want 2", n)
	}
}
