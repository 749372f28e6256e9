package twilio_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

func redirect(to string) answer { return answer{status: 302, header: http.Header{"Location": {to}}} }

func media(body string) answer {
	return answer{status: 200, header: http.Header{"Content-Type": {"audio/mpeg"}}, body: body}
}

func TestFetch(t *testing.T) {
	s := scripted(t, redirect("https://mms.twiliocdn.com/a?sig=1"), redirect("https://media-store.s3.amazonaws.com/b"), media("sound"))
	got, err := newClient(t, s).Fetch(t.Context(), recURL)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(got.Body)
	if err != nil || string(body) != "sound" || got.ContentType != "audio/mpeg" {
		t.Errorf("got %q %q, %v", got.ContentType, body, err)
	}
	if err := got.Body.Close(); err != nil {
		t.Error(err)
	}
	s.golden("fetch") // the credentials go to the first host alone
}

func TestFetchWhatIsNotThere(t *testing.T) {
	for _, status := range []int{404, 410} {
		if _, err := newClient(t, scripted(t, answer{status: status})).Fetch(t.Context(), recURL); !errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("%d: error = %v, want ErrUnknown", status, err)
		}
	}
	var e *twilio.APIError
	if _, err := newClient(t, scripted(t, answer{status: 503})).Fetch(t.Context(), recURL); !errors.As(err, &e) || e.Status != 503 {
		t.Errorf("503: error = %v", err)
	}
}

// Not one request is made for an address that is not the carrier's.
func TestFetchAsksOnlyTheCarrier(t *testing.T) {
	for _, address := range []string{
		"https://evil.example/x", "https://twilio.com.evil.example/x", "https://eviltwilio.com/x", "http://api.twilio.com/x",
		"https://api.twilio.com:8443/x", "https://user:pass@media.twilio.com/x", "ftp://api.twilio.com/x", "file:///etc/passwd", "//api.twilio.com/x", "",
		"https://169.254.169.254/latest/meta-data", "https://s3.amazonaws.com/x", "https://%",
	} {
		if _, err := newClient(t, scripted(t)).Fetch(t.Context(), address); err == nil {
			t.Errorf("%q was fetched", address)
		}
	}
}

func TestFetchFollowsOnlyToTheStores(t *testing.T) {
	for _, to := range []string{
		"https://evil.example/x", "http://mms.twiliocdn.com/x", "https://amazonaws.com.evil.example/", "https://127.0.0.1/x", "file:///etc/passwd", "https://a:b@x.amazonaws.com/", "https://%",
	} {
		if _, err := newClient(t, scripted(t, redirect(to))).Fetch(t.Context(), recURL); err == nil {
			t.Errorf("a redirect to %q was followed", to)
		}
	}
	var round []answer
	for range 6 {
		round = append(round, redirect("https://api.twilio.com/again"))
	}
	if _, err := newClient(t, scripted(t, round...)).Fetch(t.Context(), recURL); err == nil {
		t.Error("redirects in a circle end without an error")
	}
}

// A carrier on this machine (the fake one, a test) may be asked in the clear, and only it.
func TestFetchFromALoopbackCarrier(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, _, _ := r.BasicAuth(); user != accountSID {
			w.WriteHeader(401)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		io.WriteString(w, "picture")
	}))
	defer server.Close()
	conn := connection
	conn.BaseURL = server.URL
	c := twilio.New(conn, secrets, twilio.Options{})
	got, err := c.Fetch(t.Context(), server.URL+"/media/1")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if body, err := io.ReadAll(got.Body); err != nil || string(body) != "picture" || got.ContentType != "image/png" {
		t.Errorf("got %q %q, %v", got.ContentType, body, err)
	}
	if _, err := c.Fetch(t.Context(), strings.Replace(server.URL, "127.0.0.1", "127.0.0.2", 1)+"/media/1"); err == nil {
		t.Error("another address of this machine was asked")
	}
	conn.BaseURL = "http://carrier.example"
	if _, err := twilio.New(conn, secrets, twilio.Options{Transport: scripted(t)}).Fetch(t.Context(), "http://carrier.example/media/1"); err == nil {
		t.Error("credentials went over the net in the clear")
	}
}

func TestFetchEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	p := newPeer(t, func(p *peer, conn net.Conn) {
		in := bufio.NewReader(conn)
		p.read(in)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf a")
		in.ReadByte()
	})
	conn := connection
	conn.BaseURL = p.url
	got, err := twilio.New(conn, secrets, twilio.Options{}).Fetch(ctx, p.url+"/media/1")
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	cancel()
	if _, err := io.ReadAll(got.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want that of the context", err)
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	for address, refused := range map[string]bool{
		"127.0.0.1:443": true, "[::1]:443": true, "10.1.2.3:443": true, "192.168.0.1:443": true, "172.16.0.1:443": true, "169.254.169.254:80": true,
		"100.64.0.1:443": true, "0.0.0.0:443": true, "[::ffff:10.0.0.1]:443": true, "[fd00::1]:443": true, "[fe80::1]:443": true, "224.0.0.1:443": true,
		"no address": true, "54.172.60.0:443": false, "[2600:1f18::1]:443": false,
	} {
		if err := twilio.RefusePrivate(address); (err != nil) != refused {
			t.Errorf("%s: %v, refused must be %t", address, err, refused)
		}
	}
}
