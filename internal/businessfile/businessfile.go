// Package businessfile reads and writes business.yaml, in which an owner or an agency declares a
// business: its numbers, people, hours, wordings and limits. What Parse reads, Format writes back,
// and nothing is lost between the two.
//
// Each key of the file is described once (keys.go); reading, writing and comparing all follow that
// description. The package refuses to guess: an unknown key, a reference to nothing or a secret in
// the clear is a problem with its line and its remedy, and one problem makes the whole file void.
package businessfile

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/phone"
)

// Parse reads the businesses of a file: one for each document. The error, if any, is a
// config.Problems with everything that is wrong; then there are no declarations.
func Parse(data []byte) ([]rebound.Declaration, error) {
	docs, problems := config.ParseDocuments(data)
	r := &reader{problems: problems, lines: map[phone.Number]string{}}
	var businesses []rebound.Declaration
	firstLine := map[rebound.BusinessID]int{}
	for _, doc := range docs {
		b := &business{reader: r}
		r.mapping(doc, "", b.keys())
		id := b.d.Business.ID
		if line, twice := firstLine[id]; twice && id != "" {
			r.fault(doc, "business", fmt.Sprintf("%s is declared a second time", id), fmt.Sprintf("the first begins in line %d", line))
		}
		firstLine[id] = doc.Line
		businesses = append(businesses, b.d)
	}
	if len(docs) == 0 && len(r.problems) == 0 {
		r.problems = config.Problems{{Wrong: "the file declares no business", Remedy: "begin it with a line like `business: acme-plumbing`"}}
	}
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return businesses, nil
}

// Format writes businesses as Parse reads them, one document each. Defaults are left out.
func Format(businesses ...rebound.Declaration) []byte {
	var out []byte
	for i, d := range businesses {
		if i > 0 {
			out = append(out, "---\n"...)
		}
		out = appendMapping(out, (&business{d: d}).tree(false).keys, "")
	}
	return out
}

// Check refuses a declaration that Parse would refuse if it stood in a file, with rebound.Problems, so that what
// is changed on a page keeps to the rules of the file.
func Check(d rebound.Declaration) error {
	_, err := Parse(Format(d))
	var found config.Problems
	if !errors.As(err, &found) {
		return err
	}
	problems := make(rebound.Problems, len(found))
	for i, p := range found {
		problems[i] = rebound.Problem{About: p.About, Wrong: p.Wrong, Remedy: p.Remedy}
	}
	return problems
}

// business is one document, while it is read or written.
type business struct {
	*reader
	d rebound.Declaration
}

// tree is the document as it is written; all says that defaults that take effect are written too.
func (b *business) tree(all bool) tree { return mappingTree(b.keys(), all) }

// reader gathers what is wrong in a file, and what its documents must not do to each other.
type reader struct {
	problems config.Problems
	lines    map[phone.Number]string // the path of the line that has the number
}

// found tells what a check of the domain found within n, each problem at the place that it is about.
func (r *reader) found(n *config.Node, path string, problems []rebound.Problem) {
	for _, p := range problems {
		place, about := n, path
		for part := range strings.SplitSeq(p.About, ".") {
			name, index, _ := strings.Cut(strings.TrimSuffix(part, "]"), "[")
			if !has(place, name) {
				break
			}
			place, about = at(place, name), join(about, name)
			switch i, err := strconv.Atoi(index); {
			case err != nil:
			case i < len(place.Items):
				place = place.Items[i]
			case i < len(place.Keys):
				k := place.Keys[i]
				place, about = &config.Node{Line: k.Line, Column: k.Column}, join(about, k.Name)
			}
		}
		r.fault(place, about, p.Wrong, p.Remedy)
	}
}

func (r *reader) fault(at *config.Node, path, wrong, remedy string) {
	r.problems = append(r.problems, config.Problem{Line: at.Line, Column: at.Column, About: path, Wrong: wrong, Remedy: remedy})
}
