package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"rebound"
	"rebound/internal/holiday"
	"rebound/internal/store"
)

// hoursPage is when a line, or else the whole business, is open: what holds now, the taps that overrule it, and
// the form of what is declared.
type hoursPage struct {
	frame
	Line     rebound.LineID // empty: the business
	About    string         // whose hours: "Acme Plumbing", "Main line"
	Tabs     []navItem
	Now      openNow
	Tap      tap
	Form     hoursForm
	Saved    bool
	Problem  string // why a tap or a form was not taken
	TapWrong string
}

// openNow is what holds now and what comes next.
type openNow struct {
	Open  bool
	Words string // "Open until 5:30 PM"
	Next  []string
}

// tap is what may be set by one press, beside what is set.
type tap struct {
	Seen   string
	Set    string // what is set by hand now: "Closed by hand until 3:00 PM: flat tyre"; empty: nothing
	Closed []tapChoice
	Open   []tapChoice
	Note   string
	At     string // typed
}

// tapChoice is one button.
type tapChoice struct{ Value, Text string }

// hoursOf finds the schedule that the page is about in a declaration.
func hoursOf(d *rebound.Declaration, line rebound.LineID) (*rebound.Schedule, error) {
	if line == "" {
		return &d.Business.Schedule, nil
	}
	i := slices.IndexFunc(d.Lines, func(l rebound.Line) bool { return l.ID == line })
	if i < 0 {
		return nil, errNoPage
	}
	return &d.Lines[i].Schedule, nil
}

func (s *site) hours(w http.ResponseWriter, r *http.Request) error {
	d, err := s.Desk.Declared(r.Context(), s.Business)
	if err != nil {
		return err
	}
	line := rebound.LineID(r.URL.Query().Get("line"))
	own, err := hoursOf(&d, line)
	if err != nil {
		return err
	}
	page := hoursPage{Line: line, Saved: r.URL.Query().Has("saved")}
	page.Form = formOfHours(*own, line != "")
	page.Form.Region = r.URL.Query().Get("region")
	return s.showHours(w, r, http.StatusOK, page)
}

// showHours completes a page whose form is made, and shows it.
func (s *site) showHours(w http.ResponseWriter, r *http.Request, status int, page hoursPage) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	set, err := s.rows.Overrides(r.Context())
	if err != nil {
		return err
	}
	page.frame = sc.frame("Hours", sc.at.hours(""), "")
	page.About = sc.business.Name
	page.Tabs = []navItem{{Link: sc.at.hours(""), Text: sc.business.Name, Current: page.Line == ""}}
	schedule := sc.business.Schedule
	schedule.Override = sc.set.Business
	for _, l := range sc.lines {
		page.Tabs = append(page.Tabs, navItem{Link: sc.at.hours(l.ID), Text: lineName(l), Current: l.ID == page.Line})
		if l.ID == page.Line {
			page.About, schedule = lineName(l), sc.set.Schedule(sc.business, l)
		}
	}
	page.Now = sc.openNow(schedule)
	typed := page.Tap
	page.Tap = sc.tap(page.Line, schedule, set)
	page.Tap.Note, page.Tap.At = typed.Note, typed.At
	page.Form.tick(sc)
	return render(w, r, status, hoursView(page))
}

// openNow says what a schedule says now, and its next changes.
func (sc scene) openNow(s rebound.Schedule) openNow {
	status := s.At(sc.now, sc.zone, holiday.Find)
	now := openNow{Open: status.Open, Words: capital(status.Why)}
	const ahead, most = 14, 5
	end := sc.now.AddDate(0, 0, ahead)
	for _, w := range s.Windows(sc.now, end, sc.zone, holiday.Find) {
		if w.Opens.After(sc.now) {
			now.Next = append(now.Next, "Opens "+sc.soon(w.Opens))
		}
		if w.Closes.Before(end) {
			now.Next = append(now.Next, "Closes "+sc.soon(w.Closes))
		}
	}
	now.Next = now.Next[:min(most, len(now.Next))]
	return now
}

// The choices of how long a tap holds, as buttons send them.
const (
	forHalfHour = "30m"
	forHour     = "1h"
	forDay      = "day"
	tillOpening = "opening"
	tillThen    = "then"
)

// tap offers what makes sense now: until tomorrow's opening only where there is one.
func (sc scene) tap(line rebound.LineID, s rebound.Schedule, set []store.Override) tap {
	t := tap{Seen: sealOf(tapOf(set, line))}
	if o := tapOf(set, line); o.Until.After(sc.now) {
		t.Set = capital(string(o.Says)) + " by hand until " + sc.soon(o.Until)
		if o.Note != "" {
			t.Set += ": " + o.Note
		}
		if by := sc.person(o.By); by.First != "" {
			t.Set += " (" + by.First + ", " + sc.soon(o.At) + ")"
		}
	}
	short := []tapChoice{{forHalfHour, "30 minutes"}, {forHour, "1 hour"}, {forDay, "Rest of today"}}
	t.Open, t.Closed = short, short
	if opens := s.NextOpening(sc.now, sc.zone, holiday.Find); !opens.IsZero() {
		t.Closed = append(slices.Clone(short), tapChoice{tillOpening, "Until " + sc.soon(opens)})
	}
	return t
}

// tapOf is what is set about a line, or about the business; its zero value if nothing is.
func tapOf(set []store.Override, line rebound.LineID) store.Override {
	for _, o := range set {
		if o.Member == "" && o.Line == line {
			return o
		}
	}
	return store.Override{}
}

// until is the instant that a tap means; zero: none that can be read.
func (sc scene) until(choice, typed string, s rebound.Schedule) time.Time {
	switch choice {
	case forHalfHour:
		return sc.now.Add(30 * time.Minute)
	case forHour:
		return sc.now.Add(time.Hour)
	case forDay:
		return rebound.EndOfDay(sc.now)
	case tillOpening:
		return s.NextOpening(sc.now, sc.zone, holiday.Find)
	case tillThen:
		if m, ok := typedMoment(typed); ok {
			return m.In(sc.zone)
		}
	}
	return time.Time{}
}

func (s *site) overrideHours(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	line := rebound.LineID(r.PostForm.Get("line"))
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	schedule := sc.business.Schedule
	if line != "" {
		schedule = sc.set.Schedule(sc.business, sc.line(line))
	}
	err = s.tapHours(r.Context(), sc, line, schedule, r.PostForm, sc.by(r))
	if err == nil {
		return seeOther(w, r, withQuery(s.at.hours(line), "saved", "1"))
	}
	_, words, status, other := unsaved(err)
	if other != nil {
		return other
	}
	d, err := s.Desk.Declared(r.Context(), s.Business)
	if err != nil {
		return err
	}
	own, err := hoursOf(&d, line)
	if err != nil {
		return err
	}
	page := hoursPage{Line: line, TapWrong: words, Form: formOfHours(*own, line != "")}
	page.Tap.Note, page.Tap.At = r.PostForm.Get("note"), r.PostForm.Get("at")
	return s.showHours(w, r, status, page)
}

// tapHours sets what a press asks for, unless something else was set since the page was made.
func (s *site) tapHours(ctx context.Context, sc scene, line rebound.LineID, schedule rebound.Schedule, form url.Values, by rebound.MemberID) error {
	set, err := s.rows.Overrides(ctx)
	if err != nil {
		return err
	}
	if form.Get("seen") != sealOf(tapOf(set, line)) {
		return rebound.Errorf(rebound.Conflict, "R1641", "Somebody has opened or closed it by hand meanwhile. Look at what holds now, then press again.")
	}
	v := pressedVerb(form)
	if v.Do == "lift" {
		return s.Desk.OverrideHours(ctx, s.Business, line, rebound.Override{}, by)
	}
	until := sc.until(v.On, form.Get("at"), schedule)
	if until.IsZero() {
		return rebound.Errorf(rebound.Invalid, "R1642", "Say until when: choose a date and a time that is still to come.")
	}
	return s.Desk.OverrideHours(ctx, s.Business, line, rebound.Override{Open: v.Do == "open", Until: until, Note: form.Get("note")}, by)
}

// saveHours saves what is declared, or shows the form again with a row more or less.
func (s *site) saveHours(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	line := rebound.LineID(r.URL.Query().Get("line"))
	page := hoursPage{Line: line, Form: readHoursForm(r.PostForm, line != "")}
	f := &page.Form
	if v := pressedVerb(r.PostForm); v.Do != "save" {
		f.change(v)
		return s.showHours(w, r, http.StatusOK, page)
	}
	wanted, fine := f.schedule()
	if !fine {
		page.Problem = "Nothing is saved yet. Mend what is marked below, then save again."
		return s.showHours(w, r, http.StatusUnprocessableEntity, page)
	}
	err := s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
		own, err := hoursOf(d, line)
		if err != nil {
			return err
		}
		if seen := sealOf(*own); seen != r.PostForm.Get("seen") {
			f.Seen = seen
			return errChanged
		}
		*own = wanted
		own.Holidays = f.asListed(d.Business.Country, wanted.Holidays)
		return nil
	})
	if err == nil {
		return seeOther(w, r, withQuery(s.at.hours(line), "saved", "1"))
	}
	problems, words, status, other := unsaved(err)
	if other != nil {
		return other
	}
	page.Problem = words
	for _, p := range problems {
		f.Wrong = append(f.Wrong, whole(p))
	}
	return s.showHours(w, r, status, page)
}
