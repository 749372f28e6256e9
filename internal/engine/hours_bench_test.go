package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/holiday"
	"rebound/internal/zone"
)

// BenchmarkOpen is what a call asks about the hours of a line of a business that closes on all holidays it can.
func BenchmarkOpen(b *testing.B) {
	in, err := zone.Load("America/Toronto")
	if err != nil {
		b.Fatal(err)
	}
	business := rebound.Business{Schedule: rebound.Schedule{Weekly: weekdays(8, 17), Holidays: holiday.Keys("CA", "ON")}}
	at := time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	for b.Loop() {
		if s := (rebound.Overrides{}).Schedule(business, rebound.Line{}).At(at, in, holiday.Find); !s.Open {
			b.Fatal(s.Why)
		}
	}
}
