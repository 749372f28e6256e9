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

// Candidates are members, whose duties stand in the same order, as the routing sees them.
func Candidates(members []Member, duties []Duty) []Candidate {
	all := make([]Candidate, len(members))
	for i, m := range members {
		all[i].Member = m
		if d := duties[i]; !d.On {
			all[i].Off = d.Why
		}
	}
	return all
}
