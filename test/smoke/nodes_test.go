package smoke

import (
	"testing"
	"time"

	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// Of two nodes on one database one dies with texts on their way; the other finishes them.
func TestOneNodeTakesOverFromAnother(t *testing.T) {
	t.Parallel()
	s := openShop(t, reboundtest.Postgres)
	first := s.program.Serve(t)
	second := s.program.Serve(t)

	// The carrier takes half of the texts that the first node sends, and answers none of them.
	const held = 20
	arrived := make(chan struct{}, held)
	taken := false
	hang := make(chan bool, held)
	for range held {
		hang <- taken
		taken = !taken
	}
	s.network.EachSend(func(fake.Text) fake.SendFault {
		select {
		case taken := <-hang:
			arrived <- struct{}{}
			return fake.Hang(taken)
		default:
			return fake.SendFault{}
		}
	})
	s.door.opens(first.Address())
	for n := range held {
		s.missed(n)
	}
	for range held {
		<-arrived
	}
	first.Kill()
	died := time.Now()
	s.door.opens(second.Address())
	for n := range held {
		s.missed(held + n)
	}
	s.eventually(10*time.Second, "the second node texts its own callers meanwhile", func() bool {
		return s.count(s.database(), `select count(*) from messages where state in ('queued', 'sent', 'delivered')`) >= held
	})
	s.Logf("the second node's own callers were texted %s after the first died", time.Since(died).Round(time.Millisecond))
	s.settles(2 * held)
	if code := second.Stop(t); code != 0 {
		s.Errorf("the second node ended with %d", code)
	}
}
