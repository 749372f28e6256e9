package rebound

import (
	"errors"
	"fmt"
)

// Kind sorts errors by what the other side can do about them.
type Kind string

const (
	Invalid     Kind = "invalid"     // the input is wrong; the message says how to mend it
	NotFound    Kind = "not_found"   // no such thing, or not yours: the two are never told apart
	Forbidden   Kind = "forbidden"   // known, but not allowed
	Conflict    Kind = "conflict"    // somebody else was first; look again
	Unavailable Kind = "unavailable" // try again later
)

// Error is an error with a meaning for the other side. Everything else is logged with a reference
// and shown as "Something went wrong" with the same reference.
type Error struct {
	Kind    Kind
	Code    string // stable and documented: "R1042"
	Message string // one sentence that says what to do
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error.
func Errorf(kind Kind, code, format string, args ...any) error {
	return &Error{Kind: kind, Code: code, Message: fmt.Sprintf(format, args...)}
}

// ErrStale says that an event came twice, late or out of order and changes nothing. It is success.
var ErrStale = errors.New("stale: nothing changes")

// ErrorKind returns the kind of the first Error in err's chain, or "".
func ErrorKind(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}
