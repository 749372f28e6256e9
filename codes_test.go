package rebound_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
)

// An error code is a promise: each one that the program can say is explained, and none is explained
// that it cannot say.
func TestEveryErrorCodeIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("docs/errors.md")
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| (R\d{4}) \|`).FindAllStringSubmatch(string(doc), -1) {
		if explained[row[1]] {
			t.Errorf("%s stands twice in docs/errors.md", row[1])
		}
		explained[row[1]] = true
	}
	said := map[string]bool{}
	code := regexp.MustCompile(`"(R\d{4})\b`)
	err = fs.WalkDir(os.DirFS("."), ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, found := range code.FindAllSubmatch(source, -1) {
			said[string(found[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	delete(said, "R1042") // the example in the doc comment of Error.Code
	for c := range said {
		if !explained[c] {
			t.Errorf("%s is not in docs/errors.md: say there what it means and what to do", c)
		}
	}
	for c := range explained {
		if !said[c] {
			t.Errorf("%s is in docs/errors.md and nowhere in the program: delete the row", c)
		}
	}
}
