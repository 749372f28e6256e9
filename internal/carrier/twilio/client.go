package twilio

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
)

// Secrets are the resolved secrets of a connection. They print as nothing.
type Secrets struct {
	AuthToken string // signs webhooks; signs requests in where there is no API key
	KeySecret string // goes with the connection's KeyID; may be empty
}

func (Secrets) String() string       { return "[hidden]" }
func (Secrets) GoString() string     { return "[hidden]" }
func (Secrets) LogValue() slog.Value { return slog.StringValue("[hidden]") }

// Options tune a Client. The zero value is what production uses.
type Options struct {
	// Transport carries all requests. nil means transports of our own: HTTP/1.1, pooled, and for
	// Fetch one that refuses private addresses.
	Transport http.RoundTripper
	// DialTimeout bounds making a connection: 3 s by default. It has no effect on a given Transport.
	DialTimeout time.Duration
	// Timeout bounds one whole request but Fetch's: 10 s by default.
	Timeout time.Duration
	// MessagingURL and MonitorURL replace the addresses of Twilio's messaging and monitor APIs.
	// Empty means the connection's BaseURL if it has one, else Twilio's own.
	MessagingURL, MonitorURL string
	UserAgent                string // "rebound" by default
}

// Client asks and tells Twilio things for one connection. It is safe for concurrent use.
type Client struct {
	account      string
	user, secret string // how requests are signed in: an API key, or the account itself
	token        string
	base         string // without a trailing slash
	messaging    string
	monitor      string
	lookups      string
	agent        string
	timeout      time.Duration
	api, media   http.RoundTripper
}

var _ carrier.Carrier = (*Client)(nil)

// The addresses of Twilio's APIs.
const (
	apiURL       = "https://api.twilio.com"
	messagingURL = "https://messaging.twilio.com"
	monitorURL   = "https://monitor.twilio.com"
	lookupsURL   = "https://lookups.twilio.com"
)

// New makes a client. Requests are signed in with the API key if there is one, else with the
// account's auth token. Nothing is sent until a method is called.
func New(conn rebound.Connection, s Secrets, o Options) *Client {
	c := &Client{
		account: conn.Account, user: conn.Account, secret: s.AuthToken, token: s.AuthToken,
		base:      address(conn.BaseURL, apiURL),
		messaging: address(o.MessagingURL, conn.BaseURL, messagingURL),
		monitor:   address(o.MonitorURL, conn.BaseURL, monitorURL),
		lookups:   address(conn.BaseURL, lookupsURL),
		agent:     cmp.Or(o.UserAgent, "rebound"),
		timeout:   cmp.Or(o.Timeout, 10*time.Second),
		api:       o.Transport,
		media:     o.Transport,
	}
	if conn.KeyID != "" && s.KeySecret != "" {
		c.user, c.secret = conn.KeyID, s.KeySecret
	}
	if o.Transport == nil {
		dial := cmp.Or(o.DialTimeout, 3*time.Second)
		c.api = newTransport(&net.Dialer{Timeout: dial})
		c.media = newTransport(c.mediaDialer(dial))
	}
	return c
}

func address(choices ...string) string { return strings.TrimRight(cmp.Or(choices...), "/") }

// newTransport speaks HTTP/1.1 only. There Go repeats a POST by itself only if it wrote nothing of
// it to a connection that had died while idle; over HTTP/2 it also repeats one that a server broke
// off with PROTOCOL_ERROR, when it may have been read. Connections are dropped before a server
// would let them die of idleness, which is what makes most sends doubtful.
func newTransport(d *net.Dialer) *http.Transport {
	var p http.Protocols
	p.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            d.DialContext,
		Protocols:              &p,
		TLSHandshakeTimeout:    d.Timeout,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// AnswersStop is true: Twilio confirms an opt-out by itself on long codes and toll-free numbers.
func (c *Client) AnswersStop() bool { return true }

// path is the address of something in the account, of the API of 2010-04-01.
func (c *Client) path(rest string) string {
	return c.base + "/2010-04-01/Accounts/" + url.PathEscape(c.account) + rest
}

// request makes a signed-in request; form is nil for a GET.
func (c *Client) request(ctx context.Context, method, address string, form url.Values) (*http.Request, error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.agent)
	req.SetBasicAuth(c.user, c.secret)
	return req, nil
}

// APIError is Twilio's "no" to anything but a text.
type APIError struct {
	Status     int    // of HTTP
	Code       string // Twilio's code; empty when the answer was not Twilio's
	Message    string
	RetryAfter time.Duration // 0: not told
}

func (e *APIError) Error() string {
	s := "Twilio answered HTTP " + strconv.Itoa(e.Status)
	if e.Code != "" {
		s += ", error " + e.Code
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Is lets Twilio's own "not found" be carrier.ErrUnknown. A 404 from something in between says
// nothing about what Twilio has.
func (e *APIError) Is(target error) bool {
	return target == carrier.ErrUnknown && e.Status == http.StatusNotFound && e.Code == "20404"
}

// mostAnswer bounds an answer: a page of 200 texts of 1,600 characters stays below it.
const mostAnswer = 4 << 20

// get reads one JSON resource into out.
func (c *Client) get(ctx context.Context, address string, out any) error {
	req, err := c.request(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	return c.do(req, out)
}

func (c *Client) do(req *http.Request, out any) error {
	ctx, cancel := context.WithTimeout(req.Context(), c.timeout)
	defer cancel()
	resp, err := c.api.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := readUpTo(resp.Body, mostAnswer)
	if resp.StatusCode/100 != 2 {
		n := readNo(body)
		return &APIError{Status: resp.StatusCode, Code: n.code(), Message: n.words(), RetryAfter: carrier.RetryAfter(resp.Header)}
	}
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the answer is not Twilio's JSON: %w", err)
	}
	return nil
}

var errTooLong = errors.New("the answer is too long")

func readUpTo(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(body)) > most {
		return nil, errTooLong
	}
	return body, err
}

// no is the body of Twilio's refusals.
type no struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// readNo reads a refusal. What is not Twilio's JSON gives the zero value: the answer came from
// something in between. Twilio's codes have five digits or more, unlike a proxy's.
func readNo(body []byte) no {
	var n no
	if json.Unmarshal(body, &n) != nil || n.Code < 10000 {
		return no{}
	}
	return n
}

func (n no) code() string {
	if n.Code == 0 {
		return ""
	}
	return strconv.Itoa(n.Code)
}

// words returns the message without what a database or a log could not hold.
func (n no) words() string {
	const most = 500
	if len(n.Message) > most {
		return storable(n.Message[:most])
	}
	return storable(n.Message)
}
