package main

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"

	"rebound/internal/app"
)

func serveCommand() command {
	return command{
		name:    "serve",
		summary: "run the server",
		about: `Takes calls and texts from carriers, rings phones, sends texts, and serves the pages. It brings the
database up to date first. Ctrl-C (SIGINT) or SIGTERM ends it in order; a second one at once.

Before the first start, write business.yaml and apply it (rebound help apply); afterwards, look whether
all is well with: rebound doctor`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			if !cfg.PagesServed() {
				slog.Warn("the pages are off: others could reach them, and there is no password (set REBOUND_PASSWORD or password_file)")
			}
			if os.Getenv("GOGC") == "" {
				debug.SetGCPercent(300) // what lives is small; what each call leaves behind is not
			}
			return app.Serve(ctx, cfg, in.stdout)
		},
	}
}
