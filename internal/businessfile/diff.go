package businessfile

import (
	"rebound"
)

// Change is one value that differs between two declarations of a business.
type Change struct {
	Path string // "lines.main.ring_for"
	Old  string // as the file writes it; "" where it was not there
	New  string // "" where it is no more
}

// String is the change in one line, with a sign for what is added (+), removed (-) or changed (~).
func (c Change) String() string {
	switch {
	case c.Old == "":
		return "+ " + c.Path + ": " + c.New
	case c.New == "":
		return "- " + c.Path + ": " + c.Old
	}
	return "~ " + c.Path + ": " + c.Old + " → " + c.New
}

// Diff returns what is to change to make a business as old declares it into what new declares: in
// the order of new, and what goes away last. A declaration without a business is empty. The order of
// connections, members, teams, lines and blocked numbers means nothing; that of a team's members does.
func Diff(old, new rebound.Declaration) []Change {
	before, after := leaves(old), leaves(new)
	was, kept := map[string]string{}, map[string]bool{}
	for _, c := range before {
		was[c.Path] = c.New
	}
	var changes []Change
	for _, c := range after {
		kept[c.Path] = true
		c.Old = was[c.Path]
		if c.Old != c.New {
			changes = append(changes, c)
		}
	}
	for _, c := range before {
		if !kept[c.Path] {
			changes = append(changes, Change{Path: c.Path, Old: c.New})
		}
	}
	return changes
}

// leaves are a declaration's values with their paths, in the file's order, defaults too.
func leaves(d rebound.Declaration) []Change {
	if d.Business.ID == "" {
		return nil
	}
	return appendLeaves(nil, (&business{d: d}).tree(true), "")
}

func appendLeaves(out []Change, t tree, path string) []Change {
	if len(t.keys) == 0 {
		return append(out, Change{Path: path, New: t.line()})
	}
	for _, k := range t.keys {
		out = appendLeaves(out, k.tree, join(path, k.key))
	}
	return out
}
