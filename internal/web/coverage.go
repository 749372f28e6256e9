package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"rebound"
	"rebound/internal/holiday"
)

const (
	coverWeeks = 8      // of calls that a week ahead is laid against
	coverMost  = 20_000 // calls that are looked at, the latest
)

// coveragePage is a team's week: who is on duty, against when calls came.
type coveragePage struct {
	frame
	ID       rebound.TeamID
	Team     string
	Summary  string
	Warnings []coverWarning
	Hours    []int
	Days     []coverDay
}

// coverWarning is a time when calls would come and nobody is on duty.
type coverWarning struct {
	Team  rebound.TeamID
	Words string // "Day team, Sat 2:00 PM to 4:00 PM: nobody on duty, 6 calls in 8 weeks"
	calls int
}

// coverDay is one row of the map.
type coverDay struct {
	Name  string
	Hours []coverHour
}

// coverHour is one cell of the map.
type coverHour struct {
	Text, Class string
	Words       string // for those who do not see the map
}

// cover is what a week ahead is made of.
type cover struct {
	first    rebound.Date
	coverage []rebound.Cover
	wanted   []rebound.Window
	calls    []time.Time
}

// covers lays out the week of each crew, from today on. The calls are read once for all.
func (s *site) covers(ctx context.Context, sc scene, crews []crew) ([]cover, error) {
	arrivals, err := s.rows.Arrivals(ctx, sc.now.AddDate(0, 0, -7*coverWeeks), coverMost)
	if err != nil {
		return nil, err
	}
	routes, err := s.rows.Routes(ctx)
	if err != nil {
		return nil, err
	}
	first := rebound.DateOf(sc.now)
	from, to := rebound.Moment{Date: first}.In(sc.zone), rebound.Moment{Date: first.AddDays(7)}.In(sc.zone)
	covers := make([]cover, len(crews))
	for i, c := range crews {
		var lines []rebound.LineHours
		rings := map[rebound.LineID]bool{}
		for _, l := range sc.lines {
			h := rebound.LineHours{Schedule: sc.set.Schedule(sc.business, l), Route: rebound.Declaration{Routes: routes}.RouteOf(l)}
			lines = append(lines, h)
			rings[l.ID] = h.Route.Rings(c.ID, true) || h.Route.Rings(c.ID, false)
		}
		covers[i] = cover{
			first: first, coverage: c.rota.Coverage(from, to, sc.zone),
			wanted: rebound.Wanted(c.ID, lines, from, to, sc.zone, holiday.Find),
		}
		for _, a := range arrivals {
			if rings[a.Line] {
				covers[i].calls = append(covers[i].calls, a.At)
			}
		}
	}
	return covers, nil
}

// coverWarnings are the times of all teams when calls came in the past weeks and nobody is on duty in the week
// ahead, the most calls first.
func (s *site) coverWarnings(ctx context.Context, sc scene, crews []crew) ([]coverWarning, error) {
	covers, err := s.covers(ctx, sc, crews)
	if err != nil {
		return nil, err
	}
	var all []coverWarning
	for i, c := range covers {
		for _, w := range sc.warnings(c) {
			w.Team, w.Words = crews[i].ID, crews[i].Name+", "+w.Words
			all = append(all, w)
		}
	}
	slices.SortStableFunc(all, func(a, b coverWarning) int { return cmp.Compare(b.calls, a.calls) })
	return all, nil
}

func (sc scene) warnings(c cover) []coverWarning {
	var all []coverWarning
	for _, g := range rebound.Gaps(rebound.Within(c.coverage, c.wanted), c.calls, sc.zone) {
		if g.Calls > 0 && g.To.After(sc.now) {
			words := sc.coverTime(g.From, g.To) + ": nobody on duty, " + plural(g.Calls, "call", "calls") + " in " + itoa(coverWeeks) + nb + "weeks"
			all = append(all, coverWarning{Words: words, calls: g.Calls})
		}
	}
	return all
}

// coverTime is a time of the week: "Sat 2:00 PM to 4:00 PM".
func (sc scene) coverTime(from, to time.Time) string {
	from, to = from.In(sc.zone), to.In(sc.zone)
	words := from.Format("Mon ") + sc.clock(from) + " to "
	if last := to.Add(-time.Nanosecond); !sc.sameDay(from, last) {
		words += to.Format("Mon ")
	}
	return words + sc.clock(to)
}

func (s *site) coverage(w http.ResponseWriter, r *http.Request) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	crews := sc.crews()
	id := rebound.TeamID(r.PathValue("team"))
	crews = slices.DeleteFunc(crews, func(c crew) bool { return c.ID != id })
	if len(crews) == 0 {
		return errNoPage
	}
	covers, err := s.covers(r.Context(), sc, crews)
	if err != nil {
		return err
	}
	page := sc.coveragePage(crews[0], covers[0])
	page.frame = sc.frame("Coverage of "+page.Team, sc.at.team(), "")
	return render(w, r, http.StatusOK, coverageView(page))
}

func (sc scene) coveragePage(c crew, week cover) coveragePage {
	p := coveragePage{ID: c.ID, Team: c.Name, Warnings: sc.warnings(week)}
	hours := rebound.WeekAhead(week.first, week.coverage, week.wanted, week.calls, sc.zone)
	most, total, unstaffed := 0, 0, 0
	for _, day := range hours {
		for _, h := range day {
			most, total = max(most, h.Calls), total+h.Calls
			if h.Wanted && h.On == 0 {
				unstaffed++
			}
		}
	}
	for hour := range 24 {
		p.Hours = append(p.Hours, hour)
	}
	for i, day := range hours {
		row := coverDay{Name: week.first.AddDays(i).Weekday().String()[:3]}
		for hour, h := range day {
			row.Hours = append(row.Hours, coverCell(row.Name, hour, h, most))
		}
		p.Days = append(p.Days, row)
	}
	p.Summary = plural(total, "call", "calls") + " in " + itoa(coverWeeks) + nb + "weeks on the lines that ring " + c.Name + ". "
	if unstaffed == 0 {
		p.Summary += "Somebody is on duty in every hour of the week ahead in which they can ring."
	} else {
		p.Summary += "In " + plural(unstaffed, "hour", "hours") + " of the week ahead they can ring and nobody is on duty all through."
	}
	return p
}

// coverCell draws an hour: the darker, the more calls; crossed out where nobody is on duty.
func coverCell(day string, hour int, h rebound.Hour, most int) coverHour {
	const steps = 5
	level := 0
	if h.Calls > 0 {
		level = 1 + (h.Calls*steps-1)/most
	}
	cell := coverHour{Class: "h" + itoa(min(level, steps)), Words: day + " " + hourWord(hour) + ": " + plural(h.Calls, "call", "calls")}
	if h.Calls > 0 {
		cell.Text = itoa(h.Calls)
	}
	switch {
	case !h.Wanted:
		cell.Class += " is-shut"
		cell.Words += ", does not ring"
	case h.On == 0:
		cell.Class += " is-gap"
		cell.Words += ", nobody on duty"
	default:
		cell.Class += " is-on"
		cell.Words += ", " + itoa(h.On) + " on duty"
	}
	return cell
}

// hourWord is the hour with which a column begins: "8 AM".
func hourWord(hour int) string {
	return time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC).Format("3" + nb + "PM")
}
