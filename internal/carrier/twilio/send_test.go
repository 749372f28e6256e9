package twilio_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

var aText = carrier.Text{
	From: "+14155550100", To: "+14155550134", Body: "Hi, this is Miller & Sons. Sorry we missed your call! Reply STOP to opt out.",
	Receipt:  "https://rebound.example.com/hook/twilio/con1/receipt/biz1/msg1/abcdefghijklmnopqrstuv",
	ValidFor: 5 * time.Minute,
}

// listedMessage writes a Message resource as Twilio does.
func listedMessage(sid, status, direction, created, body, code string) string {
	return object(
		"sid", quoted(sid), "account_sid", quoted(accountSID), "api_version", `"2010-04-01"`,
		"from", `"+14155550100"`, "to", `"+14155550134"`, "body", quoted(body), "status", quoted(status), "direction", quoted(direction),
		"date_created", quoted(created), "date_updated", quoted(created), "date_sent", "null",
		"error_code", code, "error_message", "null", "messaging_service_sid", "null", "num_media", `"0"`, "num_segments", `"1"`,
		"price", "null", "price_unit", `"USD"`, "subresource_uris", "{}", "uri", quoted("/2010-04-01/Accounts/"+accountSID+"/Messages/"+sid+".json"))
}

func acceptedAnswer() answer {
	return answer{status: 201, body: listedMessage(textSID, "queued", "outbound-api", "Mon, 09 Jun 2026 12:00:00 +0000", aText.Body, "null")}
}

func TestSend(t *testing.T) {
	given := []answer{acceptedAnswer()}
	s := scripted(t, given...)
	got, err := twilio.New(connection, secrets, twilio.Options{Transport: s}).Send(t.Context(), aText)
	if err != nil {
		t.Fatal(err)
	}
	if want := (carrier.Accepted{ID: textSID, State: rebound.Queued}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.golden("send")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestSendSignsInWithTheKeyIfThereIsOne(t *testing.T) {
	given := []answer{acceptedAnswer()}
	s := scripted(t, given...)
	conn := connection
	conn.KeyID = "SK00000000000000000000000000000009"
	c := twilio.New(conn, twilio.Secrets{AuthToken: "12345", KeySecret: "67890"}, twilio.Options{Transport: s, UserAgent: "rebound/1.0"})
	if _, err := c.Send(t.Context(), carrier.Text{From: aText.From, To: aText.To, Body: "x"}); err != nil {
		t.Fatal(err)
	}
	s.golden("send-key")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestValidityStaysInTwiliosRange(t *testing.T) {
	for valid, want := range map[time.Duration]string{
		0: "", time.Millisecond: "ValidityPeriod=1", 90 * time.Second: "ValidityPeriod=90", 48 * time.Hour: "ValidityPeriod=36000",
	} {
		s := scripted(t, acceptedAnswer())
		text := aText
		text.ValidFor = valid
		if _, err := twilio.New(connection, secrets, twilio.Options{Transport: s}).Send(t.Context(), text); err != nil {
			t.Fatal(err)
		}
		if got := s.bodies[0]; want == "" && strings.Contains(got, "ValidityPeriod") || !strings.HasSuffix(got, want) {
			t.Errorf("valid for %s: %s", valid, got)
		}
	}
}

// Every answer that can come has one meaning.
func TestSendVerdicts(t *testing.T) {
	html := http.Header{"Content-Type": {"text/html"}}
	for _, c := range []struct {
		name   string
		answer answer
		want   carrier.SendError // Outcome, Class, Code, RetryAfter
	}{
		{"landline", refusal(400, 21635, "To is a landline"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.Permanent, Code: "21635"}},
		{"opted out", refusal(400, 21610, "Attempt to send to unsubscribed recipient"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.OptedOut, Code: "21610"}},
		{"wrong credentials", refusal(401, 20003, "Authenticate"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.ConfigAlarm, Code: "20003"}},
		{"no such account", refusal(404, 20404, "not found"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.ConfigAlarm, Code: "20404"}},
		{"queue full", refusal(400, 21611, "queue"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.Hold, Code: "21611"}},
		{"too long", refusal(400, 21617, "long"), carrier.SendError{Outcome: carrier.Refused, Class: carrier.OurBug, Code: "21617"}},
		{"too fast", refusal(429, 20429, "Too Many Requests"), carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, Code: "20429"}},
		{"too fast, wait", answer{429, http.Header{"Retry-After": {"7"}}, ""}, carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, RetryAfter: 7 * time.Second}},
		{"too fast, wait until", answer{429, http.Header{"Date": {"Mon, 08 Jun 2026 12:00:00 GMT"}, "Retry-After": {"Mon, 08 Jun 2026 12:01:30 GMT"}}, "x"},
			carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat, RetryAfter: 90 * time.Second}},
		{"too fast, wait until yesterday", answer{429, http.Header{"Date": {"Mon, 08 Jun 2026 12:00:00 GMT"}, "Retry-After": {"Mon, 08 Jun 2026 11:00:00 GMT"}}, "x"},
			carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat}},
		{"too fast, wait for what", answer{429, http.Header{"Retry-After": {"-3 moons"}}, "x"}, carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Repeat}},
		{"used up for the day", refusal(429, 63038, "limit"), carrier.SendError{Outcome: carrier.NotSent, Class: carrier.Hold, Code: "63038"}},
		{"a proxy's 403", answer{403, html, "<h1>Forbidden</h1>"}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"a proxy's 403 in JSON", answer{403, nil, `{"code":403,"message":"no"}`}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"408", answer{408, html, ""}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"500 with Twilio's JSON", refusal(500, 20500, "internal"), carrier.SendError{Outcome: carrier.InDoubt, Code: "20500"}},
		{"503 with Twilio's JSON", refusal(503, 20503, "unavailable"), carrier.SendError{Outcome: carrier.InDoubt, Code: "20503"}},
		{"502 of a gateway", answer{502, html, "bad gateway"}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"a redirect", answer{307, http.Header{"Location": {"https://api.twilio.com/elsewhere"}}, ""}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"accepted, in garbage", answer{201, nil, "<html>"}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"accepted, without an id", answer{201, nil, `{"status":"queued"}`}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"accepted, with nothing", answer{201, nil, ""}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"accepted, in an endless answer", answer{201, nil, `{"sid":"SM1","x":"` + strings.Repeat("x", 1<<20) + `"}`}, carrier.SendError{Outcome: carrier.InDoubt}},
		{"no content", answer{204, nil, ""}, carrier.SendError{Outcome: carrier.InDoubt}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sendError(t, twilio.Options{Transport: scripted(t, c.answer)})
			if got.Outcome != c.want.Outcome || got.Class != c.want.Class || got.Code != c.want.Code || got.RetryAfter != c.want.RetryAfter {
				t.Errorf("\n got %s %q %q %s\nwant %s %q %q %s", got.Outcome, got.Class, got.Code, got.RetryAfter,
					c.want.Outcome, c.want.Class, c.want.Code, c.want.RetryAfter)
			}
			if got.Status != c.answer.status {
				t.Errorf("status %d, want %d", got.Status, c.answer.status)
			}
		})
	}
}

func TestSendTellsAnUnknownStatusApart(t *testing.T) {
	s := scripted(t, answer{status: 201, body: `{"sid":"abc-def","status":"contemplated"}`})
	got, err := twilio.New(connection, secrets, twilio.Options{Transport: s}).Send(t.Context(), aText)
	if want := (carrier.Accepted{ID: "abc-def", State: rebound.Queued}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func sendError(t *testing.T, o twilio.Options, base ...string) *carrier.SendError {
	t.Helper()
	conn := connection
	if len(base) > 0 {
		conn.BaseURL = base[0]
	}
	got, err := twilio.New(conn, secrets, o).Send(t.Context(), aText)
	var e *carrier.SendError
	if !errors.As(err, &e) || got != (carrier.Accepted{}) {
		t.Fatalf("got %+v, %v; want a *SendError", got, err)
	}
	if strings.Contains(err.Error(), secrets.AuthToken) || strings.Contains(err.Error(), "4155550134") {
		t.Errorf("the error tells a secret or a number: %v", err)
	}
	return e
}

// A RoundTripper that is not Go's own proves nothing, unless it could not dial.
func TestSendThroughAnotherTransport(t *testing.T) {
	lost := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("the answer was lost") })
	if e := sendError(t, twilio.Options{Transport: lost}); e.Outcome != carrier.InDoubt {
		t.Errorf("a lost answer is %s", e.Outcome)
	}
	refused := roundTripper(func(*http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("proxy: %w", &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")})
	})
	if e := sendError(t, twilio.Options{Transport: refused}); e.Outcome != carrier.NotSent || e.Class != carrier.Repeat {
		t.Errorf("a refused connection is %s %s", e.Outcome, e.Class)
	}
	cut := roundTripper(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 201, Header: http.Header{}, Request: r, Body: io.NopCloser(io.MultiReader(
			strings.NewReader(acceptedAnswer().body), failingReader{}))}, nil
	})
	if e := sendError(t, twilio.Options{Transport: cut}); e.Outcome != carrier.InDoubt || !errors.Is(e, io.ErrUnexpectedEOF) {
		t.Errorf("an answer that was cut at its end is %v", e)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// peer is a server on the loopback that does with each connection what it is told, so that a test
// can fail at any byte. It counts the requests that it read.
type peer struct {
	url      string
	requests atomic.Int32
}

func newPeer(t *testing.T, serve func(p *peer, conn net.Conn)) *peer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{url: "http://" + listener.Addr().String()}
	var connections sync.WaitGroup
	connections.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			connections.Go(func() {
				defer conn.Close()
				serve(p, conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		connections.Wait()
	})
	return p
}

// read takes one whole request off the connection and reports whether there was one.
func (p *peer) read(in *bufio.Reader) bool {
	r, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return false
	}
	p.requests.Add(1)
	return true
}

func TestSendWhenTheConnectionFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		reads bool   // the request
		says  string // and then closes
		hangs bool   // instead of closing; the client gives up
	}{
		{name: "it closes at once"},
		{name: "it reads and closes", reads: true},
		{name: "it dies in the header", reads: true, says: "HTTP/1.1 201 Crea"},
		{name: "it dies in the answer", reads: true, says: "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"sid\":\"SM1\"}"},
		{name: "it dies in a refusal", reads: true, says: "HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{\"code\":21610}"},
		{name: "it speaks no HTTP", reads: true, says: "220 smtp.example.com ESMTP\r\n"},
		{name: "it hangs", reads: true, hangs: true},
		{name: "it hangs in the answer", reads: true, says: "HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"sid\":", hangs: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, giveUp := context.WithCancel(t.Context())
			defer giveUp()
			p := newPeer(t, func(p *peer, conn net.Conn) {
				in := bufio.NewReader(conn)
				if c.reads {
					p.read(in)
				}
				io.WriteString(conn, c.says)
				if c.hangs {
					giveUp()
					in.ReadByte() // until the client has closed
				}
			})
			conn := connection
			conn.BaseURL = p.url
			_, err := twilio.New(conn, secrets, twilio.Options{}).Send(ctx, aText)
			var e *carrier.SendError
			if !errors.As(err, &e) || e.Outcome != carrier.InDoubt {
				t.Errorf("got %v, want in doubt", err)
			}
			if n := p.requests.Load(); n > 1 {
				t.Errorf("%d requests were made", n)
			}
		})
	}
}

func TestSendWaitsTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silence := roundTripper(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		start := time.Now()
		e := sendError(t, twilio.Options{Transport: silence})
		if e.Outcome != carrier.InDoubt || !errors.Is(e, context.DeadlineExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("after %s: %v", time.Since(start), e)
		}
	})
}

// The connection died while it lay idle, and that shows only after the request was written: Go
// must not write it a second time.
func TestSendIsNotRepeatedOnAReusedConnection(t *testing.T) {
	p := newPeer(t, func(p *peer, conn net.Conn) {
		in := bufio.NewReader(conn)
		p.read(in)
		body := acceptedAnswer().body
		fmt.Fprintf(conn, "HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
		p.read(in) // the second request on the same connection is read and not answered
	})
	conn := connection
	conn.BaseURL = p.url
	c := twilio.New(conn, secrets, twilio.Options{})
	if _, err := c.Send(t.Context(), aText); err != nil {
		t.Fatal(err)
	}
	_, err := c.Send(t.Context(), aText)
	var e *carrier.SendError
	if !errors.As(err, &e) || e.Outcome != carrier.InDoubt {
		t.Errorf("got %v, want in doubt", err)
	}
	if n := p.requests.Load(); n != 2 {
		t.Errorf("the carrier read %d requests for two texts", n)
	}
}

func TestSendThatReachesNobody(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	plain := newPeer(t, func(p *peer, conn net.Conn) { io.WriteString(conn, "this is not TLS\r\n") })
	silent := newPeer(t, func(p *peer, conn net.Conn) { io.Copy(io.Discard, conn) })
	strange := httptest.NewUnstartedServer(http.NotFoundHandler())
	strange.Config.ErrorLog = log.New(io.Discard, "", 0)
	strange.StartTLS()
	defer strange.Close()
	for name, base := range map[string]string{
		"nobody listens":                 "http://" + closed.Addr().String(),
		"the other side speaks no TLS":   strings.Replace(plain.url, "http", "https", 1),
		"the handshake hangs":            strings.Replace(silent.url, "http", "https", 1),
		"a certificate nobody vouches":   strange.URL,
		"an address that cannot be read": "http://[::1",
	} {
		t.Run(name, func(t *testing.T) {
			e := sendError(t, twilio.Options{DialTimeout: 200 * time.Millisecond, Timeout: 400 * time.Millisecond}, base)
			if e.Outcome != carrier.NotSent || e.Class != carrier.Repeat {
				t.Errorf("%s %s, want not sent, repeat (%v)", e.Outcome, e.Class, e)
			}
		})
	}
	if n := plain.requests.Load() + silent.requests.Load(); n != 0 {
		t.Errorf("%d requests were read", n)
	}
}

func TestSendAfterTheTimeIsUpSendsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := twilio.New(connection, secrets, twilio.Options{Transport: scripted(t)}).Send(ctx, aText)
	var e *carrier.SendError
	if !errors.As(err, &e) || e.Outcome != carrier.NotSent || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want not sent", err)
	}
}

// A server that would speak HTTP/2 is spoken to in HTTP/1.1, where Go never repeats a POST that it
// has written.
func TestSendSpeaksHTTP1(t *testing.T) {
	var protocol atomic.Value
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol.Store(r.Proto)
		w.WriteHeader(201)
		io.WriteString(w, acceptedAnswer().body)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	conn := connection
	conn.BaseURL = server.URL
	transport := twilio.NewTransport(&net.Dialer{})
	transport.TLSClientConfig = &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}
	if _, err := twilio.New(conn, secrets, twilio.Options{Transport: transport}).Send(t.Context(), aText); err != nil {
		t.Fatal(err)
	}
	if got := protocol.Load(); got != "HTTP/1.1" {
		t.Errorf("protocol %v", got)
	}
}
