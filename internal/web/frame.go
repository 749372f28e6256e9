package web

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"rebound"
	"rebound/internal/holiday"
)

// frame is what surrounds every page.
type frame struct {
	At       place
	Title    string
	Business string
	Nav      []navItem
	Lines    []lineView
	View     string // which part a phone shows: "list" or "thread"
	Stream   string // address of the page's events; empty: the page stays as it is
	Now      int64  // the server's clock, milliseconds since 1970
	Waiting  int
}

// navItem is one place to go. Only places that exist are in the navigation.
type navItem struct {
	Link, Icon, Text, Short string
	Current                 bool
	Counts                  bool // shows how many wait
}

// lineView is one of the business's numbers at the foot of the navigation.
type lineView struct {
	Link, Name, Number string
	Open               bool
}

// frame surrounds the page that stands at link in the navigation.
func (sc scene) frame(title, link, stream string) frame {
	f := frame{
		At: sc.at, Title: title, Business: sc.business.Name, View: "list", Stream: stream,
		Now: sc.now.UnixMilli(), Waiting: sc.waiting(),
		Nav: []navItem{
			{Link: sc.at.inbox(), Icon: "inbox", Text: "Inbox", Short: "Inbox", Counts: true},
			{Link: sc.at.lines(), Icon: "route", Text: "Call routing", Short: "Routing"},
		},
	}
	f.Nav = append(f.Nav, navItem{Link: sc.at.team(), Icon: "team", Text: "Team and alerts", Short: "Team"})
	if sc.pretend {
		f.Nav = append(f.Nav, navItem{Link: sc.at.simulator(), Icon: "sim", Text: "Phone simulator", Short: "Simulator"})
	}
	for i := range f.Nav {
		f.Nav[i].Current = f.Nav[i].Link == link
	}
	f.Lines = sc.lineViews()
	return f
}

// lineViews are the business's numbers and whether they are open.
func (sc scene) lineViews() []lineView {
	views := make([]lineView, len(sc.lines))
	for i, l := range sc.lines {
		open := sc.set.Schedule(sc.business, l).At(sc.now, sc.zone, holiday.Find).Open
		views[i] = lineView{Link: sc.at.hours(l.ID), Name: l.Name, Number: sc.number(string(l.Number)), Open: open}
	}
	return views
}

// pageKind says which page a stream keeps true.
type pageKind string

const (
	onInbox        pageKind = "inbox"
	onConversation pageKind = "conversation"
	onSimulator    pageKind = "simulator"
)

// view is what a page shows, as its stream has to know it.
type view struct {
	Page    pageKind
	Contact rebound.ContactID // onConversation
	Caller  caller            // onSimulator
}

// stream is the address of a page's events, beginning after the state that mark names.
func (p place) stream(v view, mark string) string {
	q := url.Values{"page": {string(v.Page)}, "since": {mark}}
	switch v.Page {
	case onConversation:
		q.Set("contact", string(v.Contact))
	case onSimulator:
		q.Set("who", string(v.Caller.Who))
		q.Set("number", v.Caller.digits())
	}
	return p.to("/events?") + q.Encode()
}

// readView is the other side of place.stream.
func readView(q url.Values) (view, bool) {
	v := view{Page: pageKind(q.Get("page")), Contact: rebound.ContactID(q.Get("contact"))}
	switch v.Page {
	case onInbox:
		return v, true
	case onConversation:
		return v, v.Contact != ""
	case onSimulator:
		var ok bool
		v.Caller, ok = readCaller(q.Get("who"), q.Get("number"))
		return v, ok
	}
	return v, false
}

// seconds writes a length for a player.
func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 1, 64) }

// current marks the place in the navigation where the page stands.
func current(n navItem) templ.Attributes {
	if !n.Current {
		return nil
	}
	return templ.Attributes{"aria-current": "page"}
}

// currentRow marks the row whose conversation is open.
func currentRow(r row) templ.Attributes {
	if !r.Current {
		return nil
	}
	return templ.Attributes{"aria-current": "true"}
}

func openWord(open bool) string {
	if open {
		return "open"
	}
	return "closed"
}

// dotted puts more behind a time.
func dotted(more string) string {
	if more == "" {
		return ""
	}
	return " · " + more
}

func itoa64(n int64) string { return strconv.FormatInt(n, 10) }
