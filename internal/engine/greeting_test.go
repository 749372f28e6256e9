package engine_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/reboundtest"
)

// spoken is a greeting that lasts a second.
func spoken(words byte) []byte {
	head := "RIFF\x64\x1f\x00\x00WAVEfmt \x10\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x40\x1f\x00\x00"
	return append([]byte(head), bytes.Repeat([]byte{words}, 8000)...)
}

func setGreeting(t *testing.T, w *reboundtest.World, hour rebound.GreetingHour, file []byte) rebound.Sound {
	t.Helper()
	s, err := w.App.Engine.SetGreeting(t.Context(), reboundtest.Business, "main", hour, bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The caller hears the uploaded sound of the hour, which the carrier fetched from us.
func TestCallersHearTheGreetingThatWasUploaded(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		setGreeting(t, w, rebound.GreetOpen, spoken('o'))
		caller := w.Caller()
		caller.Calls(reboundtest.MainLine).RingsOut()
		caller.ExpectText("missed your call")
		if got := w.Twilio.Played(); len(got) != 1 || !bytes.Equal(got[0], spoken('o')) {
			t.Fatalf("the caller was played %d sounds", len(got))
		}

		setGreeting(t, w, rebound.GreetClosed, spoken('c'))
		if err := w.App.Engine.Edit(t.Context(), reboundtest.Business, func(d *rebound.Declaration) error {
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Wednesday, From: 60, To: 61}}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		late := w.Caller()
		late.Calls(reboundtest.MainLine).RingsOut()
		late.ExpectText("We are closed")
		if got := w.Twilio.Played(); len(got) != 2 || !bytes.Equal(got[1], spoken('c')) {
			t.Fatalf("outside the hours the caller was played %d sounds", len(got))
		}
	})
}

// What was declared with a sound can be declared again; one that is not here is refused, and the line stays as it is.
func TestASoundCanBeDeclaredAgain(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		engine := w.App.Engine
		sound := setGreeting(t, w, rebound.GreetOpen, spoken('o'))
		if again := setGreeting(t, w, rebound.GreetOpen, spoken('o')); again.ID != sound.ID {
			t.Errorf("the same file is %s and %s", sound.ID, again.ID)
		}
		exported, err := engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		w.Declare(func(*rebound.Declaration) {}) // without it
		w.DeclareBusiness(exported)
		now, err := engine.Declared(t.Context(), reboundtest.Business)
		if err != nil || !reflect.DeepEqual(now.Lines[0].Greeting, rebound.Greeting{Sound: sound.ID}) {
			t.Errorf("after export and apply: %+v, %v", now.Lines[0].Greeting, err)
		}

		now.Lines[0].Greeting.Sound = rebound.SoundID([]byte("elsewhere"))
		if err := engine.Declare(t.Context(), now); err == nil || !strings.Contains(err.Error(), "R2114: Line main") {
			t.Errorf("a sound that is not here: %v", err)
		}
		if _, err := engine.SetGreeting(t.Context(), reboundtest.Business, "other", rebound.GreetOpen, bytes.NewReader(spoken('o'))); rebound.ErrorKind(err) != rebound.NotFound {
			t.Errorf("a line that is not there: %v", err)
		}
		if _, err := engine.SetGreeting(t.Context(), reboundtest.Business, "main", rebound.GreetOpen, strings.NewReader("<html>")); rebound.ErrorKind(err) != rebound.Invalid {
			t.Errorf("a page: %v", err)
		}
		if now, err := engine.Declared(t.Context(), reboundtest.Business); err != nil || now.Lines[0].Greeting.Sound != sound.ID {
			t.Errorf("after what was refused: %+v, %v", now.Lines[0].Greeting, err)
		}
	})
}

// Only an address that we made leads to a greeting, and only to that one.
func TestAGreetingsAddressIsSigned(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		sound := setGreeting(t, w, rebound.GreetOpen, spoken('o'))
		place := carrier.Place{Kind: carrier.AtSound, Connection: reboundtest.Connection, Business: reboundtest.Business, Sound: sound.ID}
		links := w.App.Links("twilio")
		ask := func(method, address string, headers ...string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(context.Background(), method, address, nil)
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			answer := httptest.NewRecorder()
			w.App.Handler(nil).ServeHTTP(answer, r)
			return answer
		}
		if strings.Contains(links.To(place), "?") {
			t.Errorf("the address has a query: %s", links.To(place))
		}
		if a := ask("GET", links.To(place)); a.Code != 200 || a.Header().Get("Content-Type") != "audio/wav" || !bytes.Equal(a.Body.Bytes(), spoken('o')) {
			t.Errorf("got %d %s", a.Code, a.Header())
		}
		if a := ask("GET", links.To(place), "Range", "bytes=58-61"); a.Code != http.StatusPartialContent || a.Body.String() != "oooo" {
			t.Errorf("a part: %d %q", a.Code, a.Body)
		}
		if a := ask("GET", links.To(place), "If-None-Match", `"`+string(sound.ID)+`"`); a.Code != http.StatusNotModified {
			t.Errorf("again: %d", a.Code)
		}
		if a := ask("POST", links.To(place)); a.Code != http.StatusMethodNotAllowed {
			t.Errorf("POST: %d", a.Code)
		}
		if a := ask("GET", strings.Replace(links.To(place), string(sound.ID), string(rebound.SoundID(nil)), 1)); a.Code != http.StatusForbidden {
			t.Errorf("another sound under the same signature: %d", a.Code)
		}
		place.Sound = rebound.SoundID(nil)
		if a := ask("GET", links.To(place)); a.Code != http.StatusNotFound || !strings.Contains(a.Body.String(), "R2117") {
			t.Errorf("a sound that is not there: %d %s", a.Code, a.Body)
		}
	})
}

// A member speaks the greeting as a voicemail of the line, from the phone in their hand: what staff say after the
// tone is kept like a customer's, though nobody waits.
func TestAGreetingSpokenByPhone(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Over(w.Ana().Calls(reboundtest.MainLine).LeavesVoicemail(3*time.Second, nil))
		w.Settle()
		heard, err := w.Rows().SpokenFrom(t.Context(), reboundtest.AnaCell, 5)
		if err != nil || len(heard) != 1 {
			t.Fatalf("spoken from Ana's phone: %+v, %v", heard, err)
		}
		file, err := w.App.Files.Open(reboundtest.Business, heard[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		s, err := w.App.Engine.SetGreeting(t.Context(), reboundtest.Business, "main", rebound.GreetClosed, file)
		if err != nil || s.Duration < 2*time.Second || s.Duration > 4*time.Second {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
