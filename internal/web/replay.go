package web

import (
	"net/http"
	"strings"
	"time"

	"rebound"
)

// replayFor is how far a replay looks back.
const replayFor = 30 * 24 * time.Hour

// replayView is what the last calls would have gone through by the route as it is typed.
type replayView struct {
	Lines []replayLine
	Rows  []replayRow
}

type replayLine struct{ What, Now, Changed string }

type replayRow struct {
	Link, When, Became string
	Now, Changed       string
}

// showReplay brings the form back with what its route would have done. It saves nothing.
func (s *site) showReplay(w http.ResponseWriter, r *http.Request, sc scene, e edited, draft routeDraft) error {
	route, in := draft.route(e.route.ID, e.Business)
	if len(in.wrongs) > 0 {
		p := sc.routePage(e, draft, in.wrongs)
		p.Base = r.PostForm.Get("base")
		return render(w, r, http.StatusUnprocessableEntity, routePageView(p))
	}
	p := sc.routePage(e, draft, nil)
	p.Base = r.PostForm.Get("base")
	if route.ID == "" {
		route.ID = freeRoute(e.Declaration, draft.Name)
	}
	changed := e.Declaration
	changed.Routes, changed.Lines = append([]rebound.Route(nil), e.Routes...), append([]rebound.Line(nil), e.Lines...)
	e.put(&changed, route)
	var all rebound.Replay
	for _, l := range changed.Lines {
		if l.Route != route.ID {
			continue
		}
		one, err := s.Desk.Replay(r.Context(), s.Business, l.ID, changed, sc.now.Add(-replayFor))
		if err != nil {
			return err
		}
		all.Take(one)
	}
	p.Replay = sc.replay(all)
	return render(w, r, http.StatusOK, routePageView(p))
}

func (sc scene) replay(r rebound.Replay) *replayView {
	v := &replayView{}
	if r.Calls == 0 {
		return v
	}
	v.Lines = []replayLine{
		{"Go to the greeting without a ring", plural(r.Now.Straight, "call", "calls"), plural(r.Changed.Straight, "call", "calls")},
		{"Phones rung", itoa(r.Now.Phones), itoa(r.Changed.Phones)},
		{"Answered calls that would have rung nobody", itoa(r.Now.Missed), itoa(r.Changed.Missed)},
		{"Go another way", "of " + plural(r.Calls, "call", "calls"), plural(r.Differ, "call", "calls")},
	}
	for _, d := range r.Examples {
		v.Rows = append(v.Rows, replayRow{
			Link: sc.at.conversation(d.Contact), When: sc.date(d.At) + ", " + sc.clock(d.At), Became: string(d.State),
			Now: courseWords(d.Now), Changed: courseWords(d.Changed),
		})
	}
	return v
}

// courseWords says what a caller goes through: "Ana and Ben, then Ray, 35 s, voicemail".
func courseWords(c rebound.Course) string {
	end := map[rebound.StepKind]string{rebound.VoicemailStep: "voicemail", rebound.GreetStep: "greeting", rebound.RejectStep: "refused"}[c.End]
	if len(c.Rings) == 0 {
		return capital(end)
	}
	return strings.Join(c.Rings, ", then ") + ", " + rebound.Span(c.For) + ", " + end
}
