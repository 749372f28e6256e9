package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
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
	alerts  int               // to members
	doubled int
	asked   int           // how often for its log
	news    chan struct{} // closed with the next of all that
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
		c.note(func() { c.asked++ })
		_, _ = io.WriteString(w, `{"messages": [], "calls": [], "next_page_uri": null}`)
		return
	}
	if r.URL.Path != "/2010-04-01/Accounts/"+account+"/Messages.json" || r.ParseForm() != nil {
		http.Error(w, "this carrier takes texts only", http.StatusNotImplemented)
		return
	}
	n := callerOf(r.PostForm.Get("To"))
	staff := strings.HasPrefix(r.PostForm.Get("To"), cells)
	if n < 0 && !staff {
		http.Error(w, "nobody called from this number", http.StatusBadRequest)
		return
	}
	c.note(func() {
		if staff {
			c.alerts++
			n = -c.alerts
		} else if _, again := c.came[n]; again {
			c.doubled++
		} else {
			c.came[n] = now
		}
	})
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"sid": "SM%032x", "status": "queued", "to": %q}`, uint32(n), r.PostForm.Get("To"))
}

func (c *texts) note(what func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what()
	close(c.news)
	c.news = make(chan struct{})
}

// caughtUp waits until a server that has just started has read the log for so many lines: what came in
// meanwhile, and what was sent.
func (c *texts) caughtUp(b *testing.B, lines int) {
	for late := time.After(2 * time.Minute); ; {
		c.mu.Lock()
		asked, news := c.asked, c.news
		c.mu.Unlock()
		if asked >= 2*lines {
			return
		}
		select {
		case <-news:
		case <-late:
			b.Fatalf("the log was asked for %d times, expected %d", asked, 2*lines)
		}
	}
}

// twice returns how many texts came to somebody who had one.
func (c *texts) twice() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doubled
}

// told returns how many texts members had.
func (c *texts) told() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.alerts
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
