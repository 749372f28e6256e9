package businessfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/config"
)

// A route is written as the steps that a call goes through:
//
//	open:
//	  - ring: {team: plumbers}
//	    by: round_robin
//	    for: 20s
//	  - menu:
//	      say: For emergencies press 1.
//	      keys:
//	        1: {name: emergencies, steps: [{ring: {member: ana}}]}
//	  - end: voicemail
//
// Each step has one of the keys ring, menu and end, and beside it what belongs to it.

func (b *business) routes() value {
	return named[rebound.Route]{
		at:   &b.d.Routes,
		slug: func(r rebound.Route) string { return string(r.ID) },
		fresh: func(slug string) rebound.Route {
			return rebound.Route{ID: rebound.RouteID(slug), Business: b.d.Business.ID}
		},
		entries: func(r *rebound.Route) []entry {
			return []entry{
				{"name", scalar(&r.Name, words(80), string(r.ID))},
				{"open", b.steps(&r.Open, 1)},
				{"closed", b.steps(&r.Closed, 1)},
				{"vip", b.steps(&r.VIP, 1)},
				{"fallback", b.whom(&r.Fallback)},
			}
		},
	}.value()
}

// steps are the steps of one way; menus says how many menus a caller has gone through when one of them is
// the next.
func (b *business) steps(at *[]rebound.RouteStep, menus int) value {
	entries := func(s *rebound.RouteStep) []entry {
		return []entry{
			{"ring", ofKind(&s.Kind, rebound.RingStep, b.whom(&s.Whom))},
			{"by", scalar(&s.Strategy, oneOf(rebound.Together, rebound.InOrder, rebound.RoundRobin, rebound.LongestIdle, rebound.Sticky), "")},
			{"for", scalar(&s.For, duration(5*time.Second, 120*time.Second), 0)},
			{"menu", ofKind(&s.Kind, rebound.MenuStep, b.menu(&s.Menu, menus))},
			{"end", end(&s.Kind)},
			{"greeting", section(greeting(&s.Greeting))},
		}
	}
	return items(at, entries, checkSteps)
}

// ofKind reads and writes v where a thing is of the kind that v belongs to.
func ofKind[K comparable](at *K, kind K, v value) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			*at = kind
			v.read(r, n, path)
		},
		absent: func(*reader, *config.Node, string) {},
		write: func(all bool) (tree, bool) {
			t, _ := v.write(all)
			return t, *at == kind
		},
	}
}

// end is the kind of a step after which nothing follows.
func end(at *rebound.StepKind) value {
	kind := scalar(at, oneOf(rebound.VoicemailStep, rebound.GreetStep), "")
	return value{
		read:   kind.read,
		absent: func(*reader, *config.Node, string) {},
		write: func(bool) (tree, bool) {
			return tree{text: string(*at)}, *at == rebound.VoicemailStep || *at == rebound.GreetStep
		},
	}
}

func checkSteps(r *reader, n *config.Node, path string) {
	for i, item := range n.Items {
		if item.Shape != config.Mapping {
			continue
		}
		kinds := 0
		for _, kind := range []string{"ring", "menu", "end"} {
			if has(item, kind) {
				kinds++
			}
		}
		if kinds != 1 {
			r.fault(item, path, "this must be one step", "give each step a dash, and one of ring, menu and end")
		}
		for _, part := range []struct{ key, of string }{{"by", "ring"}, {"for", "ring"}, {"greeting", "end"}} {
			if kinds > 0 && has(item, part.key) && !has(item, part.of) {
				r.fault(at(item, part.key), fmt.Sprintf("%s[%d].%s", path, i, part.key), "it belongs to "+part.of, "move it to that step, or remove it")
			}
		}
		if has(item, "end") && i < len(n.Items)-1 {
			r.fault(n.Items[i+1], path, "no call comes to this step: the one above it is the end", "remove one of them")
		}
	}
}

// whom is who rings: one key and its value.
func (b *business) whom(at *rebound.Whom) value {
	entries := []entry{
		{"team", scalar(&at.Team, reference("team", b.teamIDs), "")},
		{"member", scalar(&at.Member, b.phoned(), "")},
		{"owner", scalar(&at.Owner, yesNo(), false)},
		{string(rebound.Cell), ofKind(&at.Outside.Kind, rebound.Cell, scalar(&at.Outside.Number, b.number(), ""))},
		{string(rebound.Desk), ofKind(&at.Outside.Kind, rebound.Desk, scalar(&at.Outside.Number, b.number(), ""))},
		{string(rebound.SIP), ofKind(&at.Outside.Kind, rebound.SIP, scalar(&at.Outside.Address, sip(), ""))},
	}
	who := section(entries)
	return value{
		read: func(r *reader, n *config.Node, path string) {
			who.read(r, n, path)
			if n.Shape == config.Mapping && (len(n.Keys) != 1 || has(n, "owner") && !at.Owner) {
				r.fault(n, path, "this must name one who rings", "write one of team, member, owner: true, or cell, desk and sip for somebody outside")
			}
		},
		absent: func(*reader, *config.Node, string) { *at = rebound.Whom{} },
		write:  who.write,
	}
}

// phoned is a member whom a route can ring.
func (b *business) phoned() form[rebound.MemberID] {
	f := reference("member", b.memberIDs)
	return form[rebound.MemberID]{
		read: func(text string) (rebound.MemberID, error) {
			id, err := f.read(text)
			i := slices.IndexFunc(b.d.Members, func(m rebound.Member) bool { return m.ID == id })
			if err == nil && len(b.d.Members[i].Rings) == 0 {
				err = fmt.Errorf("%s has no phone; give one under members.%s.rings", b.d.Members[i].Name, id)
			}
			return id, err
		},
		write: f.write,
	}
}

// menu is one menu; level says which one it is of those that lead to it.
func (b *business) menu(m *rebound.Menu, level int) value {
	entries := func() []entry {
		return []entry{
			{"say", scalar(&m.Say, words(mostSpoken), "")},
			{"language", scalar(&m.Language, language(), "")},
			{"play", scalar(&m.Play, address("https"), "")},
			{"wait", scalar(&m.Wait, duration(time.Second, time.Minute), 0)},
			{"tries", scalar(&m.Tries, upTo(5), 0)},
			{"keys", b.menuKeys(&m.Choices, level)},
		}
	}
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if level > rebound.DeepestMenu {
				r.fault(n, path, fmt.Sprintf("a caller would come to a menu for the %dth time in a row", level), "put its choices into the menu before it")
				return
			}
			r.mapping(n, path, entries())
			if n.Shape == config.Mapping && !has(n, "say") && !has(n, "play") {
				r.fault(n, path, "the menu says nothing", "add a line like `say: For emergencies press 1.`")
			}
		},
		write: func(all bool) (tree, bool) { return mappingTree(entries(), all), true },
	}
}

// upTo is a whole number of 1 or more.
func upTo(most int) form[int] {
	f := count()
	return form[int]{
		read: func(text string) (int, error) {
			n, err := f.read(text)
			if err == nil && n > most {
				err = fmt.Errorf("%d is too many; write 1 to %d", n, most)
			}
			return n, err
		},
		write: f.write,
	}
}

// menuKeys is what stands behind each key of a menu.
func (b *business) menuKeys(at *[]rebound.Choice, level int) value {
	entries := func(c *rebound.Choice) []entry {
		return []entry{
			{"name", scalar(&c.Name, words(80), "").example("emergencies")},
			{"steps", b.steps(&c.Steps, level+1).example("[{ring: {team: …}}]")},
		}
	}
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.Mapping, path, "lines of the form `1: {name: …, steps: […]}`") {
				return
			}
			for _, k := range n.Keys {
				if len(k.Name) != 1 || !strings.Contains(rebound.MenuKeys, k.Name) {
					r.fault(&config.Node{Line: k.Line, Column: k.Column}, join(path, k.Name), fmt.Sprintf("%.20q is no key of a phone", k.Name), "write one of 0 to 9, \"*\" and \"#\"")
				}
				c := rebound.Choice{Key: k.Name}
				r.mapping(k.Value, join(path, k.Name), entries(&c))
				*at = append(*at, c)
			}
		},
		absent: func(r *reader, n *config.Node, path string) {
			r.fault(n, path, "it is missing", "add keys: with a line like `1: {name: emergencies, steps: [{ring: {team: …}}]}`")
		},
		write: func(all bool) (tree, bool) {
			var t tree
			for i := range *at {
				c := &(*at)[i]
				key := c.Key
				if key == "*" || key == "#" {
					key = `"` + key + `"` // YAML's own signs
				}
				t.keys = append(t.keys, branch{key, mappingTree(entries(c), all)})
			}
			return t, len(*at) > 0
		},
	}
}

// shortForm is v, of a line that names no route: with one it says nothing.
func shortForm(l *rebound.Line, v value) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if l.Route != "" {
				r.fault(n, path, "the line's route says who rings", "remove this, or the route")
				return
			}
			v.read(r, n, path)
		},
		absent: func(r *reader, n *config.Node, path string) {
			if !has(n, "route") {
				v.absent(r, n, path)
			}
		},
		write: func(all bool) (tree, bool) {
			if l.Route != "" {
				return tree{}, false
			}
			return v.write(all)
		},
	}
}

func (b *business) routeIDs() []rebound.RouteID {
	return mapped(b.d.Routes, func(r rebound.Route) rebound.RouteID { return r.ID })
}

// noCircle refuses a route that rings the line's own number.
func (b *business) noCircle(r *reader, at *config.Node, path string, l rebound.Line) {
	for _, route := range b.d.Routes {
		for d := range route.Outside {
			if d.Number == l.Number {
				r.fault(at, path, fmt.Sprintf("the route %s rings this number, so calls would go round in a circle", route.ID),
					fmt.Sprintf("let routes.%s ring another number", route.ID))
			}
		}
	}
}
