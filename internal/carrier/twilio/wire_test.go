package twilio_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"rebound"
	"rebound/internal/carrier/twilio"
	"rebound/internal/reboundtest"
)

const accountSID = "AC00000000000000000000000000000000"

var (
	connection = rebound.Connection{ID: "con1", Account: accountSID}
	secrets    = twilio.Secrets{AuthToken: "12345"}
)

// answer is what the other side says to one request.
type answer struct {
	status int
	header http.Header
	body   string
}

// script is a carrier that answers request after request as it was told, and keeps what it got.
// A test in which a request more or less is made than it has answers for fails.
type script struct {
	t       *testing.T
	mu      sync.Mutex
	answers []answer
	got     []*http.Request
	bodies  []string
}

func scripted(t *testing.T, answers ...answer) *script {
	s := &script{t: t, answers: answers}
	t.Cleanup(func() {
		if len(s.answers) > 0 {
			t.Errorf("%d requests were not made", len(s.answers))
		}
	})
	return s
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.answers) == 0 {
		s.t.Errorf("a request more: %s %s", r.Method, r.URL)
		return nil, fmt.Errorf("nothing to answer")
	}
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	s.got, s.bodies = append(s.got, r), append(s.bodies, string(body))
	a := s.answers[0]
	s.answers = s.answers[1:]
	header := a.header
	if header == nil {
		header = http.Header{"Content-Type": {"application/json"}}
	}
	return &http.Response{StatusCode: a.status, Header: header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// dump writes a request as it goes over the wire, with its headers in order.
func (s *script) dump(i int) []byte {
	r := s.got[i]
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\nHost: %s\n", r.Method, r.URL.RequestURI(), r.URL.Host)
	var names []string
	for name := range r.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(r.Header[name], ", "))
	}
	b.WriteString("\n" + s.bodies[i])
	return b.Bytes()
}

// golden compares every request with testdata/<name>-<n>.http.
func (s *script) golden(name string) {
	s.t.Helper()
	for i := range s.got {
		golden(s.t, fmt.Sprintf("%s-%d.http", name, i+1), s.dump(i))
	}
}

// contract checks every request, and the answer that the script gave to it, against Twilio's own
// description of its API.
func (s *script) contract(file string, given []answer) {
	s.t.Helper()
	spec := loadSpec(s.t, file)
	for i, r := range s.got {
		if err := checkExchange(spec, r, s.bodies[i], given[i]); err != nil {
			s.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
	}
}

// specs keeps what was read: a description is large.
var specs sync.Map // path → *openapi3.T

func loadSpec(t testing.TB, file string) *openapi3.T {
	t.Helper()
	path := reboundtest.Contract(t, file)
	if known, ok := specs.Load(path); ok {
		return known.(*openapi3.T)
	}
	spec, err := openapi3.NewLoader().LoadFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	specs.Store(path, spec)
	return spec
}

func checkExchange(spec *openapi3.T, r *http.Request, body string, a answer) error {
	route, params := findRoute(spec, r)
	if route == nil {
		return fmt.Errorf("the API has no such operation")
	}
	if err := checkKeys(route.Operation, r, body); err != nil {
		return err
	}
	again := r.Clone(context.Background())
	again.Body = io.NopCloser(strings.NewReader(body))
	input := &openapi3filter.RequestValidationInput{
		Request: again, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error {
			if _, _, ok := r.BasicAuth(); !ok {
				return fmt.Errorf("no credentials")
			}
			return nil
		}},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		return err
	}
	if a.status/100 != 2 {
		return nil
	}
	return openapi3filter.ValidateResponse(context.Background(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: a.status,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body)),
	})
}

// findRoute picks the path of the spec whose literal parts are the most.
func findRoute(spec *openapi3.T, r *http.Request) (*routers.Route, map[string]string) {
	var best *routers.Route
	var bestParams map[string]string
	for path, item := range spec.Paths.Map() {
		params, ok := matchPath(path, r.URL.Path)
		operation := item.GetOperation(r.Method)
		if ok && operation != nil && (best == nil || len(params) < len(bestParams)) {
			best = &routers.Route{Spec: spec, Path: path, PathItem: item, Method: r.Method, Operation: operation}
			bestParams = params
		}
	}
	return best, bestParams
}

func matchPath(pattern, path string) (map[string]string, bool) {
	params := map[string]string{}
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return nil, false
	}
	for i, w := range want {
		open, end := strings.IndexByte(w, '{'), strings.IndexByte(w, '}')
		if open < 0 {
			if w != have[i] {
				return nil, false
			}
			continue
		}
		before, after := w[:open], w[end+1:]
		if !strings.HasPrefix(have[i], before) || !strings.HasSuffix(have[i], after) {
			return nil, false
		}
		params[w[open+1:end]] = have[i][len(before) : len(have[i])-len(after)]
	}
	return params, true
}

// checkKeys refuses keys of form and query that the operation does not know: the validator lets
// them pass.
func checkKeys(o *openapi3.Operation, r *http.Request, body string) error {
	for key := range r.URL.Query() {
		if o.Parameters.GetByInAndName("query", key) == nil {
			return fmt.Errorf("no query parameter %q", key)
		}
	}
	form, err := url.ParseQuery(body)
	if err != nil || len(form) == 0 {
		return err
	}
	schema := o.RequestBody.Value.Content.Get("application/x-www-form-urlencoded").Schema.Value
	for key := range form {
		if _, ok := schema.Properties[key]; !ok {
			return fmt.Errorf("no form key %q", key)
		}
	}
	return nil
}

// The check itself must be able to say no.
func TestContractRefuses(t *testing.T) {
	spec := loadSpec(t, "twilio_api_v2010.strict.json")
	const path = "https://api.twilio.com/2010-04-01/Accounts/" + accountSID
	for name, c := range map[string]struct{ method, url, body string }{
		"an unknown path":          {"POST", path + "/Massages.json", "To=%2B1"},
		"an unknown form key":      {"POST", path + "/Messages.json", "To=%2B14155550134&Boddy=x"},
		"a form without To":        {"POST", path + "/Messages.json", "From=%2B14155550134"},
		"a word for a number":      {"POST", path + "/Messages.json", "To=%2B14155550134&ValidityPeriod=long"},
		"an unknown query key":     {"GET", path + "/Messages.json?Since=2026", ""},
		"a page of more than 1000": {"GET", path + "/Messages.json?PageSize=1001", ""},
		"a call id that is none":   {"GET", path + "/Calls/XX1.json", ""},
	} {
		r, err := http.NewRequest(c.method, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("a", "b")
		if c.body != "" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if err := checkExchange(spec, r, c.body, answer{status: 500}); err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// object writes a JSON object.
func object(pairs ...string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := 0; i < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:%s", pairs[i], pairs[i+1])
	}
	b.WriteByte('}')
	return b.String()
}

// quoted writes a JSON string.
func quoted(s string) string { return fmt.Sprintf("%q", s) }

func refusal(status, code int, message string) answer {
	return answer{status: status, body: fmt.Sprintf(`{"code":%d,"message":%q,"more_info":"https://www.twilio.com/docs/errors/%d","status":%d}`, code, message, code, status)}
}
