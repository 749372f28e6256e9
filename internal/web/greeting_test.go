package web_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"rebound"
	"rebound/internal/reboundtest"
)

// upload posts a file as a browser does.
func upload(t *testing.T, pages http.Handler, path string, file []byte) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("sound", "greeting.mp3")
	if err == nil {
		_, err = part.Write(file)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return ask(pages, r, nil)
}

func TestAGreetingIsUploadedHeardAndRemoved(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		const path = home + "/lines/main/greeting"
		head := "RIFF\x64\x1f\x00\x00WAVEfmt \x10\x00\x00\x00\x07\x00\x01\x00\x40\x1f\x00\x00\x40\x1f\x00\x00\x01\x00\x08\x00data\x40\x1f\x00\x00"
		file := append([]byte(head), bytes.Repeat([]byte{'g'}, 8000)...)
		expect(t, "before", get(pages, path), 200, "Greeting of Main line", "A voice says the standard greeting.", "The same as in opening hours.", "To speak it yourself, call (415) 555-0134")

		answer := upload(t, pages, path+"?hour=closed", file)
		if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != path+"#greeting-closed" {
			t.Fatalf("upload: %d to %q: %s", answer.Code, answer.Header().Get("Location"), answer.Body)
		}
		sound := home + "/sounds/" + string(rebound.SoundID(file))
		expect(t, "after", get(pages, path), 200, "Your own sound.", `src="`+sound+`"`, `data-spoken="1 s"`)
		if got := get(pages, sound, "Range", "bytes=58-59"); got.Code != http.StatusPartialContent || got.Body.String() != "gg" {
			t.Errorf("a part of it: %d %q", got.Code, got.Body)
		}
		expect(t, "the line's other settings", presses(pages, home+"/lines/main/edit", filled(t, get(pages, home+"/lines/main/edit")), "save"), http.StatusSeeOther)
		if g := declared(t, w).Lines[0].Greeting; g.ClosedSound != rebound.SoundID(file) {
			t.Errorf("saving the line's other settings left %+v of its greeting", g)
		}
		expect(t, "no sound", upload(t, pages, path+"?hour=open", []byte("<html>")), 422, "Choose a WAV or an MP3 file.", `aria-invalid="true"`)
		expect(t, "too large", upload(t, pages, path+"?hour=open", make([]byte, 6<<20)), 422, "larger than 5 MB")
		expect(t, "nothing", post(pages, path+"?hour=open", url.Values{}), 422, "Choose a sound file first.")
		expect(t, "no such voicemail", post(pages, path+"?hour=open", url.Values{"voicemail": {"x"}}), 404)
		expect(t, "no such line", upload(t, pages, home+"/lines/other/greeting?hour=open", file), 404)
		expect(t, "no such sound", get(pages, home+"/sounds/x"), 404)

		w.Over(w.Ana().Calls(reboundtest.MainLine).LeavesVoicemail(3e9, nil))
		w.Settle()
		page := get(pages, path)
		expect(t, "spoken by phone", page, 200, "Ana, ", "Use this recording")
		_, id, _ := strings.Cut(page.Body.String(), `<option value="`)
		id, _, _ = strings.Cut(id, `"`)
		if got := post(pages, path+"?hour=open", url.Values{"voicemail": {id}}); got.Code != http.StatusSeeOther {
			t.Errorf("a recording: %d %s", got.Code, got.Body)
		}
		post(pages, path+"?hour=closed", url.Values{"remove": {"yes"}})
		d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if g := d.Lines[0].Greeting; err != nil || g.Sound == "" || g.ClosedSound != "" {
			t.Errorf("in the end: %+v, %v", g, err)
		}
	})
}
