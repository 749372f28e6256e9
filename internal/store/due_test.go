package store_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// plan puts a row into a lane.
func plan(t testing.TB, s *store.Store, lane store.Lane, id string, due time.Time) {
	t.Helper()
	write(t, s, func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into `+string(lane)+` (business, id, due_at) values ('acme', $1, $2)`, id, due.UnixMicro())
		return err
	})
}

func claim(t testing.TB, s *store.Store, lane store.Lane, now time.Time, n int) (claims []store.Claim) {
	t.Helper()
	write(t, s, func(tx *store.Tx) (err error) {
		claims, err = tx.ClaimDue(t.Context(), lane, now, now.Add(10*time.Second), n)
		return err
	})
	return claims
}

// lease reads what stands in a row.
func lease(t testing.TB, s *store.Store, lane store.Lane, id string) (due time.Time, node string, claims int64) {
	t.Helper()
	var us int64
	err := s.Read().Row(t.Context(), `select due_at, coalesce(lease_by, ''), claims from `+string(lane)+
		` where business = 'acme' and id = $1`, id).Scan(&us, &node, &claims)
	if err != nil {
		t.Error(err)
	}
	return time.UnixMicro(us).UTC(), node, claims
}

func TestClaimTakesTheLongestDue(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		for _, lane := range store.Lanes() {
			s := open(t)
			plan(t, s, lane, "later", noon.Add(time.Second))
			plan(t, s, lane, "third", noon)
			plan(t, s, lane, "first", noon.Add(-time.Hour))
			plan(t, s, lane, "second", noon.Add(-time.Minute))
			claims := claim(t, s, lane, noon, 2)
			want := []store.Claim{
				{Business: "acme", ID: "first", Fence: 1, Due: noon.Add(-time.Hour)},
				{Business: "acme", ID: "second", Fence: 1, Due: noon.Add(-time.Minute)},
			}
			if fmt.Sprint(claims) != fmt.Sprint(want) {
				t.Errorf("%s: claimed %v, expected %v", lane, claims, want)
			}
			if due, node, n := lease(t, s, lane, "first"); !due.Equal(noon.Add(10*time.Second)) || node != s.Node() || n != 1 {
				t.Errorf("%s: the row says due %v, leased by %q, %d claims", lane, due, node, n)
			}
			if due, node, n := lease(t, s, lane, "third"); !due.Equal(noon) || node != "" || n != 0 {
				t.Errorf("%s: a row not claimed says due %v, leased by %q, %d claims", lane, due, node, n)
			}
		}
	})
}

func TestLeaseRunsOut(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		plan(t, s, store.Messages, "a", noon)
		for _, step := range []struct {
			after time.Duration
			fence int64 // 0: nothing to claim
		}{{0, 1}, {0, 0}, {9 * time.Second, 0}, {10 * time.Second, 2}, {19 * time.Second, 0}, {20 * time.Second, 3}} {
			claims := claim(t, s, store.Messages, noon.Add(step.after), 5)
			var fence int64
			if len(claims) == 1 {
				fence = claims[0].Fence
			}
			if fence != step.fence {
				t.Errorf("after %v: claimed %v, expected fence %d", step.after, claims, step.fence)
			}
		}
	})
}

func TestNextDue(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		if next, err := s.NextDue(t.Context(), store.Calls); err != nil || !next.IsZero() {
			t.Errorf("nothing due: %v, %v", next, err)
		}
		plan(t, s, store.Calls, "a", noon.Add(time.Hour))
		plan(t, s, store.Calls, "b", noon)
		if next, err := s.NextDue(t.Context(), store.Calls); err != nil || !next.Equal(noon) {
			t.Errorf("next %v, %v", next, err)
		}
		claim(t, s, store.Calls, noon, 1)
		if next, err := s.NextDue(t.Context(), store.Calls); err != nil || !next.Equal(noon.Add(10*time.Second)) {
			t.Errorf("next after the claim %v, %v", next, err)
		}
	})
}

func TestLanesAreAClosedList(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		s := open(t)
		const bad = store.Lane("things; drop table things")
		if _, err := s.NextDue(t.Context(), bad); err == nil {
			t.Error("next due: no error")
		}
		err := s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.ClaimDue(t.Context(), bad, noon, noon, 1)
			return err
		})
		if err == nil {
			t.Error("claim: no error")
		}
		err = s.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.FreeLeases(t.Context(), bad, noon, func(string) bool { return true })
			return err
		})
		if err == nil {
			t.Error("free leases: no error")
		}
	})
}

func TestNoRowGoesToTwo(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		const rows, claimers = 300, 8
		o := fresh(t)
		nodes := []*store.Store{open(t, o)}
		migrate(t, nodes[0])
		if o.Postgres != "" {
			nodes = append(nodes, open(t, o))
		}
		write(t, nodes[0], func(tx *store.Tx) error {
			for i := range rows {
				_, err := tx.Exec(t.Context(), `insert into recoveries (business, id, due_at) values ($1, $2, $3)`,
					fmt.Sprint(i%7), fmt.Sprint(i), noon.UnixMicro())
				if err != nil {
					return err
				}
			}
			return nil
		})
		var mu sync.Mutex
		taken := map[string]int{}
		var wg sync.WaitGroup
		for i := range claimers {
			wg.Go(func() {
				for {
					claims := claim(t, nodes[i%len(nodes)], store.Recoveries, noon, store.ClaimsTogether+1+i)
					mu.Lock()
					for _, c := range claims {
						taken[string(c.Business)+"/"+c.ID]++
					}
					done := len(taken) == rows || t.Failed()
					mu.Unlock()
					if done || len(claims) == 0 && len(nodes) == 1 {
						return
					}
				}
			})
		}
		wg.Wait()
		for id, n := range taken {
			if n != 1 {
				t.Errorf("%s was claimed %d times", id, n)
			}
		}
		if len(taken) != rows {
			t.Errorf("%d rows claimed, expected %d", len(taken), rows)
		}
	})
}

// freeAll frees the leases of dead nodes in a lane, as the engine does.
func freeAll(t testing.TB, s *store.Store, lane store.Lane, now time.Time) (freed int64) {
	t.Helper()
	dead, err := s.DeadNodes(t.Context(), now)
	if err != nil {
		t.Error(err)
		return 0
	}
	write(t, s, func(tx *store.Tx) (err error) {
		freed, err = tx.FreeLeases(t.Context(), lane, now, dead)
		return err
	})
	return freed
}

func TestLeasesOfADeadNodeAreFreed(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		o := fresh(t)
		first := open(t, o)
		migrate(t, first)
		plan(t, first, store.Messages, "a", noon.Add(-time.Minute))
		plan(t, first, store.Messages, "not claimed", noon.Add(time.Hour))
		claim(t, first, store.Messages, noon, 1)
		now := noon.Add(time.Second)

		var second *store.Store
		if o.Postgres != "" { // on SQLite there is no second while the first lives
			second = open(t, o)
			if n := freeAll(t, second, store.Messages, now); n != 0 {
				t.Errorf("freed %d leases of a living node", n)
			}
		}
		if n := freeAll(t, first, store.Messages, now); n != 0 {
			t.Errorf("a node freed %d leases of its own", n)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		if second == nil {
			second = open(t, o)
		}
		if n := freeAll(t, second, store.Messages, now); n != 1 {
			t.Errorf("freed %d leases, expected 1", n)
		}
		if due, node, n := lease(t, second, store.Messages, "a"); !due.Equal(now) || node != "" || n != 1 {
			t.Errorf("the row says due %v, leased by %q, %d claims", due, node, n)
		}
		if due, _, _ := lease(t, second, store.Messages, "not claimed"); !due.Equal(noon.Add(time.Hour)) {
			t.Errorf("a row that nobody held is due %v", due)
		}
		if claims := claim(t, second, store.Messages, now, 5); len(claims) != 1 || claims[0].Fence != 2 {
			t.Errorf("claimed %v", claims)
		}
	})
}

func TestNodesHaveNamesOfTheirOwn(t *testing.T) {
	o := reboundtest.Postgres(t)
	o.Node = "one"
	first := open(t, o)
	if _, err := store.Open(t.Context(), o); err == nil {
		t.Error("two nodes have one name")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, o) // the name is free again
	other := reboundtest.Postgres(t)
	other.Node = "one"
	open(t, other) // another installation in the same database
}

// A node whose guard connection breaks is still there: it takes its lock again before it judges others.
func TestGuardComesBack(t *testing.T) {
	o := reboundtest.Postgres(t)
	first, second := open(t, o), open(t, o)
	migrate(t, first)
	plan(t, first, store.Media, "a", noon)
	claim(t, first, store.Media, noon, 1)
	first.BreakGuard(t.Context())
	if _, err := first.DeadNodes(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if n := freeAll(t, second, store.Media, noon); n != 0 {
		t.Errorf("freed %d leases of a living node", n)
	}
}

func TestLeasesInVirtualTime(t *testing.T) {
	stores(t, func(t *testing.T, open func(t testing.TB) *store.Store) {
		synctest.Test(t, func(t *testing.T) {
			s := open(t)
			plan(t, s, store.Calls, "a", time.Now().Add(time.Hour))
			if claims := claim(t, s, store.Calls, time.Now(), 1); len(claims) != 0 {
				t.Errorf("claimed %v an hour early", claims)
			}
			next, err := s.NextDue(t.Context(), store.Calls)
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Until(next))
			if claims := claim(t, s, store.Calls, time.Now(), 1); len(claims) != 1 || claims[0].Business != rebound.BusinessID("acme") {
				t.Errorf("claimed %v", claims)
			}
		})
	})
}
