package main

import (
	"context"
	"fmt"
	"runtime"

	"rebound/internal/zone"
)

// version is set by the linker (see Makefile).
var version = "dev"

func versionCommand() command {
	return command{
		name:    "version",
		summary: "tell the version, also that of the time zone rules inside",
		run: func(_ context.Context, in *call) error {
			if err := in.takes(0, 0, ""); err != nil {
				return err
			}
			fmt.Fprintf(in.stdout, "rebound %s, time zones %s, %s %s/%s\n", version, zone.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}
