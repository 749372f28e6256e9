package main

import (
	"context"
	"fmt"
	"time"

	"rebound"
	"rebound/internal/store"
)

func backupCommand() command {
	return command{
		name:      "backup",
		arguments: "FILE",
		summary:   "write the database, pictures and recordings into one file, while the server runs",
		about: `The file is a tar with a manifest of sums and row counts. It is read again before it takes its name, so a file
that is there is a good one. It holds callers' words and the keys of links: keep it as secret as the server.
Carriers' secrets are not in it; they stay where business.yaml says.

With PostgreSQL use pg_dump for the database, and copy the folder media of the data folder after it.`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(1, 1, "the file to write"); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			if cfg.Database != "" {
				return rebound.Errorf(rebound.Invalid, "R3358", "the database is PostgreSQL, which makes consistent copies only with its own tools: "+
					"run pg_dump, and then copy %s/media with any tool", cfg.Data)
			}
			m, err := store.Backup(ctx, cfg.Data, in.args[0], time.Now())
			if err != nil {
				return err
			}
			fmt.Fprintf(in.stdout, "%s is written and was read again: %s.\n", in.args[0], contents(m))
			return nil
		},
	}
}

func restoreCommand() command {
	return command{
		name:      "restore",
		arguments: "FILE",
		summary:   "unpack a backup into an empty data folder",
		about: `Checks all sums and counts before the first file takes its name; a damaged backup leaves the folder empty.
The data folder must be empty or missing. End the old server first. What was waiting to be sent when the backup was
taken is taken up again when the server starts: what the old one has sent since may then be sent a second time.

With PostgreSQL use pg_restore for the database, and copy the folder media back.`,
		settings: true,
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(1, 1, "the file to read"); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			if cfg.Database != "" {
				return rebound.Errorf(rebound.Invalid, "R3359", "the database is PostgreSQL: restore it with pg_restore, and copy the media folder back to %s/media", cfg.Data)
			}
			m, err := store.Restore(ctx, in.args[0], cfg.Data)
			if err != nil {
				return err
			}
			fmt.Fprintf(in.stdout, "%s holds the backup of %s: %s.\n", cfg.Data, m.Taken.Format(time.RFC3339), contents(m))
			return nil
		},
	}
}

func contents(m store.Manifest) string {
	var rows int64
	for _, n := range m.Rows {
		rows += n
	}
	return fmt.Sprintf("schema %d, %d rows, %s", m.Schema, rows, count(len(m.Files), "file"))
}
