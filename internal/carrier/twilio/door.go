// Package twilio speaks Twilio's protocol: it checks and reads the requests that Twilio sends
// (Door), writes TwiML, sends texts and reads Twilio's lists (Client). It refuses to decide
// anything, to keep anything, and to send a request twice: what follows from what it reports is
// the engine's business. Facts about Twilio come from CARRIERS.md section 2 unless a comment
// names another source.
package twilio

import (
	"rebound"
	"rebound/internal/carrier"
)

// Door is the side of one connection where Twilio calls in. It is safe for concurrent use.
//
// The body given to its methods is the request's raw body; of a GET request, where Twilio puts
// the parameters into the address, it is the raw query.
type Door struct {
	connection rebound.ConnectionID
	token      []byte // the account's primary auth token: API keys never sign
}

var _ carrier.Door = (*Door)(nil)

// NewDoor makes the door of a connection. Without an auth token it refuses every request.
func NewDoor(conn rebound.Connection, s Secrets) *Door {
	return &Door{connection: conn.ID, token: []byte(s.AuthToken)}
}
