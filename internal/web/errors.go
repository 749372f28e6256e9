package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"rebound"
	"rebound/internal/store"
)

// handler answers one kind of request, or returns why it cannot; fail is the one place that shows it.
type handler func(w http.ResponseWriter, r *http.Request) error

// longestForm bounds what a page posts: the longest text and its fields fit many times over.
const longestForm = 64 << 10

// serve makes a handler an http.Handler.
func (s *site) serve(h handler) http.Handler { return s.serveUpTo(longestForm, h) }

// serveUpTo is serve for a handler that takes files, with the bytes that it takes at most.
func (s *site) serveUpTo(most int64, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, most)
		if err := h(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

// failure is an error as a page shows it.
type failure struct {
	Title   string
	Message string
	Code    string // stable code of a rebound.Error, or the reference under which it is logged
	Status  int
}

// Label says what Code is.
func (f failure) Label() string {
	if f.Status == http.StatusInternalServerError {
		return "Reference"
	}
	return "Code"
}

// fail shows an error. What is not meant for the other side is logged in full and shown as a reference.
func (s *site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the browser has left
	}
	f, known := explain(err)
	if !known {
		s.Log.Error("page failed", "method", r.Method, "path", loggable(r), "reference", f.Code, "error", err)
	}
	page := failurePage(f)
	if byScript(r) {
		page = failureToast(f)
	}
	if err := render(w, r, f.Status, page); err != nil {
		s.Log.Error("error page failed", "reference", f.Code, "error", err)
		http.Error(w, f.Title, http.StatusInternalServerError)
	}
}

// loggable is the address of a request for the log: that of an alert's link is a key.
func loggable(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, "/a/") {
		return r.Pattern
	}
	return r.URL.Path
}

// explain turns an error into what may be shown; known is false for errors that are nobody's business.
func explain(err error) (f failure, known bool) {
	if errors.Is(err, store.ErrNotFound) {
		err = errNoPage
	}
	var e *rebound.Error
	if !errors.As(err, &e) {
		return failure{
			Title: "Something went wrong", Message: "It is not your fault, and nothing was changed. Try again.",
			Code: strings.ToLower(rand.Text()[:8]), Status: http.StatusInternalServerError,
		}, false
	}
	f = failure{Message: sentence(e.Message), Code: e.Code, Title: "That did not work", Status: http.StatusUnprocessableEntity}
	switch e.Kind {
	case rebound.NotFound:
		f.Title, f.Status = "Nothing is here", http.StatusNotFound
	case rebound.Forbidden:
		f.Title, f.Status = "Not allowed", http.StatusForbidden
	case rebound.Conflict:
		f.Title, f.Status = "Somebody was faster", http.StatusConflict
	case rebound.Unavailable:
		f.Title, f.Status = "Not right now", http.StatusServiceUnavailable
	}
	return f, true
}

// errNoPage is the answer to an address of nothing, or of somebody else's thing: the two look alike.
var errNoPage = rebound.Errorf(rebound.NotFound, "R1610", "There is nothing at this address. Go back to the inbox and look there.")

// notFound answers every address that no route has.
func notFound(http.ResponseWriter, *http.Request) error { return errNoPage }

// unreadable says what is wrong with a posted form.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return rebound.Errorf(rebound.Invalid, "R1611", "This is too long to send. Shorten it.")
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return rebound.Errorf(rebound.Invalid, "R1612", "The form could not be read. Reload the page and try again.")
}
