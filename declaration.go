package rebound

import (
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Declaration is everything a business has declared about itself: what business.yaml says and what
// `rebound apply` compares and writes. Ids are the keys written there ("ana", "main"), a
// connection's id is "<business>.<key>", so the same file always means the same rows.
type Declaration struct {
	Business    Business
	Connections []Connection
	Members     []Member
	Teams       []Team
	Routes      []Route
	Lines       []Line
	Blocked     []BlockedNumber
	VIPs        []VIPNumber
	Canned      []CannedReply
	Webhooks    []Webhook
}

// RemoveMember takes a member out of use: out of the teams and their rotas too. What else names them stays, and is
// a problem of the declaration then: a team with nobody left, a step of a route.
func (d *Declaration) RemoveMember(id MemberID) {
	d.Members = slices.DeleteFunc(d.Members, func(m Member) bool { return m.ID == id })
	is := func(m MemberID) bool { return m == id }
	for i := range d.Teams {
		t := &d.Teams[i]
		t.Members = slices.DeleteFunc(t.Members, is)
		t.Rota.keep(func(m MemberID) bool { return !is(m) })
	}
}

// SetMembers makes members, in ringing order, those of the team; its rota forgets all others.
func (t *Team) SetMembers(members []MemberID) {
	t.Members = members
	t.Rota.keep(func(m MemberID) bool { return slices.Contains(members, m) })
}

// keep forgets what the rota says about those who are not kept.
func (r *Rota) keep(kept func(MemberID) bool) {
	r.Crew = slices.DeleteFunc(r.Crew, func(c Rostered) bool { return !kept(c.Member) })
	r.Changes = slices.DeleteFunc(r.Changes, func(c Change) bool { return !kept(c.Member) })
	r.Swaps = slices.DeleteFunc(r.Swaps, func(s Swap) bool { return !kept(s.Taker) || !kept(s.Of) })
	r.Rotation.Members = slices.DeleteFunc(r.Rotation.Members, func(m MemberID) bool { return !kept(m) })
	if len(r.Rotation.Members) == 0 {
		r.Rotation = Rotation{}
	}
}

// Key makes the key of a new thing of its name, "ana-ruiz" of "Ana Ruiz": small letters, digits and single hyphens,
// at most 40, and none that is taken. A name without any of these becomes otherwise.
func Key(name, otherwise string, taken func(key string) bool) string {
	const most = 36 // leaves room for a number
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	key := strings.Join(words, "-")
	key = strings.TrimRight(key[:min(len(key), most)], "-")
	if key == "" {
		key = otherwise
	}
	free := key
	for n := 2; taken(free); n++ {
		free = fmt.Sprint(key, "-", n)
	}
	return free
}

// Greetings goes through the greetings of lines and routes, each with the words for where it stands.
func (d Declaration) Greetings() iter.Seq2[string, Greeting] {
	return func(yield func(string, Greeting) bool) {
		for _, l := range d.Lines {
			if !yield("Line "+string(l.ID), l.Greeting) {
				return
			}
		}
		for _, r := range d.Routes {
			for s := range r.Steps {
				if !yield("Route "+string(r.ID), s.Greeting) {
					return
				}
			}
		}
	}
}
