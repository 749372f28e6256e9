// Package fake is a phone network in one process: handsets that call, ring, accept, decline, let
// ring out, hang up at any stage, leave voicemails and text. It is a real driver, for tests, the
// demo, and the phone simulator: Rebound is connected to it as to any carrier.
//
// It speaks in two ways. [Network.Connect] and [Network.Carrier] hand calls and texts over in
// Rebound's own words. [Network.Twilio] speaks Twilio's HTTP: its REST API, documents and signed
// webhooks, as a stranger would, sharing no code with the package that it tests.
//
// It refuses to know anything of Rebound's rules, and to be clever: it does what it is told,
// strictly, and complains about what a real network would complain about. All waiting is on
// channels and timers, so it runs in a [testing/synctest] bubble as well as in real time.
package fake

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"rebound/internal/phone"
)

// Options of a network. The zero value is a good choice.
type Options struct {
	Log  *slog.Logger     // nil: silent
	Now  func() time.Time // stamps what happens; nil: time.Now
	Seed uint64           // ids follow from it and from the order of events; 0: other ids each time
}

// Network is the switchboard between handsets and lines. Its methods, and those of everything it
// returns, are safe for concurrent use.
type Network struct {
	log *slog.Logger
	now func() time.Time

	ctx     context.Context // done when the network closes
	stop    context.CancelFunc
	running sync.WaitGroup

	hooking   sync.Mutex // one run of intercept at a time
	intercept func(Webhook) []Webhook

	mu       sync.Mutex // guards all that follows, and the insides of phones, calls, legs, and books
	shut     bool
	seed     [32]byte
	made     uint64 // ids
	phones   map[phone.Number]*Phone
	lines    map[phone.Number]line
	natives  map[nativeID]*native
	sounds   map[string]*Recording
	pictures map[string]Picture
	blocked  map[pair]bool // from a line to somebody who opted out at the carrier
	counts   map[counted]int
	revision uint64
	changed  chan struct{} // closed at the next change; nil: nobody waits for it
	habits   Habits
	faults   faults
}

// line is what stands behind a number that belongs to a business: one of the two ways to speak.
type line interface {
	call(*Call)             // follows the call to its end
	text(*message, *teller) // hands an inbound text over, in the teller's order
	books() *book           // the account's texts and calls
	ids() idPrefixes
}

// idPrefixes tell the kinds of ids apart, as carriers do.
type idPrefixes struct{ call, leg, recording, text, pictured, picture string }

// New returns a network without phones or lines. The caller closes it.
func New(o Options) *Network {
	n := &Network{
		log: o.Log, now: o.Now,
		phones: map[phone.Number]*Phone{}, lines: map[phone.Number]line{}, natives: map[nativeID]*native{},
		sounds: map[string]*Recording{}, pictures: map[string]Picture{},
		blocked: map[pair]bool{}, counts: map[counted]int{},
	}
	if n.log == nil {
		n.log = slog.New(slog.DiscardHandler)
	}
	if n.now == nil {
		n.now = time.Now
	}
	if o.Seed != 0 {
		binary.BigEndian.PutUint64(n.seed[:], o.Seed)
	} else {
		rand.Read(n.seed[:])
	}
	n.ctx, n.stop = context.WithCancel(context.Background())
	return n
}

// Close cuts every call and waits until all that the network started has ended.
func (n *Network) Close() {
	n.mu.Lock()
	n.shut = true
	n.mu.Unlock()
	n.stop()
	n.running.Wait()
}

// Phone returns the handset with a number. It exists as soon as it is asked for or rung, and lets
// ring until it is told otherwise.
func (n *Network) Phone(number phone.Number) *Phone {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.phones[number]
	if p == nil {
		p = &Phone{Number: number, net: n, manner: manner{key: "1", talk: time.Minute}}
		n.phones[number] = p
	}
	return p
}

// Revision counts the changes that somebody could see on a handset or a call.
func (n *Network) Revision() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.revision
}

// Changed returns a channel that is closed once the revision is past since.
func (n *Network) Changed(since uint64) <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.revision > since {
		c := make(chan struct{})
		close(c)
		return c
	}
	if n.changed == nil {
		n.changed = make(chan struct{})
	}
	return n.changed
}

// touch notes a change; n.mu is held.
func (n *Network) touch() {
	n.revision++
	if n.changed != nil {
		close(n.changed)
		n.changed = nil
	}
}

// await returns true once ready, which is called with n.mu held, does; false when ctx is done or
// the network closes first.
func (n *Network) await(ctx context.Context, ready func() bool) bool {
	for {
		n.mu.Lock()
		ok, since := ready(), n.revision
		n.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-n.Changed(since):
		case <-ctx.Done():
			return false
		case <-n.ctx.Done():
			return false
		}
	}
}

// spawn runs f beside the caller; Close waits for it. After Close it does not, and returns false.
func (n *Network) spawn(f func()) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.shut {
		n.running.Go(f)
	}
	return !n.shut
}

// sleep waits, and reports whether the network is still open.
func (n *Network) sleep(d time.Duration) bool { return pause(n.ctx, d) }

// pause waits for d, and reports whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// id makes an identifier: the prefix and 32 hexadecimal digits.
func (n *Network) id(prefix string) string {
	n.mu.Lock()
	n.made++
	from := binary.BigEndian.AppendUint64(n.seed[:len(n.seed):len(n.seed)], n.made)
	n.mu.Unlock()
	sum := sha256.Sum256(from)
	return prefix + hex.EncodeToString(sum[:16])
}
