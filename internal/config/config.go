// Package config reads what the operator has set, from a file, the environment and flags, into one
// checked struct, and tells everything that is wrong at once with its place and its remedy. It also
// reads YAML for others that people write by hand, so that every file is read and faulted alike.
//
// It holds no state, imports nothing of the project, and starts nothing: a database that is not
// there or a port that is taken is for who opens it.
package config

import (
	"cmp"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Secret is a value that is never shown: it formats as "(hidden)" however it is printed or logged.
// string(s) is the value.
type Secret string

// String hides the secret; an empty one is shown as such.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(hidden)"
}

// GoString hides the secret from %#v.
func (s Secret) GoString() string { return s.String() }

// MarshalText hides the secret from encoders.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Config is the effective configuration. One made by Load or Default has passed every check.
type Config struct {
	Data          string         // folder of the database file and of stored pictures and recordings
	Database      string         // "postgres://…", or "" for SQLite at DatabaseFile
	Listen        string         // host:port that the HTTP server binds; an empty host is every interface
	PublicURL     string         // how carriers and browsers reach us, without a trailing slash; may be ""
	LogLevel      slog.Level     // the least that is logged
	LogFormat     string         // "text" or "json"
	Password      Secret         // for the pages (HTTP Basic, any user name); "": see PagesServed
	MetricsToken  Secret         // opens /metrics; "": only this machine may ask
	MediaMaxBytes int64          // a larger picture or recording is refused
	RawEventDays  int            // how long carriers' requests are kept as they came
	OutboundAllow []netip.Prefix // networks that are not public and may be reached by webhooks and the like
	SendWorkers   int            // texts that may be on their way to carriers at the same time

	SMTPURL      string // of the mail server, "smtp://user@host" or "smtps://…"; "": no mail is sent
	SMTPPassword Secret
	MailFrom     string // "Acme Plumbing <office@acme.example>"

	TranscriptionURL   string // of a service that speaks OpenAI's protocol, without a trailing slash; "": nothing is transcribed
	TranscriptionKey   Secret // for that service; "": it asks for none
	TranscriptionModel string

	settings []Setting
}

// DatabaseFile is where SQLite keeps everything while Database is empty.
func (c Config) DatabaseFile() string { return filepath.Join(c.Data, "rebound.db") }

// PagesServed reports whether the pages may be served at all: behind the password, or without one
// while only this machine can reach them. A server on 127.0.0.1 that has a public address is reached
// by everybody, through a proxy. The endpoints for carriers are served always.
func (c Config) PagesServed() bool {
	return c.Password != "" || c.listensOnLoopback() && !c.published()
}

func (c Config) listensOnLoopback() bool {
	host, _, err := net.SplitHostPort(c.Listen)
	return err == nil && isLoopback(host)
}

func (c Config) published() bool {
	u, err := url.Parse(c.PublicURL)
	return c.PublicURL != "" && (err != nil || !isLoopback(u.Hostname()))
}

// Settings lists every setting with its effective value and where that came from, in the order of
// the documentation. Secrets are hidden.
func (c Config) Settings() []Setting { return slices.Clone(c.settings) }

// Setting is one line of `rebound config`.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`
	Source string `json:"source"` // "default", "rebound.yaml:3", "REBOUND_LISTEN", "--listen"
}

// Default is the configuration of somebody who has set nothing.
func Default() Config {
	var c Config
	for _, k := range keys() {
		if err := k.set(&c, k.fallback); err != nil {
			panic("config: the default of " + k.name + " is refused: " + err.Error())
		}
	}
	return c
}

// Flags are the flags that a command line has given; nil stands for none.
type Flags struct {
	File  string // --config
	given map[string]string
}

// Register adds --config and a flag for each setting that is no secret to a command's flags. The
// result is filled when set is parsed.
func Register(set *flag.FlagSet) *Flags {
	f := &Flags{given: map[string]string{}}
	set.StringVar(&f.File, "config", "", "`file` with settings (default rebound.yaml, if there is one)")
	for _, k := range keys() {
		if k.flagless {
			continue
		}
		set.Func(k.flag(), k.usage, func(text string) error {
			f.given[k.name] = text
			return nil
		})
	}
	return f
}

// found is a setting's text with its place.
type found struct {
	text    string
	problem Problem // its place, to be filled with what is wrong
	source  string
}

// Load reads the configuration: a flag wins over the environment, that over the file, that over the
// default. environ has the form of os.Environ; an empty variable counts as not set. readFile reads
// the settings file and the password file. The error, if any, is a Problems with everything that is
// wrong.
func Load(flags *Flags, environ []string, readFile func(name string) ([]byte, error)) (Config, error) {
	if flags == nil {
		flags = &Flags{}
	}
	env, problems := fromEnvironment(environ)
	path := cmp.Or(flags.File, env["config"].text)
	file, wrong := fromFile(path, readFile)
	problems = append(problems, wrong...)

	c, place := Default(), map[string]found{}
	for _, k := range keys() {
		value, isSet := file[k.name]
		if v, ok := env[k.name]; ok {
			value, isSet = v, true
		}
		if text, ok := flags.given[k.name]; ok {
			value, isSet = found{text, Problem{About: "--" + k.flag()}, "--" + k.flag()}, true
		}
		if !isSet {
			continue
		}
		place[k.name] = value
		if err := k.set(&c, value.text); err != nil {
			value.problem.Wrong = err.Error()
			problems = append(problems, value.problem)
		}
	}
	problems = append(problems, c.readSecret("password", setPassword, place, readFile)...)
	problems = append(problems, c.readSecret("smtp_password", setSMTPPassword, place, readFile)...)
	problems = append(problems, c.readSecret("transcription_key", setTranscriptionKey, place, readFile)...)
	if c.SMTPURL != "" && c.MailFrom == "" {
		p := place["smtp_url"].problem
		p.Wrong, p.Remedy = "mail has no sender", "set mail_from, like Acme Plumbing <office@acme.example>"
		problems = append(problems, p)
	}
	if err := problems.Err(); err != nil {
		return Config{}, err
	}
	c.settings = c.describe(place)
	return c, nil
}

// environmentPrefix begins the name of every variable of ours. Variables of the project's own tests
// begin with testPrefix and are nobody's settings.
const (
	environmentPrefix = "REBOUND_"
	testPrefix        = "REBOUND_TEST_"
)

func fromEnvironment(environ []string) (map[string]found, Problems) {
	known := map[string]string{environmentPrefix + "CONFIG": "config"}
	names := []string{environmentPrefix + "CONFIG"}
	for _, k := range keys() {
		known[k.variable()] = k.name
		names = append(names, k.variable())
	}
	values := map[string]found{}
	var problems Problems
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if text == "" || !strings.HasPrefix(name, environmentPrefix) || strings.HasPrefix(name, testPrefix) {
			continue
		}
		key, ok := known[name]
		if !ok {
			remedy := Suggest(name, names) + " (names that begin with REBOUND_ are settings; give other things another name)"
			problems = append(problems, Problem{About: name, Wrong: "there is no such setting", Remedy: remedy})
			continue
		}
		values[key] = found{text, Problem{About: name}, name}
	}
	return values, problems
}

// defaultFile is read if it is there and no other file is named.
const defaultFile = "rebound.yaml"

func fromFile(path string, readFile func(string) ([]byte, error)) (map[string]found, Problems) {
	data, err := readFile(cmp.Or(path, defaultFile))
	if path == "" && os.IsNotExist(err) {
		return nil, nil
	}
	path = cmp.Or(path, defaultFile)
	if err != nil {
		return nil, Problems{{File: path, Wrong: "cannot be read: " + cause(err), Remedy: "name a file with --config, or none"}}
	}
	docs, problems := ParseDocuments(data)
	values := map[string]found{}
	switch {
	case len(docs) > 1:
		problems = append(problems, Problem{Line: docs[1].Line, Column: docs[1].Column,
			Wrong: "a second document begins after ---", Remedy: "settings are one document: remove the ---"})
	case len(docs) == 1:
		problems = append(problems, fromDocument(docs[0], path, values)...)
	}
	return values, problems.In(path)
}

func fromDocument(doc *Node, path string, values map[string]found) Problems {
	var names []string
	for _, k := range keys() {
		names = append(names, k.name)
	}
	switch doc.Shape {
	case Blank, Refused:
		return nil
	case Scalar, List:
		return Problems{{Line: doc.Line, Column: doc.Column, Wrong: "settings are lines of the form `key: value`"}}
	}
	var problems Problems
	for _, key := range doc.Keys {
		p := Problem{File: path, Line: key.Line, Column: key.Column, About: key.Name}
		switch {
		case !slices.Contains(names, key.Name):
			p.Wrong, p.Remedy = "there is no such setting", Suggest(key.Name, names)
		case key.Value.Shape == Refused:
			continue
		case key.Value.Shape == Blank:
			p.Wrong, p.Remedy = "it has no value", "write one, or remove the line"
		case key.Value.Shape != Scalar:
			p.Wrong, p.Remedy = "it is not one value", "write it behind the colon"
		default:
			source := fmt.Sprintf("%s:%d", path, key.Line)
			p.Line, p.Column = key.Value.Line, key.Value.Column
			values[key.Name] = found{key.Value.Text, p, source}
			continue
		}
		problems = append(problems, p)
	}
	return problems
}

// readSecret takes a secret from its file where one is named.
func (c *Config) readSecret(name string, set func(*Config, string) error, place map[string]found, readFile func(string) ([]byte, error)) Problems {
	file, fromFile := place[name+"_file"]
	if !fromFile {
		return nil
	}
	p := file.problem
	if _, both := place[name]; both {
		p.Wrong, p.Remedy = "there is a "+name+" as well", "set one of "+name+" and "+name+"_file"
		return Problems{p}
	}
	data, err := readFile(file.text)
	if err != nil {
		p.Wrong = fmt.Sprintf("%s cannot be read: %s", file.text, cause(err))
		return Problems{p}
	}
	if err := set(c, strings.TrimRight(string(data), "\r\n")); err != nil {
		p.Wrong = "in that file, " + err.Error()
		return Problems{p}
	}
	return nil
}

// cause is a file error without the operation and the path, which the problem names already.
func cause(err error) string {
	if e, ok := err.(*fs.PathError); ok {
		return e.Err.Error()
	}
	return err.Error()
}

func (c Config) describe(place map[string]found) []Setting {
	var out []Setting
	for _, k := range keys() {
		s := Setting{Key: k.name, Value: k.show(c), Source: cmp.Or(place[k.name].source, "default")}
		if strings.HasSuffix(k.name, "_file") {
			s.Value = place[k.name].text
		}
		if place[k.name].source == "" {
			s.Source = cmp.Or(place[k.name+"_file"].source, "default")
		}
		out = append(out, s)
	}
	return out
}
