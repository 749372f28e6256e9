package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"rebound/internal/zone"
)

// operator is somebody at a shell, with a data folder of their own.
type operator struct {
	t      *testing.T
	folder string
	env    []string
}

func newOperator(t *testing.T, env ...string) *operator {
	folder := t.TempDir()
	return &operator{t, folder, append([]string{"REBOUND_DATA=" + filepath.Join(folder, "data")}, env...)}
}

// runs gives a command line to the program and wants the exit code. It returns what was written.
func (o *operator) runs(want int, args ...string) (stdout, stderr string) {
	o.t.Helper()
	var out, errs strings.Builder
	if code := run(o.t.Context(), args, o.env, &out, &errs); code != want {
		o.t.Fatalf("rebound %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &errs)
	}
	return out.String(), errs.String()
}

func (o *operator) writes(name, text string) (path string) {
	o.t.Helper()
	path = filepath.Join(o.folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func wants(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in\n%s", part, got)
		}
	}
}

func TestWithoutACommandTheCommandsAreListed(t *testing.T) {
	o := newOperator(t)
	_, stderr := o.runs(2)
	wants(t, stderr, "serve", "demo", "migrate", "config", "doctor", "apply", "export", "explain", "version", "help", "Exit codes")
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}} {
		stdout, _ := o.runs(0, args...)
		wants(t, stdout, "doctor", "Exit codes")
	}
}

func TestAnUnknownCommandIsSuggestedAKnownOne(t *testing.T) {
	o := newOperator(t)
	_, stderr := o.runs(2, "docter")
	wants(t, stderr, `no command "docter"`, "did you mean doctor?")
	_, stderr = o.runs(2, "help", "aply")
	wants(t, stderr, "did you mean apply?")
}

func TestEveryCommandExplainsItself(t *testing.T) {
	o := newOperator(t)
	for _, name := range commandNames() {
		long, _ := o.runs(0, "help", name)
		wants(t, long, "Usage: rebound "+name)
		short, _ := o.runs(0, name, "--help")
		if short != long {
			t.Errorf("rebound %s --help differs from rebound help %s", name, name)
		}
	}
	serve, _ := o.runs(0, "help", "serve")
	wants(t, serve, "--public-url address", "--config file", "SIGTERM")
}

func TestACommandLineThatCannotBeUnderstoodIsExitCode2(t *testing.T) {
	o := newOperator(t)
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"serve", "--lisen", ":80"}, "-lisen"},
		{[]string{"serve", "now"}, `"now" is one argument too many`},
		{[]string{"apply"}, "name one file"},
		{[]string{"apply", "a.yaml", "b.yaml"}, `"b.yaml" is one argument too many`},
		{[]string{"apply", "nothing.yaml"}, "nothing.yaml: no such file"},
		{[]string{"version", "--password", "x"}, "-password"},
		{[]string{"export", "nobody"}, `no business "nobody"; there are none`},
		{[]string{"config", "--log-level", "loud", "--listen", "x"}, "2 problems to mend"},
	}
	for _, test := range tests {
		_, stderr := o.runs(2, test.args...)
		wants(t, stderr, test.want)
	}
}

func TestVersion(t *testing.T) {
	stdout, _ := newOperator(t).runs(0, "version")
	wants(t, stdout, "rebound "+version, zone.Version)
}

func TestConfigShowsWhereSettingsComeFromAndNoSecrets(t *testing.T) {
	o := newOperator(t, "REBOUND_PASSWORD=hush hush hush", "REBOUND_DATABASE=postgres://me:hush@db/x")
	file := o.writes("rebound.yaml", "listen: :9000\n")
	stdout, stderr := o.runs(0, "config", "--config", file, "--send-workers", "7")
	for _, line := range []string{
		`listen +:9000 +.*rebound.yaml:1`, `send_workers +7 +--send-workers`, `password +\(hidden\) +REBOUND_PASSWORD`,
		`database +postgres://me:xxxxx@db/x +REBOUND_DATABASE`, `log_level +info +default`,
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(stdout) {
			t.Errorf("no line like %s in\n%s", line, stdout)
		}
	}
	asJSON, _ := o.runs(0, "config", "--json")
	var settings []struct{ Key, Value, Source string }
	if err := json.Unmarshal([]byte(asJSON), &settings); err != nil || len(settings) < 11 {
		t.Errorf("%d settings, %v in\n%s", len(settings), err, asJSON)
	}
	if strings.Contains(stdout+stderr+asJSON, "hush") {
		t.Errorf("a secret is shown:\n%s%s%s", stdout, stderr, asJSON)
	}
}

func TestMigrateTellsTheVersions(t *testing.T) {
	o := newOperator(t)
	stdout, _ := o.runs(0, "migrate")
	wants(t, stdout, "was 0 and is now")
	stdout, _ = o.runs(0, "migrate")
	wants(t, stdout, "nothing to do")
}

func TestServeAndDemoRunUntilTheyAreStopped(t *testing.T) {
	tests := []struct {
		args []string
		path string
	}{
		{[]string{"serve", "--listen", "127.0.0.1:0"}, "/healthz"},
		{[]string{"demo", "--listen", "127.0.0.1:0"}, "/healthz"},
	}
	for _, test := range tests {
		o := newOperator(t)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		out, in := io.Pipe()
		ended := make(chan int, 1)
		var stderr strings.Builder
		go func() {
			ended <- run(ctx, test.args, o.env, in, &stderr)
			in.Close()
		}()
		answer, err := http.Get(firstAddress(t, out) + test.path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%v: %s answers %s", test.args, test.path, answer.Status)
		}
		stop()
		if code := <-ended; code != 0 {
			t.Errorf("%v: exit code %d\n%s", test.args, code, &stderr)
		}
	}
}

// firstAddress reads until an address has been printed, and then lets the rest be printed to nobody.
func firstAddress(t *testing.T, out io.Reader) string {
	t.Helper()
	address := regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`)
	var printed strings.Builder
	for piece := make([]byte, 512); ; {
		n, err := out.Read(piece)
		printed.Write(piece[:n])
		if found := address.FindString(printed.String()); found != "" && strings.HasSuffix(printed.String(), "\n") {
			go io.Copy(io.Discard, out)
			return found
		}
		if err != nil {
			t.Fatalf("ended before an address was printed: %v\n%s", err, &printed)
		}
	}
}
