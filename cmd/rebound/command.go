package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"rebound/internal/config"
)

// command is one word that may follow `rebound`.
type command struct {
	name      string
	arguments string // what follows the flags, for the usage line
	summary   string // one line, for the list
	about     string // what help adds: paragraphs
	settings  bool   // it takes the configuration's flags
	flags     func(*call, *flag.FlagSet)
	run       func(context.Context, *call) error
}

// commands is every command, in the order of the list. It is a function because help is one of them.
func commands() []command {
	return []command{serveCommand(), demoCommand(), applyCommand(), exportCommand(), explainCommand(), webhooksCommand(), doctorCommand(),
		configCommand(), migrateCommand(), backupCommand(), restoreCommand(), healthCommand(), versionCommand(), helpCommand()}
}

// call is one run of a command: what it was given and where its words go.
type call struct {
	args           []string // what is no flag
	environ        []string
	stdout, stderr io.Writer
	settings       *config.Flags

	// What single commands' own flags set.
	dryRun, asJSON, fix bool
	listen, data        string
	asked               question // explain
	hooked              hooked   // webhooks
}

// start parses the command line and runs the command.
func (c command) start(ctx context.Context, args, environ []string, stdout, stderr io.Writer) error {
	set, in := c.flagSet()
	in.environ, in.stdout, in.stderr = environ, stdout, stderr
	for { // flags may stand behind arguments too
		err := set.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			c.printUsage(stdout)
			return nil
		}
		if err != nil {
			return &usageError{fmt.Sprintf("%s: %v\nrebound help %s tells more.", c.name, err, c.name)}
		}
		if set.NArg() == 0 {
			return c.run(ctx, in)
		}
		in.args = append(in.args, set.Arg(0))
		args = set.Args()[1:]
	}
}

func (c command) flagSet() (*flag.FlagSet, *call) {
	set := flag.NewFlagSet(c.name, flag.ContinueOnError)
	set.SetOutput(io.Discard) // start says what is wrong
	in := &call{}
	if c.settings {
		in.settings = config.Register(set)
	}
	if c.flags != nil {
		c.flags(in, set)
	}
	return set, in
}

// printUsage writes the command's own help.
func (c command) printUsage(w io.Writer) {
	set, _ := c.flagSet()
	var flags strings.Builder
	set.VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(&flags, "  --%s\n        %s\n", strings.TrimSpace(f.Name+" "+value), usage)
	})
	line := "rebound " + c.name
	if flags.Len() > 0 {
		line += " [flags]"
	}
	if c.arguments != "" {
		line += " " + c.arguments
	}
	fmt.Fprintf(w, "%s\n\nUsage: %s\n", c.summary, line)
	if c.about != "" {
		fmt.Fprintf(w, "\n%s\n", c.about)
	}
	if flags.Len() > 0 {
		fmt.Fprintf(w, "\nFlags:\n%s", &flags)
	}
}

// takes reports an error unless there are from least to most arguments.
func (in *call) takes(least, most int, what string) error {
	switch {
	case len(in.args) < least:
		return &usageError{"name " + what}
	case len(in.args) > most:
		return &usageError{fmt.Sprintf("%q is one argument too many", in.args[most])}
	}
	return nil
}

// config loads the configuration and makes the standard logger write as it says.
func (in *call) config() (config.Config, error) {
	cfg, err := config.Load(in.settings, in.environ, os.ReadFile)
	if err != nil {
		return cfg, err
	}
	in.logAs(cfg)
	return cfg, nil
}

func (in *call) logAs(cfg config.Config) {
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(in.stderr, options)
	if cfg.LogFormat == "json" {
		handler = slog.NewJSONHandler(in.stderr, options)
	}
	slog.SetDefault(slog.New(handler))
}

// getenv looks a variable up, as os.Getenv does.
func (in *call) getenv(name string) string {
	for _, entry := range in.environ {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
