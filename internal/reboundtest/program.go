package reboundtest

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"rebound/internal/store"
)

// binaryVariable names the built program to the tests of a package. A binary that whoever starts the
// tests has named there is used instead of a new one.
const binaryVariable = "REBOUND_TEST_BINARY"

// WithProgram builds the program, runs a package's tests and returns their exit code: all that
// TestMain of black box tests does. Most of such a test is waiting for other processes, so parallel
// tests are not held to the number of cores.
func WithProgram(m *testing.M) int {
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err) // go test has this flag
	}
	if os.Getenv(binaryVariable) != "" {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "rebound-program-")
	if err == nil {
		defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
		err = buildProgram(filepath.Join(folder, "rebound"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func buildProgram(path string) error {
	build := exec.Command("go", "build", "-trimpath", "-o", path, "rebound/cmd/rebound")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return os.Setenv(binaryVariable, path)
}

// Database makes a new, empty database that goes away with its test: SQLite or Postgres.
type Database = func(testing.TB) store.Options

// Program is an installation of the built program: a folder with its settings, and a database.
type Program struct {
	Folder string // commands run from here
	Data   string // the SQLite file, pictures and recordings

	database string // the address of PostgreSQL, or ""
	env      []string
	log      *os.File
}

// NewProgram makes an installation that goes away with its test. env are variables ("NAME=value")
// for its commands, which get no others. What they log is shown when the test has failed.
func NewProgram(t testing.TB, fresh Database, env ...string) *Program {
	t.Helper()
	p := &Program{Folder: t.TempDir(), database: fresh(t).Postgres}
	p.Data = filepath.Join(p.Folder, "data")
	p.env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + p.Folder}, env...)
	var err error
	if p.log, err = os.OpenFile(filepath.Join(p.Folder, "log"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("the end of the log:\n" + p.Logged(8<<10))
		}
		if err := p.log.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Configure writes rebound.yaml: where the database is, and the given lines.
func (p *Program) Configure(t testing.TB, lines ...string) {
	t.Helper()
	lines = append(lines, "data: "+p.Data)
	if p.database != "" {
		lines = append(lines, `database: "`+p.database+`"`)
	}
	p.Write(t, "rebound.yaml", strings.Join(lines, "\n")+"\n")
}

// Write puts a file into the installation's folder.
func (p *Program) Write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(p.Folder, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Store returns how the store opens the installation's database.
func (p *Program) Store() store.Options {
	return store.Options{Postgres: p.database, Path: filepath.Join(p.Data, "rebound.db")}
}

// Database returns how database/sql opens the installation's database.
func (p *Program) Database() (driver, address string) {
	if p.database != "" {
		return "pgx", p.database
	}
	return "sqlite", "file:" + filepath.Join(p.Data, "rebound.db") + "?_pragma=busy_timeout(5000)"
}

// Logged returns the last bytes of what the commands logged.
func (p *Program) Logged(most int64) string {
	info, err := p.log.Stat()
	if err != nil {
		return err.Error()
	}
	text, err := io.ReadAll(io.NewSectionReader(p.log, max(0, info.Size()-most), most))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// Run runs a command to its end and returns what it wrote and its exit code.
func (p *Program) Run(t testing.TB, args ...string) (output string, code int) {
	t.Helper()
	c := p.command(args)
	var stdout bytes.Buffer
	c.Stdout = &stdout
	err := c.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("rebound %s: %v", strings.Join(args, " "), err)
	}
	return stdout.String(), c.ProcessState.ExitCode()
}

// Do is Run for a command that has to succeed.
func (p *Program) Do(t testing.TB, args ...string) string {
	t.Helper()
	output, code := p.Run(t, args...)
	if code != 0 {
		t.Fatalf("rebound %s: exit code %d\n%s", strings.Join(args, " "), code, output)
	}
	return output
}

func (p *Program) command(args []string) *exec.Cmd {
	c := exec.Command(os.Getenv(binaryVariable), args...)
	c.Dir, c.Env, c.Stderr = p.Folder, p.env, p.log
	return c
}
