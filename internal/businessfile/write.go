package businessfile

import (
	"regexp"
	"strconv"
	"strings"
)

// tree is a value as the file writes it: a scalar's text, ready quoted, or a list, or keys.
type tree struct {
	text string
	list []tree
	keys []branch
}

type branch struct {
	key string
	tree
}

func mappingTree(entries []entry, all bool) tree {
	var t tree
	for _, e := range entries {
		if child, set := e.write(all); set {
			t.keys = append(t.keys, branch{e.name, child})
		}
	}
	return t
}

// appendMapping writes keys below each other, with a blank line between the parts of the top level.
func appendMapping(out []byte, keys []branch, indent string) []byte {
	for _, k := range keys {
		if indent == "" && len(k.keys) > 0 {
			out = append(out, '\n')
		}
		out = append(out, indent+k.key+":"...)
		switch {
		case len(k.keys) > 0:
			out = appendMapping(append(out, '\n'), k.keys, indent+"  ")
		case len(k.list) > 0 && len(k.list[0].keys) > 0:
			out = appendItems(append(out, '\n'), k.list, indent+"  ")
		default:
			out = append(out, " "+k.line()+"\n"...)
		}
	}
	return out
}

func appendItems(out []byte, list []tree, indent string) []byte {
	for _, item := range list {
		from := len(out)
		out = appendMapping(out, item.keys, indent+"  ")
		out[from+len(indent)] = '-'
	}
	return out
}

// line is a whole value in one line: for scalars and lists as the file has it, for the items of
// other lists as a change shows them.
func (t tree) line() string {
	var parts []string
	switch {
	case len(t.list) > 0:
		for _, item := range t.list {
			parts = append(parts, item.line())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case len(t.keys) > 0:
		for _, k := range t.keys {
			parts = append(parts, k.key+" "+k.line())
		}
		return strings.Join(parts, ", ")
	}
	return t.text
}

// bare matches texts that stand in YAML as they are: they begin with a letter or a bracket, and
// hold nothing that YAML reads as more than text.
var bare = regexp.MustCompile(`^[\p{L}(][\p{L}\p{N} .,;!?'()/@+_=&%-]*(:[\p{L}\p{N}/.@+_=&?%(-][\p{L}\p{N} .,;!?'()/@+_=&%-]*)*$`)

// quote writes a text so that it is read back as it is.
func quote(text string) string {
	switch strings.ToLower(text) {
	case "null", "true", "false", "yes", "no", "on", "off", "y", "n":
	default:
		if bare.MatchString(text) && strings.TrimSpace(text) == text {
			return text
		}
	}
	return strconv.Quote(text)
}
