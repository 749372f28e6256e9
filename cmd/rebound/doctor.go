package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"strings"
	"time"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/config"
)

func doctorCommand() command {
	return command{
		name:    "doctor",
		summary: "look whether calls and texts can arrive and nothing can be lost; --fix sets numbers up",
		about: `Looks at the database, the clock, the public address and each connection and number at its carrier, and
says what to do about what is wrong. Run it while the server runs, after every change of settings, and
whenever calls or texts do not come. It exits with 1 if something has failed.`,
		settings: true,
		flags: func(in *call, set *flag.FlagSet) {
			set.BoolVar(&in.fix, "fix", false, "set the addresses of numbers at the carrier that lead elsewhere")
			set.BoolVar(&in.asJSON, "json", false, "write JSON")
		},
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			return in.report(newDoctor(in, cfg).examine(ctx))
		},
	}
}

// state says how a check ended.
type state string

const (
	fine  state = "ok"
	minor state = "warn" // works, but something should be done
	bad   state = "fail"
)

// finding is what one check found.
type finding struct {
	Check  string `json:"check"`
	State  state  `json:"state"`
	Words  string `json:"words"`
	Remedy string `json:"remedy,omitempty"`
}

// doctor looks at one installation.
type doctor struct {
	cfg    config.Config
	getenv func(string) string
	fix    bool
	web    *http.Client // follows no redirects: carriers lose their parameters on them
}

// patience is how long one question to another machine may take.
const patience = 10 * time.Second

func newDoctor(in *call, cfg config.Config) *doctor {
	web := &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &doctor{cfg: cfg, getenv: in.getenv, fix: in.fix, web: web}
}

// examine runs every check. What needs the database is left out where that cannot be opened.
func (d *doctor) examine(ctx context.Context) []finding {
	found := []finding{checkZones(), checkPages(d.cfg)}
	a, err := app.OpenBeside(ctx, d.cfg, d.getenv)
	if err != nil {
		return append(found, finding{"database", bad, err.Error(), "look at the settings data and database, and at the server's log"})
	}
	defer a.Close()
	found = append(found, checkDatabase(ctx, a.Store), checkFolder(d.cfg.Data))
	declared, err := declarations(ctx, a)
	if err != nil {
		return append(found, finding{"businesses", bad, err.Error(), "look at the server's log"})
	}
	if len(declared) == 0 {
		found = append(found, finding{"businesses", minor, "none is declared", "write business.yaml and run: rebound apply business.yaml"})
	}
	found = append(found, d.checkClock(ctx, carrierAddress(declared)), d.checkPublicURL(ctx, a.Instance()))
	for _, declaration := range declared {
		found = append(found, d.checkBusiness(ctx, a, declaration)...)
	}
	return found
}

func declarations(ctx context.Context, a *app.App) ([]rebound.Declaration, error) {
	ids, err := a.Store.Read().Businesses(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the businesses: %w", err)
	}
	var all []rebound.Declaration
	for _, id := range ids {
		d, err := a.Engine.Declared(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

// report writes the findings and returns errTold if one has failed.
func (in *call) report(found []finding) error {
	var err error
	for _, f := range found {
		if f.State == bad {
			err = errTold
		}
	}
	if in.asJSON {
		answer := struct {
			OK     bool      `json:"ok"`
			Checks []finding `json:"checks"`
		}{err == nil, found}
		if problem := writeJSON(in, answer); problem != nil {
			return problem
		}
		return err
	}
	width := 0
	for _, f := range found {
		width = max(width, len(f.Check))
	}
	marks := map[state]string{fine: "✓", minor: "!", bad: "✗"}
	for _, f := range found {
		fmt.Fprintf(in.stdout, "%s %-*s  %s\n", marks[f.State], width, f.Check, f.Words)
		if f.Remedy != "" {
			fmt.Fprintf(in.stdout, "  %s  → %s\n", strings.Repeat(" ", width), f.Remedy)
		}
	}
	return err
}
