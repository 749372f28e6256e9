package notify

import (
	"crypto/x509"
	"net/http"
)

var MayDial = mayDial

// Trust makes the client trust a test's own certificates.
func (o *Outbound) Trust(roots *x509.CertPool) *Outbound {
	transport := o.client.Transport.(*http.Transport)
	transport.TLSClientConfig.RootCAs = roots
	return o
}
