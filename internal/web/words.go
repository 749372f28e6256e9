package web

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"rebound"
	"rebound/internal/phone"
)

// nb is a non-breaking space: a number never stands apart from its unit.
const nb = "\u00a0"

// coarse says how long somebody has waited, in whole units that have passed: "40 s", "12 m", "1 h 16 m",
// "3 d 2 h". static/clock.js says the same.
func coarse(d time.Duration) string {
	d = max(0, d)
	seconds, minutes, hours := int(d/time.Second), int(d/time.Minute), int(d/time.Hour)
	two := func(n int, unit string, rest int, part string) string {
		if rest == 0 {
			return fmt.Sprintf("%d%s%s", n, nb, unit)
		}
		return fmt.Sprintf("%d%s%s%s%d%s%s", n, nb, unit, nb, rest, nb, part)
	}
	switch {
	case seconds < 60:
		return two(seconds, "s", 0, "")
	case minutes < 60:
		return two(minutes, "m", 0, "")
	case hours < 24:
		return two(hours, "h", minutes%60, "m")
	}
	return two(hours/24, "d", hours%24, "h")
}

// until says how long it is to something, rounded up: what is due in 29:01 is due in 30 m.
func until(d time.Duration) string {
	if d > time.Minute {
		d = (d + time.Minute - 1).Truncate(time.Minute)
	}
	return coarse(d)
}

// longhand says a round length of time in full: "30 minutes", "2 hours".
func longhand(d time.Duration) string {
	n, unit := int(d/time.Minute), "minute"
	if d >= time.Hour && d%time.Hour == 0 {
		n, unit = int(d/time.Hour), "hour"
	}
	if n != 1 {
		unit += "s"
	}
	return strconv.Itoa(n) + " " + unit
}

// minutes says a position in a recording or call: "0:26".
func minutes(d time.Duration) string {
	s := int(max(0, d) / time.Second)
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// clock is a time of day: "10:26 AM".
func (sc scene) clock(t time.Time) string { return t.In(sc.zone).Format("3:04" + nb + "PM") }

// second is a time of day to the second, as the step log has it.
func (sc scene) second(t time.Time) string { return t.In(sc.zone).Format("15:04:05") }

// date is a day near enough to need no year, "Nov 17", else with it.
func (sc scene) date(t time.Time) string {
	t = t.In(sc.zone)
	layout := "Jan" + nb + "2"
	if t.Year() != sc.now.Year() {
		layout += ", 2006"
	}
	return t.Format(layout)
}

// when is how a list shows an instant: the time today, else the day.
func (sc scene) when(t time.Time) string {
	if sc.sameDay(t, sc.now) {
		return sc.clock(t)
	}
	return sc.date(t)
}

// day names a day between messages: "Today, Tuesday, November 17".
func (sc scene) day(t time.Time) string {
	t = t.In(sc.zone)
	layout := "Monday, January 2"
	if t.Year() != sc.now.Year() {
		layout += ", 2006"
	}
	switch words := t.Format(layout); {
	case sc.sameDay(t, sc.now):
		return "Today, " + words
	case sc.sameDay(t, sc.now.AddDate(0, 0, -1)):
		return "Yesterday, " + words
	default:
		return words
	}
}

func (sc scene) sameDay(a, b time.Time) bool {
	a, b = a.In(sc.zone), b.In(sc.zone)
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

// stamp is an instant for machines.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// money is whole units of the business's currency: "$1,450".
func money(cents int64) string {
	digits := strconv.FormatInt((cents+50)/100, 10)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return "$" + b.String()
}

// number shows a phone number as people of the business's country write it.
func (sc scene) number(e164 string) string {
	n := phone.Number(e164)
	if n.Region() == sc.business.Country {
		return unbroken(n.National())
	}
	return unbroken(n.International())
}

// unbroken keeps a number on one line.
func unbroken(s string) string { return strings.ReplaceAll(s, " ", nb) }

// name is what a contact is called: their name, else their number, else what the carrier sent.
func (sc scene) name(c rebound.Contact) string {
	switch {
	case c.Name != "":
		return c.Name
	case c.Number != "":
		return sc.number(c.Number)
	case phone.ParseCaller(c.Raw, "").Kind == phone.KindAnonymous:
		return "Hidden number"
	}
	return c.Raw
}

// person is one of the team as a page draws them.
type person struct {
	Name, First, Initials string
	Colour                string // class; people of the team are drawn in colour, callers are not
}

// person returns a member; somebody who has left is nobody.
func (sc scene) person(id rebound.MemberID) person {
	for i, m := range sc.members {
		if m.ID == id {
			return person{m.Name, firstWord(m.Name), initials(m.Name), "p" + strconv.Itoa(i%5+1)}
		}
	}
	return person{}
}

func firstWord(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// initials are the first letters of a name's first and last word; a name without letters has none.
func initials(name string) string {
	words := strings.Fields(name)
	if len(words) > 2 {
		words = []string{words[0], words[len(words)-1]}
	}
	var b strings.Builder
	for _, word := range words {
		if r, _ := utf8.DecodeRuneInString(word); unicode.IsLetter(r) {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// and joins names as people say them: "Dana, Luis and Priya".
func and(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// soon is an instant of these days with its weekday, unless it is today: "5:30 PM", "Tue 8:00 AM".
func (sc scene) soon(t time.Time) string {
	t = t.In(sc.zone)
	days := t.Sub(sc.now).Abs() / (24 * time.Hour)
	switch {
	case sc.sameDay(t, sc.now):
		return sc.clock(t)
	case days < 6:
		return t.Format("Mon") + nb + sc.clock(t)
	}
	return t.Format("Mon, Jan"+nb+"2, ") + sc.clock(t)
}

// capital begins with a capital letter.
func capital(words string) string {
	if words == "" {
		return ""
	}
	first := []rune(words)
	first[0] = unicode.ToUpper(first[0])
	return string(first)
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(words string) string {
	if words == "" {
		return ""
	}
	words = capital(words)
	if !strings.ContainsAny(words[len(words)-1:], ".!?") {
		words += "."
	}
	return words
}

// missWords says why nobody answered.
func missWords(r rebound.MissReason) string {
	switch r {
	case rebound.AfterHours:
		return "closed at that hour"
	case rebound.NobodyOnDuty:
		return "nobody on duty"
	case rebound.AllBusy:
		return "everybody was busy"
	case rebound.NoAnswer:
		return "nobody answered"
	case rebound.Declined:
		return "declined"
	case rebound.AbandonedInMenu:
		return "hung up in the menu"
	case rebound.Abandoned:
		return "hung up while it rang"
	case rebound.Failed:
		return "the carrier could not ring anybody"
	}
	return string(r)
}

// outcomeWords says how a recovery ended.
func outcomeWords(r rebound.Recovery) string {
	switch r.Outcome {
	case rebound.Booked:
		if r.Amount > 0 {
			return "Booked, " + money(r.Amount)
		}
		return "Booked"
	case rebound.NotALead:
		return "Not a lead"
	case rebound.Lost:
		return "Lost"
	case rebound.Unreachable:
		return "Unreachable"
	}
	return "Closed"
}

// plural counts things: "1 text", "2 texts".
func plural(n int, one, many string) string {
	if n == 1 {
		return "1" + nb + one
	}
	return strconv.Itoa(n) + nb + many
}
