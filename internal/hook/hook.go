// Package hook is the door that carriers call: it verifies a request, reads it, hands it to the
// engine, and answers in the carrier's language. It refuses to decide anything and to keep anything:
// a request is answered with success only when the engine has committed what it says.
package hook

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"sync/atomic"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/engine"
)

// Options are what the door works with. All must be set.
type Options struct {
	Engine *engine.Engine
	Log    *slog.Logger
	// Links reads the addresses that were given to a carrier; false for a carrier that is not known.
	Links func(carrierName string) (carrier.Links, bool)
	// Door returns the side of a connection's carrier that calls in. The error is ErrNoConnection
	// where there is no such connection.
	Door func(ctx context.Context, id rebound.ConnectionID) (carrier.Door, error)
	// Sound opens a greeting that is kept here; who reads it closes it. An error of kind NotFound: there is none.
	Sound func(ctx context.Context, b rebound.BusinessID, id rebound.MediaID) (rebound.Sound, io.ReadSeekCloser, error)
}

// ErrNoConnection says that no connection has the id in the address.
var ErrNoConnection = errors.New("no such connection")

const (
	// largestBody is far above what carriers send and what they accept as an answer.
	largestBody = 256 << 10
	// longestStep leaves the carrier time to go to its fallback within its own 15 s (CARRIERS.md 1.4).
	longestStep = 8 * time.Second
)

// Hook serves the addresses below /hook/.
type Hook struct {
	o      Options
	counts Counts
}

// Counts are how many requests were answered in which way since the start.
type Counts struct {
	Taken, Forged, Refused, Failed atomic.Int64
}

// New makes the door.
func New(o Options) *Hook { return &Hook{o: o} }

// Counts returns the door's counters.
func (h *Hook) Counts() *Counts { return &h.counts }

// ServeHTTP serves /hook/<carrier>/….
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	err := h.serve(w, r)
	if err == nil {
		h.counts.Taken.Add(1)
		return
	}
	var refusal *refusal
	var known *rebound.Error
	switch {
	case errors.As(err, &refusal):
		h.count(refusal.status)
		h.o.Log.Warn("carrier's request refused", "path", r.URL.Path, "status", refusal.status, "why", refusal.words)
		http.Error(w, refusal.words, refusal.status)
	case errors.As(err, &known) && status[known.Kind] != 0:
		h.count(status[known.Kind])
		h.o.Log.Warn("carrier's request refused", "path", r.URL.Path, "status", status[known.Kind], "code", known.Code, "why", known.Message)
		http.Error(w, known.Error(), status[known.Kind])
	default:
		h.counts.Failed.Add(1)
		h.o.Log.Error("carrier's request not taken; the carrier's fallback answers", "path", r.URL.Path, "err", err)
		w.Header().Set("Retry-After", "1")
		http.Error(w, "R1000: this could not be stored, so nothing of it was taken; ask again", http.StatusServiceUnavailable)
	}
}

var status = map[rebound.Kind]int{rebound.Invalid: http.StatusBadRequest, rebound.NotFound: http.StatusNotFound}

func (h *Hook) count(status int) {
	if status == http.StatusForbidden {
		h.counts.Forged.Add(1)
		return
	}
	h.counts.Refused.Add(1)
}

// refusal is an answer below the carrier's language: the request is not worth reading on.
type refusal struct {
	status int
	words  string
}

func (e *refusal) Error() string { return e.words }

func (h *Hook) serve(w http.ResponseWriter, r *http.Request) error {
	links, ok := h.o.Links(r.PathValue("carrier"))
	if !ok {
		return &refusal{http.StatusNotFound, "R1001: no such carrier"}
	}
	place, err := links.Read(r.URL.EscapedPath())
	if err != nil {
		return &refusal{http.StatusForbidden, "R1002: " + err.Error()}
	}
	if place.Kind == carrier.AtSound {
		return h.sound(w, r, place)
	}
	body, err := read(w, r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), longestStep)
	defer cancel()
	door, err := h.o.Door(ctx, place.Connection)
	if errors.Is(err, ErrNoConnection) {
		return &refusal{http.StatusNotFound, "R1003: no such connection; apply business.yaml, or point the number elsewhere"}
	}
	if err != nil {
		return err
	}
	if err := door.Verify(r, links.Base+r.URL.RequestURI(), body); err != nil {
		return &refusal{http.StatusForbidden, "R1004: " + err.Error()}
	}
	if r.Method == http.MethodGet {
		body = []byte(r.URL.RawQuery)
	}
	in, err := h.take(ctx, door, place, r.Header, body)
	if err != nil {
		return err
	}
	contentType, document := door.Document(in, links)
	w.Header().Set("Content-Type", contentType)
	_, _ = w.Write(document) // the carrier hung up; what it said is kept
	return nil
}

// sound serves a greeting to a carrier that plays it. Carriers sign no such request; the address does, and it is no
// secret what every caller hears. The content of an address never changes, so carriers may keep it.
func (h *Hook) sound(w http.ResponseWriter, r *http.Request, p carrier.Place) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return &refusal{http.StatusMethodNotAllowed, "R2115: a greeting is fetched with GET"}
	}
	s, content, err := h.o.Sound(r.Context(), p.Business, p.Sound)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // it was only read
	header := w.Header()
	header.Set("Content-Type", s.ContentType)
	header.Set("Cache-Control", "public, max-age=604800, immutable")
	header.Set("ETag", `"`+string(s.ID)+`"`)
	http.ServeContent(w, r, "", s.CreatedAt, content)
	return nil
}

// read reads the body, whole or not at all.
func read(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method == http.MethodPost {
		switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
		case "application/x-www-form-urlencoded", "application/json":
		default:
			return nil, &refusal{http.StatusUnsupportedMediaType, "R1005: the body must be a form or JSON, as its Content-Type must say"}
		}
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return nil, &refusal{http.StatusRequestEntityTooLarge, "R1006: the body is larger than 256 KB"}
	}
	if err != nil {
		return nil, &refusal{http.StatusBadRequest, "R1007: the body ended early"}
	}
	return body, nil
}

// take hands the request to the engine and returns what the carrier is told.
func (h *Hook) take(ctx context.Context, door carrier.Door, p carrier.Place, header http.Header, body []byte) (rebound.Instruction, error) {
	nothing := rebound.Instruction{Kind: rebound.DoNothing, Connection: p.Connection, Business: p.Business, Call: p.Call}
	in, err := h.hand(ctx, door, p, header, body)
	if errors.Is(err, rebound.ErrStale) { // it tells nothing that matters here
		return nothing, nil
	}
	if err != nil || p.Kind == carrier.AtLeg || p.Kind == carrier.AtRecording || p.Kind == carrier.AtStatus || in.Kind == "" {
		return nothing, err // reports: the carrier reads no document in the answer
	}
	return in, nil
}

// hand parses the request and gives it to the engine.
func (h *Hook) hand(ctx context.Context, door carrier.Door, p carrier.Place, header http.Header, body []byte) (none rebound.Instruction, err error) {
	switch p.Kind {
	case carrier.AtText:
		ev, err := door.Text(header, body)
		if err != nil {
			return none, err
		}
		ev.Connection, ev.Raw = p.Connection, body
		return none, h.o.Engine.HandleText(ctx, ev)
	case carrier.AtReceipt:
		receipt, err := door.Receipt(p, header, body)
		if err != nil {
			return none, err
		}
		receipt.Connection, receipt.Business, receipt.Message, receipt.Raw = p.Connection, p.Business, p.Message, body
		return none, h.o.Engine.HandleReceipt(ctx, receipt)
	}
	ev, err := door.Call(p, header, body)
	if err != nil {
		return none, err
	}
	ev.Connection, ev.Business, ev.Call, ev.Step, ev.Target, ev.Raw = p.Connection, p.Business, p.Call, p.Step, p.Target, body
	return h.o.Engine.HandleCall(ctx, ev)
}
