package main

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"rebound/internal/config"
	"rebound/internal/store"
	"rebound/internal/zone"
)

// checkZones asks the rules inside the binary for a change that older rules do not know: British
// Columbia stays on summer time since 2026 (IANA release 2026b).
func checkZones() finding {
	const check, wanted, remedy = "time zones", "-07:00", "this binary was built wrong: install another"
	vancouver, err := zone.Load("America/Vancouver")
	if err != nil {
		return finding{check, bad, err.Error(), remedy}
	}
	if got := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC).In(vancouver).Format("-07:00"); got != wanted {
		return finding{check, bad, fmt.Sprintf("Vancouver is %s from UTC in December 2026, expected %s", got, wanted), remedy}
	}
	return finding{check, fine, "rules of " + zone.Version, ""}
}

func checkPages(cfg config.Config) finding {
	f := finding{Check: "pages", State: fine}
	switch {
	case cfg.Password != "":
		f.Words = "served behind the password"
	case cfg.PagesServed():
		f.Words = fmt.Sprintf("served without a password to this machine alone (%s)", cfg.Listen)
	default:
		f.State, f.Words, f.Remedy = minor, "off, because there is no password", "set REBOUND_PASSWORD or password_file"
	}
	return f
}

func checkDatabase(ctx context.Context, s *store.Store) finding {
	settings, err := s.Durability(ctx)
	if err != nil {
		return finding{"database", bad, err.Error(), "put the setting back to the one expected: every text that a caller was promised depends on it"}
	}
	schema, err := s.Schema(ctx)
	if err != nil {
		return finding{"database", bad, err.Error(), "run: rebound migrate"}
	}
	return finding{Check: "database", State: fine, Words: fmt.Sprintf("%s; schema %d", settings, schema)}
}

// Below leastFree a busy day of voicemails and pictures can fill the disk, and then calls are lost.
const (
	leastFree = 100 << 20
	scantFree = 1 << 30
)

func checkFolder(data string) finding {
	f, err := os.CreateTemp(data, ".doctor-*")
	if err == nil {
		_, err = f.WriteString("written by rebound doctor\n")
		if closing := f.Close(); err == nil {
			err = closing
		}
		if removing := os.Remove(f.Name()); err == nil {
			err = removing
		}
	}
	if err != nil {
		return finding{"data folder", bad, err.Error(), "let the user that runs Rebound write to " + data}
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(data, &disk); err != nil {
		return finding{"data folder", minor, fmt.Sprintf("%s can be written to; its free space cannot be read: %v", data, err), ""}
	}
	return judgeSpace(data, disk.Bavail*uint64(disk.Bsize))
}

func judgeSpace(data string, free uint64) finding {
	f := finding{Check: "data folder", State: fine, Words: fmt.Sprintf("%s can be written to; %d MB are free", data, free>>20)}
	switch {
	case free < leastFree:
		f.State, f.Remedy = bad, "make room at once: when the disk is full, calls are no longer taken"
	case free < scantFree:
		f.State, f.Remedy = minor, "make room, or move the data folder to a larger disk"
	}
	return f
}
