// Package zone knows the world's time zones by itself: their rules travel inside the binary.
//
// The machine's own tables, and those of the Go toolchain, are as old as the last time somebody updated
// them; in 2026 alone four Canadian provinces and territories, Morocco and Cuba changed their clocks with weeks of notice. A wall
// clock decides here whether a business is open and whether a text may go out, so nothing in this project
// asks the machine: [Load] is the only way to a location, and a test at the root keeps it so.
//
// The package holds rules and nothing else: no clock, no current time, no guess at somebody's zone.
package zone

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// data is the archive that scripts/update-zones writes: one compiled TZif file for each zone name,
// and the release of the rules as the archive's comment. The rules are in the public domain.
//
//go:embed zones.zip
var data []byte

// Load returns the location of an IANA time zone name such as "America/Vancouver", spelled as IANA
// spells it; older names that IANA still carries ("US/Pacific") work too.
//
// Any other name is an error that lists the nearest names. That includes "" and "Local", which the
// standard library would take for UTC and for the machine's own zone: neither is where a business is.
//
// Each call reads the archive anew, some tens of microseconds: see [Keep]. Load is safe for concurrent
// use.
func Load(name string) (*time.Location, error) {
	if name == "UTC" {
		return time.UTC, nil
	}
	file, known := archive()[name]
	if !known {
		return nil, unknown(name)
	}
	rules, err := read(file)
	if err != nil {
		return nil, fmt.Errorf("read time zone %s: %w", name, err)
	}
	loc, err := time.LoadLocationFromTZData(name, rules)
	if err != nil {
		return nil, fmt.Errorf("read time zone %s: %w", name, err)
	}
	return loc, nil
}

// Keep returns a Load for a hot path: it reads each zone once. It is safe for concurrent use.
func Keep() func(name string) (*time.Location, error) {
	var kept sync.Map // name to *time.Location
	return func(name string) (*time.Location, error) {
		if loc, ok := kept.Load(name); ok {
			return loc.(*time.Location), nil
		}
		loc, err := Load(name)
		if err == nil {
			kept.Store(name, loc)
		}
		return loc, err
	}
}

// archive is the directory of data by zone name. It is read once and never written to afterwards. An
// archive that cannot be read is a broken build, which the package's tests would have shown.
var archive = sync.OnceValue(func() map[string]*zip.File {
	reader, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		panic("zone: embedded zones.zip: " + err.Error())
	}
	files := make(map[string]*zip.File, len(reader.File))
	for _, file := range reader.File {
		files[file.Name] = file
	}
	return files
})

func read(file *zip.File) ([]byte, error) {
	r, err := file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func unknown(name string) error {
	near := nearest(name)
	if len(near) == 0 {
		return fmt.Errorf("unknown time zone %.64q: use an IANA name such as America/New_York", name)
	}
	return fmt.Errorf("unknown time zone %.64q: did you mean %s?", name, strings.Join(near, " or "))
}
