package fake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// contracts is where the carriers' published descriptions lie, beside the project.
const contracts = "../../../../shared/contracts/"

func readContract(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(contracts + name)
	if os.IsNotExist(err) {
		t.Skipf("%s lies beside the project only where it is developed", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// specs are Twilio's descriptions of its APIs, by the beginning of their paths.
var specs = map[string]func() (*openapi3.T, error){
	"/2010-04-01/": specIn("twilio_api_v2010.strict.json"),
	"/v1/Alerts":   specIn("twilio_monitor_v1.json"),
}

func specIn(name string) func() (*openapi3.T, error) {
	return sync.OnceValues(func() (*openapi3.T, error) {
		b, err := os.ReadFile(contracts + name)
		if err != nil {
			return nil, err
		}
		return openapi3.NewLoader().LoadFromData(b)
	})
}

// route finds the operation that describes a request: the one with the fewest parameters in its path.
func route(doc *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	var best *routers.Route
	var params map[string]string
	for template, item := range doc.Paths.Map() {
		names := regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(template, -1)
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{\w+\\\}`).ReplaceAllString(regexp.QuoteMeta(template), "([^/.]+)") + "$")
		found := pattern.FindStringSubmatch(r.URL.Path)
		if found == nil || item.GetOperation(r.Method) == nil || best != nil && len(params) <= len(names) {
			continue
		}
		best = &routers.Route{Spec: doc, Path: template, PathItem: item, Method: r.Method, Operation: item.GetOperation(r.Method)}
		params = map[string]string{}
		for i, n := range names {
			params[n[1]] = found[i+1]
		}
	}
	return best, params
}

// checkContract holds an answer, and the request, against the description, where there is one.
func checkContract(t *testing.T, r *http.Request, form url.Values, w *httptest.ResponseRecorder) {
	t.Helper()
	if w.Code >= 400 {
		checkError(t, w)
		return
	}
	for prefix, spec := range specs {
		if !strings.HasPrefix(r.URL.Path, prefix) {
			continue
		}
		doc, err := spec()
		if err == nil {
			checkAnswer(t, doc, r, form, w)
		} else if !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
}

func checkAnswer(t *testing.T, doc *openapi3.T, r *http.Request, form url.Values, w *httptest.ResponseRecorder) {
	t.Helper()
	r = r.Clone(t.Context())
	r.Body = io.NopCloser(strings.NewReader(form.Encode()))
	route, params := route(doc, r)
	if route == nil {
		t.Errorf("%s %s: Twilio has no such resource", r.Method, r.URL)
		return
	}
	in := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
		t.Errorf("%s %s: the request: %v", r.Method, r.URL, err)
	}
	if w.Code == http.StatusNoContent {
		return
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: w.Code, Header: w.Header(), Options: in.Options}
	out.SetBodyBytes(w.Body.Bytes())
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s: the answer: %v", r.Method, r.URL, err)
	}
	checkStrict(t, r.URL.Path, route, w)
}

// checkStrict finds what the validator lets pass: properties that the description does not have,
// and dates in another form than RFC 2822.
func checkStrict(t *testing.T, path string, route *routers.Route, w *httptest.ResponseRecorder) {
	t.Helper()
	var body any
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	schema := route.Operation.Responses.Status(w.Code).Value.Content["application/json"].Schema
	walk(t, path, schema.Value, body)
}

func walk(t *testing.T, where string, schema *openapi3.Schema, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		for k, inner := range v {
			property := schema.Properties[k]
			if property == nil {
				if len(schema.Properties) > 0 {
					t.Errorf("%s: the description has no property %s", where, k)
				}
				continue
			}
			walk(t, where+"."+k, property.Value, inner)
		}
	case []any:
		for _, inner := range v {
			walk(t, where+"[]", schema.Items.Value, inner)
		}
	case string:
		if schema.Format == "date-time-rfc-2822" {
			if _, err := time.Parse(time.RFC1123Z, v); err != nil || !strings.HasSuffix(v, "+0000") {
				t.Errorf("%s: %q is no date of RFC 2822 in UTC", where, v)
			}
		}
	}
}

// checkError holds an error against the shape that Twilio's errors have.
func checkError(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	var e struct {
		Code            int
		Message, Status any
		MoreInfo        string `json:"more_info"`
	}
	d := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || e.Code == 0 || e.Status != float64(w.Code) || e.MoreInfo == "" {
		t.Errorf("the error %d has the body %s: %v", w.Code, w.Body, err)
	}
}
