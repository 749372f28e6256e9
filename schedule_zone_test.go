package rebound

import (
	"archive/zip"
	"testing"
	"time"

	"rebound/internal/zone"
)

// Where a law of 2026 changed clocks, a business that opens at eight opens at these instants. Rules from
// before those laws are an hour off in each row.
func TestHoursFollowTheLawsOf2026(t *testing.T) {
	for name, opens := range map[string]string{
		"America/Vancouver": "15:00",
		"America/Edmonton":  "14:00",
		"America/Winnipeg":  "13:00",
		"America/Havana":    "12:00",
		"Africa/Casablanca": "08:00",
	} {
		in, s := load(t, name), Schedule{Weekly: workweek()}
		want := local(t, time.UTC, "2026-12-01 "+opens) // a Tuesday
		before, after := s.At(want.Add(-time.Second), in, nil), s.At(want, in, nil)
		if before.Open || !before.Until.Equal(want) || !after.Open || after.Why != "open until 5:30 PM" || !after.Until.Equal(want.Add(9*time.Hour+30*time.Minute)) {
			t.Errorf("%s on 2026-12-01: until %s %+v, then %+v", name, opens, before, after)
		}
	}
}

// transition is an instant at which clocks change, in a zone where they do.
type transition struct {
	at            time.Time
	before, after int // offsets from UTC in seconds
	in            *time.Location
}

// transitions are all from 2024 through 2037 of all zones that the binary has; where several zones change in
// the same way at the same instant, one of them stands for all.
func transitions(t *testing.T) []transition {
	t.Helper()
	archive, err := zip.OpenReader("internal/zone/zones.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	type change struct {
		at            int64
		before, after int
	}
	seen := map[change]bool{}
	var found []transition
	for _, file := range archive.File {
		in, err := zone.Load(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		end := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
		_, at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).In(in).ZoneBounds()
		for ; !at.IsZero() && at.Before(end); _, at = at.ZoneBounds() {
			_, before := at.Add(-time.Second).Zone()
			_, after := at.Zone()
			if c := (change{at.Unix(), before, after}); before != after && !seen[c] {
				seen[c] = true
				found = append(found, transition{at, before, after, in})
			}
		}
	}
	const least = 600
	if len(found) < least {
		t.Fatalf("%d transitions in %d zones, want %d or more", len(found), len(archive.File), least)
	}
	return found
}

// seen is what somebody saw who sat before a clock in a zone around a transition, and looked at it once a
// minute: when it first and last showed each wall. It knows nothing of offsets.
type seen struct {
	first, last map[wall]time.Time
	change      time.Time
}

func watch(c transition) seen {
	s := seen{map[wall]time.Time{}, map[wall]time.Time{}, c.at}
	for at := c.at.Add(-7 * time.Hour); at.Before(c.at.Add(7 * time.Hour)); at = at.Add(time.Minute) {
		there := at.In(c.in)
		shown := wallAt(DateOf(there).number(), there.Hour()*60+there.Minute())
		if _, before := s.first[shown]; !before {
			s.first[shown] = at
		}
		s.last[shown] = at
	}
	return s
}

func (s seen) opens(w wall) time.Time {
	if at, shown := s.first[w]; shown {
		return at
	}
	return s.change
}

func (s seen) closes(w wall) time.Time {
	if at, shown := s.last[w]; shown {
		return at
	}
	return s.change
}

// opening makes a schedule that is open from one wall to the other, once a week.
func opening(from, to wall) Hours {
	day := int(from) / dayMinutes
	return Hours{{weekday(day), int(from - wallAt(day, 0)), int(to - wallAt(day, 0))}}
}

func TestEachWindowOpensAndClosesOnceAtEveryTransition(t *testing.T) {
	for _, c := range transitions(t) {
		clock := watch(c)
		from, to := wall((c.at.Unix()+int64(c.before))/60), wall((c.at.Unix()+int64(c.after))/60)
		from, to = min(from, to), max(from, to) // leapt over, or shown twice
		ends := []wall{from - 90, from - 1, from, from + 1, (from + to) / 2, to - 1, to, to + 1, to + 90}
		for i, a := range ends {
			for _, b := range ends[i+1:] {
				if b <= a { // the change is of a minute or two
					continue
				}
				once(t, c, opening(a, b), clock.opens(a), clock.closes(b))
				if middle := ends[4]; a < middle && middle < b { // two that touch are one
					once(t, c, append(opening(a, middle), opening(middle, b)...), clock.opens(a), clock.closes(b))
				}
			}
		}
		if from+20 < to-20 && c.after < c.before { // what ends the second time is still open when the other begins
			once(t, c, append(opening(from-10, from+10), opening(from+20, to+10)...), clock.opens(from-10), clock.closes(to+10))
		}
		if t.Failed() {
			return
		}
	}
}

// once fails unless the hours are open from one instant to the other and at no other time around c; none if
// clocks leap over all of it.
func once(t *testing.T, c transition, hours Hours, opens, closes time.Time) {
	t.Helper()
	s := Schedule{Weekly: hours}
	windows := s.Windows(c.at.Add(-60*time.Hour), c.at.Add(60*time.Hour), c.in, nil)
	if !opens.Before(closes) {
		before := s.At(c.at.Add(-time.Hour), c.in, nil)
		if len(windows) > 0 || s.At(c.at, c.in, nil).Open || before.Open || before.Until.Sub(c.at) < 5*24*time.Hour {
			t.Errorf("%s at %s: %s is open %v (%+v), though clocks leap over it", c.in, c.at, hours, windows, before)
		}
		return
	}
	if len(windows) != 1 || !windows[0].Opens.Equal(opens) || !windows[0].Closes.Equal(closes) {
		t.Errorf("%s at %s: %s is open %v, want from %s to %s", c.in, c.at, hours, windows, opens.UTC(), closes.UTC())
		return
	}
	for _, test := range []struct {
		at    time.Time
		open  bool
		until time.Time
	}{
		{opens.Add(-time.Minute), false, opens}, {opens.Add(-1), false, opens}, {opens, true, closes}, {closes.Add(-1), true, closes},
	} {
		if got := s.At(test.at, c.in, nil); got.Open != test.open || !got.Until.Equal(test.until) {
			t.Errorf("%s at %s: %s at %s: %+v, want open %v until %s", c.in, c.at, hours, test.at.UTC(), got, test.open, test.until.UTC())
		}
	}
	if got := s.At(closes, c.in, nil); got.Open || got.Until.Sub(closes) < 5*24*time.Hour {
		t.Errorf("%s at %s: %s at %s: %+v, want closed until next week", c.in, c.at, hours, closes.UTC(), got)
	}
}

// Through all the years, each week has its windows: as many as written, in order, never one in another.
func TestWindowsOfAllYears(t *testing.T) {
	hours := append(workweek(), Shift{time.Sunday, 0, 3*60 + 30}, Shift{time.Saturday, 18 * 60, 20*60 + 30})
	from, to := local(t, time.UTC, "2024-01-03 12:00"), local(t, time.UTC, "2037-12-30 12:00") // both Wednesdays
	weeks := int(to.Sub(from) / week)
	zones := map[string]*time.Location{}
	for _, c := range transitions(t) {
		zones[c.in.String()] = c.in
	}
	const least = 30
	if len(zones) < least {
		t.Fatalf("clocks change in %d zones, want %d or more", len(zones), least)
	}
	for name, in := range zones {
		windows := Schedule{Weekly: hours}.Windows(from, to, in, nil)
		if got := len(windows); got < weeks*len(hours) || got > weeks*len(hours)+1 { // one more where a Wednesday's is cut in two
			t.Errorf("%s: %d windows in %d weeks, want %d", name, got, weeks, weeks*len(hours))
		}
		for i, w := range windows {
			if !w.Opens.Before(w.Closes) || i > 0 && !windows[i-1].Closes.Before(w.Opens) {
				t.Fatalf("%s: window %d is from %s to %s", name, i, w.Opens, w.Closes)
			}
		}
	}
}

// Cuba's clocks show 0:00 to 0:59 twice on 7 November 2027. Who closes at midnight closes at the second one,
// except where a closed day follows: that begins with the first.
func TestMidnightTwice(t *testing.T) {
	in := load(t, "America/Havana")
	from := local(t, time.UTC, "2027-11-06 12:00")
	for _, test := range []struct {
		name       string
		exceptions []Exception
		want       string
	}{
		{"nothing follows", nil, "06 16:00 to 07 05:00"},
		{"a closed day follows", []Exception{{Date: date(t, "2027-11-07")}}, "06 16:00 to 07 04:00"},
	} {
		s := Schedule{Weekly: Hours{{time.Saturday, 12 * 60, 18 * 60}, {time.Saturday, 18 * 60, 24 * 60}}, Exceptions: test.exceptions}
		windows := s.Windows(from, from.Add(48*time.Hour), in, nil)
		for i := range windows {
			windows[i] = Window{windows[i].Opens.UTC(), windows[i].Closes.UTC()}
		}
		if got := shown(windows, "02 15:04"); got != test.want {
			t.Errorf("%s: open %s, want %s", test.name, got, test.want)
		}
	}
}
