package rebound_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/zone"
)

func TestAWeekAheadHasEachHourOnceWhateverClocksDo(t *testing.T) {
	la, err := zone.Load("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	for name, first := range map[string]rebound.Date{"they leap": {2026, time.March, 2}, "they go back": {2026, time.October, 26}, "nothing": {2026, time.June, 1}} {
		from, to := rebound.Moment{Date: first}.In(la), rebound.Moment{Date: first.AddDays(7)}.In(la)
		rota := rebound.Rota{Crew: []rebound.Rostered{{Member: "ana", Shifts: rebound.Hours{{Day: time.Sunday, From: 60, To: 240}}}}}
		line := rebound.LineHours{
			Schedule: rebound.Schedule{Weekly: rebound.Hours{{Day: time.Sunday, From: 0, To: 300}}},
			Route:    rebound.Route{Open: []rebound.RouteStep{{Kind: rebound.RingStep, Whom: rebound.Whom{Team: "day"}}}},
		}
		wanted := rebound.Wanted("day", []rebound.LineHours{line}, from, to, la, nil)
		calls := []time.Time{rebound.Moment{Date: first.AddDays(6), Minute: 250}.In(la).AddDate(0, 0, -14)}
		week := rebound.WeekAhead(first, rota.Coverage(from, to, la), wanted, calls, la)
		sunday := week[6]
		for hour, want := range map[int]rebound.Hour{0: {0, 0, true}, 1: {0, 1, true}, 3: {0, 1, true}, 4: {1, 0, true}, 5: {0, 0, false}} {
			if sunday[hour] != want {
				t.Errorf("%s: Sunday %d is %+v, want %+v", name, hour, sunday[hour], want)
			}
		}
		line.Route.Closed = line.Route.Open
		if all := rebound.Wanted("day", []rebound.LineHours{line}, from, to, la, nil); len(all) != 1 || all[0].Opens != from || all[0].Closes != to {
			t.Errorf("%s: open and closed together are %v", name, all)
		}
	}
}

func TestNextOpeningIsOnALaterDay(t *testing.T) {
	bar := rebound.Schedule{Weekly: rebound.Hours{{Day: time.Friday, From: 1200, To: 1560}, {Day: time.Saturday, From: 1080, To: 1560}}}
	friday := time.Date(2026, 6, 5, 21, 0, 0, 0, time.UTC)
	if got, want := bar.NextOpening(friday, time.UTC, nil), time.Date(2026, 6, 6, 18, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Errorf("on Friday night it is %s, want %s", got, want)
	}
	if got := (rebound.Schedule{}).NextOpening(friday, time.UTC, nil); !got.IsZero() {
		t.Errorf("what is always open opens at %s", got)
	}
	if end, want := rebound.EndOfDay(friday), time.Date(2026, 6, 6, 0, 0, 0, 0, time.UTC); !end.Equal(want) {
		t.Errorf("the day ends at %s", end)
	}
}

func TestKeysAreOfNames(t *testing.T) {
	taken := map[string]bool{"ana": true, "ana-2": true}
	for name, want := range map[string]string{"Ana": "ana-3", "Ana  Ruiz-Díaz!": "ana-ruiz-d-az", "Юлия": "member", "": "member"} {
		if got := rebound.Key(name, "member", func(key string) bool { return taken[key] }); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
}
