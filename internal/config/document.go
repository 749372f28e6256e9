package config

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Shape says what a Node is.
type Shape int

const (
	Blank   Shape = iota // nothing was written, or null
	Scalar               // one value, kept as it was written
	List                 // values in order
	Mapping              // values by key, in the order written
	Refused              // a problem with it was told already
)

// Node is one value of a YAML document, with its place. Scalars are texts: what kind of text is
// wanted is known to who asks, and "+14155550134" must not become a number on the way.
type Node struct {
	Line, Column int // of the value; from 1
	Shape        Shape
	Text         string  // Scalar
	Items        []*Node // List
	Keys         []Key   // Mapping
}

// Key is one entry of a Mapping. Names in one mapping differ.
type Key struct {
	Line, Column int
	Name         string
	Value        *Node // never nil
}

// mostBytes bounds what is read: the largest agency's file has some hundred kilobytes.
const mostBytes = 4 << 20

// ParseDocuments reads the documents of a YAML file, one Node each; a document of comments alone is
// left out. Anchors and aliases are resolved. Keys that come twice, tags and merge keys are
// problems, told all at once; where the text is no YAML at all, that is the one problem.
func ParseDocuments(data []byte) ([]*Node, Problems) {
	if len(data) > mostBytes {
		return nil, Problems{{Wrong: fmt.Sprintf("the file is larger than %d MB", mostBytes>>20), Remedy: "split it"}}
	}
	if !utf8.Valid(data) {
		return nil, Problems{{Wrong: "the file is not UTF-8 text", Remedy: "save it as UTF-8"}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin UTF-8 files with a byte order mark
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, Problems{syntaxProblem(err)}
	}
	var docs []*Node
	var problems Problems
	for _, doc := range file.Docs {
		c := converter{anchors: map[string]*Node{}}
		if doc.Body != nil {
			docs = append(docs, c.node(doc.Body))
		}
		problems = append(problems, c.problems...)
	}
	return docs, problems
}

// syntaxProblem keeps the parser's words and place and drops its excerpt of the source, which may
// hold a secret.
func syntaxProblem(err error) Problem {
	p := Problem{Wrong: "this is not YAML"}
	var syntax yaml.Error
	if !errors.As(err, &syntax) {
		return p
	}
	p.Wrong += ": " + syntax.GetMessage()
	if t := syntax.GetToken(); t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	p.Remedy = "look at the indentation (spaces, no tabs) and put texts that contain a colon or begin with { into double quotes"
	return p
}

type converter struct {
	anchors  map[string]*Node
	problems Problems
}

func (c *converter) node(n ast.Node) *Node {
	out := &Node{}
	if n == nil {
		return out
	}
	out.Line, out.Column = place(n.GetToken())
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.MappingNode:
		c.mapping(out, n.Values)
	case *ast.MappingValueNode:
		c.mapping(out, []*ast.MappingValueNode{n})
	case *ast.SequenceNode:
		out.Shape = List
		for _, item := range n.Values {
			out.Items = append(out.Items, c.node(item))
		}
	case *ast.AnchorNode:
		value := c.node(n.Value)
		c.anchors[n.Name.GetToken().Value] = value
		return value
	case *ast.AliasNode:
		return c.alias(out, n)
	case *ast.LiteralNode:
		out.Shape, out.Text = Scalar, n.Value.GetToken().Value
	case *ast.TagNode:
		out.Shape = Refused
		c.refuse(out, "a tag (!…) means nothing here", "remove it")
	case ast.ScalarNode:
		out.Shape, out.Text = Scalar, n.GetToken().Value
	default:
		out.Shape = Refused
		c.refuse(out, "this kind of YAML is not used here", "write a plain value")
	}
	return out
}

func (c *converter) mapping(out *Node, values []*ast.MappingValueNode) {
	out.Shape = Mapping
	if len(values) > 0 { // the parser's own place for a mapping is its first colon
		out.Line, out.Column = place(values[0].Key.GetToken())
	}
	for _, v := range values {
		name := v.Key.GetToken().Value
		key := Key{Name: name, Value: c.node(v.Value)}
		key.Line, key.Column = place(v.Key.GetToken())
		at := &Node{Line: key.Line, Column: key.Column}
		if _, simple := v.Key.(ast.ScalarNode); !simple || v.Key.IsMergeKey() {
			c.refuse(at, "a key must be a plain word", "write the keys of the merged mapping out")
			continue
		}
		first := slices.IndexFunc(out.Keys, func(k Key) bool { return k.Name == name })
		if first >= 0 {
			c.refuse(at, fmt.Sprintf("key %q stands here a second time", name),
				fmt.Sprintf("the first is in line %d: remove one", out.Keys[first].Line))
			continue
		}
		out.Keys = append(out.Keys, key)
	}
}

// alias is what the anchor was before: an alias inside its own anchor is therefore unknown, and
// nothing is circular.
func (c *converter) alias(out *Node, n *ast.AliasNode) *Node {
	name := n.Value.GetToken().Value
	if value, ok := c.anchors[name]; ok {
		return value
	}
	out.Shape = Refused
	c.refuse(out, fmt.Sprintf("*%s refers to nothing", name), fmt.Sprintf("mark the value above with &%s", name))
	return out
}

func (c *converter) refuse(at *Node, wrong, remedy string) {
	c.problems = append(c.problems, Problem{Line: at.Line, Column: at.Column, Wrong: wrong, Remedy: remedy})
}

func place(t *token.Token) (line, column int) {
	if t == nil || t.Position == nil {
		return 0, 0
	}
	return t.Position.Line, t.Position.Column
}
