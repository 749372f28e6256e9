package live

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"rebound"
)

// take returns what s holds, and fails when it was not woken for it.
func take(t *testing.T, s *Subscription) News {
	t.Helper()
	select {
	case _, open := <-s.C:
		if !open {
			t.Fatal("the subscription is closed")
		}
	default:
		t.Fatal("nothing woke the subscription")
	}
	return s.Take()
}

func quiet(t *testing.T, s *Subscription) {
	t.Helper()
	select {
	case <-s.C:
		t.Fatalf("woken for %+v", s.Take())
	default:
	}
}

func subscribe(t *testing.T, h *Hub, b rebound.BusinessID, since string) *Subscription {
	t.Helper()
	s, err := h.Subscribe(b, since)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func contacts(of News) []rebound.ContactID { return of.Contacts }

func TestChangesReachTheBusinessOnce(t *testing.T) {
	h := New()
	acme, other := subscribe(t, h, "acme", h.Mark()), subscribe(t, h, "other", h.Mark())
	h.Publish("acme", "ann")
	h.Publish("acme", "bob")
	h.Publish("acme", "ann")

	n := take(t, acme)
	if want := []rebound.ContactID{"ann", "bob"}; !reflect.DeepEqual(contacts(n), want) || n.All {
		t.Errorf("got %+v, want each contact once: %v", n, want)
	}
	if n.Empty() || !acme.Take().Empty() {
		t.Error("news can be taken once")
	}
	if n.ID != h.Mark() {
		t.Errorf("id %q is not the latest change's %q", n.ID, h.Mark())
	}
	quiet(t, acme)
	quiet(t, other)
}

func TestComingBack(t *testing.T) {
	h := New()
	h.Publish("acme", "ann")
	seen := h.Mark()
	h.Publish("acme", "bob")
	h.Publish("other", "zoe")
	h.Publish("acme", "cy")

	if n := take(t, subscribe(t, h, "acme", seen)); n.All || !reflect.DeepEqual(contacts(n), []rebound.ContactID{"bob", "cy"}) {
		t.Errorf("known id: got %+v, want the two that were missed", n)
	}
	quiet(t, subscribe(t, h, "acme", h.Mark()))
	for _, unknown := range []string{"", "nonsense", New().Mark(), h.epoch + "-99", h.epoch + "-", h.epoch + "--1"} {
		if n := take(t, subscribe(t, h, "acme", unknown)); !n.All {
			t.Errorf("unknown id %q: got %+v, want everything", unknown, n)
		}
	}
}

func TestForgottenChangesBecomeEverything(t *testing.T) {
	h := New()
	h.Publish("acme", "ann")
	old := h.Mark()
	for range remembered {
		h.Publish("other", "zoe")
	}
	quiet(t, subscribe(t, h, "acme", old)) // the oldest change that is still known is the next one
	h.Publish("other", "zoe")
	if n := take(t, subscribe(t, h, "acme", old)); !n.All {
		t.Errorf("got %+v, want everything: the change after %s is gone", n, old)
	}

	before := h.Mark()
	h.PublishAll()
	if n := take(t, subscribe(t, h, "acme", before)); !n.All {
		t.Errorf("got %+v, want everything after PublishAll", n)
	}
	quiet(t, subscribe(t, h, "acme", h.Mark()))
}

func TestTooMuchBecomesEverything(t *testing.T) {
	h := New()
	s := subscribe(t, h, "acme", h.Mark())
	for i := range pendingMost {
		h.Publish("acme", rebound.ContactID(fmt.Sprint(i)))
	}
	h.Publish("acme", "0")
	if n := take(t, s); n.All || len(n.Contacts) != pendingMost {
		t.Fatalf("got %d contacts, all %t; want %d", len(n.Contacts), n.All, pendingMost)
	}
	for i := range pendingMost + 1 {
		h.Publish("acme", rebound.ContactID(fmt.Sprint(i)))
	}
	if n := take(t, s); !n.All || len(n.Contacts) != 0 {
		t.Errorf("got %+v, want the one mark for everything", n)
	}
	h.Publish("acme", "ann")
	if n := take(t, s); n.All || len(n.Contacts) != 1 {
		t.Errorf("got %+v, want one contact: the mark was taken", n)
	}
	h.Publish("acme", "")
	if n := take(t, s); !n.All {
		t.Errorf("got %+v, want everything: the business itself changed", n)
	}
}

func TestClosing(t *testing.T) {
	h := New()
	one, two := subscribe(t, h, "acme", h.Mark()), subscribe(t, h, "acme", h.Mark())
	one.Close()
	one.Close()
	h.Publish("acme", "ann")
	take(t, two)
	h.Close()
	for _, s := range []*Subscription{one, two} {
		if _, open := <-s.C; open {
			t.Error("a closed subscription received")
		}
	}
	h.Publish("acme", "ann")
	if _, err := h.Subscribe("acme", ""); rebound.ErrorKind(err) != rebound.Unavailable {
		t.Errorf("subscribing to a closed hub: %v, want Unavailable", err)
	}
	if h.count != 0 || len(h.subs) != 0 {
		t.Errorf("%d subscriptions of %d businesses are still known", h.count, len(h.subs))
	}
}

func TestSubscriptionsAreBounded(t *testing.T) {
	h := New()
	for range subscribeMost {
		subscribe(t, h, "acme", h.Mark())
	}
	if _, err := h.Subscribe("acme", h.Mark()); rebound.ErrorKind(err) != rebound.Unavailable {
		t.Errorf("one more than %d: %v, want Unavailable", subscribeMost, err)
	}
}

// TestNoChangeIsLost: whatever is published before a Take is in it or in a later one, seen by the race
// detector too.
func TestNoChangeIsLost(t *testing.T) {
	h := New()
	s := subscribe(t, h, "acme", h.Mark())
	const publishers, each = 8, 500
	var group sync.WaitGroup
	for p := range publishers {
		group.Go(func() {
			for range each {
				h.Publish("acme", rebound.ContactID(fmt.Sprint(p)))
			}
			h.Publish("acme", rebound.ContactID(fmt.Sprint("last of ", p)))
		})
	}
	group.Go(func() {
		seen := map[rebound.ContactID]bool{}
		for len(seen) < 2*publishers {
			<-s.C
			for _, c := range s.Take().Contacts {
				seen[c] = true
			}
		}
	})
	group.Wait()
}
