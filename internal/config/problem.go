package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one thing that is wrong in what a person wrote, where it stands, and what to do about it.
type Problem struct {
	File   string // empty where the text came without a name, or from no file
	Line   int    // from 1; 0 where the problem has no place in a file
	Column int    // from 1, in characters
	About  string // what it is about: "lines.main.ring_for", "REBOUND_LISTEN", "--listen"; may be empty
	Wrong  string // what is wrong, as the rest of a sentence about About
	Remedy string // what to do, as a whole clause; may be empty where Wrong says it
}

// String is the problem in one line: "rebound.yaml:3:9: listen: … ; …".
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File + ":")
	}
	if p.Line > 0 {
		fmt.Fprintf(&b, "%d:%d:", p.Line, p.Column)
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	if p.About != "" {
		b.WriteString(p.About + ": ")
	}
	b.WriteString(p.Wrong)
	if p.Remedy != "" {
		b.WriteString("; " + p.Remedy)
	}
	return b.String()
}

// Problems is everything that is wrong, so that a person mends it in one go.
type Problems []Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// In returns the problems as those of the named file.
func (ps Problems) In(file string) Problems {
	named := slices.Clone(ps)
	for i := range named {
		named[i].File = file
	}
	return named
}

// Err returns the problems in the order of their places, or nil if there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	sorted := slices.Clone(ps)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return sorted
}

// Nearest returns the one of names that somebody who wrote word most likely meant. It forgives one
// slip of the keyboard in three letters, and a word that is the beginning of just one name; where
// nothing is near, ok is false.
func Nearest(word string, names []string) (name string, ok bool) {
	const longest = 64
	word = strings.ToLower(word)
	if word == "" || len(word) > longest {
		return "", false
	}
	least := len(word)/3 + 1
	for _, n := range names {
		if d := slips(word, strings.ToLower(n)); d < least {
			name, least, ok = n, d, true
		}
	}
	if ok {
		return name, true
	}
	for _, n := range names {
		if strings.HasPrefix(strings.ToLower(n), word) {
			if ok {
				return "", false
			}
			name, ok = n, true
		}
	}
	return name, ok
}

// slips counts the insertions, deletions, replacements and swaps of neighbours that turn a into b
// (optimal string alignment, in bytes: the names are ASCII).
func slips(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replaced := last[j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			row[j] = min(replaced, last[j]+1, row[j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// Suggest is the remedy for an unknown word: the nearest of names, or all of them.
func Suggest(word string, names []string) string {
	if near, ok := Nearest(word, names); ok {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(names) == 0 {
		return "there are none"
	}
	return "there are " + strings.Join(names, ", ")
}
