package web

import (
	"encoding/json"
	"time"

	"rebound"
)

// warnBefore is how long before the reminder a clock turns amber.
const warnBefore = 10 * time.Minute

// wait is the clock of a recovery that waits: what it says now, and what the page needs to go on counting
// by itself (static/clock.js).
type wait struct {
	Level  string // class: "" calm, "is-warn", "is-crit"
	Waited string // "12 m"
	Next   string // "30 m mark in 18 m", or the mark that is past
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
	In   string `json:"in"`   // before: "30 m mark in"
	Done string `json:"done"` // afterwards, until the next: "over 2 h"
}

// wait reads a waiting recovery's clock.
func (sc scene) wait(r rebound.Recovery) wait {
	policy := sc.business.Policy.WithDefaults()
	data := waitData{Since: r.WaitSince.UnixMilli()}
	for _, step := range policy.Steps {
		at := r.WaitSince.Add(step.After)
		w := waitStep{at.UnixMilli(), coarse(step.After) + " mark in", "over " + coarse(step.After)}
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
