package main

import (
	"context"
	"fmt"

	"rebound/internal/app"
)

func migrateCommand() command {
	return command{
		name:    "migrate",
		summary: "bring the database up to this program's schema",
		about: `serve does this by itself. Run it alone where the change is to happen at a time of its own. It only goes
forward: make a copy of the database before.`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			from, to, err := app.Migrate(ctx, cfg)
			if err != nil {
				return err
			}
			if from == to {
				fmt.Fprintf(in.stdout, "The schema is %d already: nothing to do.\n", to)
				return nil
			}
			fmt.Fprintf(in.stdout, "The schema was %d and is now %d.\n", from, to)
			return nil
		},
	}
}
