package store_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/store"
)

// written is a data folder with a media file and as many secrets as n; the store is open.
func written(t *testing.T, n int) (data string, s *store.Store) {
	t.Helper()
	data = filepath.Join(t.TempDir(), "data")
	s = open(t, store.Options{Path: filepath.Join(data, "rebound.db")})
	if _, _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	files, err := store.NewFiles(filepath.Join(data, "media"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.Put("acme", "picture1", strings.NewReader("a leaking tap"), 100); err != nil {
		t.Fatal(err)
	}
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if _, err := s.Secret(t.Context(), fmt.Sprint("before ", i)); err != nil {
			t.Fatal(err)
		}
	}
	return data, s
}

func backedUp(t *testing.T, data string) (file string, m store.Manifest) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "backup.tar")
	m, err := store.Backup(t.Context(), data, file, time.Unix(1_800_000_000, 0))
	if err != nil {
		t.Fatal(err)
	}
	return file, m
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), code) {
		t.Errorf("the error is %v, want %s", err, code)
	}
}

func TestABackupTakenWhileOthersWriteRestoresWhatItsManifestNames(t *testing.T) {
	data, s := written(t, 10)
	ctx, stop := context.WithCancel(t.Context())
	first, ended := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			if _, err := s.Secret(ctx, fmt.Sprint("meanwhile ", n)); err != nil {
				break
			}
			if n == 20 {
				close(first)
			}
		}
		ended <- n
	}()
	<-first
	file, m := backedUp(t, data)
	stop()
	total := int64(<-ended) + 10
	if rows := m.Rows["secrets"]; rows < 30 || rows > total+1 {
		t.Errorf("the manifest names %d secrets of %d that were written", rows, total)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup's mode is %v, %v", info.Mode(), err)
	}

	fresh := filepath.Join(t.TempDir(), "restored")
	got, err := store.Restore(t.Context(), file, fresh)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(got.Rows, m.Rows) || got.Schema != m.Schema || len(got.Files) != 2 {
		t.Errorf("restored %+v of %+v", got, m)
	}
	sound, err := os.ReadFile(filepath.Join(fresh, "media", "acme", "picture1"))
	if err != nil || string(sound) != "a leaking tap" {
		t.Errorf("the picture is %q, %v", sound, err)
	}
	again := open(t, store.Options{Path: filepath.Join(fresh, "rebound.db")})
	want, err := s.Secret(t.Context(), "before 3")
	if err != nil {
		t.Fatal(err)
	}
	if have, err := again.Secret(t.Context(), "before 3"); err != nil || !bytes.Equal(have, want) {
		t.Errorf("a restored secret is another: %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(file))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the backup is left %v, %v", left, err)
	}
}

func TestADamagedBackupIsRefusedAndLeavesNothing(t *testing.T) {
	data, _ := written(t, 1)
	file, _ := backedUp(t, data)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	picture := bytes.Index(whole, []byte("a leaking tap"))
	damages := map[string][]byte{
		"a byte of a picture": bytes.Replace(whole, []byte("a leaking tap"), []byte("a leaking tip"), 1),
		"the second half":     whole[:len(whole)/2],
		"the manifest":        whole[:picture+512],
		"everything":          {},
		"a name that leads away": bytes.Replace(whole, []byte("media/acme/picture1"),
			[]byte("media/../../picture"), 1),
	}
	for name, bytes := range damages {
		t.Run(name, func(t *testing.T) {
			broken := filepath.Join(t.TempDir(), "broken.tar")
			if err := os.WriteFile(broken, bytes, 0o600); err != nil {
				t.Fatal(err)
			}
			fresh := filepath.Join(t.TempDir(), "restored")
			_, err := store.Restore(t.Context(), broken, fresh)
			wantCode(t, err, "R3356")
			if left, err := os.ReadDir(fresh); err != nil || len(left) != 0 {
				t.Errorf("the folder holds %v, %v", left, err)
			}
		})
	}
}

func TestABackupReplacesNothing(t *testing.T) {
	data, _ := written(t, 1)
	file, _ := backedUp(t, data)
	_, err := store.Backup(t.Context(), data, file, time.Unix(1_800_000_000, 0))
	wantCode(t, err, "R3351")
	_, err = store.Restore(t.Context(), file, data)
	wantCode(t, err, "R3353")
	_, err = store.Backup(t.Context(), t.TempDir(), file+"2", time.Unix(1_800_000_000, 0))
	wantCode(t, err, "R3350")
	if rebound.ErrorKind(err) != rebound.NotFound {
		t.Errorf("the kind is %q", rebound.ErrorKind(err))
	}
	_, err = store.Restore(t.Context(), file+"3", t.TempDir())
	wantCode(t, err, "R3355")
}
