package notify_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"rebound/internal/notify"
)

// mailServer speaks SMTP to one client after another and keeps what it was told.
type mailServer struct {
	listener net.Listener
	config   *tls.Config
	roots    *x509.CertPool
	replies  map[string]string // by the command's first word, instead of the usual reply; "hang" is none
	mails    chan received
}

type received struct {
	commands []string
	secure   bool
	data     string
}

func newMailServer(t *testing.T, implicit bool, replies map[string]string) *mailServer {
	certified := httptest.NewTLSServer(nil)
	t.Cleanup(certified.Close)
	s := &mailServer{config: &tls.Config{Certificates: certified.TLS.Certificates}, roots: x509.NewCertPool(), replies: replies, mails: make(chan received, 10)}
	s.roots.AddCert(certified.Certificate())
	var err error
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if implicit {
		s.listener = tls.NewListener(s.listener, s.config)
	}
	t.Cleanup(func() { _ = s.listener.Close() })
	go func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			go s.serve(conn, received{secure: implicit})
		}
	}()
	return s
}

func (s *mailServer) serve(conn net.Conn, got received) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 mail.test")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		got.commands = append(got.commands, line)
		word, _, _ := strings.Cut(line, " ")
		switch reply := s.replies[word]; {
		case reply == "hang":
			_, _ = in.ReadByte() // until the client hangs up
			return
		case reply != "":
			say(reply)
			continue
		}
		switch word {
		case "EHLO":
			say("250-mail.test")
			if !got.secure {
				say("250-STARTTLS")
			}
			say("250-AUTH PLAIN")
			say("250 ENHANCEDSTATUSCODES")
		case "STARTTLS":
			say("220 go on")
			conn = tls.Server(conn, s.config)
			in, got.secure = bufio.NewReader(conn), true
		case "AUTH":
			say("235 2.7.0 welcome")
		case "DATA":
			say("354 go on")
			var data strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				data.WriteString(strings.TrimPrefix(line, "."))
			}
			got.data = data.String()
			s.mails <- got
			say("250 2.0.0 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 2.0.0 ok")
		}
	}
}

func (s *mailServer) sender(t *testing.T, scheme string, timeout time.Duration) notify.Sender {
	t.Helper()
	sender, err := notify.NewEmail(notify.EmailOptions{
		Server: scheme + "://office@" + s.listener.Addr().String(), Password: "secret", From: "Acme Plumbing <office@acme.example>",
		Roots: s.roots, Timeout: timeout,
	})
	if err != nil {
		t.Fatal(err)
	}
	return sender
}

func TestEmailArrivesAsTextAndHTML(t *testing.T) {
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		server := newMailServer(t, implicit, nil)
		n := hostile()
		n.Title, n.Body = "Dana <b>Lee</b>\r\nBcc: all@evil.example", "gas smell & <script>alert(1)</script>\nCall now"
		if err := server.sender(t, scheme, 0).Send(t.Context(), "ana@acme.example", n); err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		got := <-server.mails
		if !got.secure {
			t.Errorf("%s: the mail went in the clear", scheme)
		}
		said := strings.Join(got.commands, "\n")
		for _, want := range []string{"AUTH PLAIN", "MAIL FROM:<office@acme.example>", "RCPT TO:<ana@acme.example>"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no %q in %s", scheme, want, said)
			}
		}
		m, err := mail.ReadMessage(strings.NewReader(got.data))
		if err != nil {
			t.Fatal(err)
		}
		if id := m.Header.Get("Message-ID"); id != "<alert1@acme.example>" {
			t.Errorf("Message-ID is %s", id)
		}
		if m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("Importance") != "high" {
			t.Errorf("the header is %v", m.Header)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
		if err != nil || subject != "Urgent: Dana <b>Lee</b> Bcc: all@evil.example" {
			t.Errorf("the subject is %q, %v", subject, err)
		}
		text, html := parts(t, m)
		if !strings.Contains(text, n.Link) || !strings.Contains(text, "<script>") {
			t.Errorf("the text is %s", text)
		}
		if strings.Contains(html, "<script>") || strings.Contains(html, "<b>") || !strings.Contains(html, "k=a&amp;b=c") || !strings.Contains(html, "Call now") {
			t.Errorf("the HTML is %s", html)
		}
	}
}

// parts returns the two forms of a mail.
func parts(t *testing.T, m *mail.Message) (text, html string) {
	t.Helper()
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the mail is %s, %v", kind, err)
	}
	for reader := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return text, html
		}
		if err != nil {
			t.Fatal(err)
		}
		if how := part.Header.Get("Content-Transfer-Encoding"); how != "quoted-printable" {
			t.Fatalf("a part is %s", how)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			html = string(content)
		} else {
			text = string(content)
		}
	}
}

func TestEmailTellsAFinalNoFromOneThatPasses(t *testing.T) {
	for _, c := range []struct {
		command, reply string
		refused, gone  bool
	}{
		{"RCPT", "550 5.1.1 no such person", true, true},
		{"RCPT", "550 5.7.1 not from you", true, false},
		{"MAIL", "553 5.1.8 not your address", true, false},
		{"AUTH", "535 5.7.8 wrong password", true, false},
		{"RCPT", "450 4.2.1 come again", false, false},
		{"DATA", "452 4.3.1 disk is full", false, false},
		{"EHLO", "\x00\xff garbage", false, false},
		{"QUIT", "500 garbage", false, false},
	} {
		server := newMailServer(t, true, map[string]string{c.command: c.reply, "HELO": "garbage"})
		err := server.sender(t, "smtps", 0).Send(t.Context(), "ana@acme.example", hostile())
		if c.command == "QUIT" {
			if err != nil {
				t.Errorf("a mail that was taken failed at the goodbye: %v", err)
			}
			continue
		}
		r := notify.Refused(err)
		if err == nil || (r != nil) != c.refused || r != nil && r.Gone != c.gone {
			t.Errorf("%s answered %q: %v", c.command, c.reply, err)
		}
	}
}

func TestEmailEndsWithItsTime(t *testing.T) {
	for _, command := range []string{"EHLO", "AUTH", "RCPT", "DATA"} {
		server := newMailServer(t, true, map[string]string{command: "hang"})
		err := server.sender(t, "smtps", 100*time.Millisecond).Send(t.Context(), "ana@acme.example", hostile())
		if err == nil || !strings.Contains(err.Error(), "took too long") || notify.Refused(err) != nil {
			t.Errorf("a server that hangs at %s: %v", command, err)
		}
	}
	server := newMailServer(t, true, nil)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.sender(t, "smtps", 0).Send(over, "ana@acme.example", hostile()); err == nil {
		t.Error("a mail left after its context had ended")
	}
}

func TestEmailWantsAServerAndASender(t *testing.T) {
	for _, o := range []notify.EmailOptions{
		{}, {Server: "mail.example.com", From: "a@b.example"}, {Server: "https://mail.example.com", From: "a@b.example"},
		{Server: "smtp://mail.example.com/path", From: "a@b.example"}, {Server: "smtp://mail.example.com", From: "nobody"},
	} {
		if _, err := notify.NewEmail(o); err == nil {
			t.Errorf("%+v was taken", o)
		}
	}
	server := newMailServer(t, true, nil)
	if r := notify.Refused(server.sender(t, "smtps", 0).Send(t.Context(), "not an address", hostile())); r == nil {
		t.Error("something that is no address was taken")
	}
}
