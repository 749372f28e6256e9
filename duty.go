package rebound

import (
	"slices"
	"time"
)

// Overrides are what people set with one tap, beside what the business has declared. Each ends by itself.
type Overrides struct {
	Business Override
	Lines    map[LineID]Override
	Members  map[MemberID]Absence
}

// Absence says until when a member takes no calls. A zero Until is no absence, and a past one is over.
type Absence struct {
	Busy  bool // "busy until …"; else off duty
	Until time.Time
}

// Schedule is when the line is open, all in all.
func (o Overrides) Schedule(b Business, l Line) Schedule {
	own, parent := l.Schedule, b.Schedule
	own.Override, parent.Override = o.Lines[l.ID], o.Business
	return own.Or(parent)
}

// Rota is who of members is on duty, all in all. They are those of the team who have not left, in ringing
// order, and the rota's crew is in theirs.
func (o Overrides) Rota(t Team, members []Member) Rota {
	r := t.Rota
	r.Crew = make([]Rostered, len(members))
	for i, m := range members {
		r.Crew[i] = Rostered{Member: m.ID, Shifts: t.shifts(m.ID), Name: m.Name, OffDuty: m.OffDuty}
		if away := o.Members[m.ID]; away.Busy {
			r.Crew[i].BusyUntil = away.Until
		} else {
			r.Crew[i].OffUntil = away.Until
		}
	}
	return r
}

func (t Team) shifts(m MemberID) Hours {
	i := slices.IndexFunc(t.Rota.Crew, func(c Rostered) bool { return c.Member == m })
	if i < 0 {
		return nil
	}
	return t.Rota.Crew[i].Shifts
}

// Check returns all that is wrong with the team's rota; the crew that its problems are about are the
// team's members.
func (t Team) Check() []Problem {
	var members []Member
	for _, id := range t.Members {
		members = append(members, Member{ID: id})
	}
	return Overrides{}.Rota(t, members).Check()
}

// Passed is a member of the line's team whom a plan does not ring.
type Passed struct {
	Member MemberID `json:"member"`
	Name   string   `json:"name"`
	Why    string   `json:"why"`            // in words: "no shift on Sundays", "busy on another call"
	Busy   bool     `json:"busy,omitempty"` // is on duty, and talks in another call
}

// Candidates parts members, whose duties stand in the same order, into those who can be rung and those who
// are passed over. Whoever talks in another call is busy, on whatever line it came.
func Candidates(members []Member, duties []Duty, talking []MemberID) (ring []Member, passed []Passed) {
	for i, m := range members {
		switch d := duties[i]; {
		case !d.On:
			passed = append(passed, Passed{Member: m.ID, Name: m.Name, Why: d.Why})
		case slices.Contains(talking, m.ID):
			passed = append(passed, Passed{Member: m.ID, Name: m.Name, Why: "busy on another call", Busy: true})
		default:
			ring = append(ring, m)
		}
	}
	return ring, passed
}

// nobodyRings names the miss, in words too, where the whole team is passed over.
func nobodyRings(passed []Passed) (MissReason, string) {
	if slices.ContainsFunc(passed, func(p Passed) bool { return p.Busy }) {
		return AllBusy, "everyone on duty is busy"
	}
	return NobodyOnDuty, "nobody on duty"
}
