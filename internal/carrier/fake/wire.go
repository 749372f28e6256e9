package fake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
)

// Wire carries requests to a handler in the same process, as a connection would and without one:
// a client that gives up cancels the handler's request, a handler that aborts
// ([http.ErrAbortHandler]) cuts the answer off where it stands, and a client's trace is told when
// the request was written. The answer is complete when it is returned: nothing can be streamed.
func Wire(h http.Handler) http.RoundTripper { return wire{h} }

type wire struct{ handler http.Handler }

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	wrote(r)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	in := r.Clone(ctx)
	in.Body, in.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	out := make(chan *reply, 1)
	go func() { out <- w.serve(in) }()
	select {
	case a := <-out:
		return a.response(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// wrote tells the client's trace what a connection would: it is there, and the request is on it.
func wrote(r *http.Request) {
	t := httptrace.ContextClientTrace(r.Context())
	if t == nil {
		return
	}
	if t.GetConn != nil {
		t.GetConn(r.URL.Host)
	}
	if t.GotConn != nil {
		t.GotConn(httptrace.GotConnInfo{})
	}
	if t.WroteHeaders != nil {
		t.WroteHeaders()
	}
	if t.WroteRequest != nil {
		t.WroteRequest(httptrace.WroteRequestInfo{})
	}
}

// reply is a handler's answer; it implements http.ResponseWriter and http.Flusher.
type reply struct {
	header http.Header
	status int
	sent   http.Header // as it was when the status was written
	body   bytes.Buffer
	cut    bool
}

func (w wire) serve(r *http.Request) (a *reply) {
	a = &reply{header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			if err, ok := p.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			a.cut = true
		}
	}()
	w.handler.ServeHTTP(a, r)
	a.WriteHeader(http.StatusOK)
	return a
}

func (a *reply) Header() http.Header { return a.header }

func (a *reply) Flush() { a.WriteHeader(http.StatusOK) }

func (a *reply) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *reply) Write(b []byte) (int, error) {
	if a.status == 0 && a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", http.DetectContentType(b))
	}
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// response is the answer as the client sees it.
func (a *reply) response(r *http.Request) (*http.Response, error) {
	if a.cut && a.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	var body io.Reader = &a.body
	length := int64(a.body.Len())
	if a.cut {
		body = io.MultiReader(body, broken{})
		length = -1
	}
	if said, err := strconv.ParseInt(a.sent.Get("Content-Length"), 10, 64); err == nil {
		length = said
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.sent, Body: io.NopCloser(body), ContentLength: length, Request: r,
	}, nil
}

// broken is the end of an answer that was cut off.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
