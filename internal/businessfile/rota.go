package businessfile

import (
	"fmt"
	"strings"

	"rebound"
	"rebound/internal/config"
)

// A team's rota says who of it is on duty when; without one, all are.
//
//	rota:
//	  shifts:
//	    ana:
//	      mon-fri: 08:00-17:00
//	  rotation:
//	    members: [ben, cleo]
//	    starts: 2026-11-30 08:00
//	    days: 7
//	  changes:
//	    - member: ana
//	      from: 2026-12-24
//	      to: 2026-12-27
//	      note: vacation
//	  swaps:
//	    - taker: cleo
//	      of: ben
//	      from: 2026-12-01 08:00
//	      to: 2026-12-02 08:00
func rota(t *rebound.Team) value {
	member := reference("member of this team", func() []rebound.MemberID { return t.Members })
	period := func(from, to *rebound.Moment) []entry {
		return []entry{
			{"from", scalar(from, moment(), rebound.Moment{}).example("2026-12-24 08:00")},
			{"to", scalar(to, moment(), rebound.Moment{}).example("2026-12-27 08:00")},
		}
	}
	change := func(c *rebound.Change) []entry {
		return append([]entry{
			{"member", scalar(&c.Member, member, "").example("ana")},
			{"duty", scalar(&c.On, onOff(), false)},
			{"note", scalar(&c.Note, words(160), "")},
		}, period(&c.From, &c.To)...)
	}
	swap := func(s *rebound.Swap) []entry {
		return append([]entry{
			{"taker", scalar(&s.Taker, member, "").example("ana")},
			{"of", scalar(&s.Of, member, "").example("ben")},
		}, period(&s.From, &s.To)...)
	}
	turns := &t.Rota.Rotation
	v := section([]entry{
		{"shifts", shifts(&t.Rota.Crew, member)},
		{"rotation", orNothing(section([]entry{
			{"members", series(&turns.Members, member).example("[ana, ben]")},
			{"starts", scalar(&turns.Starts, moment(), rebound.Moment{}).example("2026-11-30 08:00")},
			{"days", scalar(&turns.Days, count(), 0).example("7")},
		}))},
		{"changes", items(&t.Rota.Changes, change, unchecked)},
		{"swaps", items(&t.Rota.Swaps, swap, unchecked)},
	})
	read := v.read
	v.read = func(r *reader, n *config.Node, path string) {
		before := len(r.problems)
		if read(r, n, path); len(r.problems) > before {
			return
		}
		if len(n.Keys) == 0 {
			r.fault(n, path, "it says nothing", "write shifts: or rotation:, or remove it: then everyone is on duty")
		}
		r.found(n, path, byMember(*t))
	}
	return v
}

// byMember is what is wrong with the team's rota, where the file has it: shifts stand under their member.
func byMember(t rebound.Team) []rebound.Problem {
	problems := t.Check()
	for i := range problems {
		for n, m := range t.Members {
			if crew := fmt.Sprintf("crew[%d].", n); strings.HasPrefix(problems[i].About, crew) {
				problems[i].About = "shifts." + string(m)
			}
		}
	}
	return problems
}

func shifts(at *[]rebound.Rostered, member form[rebound.MemberID]) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.Mapping, path, "lines of the form `name:` with days indented below") {
				return
			}
			for _, k := range n.Keys {
				path := join(path, k.Name)
				id, err := member.read(k.Name)
				if err != nil {
					r.fault(&config.Node{Line: k.Line, Column: k.Column}, path, err.Error(), "")
				}
				if r.is(k.Value, config.Mapping, path, "lines like `mon-fri: 08:00-17:00`") {
					*at = append(*at, rebound.Rostered{Member: id, Shifts: readWeek(r, k.Value, path)})
				}
			}
		},
		absent: func(*reader, *config.Node, string) { *at = nil },
		write: func(bool) (tree, bool) {
			var t tree
			for _, m := range *at {
				t.keys = append(t.keys, branch{member.write(m.Member), tree{keys: writeWeek(m.Shifts)}})
			}
			return t, len(*at) > 0
		},
	}
}

// unchecked leaves the whole list to the check of the rota.
func unchecked(*reader, *config.Node, string) {}

// moment is a day with a time on the business's clocks.
func moment() form[rebound.Moment] {
	return form[rebound.Moment]{
		read:  rebound.ParseMoment,
		write: rebound.Moment.String,
	}
}

func onOff() form[bool] {
	f := yesNo()
	f.write = func(on bool) string {
		if on {
			return "on"
		}
		return "off"
	}
	return f
}
