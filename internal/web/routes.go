package web

import "net/http"

// routes is every address of the pages.
func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	on := func(pattern string, h handler) { mux.Handle(pattern, s.serve(h)) }

	on("GET /{$}", s.home)
	on("GET /inbox", s.inbox)
	on("GET /conversations/{contact}", s.conversation)
	on("POST /conversations/{contact}/texts", s.sendText)
	on("GET /media/{media}", s.media)
	on("GET /lines/{line}/greeting", s.greeting)
	mux.Handle("POST /lines/{line}/greeting", s.serveUpTo(largestUpload, s.setGreeting))
	on("GET /sounds/{sound}", s.sound)
	on("GET /events", s.events)
	on("GET /static/{file}", static)
	on("GET /favicon.ico", favicon)
	on("/", notFound)

	if s.pretend != nil {
		on("GET /simulator", s.newCaller)
		on("POST /simulator", s.newCaller)
		on("GET /simulator/{who}/{number}", s.simulator)
		on("POST /simulator/{who}/{number}/call", s.pretendCall)
		on("POST /simulator/{who}/{number}/hang-up", s.pretendHangUp)
		on("POST /simulator/{who}/{number}/text", s.pretendText)
		on("POST /simulator/{who}/{number}/legs/{leg}", s.pretendLeg)
	}
	return s.protect(mux)
}

// home sends people to where the work is.
func (s *site) home(w http.ResponseWriter, r *http.Request) error {
	to := "/inbox"
	if s.pretend != nil {
		to = "/simulator"
	}
	http.Redirect(w, r, to, http.StatusFound)
	return nil
}
