package web

import (
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/zone"
)

// at is an instant of the test's day, a Tuesday, on the clock of the test's business.
func at(t *testing.T, clock string) time.Time {
	t.Helper()
	when, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-17 "+clock, sceneAt(t, time.Time{}).zone)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// sceneAt is a plumber in San Francisco at one instant.
func sceneAt(t *testing.T, now time.Time) scene {
	t.Helper()
	here, err := zone.Load("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	return scene{
		business: rebound.Business{ID: "acme", Name: "Acme Plumbing", Country: "US"}, zone: here, now: now.In(here),
		lines:   []rebound.Line{{ID: "main", Name: "Main line", Number: "+14155550134"}},
		members: []rebound.Member{{ID: "dana", Name: "Dana Whitfield"}, {ID: "luis", Name: "Luis Moreno"}},
	}
}

// spaced shows non-breaking spaces as spaces, for comparing.
func spaced(s string) string { return strings.ReplaceAll(s, nb, " ") }

func TestLengthsOfTime(t *testing.T) {
	for _, c := range []struct {
		d             time.Duration
		coarse, until string
	}{
		{-time.Second, "0 s", "0 s"},
		{59 * time.Second, "59 s", "59 s"},
		{time.Minute, "1 m", "1 m"},
		{61 * time.Second, "1 m", "2 m"},
		{29*time.Minute + time.Second, "29 m", "30 m"},
		{59*time.Minute + 59*time.Second, "59 m", "1 h"},
		{76 * time.Minute, "1 h 16 m", "1 h 16 m"},
		{2 * time.Hour, "2 h", "2 h"},
		{24 * time.Hour, "1 d", "1 d"},
		{74 * time.Hour, "3 d 2 h", "3 d 2 h"},
	} {
		if got := spaced(coarse(c.d)); got != c.coarse {
			t.Errorf("coarse(%s) = %q, want %q", c.d, got, c.coarse)
		}
		if got := spaced(until(c.d)); got != c.until {
			t.Errorf("until(%s) = %q, want %q", c.d, got, c.until)
		}
		if strings.Contains(coarse(c.d), " ") {
			t.Errorf("coarse(%s) = %q breaks between number and unit", c.d, coarse(c.d))
		}
	}
	if got := longhand(30 * time.Minute); got != "30 minutes" {
		t.Errorf("got %q", got)
	}
	if got := longhand(time.Hour) + ", " + longhand(2*time.Hour) + ", " + longhand(90*time.Minute); got != "1 hour, 2 hours, 90 minutes" {
		t.Errorf("got %q", got)
	}
}

func TestInstantsInTheBusinesssZone(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	for _, c := range []struct{ got, want string }{
		{sc.clock(time.Date(2026, 11, 17, 18, 26, 0, 0, time.UTC)), "10:26 AM"},
		{sc.when(at(t, "00:00:01")), "12:00 AM"},
		{sc.when(at(t, "00:00:00").Add(-time.Second)), "Nov 16"},
		{sc.when(at(t, "10:00:00").AddDate(-1, 0, 0)), "Nov 17, 2025"},
		{sc.day(at(t, "10:00:00")), "Today, Tuesday, November 17"},
		{sc.day(at(t, "10:00:00").AddDate(0, 0, -1)), "Yesterday, Monday, November 16"},
		{sc.day(at(t, "10:00:00").AddDate(0, -1, -14)), "Saturday, October 3"},
		{sc.day(at(t, "10:00:00").AddDate(-1, 0, 0)), "Monday, November 17, 2025"},
		{sc.second(at(t, "22:42:07")), "22:42:07"},
	} {
		if got := spaced(c.got); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	// The night on which clocks go back has two half past ones; both are that night's day.
	fall := sceneAt(t, time.Date(2026, 11, 1, 9, 30, 0, 0, time.UTC))
	if got := spaced(fall.when(time.Date(2026, 11, 1, 8, 30, 0, 0, time.UTC))); got != "1:30 AM" {
		t.Errorf("an hour ago, before the change: %q, want 1:30 AM", got)
	}
}

func TestNamesAndNumbers(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	for _, c := range []struct {
		contact rebound.Contact
		want    string
	}{
		{rebound.Contact{Name: "Marisol Vega", Number: "+14155550176"}, "Marisol Vega"},
		{rebound.Contact{Number: "+14155550176"}, "(415) 555-0176"},
		{rebound.Contact{Number: "+442079460958"}, "+44 20 7946 0958"},
		{rebound.Contact{Raw: "anonymous"}, "Hidden number"},
		{rebound.Contact{Raw: "266696687"}, "Hidden number"},
		{rebound.Contact{}, "Hidden number"},
		{rebound.Contact{Raw: "sip:ana@example.com"}, "sip:ana@example.com"},
		{rebound.Contact{Number: "22395"}, "22395"},
	} {
		if got := spaced(sc.name(c.contact)); got != c.want {
			t.Errorf("%+v is called %q, want %q", c.contact, got, c.want)
		}
	}
	for name, want := range map[string]string{
		"Dana Whitfield": "DW", "Ana": "A", "Ana María de la Cruz": "AC", "  élodie   ödön ": "ÉÖ", "": "", "<script>": "", "1 2": "",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
	for cents, want := range map[int64]string{0: "$0", 42_000: "$420", 145_049: "$1,450", 145_050: "$1,451", 123_456_789_00: "$123,456,789"} {
		if got := money(cents); got != want {
			t.Errorf("money(%d) = %q, want %q", cents, got, want)
		}
	}
	if got := and([]string{"Dana", "Luis", "Priya"}) + "; " + and([]string{"Dana", "Luis"}) + "; " + and(nil); got != "Dana, Luis and Priya; Dana and Luis; " {
		t.Errorf("got %q", got)
	}
	if got := sentence("é done") + sentence("Why?") + sentence(""); got != "É done.Why?" {
		t.Errorf("got %q", got)
	}
}

// TestEveryReasonHasWords: what stands in the rows must never reach the screen as a code.
func TestEveryReasonHasWords(t *testing.T) {
	for _, r := range []rebound.MissReason{
		rebound.AfterHours, rebound.NobodyOnDuty, rebound.AllBusy, rebound.NoAnswer, rebound.Declined, rebound.AbandonedInMenu,
		rebound.Abandoned, rebound.Failed,
	} {
		if words := missWords(r); strings.Contains(words, "_") || words == string(r) && r != rebound.Declined {
			t.Errorf("%s has no words", r)
		}
	}
	for _, o := range []rebound.Outcome{rebound.Booked, rebound.NotALead, rebound.Lost, rebound.Unreachable} {
		if words := outcomeWords(rebound.Recovery{Outcome: o}); strings.Contains(words, "_") || words == "Closed" {
			t.Errorf("%s has no words", o)
		}
	}
	sc := sceneAt(t, at(t, "10:42:00"))
	for _, state := range []rebound.MessageState{
		rebound.Planned, rebound.Sending, rebound.Unknown, rebound.Queued, rebound.Sent, rebound.Delivered, rebound.Undelivered,
		rebound.FailedText, rebound.Unconfirmed, rebound.Cancelled,
	} {
		if d := sc.delivery(rebound.Message{State: state}); d.Words == string(state) || d.Icon == "" {
			t.Errorf("%s has no words: %+v", state, d)
		}
	}
}
