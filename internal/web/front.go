package web

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"rebound"
)

// front is what stands before the pages of all businesses: it lets people in and leads them to theirs.
type front struct {
	Options
	password [sha256.Size]byte
	outside  *site // of no business: it says what is no page of any

	mu    sync.Mutex
	sites map[rebound.BusinessID]pages // made when first asked for
}

// pages are the two doors of one business.
type pages struct {
	all   http.Handler // below its place
	links http.Handler // what its alerts' links open
}

// New returns the pages of all businesses. They belong at the root of their host: addresses in them are absolute paths.
// When the server shuts down, Hub.Close ends the streams, which otherwise last as long as a page is open.
func New(o Options) http.Handler {
	f := &front{
		Options: o, password: sha256.Sum256([]byte(o.Password)), outside: &site{Options: o}, sites: map[rebound.BusinessID]pages{},
	}
	return f.routes()
}

// routes is every address that belongs to no single business. Links of alerts, and what pages are drawn with, ask for no
// password.
func (f *front) routes() http.Handler {
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(f.outside.serve(func(http.ResponseWriter, *http.Request) error {
		return rebound.Errorf(rebound.Forbidden, "R1613", "This came from another site's page. Open Rebound itself and try again there.")
	}))
	open := http.NewServeMux()
	open.Handle("GET /static/{file}", f.outside.serve(static))
	open.Handle("GET /favicon.ico", f.outside.serve(favicon))
	open.Handle("/a/{business}/", foreign.Handler(f.of(func(p pages) http.Handler { return p.links })))

	known := http.NewServeMux()
	known.Handle("GET /{$}", f.outside.serve(f.home))
	known.Handle("/b/{business}/", f.of(func(p pages) http.Handler { return p.all }))
	known.Handle("/", f.outside.serve(notFound))
	open.Handle("/", f.signedIn(foreign.Handler(known)))
	return headers(open)
}

// of serves a door of the business that the address names. That of a business which does not exist leads nowhere, like
// any other wrong address.
func (f *front) of(door func(pages) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := f.pages(r.Context(), rebound.BusinessID(r.PathValue("business")))
		if err != nil {
			f.outside.fail(w, r, err)
			return
		}
		door(p).ServeHTTP(w, r)
	})
}

func (f *front) pages(ctx context.Context, id rebound.BusinessID) (pages, error) {
	f.mu.Lock()
	p, made := f.sites[id]
	f.mu.Unlock()
	if made {
		return p, nil
	}
	all, err := f.Reader.Businesses(ctx)
	if err != nil {
		return p, fmt.Errorf("find the businesses: %w", err)
	}
	if !slices.Contains(all, id) {
		return p, errNoPage
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p, made = f.sites[id]; !made {
		s := &site{Options: f.Options, Business: id, at: placeOf(id), rows: f.Reader.For(id)}
		if f.Simulator != nil {
			s.pretend = newPretend(*f.Simulator)
		}
		p = pages{all: http.StripPrefix(string(s.at), s.routes()), links: s.linkRoutes()}
		f.sites[id] = p
	}
	return p, nil
}

// home leads to the first business.
func (f *front) home(w http.ResponseWriter, r *http.Request) error {
	all, err := f.Reader.Businesses(r.Context())
	if err != nil {
		return fmt.Errorf("find the businesses: %w", err)
	}
	if len(all) == 0 {
		return rebound.Errorf(rebound.NotFound, "R1643", "There is no business yet. Write business.yaml and run: rebound apply business.yaml")
	}
	return seeOther(w, r, placeOf(all[0]).to("/"))
}

// signedIn asks for the password, if there is one. Sums are compared so that neither the password's length
// nor its beginning shows in the time that it takes.
func (f *front) signedIn(next http.Handler) http.Handler {
	if f.Password == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, given, _ := r.BasicAuth()
		sum := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(sum[:], f.password[:]) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="Rebound", charset="UTF-8"`)
			http.Error(w, "Sign in with the password from Rebound's configuration; the name does not matter.", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}
