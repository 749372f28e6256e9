package notify_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"rebound/internal/notify"
)

// loopback lets a test reach its own servers.
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// recorder is a server that keeps what it was sent and answers as a test says.
type recorder struct {
	*httptest.Server
	answer http.HandlerFunc // nil: 200

	mu   sync.Mutex
	seen []recorded
}

type recorded struct {
	path, query string
	header      http.Header
	body        []byte
}

func record(t *testing.T, answer http.HandlerFunc) *recorder {
	r := &recorder{answer: answer}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.seen = append(r.seen, recorded{req.URL.Path, req.URL.RawQuery, req.Header, body})
	r.mu.Unlock()
	if r.answer != nil {
		r.answer(w, req)
	}
}

func (r *recorder) all() []recorded {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

// only returns the one request that came.
func (r *recorder) only(t *testing.T) recorded {
	t.Helper()
	seen := r.all()
	if len(seen) != 1 {
		t.Fatalf("%d requests came, want 1", len(seen))
	}
	return seen[0]
}

func TestOutboundDialsOnlyThePublicInternet(t *testing.T) {
	for address, public := range map[string]bool{
		"93.184.215.14:443": true, "[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:443": true, "100.128.0.1:80": true,
		"127.0.0.1:80": false, "[::1]:80": false, "10.1.2.3:80": false, "172.31.0.1:80": false, "192.168.1.1:80": false,
		"169.254.169.254:80": false, "[fe80::1%eth0]:80": false, "[fd00:ec2::254]:80": false, "100.100.100.200:80": false,
		"0.0.0.0:80": false, "[::]:80": false, "224.0.0.1:80": false, "255.255.255.255:80": false, "192.0.0.192:80": false,
		"168.63.129.16:80": false, "[::ffff:127.0.0.1]:80": false, "[::127.0.0.1]:80": false, "[64:ff9b::7f00:1]:80": false,
		"[64:ff9b::5db8:d70e]:443": true, "[2002:7f00:1::]:80": false, "[2001::1]:80": false, "[fec0::1]:80": false, "nonsense": false,
	} {
		if err := notify.MayDial(address, nil); (err == nil) != public {
			t.Errorf("%s: %v, want public %v", address, err, public)
		}
	}
	allow := []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
	if err := notify.MayDial("10.1.2.3:80", allow); err != nil {
		t.Errorf("an allowed network: %v", err)
	}
	if err := notify.MayDial("10.2.2.3:80", allow); notify.Refused(err) == nil {
		t.Errorf("a network beside the allowed one: %v", err)
	}
}

// The check looks at what is dialled, not at what is written: a name that leads to this machine is refused as well.
func TestOutboundRefusesPrivateAddressesAtTheDial(t *testing.T) {
	server := record(t, nil)
	out := notify.NewOutbound(notify.OutboundOptions{})
	for _, to := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), "file:///etc/passwd", "gopher://x/", "https://", ":"} {
		_, err := out.Post(t.Context(), to, nil, nil)
		if notify.Refused(err) == nil {
			t.Errorf("%s: %v, want a refusal", to, err)
		}
	}
	if n := len(server.all()); n != 0 {
		t.Errorf("%d requests came through", n)
	}
}

func TestOutboundFollowsNoRedirect(t *testing.T) {
	inside := record(t, nil)
	door := record(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inside.URL, http.StatusTemporaryRedirect)
	})
	answer, err := notify.NewOutbound(notify.OutboundOptions{Allow: loopback}).Post(t.Context(), door.URL, nil, []byte("x"))
	if err != nil || answer.Status != http.StatusTemporaryRedirect || notify.Refused(answer.Verdict()) == nil {
		t.Errorf("%+v, %v", answer, err)
	}
	if len(inside.all()) != 0 {
		t.Error("the redirect was followed")
	}
}

func TestOutboundReadsOnlyTheBeginningOfAnAnswer(t *testing.T) {
	gone := make(chan struct{})
	server := record(t, func(w http.ResponseWriter, r *http.Request) {
		defer close(gone)
		for chunk := bytes.Repeat([]byte("x"), 64<<10); ; { // without end, until the other side hangs up
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	answer, err := notify.NewOutbound(notify.OutboundOptions{Allow: loopback}).Post(t.Context(), server.URL, nil, nil)
	if err != nil || answer.Status != 200 || len(answer.Body) != 16<<10 {
		t.Errorf("status %d, %d bytes, %v", answer.Status, len(answer.Body), err)
	}
	<-gone
}

func TestOutboundEndsWhatHangs(t *testing.T) {
	server := record(t, func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	out := notify.NewOutbound(notify.OutboundOptions{Allow: loopback, Timeout: 50 * time.Millisecond})
	_, err := out.Post(t.Context(), server.URL+"/secret-in-the-path", nil, nil)
	if err == nil || notify.Refused(err) != nil || !strings.Contains(err.Error(), "too long") || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func TestOutboundSurvivesGarbage(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Write([]byte("\x00\xff SSH-2.0 nonsense\r\n\r\n"))
			_ = conn.Close()
		}
	}()
	_, err = notify.NewOutbound(notify.OutboundOptions{Allow: loopback}).Post(t.Context(), "http://"+listener.Addr().String(), nil, nil)
	if err == nil || notify.Refused(err) != nil {
		t.Errorf("got %v", err)
	}
}

func TestAnswersMean(t *testing.T) {
	for status, want := range map[int]string{
		200: "taken", 204: "taken", 301: "refused", 400: "refused", 401: "refused", 403: "refused", 404: "gone", 410: "gone",
		408: "busy", 425: "busy", 429: "busy", 500: "busy", 503: "busy",
	} {
		got := "taken"
		err := notify.Answer{Status: status}.Verdict()
		var busy *notify.Busy
		switch r := notify.Refused(err); {
		case r != nil && r.Gone:
			got = "gone"
		case r != nil:
			got = "refused"
		case errors.As(err, &busy):
			got = "busy"
		}
		if got != want {
			t.Errorf("%d: %s, want %s", status, got, want)
		}
	}
}

func TestRetryAfterIsBelievedInBounds(t *testing.T) {
	const date = "Wed, 01 Jul 2026 12:00:00 GMT"
	for said, want := range map[string]time.Duration{
		"": 0, "soon": 0, "-5": 0, "30": 30 * time.Second, "99999999999999": time.Hour, "Wed, 01 Jul 2026 12:01:00 GMT": time.Minute,
		"Wed, 01 Jul 2027 12:00:00 GMT": time.Hour, "Wed, 01 Jul 2020 12:00:00 GMT": 0,
	} {
		server := record(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", said)
			w.Header().Set("Date", date)
			w.WriteHeader(http.StatusTooManyRequests)
		})
		answer, err := notify.NewOutbound(notify.OutboundOptions{Allow: loopback}).Post(t.Context(), server.URL, nil, nil)
		if err != nil || answer.RetryAfter != want {
			t.Errorf("%q: %v, %v; want %v", said, answer.RetryAfter, err, want)
		}
	}
}
