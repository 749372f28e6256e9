package carrier

import (
	"errors"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// notPublic are networks that do not belong to the internet at large, beside those that netip knows: where machines
// of one house, one provider or one cloud talk among themselves (IANA's special-purpose registries), and Azure's
// host agent. Addresses that hold an IPv4 address in them are judged by that one.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("168.63.129.16/32"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("fec0::/10"),
}

var (
	nat64  = netip.MustParsePrefix("64:ff9b::/96")
	sixTo4 = netip.MustParsePrefix("2002::/16")
)

// Public reports whether an address belongs to the internet at large, so that who typed it, or a redirect, leads to
// nothing of our own. It is to be asked when a connection is made, of the address and not of the name.
func Public(ip netip.Addr) bool {
	all := ip.As16()
	switch {
	case nat64.Contains(ip):
		return Public(netip.AddrFrom4([4]byte(all[12:])))
	case sixTo4.Contains(ip):
		return Public(netip.AddrFrom4([4]byte(all[2:6])))
	case !ip.IsGlobalUnicast() || ip.IsPrivate():
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// RetryAfter reads Retry-After, in seconds or as a date; zero: it is not said, or not readable. The date is measured by
// the answer's own Date where it has one, because clocks differ.
func RetryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	n, err := strconv.ParseUint(value, 10, 31)
	if err == nil || errors.Is(err, strconv.ErrRange) { // out of range, n is the most
		return time.Duration(n) * time.Second
	}
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}
