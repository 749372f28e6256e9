package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"rebound"
)

// policy allows pages our own files and nothing else. They show what strangers write: even if a page were
// tricked into holding a stranger's markup, no script of it would run.
const policy = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// protect is what every request goes through. Links of alerts and what their pages are drawn with ask for no password.
func (s *site) protect(next, links http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(s.serve(func(http.ResponseWriter, *http.Request) error {
		return rebound.Errorf(rebound.Forbidden, "R1613", "This came from another site's page. Open Rebound itself and try again there.")
	}))
	open := http.NewServeMux()
	open.Handle("/a/", foreign.Handler(links))
	open.Handle("GET /static/{file}", next)
	open.Handle("/", s.signedIn(foreign.Handler(next)))
	return headers(open)
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		next.ServeHTTP(w, r)
	})
}

// signedIn asks for the password, if there is one. Sums are compared so that neither the password's length
// nor its beginning shows in the time that it takes.
func (s *site) signedIn(next http.Handler) http.Handler {
	if s.Password == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(sum[:], s.password[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="Rebound", charset="UTF-8"`)
			http.Error(w, "Sign in with the password from Rebound's configuration; the name does not matter.", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
