package web

import (
	"bytes"
	"net/http"

	"github.com/a-h/templ"
)

// render makes the whole page before the first byte leaves: a page is there complete or not at all.
func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(r.Context(), &b); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // an error means that the browser has left: nobody is there to be told
	return nil
}

// byScript reports whether the page's own script asks, which needs only what changed.
func byScript(r *http.Request) bool { return r.Header.Get("HX-Request") == "true" }

// done answers a press of a button: a script waits for the stream to bring what changed, a browser
// without one goes back to the page.
func done(w http.ResponseWriter, r *http.Request, back string) error {
	if byScript(r) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
