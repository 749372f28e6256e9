package main

import (
	"context"
	"fmt"

	"rebound/internal/config"
)

func helpCommand() command {
	return command{
		name:      "help",
		arguments: "[COMMAND]",
		summary:   "list the commands, or tell more about one",
		run: func(_ context.Context, in *call) error {
			if err := in.takes(0, 1, ""); err != nil {
				return err
			}
			if len(in.args) == 0 {
				printHelp(in.stdout)
				return nil
			}
			for _, c := range commands() {
				if c.name == in.args[0] {
					c.printUsage(in.stdout)
					return nil
				}
			}
			return &usageError{fmt.Sprintf("there is no command %q; %s", in.args[0], config.Suggest(in.args[0], commandNames()))}
		},
	}
}
