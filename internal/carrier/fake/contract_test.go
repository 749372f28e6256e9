package fake

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
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

// spec routes requests to Twilio's description of them; nil where it is absent.
var spec = sync.OnceValues(func() (routers.Router, error) {
	b, err := os.ReadFile(contracts + "twilio_api_v2010.strict.json")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(b)
	if err != nil {
		return nil, err
	}
	doc.Servers = openapi3.Servers{{URL: "/"}}
	return legacy.NewRouter(doc, openapi3.DisableExamplesValidation(), openapi3.DisableSchemaPatternValidation())
})

// checkContract holds an answer of the API of 2010, and the request, against the description.
func checkContract(t *testing.T, r *http.Request, form url.Values, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := spec()
	if os.IsNotExist(err) || !strings.HasPrefix(r.URL.Path, "/2010-04-01/") {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if w.Code >= 400 {
		checkError(t, w)
		return
	}
	r = r.Clone(t.Context())
	r.Body = io.NopCloser(strings.NewReader(form.Encode()))
	route, params, err := router.FindRoute(r)
	if err != nil {
		t.Errorf("%s %s: %v", r.Method, r.URL, err)
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
