package rebound_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFilesAndFunctionsStayShort(t *testing.T) {
	const mostFileLines, mostFunctionLines = 700, 100
	for _, f := range sources(t) {
		if f.generated || f.test {
			continue
		}
		if f.lines > mostFileLines {
			t.Errorf("%s has %d lines, at most %d are allowed: split it where its story has two parts", f.path, f.lines, mostFileLines)
		}
		for _, declaration := range f.syntax.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := f.line(function.End()) - f.line(function.Pos()) + 1; lines > mostFunctionLines {
				t.Errorf("%s: %s has %d lines, at most %d are allowed: give its steps names", f.at(function), function.Name, lines, mostFunctionLines)
			}
		}
	}
}

func TestNothingHappensBeforeMain(t *testing.T) {
	for _, f := range sources(t) {
		if f.generated {
			continue
		}
		for _, declaration := range f.syntax.Decls {
			if function, ok := declaration.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s: an init function: build what it sets up where it is needed, and pass it on", f.at(function))
			}
		}
	}
}

// A forbidden call is one that compiles everywhere and is right in one place.
func TestTimeComesFromOnePlace(t *testing.T) {
	forbidden := []struct {
		call   string
		in     func(f source) bool
		remedy string
	}{
		{"time.LoadLocation", func(f source) bool { return true },
			"the machine's zone rules may be out of date: call zone.Load"},
		{"time.Now", func(f source) bool { return !f.test && filepath.Dir(f.path) == "." },
			"the domain has no clock: let the caller pass the instant"},
	}
	for _, f := range sources(t) {
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			for _, rule := range forbidden {
				if called(selector) == rule.call && rule.in(f) {
					t.Errorf("%s: %s: %s", f.at(selector), rule.call, rule.remedy)
				}
			}
			return true
		})
	}
}

func called(selector *ast.SelectorExpr) string {
	if of, ok := selector.X.(*ast.Ident); ok {
		return of.Name + "." + selector.Sel.Name
	}
	return ""
}

// source is one Go file of the module.
type source struct {
	path            string // from the module's root
	lines           int
	test, generated bool
	files           *token.FileSet
	syntax          *ast.File
}

func (f source) at(n ast.Node) token.Position {
	return f.files.Position(n.Pos())
}

func (f source) line(at token.Pos) int {
	return f.files.PositionFor(at, false).Line
}

// sources reads all Go files, those behind build constraints too. It opens them in this process, and so go test knows
// that a result it keeps is void when one of them has changed.
func sources(t *testing.T) []source {
	t.Helper()
	var found []source
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if path != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		f, err := parse(path)
		found = append(found, f)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func parse(path string) (source, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return source{}, err
	}
	files := token.NewFileSet()
	syntax, err := parser.ParseFile(files, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		path:      path,
		lines:     bytes.Count(text, []byte("\n")),
		test:      strings.HasSuffix(path, "_test.go") || strings.HasPrefix(filepath.ToSlash(path), "test/"),
		generated: ast.IsGenerated(syntax),
		files:     files,
		syntax:    syntax,
	}, nil
}
