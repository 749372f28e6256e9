package businessfile

import (
	"fmt"
	"slices"
	"strings"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/phone"
)

// This file holds what is particular to connections, members, teams, lines and blocked numbers:
// how they name each other, and what must be true of each as a whole.

// reference is the name of a thing that stands further up in the file.
func reference[ID ~string](kind string, known func() []ID) form[ID] {
	return form[ID]{
		read: func(text string) (ID, error) {
			if slices.Contains(known(), ID(text)) {
				return ID(text), nil
			}
			return "", fmt.Errorf("there is no %s %q; %s", kind, text, config.Suggest(text, texts(known())))
		},
		write: plain[ID],
	}
}

func plain[S ~string](s S) string { return string(s) }

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

func (b *business) memberIDs() []rebound.MemberID {
	return mapped(b.d.Members, func(m rebound.Member) rebound.MemberID { return m.ID })
}

func (b *business) teamIDs() []rebound.TeamID {
	return mapped(b.d.Teams, func(t rebound.Team) rebound.TeamID { return t.ID })
}

func (b *business) connectionIDs() []rebound.ConnectionID {
	return mapped(b.d.Connections, func(c rebound.Connection) rebound.ConnectionID { return c.ID })
}

func mapped[T, U any](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	for i, v := range in {
		out[i] = f(v)
	}
	return out
}

// connection is a reference by the key alone, without the business that begins its id.
func (b *business) connection() form[rebound.ConnectionID] {
	keys := reference("connection", func() []string { return mapped(b.connectionIDs(), b.connectionKey) })
	return form[rebound.ConnectionID]{
		read: func(text string) (rebound.ConnectionID, error) {
			key, err := keys.read(text)
			return b.connectionID(key), err
		},
		write: b.connectionKey,
	}
}

// orTheOnlyOne lets a reference be left out where there is just one thing it can mean.
func orTheOnlyOne[ID ~string](v value, at *ID, known func() []ID, key func(ID) string) value {
	v.absent = func(r *reader, n *config.Node, path string) {
		if all := known(); len(all) == 1 {
			*at = all[0]
			return
		}
		name := path[strings.LastIndexByte(path, '.')+1:]
		remedy := fmt.Sprintf("declare one under %ss", name)
		if all := known(); len(all) > 0 {
			remedy = fmt.Sprintf("say which: %s: %s", name, strings.Join(mapped(all, key), " or "))
		}
		r.fault(n, path, "it is missing", remedy)
	}
	return v
}

// number is a phone number as people of the business's country write it. While the country itself
// is a problem, one is enough.
func (b *business) number() form[phone.Number] {
	return form[phone.Number]{
		read: func(text string) (phone.Number, error) {
			if b.d.Business.Country == "" && !strings.HasPrefix(text, "+") {
				return "", nil
			}
			return phone.Parse(text, b.d.Business.Country)
		},
		write: phone.Number.International,
	}
}

// rings are a member's destinations, each written as one key: `cell: 415-555-0134`.
func (b *business) rings(at *[]rebound.Destination) value {
	entries := func(d *rebound.Destination) []entry {
		return []entry{
			{string(rebound.Cell), ofKind(&d.Kind, rebound.Cell, scalar(&d.Number, b.number(), ""))},
			{string(rebound.Desk), ofKind(&d.Kind, rebound.Desk, scalar(&d.Number, b.number(), ""))},
			{string(rebound.SIP), ofKind(&d.Kind, rebound.SIP, scalar(&d.Address, sip(), ""))},
		}
	}
	return items(at, entries, func(r *reader, n *config.Node, path string) {
		for _, item := range n.Items {
			if item.Shape == config.Mapping && len(item.Keys) != 1 {
				r.fault(item, path, "this must be one way to be rung", "give `cell: number`, `desk: number` and `sip: address` a dash each")
			}
		}
	})
}

// checkConnection knows what each carrier wants.
func checkConnection(r *reader, n *config.Node, path string, c rebound.Connection) {
	if c.Carrier != "twilio" {
		return
	}
	if c.Account != "" && !isSID(c.Account, "AC") {
		r.fault(at(n, "account"), path+".account", fmt.Sprintf("%q is not a Twilio account", c.Account), "copy the Account SID from Twilio's console: AC and 32 digits or letters a to f")
	}
	if c.Account == "" && !has(n, "account") {
		r.fault(n, path+".account", "it is missing", "add a line like `account: AC…`")
	}
	if c.AuthToken == "" && !has(n, "auth_token") {
		r.fault(n, path+".auth_token", "it is missing", "requests from Twilio are signed with it: add auth_token: env:TWILIO_AUTH_TOKEN")
	}
	if c.KeyID != "" && !isSID(c.KeyID, "SK") {
		r.fault(at(n, "key_id"), path+".key_id", fmt.Sprintf("%q is not a Twilio API key", c.KeyID), "copy the key's SID: SK and 32 digits or letters a to f")
	}
	if has(n, "key_id") != has(n, "key_secret") {
		r.fault(n, path, "an API key is key_id and key_secret together", "add the other, or remove both to use the account's token")
	}
}

func isSID(s, prefix string) bool {
	rest, ok := strings.CutPrefix(s, prefix)
	return ok && len(rest) == 32 && strings.Trim(rest, "0123456789abcdef") == ""
}

func has(n *config.Node, key string) bool { return at(n, key) != n }

// at is the value behind a key of n, or n itself where there is none.
func at(n *config.Node, key string) *config.Node {
	for _, k := range n.Keys {
		if k.Name == key {
			return k.Value
		}
	}
	return n
}

func (b *business) checkTeam(r *reader, n *config.Node, path string, t rebound.Team) {
	rung := func(m rebound.Member) bool { return slices.Contains(t.Members, m.ID) && len(m.Rings) > 0 }
	if len(t.Members) > 0 && !slices.ContainsFunc(b.d.Members, rung) {
		r.fault(at(n, "members"), path+".members", "nobody of this team has a phone", "give one of them rings:, with a line like `- cell: (415) 555-0134`")
	}
}

func (b *business) checkLine(r *reader, n *config.Node, path string, l rebound.Line) {
	if l.Number == "" {
		return
	}
	number := at(n, "number")
	if other, taken := r.lines[l.Number]; taken {
		r.fault(number, path+".number", fmt.Sprintf("%s is the number of %s already", l.Number.International(), other), "a number is one line: remove one")
	} else {
		r.lines[l.Number] = b.d.Business.Slug + "." + path
	}
	for _, m := range b.d.Members {
		for _, d := range m.Rings {
			if d.Number == l.Number {
				r.fault(number, path+".number", fmt.Sprintf("%s is rung at this number, so calls would go round in a circle", m.Name),
					fmt.Sprintf("write %s's own phone under members.%s.rings", m.Name, m.ID))
			}
		}
	}
	b.noCircle(r, number, path+".number", l)
}

// noted are numbers with notes: `+1 415-555-0134: sells roofs`.
type noted struct {
	*business
	is  string // what the numbers are: "blocked"
	all func() []rebound.BlockedNumber
	add func(rebound.BlockedNumber)
}

func (d noted) value() value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.Mapping, path, "lines of the form `number: note`") {
				return
			}
			for _, k := range n.Keys {
				d.add(d.readOne(r, k, join(path, k.Name)))
			}
		},
		absent: func(*reader, *config.Node, string) {},
		write: func(bool) (tree, bool) {
			var t tree
			for _, entry := range d.all() {
				t.keys = append(t.keys, branch{d.number().write(phone.Number(entry.Number)), tree{text: words(160).write(entry.Note)}})
			}
			return t, len(d.all()) > 0
		},
	}
}

func (d noted) readOne(r *reader, k config.Key, path string) (entry rebound.BlockedNumber) {
	key := &config.Node{Line: k.Line, Column: k.Column}
	n, err := d.number().read(k.Name)
	if err != nil {
		r.fault(key, path, err.Error(), "")
	}
	for _, other := range d.all() {
		if other.Number == string(n) && n != "" {
			r.fault(key, path, "the number is "+d.is+" already", "remove one")
		}
	}
	entry.Number = string(n)
	if k.Value.Shape != config.Blank && (k.Value.Shape != config.Scalar || k.Value.Text != "") {
		scalar(&entry.Note, words(160), "").read(r, k.Value, path)
	}
	return entry
}
