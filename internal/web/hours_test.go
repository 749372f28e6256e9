package web_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

// served are the pages as the program serves them, so that a saved form goes through the rules of the file.
func served(w *reboundtest.World) http.Handler {
	const password = "open sesame"
	w.App.Config.Password = password
	pages := w.App.Handler(nil)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.SetBasicAuth("anybody", password)
		pages.ServeHTTP(rw, r)
	})
}

var inputs = regexp.MustCompile(`<input[^>]*\sname="([^"]+)"[^>]*>|<select[^>]*\sname="([^"]+)"[^>]*>(?s:(.*?))</select>`)
var valued = regexp.MustCompile(`\svalue="([^"]*)"`)
var selected = regexp.MustCompile(`<option value="([^"]*)" selected`)

// formFields is what a browser would send of the form at an address that a page holds.
func formFields(t *testing.T, page *httptest.ResponseRecorder, action string) url.Values {
	t.Helper()
	_, rest, ok := strings.Cut(page.Body.String(), `action="`+action+`"`)
	if !ok {
		t.Fatalf("the page has no form for %s:\n%s", action, page.Body)
	}
	rest, _, _ = strings.Cut(rest, "</form>")
	form := url.Values{}
	for _, in := range inputs.FindAllStringSubmatch(rest, -1) {
		if in[2] != "" {
			if v := selected.FindStringSubmatch(in[3]); v != nil {
				form.Add(in[2], v[1])
			} else {
				form.Add(in[2], "")
			}
			continue
		}
		if tick := strings.Contains(in[0], `type="checkbox"`) || strings.Contains(in[0], `type="radio"`); tick && !strings.Contains(in[0], " checked") {
			continue
		}
		v := valued.FindStringSubmatch(in[0])
		if v == nil {
			v = []string{"", ""}
		}
		form.Add(in[1], v[1])
	}
	return form
}

func TestHoursAreSavedAsTyped(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		form := formFields(t, get(pages, home+"/hours"), home+"/hours")
		got := presses(pages, home+"/hours", form, "more mon")
		expect(t, "another row", got, 200, `value="08:00"`, "Remove these times of Monday")
		form = formFields(t, got, home+"/hours")
		form.Set("mon.0.to", "12:00")
		form = formFields(t, presses(pages, home+"/hours", form, "more mon"), home+"/hours")
		form.Set("mon.1.from", "1pm")
		form.Set("mon.1.to", "17:30")
		form = formFields(t, presses(pages, home+"/hours", form, "copy mon"), home+"/hours")
		form.Set("fri.1.from", "22:00")
		form.Set("fri.1.to", "02:00")
		form.Add("holiday", "us.thanksgiving")
		form = formFields(t, presses(pages, home+"/hours", form, "more x"), home+"/hours")
		form.Set("x0.date", "2026-12-24")
		form.Set("x0.note", "Christmas Eve")
		expect(t, "saved", presses(pages, home+"/hours", form, "save"), http.StatusSeeOther)
		expect(t, "afterwards", get(pages, home+"/hours?saved=1"), 200, "Saved.", "Christmas Eve", `value="us.thanksgiving" checked`)

		d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		s := d.Business.Schedule
		const want = "Mon 08:00-12:00, Mon 13:00-17:30, Tue 08:00-12:00, Tue 13:00-17:30, Wed 08:00-12:00, Wed 13:00-17:30, " +
			"Thu 08:00-12:00, Thu 13:00-17:30, Fri 08:00-12:00, Fri 22:00-02:00"
		if s.Weekly.String() != want || len(s.Exceptions) != 1 || s.Exceptions[0].Note != "Christmas Eve" {
			t.Errorf("saved %s %+v", s.Weekly, s.Exceptions)
		}

		expect(t, "once more from the old page", presses(pages, home+"/hours", form, "save"), http.StatusConflict, "Somebody changed this", `value="Christmas Eve"`)
	})
}

func TestHoursThatCannotBeAreShownAtTheirField(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		form := formFields(t, get(pages, home+"/hours"), home+"/hours")
		form.Set("week", "own")
		expect(t, "never open", presses(pages, home+"/hours", form, "save"), http.StatusUnprocessableEntity, "closed on every day")
		for name, c := range map[string]struct {
			set   url.Values
			words string
		}{
			"half a time": {url.Values{"tue.0.from": {"09:00"}, "tue.0.to": {""}}, "Write both times"},
			"no time":     {url.Values{"tue.0.from": {"nine"}, "tue.0.to": {"17:00"}}, `value="nine"`},
			"two at once": {url.Values{"tue.0.from": {"09:00"}, "tue.0.to": {"12:00"}, "tue.1.from": {"11:00"}, "tue.1.to": {"13:00"}}, "Tuesday has two shifts at 11:00"},
			"no day":      {url.Values{"tue.0.from": {"09:00"}, "tue.0.to": {"12:00"}, "x0.date": {"2026-02-30"}}, "2026-02-30"},
			"backwards":   {url.Values{"tue.0.from": {"09:00"}, "tue.0.to": {"12:00"}, "x0.date": {"2026-12-24"}, "x0.through": {"2026-12-20"}}, "before it begins"},
		} {
			sent := url.Values{}
			for _, values := range []url.Values{form, c.set} {
				for key := range values {
					sent.Set(key, values.Get(key))
				}
			}
			expect(t, name, presses(pages, home+"/hours", sent, "save"), http.StatusUnprocessableEntity, c.words, `aria-invalid="true"`, `class="err"`)
		}
		expect(t, "a stranger's line", get(pages, home+"/hours?line=nobody"), http.StatusNotFound)
	})
}

func TestALineHasHoursOfItsOwn(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) {
			d.Business.Schedule.Weekly = rebound.Hours{{Day: time.Sunday, From: 60, To: 120}}
		})
		pages := served(w)
		got := get(pages, home+"/hours?line=main")
		expect(t, "inherits", got, 200, `value="inherit" checked`)
		form := formFields(t, got, home+"/hours?line=main")
		form.Set("week", "always")
		expect(t, "always", presses(pages, home+"/hours?line=main", form, "save"), http.StatusSeeOther)
		expect(t, "the line", get(pages, home+"/hours?line=main"), 200, "Always open")
		expect(t, "the business", get(pages, home+"/hours"), 200, "Closed until Sun 1:00 AM")
	})
}

func TestClosedByOneTap(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := served(w)
		form := formFields(t, get(pages, home+"/hours"), home+"/hours/override")
		form.Set("note", "Staff training")
		expect(t, "tapped", presses(pages, home+"/hours/override", form, "closed 1h"), http.StatusSeeOther)
		expect(t, "closed", get(pages, home+"/hours"), 200, "Closed until ", ": Staff training", "Closed by hand until ", "Back to the usual hours")
		expect(t, "pressed on an old page", presses(pages, home+"/hours/override", form, "closed 30m"), http.StatusConflict, "by hand meanwhile", `value="Staff training"`)

		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectText("Acme Plumbing")
		if c := w.Conversation(caller); c.Calls[0].Reason != rebound.AfterHours {
			t.Errorf("the call was missed as %s", c.Calls[0].Reason)
		}

		form = formFields(t, get(pages, home+"/hours"), home+"/hours/override")
		expect(t, "lifted", presses(pages, home+"/hours/override", form, "lift"), http.StatusSeeOther)
		expect(t, "open", get(pages, home+"/hours"), 200, "Always open")
		form = formFields(t, get(pages, home+"/hours"), home+"/hours/override")
		for do, at := range map[string]string{"closed then": "", "open then": "2001-01-01T08:00", "closed opening": "", "closed": ""} {
			form.Set("at", at)
			expect(t, do, presses(pages, home+"/hours/override", form, do), http.StatusUnprocessableEntity, "still to come")
		}
		form.Set("at", "2000-01-02T08:00") // the test's clock begins with the year 2000
		expect(t, "typed", presses(pages, home+"/hours/override", form, "closed then"), http.StatusSeeOther)
		expect(t, "closed till then", get(pages, home+"/hours"), 200, "Closed until ", "8:00 AM")
	})
}
