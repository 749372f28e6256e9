package reboundtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Contract returns the path of one of the carriers' machine-readable contracts, which are not part
// of the project: they lie in ../shared/contracts, seen from the project's root. It skips the test,
// saying so, where they are absent.
func Contract(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the working directory")
		}
	}
	path := filepath.Join(filepath.Dir(dir), "shared", "contracts", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("not checked against the contract %s: %v", name, err)
	}
	return path
}
