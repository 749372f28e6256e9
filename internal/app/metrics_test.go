package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rebound/internal/app"
	"rebound/internal/config"
)

func TestMetricsAreForWhoMayAsk(t *testing.T) {
	const token = "0123456789abcdef"
	tests := []struct {
		name, token, peer, host string
		header                  [2]string
		want                    int
	}{
		{"this machine", "", "127.0.0.1:5000", "127.0.0.1:8080", [2]string{}, 200},
		{"this machine by IPv6", "", "[::1]:5000", "localhost:8080", [2]string{}, 200},
		{"another machine", "", "203.0.113.9:5000", "127.0.0.1:8080", [2]string{}, 404},
		{"through a proxy that says so", "", "127.0.0.1:5000", "127.0.0.1:8080", [2]string{"X-Forwarded-For", "203.0.113.9"}, 404},
		{"through a proxy that does not", "", "127.0.0.1:5000", "rebound.example.com", [2]string{}, 404},
		{"the token", token, "203.0.113.9:5000", "rebound.example.com", [2]string{"Authorization", "Bearer " + token}, 200},
		{"a wrong token", token, "203.0.113.9:5000", "rebound.example.com", [2]string{"Authorization", "Bearer x"}, 404},
		{"no token, from this machine", token, "127.0.0.1:5000", "127.0.0.1:8080", [2]string{}, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := config.Default()
			cfg.Data, cfg.MetricsToken = t.TempDir(), config.Secret(test.token)
			a, err := app.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Close()
			r := httptest.NewRequest(http.MethodGet, "http://"+test.host+"/metrics", nil)
			r.RemoteAddr = test.peer
			if test.header[0] != "" {
				r.Header.Set(test.header[0], test.header[1])
			}
			w := httptest.NewRecorder()
			a.Handler(nil).ServeHTTP(w, r)
			if w.Code != test.want {
				t.Fatalf("the answer is %d, want %d: %s", w.Code, test.want, w.Body)
			}
			for _, metric := range []string{`rebound_due{lane="messages"} 0`, `rebound_carrier_requests_total{outcome="forged"} 0`, "go_goroutines"} {
				if test.want == 200 && !strings.Contains(w.Body.String(), metric) {
					t.Errorf("%q is missing in %s", metric, w.Body)
				}
			}
		})
	}
}
