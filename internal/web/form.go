package web

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"rebound"
)

// field is one input of a form: what was typed into it, and what is wrong with that.
type field struct {
	Name     string // unique in its form; dots part it
	Label    string
	Value    string
	Type     string // of the input: "number", "time", "tel"; empty: text
	Help     string
	Min, Max string // of a number
	Options  []option
	Checked  bool
	Problem  string // with its remedy, as a sentence; empty: none
}

// option is one choice of a field.
type option struct {
	Value, Text string
	Selected    bool
}

// id is the field's place in the page, to which a label and a problem lead.
func (f field) id() string { return "f-" + f.Name }

// described ties a field to its help and its problem, for those who hear the page.
func (f field) described() templ.Attributes {
	a := templ.Attributes{}
	switch {
	case f.Problem != "":
		a = invalid(f.id()+"-wrong", f.Problem)
	case f.Help != "":
		a["aria-describedby"] = f.id() + "-help"
	}
	for name, value := range map[string]string{"min": f.Min, "max": f.Max} {
		if value != "" {
			a[name] = value
		}
	}
	return a
}

func (f field) inputType() string {
	if f.Type == "" {
		return "text"
	}
	return f.Type
}

// choose marks the option that has the value.
func choose(value string, options ...option) []option {
	chosen := make([]option, len(options))
	for i, o := range options {
		o.Selected = o.Value == value
		chosen[i] = o
	}
	return chosen
}

// wrong is one thing that is wrong with a form.
type wrong struct {
	Field string // its id; empty: it is about no field of the form
	Words string
}

// wrongs are all of them, in the order in which they are to be read.
type wrongs []wrong

// of returns what is wrong with a field.
func (ws wrongs) of(name string) string {
	for _, w := range ws {
		if w.Field == (field{Name: name}).id() {
			return w.Words
		}
	}
	return ""
}

// placed finds for each problem of a declaration the field that it is about. fields says which field shows which
// place of the declaration ("lines.main.name"); what lies within a place is its field's too.
func placed(problems rebound.Problems, fields map[string]string) wrongs {
	all := make(wrongs, len(problems))
	for i, p := range problems {
		all[i].Words = says(p)
		at := p.About
		for at != "" && all[i].Field == "" {
			if name, ok := fields[at]; ok {
				all[i].Field = field{Name: name}.id()
			}
			at = at[:max(0, strings.LastIndexAny(at, ".["))]
		}
		if all[i].Field == "" {
			all[i].Words = whole(p)
		}
	}
	return all
}

// refused returns what is wrong with what a person wanted to save, and the status that says so; any other error
// is passed on, and so is a conflict, of which a page says more.
func refused(err error, fields map[string]string) (wrongs, int, error) {
	if rebound.ErrorKind(err) == rebound.Conflict {
		return nil, 0, err
	}
	problems, words, status, other := unsaved(err)
	if words != "" {
		return wrongs{{Words: words}}, status, nil
	}
	return placed(problems, fields), status, other
}

// Rows of a form are kept as they were typed, word for word, so that a page can show them again with each problem at
// its field. Buttons that add, remove and move rows send the form and get it back changed; only "save" changes anything.

// verb is what the pressed button of a form asks for: "save", or "less mon 1".
type verb struct {
	Do  string
	On  string // which rows
	Nth int
}

func pressedVerb(form url.Values) verb {
	words := strings.Fields(form.Get("do"))
	v := verb{Do: "save"}
	if len(words) > 0 {
		v.Do = words[0]
	}
	if len(words) > 1 {
		v.On = words[1]
	}
	if len(words) > 2 {
		v.Nth, _ = strconv.Atoi(words[2]) // no number is the first row
	}
	return v
}

// changeRows carries a verb out on the rows named on, and reports whether it was about them. fresh is an added row.
func changeRows[T any](rows *[]T, on string, v verb, fresh T) bool {
	if v.On != on {
		return false
	}
	all := *rows
	switch n := v.Nth; {
	case v.Do == "more":
		*rows = append(all, fresh)
	case n < 0 || n >= len(all):
	case v.Do == "less":
		*rows = append(all[:n:n], all[n+1:]...)
	case v.Do == "up" && n > 0:
		all[n-1], all[n] = all[n], all[n-1]
	}
	return true
}

// timesRow is from when to when, as typed.
type timesRow struct{ From, To, Wrong string }

func readTimes(form url.Values, prefix string) []timesRow {
	var rows []timesRow
	for i := 0; form.Has(fmt.Sprint(prefix, ".", i, ".from")); i++ {
		at := fmt.Sprint(prefix, ".", i)
		rows = append(rows, timesRow{From: strings.TrimSpace(form.Get(at + ".from")), To: strings.TrimSpace(form.Get(at + ".to"))})
	}
	return rows
}

// blank reports a row that says nothing and so counts for nothing.
func (t timesRow) blank() bool { return t.From == "" && t.To == "" }

// opening reads the row, or says in it what is wrong.
func (t *timesRow) opening() (rebound.Opening, bool) {
	o, ok := rebound.ParseOpening(t.From, t.To)
	if !ok {
		t.Wrong = "Write both times, like 8:00 AM to 5:30 PM."
	}
	return o, ok
}

func typedTimes(from, to int) timesRow { return timesRow{From: typedClock(from), To: typedClock(to)} }

// typedClock is a time as <input type=time> takes it.
func typedClock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60%24, minutes%60) }

// sealOf tells whether what a form is about is still what it was when the form was made.
func sealOf(what any) string {
	text, err := json.Marshal(what)
	if err != nil {
		panic("web: what was declared cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// errChanged refuses to save over what somebody else has saved meanwhile.
var errChanged = rebound.Errorf(rebound.Conflict, "R1640",
	"Somebody changed this while you were editing. Your entries are still here: compare them with what stands now, then save again.")

// unsaved sorts why a form was not saved: problems that belong to the form, each at what it is about, or one
// sentence. It returns what is no refusal.
func unsaved(err error) (problems rebound.Problems, words string, status int, other error) {
	if errors.As(err, &problems) {
		return problems, "", http.StatusUnprocessableEntity, nil
	}
	if kind := rebound.ErrorKind(err); kind == rebound.Conflict || kind == rebound.Invalid {
		f, _ := explain(err)
		return nil, f.Message, f.Status, nil
	}
	return nil, "", 0, err
}

// above is what stands above a form that was not saved: why, or where the reasons are.
func above(words string, v verb, thing string) string {
	switch {
	case words != "":
		return words
	case v.Do == "retire":
		return thing + " is still needed:"
	}
	return "Nothing is saved yet. Mend what is marked below, then save again."
}

// says is a problem as a field shows it: a sentence with its remedy.
func says(p rebound.Problem) string {
	if p.Remedy == "" {
		return sentence(p.Wrong)
	}
	return sentence(p.Wrong) + " " + sentence(p.Remedy)
}

// whole is a problem as a form shows it that has no field for it.
func whole(p rebound.Problem) string {
	if p.About == "" {
		return says(p)
	}
	return p.About + ": " + says(p)
}

// rowOf reads the index behind a name: rowOf("changes[2].from", "changes") is 2 and "from".
func rowOf(p rebound.Problem, name string) (index int, part string, ok bool) {
	rest, ok := strings.CutPrefix(p.About, name+"[")
	number, part, closed := strings.Cut(rest, "]")
	index, err := strconv.Atoi(number)
	return index, strings.TrimPrefix(part, "."), ok && closed && err == nil
}

// seeOther sends a browser to a page that shows what was saved.
func seeOther(w http.ResponseWriter, r *http.Request, path string) error {
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// withQuery adds a word to a page's address.
func withQuery(path, key, value string) string {
	sign := "?"
	if strings.Contains(path, "?") {
		sign = "&"
	}
	return path + sign + url.Values{key: {value}}.Encode()
}

// rowID makes a verb part of an element's id.
func rowID(do string) string { return strings.ReplaceAll(do, " ", "-") }
