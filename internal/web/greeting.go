package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"rebound"
	"rebound/internal/store"
)

// greetingEdit is what callers of a line hear, to be changed. Whoever embeds greetingEditor says where the browser
// goes after a change.
type greetingEdit struct {
	Back   string
	Number string // of the line, as people write it
	Hours  []hourGreeting
	Spoken []spokenGreeting
	Limits string
}

// hourGreeting is what is heard at one hour.
type hourGreeting struct {
	Hour    rebound.GreetingHour
	Action  string
	Title   string
	Says    string // in words, what is heard now
	Link    string // to listen; empty: it is not a stored sound
	Seconds string
	Length  string // "0:26"
	Spoken  string // "26 s"
	Problem string // why the last one was not taken
}

func (h hourGreeting) id() string { return "greeting-" + string(h.Hour) }

// described ties the input to its help and its problem, for those who hear the page.
func (h hourGreeting) described() templ.Attributes {
	if h.Problem == "" {
		return templ.Attributes{"aria-describedby": h.id() + "-help"}
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": h.id() + "-wrong " + h.id() + "-help"}
}

// spokenGreeting is a voicemail from a team member's phone.
type spokenGreeting struct {
	ID    rebound.MediaID
	Words string // "Ana, today 9:12, 14 s"
}

// largestUpload is the largest greeting with the form around it.
const largestUpload = rebound.LargestSound + 64<<10

// greeting shows a line's greetings on a page of their own.
func (s *site) greeting(w http.ResponseWriter, r *http.Request) error {
	return s.showGreeting(w, r, http.StatusOK, "", "")
}

func (s *site) showGreeting(w http.ResponseWriter, r *http.Request, status int, hour rebound.GreetingHour, problem string) error {
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	line := sc.line(rebound.LineID(r.PathValue("line")))
	if line.ID == "" {
		return errNoPage
	}
	e, err := s.greetingEdit(r, sc, line, sc.at.greeting(line.ID))
	if err != nil {
		return err
	}
	for i := range e.Hours {
		if e.Hours[i].Hour == hour {
			e.Hours[i].Problem = problem
		}
	}
	return render(w, r, status, greetingPageView(sc.frame("Greeting of "+lineName(line), "", ""), e))
}

// greetingEdit reads what greetingEditor shows.
func (s *site) greetingEdit(r *http.Request, sc scene, line rebound.Line, back string) (greetingEdit, error) {
	e := greetingEdit{
		Back: back, Number: sc.number(string(line.Number)),
		Limits: fmt.Sprintf("MP3 or WAV, at most %s and %d MB.", rebound.Span(rebound.LongestSound), rebound.LargestSound>>20),
	}
	g := line.Greeting
	for _, h := range []struct {
		hourGreeting
		sound      rebound.MediaID
		play, says string
		otherwise  string
	}{
		{hourGreeting{Hour: rebound.GreetOpen, Title: "In opening hours"}, g.Sound, g.Play, g.Say, "A voice says the standard greeting."},
		{hourGreeting{Hour: rebound.GreetClosed, Title: "After hours"}, g.ClosedSound, "", g.Closed, "The same as in opening hours."},
	} {
		own := h.otherwise
		switch {
		case h.play != "":
			own = "The sound at " + h.play
		case h.says != "":
			own = "A voice says: “" + h.says + "”"
		}
		h.Says, h.Action = own, withQuery(sc.at.greeting(line.ID), "hour", string(h.Hour))
		if h.sound != "" {
			sound, err := s.rows.Sound(r.Context(), h.sound)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return e, fmt.Errorf("read greeting %s: %w", h.sound, err)
			}
			h.Says, h.Link = "Your own sound.", sc.at.sound(h.sound)
			h.Seconds, h.Length, h.Spoken = seconds(sound.Duration.Seconds()), minutes(sound.Duration), rebound.Span(sound.Duration)
		}
		e.Hours = append(e.Hours, h.hourGreeting)
	}
	var err error
	e.Spoken, err = s.spoken(r, sc)
	return e, err
}

// spoken lists what team members have spoken after the tone, newest first.
func (s *site) spoken(r *http.Request, sc scene) ([]spokenGreeting, error) {
	const most = 5 // of each phone: they are there to be used at once
	type recording struct {
		rebound.Media
		by string
	}
	var all []recording
	for _, m := range sc.members {
		for _, d := range m.Rings {
			if d.Number == "" {
				continue
			}
			found, err := s.rows.SpokenFrom(r.Context(), d.Number, most)
			if err != nil {
				return nil, fmt.Errorf("read what %s has spoken: %w", m.ID, err)
			}
			for _, f := range found {
				all = append(all, recording{f, m.Name})
			}
		}
	}
	slices.SortFunc(all, func(a, b recording) int { return b.CreatedAt.Compare(a.CreatedAt) })
	out := make([]spokenGreeting, len(all))
	for i, m := range all {
		out[i] = spokenGreeting{m.ID, m.by + ", " + sc.when(m.CreatedAt) + ", " + rebound.Span(m.Duration)}
	}
	return out, nil
}

// setGreeting takes a file or a voicemail as what callers of a line hear, or removes the sound that they hear.
func (s *site) setGreeting(w http.ResponseWriter, r *http.Request) error {
	line := rebound.LineID(r.PathValue("line"))
	hour := rebound.GreetOpen
	if r.URL.Query().Get("hour") == string(rebound.GreetClosed) {
		hour = rebound.GreetClosed
	}
	var large *http.MaxBytesError
	err := r.ParseMultipartForm(largestUpload)
	switch {
	case errors.As(err, &large):
		err = rebound.SoundTooLarge()
	case err != nil && !errors.Is(err, http.ErrNotMultipart):
		err = unreadable(err)
	default:
		err = s.takeGreeting(r, line, hour)
	}
	switch rebound.ErrorKind(err) {
	case rebound.Invalid:
		return s.showGreeting(w, r, http.StatusUnprocessableEntity, hour, explained(err))
	case "":
		if err != nil {
			return err
		}
	default:
		return err
	}
	back := r.PostFormValue("back")
	if !strings.HasPrefix(back, s.at.to("/lines/")) {
		back = s.at.greeting(line)
	}
	http.Redirect(w, r, back+"#greeting-"+string(hour), http.StatusSeeOther)
	return nil
}

func explained(err error) string {
	f, _ := explain(err)
	return f.Message
}

func (s *site) takeGreeting(r *http.Request, line rebound.LineID, hour rebound.GreetingHour) error {
	if r.PostFormValue("remove") != "" {
		return s.Edit(r.Context(), s.Business, func(d *rebound.Declaration) error {
			for i, l := range d.Lines {
				if l.ID == line {
					d.Lines[i].Greeting = l.Greeting.With(hour, "")
					return nil
				}
			}
			return errNoPage
		})
	}
	sound, err := s.givenSound(r)
	if err != nil {
		return err
	}
	defer sound.Close() //nolint:errcheck // it was only read
	_, err = s.Desk.SetGreeting(r.Context(), s.Business, line, hour, sound)
	return err
}

// givenSound opens the file or the voicemail that the form gives.
func (s *site) givenSound(r *http.Request) (io.ReadCloser, error) {
	if id := r.PostFormValue("voicemail"); id != "" {
		m, err := s.rows.Media(r.Context(), rebound.MediaID(id))
		if err != nil {
			return nil, err
		}
		return s.Files.Open(s.Business, m.ID)
	}
	file, _, err := r.FormFile("sound")
	if err != nil {
		return nil, rebound.Errorf(rebound.Invalid, "R2118", "Choose a sound file first.")
	}
	return file, nil
}

// sound lets a member listen to a greeting.
func (s *site) sound(w http.ResponseWriter, r *http.Request) error {
	sound, err := s.rows.Sound(r.Context(), rebound.MediaID(r.PathValue("sound")))
	if err != nil {
		return err
	}
	f, err := s.Files.Open(s.Business, sound.ID)
	if err != nil {
		return fmt.Errorf("open sound %s: %w", sound.ID, err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	h := w.Header()
	h.Set("Content-Type", sound.ContentType)
	h.Set("Cache-Control", "private, max-age=31536000, immutable") // an id is made from the content
	http.ServeContent(w, r, "", sound.CreatedAt, f)
	return nil
}
