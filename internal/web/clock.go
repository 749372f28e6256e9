package web

import (
	"encoding/json"
	"slices"
	"time"

	"rebound"
	"rebound/internal/holiday"
)

// warnBefore is how long before the reminder a clock turns amber.
const warnBefore = 10 * time.Minute

// wait is the clock of a recovery that waits: what it says now, and what the page needs to go on counting
// by itself (static/clock.js).
type wait struct {
	Level  string // class: "" calm, "is-warn", "is-crit"
	Waited string // "12 m"
	Next   string // "reminder in 18 m", or who was told last
	Dash   string // stroke-dasharray of the ring, which fills towards the next step
	Data   string // JSON of waitData
}

// waitData is a clock for the page. Instants are milliseconds since 1970; all words are made here.
type waitData struct {
	Since int64      `json:"since"`
	Warn  int64      `json:"warn,omitempty"` // from when it is amber; 0: never
	Crit  int64      `json:"crit,omitempty"`
	Steps []waitStep `json:"steps"`
}

type waitStep struct {
	At   int64  `json:"at"`
	In   string `json:"in"`   // before: "reminder in"
	Done string `json:"done"` // afterwards, until the next: "reminded"
}

// wait reads a waiting recovery's clock.
func (sc scene) wait(r rebound.Recovery) wait {
	clock := sc.clockOf(r.Line)
	data := waitData{Since: r.WaitSince.UnixMilli()}
	for _, step := range clock.Policy.WithDefaults().Steps {
		at := clock.After(r, step.After)
		soon, done := sc.told(step)
		w := waitStep{at.UnixMilli(), soon + " in", done}
		switch {
		case step.Whom == rebound.ToTeam && data.Warn == 0:
			data.Warn = at.Add(-warnBefore).UnixMilli()
		case step.Whom == rebound.ToSupervisor && data.Crit == 0:
			data.Crit = at.UnixMilli()
		}
		if step.After > 0 {
			data.Steps = append(data.Steps, w)
		}
	}
	return data.at(sc.now)
}

// clockOf is the clock of recoveries on a line.
func (sc scene) clockOf(id rebound.LineID) rebound.Clock {
	line := sc.line(id)
	var team rebound.Team
	is := rebound.TeamOf(line, rebound.Declaration{Routes: sc.routes}.RouteOf(line))
	if i := slices.IndexFunc(sc.teams, func(t rebound.Team) bool { return t.ID == is }); i >= 0 {
		team = sc.teams[i]
	}
	return rebound.NewClock(sc.business, team, sc.set.Schedule(sc.business, line), sc.zone, holiday.Find)
}

// told says what a policy's step is before it is due, and afterwards.
func (sc scene) told(step rebound.PolicyStep) (soon, done string) {
	switch step.Whom {
	case rebound.ToTeam:
		return "reminder", "reminded"
	case rebound.ToSupervisor:
		return "supervisor", "supervisor alerted"
	case rebound.ToOnDuty:
		return "everyone on duty", "everyone on duty alerted"
	case rebound.ToMember:
		who := sc.person(step.Member).First
		return who, who + " alerted"
	}
	return "second alert", "alerted again"
}

// at says the clock's words at one instant, as static/clock.js goes on saying them.
func (d waitData) at(now time.Time) wait {
	text, err := json.Marshal(d)
	if err != nil {
		panic("web: a clock of numbers and words cannot be written: " + err.Error())
	}
	ms := max(now.UnixMilli(), d.Since)
	w := wait{Waited: coarse(time.Duration(ms-d.Since) * time.Millisecond), Dash: "100 100", Data: string(text)}
	from := d.Since
	for _, step := range d.Steps {
		if step.At > ms {
			w.Next = step.In + " " + until(time.Duration(step.At-ms)*time.Millisecond)
			w.Dash = dash(ms-from, step.At-from)
			break
		}
		from, w.Next = step.At, step.Done
	}
	switch {
	case d.Crit != 0 && ms >= d.Crit:
		w.Level = "is-crit"
	case d.Warn != 0 && ms >= d.Warn:
		w.Level = "is-warn"
	}
	return w
}

// dash draws a share of the ring, never less than a visible one.
func dash(part, whole int64) string {
	share := 100
	if whole > 0 {
		share = int(min(100, max(3, 100*part/whole)))
	}
	return itoa(share) + " 100"
}

// stage is how long after the beginning of the wait its n-th group of the inbox begins: the reminder, then
// the supervisor.
func stage(p rebound.EscalationPolicy, whom rebound.Audience) (time.Duration, bool) {
	for _, step := range p.WithDefaults().Steps {
		if step.Whom == whom && step.After > 0 {
			return step.After, true
		}
	}
	return 0, false
}
