package web

import (
	"net/http"
	"net/url"
	"strings"

	"rebound"
)

// place is where the pages of one business stand, such as "/b/acme". Every address in them begins with it, so that
// two tabs may show two businesses.
type place string

func placeOf(b rebound.BusinessID) place { return place("/b/" + url.PathEscape(string(b))) }

// to is the address of a page that has no name of its own here; path is as in the routes.
func (p place) to(path string) string { return string(p) + path }

func (p place) inbox() string     { return p.to("/inbox") }
func (p place) lines() string     { return p.to("/lines") }
func (p place) team() string      { return p.to("/team") }
func (p place) simulator() string { return p.to("/simulator") }

func (p place) conversation(c rebound.ContactID) string {
	return p.to("/conversations/" + url.PathEscape(string(c)))
}

// threadEnd is where a conversation's newest entry and its composer are.
func (p place) threadEnd(c rebound.ContactID) string { return p.conversation(c) + "#end" }

func (p place) media(id rebound.MediaID) string { return p.to("/media/" + url.PathEscape(string(id))) }
func (p place) sound(id rebound.MediaID) string { return p.to("/sounds/" + url.PathEscape(string(id))) }

func (p place) line(id rebound.LineID) string     { return p.to("/lines/" + url.PathEscape(string(id))) }
func (p place) greeting(id rebound.LineID) string { return p.line(id) + "/greeting" }
func (p place) route(id rebound.RouteID) string   { return p.to("/routes/" + url.PathEscape(string(id))) }

// newRoute is where a line that rings by its own few words gets a route.
func (p place) newRoute(l rebound.LineID) string {
	return withQuery(p.route(newRoute), "line", string(l))
}

// hours is where opening hours are set: a line's, or with no line the business's.
func (p place) hours(l rebound.LineID) string {
	if l == "" {
		return p.to("/hours")
	}
	return withQuery(p.to("/hours"), "line", string(l))
}

func (p place) people() string { return p.to("/team/people") }
func (p place) teams() string  { return p.to("/team/teams") }

func (p place) member(id rebound.MemberID) string {
	return p.people() + "/" + url.PathEscape(string(id))
}
func (p place) teamOf(id rebound.TeamID) string   { return p.teams() + "/" + url.PathEscape(string(id)) }
func (p place) rota(id rebound.TeamID) string     { return p.teamOf(id) + "/rota" }
func (p place) coverage(id rebound.TeamID) string { return p.teamOf(id) + "/coverage" }

// caller is where a pretend caller's handset is.
func (p place) caller(c caller) string {
	return p.simulator() + "/" + string(c.Who) + "/" + c.digits()
}

// backTo is where a press of a button leads without a script: the simulator's page, if it was pressed there, else the
// end of the conversation.
func (s *site) backTo(r *http.Request, c rebound.ContactID) string {
	if back := r.PostForm.Get("back"); strings.HasPrefix(back, s.at.simulator()+"/") {
		return back
	}
	return s.at.threadEnd(c)
}
