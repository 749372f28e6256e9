package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/businessfile"
	"rebound/internal/config"
)

func applyCommand() command {
	return command{
		name:      "apply",
		arguments: "FILE",
		summary:   "make the businesses in a file what the file says",
		about: `Prints what differs (+ new, ~ changed, - gone) and changes it, one transaction for each business; where
nothing differs, nothing happens. A file with a problem is refused as a whole, with all its problems told.
Lines, people, teams, routes and connections that are no longer in the file go out of use; calls and texts
stay. Businesses that the file does not name are not touched.

examples/acme-plumbing.yaml shows everything that can stand in the file.`,
		settings: true,
		flags: func(in *call, set *flag.FlagSet) {
			set.BoolVar(&in.dryRun, "dry-run", false, "only print what differs")
		},
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(1, 1, "one file: rebound apply business.yaml"); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			declared, err := readBusinesses(in.args[0])
			if err != nil {
				return err
			}
			return in.withApp(ctx, cfg, func(a *app.App) error {
				for _, d := range declared {
					if err := in.apply(ctx, a, d); err != nil {
						return fmt.Errorf("apply %s: %w", d.Business.ID, err)
					}
				}
				return nil
			})
		},
	}
}

func readBusinesses(file string) ([]rebound.Declaration, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, &usageError{err.Error()}
	}
	declared, err := businessfile.Parse(data)
	if problems := (config.Problems)(nil); errors.As(err, &problems) {
		return nil, problems.In(file)
	}
	return declared, err
}

// withApp opens the installation for the time that fn runs.
func (in *call) withApp(ctx context.Context, cfg config.Config, fn func(*app.App) error) error {
	a, err := app.OpenBeside(ctx, cfg, in.getenv)
	if err != nil {
		return err
	}
	return errors.Join(fn(a), a.Close())
}

func (in *call) apply(ctx context.Context, a *app.App, d rebound.Declaration) error {
	old, err := a.Engine.Declared(ctx, d.Business.ID)
	switch {
	case rebound.ErrorKind(err) == rebound.NotFound:
		old = rebound.Declaration{}
	case err != nil:
		return err
	}
	changes := businessfile.Diff(old, d)
	if len(changes) == 0 {
		fmt.Fprintf(in.stdout, "%s: nothing to change\n", d.Business.ID)
		return nil
	}
	fmt.Fprintf(in.stdout, "%s:\n", d.Business.ID)
	for _, c := range changes {
		fmt.Fprintf(in.stdout, "  %s\n", c)
	}
	if in.dryRun {
		fmt.Fprintf(in.stdout, "%s: %s to make; nothing was changed (--dry-run)\n", d.Business.ID, count(len(changes), "change"))
		return nil
	}
	if err := a.Engine.Declare(ctx, d); err != nil {
		return err
	}
	fmt.Fprintf(in.stdout, "%s: %s made\n", d.Business.ID, count(len(changes), "change"))
	return in.tellSecrets(a, old, d)
}

// tellSecrets prints what the receivers of new webhooks check signatures with, where this installation made it.
func (in *call) tellSecrets(a *app.App, old, d rebound.Declaration) error {
	for _, w := range d.Webhooks {
		same := func(o rebound.Webhook) bool { return o.ID == w.ID && o.Secret == "" }
		if w.Secret != "" || slices.ContainsFunc(old.Webhooks, same) {
			continue
		}
		secret, err := a.WebhookSecret(w)
		if err != nil {
			return err
		}
		fmt.Fprintf(in.stdout, "%s: the receiver of webhooks.%s checks signatures with %s\n", d.Business.ID, w.ID, secret)
	}
	return nil
}
