package main

import (
	"context"
	"flag"

	"rebound/internal/app"
	"rebound/internal/config"
)

func demoCommand() command {
	return command{
		name:    "demo",
		summary: "try Rebound with pretended phones; needs no account and no settings",
		about: `Serves a small plumbing business with a phone simulator: call in, let it ring, leave a voicemail, get the
text, answer it. Nothing leaves the machine. Settings of a real installation are not looked at.`,
		flags: func(in *call, set *flag.FlagSet) {
			set.StringVar(&in.listen, "listen", config.Default().Listen, "`host:port` to serve on (default 127.0.0.1:8080)")
			set.StringVar(&in.data, "data", "", "`folder` to keep the demo's database in (default: a temporary one, removed at the end)")
		},
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg := config.Default()
			cfg.Listen, cfg.Data = in.listen, in.data
			in.logAs(cfg)
			return app.Demo(ctx, cfg, in.stdout)
		},
	}
}
