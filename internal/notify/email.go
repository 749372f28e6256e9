package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"rebound"
)

// EmailOptions say how mail leaves.
type EmailOptions struct {
	// Server is the mail server: smtps://user@host (TLS from the first byte, port 465 unless said), or
	// smtp://user@host, which must offer STARTTLS (port 587 unless said). Only on this machine smtp may go without.
	Server   string
	Password string         // empty where the server wants none
	From     string         // "Acme Plumbing <office@acme.example>", or the address alone
	Roots    *x509.CertPool // who vouches for the server; nil: whom the machine trusts
	Timeout  time.Duration  // for one mail; default 30 s
}

// email sends notices by SMTP. A connection carries one mail: alerts are few, and a kept one would have died by the next.
type email struct {
	host     string
	from     *mail.Address
	timeout  time.Duration
	secure   *tls.Config
	implicit bool // TLS from the first byte
	options  []gomail.Option
}

// NewEmail makes a sender of mail. The error is for whoever configures the server.
func NewEmail(o EmailOptions) (Sender, error) {
	server, err := url.Parse(o.Server)
	if err != nil || server.Hostname() == "" || server.Scheme != "smtp" && server.Scheme != "smtps" || strings.Trim(server.Path, "/") != "" {
		return nil, rebound.Errorf(rebound.Invalid, "R2250", "The mail server's address is not one. Write smtp://user@mail.example.com or smtps://user@mail.example.com.")
	}
	from, err := mail.ParseAddress(o.From)
	if err != nil {
		return nil, rebound.Errorf(rebound.Invalid, "R2251", "mail_from is not an e-mail address. Write it like Acme Plumbing <office@acme.example>.")
	}
	e := &email{host: server.Hostname(), from: from, timeout: o.Timeout}
	if e.timeout == 0 {
		e.timeout = 30 * time.Second
	}
	e.secure = &tls.Config{ServerName: e.host, MinVersion: tls.VersionTLS12, RootCAs: o.Roots}
	e.implicit = server.Scheme == "smtps"
	policy, port := gomail.TLSMandatory, 587
	if local(e.host) {
		policy = gomail.TLSOpportunistic
	}
	e.options = []gomail.Option{gomail.WithTLSConfig(e.secure), gomail.WithTLSPolicy(policy), gomail.WithTimeout(e.timeout)}
	if e.implicit {
		port = 465
		e.options = append(e.options, gomail.WithSSL())
	}
	if p, err := strconv.Atoi(server.Port()); err == nil {
		port = p
	}
	e.options = append(e.options, gomail.WithPort(port))
	if user := server.User.Username(); user != "" {
		how := gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover)
		if e.implicit { // the library does not know that a connection of ours is encrypted, and would not send a password
			how = gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin)
		}
		e.options = append(e.options, how, gomail.WithUsername(user), gomail.WithPassword(o.Password))
	}
	return e, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send sends one mail. The Message-ID is made of the alert's id, so that a mail which comes twice is one.
func (e *email) Send(ctx context.Context, to string, n Notice) error {
	message, err := e.message(to, n)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	client, err := gomail.NewClient(e.host, append(e.options[:len(e.options):len(e.options)], gomail.WithDialContextFunc(e.dial(ctx)))...)
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if err == nil || message.IsDelivered() { // taken, whatever became of the goodbye
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the mail server took too long: %w", context.Cause(ctx))
	}
	return mailVerdict(err)
}

// dial connects so that the end of whole, the time for the mail, ends the connection: the library's own deadlines begin
// anew with each of its steps, and it keeps a connection on which it could not sign in.
func (e *email) dial(whole context.Context) gomail.DialContextFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		var conn net.Conn
		var err error
		if e.implicit {
			conn, err = (&tls.Dialer{Config: e.secure}).DialContext(ctx, network, address)
		} else {
			conn, err = (&net.Dialer{}).DialContext(ctx, network, address)
		}
		if err == nil {
			context.AfterFunc(whole, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// mailHTML is the mail for programs that show HTML. The template escapes what strangers wrote.
var mailHTML = template.Must(template.New("mail").Parse(`<!doctype html>
<html><body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1b1f24;background:#ffffff">
<h1 style="margin:0 0 12px;font-size:20px;line-height:1.3">{{.Headline}}</h1>
{{range .Lines}}<p style="margin:0 0 8px">{{.}}</p>
{{end}}{{if .Link}}<p style="margin:20px 0"><a href="{{.Link}}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#0b57d0;color:#ffffff;text-decoration:none">{{.Label}}</a></p>
{{end}}<p style="margin:24px 0 0;font-size:13px;color:#57606a">{{.Business}}</p>
</body></html>
`))

func (e *email) message(to string, n Notice) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(e.from.Name, e.from.Address); err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	if err := m.To(to); err != nil {
		return nil, &Refusal{Reason: "This is not an e-mail address."}
	}
	_, domain, _ := strings.Cut(e.from.Address, "@")
	m.SetMessageIDWithValue(n.ID + "@" + domain)
	m.SetDateWithValue(n.At)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: absence notices do not answer it
	if n.Urgent {
		m.SetImportance(gomail.ImportanceHigh)
	}
	m.Subject(strings.Join(strings.Fields(headline(n)), " "))
	text := headline(n) + "\n\n" + n.Body + "\n"
	if n.Link != "" {
		text += "\n" + openLabel + ": " + n.Link + "\n"
	}
	m.SetBodyString(gomail.TypeTextPlain, text+"\n-- \n"+n.Business+"\n")
	var html strings.Builder
	err := mailHTML.Execute(&html, struct {
		Headline, Link, Label, Business string
		Lines                           []string
	}{headline(n), n.Link, openLabel, n.Business, strings.Split(n.Body, "\n")})
	if err != nil {
		return nil, fmt.Errorf("write the mail: %w", err)
	}
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	return m, nil
}

// mailVerdict tells a final no from what may pass: a reply that begins with 5 is final (RFC 5321, 4.2.1).
func mailVerdict(err error) error {
	var sent *gomail.SendError
	if errors.As(err, &sent) && sent.ErrorCode() >= 500 {
		unknown := sent.Reason == gomail.ErrSMTPRcptTo && strings.HasPrefix(sent.EnhancedStatusCode(), "5.1.")
		return &Refusal{Reason: fmt.Sprintf("The mail server refuses this mail (%d).", sent.ErrorCode()), Gone: unknown}
	}
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 {
		return &Refusal{Reason: fmt.Sprintf("The mail server does not let us in (%d). Check its user and password.", said.Code)}
	}
	switch {
	case sent != nil && sent.ErrorCode() > 0:
		return &Busy{Reason: fmt.Sprintf("The mail server does not take it now (%d).", sent.ErrorCode())}
	case said != nil:
		return &Busy{Reason: fmt.Sprintf("The mail server does not let us in now (%d).", said.Code)}
	case unreached(err):
		return &Busy{Reason: "The mail server cannot be reached."}
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded):
		return errors.New("the mail server took too long")
	}
	return errors.New("the mail server broke off")
}
