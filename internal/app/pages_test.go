package app_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rebound/internal/app"
	"rebound/internal/config"
)

func TestPagesWithoutABusinessSayHowToMakeOne(t *testing.T) {
	cfg := config.Default()
	cfg.Data = t.TempDir()
	a, err := app.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	w := httptest.NewRecorder()
	a.Handler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "rebound apply business.yaml") {
		t.Errorf("the answer is %d: %s", w.Code, w.Body)
	}
}
