package twilio

// NewTransport is the transport of production, for a test that must add a certificate to it.
var NewTransport = newTransport

// RefusePrivate is the guard of Fetch's dialer.
var RefusePrivate = refusePrivate
