package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"testing"

	"rebound/internal/config"
)

// machine is what the operator has set: files, environment and command line.
type machine struct {
	files map[string]string
	env   []string
	args  []string
}

func (m machine) load(t *testing.T) (config.Config, error) {
	t.Helper()
	set := flag.NewFlagSet("test", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	flags := config.Register(set)
	if err := set.Parse(m.args); err != nil {
		t.Fatal(err)
	}
	return config.Load(flags, m.env, m.readFile)
}

func (m machine) readFile(name string) ([]byte, error) {
	if text, ok := m.files[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func TestNothingSetIsTheDefault(t *testing.T) {
	c, err := machine{}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != "./data" || c.Database != "" || c.DatabaseFile() != "data/rebound.db" || c.Listen != "127.0.0.1:8080" ||
		c.PublicURL != "" || c.LogLevel != slog.LevelInfo || c.LogFormat != "text" || c.Password != "" ||
		c.MediaMaxBytes != 5<<20 || c.RawEventDays != 30 || c.SendWorkers != 256 {
		t.Errorf("the default is %+v", c)
	}
	for _, s := range c.Settings() {
		if s.Source != "default" {
			t.Errorf("%s comes from %s, want default", s.Key, s.Source)
		}
	}
}

func TestFlagWinsOverEnvironmentOverFileOverDefault(t *testing.T) {
	m := machine{
		files: map[string]string{"rebound.yaml": "send_workers: 1\nraw_event_days: 1\nmedia_max_bytes: 200_000 # a comment\n"},
		env:   []string{"REBOUND_SEND_WORKERS=2", "REBOUND_RAW_EVENT_DAYS=2", "REBOUND_LISTEN=", "PATH=/bin"},
		args:  []string{"--send-workers", "3"},
	}
	c, err := m.load(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.SendWorkers != 3 || c.RawEventDays != 2 || c.MediaMaxBytes != 200_000 || c.Listen != "127.0.0.1:8080" {
		t.Errorf("got %+v", c)
	}
	want := map[string]string{
		"send_workers": "--send-workers", "raw_event_days": "REBOUND_RAW_EVENT_DAYS",
		"media_max_bytes": "rebound.yaml:3", "listen": "default",
	}
	for _, s := range c.Settings() {
		if source, ok := want[s.Key]; ok && s.Source != source {
			t.Errorf("%s comes from %s, want %s", s.Key, s.Source, source)
		}
	}
}

func TestTheFileMayBeNamed(t *testing.T) {
	files := map[string]string{"rebound.yaml": "listen: :1", "other.yaml": "listen: :2", "third.yaml": "listen: :3"}
	tests := []struct {
		env, args []string
		want      string
	}{
		{nil, nil, ":1"},
		{[]string{"REBOUND_CONFIG=other.yaml"}, nil, ":2"},
		{[]string{"REBOUND_CONFIG=other.yaml"}, []string{"--config", "third.yaml"}, ":3"},
	}
	for _, test := range tests {
		c, err := machine{files, test.env, test.args}.load(t)
		if err != nil || c.Listen != test.want {
			t.Errorf("with %v %v: %q, %v; want %q", test.env, test.args, c.Listen, err, test.want)
		}
	}
}

func TestEveryProblemIsToldWithItsPlaceAndRemedy(t *testing.T) {
	tests := []struct {
		name string
		machine
		want string // a line of the error begins with this and holds what stands behind " … "
	}{
		{"unknown key", machine{files: file("# mine\nlisten: :80\nlog_levle: info")}, "rebound.yaml:3:1: log_levle: there is no such setting … did you mean log_level?"},
		{"key like no other", machine{files: file("xyzzy: 1")}, "rebound.yaml:1:1: xyzzy: there is no such setting … there are data, database,"},
		{"key twice", machine{files: file("listen: :80\nlisten: :81")}, "rebound.yaml:2:1: … a second time … line 1"},
		{"no value", machine{files: file("listen:")}, "rebound.yaml:1:1: listen: it has no value"},
		{"list", machine{files: file("listen: [a]")}, "rebound.yaml:1:1: listen: it is not one value"},
		{"no mapping", machine{files: file("listen")}, "rebound.yaml:1:1: … `key: value`"},
		{"no YAML", machine{files: file("a: b: c")}, "rebound.yaml:1:4: this is not YAML"},
		{"not UTF-8", machine{files: file("listen: \xff")}, "rebound.yaml: the file is not UTF-8"},
		{"tag", machine{files: file("listen: !!str :80")}, "rebound.yaml:1:9: a tag"},
		{"unknown alias", machine{files: file("listen: *a")}, "rebound.yaml:1:9: *a refers to nothing"},
		{"two documents", machine{files: file("listen: :80\n---\nlisten: :81")}, "rebound.yaml:3:1: a second document"},
		{"file named but missing", machine{args: []string{"--config", "x.yaml"}}, "x.yaml: cannot be read: file does not exist"},
		{"unknown variable", machine{env: []string{"REBOUND_LISTN=:80"}}, "REBOUND_LISTN: there is no such setting … did you mean REBOUND_LISTEN?"},
		{"data", machine{args: []string{"--data", " "}}, "--data: it is empty"},
		{"database", machine{env: []string{"REBOUND_DATABASE=mysql://root:hush@db/x"}}, "REBOUND_DATABASE: this is not … PostgreSQL … postgres://"},
		{"database without name", machine{files: file("database: postgres://db")}, "rebound.yaml:1:11: database: this is not"},
		{"listen", machine{files: file("listen: 8080")}, "rebound.yaml:1:9: listen: \"8080\" is not host:port … 127.0.0.1:8080"},
		{"listen port", machine{files: file("listen: :808080")}, "rebound.yaml:1:9: listen: … is not host:port"},
		{"public address", machine{files: file("public_url: rebound.example.com")}, "rebound.yaml:1:13: public_url: … is not an address … https://"},
		{"public in the clear", machine{files: file("public_url: http://rebound.example.com")}, "rebound.yaml:1:13: public_url: … use https"},
		{"public with path", machine{files: file("public_url: https://example.com/rebound")}, "rebound.yaml:1:13: public_url: … write https://example.com "},
		{"public with underscore", machine{files: file("public_url: https://re_bound.example.com")}, "rebound.yaml:1:13: public_url: … underscore"},
		{"log level", machine{env: []string{"REBOUND_LOG_LEVEL=loud"}}, "REBOUND_LOG_LEVEL: \"loud\" is no level"},
		{"log format", machine{args: []string{"--log-format", "xml"}}, "--log-format: \"xml\" is no format"},
		{"password short", machine{env: []string{"REBOUND_PASSWORD=hush"}}, "REBOUND_PASSWORD: the password is too short"},
		{"password twice", machine{env: []string{"REBOUND_PASSWORD=correct horse", "REBOUND_PASSWORD_FILE=p"}}, "REBOUND_PASSWORD_FILE: there is a password as well"},
		{"no service", machine{env: []string{"REBOUND_TRANSCRIPTION_URL=api.openai.com"}}, "REBOUND_TRANSCRIPTION_URL: this is not the address of a service"},
		{"broken key", machine{env: []string{"REBOUND_TRANSCRIPTION_KEY=sk 1"}}, "REBOUND_TRANSCRIPTION_KEY: the key holds a blank"},
		{"key file missing", machine{files: file("transcription_key_file: k")}, "rebound.yaml:1:25: transcription_key_file: k cannot be read"},
		{"password file missing", machine{files: file("password_file: p")}, "rebound.yaml:1:16: password_file: p cannot be read: file does not exist"},
		{"password file short", machine{files: map[string]string{"p": "hush\n"}, args: []string{"--password-file", "p"}}, "--password-file: in that file, the password is too short"},
		{"media", machine{files: file("media_max_bytes: 5 MB")}, "rebound.yaml:1:18: media_max_bytes: \"5 MB\" is not possible … whole number from 100000"},
		{"days", machine{files: file("raw_event_days: 0")}, "rebound.yaml:1:17: raw_event_days: \"0\" is not possible"},
		{"workers", machine{files: file("send_workers: 5000")}, "rebound.yaml:1:15: send_workers: \"5000\" is not possible"},
	}
	for _, test := range tests {
		_, err := test.load(t)
		if err == nil {
			t.Errorf("%s: no error, want %q", test.name, test.want)
			continue
		}
		if !says(err.Error(), test.want) {
			t.Errorf("%s:\n got  %s\n want %s", test.name, err, test.want)
		}
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error shows a secret: %s", test.name, err)
		}
	}
}

func file(text string) map[string]string { return map[string]string{"rebound.yaml": text} }

// says reports whether message begins with want's first part and holds its others, parted by " … ", in order.
func says(message, want string) bool {
	for i, part := range strings.Split(want, " … ") {
		at := strings.Index(message, part)
		if at < 0 || i == 0 && at != 0 {
			return false
		}
		message = message[at+len(part):]
	}
	return true
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	_, err := machine{
		files: file("lisen: :80\nlog_level: loud\nlog_level: info\nraw_event_days: x"),
		env:   []string{"REBOUND_LOGFORMAT=json", "REBOUND_SEND_WORKERS=0", "REBOUND_TEST_POSTGRES=postgres://x"},
		args:  []string{"--listen", "nowhere"},
	}.load(t)
	var problems config.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v, want Problems", err)
	}
	if len(problems) != 7 {
		t.Errorf("got %d problems, want 7:\n%s", len(problems), err)
	}
}

func TestPasswordFromAFile(t *testing.T) {
	c, err := machine{
		files: map[string]string{"rebound.yaml": "password_file: /run/p", "/run/p": "correct horse\n"},
	}.load(t)
	if err != nil || string(c.Password) != "correct horse" {
		t.Fatalf("password %q, %v", string(c.Password), err)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	c, err := machine{env: []string{
		"REBOUND_PASSWORD=hush hush hush", "REBOUND_DATABASE=postgres://me:hush@db/x?password=hush",
	}}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	settings, err := json.Marshal(c.Settings())
	if err != nil {
		t.Fatal(err)
	}
	c.Database = "" // a plain field; what shows it is Settings
	password, err := json.Marshal(c.Password)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "password", c.Password)
	for _, shown := range []string{string(settings), string(password), log.String(),
		fmt.Sprint(c.Password), fmt.Sprintf("%v %+v %#v %s %q", c, c, c.Password, c.Password, c.Password)} {
		if strings.Contains(shown, "hush") {
			t.Errorf("a secret is shown: %s", shown)
		}
	}
}

func TestPagesWithoutPasswordAreForThisMachineOnly(t *testing.T) {
	tests := []struct {
		listen, public, password string
		want                     bool
	}{
		{"127.0.0.1:8080", "", "", true},
		{"localhost:8080", "", "", true},
		{"[::1]:8080", "http://127.0.0.1:8080", "", true},
		{"127.0.0.1:8080", "https://rebound.example.com", "", false}, // a proxy on this machine lets everybody in
		{"127.0.0.1:8080", "https://rebound.example.com", "correct horse", true},
		{":8080", "", "", false},
		{"0.0.0.0:8080", "", "", false},
		{"192.0.2.1:8080", "", "", false},
		{":8080", "", "correct horse", true},
	}
	for _, test := range tests {
		c, err := machine{env: []string{"REBOUND_LISTEN=" + test.listen, "REBOUND_PUBLIC_URL=" + test.public, "REBOUND_PASSWORD=" + test.password}}.load(t)
		if err != nil {
			t.Fatal(err)
		}
		if c.PagesServed() != test.want {
			t.Errorf("listen %s, public address %q, password %q: pages served %v, want %v", test.listen, test.public, test.password, !test.want, test.want)
		}
	}
}

func TestPublicURLLosesItsSlash(t *testing.T) {
	for _, url := range []string{"https://rebound.example.com/", "http://127.0.0.1:8080/"} {
		c, err := machine{args: []string{"--public-url", url}}.load(t)
		if err != nil || c.PublicURL != strings.TrimSuffix(url, "/") {
			t.Errorf("%s became %q, %v", url, c.PublicURL, err)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"serve", "demo", "migrate", "config", "doctor", "apply", "export", "version", "help", "log_level", "log_format"}
	tests := []struct{ word, want string }{
		{"sevre", "serve"}, {"server", "serve"}, {"migrat", "migrate"}, {"Docter", "doctor"}, {"mig", "migrate"},
		{"log_", ""}, {"x", ""}, {"", ""}, {"entirely-else", ""}, {strings.Repeat("serve", 100), ""},
	}
	for _, test := range tests {
		if got, ok := config.Nearest(test.word, names); got != test.want || ok != (test.want != "") {
			t.Errorf("Nearest(%.20q) = %q, %v; want %q", test.word, got, ok, test.want)
		}
	}
}
