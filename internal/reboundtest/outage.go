package reboundtest

import (
	"io"
	"net/http"
	"strings"
	"time"

	"rebound/internal/app"
	"rebound/internal/store"
)

// binHost is where Twilio keeps documents for its customers.
const binHost = "handler.twilio.com"

// TwiMLBin keeps a document at the carrier that answers the main line's calls while nobody else does.
func (w *World) TwiMLBin(document string) {
	w.T.Helper()
	w.running.bin.Store(&document)
	line, ok := w.Twilio.Number(MainLine)
	if !ok {
		w.T.Fatal("the main line has no number")
	}
	line.VoiceFallbackURL = "https://" + binHost + "/twiml/EH1"
	w.Twilio.Owns(line)
}

func served(r *http.Request, document string) *http.Response {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(document)), Request: r,
	}
}

// Looks is how often a line's calls have been listed at the carrier.
func (w *World) Looks() int64 { return w.sends.looks.Load() }

// CarrierHangs lets the carrier's API take every request from now on and answer none.
func (w *World) CarrierHangs() { w.sends.hangs.Store(true) }

// Node starts one more program on the world's database, which only PostgreSQL allows. It ends with the
// test.
func (w *World) Node() {
	w.T.Helper()
	parts, err := w.parts, error(nil)
	if parts.Store, err = store.Open(w.T.Context(), w.database); err != nil {
		w.T.Fatal(err)
	}
	node, err := app.OpenParts(w.T.Context(), w.config, parts)
	if err == nil {
		err = node.Start(w.T.Context())
	}
	if err != nil {
		w.T.Fatal(err)
	}
	w.T.Cleanup(func() {
		if err := node.Close(); err != nil {
			w.T.Error(err)
		}
	})
}

// RestUntil lets time pass with the program off, so that years take no longer than an hour.
func (w *World) RestUntil(at time.Time) {
	w.T.Helper()
	w.PowerOff()
	w.FastForward(time.Until(at))
	w.PowerOn()
}
