package twilio

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"rebound/internal/carrier"
)

const (
	mostRedirects = 5
	// fetchTimeout bounds a whole fetch, with the reading of its body.
	fetchTimeout = time.Minute
)

// Fetch opens a picture or recording. The credentials go to Twilio's own hosts and to the
// connection's BaseURL only, over TLS (in the clear only if BaseURL is a loopback address).
// Twilio redirects to the stores where it keeps media; such a redirect is followed without
// credentials and over TLS. carrier.ErrUnknown says that it is not there, or no longer.
func (c *Client) Fetch(ctx context.Context, address string) (carrier.Media, error) {
	here, err := url.Parse(address)
	if err != nil || !c.ours(here) {
		return carrier.Media{}, fmt.Errorf("fetch media: %q is not on one of the carrier's hosts", address)
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	resp, err := c.follow(ctx, here)
	if err != nil {
		cancel()
		return carrier.Media{}, fmt.Errorf("fetch media: %w", err)
	}
	return carrier.Media{ContentType: resp.Header.Get("Content-Type"), Body: mediaBody{resp.Body, cancel}}, nil
}

// mediaBody frees the request's context when it is closed.
type mediaBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b mediaBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

func (c *Client) follow(ctx context.Context, here *url.URL) (*http.Response, error) {
	for range 1 + mostRedirects {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, here.String(), nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("User-Agent", c.agent)
		if c.ours(here) {
			req.SetBasicAuth(c.user, c.secret)
		}
		resp, err := c.media.RoundTrip(req)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode == http.StatusOK {
			return resp, nil
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusGone {
			return nil, carrier.ErrUnknown
		}
		if resp.StatusCode/100 != 3 {
			return nil, &APIError{Status: resp.StatusCode, RetryAfter: carrier.RetryAfter(resp.Header)}
		}
		next, err := here.Parse(resp.Header.Get("Location"))
		if err != nil {
			return nil, fmt.Errorf("read the redirect: %w", err)
		}
		if !c.ours(next) && !isStore(next) {
			return nil, fmt.Errorf("a redirect to %q is not followed", next.Host)
		}
		here = next
	}
	return nil, fmt.Errorf("more than %d redirects", mostRedirects)
}

// ours reports whether an address may be given the credentials.
func (c *Client) ours(u *url.URL) bool {
	if base, err := url.Parse(c.base); err == nil && u.Host == base.Host && u.Scheme == base.Scheme {
		return u.Scheme == "https" || isLoopback(base)
	}
	return u.Scheme == "https" && u.Port() == "" && u.User == nil && under(u, "twilio.com")
}

// isStore reports whether an address is where Twilio keeps media.
func isStore(u *url.URL) bool {
	return u.Scheme == "https" && u.Port() == "" && u.User == nil && under(u, "twilio.com", "twiliocdn.com", "amazonaws.com")
}

func under(u *url.URL, domains ...string) bool {
	host := strings.ToLower(u.Hostname())
	return slices.ContainsFunc(domains, func(d string) bool { return strings.HasSuffix(host, "."+d) })
}

func isLoopback(u *url.URL) bool {
	ip, err := netip.ParseAddr(u.Hostname())
	return err == nil && ip.IsLoopback() || u.Hostname() == "localhost"
}

// mediaDialer refuses private addresses, so that no name that a strange redirect leads to opens
// our own network. It cannot look where a proxy makes the connections, and must not where the
// carrier itself is on this machine.
func (c *Client) mediaDialer(timeout time.Duration) *net.Dialer {
	d := &net.Dialer{Timeout: timeout}
	base, err := url.Parse(c.base)
	if err != nil || isLoopback(base) {
		return d
	}
	if proxy, err := http.ProxyFromEnvironment(&http.Request{URL: base}); err == nil && proxy != nil {
		return d
	}
	d.Control = func(_, address string, _ syscall.RawConn) error { return refusePrivate(address) }
	return d
}

func refusePrivate(address string) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	ip := a.Addr().Unmap()
	if !carrier.Public(ip) {
		return fmt.Errorf("%s is a private address", ip)
	}
	return nil
}
