package businessfile

import (
	"fmt"
	"slices"
	"strings"

	"rebound/internal/config"
)

// entry is one key of a mapping and what stands behind it.
type entry struct {
	name string
	value
}

// value is one place in a declaration and the way the file writes it.
type value struct {
	// read puts what n says into the place, or reports what is wrong with it.
	read func(r *reader, n *config.Node, path string)
	// absent puts what holds when the key is missing from mapping n, or reports that it must not be.
	absent func(r *reader, n *config.Node, path string)
	// write returns what the file says about the place; false: nothing. all asks for defaults too.
	write func(all bool) (tree, bool)
}

// example makes the value one that must be written; text is what the remedy shows.
func (v value) example(text string) value {
	v.absent = func(r *reader, n *config.Node, path string) {
		name := path[strings.LastIndexByte(path, '.')+1:]
		r.fault(n, path, "it is missing", fmt.Sprintf("add a line like `%s: %s`", name, text))
	}
	return v
}

// mapping reads n by its entries, in their order and not the file's, so that what later ones refer
// to is known.
func (r *reader) mapping(n *config.Node, path string, entries []entry) {
	if !r.is(n, config.Mapping, path, "lines of the form `key: value`") {
		return
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.name
		at := slices.IndexFunc(n.Keys, func(k config.Key) bool { return k.Name == e.name })
		if at < 0 {
			e.absent(r, n, join(path, e.name))
		} else {
			e.read(r, n.Keys[at].Value, join(path, e.name))
		}
	}
	for _, k := range n.Keys {
		if !slices.Contains(names, k.Name) {
			at := &config.Node{Line: k.Line, Column: k.Column}
			r.fault(at, join(path, k.Name), "there is no such key", config.Suggest(k.Name, names))
		}
	}
}

// is reports whether n has the shape; if not, that is a problem, unless it is known already.
func (r *reader) is(n *config.Node, shape config.Shape, path, wanted string) bool {
	switch {
	case n.Shape == shape:
		return true
	case n.Shape == config.Refused:
	case n.Shape == config.Blank:
		r.fault(n, path, "it has no value", "write "+wanted+", or remove the line")
	default:
		r.fault(n, path, "this must be "+wanted, "")
	}
	return false
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// form is how a kind of scalar is written. An error of read says what is wrong and what to do.
type form[T any] struct {
	read  func(text string) (T, error)
	write func(T) string
}

// scalar is one written value; a missing key means otherwise.
func scalar[T comparable](at *T, f form[T], otherwise T) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.Scalar, path, "one value") {
				return
			}
			v, err := f.read(n.Text)
			if err != nil {
				r.fault(n, path, err.Error(), "")
			}
			*at = v
		},
		absent: func(*reader, *config.Node, string) { *at = otherwise },
		write: func(all bool) (tree, bool) {
			var zero T
			set := *at != otherwise || all && otherwise != zero
			return tree{text: f.write(*at)}, set
		},
	}
}

// list is different values of one form, in order. It must not be empty where it is written.
func list[T comparable](at *[]T, f form[T]) value { return values(at, f, false) }

// series is a list in which a value may come again.
func series[T comparable](at *[]T, f form[T]) value { return values(at, f, true) }

func values[T comparable](at *[]T, f form[T], again bool) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.List, path, "a list like [a, b]") {
				return
			}
			if len(n.Items) == 0 {
				r.fault(n, path, "the list is empty", "")
			}
			for _, item := range n.Items {
				var v T
				s := scalar(&v, f, v)
				before := len(r.problems)
				s.read(r, item, path)
				if len(r.problems) > before {
					continue
				}
				if !again && slices.Contains(*at, v) {
					r.fault(item, path, item.Text+" stands here twice", "remove one")
					continue
				}
				*at = append(*at, v)
			}
		},
		absent: func(*reader, *config.Node, string) { *at = nil },
		write: func(bool) (tree, bool) {
			var t tree
			for _, v := range *at {
				t.list = append(t.list, tree{text: f.write(v)})
			}
			return t, len(*at) > 0
		},
	}
}

// section is a mapping with fixed keys that may be missing.
func section(entries []entry) value {
	return value{
		read: func(r *reader, n *config.Node, path string) { r.mapping(n, path, entries) },
		absent: func(r *reader, n *config.Node, path string) {
			for _, e := range entries {
				e.absent(r, n, join(path, e.name))
			}
		},
		write: func(all bool) (tree, bool) {
			t := mappingTree(entries, all)
			return t, len(t.keys) > 0
		},
	}
}

// orNothing lets a section be left out as a whole, though it has keys that must be written.
func orNothing(v value) value {
	v.absent = func(*reader, *config.Node, string) {}
	return v
}

// items is a list of mappings with fixed keys. check looks at the whole list once it is read.
func items[T any](at *[]T, entries func(*T) []entry, check func(r *reader, n *config.Node, path string)) value {
	return value{
		read: func(r *reader, n *config.Node, path string) {
			if !r.is(n, config.List, path, "a list") {
				return
			}
			if len(n.Items) == 0 {
				r.fault(n, path, "the list is empty", "")
			}
			for i, item := range n.Items {
				var v T
				r.mapping(item, fmt.Sprintf("%s[%d]", path, i), entries(&v))
				*at = append(*at, v)
			}
			check(r, n, path)
		},
		absent: func(*reader, *config.Node, string) { *at = nil },
		write: func(bool) (tree, bool) {
			var t tree
			for i := range *at {
				t.list = append(t.list, mappingTree(entries(&(*at)[i]), false))
			}
			return t, len(*at) > 0
		},
	}
}

// named is a mapping whose keys are the owner's own: things with a slug for a name.
type named[T any] struct {
	at      *[]T
	fresh   func(slug string) T // before it is read
	slug    func(T) string
	entries func(*T) []entry
	check   func(r *reader, n *config.Node, path string, v T) // may be nil
}

func (s named[T]) value() value {
	return value{
		read:   s.read,
		absent: func(*reader, *config.Node, string) { *s.at = nil },
		write: func(all bool) (tree, bool) {
			var t tree
			for i := range *s.at {
				v := &(*s.at)[i]
				t.keys = append(t.keys, branch{s.slug(*v), mappingTree(s.entries(v), all)})
			}
			return t, len(*s.at) > 0
		},
	}
}

func (s named[T]) read(r *reader, n *config.Node, path string) {
	if !r.is(n, config.Mapping, path, "lines of the form `name:` with more lines indented below") {
		return
	}
	for _, k := range n.Keys {
		at := join(path, k.Name)
		if _, err := readSlug(k.Name); err != nil {
			r.fault(&config.Node{Line: k.Line, Column: k.Column}, at, err.Error(), "")
		}
		v := s.fresh(k.Name)
		r.mapping(k.Value, at, s.entries(&v))
		if s.check != nil && k.Value.Shape == config.Mapping {
			s.check(r, k.Value, at, v)
		}
		*s.at = append(*s.at, v)
	}
}
