package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"rebound/internal/carrier"
)

// Outbound takes requests to addresses that people typed. Whoever may type one must not reach what only this machine
// can: each connection is checked when it is dialled, by the address that the name has led to, so that a name which
// answers differently the second time gains nothing. Redirects are told and not followed. Nobody can hold a request
// up for longer than its time or fill the memory.
type Outbound struct{ client *http.Client }

// OutboundOptions say what a client of typed addresses may do. The zero value is right for most.
type OutboundOptions struct {
	Allow     []netip.Prefix    // networks that may be reached though they are not public
	Timeout   time.Duration     // for one request with its answer; default 15 s
	Transport http.RoundTripper // in place of the network and its checks: the demo and tests; nil: the network
}

// mostAnswer is how many bytes of an answer are read. What follows is nobody's business.
const mostAnswer = 16 << 10

// NewOutbound makes a client of typed addresses.
func NewOutbound(o OutboundOptions) *Outbound {
	if o.Timeout == 0 {
		o.Timeout = 15 * time.Second
	}
	if o.Transport == nil {
		dialer := &net.Dialer{Timeout: o.Timeout, Control: func(_, address string, _ syscall.RawConn) error { return mayDial(address, o.Allow) }}
		o.Transport = &http.Transport{
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			Proxy:                  nil, // a proxy would dial in our place, unchecked
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    10 * time.Second,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    2,
			IdleConnTimeout:        30 * time.Second,
			ForceAttemptHTTP2:      true,
		}
	}
	return &Outbound{client: &http.Client{
		Transport: o.Transport, Timeout: o.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// mayDial refuses a connection to an address that is not on the public internet.
func mayDial(address string, allow []netip.Prefix) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dial %s: %w", address, err)
	}
	ip := to.Addr().Unmap().WithZone("")
	for _, p := range allow {
		if p.Contains(ip) {
			return nil
		}
	}
	if !carrier.Public(ip) {
		return &Refusal{Reason: fmt.Sprintf("The address leads to %s, which is not on the public internet. If that is meant, whoever runs this server can allow its network in outbound_allow.", ip)}
	}
	return nil
}

// Answer is what the other side said, in bounds.
type Answer struct {
	Status     int
	Body       []byte        // its beginning
	RetryAfter time.Duration // how long it asked to be left alone; 0: not said
}

// Post sends one request and returns the answer, whatever its status. The error says that there was none; it is a
// *Refusal where the address can never lead to one. Nothing in it repeats the address, which may hold a secret.
func (o *Outbound) Post(ctx context.Context, to string, header http.Header, body []byte) (Answer, error) {
	address, err := url.Parse(to)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "" {
		return Answer{}, &Refusal{Reason: "This is not a web address. Write it like https://example.com/hook."}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return Answer{}, &Refusal{Reason: "This is not a web address. Write it like https://example.com/hook."}
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if request.Header.Get("User-Agent") == "" {
		request.Header.Set("User-Agent", "Rebound")
	}
	response, err := o.client.Do(request)
	if err != nil {
		if r := Refused(err); r != nil {
			return Answer{}, r
		}
		if unreached(err) {
			return Answer{}, &Busy{Reason: fmt.Sprintf("%s cannot be reached.", address.Hostname())}
		}
		return Answer{}, fmt.Errorf("no answer from %s: %w", address.Hostname(), cause(err))
	}
	defer response.Body.Close()
	answer := Answer{Status: response.StatusCode, RetryAfter: min(carrier.RetryAfter(response.Header), longestPause)}
	// The status is the answer; a body that breaks off or never ends takes nothing from it.
	answer.Body, _ = io.ReadAll(io.LimitReader(response.Body, mostAnswer))
	return answer, nil
}

// unreached reports an error from before the other side could have heard anything.
func unreached(err error) bool {
	var dial *net.OpError
	var name *net.DNSError
	return errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &name)
}

// cause is an error of the client without the address that it repeats.
func cause(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		if wrapped.Timeout() {
			return errors.New("it took too long")
		}
		return wrapped.Err
	}
	return err
}

// longestPause is the most that another side's Retry-After is believed.
const longestPause = time.Hour

// Busy is a no for the moment: the other side asks to be left alone, or is out of order.
type Busy struct {
	Reason string
	After  time.Duration // 0: it did not say
}

func (b *Busy) Error() string { return b.Reason }

// Verdict is nil for an answer that took the request, a *Refusal for one that makes trying again useless, and a *Busy
// for the rest.
func (a Answer) Verdict() error {
	switch s := a.Status; {
	case s >= 200 && s < 300:
		return nil
	case s >= 300 && s < 400:
		return &Refusal{Reason: fmt.Sprintf("It sends us on to another address (%d), which is not followed. Enter the address that it ends at.", s)}
	case s == http.StatusNotFound || s == http.StatusGone:
		return &Refusal{Reason: fmt.Sprintf("There is nothing at this address any more (%d).", s), Gone: true}
	case s == http.StatusRequestTimeout || s == http.StatusTooEarly || s == http.StatusTooManyRequests:
		return &Busy{Reason: fmt.Sprintf("It asks to be left alone for a while (%d).", s), After: a.RetryAfter}
	case s >= 400 && s < 500:
		return &Refusal{Reason: fmt.Sprintf("It refuses what we send (%d). Check the address and its key.", s)}
	default:
		return &Busy{Reason: fmt.Sprintf("It is out of order (%d).", s), After: a.RetryAfter}
	}
}
