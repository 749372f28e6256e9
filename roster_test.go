package rebound

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func moment(t testing.TB, text string) Moment {
	t.Helper()
	m, err := ParseMoment(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// dayTeam works by shifts, and Luis and Ray are on call in turns, from Monday at eight.
func dayTeam(t testing.TB) Rota {
	split := Hours{{time.Tuesday, 8 * 60, 12 * 60}, {time.Tuesday, 13 * 60, 17 * 60}}
	return Rota{
		Crew: []Rostered{
			{Member: "ana", Name: "Ana", Shifts: workweek()},
			{Member: "ben", Name: "Ben", Shifts: split},
			{Member: "luis", Name: "Luis"},
			{Member: "ray", Name: "Ray", Shifts: Hours{{time.Tuesday, 9 * 60, 10 * 60}}},
			{Member: "zoe"},
		},
		Rotation: Rotation{Members: []MemberID{"luis", "ray"}, Starts: moment(t, "2026-11-02 08:00"), Days: 7},
	}
}

// said writes duties as "ana: on shift until 5:30 PM", with + before those who are on.
func said(duties []Duty) string {
	var lines []string
	for _, d := range duties {
		mark := "-"
		if d.On {
			mark = "+"
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", mark, d.Member, d.Why))
	}
	return strings.Join(lines, "\n")
}

func TestOnDuty(t *testing.T) {
	la := load(t, "America/Los_Angeles")
	swap := func(taker, of MemberID, from, to string) Swap { return Swap{taker, of, moment(t, from), moment(t, to)} }
	for _, test := range []struct {
		name string
		at   string
		edit func(*Rota)
		want string
	}{
		{"in the week", "2026-11-24 09:30", func(*Rota) {}, `
+ ana: on shift until 5:30 PM
+ ben: on shift until 12:00 PM
- luis: off: Ray is on call until Mon 8:00 AM
+ ray: on shift until 10:00 AM
+ zoe: always on duty`},
		{"after hours", "2026-11-24 18:00", func(*Rota) {}, `
- ana: no shift until Wed 8:00 AM
- ben: no shift until Tue, Dec 1, 8:00 AM
- luis: off: Ray is on call until Mon 8:00 AM
+ ray: on call until Mon 8:00 AM
+ zoe: always on duty`},
		{"on a Sunday", "2026-11-29 10:00", func(*Rota) {}, `
- ana: no shift on Sundays
- ben: no shift on Sundays
- luis: off: Ray is on call until Mon 8:00 AM
+ ray: on call until Mon 8:00 AM
+ zoe: always on duty`},
		{"handed over on the minute", "2026-11-30 08:00", func(*Rota) {}, `
+ ana: on shift until 5:30 PM
- ben: no shift on Mondays
+ luis: on call until Mon, Dec 7, 8:00 AM
- ray: no shift on Mondays
+ zoe: always on duty`},
		{"before the rotation starts", "2026-11-01 10:00", func(*Rota) {}, `
- ana: no shift on Sundays
- ben: no shift on Sundays
- luis: the rotation starts Mon 8:00 AM
- ray: no shift on Sundays
+ zoe: always on duty`},
		{"a swapped turn", "2026-11-24 18:00", func(r *Rota) {
			r.Swaps = []Swap{swap("luis", "ray", "2026-11-24", "2026-11-25"), swap("zoe", "ben", "2026-11-24", "2026-11-25")}
		}, `
- ana: no shift until Wed 8:00 AM
- ben: no shift until Tue, Dec 1, 8:00 AM
+ luis: on duty for Ray until Wed 12:00 AM
- ray: off: swapped with Luis
+ zoe: always on duty`},
		{"whom others wait for is who has the turn", "2026-11-24 18:00", func(r *Rota) {
			r.Swaps = []Swap{swap("ana", "ray", "2026-11-24", "2026-12-25")}
		}, `
+ ana: on duty for Ray until Mon 8:00 AM
- ben: no shift until Tue, Dec 1, 8:00 AM
- luis: off: Ana is on call until Mon 8:00 AM
- ray: off: swapped with Ana
+ zoe: always on duty`},
		{"an exchange", "2026-11-24 09:30", func(r *Rota) {
			r.Swaps = []Swap{swap("ana", "ben", "2026-11-24", "2026-11-25"), swap("ben", "ana", "2026-11-24", "2026-11-25")}
		}, `
+ ana: on duty for Ben until 12:00 PM
+ ben: on duty for Ana until 5:30 PM
- luis: off: Ray is on call until Mon 8:00 AM
+ ray: on shift until 10:00 AM
+ zoe: always on duty`},
		{"changes", "2026-11-24 18:00", func(r *Rota) {
			r.Changes = []Change{
				{"ana", true, moment(t, "2026-11-24 17:00"), moment(t, "2026-11-24 20:00"), "inventory"},
				{"ray", false, moment(t, "2026-11-23"), moment(t, "2026-12-07"), "vacation"},
				{"zoe", false, moment(t, "2026-11-24 18:00"), moment(t, "2026-11-24 19:00"), ""},
			}
		}, `
+ ana: on duty until 8:00 PM: inventory
- ben: no shift until Tue, Dec 1, 8:00 AM
- luis: off: Ray is on call until Mon 8:00 AM
- ray: off until Mon, Dec 7, 12:00 AM: vacation
- zoe: off until 7:00 PM`},
		{"a change wins over a swap", "2026-11-24 18:00", func(r *Rota) {
			r.Swaps = []Swap{swap("luis", "ray", "2026-11-24", "2026-11-25")}
			r.Changes = []Change{{"luis", false, moment(t, "2026-11-24"), moment(t, "2026-11-25"), "sick"}}
		}, `
- ana: no shift until Wed 8:00 AM
- ben: no shift until Tue, Dec 1, 8:00 AM
- luis: off until Wed 12:00 AM: sick
- ray: off: swapped with Luis
+ zoe: always on duty`},
		{"busy, and not taking calls", "2026-11-24 14:00", func(r *Rota) {
			r.Crew[0].BusyUntil = local(t, la, "2026-11-24 15:00").UTC()
			r.Crew[1].BusyUntil = local(t, la, "2026-11-24 14:00")
			r.Crew[3].OffDuty, r.Crew[3].BusyUntil = true, local(t, la, "2026-11-24 15:00")
		}, `
- ana: busy until 3:00 PM
+ ben: on shift until 5:00 PM
- luis: off: Ray is on call until Mon 8:00 AM
- ray: not taking calls
+ zoe: always on duty`},
		{"who has both duties", "2026-11-24 09:30", func(r *Rota) {
			r.Swaps = []Swap{swap("ana", "ben", "2026-11-24", "2026-11-25")}
		}, `
+ ana: on shift until 5:30 PM
- ben: off: swapped with Ana
- luis: off: Ray is on call until Mon 8:00 AM
+ ray: on shift until 10:00 AM
+ zoe: always on duty`},
		{"who left the crew", "2026-11-24 12:30", func(r *Rota) {
			r.Crew = r.Crew[:3]
			r.Swaps = []Swap{swap("gone", "ana", "2026-11-24", "2026-11-25"), swap("ana", "gone", "2026-11-24", "2026-11-25")}
			r.Changes = []Change{{"gone", true, moment(t, "2026-11-24"), moment(t, "2026-11-25"), ""}}
		}, `
+ ana: on shift until 5:30 PM
- ben: no shift until 1:00 PM
- luis: off: somebody who left is on call until Mon 8:00 AM`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := dayTeam(t)
			test.edit(&r)
			if got := "\n" + said(r.OnDuty(local(t, la, test.at), la)); got != test.want {
				t.Errorf("at %s:%s\nwant%s", test.at, got, test.want)
			}
		})
	}
}

// At every change of clocks, and with a handover right at it: one is on call, never two, never none.
func TestOneIsOnCallWhateverClocksDo(t *testing.T) {
	names := []MemberID{"a", "b", "c"}
	for _, c := range transitions(t) {
		shown := c.at.Add(time.Duration(c.before) * time.Second).UTC() // what clocks would have shown
		for _, minutes := range []int{-60, -30, 0, 30, 60} {
			at := shown.Add(time.Duration(minutes) * time.Minute)
			starts := Moment{DateOf(at).AddDays(-21), at.Hour()*60 + at.Minute()}
			r := Rota{Rotation: Rotation{Members: names, Starts: starts, Days: 7}}
			for _, n := range names {
				r.Crew = append(r.Crew, Rostered{Member: n})
			}
			from, to := c.at.Add(-8*24*time.Hour), c.at.Add(8*24*time.Hour)
			covers := r.Coverage(from, to, c.in)
			for i, cover := range covers {
				if len(cover.On) != 1 {
					t.Fatalf("%s at %s, handover %s: %v on call from %s to %s", c.in, c.at, starts, cover.On, cover.From, cover.To)
				}
				if i > 0 && cover.On[0] != whoFollows(names, covers[i-1].On[0]) {
					t.Fatalf("%s at %s, handover %s: after %v comes %v", c.in, c.at, starts, covers[i-1].On, cover.On)
				}
			}
			if len(covers) < 3 || len(covers) > 4 {
				t.Fatalf("%s at %s, handover %s: %d turns in 16 days", c.in, c.at, starts, len(covers))
			}
		}
	}
}

func whoFollows(names []MemberID, of MemberID) MemberID {
	return names[(slices.Index(names, of)+1)%len(names)]
}

// In as many turns as make whole rounds, each has the same number and the same hours by the clock.
func TestTheRotationIsFair(t *testing.T) {
	in := load(t, "Europe/Berlin")
	for _, days := range []int{1, 3, 7, 14} {
		r := Rota{Crew: []Rostered{{Member: "a"}, {Member: "b"}, {Member: "c"}}}
		r.Rotation = Rotation{Members: []MemberID{"a", "b", "c"}, Starts: moment(t, "2026-01-05 02:30"), Days: days}
		turns, rounds := map[MemberID]int{}, 10
		from := r.Rotation.Starts.In(in)
		to := Moment{r.Rotation.Starts.Date.AddDays(3 * rounds * days), 150}.In(in)
		for i, c := range r.Coverage(from, to, in) {
			turns[c.On[0]]++
			if got := c.From.In(in).Format("15:04"); got != "02:30" && got != "03:00" { // 3:00 where clocks leap over 2:30
				t.Errorf("turn %d of %d days begins at %s", i, days, got)
			}
		}
		if turns["a"] != rounds || turns["b"] != rounds || turns["c"] != rounds {
			t.Errorf("turns of %d days: %v, want %d for each", days, turns, rounds)
		}
	}
}

// anyRota has a bit of everything, in and around the two weeks from Monday, 19 October 2026.
func anyRota(random *rand.Rand) Rota {
	names := []MemberID{"a", "b", "c", "d", "e"}
	some := func() MemberID { return names[random.IntN(len(names))] }
	at := func() Moment {
		return Moment{Date{2026, time.October, 15}.AddDays(random.IntN(21)), random.IntN(dayMinutes)}
	}
	period := func() (from, to Moment) {
		from, to = at(), at()
		if to.wall() < from.wall() {
			from, to = to, from
		}
		return from, to
	}
	var r Rota
	for _, n := range names {
		m := Rostered{Member: n}
		for day := time.Sunday; day <= time.Saturday && random.IntN(3) > 0; day++ {
			from := random.IntN(dayMinutes)
			m.Shifts = append(m.Shifts, Shift{day, from, from + 1 + random.IntN(12*60)})
		}
		if random.IntN(4) == 0 {
			m.BusyUntil = at().In(time.UTC)
		}
		r.Crew = append(r.Crew, m)
	}
	if random.IntN(2) == 0 {
		r.Rotation = Rotation{Members: []MemberID{some(), some(), some()}, Starts: at(), Days: 1 + random.IntN(9)}
	}
	for range random.IntN(4) {
		from, to := period()
		r.Changes = append(r.Changes, Change{some(), random.IntN(2) == 0, from, to, ""})
	}
	for range random.IntN(4) {
		from, to := period()
		r.Swaps = append(r.Swaps, Swap{some(), some(), from, to})
	}
	return r
}

// Coverage, OnDuty and Next are one truth: covers tile the time asked for, each says who is on duty at any
// instant within it, and the next one begins where Next says.
func TestCoverageTilesTheWeekAndAgreesWithOnDuty(t *testing.T) {
	in := load(t, "Europe/Berlin") // clocks go back on 25 October 2026
	from := local(t, in, "2026-10-19 00:00")
	to := from.AddDate(0, 0, 14)
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		r := anyRota(random)
		covers := r.Coverage(from, to, in)
		at := from
		for i, c := range covers {
			if !c.From.Equal(at) || !c.From.Before(c.To) || i > 0 && slices.Equal(c.On, covers[i-1].On) {
				t.Fatalf("seed %d: cover %d is from %s to %s, after %s", seed, i, c.From, c.To, at)
			}
			at = c.To
			inside := c.From.Add(time.Duration(random.Int64N(int64(c.To.Sub(c.From)))))
			for _, when := range []time.Time{c.From, inside, c.To.Add(-1)} {
				if on := whoIsOn(r, when, in); !slices.Equal(on, c.On) {
					t.Fatalf("seed %d: at %s %v are on duty, the cover from %s to %s says %v", seed, when, on, c.From, c.To, c.On)
				}
				if next := r.Next(when, in); c.To.Before(to) && !next.Equal(c.To) {
					t.Fatalf("seed %d: Next at %s is %s, the cover ends at %s", seed, when, next, c.To)
				}
			}
		}
		if !at.Equal(to) {
			t.Fatalf("seed %d: covers end at %s", seed, at)
		}
	}
}

func whoIsOn(r Rota, at time.Time, in *time.Location) []MemberID {
	var on []MemberID
	for _, d := range r.OnDuty(at, in) {
		if d.On {
			on = append(on, d.Member)
		}
	}
	return on
}

// When all have swapped round, each has exactly the duty of the next one: nothing is lost, nothing doubled.
func TestSwapsAreSymmetrical(t *testing.T) {
	in := load(t, "America/New_York")
	from := local(t, in, "2026-10-26 00:00")
	for seed := range uint64(100) {
		r := anyRota(rand.New(rand.NewPCG(seed, 2)))
		r.Changes, r.Swaps = nil, nil
		for i := range r.Crew {
			r.Crew[i].BusyUntil = time.Time{}
		}
		swapped := r
		for i, m := range r.Crew {
			taker := r.Crew[(i+1)%len(r.Crew)].Member
			swapped.Swaps = append(swapped.Swaps, Swap{taker, m.Member, moment(t, "2026-10-01"), moment(t, "2026-11-30")})
		}
		for at := from; at.Before(from.AddDate(0, 0, 14)); at = at.Add(67 * time.Minute) {
			before, after := r.OnDuty(at, in), swapped.OnDuty(at, in)
			for i := range before {
				if j := (i + 1) % len(after); before[i].On != after[j].On {
					t.Fatalf("seed %d at %s:\n%s\nswapped round:\n%s", seed, at, said(before), said(after))
				}
			}
		}
	}
}

func TestNextIsNever(t *testing.T) {
	alone := Rota{Crew: []Rostered{{Member: "a"}, {Member: "b", Shifts: AlwaysOpen()}}, Rotation: Rotation{Members: []MemberID{"a"}, Starts: moment(t, "2026-11-02 08:00"), Days: 1}}
	at := local(t, time.UTC, "2026-11-24 10:00")
	if got := alone.Next(at, time.UTC); !got.IsZero() {
		t.Errorf("duty changes at %s, though one is on call for ever and one always on shift", got)
	}
	if got := alone.Next(local(t, time.UTC, "2026-11-01 10:00"), time.UTC); !got.Equal(local(t, time.UTC, "2026-11-02 08:00")) {
		t.Errorf("duty changes at %s", got)
	}
}

func TestGapsCountTheCallsOfWeeksPast(t *testing.T) {
	in := load(t, "America/New_York")
	r := Rota{Crew: []Rostered{{Member: "a", Shifts: Hours{{time.Friday, 22 * 60, 26 * 60}, {time.Saturday, 8 * 60, 30 * 60}, {time.Sunday, 8 * 60, 28 * 60}}}}}
	covers := r.Coverage(local(t, in, "2026-11-20 20:00"), local(t, in, "2026-11-22 10:00"), in) // from a Friday
	var calls []time.Time
	for _, call := range []string{
		"2026-10-30 21:59", "2026-10-30 22:00", "2026-10-31 01:59", "2026-10-31 02:00", // an hour nearer to UTC
		"2026-11-14 07:59", "2026-11-14 08:00", "2026-11-15 06:30", "2026-11-10 03:00",
	} {
		calls = append(calls, local(t, in, call).UTC())
	}
	want := []Gap{
		{local(t, in, "2026-11-20 20:00"), local(t, in, "2026-11-20 22:00"), 1},
		{local(t, in, "2026-11-21 02:00"), local(t, in, "2026-11-21 08:00"), 2},
		{local(t, in, "2026-11-22 06:00"), local(t, in, "2026-11-22 08:00"), 1},
	}
	got := Gaps(covers, calls, in)
	if !slices.EqualFunc(got, want, func(a, b Gap) bool { return a.From.Equal(b.From) && a.To.Equal(b.To) && a.Calls == b.Calls }) {
		t.Errorf("gaps %v, want %v", got, want)
	}
}

// While the office is open, Ben's breaks are gaps on the days on which nobody else works.
func TestCoverageWithinOpeningHours(t *testing.T) {
	in := load(t, "America/New_York")
	office := Schedule{Weekly: Hours{{time.Tuesday, 8 * 60, 18 * 60}, {time.Wednesday, 8 * 60, 12 * 60}}}
	r := Rota{Crew: []Rostered{{Member: "ben", Shifts: Hours{{time.Tuesday, 7 * 60, 12 * 60}, {time.Tuesday, 13 * 60, 17 * 60}}}}}
	from := local(t, in, "2026-11-24 00:00")
	to := from.AddDate(0, 0, 2)
	var lines []string
	for _, c := range Within(r.Coverage(from, to, in), office.Windows(from, to, in, nil)) {
		lines = append(lines, fmt.Sprintf("%s to %s %v", c.From.In(in).Format("02 15:04"), c.To.In(in).Format("15:04"), c.On))
	}
	want := []string{"24 08:00 to 12:00 [ben]", "24 12:00 to 13:00 []", "24 13:00 to 17:00 [ben]", "24 17:00 to 18:00 []", "25 08:00 to 12:00 []"}
	if !slices.Equal(lines, want) {
		t.Errorf("covers %q, want %q", lines, want)
	}
}

func TestRotaCheck(t *testing.T) {
	fine := dayTeam(t)
	fine.Changes = []Change{
		{"ana", false, moment(t, "2026-12-24"), moment(t, "2026-12-28"), ""}, {"ana", true, moment(t, "2026-12-28"), moment(t, "2026-12-29"), ""},
		{"ben", true, moment(t, "2026-12-24"), moment(t, "2026-12-28"), ""},
	}
	fine.Swaps = []Swap{{"ana", "ben", moment(t, "2026-12-24"), moment(t, "2026-12-25")}, {"ben", "ana", moment(t, "2026-12-24"), moment(t, "2026-12-25")}}
	if problems := fine.Check(); problems != nil {
		t.Errorf("a fine rota: %v", problems)
	}
	eve, christmas := moment(t, "2026-12-24"), moment(t, "2026-12-25")
	for _, test := range []struct {
		name  string
		edit  func(*Rota)
		about string
		wrong string
	}{
		{"empty", func(r *Rota) { *r = Rota{} }, "crew", "nobody"},
		{"twice in it", func(r *Rota) { r.Crew = append(r.Crew, Rostered{Member: "ana"}) }, "crew[5]", "ana is in the crew already"},
		{"shifts", func(r *Rota) { r.Crew[4].Shifts = Hours{{1, 60, 60}} }, "crew[4].shifts", "is not a shift"},
		{"a stranger's turn", func(r *Rota) { r.Rotation.Members[1] = "max" }, "rotation.members[1]", `"max" is not in the crew`},
		{"no turns", func(r *Rota) { r.Rotation.Members = nil }, "rotation.members", "nobody"},
		{"no length", func(r *Rota) { r.Rotation.Days = 0 }, "rotation.days", "0 days"},
		{"no start", func(r *Rota) { r.Rotation.Starts = Moment{} }, "rotation.starts", "no such time"},
		{"a stranger's change", func(r *Rota) { r.Changes = []Change{{"max", true, eve, christmas, ""}} }, "changes[0].member", "not in the crew"},
		{"a change backwards", func(r *Rota) { r.Changes = []Change{{"ana", true, christmas, eve, ""}} }, "changes[0]", "not after it begins"},
		{"a change without end", func(r *Rota) { r.Changes = []Change{{"ana", true, eve, Moment{}, ""}} }, "changes[0]", "lacks a time"},
		{"two changes", func(r *Rota) {
			r.Changes = []Change{{"ana", true, eve, christmas, ""}, {"ana", false, eve, moment(t, "2026-12-24 01:00"), ""}}
		}, "changes[1]", "has a change from 2026-12-24 00:00"},
		{"a stranger takes", func(r *Rota) { r.Swaps = []Swap{{"max", "ana", eve, christmas}} }, "swaps[0].taker", "not in the crew"},
		{"of a stranger", func(r *Rota) { r.Swaps = []Swap{{"ana", "max", eve, christmas}} }, "swaps[0].of", "not in the crew"},
		{"with themself", func(r *Rota) { r.Swaps = []Swap{{"ana", "ana", eve, christmas}} }, "swaps[0]", "themself"},
		{"taken twice", func(r *Rota) { r.Swaps = []Swap{{"ana", "ben", eve, christmas}, {"zoe", "ben", eve, christmas}} }, "swaps[1]", "ana has taken"},
	} {
		r := dayTeam(t)
		test.edit(&r)
		if problems := r.Check(); len(problems) != 1 || problems[0].About != test.about || !strings.Contains(problems[0].Wrong, test.wrong) {
			t.Errorf("%s: %+v, want one about %s that says %q", test.name, problems, test.about, test.wrong)
		}
	}
}

func TestRotaAsJSON(t *testing.T) {
	r := Rota{
		Crew:     []Rostered{{Member: "ana", Shifts: Hours{{1, 480, 1020}}}, {Member: "ben"}},
		Rotation: Rotation{Members: []MemberID{"ana", "ben"}, Starts: moment(t, "2026-11-30 08:00"), Days: 7},
		Changes:  []Change{{"ana", false, moment(t, "2026-12-24"), moment(t, "2026-12-28"), "vacation"}},
		Swaps:    []Swap{{"ana", "ben", moment(t, "2026-12-24"), moment(t, "2026-12-25")}},
	}
	want := `{"crew":[{"member":"ana","shifts":[{"day":1,"from":480,"to":1020}]},{"member":"ben"}],` +
		`"rotation":{"members":["ana","ben"],"starts":"2026-11-30 08:00","days":7},` +
		`"changes":[{"member":"ana","from":"2026-12-24 00:00","to":"2026-12-28 00:00","note":"vacation"}],` +
		`"swaps":[{"taker":"ana","of":"ben","from":"2026-12-24 00:00","to":"2026-12-25 00:00"}]}`
	got, err := json.Marshal(r)
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	var back Rota
	if err := json.Unmarshal(got, &back); err != nil || !reflect.DeepEqual(back, r) {
		t.Errorf("%s reads back as %+v, %v", got, back, err)
	}
}
