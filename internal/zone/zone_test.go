package zone_test

import (
	"archive/zip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"rebound/internal/zone"
)

// Each row is a place whose clocks changed by a law of 2026, or one beside it that did not follow, with the
// offset its people live by at that instant. The sources are the tz database's NEWS, by release.
func TestLoadKnowsTheLawsOf2026(t *testing.T) {
	const winter, summer = "2026-12-01T12:00:00Z", "2026-07-01T12:00:00Z"
	tests := []struct {
		zone, at, offset string
	}{
		// 2026b: British Columbia stays at -07 after the spring of 2026. Older rules fall back to -08 on 1 November.
		{"America/Vancouver", summer, "-07:00"},
		{"America/Vancouver", winter, "-07:00"},
		{"Canada/Pacific", winter, "-07:00"},
		{"America/Los_Angeles", winter, "-08:00"},
		// 2026c: Alberta stays at -06. Older rules say -07.
		{"America/Edmonton", summer, "-06:00"},
		{"America/Edmonton", winter, "-06:00"},
		{"America/Denver", winter, "-07:00"},
		// 2026d: so do the Northwest Territories, of which Inuvik has a zone of its own.
		{"America/Inuvik", winter, "-06:00"},
		{"America/Yellowknife", winter, "-06:00"},
		// 2026e: Manitoba stays at -05, and north-western Ontario with it (2026f). Older rules say -06.
		{"America/Winnipeg", summer, "-05:00"},
		{"America/Winnipeg", winter, "-05:00"},
		{"America/Rainy_River", winter, "-05:00"},
		{"America/Chicago", winter, "-06:00"},
		{"America/Regina", winter, "-06:00"},
		// 2026f: Cuba does not fall back in 2026 and stays at -04 until 7 November 2027. Older rules say -05.
		{"America/Havana", winter, "-04:00"},
		{"America/Havana", "2027-11-07T04:59:59Z", "-04:00"},
		{"America/Havana", "2027-11-07T05:00:00Z", "-05:00"},
		// 2026c: Morocco is at UTC for good since 20 September 2026. Older rules say +01.
		{"Africa/Casablanca", summer, "+01:00"},
		{"Africa/Casablanca", winter, "+00:00"},
		{"Africa/El_Aaiun", winter, "+00:00"},

		// Places without a new law, far in the future too: the rule that goes on for ever.
		{"America/New_York", winter, "-05:00"},
		{"Europe/London", "2060-07-01T12:00:00Z", "+01:00"},
		{"Australia/Sydney", winter, "+11:00"},
		{"Asia/Kolkata", winter, "+05:30"},
		{"UTC", winter, "+00:00"},
		// The change that a slim compilation by zic of Debian 12 loses.
		{"America/Ojinaga", "2022-10-30T12:00:00Z", "-06:00"},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339, test.at)
		if err != nil {
			t.Fatal(err)
		}
		loc, err := zone.Load(test.zone)
		if err != nil {
			t.Errorf("Load(%q): %v", test.zone, err)
			continue
		}
		if got := at.In(loc).Format("-07:00"); got != test.offset {
			t.Errorf("%s at %s is %s from UTC, want %s", test.zone, test.at, got, test.offset)
		}
		if loc.String() != test.zone {
			t.Errorf("Load(%q) is a location named %q", test.zone, loc)
		}
	}
}

func TestEveryEmbeddedZoneLoads(t *testing.T) {
	const leastZones, mostBytes = 590, 450_000
	archive, err := zip.OpenReader("zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, file := range archive.File {
		if _, err := zone.Load(file.Name); err != nil {
			t.Error(err)
		}
	}
	if len(archive.File) < leastZones {
		t.Errorf("zones.zip has %d zones, want %d or more: names that IANA keeps for compatibility are missing", len(archive.File), leastZones)
	}
	if archive.Comment != zone.Version {
		t.Errorf("zones.zip is release %q, but Version is %q: run scripts/update-zones, which writes both", archive.Comment, zone.Version)
	}
	info, err := os.Stat("zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostBytes {
		t.Errorf("zones.zip has %d bytes, want at most %d", info.Size(), mostBytes)
	}
}

func TestVersionIsNotOlderThanTheLawsItMustKnow(t *testing.T) {
	if zone.Version < "2026f" {
		t.Errorf("Version is %s, want 2026f or later: run scripts/update-zones", zone.Version)
	}
}

func TestLoadRefusesWhatIsNoZoneAndSuggestsOne(t *testing.T) {
	tests := []struct{ name, suggestion string }{
		{"", "use an IANA name"},
		{"Local", "use an IANA name"},
		{"PST", "use an IANA name"},
		{"America", "use an IANA name"},
		{"America/", "use an IANA name"},
		{"Factory", "use an IANA name"},
		{"../../../etc/passwd", "use an IANA name"},
		{strings.Repeat("Vancouver", 1000), "use an IANA name"},
		{"vancouver", "did you mean America/Vancouver?"},
		{"America/Vancover", "did you mean America/Vancouver?"},
		{"america/new york", "did you mean America/New_York?"},
		{"America/Toronto ", "did you mean America/Toronto?"},
		{"Sydney", "did you mean Australia/Sydney?"},
		{"/usr/share/zoneinfo/Europe/Berlin", "did you mean Europe/Berlin?"},
		{"./America/Toronto", "did you mean America/Toronto?"},
		{"Europe/Kyiw", "did you mean Europe/Kyiv?"},
	}
	for _, test := range tests {
		loc, err := zone.Load(test.name)
		if err == nil {
			t.Errorf("Load(%.40q) = %v, want an error", test.name, loc)
			continue
		}
		if !strings.Contains(err.Error(), test.suggestion) {
			t.Errorf("Load(%.40q): %v, want %q in it", test.name, err, test.suggestion)
		}
		if len(err.Error()) > 200 {
			t.Errorf("Load(%.40q): an error of %d bytes repeats what a stranger wrote", test.name, len(err.Error()))
		}
	}
}

func TestLoadFromManyGoroutines(t *testing.T) {
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if _, err := zone.Load("America/Vancouver"); err != nil {
				t.Error(err)
			}
			if _, err := zone.Load("Vancouver"); err == nil {
				t.Error("Load(\"Vancouver\") found a zone")
			}
		})
	}
	wait.Wait()
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := zone.Load("America/New_York"); err != nil {
			b.Fatal(err)
		}
	}
}
