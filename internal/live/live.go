// Package live tells open browsers that something changed.
//
// It carries no content: a change is a contact's id, and whoever is told reads the rows again. It refuses
// to remember for long: what a browser may have missed and the hub no longer knows becomes "send everything
// again". A publisher never waits for a browser.
package live

import (
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"sync"

	"rebound"
)

// Bounds of what a Hub keeps, whatever happens.
const (
	remembered    = 4096 // latest changes, of all businesses, for browsers that come back
	pendingMost   = 64   // contacts that wait in one subscription; one more becomes "everything"
	subscribeMost = 5000 // subscriptions at once
)

// Hub passes changes of this process, and those of other nodes that the app hands to it, to this process's
// subscriptions. Its methods may be called from any goroutine and never block on a subscriber.
type Hub struct {
	mu     sync.Mutex
	epoch  string   // tells this hub's ids from those of another node or of an earlier start
	last   uint64   // id of the latest change
	log    []change // a ring: change n is at n % remembered
	forgot uint64   // changes up to this one are not in log, or were not told
	subs   map[rebound.BusinessID]map[*Subscription]struct{}
	count  int
	closed bool
}

type change struct {
	business rebound.BusinessID
	contact  rebound.ContactID
}

// New returns a hub that nobody listens to yet.
func New() *Hub {
	return &Hub{
		epoch: strings.ToLower(rand.Text()[:8]),
		log:   make([]change, remembered),
		subs:  make(map[rebound.BusinessID]map[*Subscription]struct{}),
	}
}

// Publish says that something about a contact changed, after the change was committed. An empty contact
// means the business itself: its pages are sent again whole.
func (h *Hub) Publish(b rebound.BusinessID, c rebound.ContactID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.log[h.last%remembered] = change{b, c}
	if h.last > remembered {
		h.forgot = max(h.forgot, h.last-remembered)
	}
	for s := range h.subs[b] {
		s.add(c)
	}
}

// PublishAll says that anything may have changed, for example because the connection on which other nodes
// notify was lost.
func (h *Hub) PublishAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.forgot = h.last
	for _, subs := range h.subs {
		for s := range subs {
			s.add("")
		}
	}
}

// Mark returns the id of the latest change. Who takes a mark first and reads the rows then may show the
// rows and subscribe from the mark: nothing in between is lost.
func (h *Hub) Mark() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.id()
}

func (h *Hub) id() string { return h.epoch + "-" + strconv.FormatUint(h.last, 10) }

// Subscribe begins to tell about one business's changes after the one that since names: a mark, or the id
// of earlier news. A since that this hub does not know begins with news of everything. The caller closes
// the subscription. The error is a rebound.Error of the kind Unavailable: there are too many, or the hub is closed.
func (h *Hub) Subscribe(b rebound.BusinessID, since string) (*Subscription, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.count >= subscribeMost {
		return nil, rebound.Errorf(rebound.Unavailable, "R1601", "Live updates are not available right now. Reload the page to see what is new.")
	}
	wake := make(chan struct{}, 1)
	s := &Subscription{C: wake, wake: wake, hub: h, business: b}
	h.replay(s, since)
	if h.subs[b] == nil {
		h.subs[b] = make(map[*Subscription]struct{})
	}
	h.subs[b][s] = struct{}{}
	h.count++
	return s, nil
}

// replay puts what happened after since into s.
func (h *Hub) replay(s *Subscription, since string) {
	epoch, number, _ := strings.Cut(since, "-")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil || epoch != h.epoch || n > h.last || n < h.forgot {
		s.add("")
		return
	}
	for n++; n <= h.last; n++ {
		if c := h.log[n%remembered]; c.business == s.business {
			s.add(c.contact)
		}
	}
}

// Close ends all subscriptions, now and in future. It does not wait for their readers.
func (h *Hub) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, subs := range h.subs {
		for s := range subs {
			h.drop(s)
		}
	}
}

// drop forgets s and closes its channel, once.
func (h *Hub) drop(s *Subscription) {
	subs := h.subs[s.business]
	if _, open := subs[s]; !open {
		return
	}
	close(s.wake)
	delete(subs, s)
	h.count--
	if len(subs) == 0 {
		delete(h.subs, s.business)
	}
}

// Subscription is one open page's share of the news. One goroutine reads it.
type Subscription struct {
	// C receives when there is news to take. It is closed when the hub or the subscription is.
	C <-chan struct{}

	wake     chan struct{}
	hub      *Hub
	business rebound.BusinessID
	contacts []rebound.ContactID // not taken yet, each once
	all      bool                // instead of contacts
}

// News is what changed since the last Take.
type News struct {
	ID       string              // names this state to Subscribe
	Contacts []rebound.ContactID // each once, in the order of their first change
	All      bool                // more changed than is known: send everything again
}

// Empty reports whether nothing changed.
func (n News) Empty() bool { return !n.All && len(n.Contacts) == 0 }

// Take returns what changed since the last Take, perhaps nothing. Rows read afterwards hold all of it.
func (s *Subscription) Take() News {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	n := News{ID: s.hub.id(), Contacts: s.contacts, All: s.all}
	s.contacts, s.all = nil, false
	return n
}

// Close ends the subscription.
func (s *Subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	s.hub.drop(s)
}

// add notes one change; the hub is locked.
func (s *Subscription) add(c rebound.ContactID) {
	switch {
	case s.all:
	case c == "" || len(s.contacts) == pendingMost && !slices.Contains(s.contacts, c):
		s.contacts, s.all = nil, true
	case !slices.Contains(s.contacts, c):
		s.contacts = append(s.contacts, c)
	}
	select {
	case s.wake <- struct{}{}:
	default: // it has been woken and has not taken yet
	}
}
