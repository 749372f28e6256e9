package store

import (
	"database/sql"
	"slices"
	"testing"
	"time"
)

type named string

// read scans what a driver gives for a column.
func read(t *testing.T, into sql.Scanner, driverValue any) {
	t.Helper()
	if err := into.Scan(driverValue); err != nil {
		t.Error(err)
	}
}

func TestInstants(t *testing.T) {
	toronto := time.FixedZone("", -4*3600)
	for _, want := range []time.Time{{}, noonIn(toronto), time.UnixMicro(0), time.UnixMicro(-1), time.UnixMicro(1)} {
		got := time.Unix(1, 1)
		read(t, at(&got), micros(want))
		if !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%v came back as %v", want, got)
		}
	}
	if micros(time.Time{}) != nil {
		t.Error("the zero instant is not null")
	}
}

func noonIn(zone *time.Location) time.Time { return time.Date(2026, 7, 1, 12, 0, 0, 123456000, zone) }

func TestTruths(t *testing.T) {
	for value, want := range map[any]bool{int64(flag(true)): true, int64(flag(false)): false, nil: false} {
		got := !want
		read(t, flagged(&got), value)
		if got != want {
			t.Errorf("%v is %t", value, got)
		}
	}
}

func TestNullableStrings(t *testing.T) {
	for _, want := range []named{"", "a"} {
		got := named("before")
		read(t, str(&got), nullable(want))
		if got != want {
			t.Errorf("%q came back as %q", want, got)
		}
	}
	if nullable(named("")) != nil || nullable(named("a")) != "a" {
		t.Error("nullable: the empty string alone is null")
	}
}

func TestJSON(t *testing.T) {
	for _, want := range [][]int{nil, {}, {1, 2}} {
		got := []int{9, 9, 9}
		read(t, fromJSON(&got), asJSON(want))
		if !slices.Equal(got, want) {
			t.Errorf("%v came back as %v", want, got)
		}
	}
	got := []int{9}
	read(t, fromJSON(&got), nil)
	if got != nil {
		t.Errorf("null came as %v", got)
	}
	got = []int{9}
	if err := fromJSON(&got).Scan("{"); err == nil || !slices.Equal(got, []int{9}) {
		t.Errorf("bad JSON: %v, %v", got, err)
	}
	stale := struct{ A, B int }{1, 2}
	read(t, fromJSON(&stale), `{"A": 3}`)
	if stale.B != 0 {
		t.Error("a field that is not in the JSON kept its value")
	}
}

func TestIDsAreOrderedByTime(t *testing.T) {
	start := time.UnixMilli(0)
	var last string
	for _, later := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond, 31 * time.Millisecond, 32 * time.Millisecond,
		time.Second, time.Hour, 24 * 365 * 56 * time.Hour, 24 * 365 * 250 * time.Hour} {
		id := NewID(start.Add(later))
		if len(id) != 26 || id <= last {
			t.Errorf("%s, %v later, after %s", id, later, last)
		}
		last = id
	}
	seen := map[string]bool{}
	for range 10_000 {
		seen[NewID(start)] = true
	}
	if len(seen) != 10_000 {
		t.Errorf("%d different ids of 10,000", len(seen))
	}
}
