package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"rebound"
)

// carrierAddress is the API whose clock ours is compared with: that of the first connection at
// Twilio; empty where there is none.
func carrierAddress(declared []rebound.Declaration) string {
	const twilio = "https://api.twilio.com"
	for _, d := range declared {
		for _, c := range d.Connections {
			if c.Carrier == "twilio" {
				return cmp.Or(c.BaseURL, twilio)
			}
		}
	}
	return ""
}

// mostDrift is how wrong the clock may be. Fresh texts, quiet hours and the comparison with the
// carrier's log all hang on it.
const mostDrift = 5 * time.Second

// checkClock compares the clock with the Date of an answer of the carrier.
func (d *doctor) checkClock(ctx context.Context, address string) finding {
	if address == "" {
		return finding{"clock", minor, "not compared: there is no connection to a carrier", "run the doctor again when business.yaml is applied"}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return finding{"clock", minor, "not compared: " + err.Error(), "correct the connection's base_url"}
	}
	before := time.Now()
	answer, err := d.web.Do(req)
	after := time.Now()
	if err != nil {
		words, remedy := explainNetwork(err)
		return finding{"clock", minor, "not compared with the carrier's: " + words, remedy}
	}
	answer.Body.Close()
	date, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return finding{"clock", minor, "not compared: the carrier's answer has no date", ""}
	}
	return judgeClock(before, after, date)
}

// judgeClock says how far the clock is off for certain: the carrier's date, which has whole
// seconds, was true at some moment between before and after.
func judgeClock(before, after, date time.Time) finding {
	off := time.Duration(0)
	if early := date.Sub(after.Round(0)); early > 0 {
		off = -early
	} else if late := before.Round(0).Sub(date.Add(time.Second)); late > 0 {
		off = late
	}
	stepped := after.Round(0).Sub(before.Round(0)) - after.Sub(before)
	f := finding{Check: "clock", State: fine, Words: "agrees with the carrier's"}
	const remedy = "let the machine keep its time by NTP: timedatectl set-ntp true"
	switch {
	case off.Abs() > mostDrift:
		direction := "ahead of"
		if off < 0 {
			direction = "behind"
		}
		f.State, f.Words, f.Remedy = bad, fmt.Sprintf("%s %s the carrier's", off.Abs().Round(time.Second), direction), remedy
	case stepped.Abs() > time.Second:
		f.State, f.Words, f.Remedy = minor, fmt.Sprintf("was set by %s while the doctor looked at it", stepped.Round(time.Millisecond)), remedy
	}
	return f
}

// checkPublicURL asks the public address, as a carrier would, whether it leads to this installation.
func (d *doctor) checkPublicURL(ctx context.Context, instance string) finding {
	const check = "public address"
	if d.cfg.PublicURL == "" {
		return finding{check, bad, "not set, so carriers do not know where to call", "set public_url: https://…"}
	}
	address := d.cfg.PublicURL + "/healthz?nonce=" + url.QueryEscape(rand.Text()) // no cache has this
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return finding{check, bad, err.Error(), "correct public_url"}
	}
	answer, err := d.web.Do(req)
	if err != nil {
		words, remedy := explainNetwork(err)
		return finding{check, bad, fmt.Sprintf("%s: %s", d.cfg.PublicURL, words), remedy}
	}
	defer answer.Body.Close()
	_, _ = io.CopyN(io.Discard, answer.Body, 64<<10) // so that the connection ends in order
	return judgeAnswer(d.cfg.PublicURL, answer, instance)
}

func judgeAnswer(address string, answer *http.Response, instance string) finding {
	f := finding{Check: "public address", State: bad}
	got := answer.Header.Get("X-Rebound-Instance")
	switch {
	case got == instance && answer.StatusCode == http.StatusOK:
		f.State, f.Words = fine, address+" leads here"
	case got == instance:
		f.Words = fmt.Sprintf("%s leads here, but the server is not well (HTTP %d)", address, answer.StatusCode)
		f.Remedy = "look at the server's log"
	case got != "":
		f.Words = address + " leads to another installation of Rebound, with another database"
		f.Remedy = "run the doctor with that server's settings, or point the address here"
	case answer.StatusCode/100 == 3:
		f.Words = fmt.Sprintf("%s redirects to %s", address, answer.Header.Get("Location"))
		f.Remedy = "set public_url to the address at the end: carriers lose what they send on a redirect"
	case answer.StatusCode == http.StatusBadGateway || answer.StatusCode == http.StatusServiceUnavailable || answer.StatusCode == http.StatusGatewayTimeout:
		f.Words = fmt.Sprintf("%s is answered by a proxy that does not reach Rebound (HTTP %d)", address, answer.StatusCode)
		f.Remedy = "start rebound serve, and let the proxy forward to the address in `listen`"
	default:
		f.Words = fmt.Sprintf("%s is answered by a different server (HTTP %d, %q)", address, answer.StatusCode, answer.Header.Get("Server"))
		f.Remedy = "let the web server or proxy there forward this host name to the address in `listen`"
	}
	return f
}

// explainNetwork says what kept a request from being answered, and what to do about it.
func explainNetwork(err error) (words, remedy string) {
	var (
		dns      *net.DNSError
		unknown  x509.UnknownAuthorityError
		wrong    x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		timeout  net.Error
		wrapping *url.Error
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("the name %s is not in the DNS", dns.Name), "make an A or AAAA record for it, or correct the name; a new record can take an hour to be seen"
	case errors.As(err, &dns):
		return fmt.Sprintf("the DNS could not be asked for %s: %s", dns.Name, dns.Err), "look at this machine's network and /etc/resolv.conf"
	case errors.As(err, &unknown):
		return "its certificate comes from an authority that nobody trusts", "get one that browsers trust (Let's Encrypt, for example) and serve it with its whole chain; carriers refuse others"
	case errors.As(err, &wrong):
		return "its certificate is for another name: " + wrong.Error(), "get a certificate for this host name"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired, or this machine's clock is wrong", "renew the certificate, and let something renew it from now on"
	case errors.As(err, &invalid):
		return "its certificate is not valid: " + invalid.Error(), "get another certificate"
	case errors.As(err, &record) || isPlainHTTP(err):
		return "what answers there does not speak TLS", "put a reverse proxy with a certificate in front of Rebound, on port 443"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there (connection refused)", "start rebound serve and the proxy before it, and let the firewall pass them"
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("no answer within %s", patience), "open the port in the firewall and forward it on the router; where callers reach it and only this machine does not, the router does not lead its own address back (NAT loopback): run the doctor from elsewhere"
	case errors.As(err, &wrapping):
		return wrapping.Err.Error(), "look at the network between this machine and there"
	}
	return err.Error(), "look at the network between this machine and there"
}

// isPlainHTTP knows the words in which net/http hides a record header that is the start of HTTP.
func isPlainHTTP(err error) bool {
	var wrapping *url.Error
	return errors.As(err, &wrapping) && wrapping.Err.Error() == "http: server gave HTTP response to HTTPS client"
}
