package fake

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"mime"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is a document as it came over HTTP.
type page struct {
	method, address string // where it came from; addresses in it are relative to that
	status          int
	contentType     string
	body            []byte
}

// verb is an element of a document.
type verb struct {
	name string
	attr map[string]string
	text string
	verb []verb // inside it
}

// complaint is an error of Twilio's dictionary.
type complaint struct{ code, text string }

func (c *complaint) Error() string { return c.code + ": " + c.text }

func complain(code, format string, args ...any) error {
	return &complaint{code, fmt.Sprintf(format, args...)}
}

// grammar holds the elements of voice documents that the network can perform, with all attributes
// that Twilio knows. It is stricter than Twilio, which skips some errors with a warning.
var grammar = map[string]element{
	"Response": {holds: "Dial Gather Hangup Pause Play Record Redirect Reject Say"},
	"Dial": {holds: "Number Sip", text: true, attrs: map[string]string{
		"action": "address", "answerOnBridge": "bool", "callerId": "text", "events": "call-progress-event",
		"hangupOnStar": "bool", "method": "GET|POST", "passports": "text",
		"record":                   "do-not-record|record-from-answer|record-from-ringing|record-from-answer-dual|record-from-ringing-dual",
		"recordingConfigurationId": "text", "recordingStatusCallback": "address",
		"recordingStatusCallbackEvent": "list:in-progress|completed|absent", "recordingStatusCallbackMethod": "GET|POST",
		"recordingTrack": "both|inbound|outbound", "referMethod": "GET|POST", "referUrl": "address", "ringTone": "text",
		"sequential": "bool", "timeLimit": "1-86400", "timeout": "5-600", "trim": "trim-silence|do-not-trim",
	}},
	"Number": {text: true, attrs: map[string]string{
		"amdStatusCallback": "address", "amdStatusCallbackMethod": "GET|POST", "byoc": "text", "machineDetection": "text",
		"machineDetectionSilenceTimeout": "2000-10000", "machineDetectionSpeechEndThreshold": "500-5000",
		"machineDetectionSpeechThreshold": "1000-6000", "machineDetectionTimeout": "3-59", "method": "GET|POST",
		"sendDigits": "text", "statusCallback": "address",
		"statusCallbackEvent": "list:initiated|ringing|answered|completed", "statusCallbackMethod": "GET|POST", "url": "address",
	}},
	"Sip": {text: true, attrs: map[string]string{
		"amdStatusCallback": "address", "amdStatusCallbackMethod": "GET|POST", "machineDetection": "text",
		"machineDetectionSilenceTimeout": "2000-10000", "machineDetectionSpeechEndThreshold": "500-5000",
		"machineDetectionSpeechThreshold": "1000-6000", "machineDetectionTimeout": "3-59", "method": "GET|POST",
		"password": "text", "statusCallback": "address", "statusCallbackEvent": "list:initiated|ringing|answered|completed",
		"statusCallbackMethod": "GET|POST", "url": "address", "username": "text",
	}},
	"Gather": {holds: "Pause Play Say", attrs: map[string]string{
		"action": "address", "actionOnEmptyResult": "bool", "bargeIn": "bool", "debug": "bool", "enhanced": "bool",
		"finishOnKey": "keys", "hints": "text", "input": "list:dtmf|speech", "language": "language", "maxSpeechTime": "1-60",
		"method": "GET|POST", "numDigits": "1-1000", "partialResultCallback": "address", "partialResultCallbackMethod": "GET|POST",
		"profanityFilter": "bool", "speechModel": "text", "speechTimeout": "text", "timeout": "1-600",
	}},
	"Say":      {text: true, attrs: map[string]string{"language": "language", "loop": "0-1000", "voice": "text"}},
	"Play":     {text: true, attrs: map[string]string{"digits": "text", "loop": "0-1000"}},
	"Pause":    {attrs: map[string]string{"length": "1-600"}},
	"Redirect": {text: true, attrs: map[string]string{"method": "GET|POST"}},
	"Hangup":   {},
	"Reject":   {attrs: map[string]string{"reason": "rejected|busy"}},
	"Record": {attrs: map[string]string{
		"action": "address", "finishOnKey": "keys", "maxLength": "1-86400", "method": "GET|POST", "playBeep": "bool",
		"recordingConfigurationId": "text", "recordingStatusCallback": "address",
		"recordingStatusCallbackEvent": "list:in-progress|completed|absent", "recordingStatusCallbackMethod": "GET|POST",
		"timeout": "1-600", "transcribe": "bool", "transcribeCallback": "address", "trim": "trim-silence|do-not-trim",
	}},
}

// element is what may stand in one element of a document.
type element struct {
	holds string            // names of elements
	text  bool              // it has content that is not an element
	attrs map[string]string // what a value must be: see valid
}

var (
	isLanguage = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]+)*$`)
	isKeys     = regexp.MustCompile(`^[0-9*#]*$`)
)

// largest is the size of a document that Twilio still reads.
const largest = 64 << 10

// parse reads a voice document: XML that says so, well formed, and within the grammar.
func (p page) parse() ([]verb, error) {
	kind, _, _ := mime.ParseMediaType(p.contentType)
	switch {
	case len(p.body) > largest:
		return nil, complain("11750", "the document has %d bytes", len(p.body))
	case kind != "text/xml" && kind != "application/xml":
		return nil, complain("12300", "invalid content type %q: it would be read aloud or not understood", p.contentType)
	}
	d := xml.NewDecoder(bytes.NewReader(p.body))
	root, err := readVerb(d)
	if err != nil {
		return nil, err
	}
	if root.name != "Response" {
		return nil, complain("12100", "the document's root is <%s>, not <Response>", root.name)
	}
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root.verb, check(root)
		}
		if err != nil {
			return nil, complain("12100", "%v", err)
		}
		s, text := t.(xml.CharData)
		if _, comment := t.(xml.Comment); !comment && (!text || len(bytes.TrimSpace(s)) > 0) {
			return nil, complain("12100", "something follows the <Response>")
		}
	}
}

// readVerb reads the next element of the document, with all that it holds.
func readVerb(d *xml.Decoder) (verb, error) {
	for {
		t, err := d.Token()
		if err != nil {
			return verb{}, complain("12100", "%v", err)
		}
		if start, ok := t.(xml.StartElement); ok {
			return readRest(d, start)
		}
	}
}

func readRest(d *xml.Decoder, start xml.StartElement) (verb, error) {
	v := verb{name: start.Name.Local, attr: map[string]string{}}
	for _, a := range start.Attr {
		if _, twice := v.attr[a.Name.Local]; twice {
			return v, complain("12100", "<%s> has %s twice", v.name, a.Name.Local)
		}
		v.attr[a.Name.Local] = a.Value
	}
	for {
		t, err := d.Token()
		if err != nil {
			return v, complain("12100", "%v", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			inner, err := readRest(d, t)
			if err != nil {
				return v, err
			}
			v.verb = append(v.verb, inner)
		case xml.CharData:
			v.text += string(t)
		case xml.EndElement:
			v.text = strings.TrimSpace(v.text)
			return v, nil
		}
	}
}

// check holds a verb and all inside it against the grammar.
func check(v verb) error {
	e, known := grammar[v.name]
	if !known {
		return complain("12200", "<%s> is no verb that the network performs", v.name)
	}
	if v.text != "" && !e.text {
		return complain("12200", "<%s> holds text", v.name)
	}
	for name, value := range v.attr {
		kind, known := e.attrs[name]
		if !known {
			return complain("12200", "<%s> has no attribute %s", v.name, name)
		}
		if !valid(kind, value) {
			return complain("12200", "<%s %s=%q> must be %s", v.name, name, value, kind)
		}
	}
	for _, inner := range v.verb {
		if !slices.Contains(strings.Fields(e.holds), inner.name) {
			return complain("12200", "<%s> may not hold <%s>", v.name, inner.name)
		}
		if err := check(inner); err != nil {
			return err
		}
	}
	return checkSense(v)
}

// checkSense refuses what is well formed and means nothing.
func checkSense(v verb) error {
	switch {
	case (v.name == "Number" || v.name == "Sip" || v.name == "Redirect" || v.name == "Say") && v.text == "":
		return complain("12200", "<%s> is empty", v.name)
	case v.name == "Sip" && !strings.HasPrefix(v.text, "sip:") && !strings.HasPrefix(v.text, "sips:"):
		return complain("13221", "<Sip> %q is no SIP address", v.text)
	case v.name == "Dial" && len(v.verb) == 0 && v.text == "":
		return complain("13222", "<Dial> rings nobody")
	case v.name == "Dial" && len(v.verb) > 10:
		return complain("13222", "<Dial> rings %d destinations, at most 10 are possible", len(v.verb))
	}
	return nil
}

// valid reports whether a value is of a kind: address, bool, text, keys, language, a range of
// numbers "5-600", one of several words "GET|POST", or "list:" and such words.
func valid(kind, value string) bool {
	switch kind {
	case "text":
		return true
	case "address":
		return value != "" && !strings.ContainsAny(value, " \n\t")
	case "bool":
		return value == "true" || value == "false"
	case "keys":
		return isKeys.MatchString(value)
	case "language":
		return isLanguage.MatchString(value)
	}
	if words, ok := strings.CutPrefix(kind, "list:"); ok {
		for _, w := range strings.Fields(value) {
			if !slices.Contains(strings.Split(words, "|"), w) {
				return false
			}
		}
		return value != ""
	}
	if low, high, ok := strings.Cut(kind, "-"); ok && low != "" && low[0] <= '9' {
		n, err := strconv.Atoi(value)
		from, _ := strconv.Atoi(low)
		to, _ := strconv.Atoi(high)
		return err == nil && n >= from && n <= to
	}
	return slices.Contains(strings.Split(kind, "|"), value)
}

// value returns an attribute, or what it is when it is not there.
func (v verb) value(name, otherwise string) string {
	if s, ok := v.attr[name]; ok {
		return s
	}
	return otherwise
}

// number returns an attribute that is a number: the grammar has made sure.
func (v verb) number(name string, otherwise int) int {
	if n, err := strconv.Atoi(v.attr[name]); err == nil {
		return n
	}
	return otherwise
}

func (v verb) seconds(name string, otherwise int) time.Duration {
	return time.Duration(v.number(name, otherwise)) * time.Second
}

// lasts is how long a caller listens to a verb that says or plays something, or pauses.
func (v verb) lasts() time.Duration {
	switch v.name {
	case "Say":
		return speaking(v.text) * time.Duration(max(1, v.number("loop", 1)))
	case "Play":
		return playing * time.Duration(max(1, v.number("loop", 1)))
	case "Pause":
		return v.seconds("length", 1)
	}
	return 0
}
