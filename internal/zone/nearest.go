package zone

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns at most three zone names that somebody who wrote name may have meant, the likeliest
// first. It looks at the place alone, the part behind the last slash, since "Vancouver" and
// "Canada/Vancouver" mean the same, and forgives one slip of the keyboard in four letters.
func nearest(name string) []string {
	const most, longest = 3, 64
	written := place(name)
	if written == "" || len(written) > longest {
		return nil
	}
	type candidate struct {
		name  string
		slips int
	}
	var found []candidate
	for zone := range archive() {
		if slips := distance(written, place(zone)); slips <= len(written)/4 {
			found = append(found, candidate{zone, slips})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.slips, b.slips), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range found[:min(most, len(found))] {
		names = append(names, c.name)
	}
	return names
}

func place(zone string) string {
	last := zone[strings.LastIndexByte(zone, '/')+1:]
	return strings.ToLower(strings.ReplaceAll(last, " ", "_"))
}

// distance counts the single-byte insertions, deletions and replacements that turn a into b
// (Levenshtein, one row at a time).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
