package web_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

// tab is an open page's stream.
type tab struct {
	status int
	header http.Header
	close  context.CancelFunc
	ended  chan struct{}

	mu      sync.Mutex
	written bytes.Buffer // since the last read
	flushed bool         // nothing waits in a buffer
}

func (b *tab) Header() http.Header    { return b.header }
func (b *tab) WriteHeader(status int) { b.status = status }

func (b *tab) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flushed = false
	return b.written.Write(p)
}

func (b *tab) Flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.flushed = true
}

// connect opens a page's stream; the test closes it.
func connect(t *testing.T, pages http.Handler, path string, headers ...string) *tab {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	b := &tab{status: 200, header: http.Header{}, close: cancel, ended: make(chan struct{})}
	go func() {
		defer close(b.ended)
		pages.ServeHTTP(b, r)
	}()
	synctest.Wait()
	t.Cleanup(func() { cancel(); <-b.ended })
	return b
}

// stream reads the stream's address out of a page.
func stream(t *testing.T, page *httptest.ResponseRecorder) string {
	t.Helper()
	found := regexp.MustCompile(`hx-sse:connect="([^"]+)"`).FindStringSubmatch(page.Body.String())
	if found == nil {
		t.Fatal("the page has no stream")
	}
	return strings.ReplaceAll(found[1], "&amp;", "&")
}

// news returns the events since the last look, beats left out, after giving them a second.
func (b *tab) news(t *testing.T) []string {
	t.Helper()
	time.Sleep(time.Second)
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.flushed {
		t.Error("an event waits in a buffer")
	}
	var news []string
	for event := range strings.SplitSeq(b.written.String(), "\n\n") {
		if event != "" && !strings.HasPrefix(event, "event: beat\n") {
			news = append(news, strings.ReplaceAll(event, "\u00a0", " "))
		}
	}
	b.written.Reset()
	return news
}

var eventID = regexp.MustCompile(`(?m)^id: (\S+)$`)

func TestAnOpenPageIsKeptTrue(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, path := missed(w)
		other, _ := missed(w)
		conversation := connect(t, pages, stream(t, get(pages, path)))
		inbox := connect(t, pages, stream(t, get(pages, home+"/inbox")))
		for name, b := range map[string]*tab{"conversation": conversation, "inbox": inbox} {
			if b.header.Get("Content-Type") != "text/event-stream" || b.header.Get("X-Accel-Buffering") != "no" {
				t.Errorf("%s: headers %v", name, b.header)
			}
			if news := b.news(t); len(news) != 0 {
				t.Errorf("%s: news of what the page shows already: %q", name, news)
			}
		}

		caller.Texts(reboundtest.MainLine, "Is\r\nanybody there?")
		news := strings.Join(conversation.news(t), "\n\n")
		for _, want := range []string{
			`hx-target="#thread" hx-swap="innerMorph"`, "Is\ndata: anybody there?", `hx-target="#clockbar"`, "Waiting", `hx-target="#list"`,
			"New text from ", `hx-target=".n-waiting"`,
		} {
			if !strings.Contains(news, want) {
				t.Errorf("the conversation's page is not told %q:\n%s", want, news)
			}
		}
		if !eventID.MatchString(news) {
			t.Errorf("the event has no id:\n%s", news)
		}
		if news := strings.Join(inbox.news(t), "\n\n"); !strings.Contains(news, "anybody there?") || strings.Contains(news, "#thread") {
			t.Errorf("the inbox is told:\n%s", news)
		}

		other.Texts(reboundtest.MainLine, "Me too.")
		if news := strings.Join(conversation.news(t), "\n\n"); strings.Contains(news, "#thread") || !strings.Contains(news, "Me too.") {
			t.Errorf("somebody else's text changes the list alone, not the thread:\n%s", news)
		}
		other.Texts(reboundtest.MainLine, "Still here.")
		if news := strings.Join(conversation.news(t), "\n\n"); strings.Contains(news, `"#list"`) || !strings.Contains(news, `hx-swap="outerMorph"`) {
			t.Errorf("while the order stands only the row travels:\n%s", news)
		}
	})
}

func TestComingBackToAPage(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { // nobody is told yet: what becomes of that is news, too
			d.Business.Policy.Steps = []rebound.PolicyStep{{After: time.Hour, Whom: rebound.ToTeam}}
		})
		pages := open(w, nil)
		caller, path := missed(w)
		way := stream(t, get(pages, path))
		first := connect(t, pages, way)
		caller.Replies("One")
		news := first.news(t)
		if len(news) == 0 {
			t.Fatal("no news")
		}
		last := eventID.FindStringSubmatch(news[len(news)-1])[1]
		first.close()
		<-first.ended

		quiet := connect(t, pages, way, "Last-Event-ID", last)
		if news := quiet.news(t); len(news) != 0 {
			t.Errorf("nothing was missed, and still: %q", news)
		}
		caller.Texts(reboundtest.MainLine, "Two")
		w.Settle()
		missedIt := connect(t, pages, way, "Last-Event-ID", last)
		if news := strings.Join(missedIt.news(t), ""); !strings.Contains(news, "Two") {
			t.Errorf("a known id is not sent what was missed: %s", news)
		}
		stranger := connect(t, pages, way, "Last-Event-ID", "another-7")
		if news := strings.Join(stranger.news(t), ""); !strings.Contains(news, `"#list"`) || !strings.Contains(news, "One") {
			t.Errorf("an unknown id is not sent everything: %s", news)
		}

		w.App.Hub.Close()
		for _, b := range []*tab{quiet, missedIt, stranger} {
			<-b.ended
		}
		late := connect(t, pages, way)
		<-late.ended
		if late.status != http.StatusServiceUnavailable {
			t.Errorf("a closed hub answers %d, want 503", late.status)
		}
	})
}

func TestBeatsAndStorms(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := open(w, nil)
		caller, _ := missed(w)
		b := connect(t, pages, stream(t, get(pages, home+"/inbox")))
		w.FastForward(46 * time.Second)
		b.mu.Lock()
		beats := strings.Count(b.written.String(), "event: beat\n")
		b.mu.Unlock()
		if beats != 4 { // one at once, then one every 15 s
			t.Errorf("%d beats in 46 s, want 4", beats)
		}
		b.news(t)

		contact := w.Conversation(caller).Contact.ID
		for range 1000 {
			w.App.Hub.Publish(reboundtest.Business, contact)
			w.App.Hub.Publish(reboundtest.Business, rebound.ContactID(""))
			time.Sleep(time.Millisecond)
		}
		if events := len(b.news(t)); events == 0 || events > 8 {
			t.Errorf("a second of a thousand changes makes %d events, want a handful", events)
		}
	})
}

func TestStreamsThatMakeNoSense(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		pages := pretending(w)
		for _, way := range []string{
			home + "/events", home + "/events?page=x", home + "/events?page=conversation", home + "/events?page=simulator",
			home + "/events?page=simulator&who=mobile&number=12125551234", home + "/events?page=simulator&who=x&number=14155550101",
		} {
			expect(t, way, get(pages, way), http.StatusNotFound)
		}
	})
}
