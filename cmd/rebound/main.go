// Rebound answers missed calls: it rings the right phones, and when nobody accepts, the caller has a
// text within seconds. This program is the server and everything that an operator does beside it;
// `rebound help` lists the commands.
//
// The package turns a command line into a call of another package and that one's answer into words
// and an exit code. It refuses to decide anything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"rebound/internal/config"
)

// Exit codes, as `rebound help` documents them.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // from then on a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is the program without the process: args as after its name, environ as of os.Environ. It
// returns the exit code and has told every error by then.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		printHelp(stderr)
		return exitUsage
	}
	name := args[0]
	if name == "-h" || name == "-help" || name == "--help" {
		name = "help"
	}
	for _, c := range commands() {
		if c.name == name {
			return explain(c.start(ctx, args[1:], environ, stdout, stderr), stderr)
		}
	}
	fmt.Fprintf(stderr, "rebound: there is no command %q; %s\nrebound help lists the commands.\n", name, config.Suggest(name, commandNames()))
	return exitUsage
}

// errTold is for a command that has said itself why it failed.
var errTold = errors.New("the command has told what is wrong")

// usageError is a command line that cannot be understood.
type usageError struct{ words string }

func (e *usageError) Error() string { return e.words }

// explain says an error to the operator and returns the exit code for it.
func explain(err error, stderr io.Writer) int {
	var problems config.Problems
	var usage *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errTold):
		return exitFailed
	case errors.As(err, &problems):
		fmt.Fprintf(stderr, "rebound: %s to mend:\n", count(len(problems), "problem"))
		for _, p := range problems {
			fmt.Fprintf(stderr, "  %s\n", p)
		}
		return exitUsage
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "rebound: %s\n", usage.words)
		return exitUsage
	}
	fmt.Fprintf(stderr, "rebound: %v\n", err)
	return exitFailed
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func commandNames() []string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return names
}

// printHelp lists the commands.
func printHelp(w io.Writer) {
	var b strings.Builder
	b.WriteString("Rebound answers missed calls with a text.\n\nUsage: rebound COMMAND [flags]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-9s %s\n", c.name, c.summary)
	}
	b.WriteString("\nrebound help COMMAND tells more. Settings come from flags, from variables like REBOUND_LISTEN,\n" +
		"and from rebound.yaml, in this order.\n\n" +
		"Exit codes: 0 done, 1 failed, 2 the command line, the settings or a file is to be mended.\n")
	io.WriteString(w, b.String())
}
