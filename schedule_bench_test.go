package rebound

import (
	"fmt"
	"testing"
	"time"
)

// largestShop is 50 teams of 20 members, with what a rota can have in each.
func largestShop(b *testing.B) []Rota {
	var teams []Rota
	for n := range 50 {
		var r Rota
		for i := range 20 {
			m := Rostered{Member: MemberID(fmt.Sprintf("m%d", n*20+i)), Name: fmt.Sprintf("Member %d", i)}
			if i%4 != 0 {
				m.Shifts = append(workweek(), Shift{time.Saturday, 9 * 60, 13 * 60})
			} else {
				r.Rotation.Members = append(r.Rotation.Members, m.Member)
			}
			r.Crew = append(r.Crew, m)
		}
		r.Rotation.Starts, r.Rotation.Days = moment(b, "2026-01-05 08:00"), 7
		for i := range 3 {
			day := Moment{Date: Date{2026, time.November, 23 + i}}
			r.Changes = append(r.Changes, Change{r.Crew[i].Member, i == 0, day, Moment{Date: day.Date.AddDays(2)}, "vacation"})
			r.Swaps = append(r.Swaps, Swap{r.Crew[5+i].Member, r.Crew[4+i].Member, day, Moment{Date: day.Date.AddDays(2)}})
		}
		teams = append(teams, r)
	}
	return teams
}

func BenchmarkOnDuty(b *testing.B) {
	teams, in, at := largestShop(b), load(b, "America/New_York"), time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		if duties := teams[i%len(teams)].OnDuty(at, in); len(duties) != 20 {
			b.Fatal(duties)
		}
	}
}

func BenchmarkCoverageOfAWeek(b *testing.B) {
	teams, in, at := largestShop(b), load(b, "America/New_York"), time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	for i := 0; b.Loop(); i++ {
		if covers := teams[i%len(teams)].Coverage(at, at.Add(week), in); len(covers) == 0 {
			b.Fatal("nobody")
		}
	}
}

func BenchmarkScheduleAt(b *testing.B) {
	in, at := load(b, "America/New_York"), time.Date(2026, 11, 24, 14, 0, 0, 0, time.UTC)
	var vacations []Exception
	for i := range 40 {
		vacations = append(vacations, Exception{Date: Date{2026, time.January, 1}.AddDays(7 * i), Note: "vacation"})
	}
	holidays := []string{"thanksgiving", "christmas", "new_year", "eve"}
	for name, s := range map[string]Schedule{
		"week":        {Weekly: workweek()},
		"everything":  {Weekly: workweek(), Holidays: holidays, Exceptions: vacations},
		"day & night": {Weekly: AlwaysOpen(), Holidays: holidays, Exceptions: vacations}, // the next change is far
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := s.At(at, in, someHolidays); !got.Open {
					b.Fatal(got)
				}
			}
		})
	}
}
