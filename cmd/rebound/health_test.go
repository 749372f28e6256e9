package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestHealthTellsWhetherTheServerWorks(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			t.Errorf("asked for %s", r.URL)
		}
		w.WriteHeader(status)
	}))
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	o := newOperator(t)
	for _, listen := range []string{port, "0.0.0.0" + port, "127.0.0.1" + port} {
		stdout, _ := o.runs(0, "health", "--listen", listen)
		wants(t, stdout, "works")
	}
	status = http.StatusServiceUnavailable
	_, stderr := o.runs(1, "health", "--listen", port)
	wants(t, stderr, "R3361", "503")
	server.Close()
	_, stderr = o.runs(1, "health", "--listen", port)
	wants(t, stderr, "R3360")
}
