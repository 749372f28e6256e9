package reboundtest

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

// TwiML is the grammar of Twilio's voice documents: which element may hold which, and every
// attribute with its type and allowed values.
type TwiML struct {
	classes map[string]twimlClass
}

type twimlClass struct {
	Children   map[string]string         `json:"children"` // tag → class
	Attributes map[string]twimlAttribute `json:"attributes"`
}

type twimlAttribute struct {
	Type string   `json:"type"`
	Enum []string `json:"enum"`
	List bool     `json:"list"` // several values, separated by blanks
}

// LoadTwiML reads the grammar from twiml_grammar.json (see Contract).
func LoadTwiML(path string) (*TwiML, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Voice map[string]twimlClass `json:"voice"`
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if _, ok := file.Voice["Response"]; !ok {
		return nil, fmt.Errorf("%s holds no grammar of voice documents", path)
	}
	return &TwiML{classes: file.Voice}, nil
}

// CheckTwiML checks one document against the grammar at path. Whoever checks many loads the
// grammar once.
func CheckTwiML(path string, doc []byte) error {
	g, err := LoadTwiML(path)
	if err != nil {
		return err
	}
	return g.Check(doc)
}

// Check reports the first thing in a document that the grammar does not allow, and the rules that
// it does not express: at most ten nouns in a Dial, text only in elements that are text, nothing
// of more than 64 KB.
func (g *TwiML) Check(doc []byte) error {
	if len(doc) > 64<<10 {
		return fmt.Errorf("the document has %d bytes, more than 64 KB", len(doc))
	}
	d := xml.NewDecoder(bytes.NewReader(doc))
	root, err := nextStart(d)
	if err != nil {
		return err
	}
	if root.Name.Local != "Response" {
		return fmt.Errorf("the root is %s, not Response", root.Name.Local)
	}
	if err := g.element(d, root, "Response"); err != nil {
		return err
	}
	for {
		switch tok, err := d.Token(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		default:
			if text, ok := tok.(xml.CharData); !ok || len(bytes.TrimSpace(text)) > 0 {
				return errors.New("something follows the root")
			}
		}
	}
}

func nextStart(d *xml.Decoder) (xml.StartElement, error) {
	for {
		tok, err := d.Token()
		if err != nil {
			return xml.StartElement{}, fmt.Errorf("no root element: %w", err)
		}
		if start, ok := tok.(xml.StartElement); ok {
			return start, nil
		}
	}
}

// element checks one element, whose start has been read, to its end.
func (g *TwiML) element(d *xml.Decoder, start xml.StartElement, class string) error {
	name := start.Name.Local
	rules := g.classes[class]
	if err := rules.checkAttributes(start); err != nil {
		return err
	}
	nouns, words := 0, ""
	for {
		tok, err := d.Token()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			child, ok := rules.Children[tok.Name.Local]
			if !ok {
				return fmt.Errorf("%s may not hold %s", name, tok.Name.Local)
			}
			if nouns++; name == "Dial" && nouns > 10 {
				return errors.New("a Dial holds more than ten nouns")
			}
			if err := g.element(d, tok, child); err != nil {
				return err
			}
		case xml.CharData:
			words += string(tok)
		case xml.EndElement:
			return checkText(name, strings.TrimSpace(words), nouns)
		}
	}
}

func checkText(name, text string, children int) error {
	switch name {
	case "Say", "Play", "Number", "Sip", "Redirect":
		if text == "" && children == 0 {
			return fmt.Errorf("%s is empty", name)
		}
	default:
		if text != "" {
			return fmt.Errorf("%s may not hold text: %q", name, text)
		}
	}
	return nil
}

func (c twimlClass) checkAttributes(start xml.StartElement) error {
	seen := map[string]bool{}
	for _, a := range start.Attr {
		name := start.Name.Local + " " + a.Name.Local
		rule, ok := c.Attributes[a.Name.Local]
		if !ok {
			return fmt.Errorf("%s is not an attribute", name)
		}
		if seen[a.Name.Local] {
			return fmt.Errorf("%s stands twice", name)
		}
		seen[a.Name.Local] = true
		if err := rule.check(a.Value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (a twimlAttribute) check(value string) error {
	switch a.Type {
	case "string":
		return nil
	case "number":
		if _, err := strconv.Atoi(value); err != nil {
			return fmt.Errorf("%q is not a number", value)
		}
		return nil
	case "boolean":
		if value != "true" && value != "false" {
			return fmt.Errorf("%q is neither true nor false", value)
		}
		return nil
	}
	values := []string{value}
	if a.List {
		values = strings.Fields(value)
	}
	for _, v := range values {
		if len(a.Enum) > 0 && !slices.Contains(a.Enum, v) {
			return fmt.Errorf("%q is not one of its values", v)
		}
	}
	return nil
}
