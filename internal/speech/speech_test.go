package speech_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rebound/internal/speech"
)

// service answers over a real connection.
func service(t *testing.T, handler http.HandlerFunc) speech.Service {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return speech.Service{URL: server.URL + "/v1/", Key: "sk-1", Model: "whisper-1"}
}

func TestARecordingIsSentAsTheProtocolSays(t *testing.T) {
	s := service(t, func(w http.ResponseWriter, r *http.Request) {
		file, header, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		sound, _ := io.ReadAll(file)
		if r.Method != "POST" || r.URL.Path != "/v1/audio/transcriptions" || r.Header.Get("Authorization") != "Bearer sk-1" ||
			r.PostFormValue("model") != "whisper-1" || r.PostFormValue("response_format") != "json" ||
			header.Filename != "voicemail.wav" || string(sound) != "sound" {
			t.Errorf("%s %s %v %v %q %q", r.Method, r.URL, r.Header, r.PostForm, header.Filename, sound)
		}
		fmt.Fprint(w, `{"text":"My boiler leaks.","usage":{"seconds":3}}`)
	})
	words, err := s.Transcribe(t.Context(), "audio/wav", strings.NewReader("sound"))
	if err != nil || words != "My boiler leaks." {
		t.Errorf("%q, %v", words, err)
	}
}

func TestAnswersThatAreNone(t *testing.T) {
	var stolen string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { stolen = r.Header.Get("Authorization") }))
	defer thief.Close()
	say := func(status int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // what is left of it belongs to nobody
			w.WriteHeader(status)
			fmt.Fprint(w, body)
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		refused bool
	}{
		"refused":        {say(400, `{"error":{"message":"too short"}}`), true},
		"too large":      {say(413, ""), true},
		"refused unread": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(415) }, true},
		"wrong key":      {say(401, "{}"), false},
		"busy":           {say(429, "{}"), false},
		"broken":         {say(500, "oops"), false},
		"garbage":        {say(200, "<html>"), false},
		"something else": {say(200, `{"words":"x"}`), false},
		"10 MB":          {say(200, `{"text":"`+strings.Repeat("x", 10<<20)+`"}`), false},
		"sent to another host": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
		}, false},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"text":"My boi`)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			words, err := service(t, test.handler).Transcribe(t.Context(), "audio/mpeg", bytes.NewReader(make([]byte, 1<<20)))
			if err == nil || words != "" || errors.Is(err, speech.ErrRefused) != test.refused {
				t.Errorf("%q, %v", words, err)
			}
		})
	}
	if stolen != "" {
		t.Error("the key went to another host")
	}
}

// A service that never answers is left when the time is over.
func TestAServiceThatHangs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := service(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then a server sees who leaves
		cancel()
		<-r.Context().Done()
	})
	if _, err := s.Transcribe(ctx, "audio/mpeg", strings.NewReader("sound")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// A recording that cannot be read is no empty one.
func TestARecordingThatCannotBeRead(t *testing.T) {
	s := service(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // it breaks off
		fmt.Fprint(w, `{"text":""}`)
	})
	broken := io.MultiReader(strings.NewReader("sound"), failing{})
	if words, err := s.Transcribe(t.Context(), "audio/mpeg", broken); err == nil {
		t.Errorf("%q", words)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("the disk is gone") }
