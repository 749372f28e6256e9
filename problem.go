package rebound

import "strings"

// Problem is something that cannot be as it is written: where it stands, what is wrong, and the remedy.
type Problem struct {
	About  string // within what was checked: "exceptions[1]"; "" is all of it
	Wrong  string // as the rest of a sentence about About
	Remedy string // a whole clause; may be empty where Wrong says it
}

// Problems is everything that is wrong in a declaration, so that a person mends it in one go. It is the
// error of refusing one: nothing of it was taken.
type Problems []Problem

// Error has one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = strings.TrimPrefix(p.About+": ", ": ") + p.Wrong
		if p.Remedy != "" {
			lines[i] += "; " + p.Remedy
		}
	}
	return strings.Join(lines, "\n")
}
