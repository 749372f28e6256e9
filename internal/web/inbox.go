package web

import (
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
	f := sc.frame("Inbox", "/inbox", streamPath(view{Page: onInbox}, sc.mark))
	f.View = "list"
	return render(w, r, http.StatusOK, inboxView(inboxPage{frame: f, List: sc.list("")}))
}

// list is the conversations in the order in which they need somebody.
type list struct {
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

// list groups the inbox, longest wait first within a group. current is the opened conversation.
func (sc scene) list(current rebound.ContactID) list {
	groups := []group{
		{Key: "call", Title: "Call back", Dot: "dot--crit"},
		{Key: "crit", Title: "Past the supervisor’s alert", Dot: "dot--crit"},
		{Key: "warn", Title: "Past the reminder", Dot: "dot--warn"},
		{Key: "wait", Title: "On the clock", Dot: "dot--accent"},
		{Key: "open", Title: "texted back, no reply yet", Fold: true},
		{Key: "rest", Title: "Earlier"},
	}
	supervisor, hasSupervisor := stage(sc.business.Policy, rebound.ToSupervisor)
	reminder, hasReminder := stage(sc.business.Policy, rebound.ToTeam)
	if hasSupervisor {
		groups[1].Title = "Past " + longhand(supervisor)
	}
	if hasReminder {
		groups[2].Title = "Past " + longhand(reminder)
	}
	place := func(r rebound.Recovery) int {
		waited := sc.now.Sub(r.WaitSince)
		switch {
		case r.State == rebound.RecoveryOpen:
			return 4
		case r.State != rebound.RecoveryWaiting:
			return 5
		case callBack(r.Why):
			return 0
		case hasSupervisor && waited >= supervisor:
			return 1
		case hasReminder && waited >= reminder:
			return 2
		}
		return 3
	}
	l := list{Waiting: sc.waiting(), Empty: len(sc.inbox) == 0, Pretend: sc.pretend}
	for _, in := range sc.longestWaitFirst() {
		at := &groups[place(in.Recovery)]
		at.Rows = append(at.Rows, sc.row(in, in.Contact.ID == current))
	}
	for _, g := range groups {
		if len(g.Rows) > 0 {
			l.Groups = append(l.Groups, g)
		}
	}
	return l
}

// callBack reports whether the caller cannot be, or was not, reached by text.
func callBack(why rebound.WaitReason) bool {
	return why == rebound.WaitNoText || why == rebound.WaitBadText || why == rebound.WaitUnsure
}

// longestWaitFirst sorts what waits by how long; everything else stays latest first.
func (sc scene) longestWaitFirst() []store.InboxRow {
	rows := slices.Clone(sc.inbox)
	slices.SortStableFunc(rows, func(a, b store.InboxRow) int {
		if a.Recovery.State != rebound.RecoveryWaiting || b.Recovery.State != rebound.RecoveryWaiting {
			return 0
		}
		return a.Recovery.WaitSince.Compare(b.Recovery.WaitSince)
	})
	return rows
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
		ID: "c-" + string(c.ID), Link: "/conversations/" + string(c.ID),
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
