package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// texts is the carrier's side: it answers each request to send a text at once and notes when it
// came. It is a bare handler and not the fake network, because on two cores whatever the carrier
// does is taken from what is measured.
type texts struct {
	mu      sync.Mutex
	came    map[int]time.Time // by caller
	doubled int
	unasked int
	news    chan struct{} // closed with the next text
}

func openCarrier(b *testing.B) (carrier *texts, address string) {
	carrier = &texts{came: map[int]time.Time{}, news: make(chan struct{})}
	server := httptest.NewServer(carrier)
	b.Cleanup(server.Close)
	return carrier, server.URL
}

func (c *texts) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := time.Now()
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodGet { // its log, in which nothing came in
		_, _ = io.WriteString(w, `{"messages": [], "calls": [], "next_page_uri": null}`)
		return
	}
	if r.URL.Path != "/2010-04-01/Accounts/"+account+"/Messages.json" || r.ParseForm() != nil {
		http.Error(w, "this carrier takes texts only", http.StatusNotImplemented)
		return
	}
	n := callerOf(r.PostForm.Get("To"))
	c.note(n, now)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid": "SM%032x", "status": "queued", "to": %q}`, n, r.PostForm.Get("To"))
}

func (c *texts) note(n int, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch _, again := c.came[n]; {
	case n < 0:
		c.unasked++
	case again:
		c.doubled++
	default:
		c.came[n] = now
	}
	close(c.news)
	c.news = make(chan struct{})
}

// at returns when the nth caller's text came, waiting for it until the deadline.
func (c *texts) at(n int, deadline <-chan time.Time) (time.Time, bool) {
	for {
		c.mu.Lock()
		came, ok := c.came[n]
		news := c.news
		c.mu.Unlock()
		if ok {
			return came, true
		}
		select {
		case <-news:
		case <-deadline:
			return time.Time{}, false
		}
	}
}
