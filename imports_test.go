package rebound_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "rebound"

// everything stands in a row of arrows for every package of the module.
const everything = "*"

// arrows is the shape of the project: for each package, the packages of ours that it may import, both
// named from the module's root ("." is the root). A star in a name stands for one element of a path.
// A new arrow is a decision: it is added here and its reason to docs/architecture.md.
func arrows() map[string][]string {
	return map[string][]string{
		".": {"internal/phone"},

		// The subcommands are the program's own hands: apply reads business files, doctor asks the carrier.
		"cmd/rebound": {
			".", "internal/app", "internal/businessfile", "internal/carrier", "internal/carrier/twilio", "internal/config",
			"internal/store", "internal/zone",
		},
		"internal/app": {everything},

		// The simulator page drives the pretend phones.
		"internal/web":    {".", "internal/auth", "internal/carrier/fake", "internal/engine", "internal/holiday", "internal/live", "internal/phone", "internal/sms", "internal/store", "internal/zone"},
		"internal/hook":   {".", "internal/carrier", "internal/engine"},
		"internal/engine": {".", "internal/carrier", "internal/holiday", "internal/live", "internal/notify", "internal/phone", "internal/sms", "internal/store"},

		"internal/notify":    {".", "internal/carrier"},
		"internal/carrier":   {".", "internal/phone"},
		"internal/carrier/*": {".", "internal/carrier", "internal/phone"},
		"internal/store":     {".", "internal/phone"},
		"internal/live":      {"."},

		// A business's file is a document as config reads it: the same lines, the same problems.
		"internal/businessfile": {".", "internal/config", "internal/holiday", "internal/phone", "internal/zone"},

		"internal/config": {},
		"internal/auth":   {},
		"internal/phone":  {},
		"internal/sms":    {},
		"internal/speech": {},
		"internal/zone":   {},

		// Holidays speak the root's language, so that the schedule takes them as they are.
		"internal/holiday": {"."},

		"internal/reboundtest": {everything},
		"test/smoke":           {},
		"test/bench":           {".", "internal/app", "internal/config", "internal/store"},
	}
}

// testArrows are open to the test files of every package, beside the package's own. The zones are among
// them because what clocks do is not to be made up.
func testArrows() []string {
	return []string{"internal/carrier/fake", "internal/reboundtest", "internal/zone"}
}

func TestImportsFollowTheArrows(t *testing.T) {
	for _, p := range packages(t) {
		from := p.name()
		allowed, known := arrowsOf(from)
		if !known {
			t.Errorf("package %s is not on the map: put its code into a package that is, or add a row to arrows and the reason to docs/architecture.md", from)
			continue
		}
		check(t, from, p.Imports, allowed)
		inTests := slices.Concat(p.TestImports, p.XTestImports)
		check(t, from+" (in a test)", inTests, slices.Concat(allowed, testArrows(), []string{from}))
	}
}

func check(t *testing.T, from string, imports, allowed []string) {
	t.Helper()
	if slices.Contains(allowed, everything) {
		return
	}
	for _, imported := range imports {
		if to, ours := local(imported); ours && !slices.Contains(allowed, to) {
			t.Errorf("%s imports %s, which is no arrow of the map: move the code to a package that may, or add the arrow to arrows and its reason to docs/architecture.md", from, to)
		}
	}
}

// The domain is judgement without I/O: what it needs to know, it is told.
func TestTheRootImportsOnlyTheStandardLibraryAndPhone(t *testing.T) {
	reachesOut := []string{"database/sql", "net", "net/http", "os", "os/exec"}
	for _, p := range packages(t) {
		if p.name() != "." {
			continue
		}
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			if strings.Contains(first, ".") {
				t.Errorf("the root package imports %s: it may use the standard library and internal/phone; wrap the module in an internal package", imported)
			}
			if slices.Contains(reachesOut, imported) {
				t.Errorf("the root package imports %s: it does no I/O; let the caller read, and pass in what was read", imported)
			}
		}
	}
}

func TestPackagesAreFewAndNamedForWhatTheyKnow(t *testing.T) {
	const most = 22
	vague := []string{"util", "utils", "common", "models", "helpers", "types"}
	count := 0
	for _, p := range packages(t) {
		if slices.Contains(vague, p.Name) || slices.Contains(vague, path.Base(p.ImportPath)) {
			t.Errorf("package %s has a name that says nothing: name it for what it knows, or move its code to who uses it", p.name())
		}
		if len(p.GoFiles) > 0 && !strings.HasPrefix(p.name(), "test/") {
			count++
		}
	}
	if count > most {
		t.Errorf("%d packages, at most %d are allowed: put the code of the newest where its callers are", count, most)
	}
}

func arrowsOf(name string) (allowed []string, known bool) {
	rows := arrows()
	if allowed, known = rows[name]; !known {
		allowed, known = rows[path.Join(path.Dir(name), "*")]
	}
	return allowed, known
}

// listed is what go list says of a package.
type listed struct {
	ImportPath, Name                   string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

func (p listed) name() string {
	name, _ := local(p.ImportPath)
	return name
}

// packages asks go list, which knows build constraints and what belongs to a test; -e, so that a package
// that does not compile yet does not hide the others.
func packages(t *testing.T) []listed {
	t.Helper()
	var stderr strings.Builder
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=ImportPath,Name,GoFiles,Imports,TestImports,XTestImports", "./...")
	list.Stderr = &stderr
	output, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("read go list's answer: %v", err)
		}
		all = append(all, p)
	}
}

// local turns an import path into a name from the module's root; ours is false for anybody else's package.
func local(importPath string) (name string, ours bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}
