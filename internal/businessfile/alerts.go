package businessfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/phone"
)

// ways are how a member is told, each written as one key: `sms: 415-555-0134`, in the order in which they are
// tried.
func (b *business) ways(at *[]rebound.Way) value {
	entries := func(w *rebound.Way) []entry {
		var all []entry
		for _, c := range rebound.Channels() {
			all = append(all, entry{string(c), b.way(w, c)})
		}
		return all
	}
	return items(at, entries, func(r *reader, n *config.Node, path string) {
		for i, item := range n.Items {
			if item.Shape == config.Mapping && len(item.Keys) != 1 {
				r.fault(item, path, "this must be one way to be told", "give `sms: number`, `email: address` and so on a dash each")
			}
			if i < len(*at) && (*at)[i].Address != "" && slices.Contains((*at)[:i], (*at)[i]) {
				r.fault(item, path, "this way stands here twice", "remove one")
			}
		}
	})
}

// way is one channel's address.
func (b *business) way(w *rebound.Way, c rebound.Channel) value {
	f := address("https")
	switch c {
	case rebound.BySMS, rebound.ByCall:
		number := b.number()
		f = form[string]{
			read: func(text string) (string, error) {
				n, err := number.read(text)
				return string(n), err
			},
			write: func(n string) string { return number.write(phone.Number(n)) },
		}
	case rebound.ByEmail:
		f = email()
	}
	address := scalar(&w.Address, f, "")
	return value{
		read: func(r *reader, n *config.Node, path string) {
			w.Channel = c
			address.read(r, n, path)
		},
		absent: func(*reader, *config.Node, string) {},
		write: func(bool) (tree, bool) {
			return tree{text: f.write(w.Address)}, w.Channel == c
		},
	}
}

// quietTime is a part of each day: `22:00-07:00`.
func quietTime() form[rebound.QuietTime] {
	minute := func(text string) (int, bool) {
		t, err := time.Parse("15:04", strings.TrimSpace(text))
		return t.Hour()*60 + t.Minute(), err == nil
	}
	return form[rebound.QuietTime]{
		read: func(text string) (rebound.QuietTime, error) {
			from, to, _ := strings.Cut(text, "-")
			var q rebound.QuietTime
			var begins, ends bool
			q.From, begins = minute(from)
			q.To, ends = minute(to)
			if !begins || !ends || q.From == q.To {
				return rebound.QuietTime{}, fmt.Errorf("%.60q is no part of a day; write it like 22:00-07:00", text)
			}
			return q, nil
		},
		write: func(q rebound.QuietTime) string {
			return quote(fmt.Sprintf("%02d:%02d-%02d:%02d", q.From/60, q.From%60, q.To/60, q.To%60))
		},
	}
}

func runs() form[rebound.Runs] {
	f := oneOf("always", string(rebound.RunsInOpenHours))
	return form[rebound.Runs]{
		read: func(text string) (rebound.Runs, error) {
			word, err := f.read(text)
			if word == "always" {
				word = string(rebound.RunsAlways)
			}
			return rebound.Runs(word), err
		},
		write: func(r rebound.Runs) string {
			if r == rebound.RunsAlways {
				return "always"
			}
			return string(r)
		},
	}
}

// checkSteps refuses steps out of order, and those that speak to nobody there is.
func (b *business) checkSteps(p *rebound.EscalationPolicy) func(r *reader, n *config.Node, path string) {
	return func(r *reader, n *config.Node, path string) {
		for i, s := range p.Steps {
			if i > 0 && s.After < p.Steps[i-1].After {
				r.fault(n.Items[i], path, "this step comes before the one above it", "write the steps in the order of their times")
			}
			if (s.Whom == rebound.ToMember) != (s.Member != "") && !has(n.Items[i], "member") {
				r.fault(n.Items[i], path, "it does not say which member", "add a line like `member: ana`")
			} else if s.Whom != rebound.ToMember && has(n.Items[i], "member") {
				r.fault(n.Items[i], path, "a member is named, and the step tells somebody else", "write tell: member, or remove member")
			}
			answers := func(m rebound.Member) bool { return m.Role == rebound.Supervisor || m.Role == rebound.Owner }
			if s.Whom == rebound.ToSupervisor && !slices.ContainsFunc(b.d.Members, answers) {
				r.fault(n.Items[i], path, "there is no supervisor", "give a member role: supervisor or role: owner, or tell somebody else")
			}
		}
	}
}
