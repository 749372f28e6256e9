package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"text/tabwriter"
)

func configCommand() command {
	return command{
		name:     "config",
		summary:  "show the settings that hold, and where each comes from; secrets are hidden",
		settings: true,
		flags: func(in *call, set *flag.FlagSet) {
			set.BoolVar(&in.asJSON, "json", false, "write JSON")
		},
		run: func(_ context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			if in.asJSON {
				return writeJSON(in, cfg.Settings())
			}
			table := tabwriter.NewWriter(in.stdout, 0, 0, 2, ' ', 0)
			for _, s := range cfg.Settings() {
				fmt.Fprintf(table, "%s\t%s\t%s\n", s.Key, s.Value, s.Source)
			}
			return table.Flush()
		},
	}
}

func writeJSON(in *call, v any) error {
	encoder := json.NewEncoder(in.stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
