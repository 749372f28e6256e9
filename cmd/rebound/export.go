package main

import (
	"context"
	"fmt"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/businessfile"
	"rebound/internal/config"
)

func exportCommand() command {
	return command{
		name:      "export",
		arguments: "[BUSINESS…]",
		summary:   "write what businesses have declared, as a file for apply",
		about: `Writes all businesses, or those named. Secrets are not in it: the file, like the database, holds only where
they are to be found.`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			cfg, err := in.config()
			if err != nil {
				return err
			}
			return in.withApp(ctx, cfg, func(a *app.App) error { return in.export(ctx, a) })
		},
	}
}

func (in *call) export(ctx context.Context, a *app.App) error {
	all, err := a.Store.Read().Businesses(ctx)
	if err != nil {
		return err
	}
	wanted := all
	if len(in.args) > 0 {
		wanted = nil
		for _, name := range in.args {
			wanted = append(wanted, rebound.BusinessID(name))
		}
	}
	var declared []rebound.Declaration
	for _, id := range wanted {
		d, err := a.Engine.Declared(ctx, id)
		if rebound.ErrorKind(err) == rebound.NotFound {
			return &usageError{fmt.Sprintf("there is no business %q; %s", id, config.Suggest(string(id), names(all)))}
		}
		if err != nil {
			return err
		}
		declared = append(declared, d)
	}
	_, err = in.stdout.Write(businessfile.Format(declared...))
	return err
}

func names(ids []rebound.BusinessID) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = string(id)
	}
	return out
}
