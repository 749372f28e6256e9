package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"

	"rebound"
	"rebound/internal/store"
)

// inboxPage is the list of conversations with nothing opened beside it.
type inboxPage struct {
	frame
	List list
}

func (s *site) inbox(w http.ResponseWriter, r *http.Request) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	f := sc.frame("Inbox", sc.at.inbox(), sc.at.stream(view{Page: onInbox}, sc.mark))
	f.View = "list"
	return render(w, r, http.StatusOK, inboxView(inboxPage{frame: f, List: sc.list("")}))
}

// list is the conversations in the order in which they need somebody.
type list struct {
	At      place
	Groups  []group
	Waiting int
	Empty   bool // there has been no call yet
	Pretend bool
}

// group is conversations that need the same.
type group struct {
	Key   string // part of element ids
	Title string
	Dot   string // class of the dot before the title
	Fold  bool   // folded away at first
	Rows  []row
}

// The groups of the list, in the order in which they need somebody.
const (
	groupCall = iota // cannot be texted, or the text did not arrive
	groupCrit        // waits longer than the supervisor's alert
	groupWarn        // waits longer than the reminder
	groupWait
	groupOpen // texted back, nothing heard yet
	groupRest
)

// list groups the inbox. What waits stands longest wait first, everything else latest first. current is
// the opened conversation.
func (sc scene) list(current rebound.ContactID) list {
	rows := slices.Clone(sc.inbox)
	slices.SortStableFunc(rows, func(a, b store.InboxRow) int {
		order := cmp.Compare(sc.group(a.Recovery), sc.group(b.Recovery))
		if order == 0 && a.Recovery.State == rebound.RecoveryWaiting {
			order = a.Recovery.WaitSince.Compare(b.Recovery.WaitSince)
		}
		return order
	})
	groups := sc.groups()
	for _, in := range rows {
		g := &groups[sc.group(in.Recovery)]
		g.Rows = append(g.Rows, sc.row(in, in.Contact.ID == current))
	}
	return list{
		At:      sc.at,
		Groups:  slices.DeleteFunc(groups, func(g group) bool { return len(g.Rows) == 0 }),
		Waiting: sc.waiting(), Empty: len(sc.inbox) == 0, Pretend: sc.pretend,
	}
}

// groups are the list's groups, still empty. Two are named after the business's own policy.
func (sc scene) groups() []group {
	past := func(whom rebound.Audience) string {
		after, _ := stage(sc.business.Policy, whom)
		return "Past " + longhand(after)
	}
	return []group{
		groupCall: {Key: "call", Title: "Call back", Dot: "dot--crit"},
		groupCrit: {Key: "crit", Title: past(rebound.ToSupervisor), Dot: "dot--crit"},
		groupWarn: {Key: "warn", Title: past(rebound.ToTeam), Dot: "dot--warn"},
		groupWait: {Key: "wait", Title: "On the clock", Dot: "dot--accent"},
		groupOpen: {Key: "open", Title: "texted back, no reply yet", Fold: true},
		groupRest: {Key: "rest", Title: "Earlier"},
	}
}

// group is where a recovery stands in the list.
func (sc scene) group(r rebound.Recovery) int {
	past := func(whom rebound.Audience) bool {
		after, has := stage(sc.business.Policy, whom)
		return has && sc.now.Sub(r.WaitSince) >= after
	}
	switch {
	case r.State == rebound.RecoveryOpen:
		return groupOpen
	case r.State != rebound.RecoveryWaiting:
		return groupRest
	case callBack(r.Why):
		return groupCall
	case past(rebound.ToSupervisor):
		return groupCrit
	case past(rebound.ToTeam):
		return groupWarn
	}
	return groupWait
}

// callBack reports whether the caller cannot be, or was not, reached by text.
func callBack(why rebound.WaitReason) bool {
	return why == rebound.WaitNoText || why == rebound.WaitBadText || why == rebound.WaitUnsure
}

// row is one conversation in the list.
type row struct {
	ID, Link    string
	Name        string
	Initials    string // of a known name
	Time, Stamp string
	Icon        icon
	Text        string
	Chip        chip
	Owner       person
	Current     bool
	Unread      bool
	Pretend     bool
}

// icon is a symbol of the sprite with its words for those who cannot see it.
type icon struct{ Name, Class, Label string }

// chip is the small shape under a row: the clock of a wait, or where the recovery stands.
type chip struct {
	Wait  *wait
	Class string
	Icon  string
	Text  string
	Next  string
}

func (sc scene) row(in store.InboxRow, current bool) row {
	c, r := in.Contact, in.Recovery
	return row{
		ID: "c-" + string(c.ID), Link: sc.at.conversation(c.ID),
		Name: sc.name(c), Initials: initials(c.Name),
		Time: sc.when(c.LastAt), Stamp: stamp(c.LastAt),
		Icon: lastIcon(c, r), Text: sc.lastWords(c, r), Chip: sc.chip(r), Owner: sc.person(c.Owner),
		Current: current, Unread: c.Unread, Pretend: sc.pretend,
	}
}

// lastWords says what the latest thing in a conversation was: their words, or what they did.
func (sc scene) lastWords(c rebound.Contact, r rebound.Recovery) string {
	on := ""
	if l := sc.line(r.Line); l.Name != "" {
		on = ", " + l.Name
	}
	switch {
	case c.Last != "":
		return c.Last
	case c.LastKind == "call_out":
		return "Called back" + on
	case c.LastKind == "voicemail":
		return "Left a voicemail" + on
	case r.State == rebound.RecoveryOpen && !r.TextedAt.IsZero():
		return "Texted back, no reply yet" + on
	case r.State == rebound.RecoveryOpen || r.State == rebound.RecoveryWaiting:
		return "Missed call" + on
	}
	return "Called" + on
}

// lastIcon shows what the latest thing in a conversation was.
func lastIcon(c rebound.Contact, r rebound.Recovery) icon {
	switch c.LastKind {
	case "voicemail":
		return icon{"vm", "", "Voicemail"}
	case "call_out":
		return icon{"phone-out", "", "Call to them"}
	case "text_in":
		return icon{"msg", "", "Text from them"}
	case "text_out":
		return icon{"send", "", "Text to them"}
	}
	if r.State == rebound.RecoveryOpen || r.State == rebound.RecoveryWaiting {
		return icon{"missed", "miss", "Missed call"}
	}
	return icon{"phone-in", "", "Call"}
}

func (sc scene) chip(r rebound.Recovery) chip {
	switch r.State {
	case rebound.RecoveryWaiting:
		w := sc.wait(r)
		return chip{Wait: &w}
	case rebound.RecoveryOpen:
		if r.TextedAt.IsZero() {
			return chip{}
		}
		return chip{Class: "is-idle", Icon: "msg", Text: "Texted back", Next: "waiting for a reply"}
	case rebound.RecoveryContacted:
		return chip{Class: "is-ok", Icon: "check", Text: contacted(r), Next: sc.when(r.ContactAt)}
	case rebound.RecoveryClosed:
		return chip{Class: "is-idle", Icon: "check", Text: outcomeWords(r), Next: sc.when(r.ClosedAt)}
	}
	return chip{}
}

// contacted says how fast a person reached the caller.
func contacted(r rebound.Recovery) string {
	if r.WaitSince.IsZero() {
		return "In touch"
	}
	return "Contacted in " + rebound.Span(r.ContactAt.Sub(r.WaitSince))
}

func itoa(n int) string { return strconv.Itoa(n) }
