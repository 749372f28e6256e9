package fake

import (
	"time"
)

// Habits are what real networks leave open, or do differently from each other. The zero value is
// the most usual behaviour; a careful test tries the others too.
type Habits struct {
	// SilentHangup: when the caller hangs up while phones ring or during the talk, the ring step's
	// end is not reported; only the legs' ends and the call's own status are.
	SilentHangup bool
	// UnacceptedIsNoAnswer: a ring step in which somebody picked up and nobody accepted is reported
	// as no-answer; otherwise as completed and not bridged.
	UnacceptedIsNoAnswer bool
	// DeclineIsNoAnswer: a declined leg is reported as no-answer; otherwise as busy.
	DeclineIsNoAnswer bool
	// PickUpSilences: the other phones stop ringing when one is picked up; otherwise when one accepts.
	PickUpSilences bool
	// EmptyRecordingTold: a caller who hangs up at the tone is reported with a recording of no
	// length; otherwise there is no word of it, as of any empty recording.
	EmptyRecordingTold bool
	// NoReceipts: nothing is told about texts after they were taken. They still arrive.
	NoReceipts bool
}

// Habits returns the network's present habits.
func (n *Network) Habits() Habits {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.habits
}

// Behave sets the network's habits.
func (n *Network) Behave(h Habits) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.habits = h
}

// SendFault is what goes wrong with one request to send a text or to make a call. The zero value is: nothing.
type SendFault struct {
	fate       fate
	taken      bool // the text is on its way all the same
	code       string
	status     int
	retryAfter time.Duration
	wait       time.Duration // before the answer
}

type fate int

const (
	noFault fate = iota
	refused
	hung
	garbled
	cut
	unconnected
)

// Refuse answers with a carrier's error code and an HTTP status, such as 21610 and 400.
func Refuse(code string, status int) SendFault {
	return SendFault{fate: refused, code: code, status: status}
}

// RateLimit answers 429; the request is not processed. An after of 0 leaves Retry-After out.
func RateLimit(after time.Duration) SendFault {
	return SendFault{fate: refused, code: "20429", status: 429, retryAfter: after}
}

// Break answers with a server's error, such as 503, after or without having taken the text.
func Break(status int, taken bool) SendFault {
	return SendFault{fate: refused, code: "20503", status: status, taken: taken}
}

// Hang never answers.
func Hang(taken bool) SendFault { return SendFault{fate: hung, taken: taken} }

// Late takes the text and answers as usual, only that much later: its receipts may come first.
func Late(after time.Duration) SendFault { return SendFault{wait: after} }

// Garble answers with success and a body that means nothing.
func Garble(taken bool) SendFault { return SendFault{fate: garbled, taken: taken} }

// Cut closes the connection instead of answering; when the text was taken, in the middle of the answer.
func Cut(taken bool) SendFault { return SendFault{fate: cut, taken: taken} }

// Unconnected lets no connection come about: nothing of the request arrives. A listener cannot do
// that, nor can EachSend: there it is Cut(false). Use [Twilio.Transport] and NextSends.
func Unconnected() SendFault { return SendFault{fate: unconnected} }

// faults are the troubles that are ordered; guarded by the network's mu.
type faults struct {
	next  []SendFault
	dials []SendFault
	each  func(Text) SendFault
	lag   time.Duration
	lists bool // down
}

// NextSends makes the next requests to send a text go wrong, one fault each, in order.
func (n *Network) NextSends(f ...SendFault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.next = append(n.faults.next, f...)
}

// NextDials is NextSends for requests to make a call.
func (n *Network) NextDials(f ...SendFault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.dials = append(n.faults.dials, f...)
}

// dialFault returns, and uses up, what goes wrong with the next request to make a call.
func (n *Network) dialFault() SendFault {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.faults.dials) == 0 {
		return SendFault{}
	}
	f := n.faults.dials[0]
	n.faults.dials = n.faults.dials[1:]
	return f
}

// EachSend asks f about each request to send a text that NextSends does not cover; nil stops it.
// f must be safe for concurrent use.
func (n *Network) EachSend(f func(Text) SendFault) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.each = f
}

// ListLag hides texts and calls from the carrier's lists for a while after they began.
func (n *Network) ListLag(d time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.lag = d
}

// ListsDown makes the carrier's lists and logs unavailable, or available again.
func (n *Network) ListsDown(down bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.faults.lists = down
}

// fault returns what goes wrong with a request to send t.
func (n *Network) fault(t Text) SendFault {
	n.mu.Lock()
	each := n.faults.each
	if len(n.faults.next) > 0 {
		f := n.faults.next[0]
		n.faults.next = n.faults.next[1:]
		n.mu.Unlock()
		return f
	}
	n.mu.Unlock()
	if each == nil {
		return SendFault{}
	}
	return each(t)
}

// unconnects reports, and uses up, that the next request of a kind finds no connection.
func (n *Network) unconnects(next *[]SendFault) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(*next) == 0 || (*next)[0].fate != unconnected {
		return false
	}
	*next = (*next)[1:]
	return true
}

// listed reports whether the lists are up, and the instant up to which they are complete.
func (n *Network) listed() (upTo time.Time, up bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.now().Add(-n.faults.lag), !n.faults.lists
}
