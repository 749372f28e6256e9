package web

import "net/http"

// routes is every address of the pages, below the business's place.
func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, h handler) { mux.Handle(pattern, s.serve(h)) }

	on("GET /{$}", s.home)
	on("GET /inbox", s.inbox)
	on("GET /conversations/{contact}", s.conversation)
	on("POST /conversations/{contact}/texts", s.sendText)
	on("POST /conversations/{contact}/read", s.markRead)
	on("POST /conversations/{contact}/consent", s.settleConsent)
	on("POST /conversations/{contact}/opt-out", s.optOut)
	on("POST /conversations/{contact}/follow-up/{act}", s.followUpAct)
	on("POST /conversations/{contact}/calls", s.callBack)
	on("GET /media/{media}", s.media)
	on("GET /hours", s.hours)
	on("POST /hours", s.saveHours)
	on("POST /hours/override", s.overrideHours)
	on("GET /team", s.team)
	on("GET /team/people", s.newMember)
	on("POST /team/people", s.saveMember)
	on("GET /team/people/{member}", s.member)
	on("POST /team/people/{member}", s.saveMember)
	on("POST /team/people/{member}/absence", s.absence)
	on("GET /team/teams", s.newTeam)
	on("POST /team/teams", s.saveTeam)
	on("GET /team/teams/{team}", s.editTeam)
	on("POST /team/teams/{team}", s.saveTeam)
	on("GET /team/teams/{team}/rota", s.rota)
	on("POST /team/teams/{team}/rota", s.saveRota)
	on("GET /team/teams/{team}/coverage", s.coverage)
	on("GET /lines", s.lines)
	on("GET /lines/{line}", s.linePage)
	on("GET /lines/{line}/edit", s.editLine)
	on("POST /lines/{line}/edit", s.saveLine)
	on("POST /lines/{line}/ring", s.shortenRing)
	on("GET /routes/{route}", s.editRoute)
	on("POST /routes/{route}", s.pressRoute)
	on("GET /lines/{line}/greeting", s.greeting)
	mux.Handle("POST /lines/{line}/greeting", s.serveUpTo(largestUpload, s.setGreeting))
	on("GET /sounds/{sound}", s.sound)
	on("GET /events", s.events)
	on("/", notFound)

	if s.pretend != nil {
		on("GET /simulator", s.newCaller)
		on("POST /simulator", s.newCaller)
		on("GET /simulator/{who}/{number}", s.simulator)
		on("POST /simulator/{who}/{number}/call", s.pretendCall)
		on("POST /simulator/{who}/{number}/hang-up", s.pretendHangUp)
		on("POST /simulator/{who}/{number}/text", s.pretendText)
		on("POST /simulator/{who}/{number}/skip", s.pretendSkip)
		on("POST /simulator/{who}/{number}/legs/{leg}", s.pretendLeg)
	}
	return mux
}

// linkRoutes is every address behind an alert's link, which is its own key.
func (s *site) linkRoutes() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, h handler) { mux.Handle(pattern, s.serve(h)) }
	on("GET "+linkPattern, s.link)
	on("POST "+linkPattern+"/follow-up/{act}", s.linkAct)
	on("POST "+linkPattern+"/texts", s.linkText)
	on("GET "+linkPattern+"/media/{media}", s.linkMedia)
	on("/", notFound)
	return mux
}

// home sends people to where the work is.
func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	to := s.at.inbox()
	if s.pretend != nil {
		to = s.at.simulator()
	}
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}
