package smoke

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// kills is how often the server dies on each database; REBOUND_TEST_KILLS sets it.
func kills(t *testing.T) int {
	text := os.Getenv("REBOUND_TEST_KILLS")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("REBOUND_TEST_KILLS: %v", err)
	}
	return n
}

// A server that dies at any moment, with a carrier that is not well either, neither forgets a caller
// nor texts one twice.
func TestKilledServersLoseNoCallAndTextNobodyTwice(t *testing.T) {
	onBoth(t, func(s *shop) {
		const perSecond = 60
		s.program.Configure(s, "listen: 127.0.0.1:0", "public_url: "+publicURL, "log_level: warn")
		s.network.EachSend(s.troubles())
		s.network.ListLag(time.Second)
		load := s.load(perSecond)
		unborn := 0
		lives := kills(s.T)
		for range lives {
			if !s.live(rand.N(5) == 0) {
				unborn++
			}
		}
		server := s.serve()
		s.network.EachSend(nil)
		callers := load.end()
		s.Logf("%d kills, %d of them before the server listened; %d missed calls, %d webhooks tried again", lives, unborn, callers, load.again)
		s.settles(callers)
		if code := server.Stop(s); code != 0 {
			s.Errorf("the last server ended with %d", code)
		}
	})
}

// live runs a server and kills it: less than a second after it began to listen, or at some moment of
// its start. It reports whether it came to listen.
func (s *shop) live(diesYoung bool) bool {
	s.Helper()
	patience := 30 * time.Second
	if diesYoung {
		patience = rand.N(300 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(s.Context(), patience)
	defer cancel()
	server := s.program.Begin(s)
	address, err := server.Listens(ctx)
	if err == nil {
		s.door.opens(address)
		time.Sleep(rand.N(900 * time.Millisecond)) // the moment of its death
	}
	server.Kill()
	s.door.opens("")
	if err != nil && !diesYoung || errors.Is(err, reboundtest.ErrEnded) {
		s.Fatalf("%v\n%s", err, s.program.Logged(2<<10))
	}
	return err == nil
}

// troubles makes the carrier answer late, badly or not at all, about every third time.
func (s *shop) troubles() func(fake.Text) fake.SendFault {
	late := func() { time.Sleep(rand.N(400 * time.Millisecond)) } // its answer; nobody waits for this to have passed
	return func(fake.Text) fake.SendFault {
		switch rand.N(40) {
		case 0:
			return fake.Cut(false)
		case 1:
			return fake.Cut(true)
		case 2:
			return fake.Hang(rand.N(2) == 0)
		case 3:
			return fake.Garble(true)
		case 4:
			return fake.Break(http.StatusServiceUnavailable, rand.N(2) == 0)
		case 5:
			return fake.RateLimit(time.Second)
		case 6, 7, 8, 9, 10, 11:
			late()
		}
		return fake.SendFault{}
	}
}

// load is callers who hang up at once, each of whom the carrier reports until it is told that the
// report was taken.
type load struct {
	shop    *shop
	stop    chan struct{}
	running sync.WaitGroup
	mu      sync.Mutex // guards what follows
	callers int
	again   int
}

// load lets so many callers call in a second until end is called.
func (s *shop) load(perSecond int) *load {
	l := &load{shop: s, stop: make(chan struct{})}
	l.running.Go(func() {
		next := time.NewTicker(time.Second / time.Duration(perSecond))
		defer next.Stop()
		for n := 0; ; n++ {
			select {
			case <-next.C:
				l.running.Go(func() { l.report(n) })
			case <-l.stop:
				return
			}
		}
	})
	return l
}

// end lets nobody call any more, waits until all are reported, and returns how many they were.
func (l *load) end() int {
	close(l.stop)
	l.running.Wait()
	return l.callers
}

// report is one caller's status callback: the same request, by the same token, until it is taken.
func (l *load) report(n int) {
	form := l.shop.missedForm(callerNumber(n), mainLine, fmt.Sprintf("CA%032x", n))
	tries := 0
	for ; ; tries++ {
		answer, err := l.shop.door.RoundTrip(l.shop.request("status", form))
		if err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				break
			}
			if answer.StatusCode/100 != 5 {
				l.shop.Errorf("caller %d: HTTP %d", n, answer.StatusCode)
				break
			}
		}
		pause := min(100*time.Millisecond<<min(tries, 5), 2*time.Second) // as the carrier likes it
		time.Sleep(pause/2 + rand.N(pause/2))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.callers++
	l.again += tries
}

// settles waits until no text is in doubt any more and checks that so many callers got one text each.
func (s *shop) settles(callers int) {
	s.Helper()
	db := s.database()
	begun := time.Now()
	s.eventually(4*time.Minute, "every text is settled", func() bool {
		return s.count(db, `select count(*) from messages where state in ('planned', 'sending', 'unknown')`) == 0
	})
	got := map[string]int{}
	for _, t := range s.network.Taken(mainLine) {
		got[string(t.To)]++
	}
	lost, doubled := 0, 0
	for n := range callers {
		switch got[callerNumber(n)] {
		case 0:
			lost++
		case 1:
		default:
			doubled++
		}
	}
	s.Logf("settled after %s: %d texts, %d lost, %d doubled; attempts: %s", time.Since(begun).Round(time.Second), len(got), lost, doubled, s.attempts())
	if lost > 0 || doubled > 0 || len(got) != callers {
		s.Errorf("%d callers: %d got texts, %d lost theirs, %d got two", callers, len(got), lost, doubled)
	}
	for _, table := range []string{"calls", "contacts", "recoveries", "messages"} {
		if n := s.count(db, `select count(*) from `+table); n != callers {
			s.Errorf("%d rows in %s for %d callers", n, table, callers)
		}
	}
	if n := s.count(db, `select count(*) from messages where carrier_id is null`); n != 0 {
		s.Errorf("%d texts ended without the carrier's word", n)
	}
}

// attempts tells how the attempts ended.
func (s *shop) attempts() string {
	s.Helper()
	rows, err := s.database().Query(`select outcome, count(*) from attempts group by outcome order by outcome`)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	said := ""
	for rows.Next() {
		var outcome string
		var n int
		if err := rows.Scan(&outcome, &n); err != nil {
			s.Fatal(err)
		}
		said += fmt.Sprintf("%d %q ", n, outcome)
	}
	if err := rows.Err(); err != nil {
		s.Fatal(err)
	}
	return said
}
