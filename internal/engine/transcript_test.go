package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// leavesVoicemail lets a caller speak and waits until the recording is here.
func leavesVoicemail(w *reboundtest.World) *reboundtest.Handset {
	caller := w.Caller()
	w.Over(caller.Calls(reboundtest.MainLine).LeavesVoicemail(12*time.Second, nil))
	caller.ExpectText("voicemail")
	w.Settle()
	return caller
}

// transcribed returns the caller's only transcript, and makes sure that the voicemail can be played in any case.
func transcribed(t *testing.T, w *reboundtest.World, caller *reboundtest.Handset) rebound.Transcript {
	t.Helper()
	c := w.Conversation(caller)
	if len(c.Media) != 1 || c.Media[0].State != rebound.MediaStored || sizeOf(t, w.App.Files, c.Media[0]) != c.Media[0].Size {
		t.Fatalf("the voicemail cannot be played: %+v", c.Media)
	}
	if len(c.Transcripts) != 1 || c.Transcripts[0].Media != c.Media[0].ID {
		t.Fatalf("transcripts: %+v", c.Transcripts)
	}
	return c.Transcripts[0]
}

func TestAVoicemailIsTranscribed(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Transcribes(fake.Wire(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			file, _, err := r.FormFile("file")
			if err != nil {
				t.Error(err)
				return
			}
			if sound, err := io.ReadAll(file); err != nil || len(sound) < 10_000 {
				t.Errorf("the service got %d bytes, %v", len(sound), err)
			}
			fmt.Fprint(rw, `{"text":" My boiler\u0000 leaks. "}`)
		})))
		caller := leavesVoicemail(w)
		if got := transcribed(t, w, caller); got.State != rebound.TranscriptMade || got.Words != "My boiler leaks." || got.Tries != 1 {
			t.Errorf("%+v", got)
		}
	})
}

// A service in trouble is asked again for about an hour; one that refuses is not.
func TestATranscriptionServiceInTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		tries  int
		state  rebound.TranscriptState
		words  string
	}{
		"hangs":  {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 7, rebound.TranscriptFailed, "The transcription service did not answer."},
		"breaks": {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(500) }, 7, rebound.TranscriptFailed, "The transcription service did not answer."},
		"10 MB": {func(rw http.ResponseWriter, _ *http.Request) { _, _ = rw.Write(bytes.Repeat([]byte(" "), 10<<20)) }, 7,
			rebound.TranscriptFailed, "The transcription service did not answer."},
		"refuses": {func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(400) }, 1, rebound.TranscriptFailed, "The transcription service refused this recording."},
	} {
		t.Run(name, func(t *testing.T) {
			reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
				asked := 0
				w.Transcribes(fake.Wire(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					_, _ = io.Copy(io.Discard, r.Body)
					asked++
					test.answer(rw, r)
				})))
				caller := leavesVoicemail(w)
				w.FastForward(3 * time.Hour)
				if got := transcribed(t, w, caller); got.State != test.state || got.Trouble != test.words || asked != test.tries || !got.DueAt.IsZero() {
					t.Errorf("asked %d times: %+v", asked, got)
				}
			})
		})
	}
}

// What was wanted when the server went down is asked for after it is up again, once.
func TestATranscriptOutlivesACrash(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		works := false
		w.Transcribes(fake.Wire(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if !works {
				rw.WriteHeader(503)
				return
			}
			fmt.Fprint(rw, `{"text":"My boiler leaks."}`)
		})))
		caller := leavesVoicemail(w)
		if got := transcribed(t, w, caller); got.State != rebound.TranscriptWanted || got.Trouble == "" {
			t.Errorf("before: %+v", got)
		}
		works = true
		w.Crash()
		w.FastForward(10 * time.Minute)
		if got := transcribed(t, w, caller); got.State != rebound.TranscriptMade || got.Words != "My boiler leaks." || got.Trouble != "" {
			t.Errorf("after: %+v", got)
		}
	})
}
