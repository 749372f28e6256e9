package web

import (
	"errors"
	"net/http"
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
		a["aria-invalid"], a["aria-describedby"] = "true", f.id()+"-wrong"
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
		words := sentence(p.Wrong)
		if p.Remedy != "" {
			words = sentence(p.Wrong + "; " + p.Remedy)
		}
		all[i].Words = words
		at := p.About
		for at != "" && all[i].Field == "" {
			if name, ok := fields[at]; ok {
				all[i].Field = field{Name: name}.id()
			}
			at = at[:max(0, strings.LastIndexAny(at, ".["))]
		}
		if all[i].Field == "" && p.About != "" {
			all[i].Words = p.About + ": " + words
		}
	}
	return all
}

// refused returns what is wrong with what a person wanted to save, and the status that says so; any other error
// is passed on.
func refused(err error, fields map[string]string) (wrongs, int, error) {
	var problems rebound.Problems
	var e *rebound.Error
	switch {
	case errors.As(err, &problems):
		return placed(problems, fields), http.StatusUnprocessableEntity, nil
	case errors.As(err, &e) && e.Kind == rebound.Invalid:
		return wrongs{{Words: sentence(e.Message) + " [" + e.Code + "]"}}, http.StatusUnprocessableEntity, nil
	}
	return nil, 0, err
}
