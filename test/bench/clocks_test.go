package bench

import (
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

const (
	sleeping = 1_000_000
	together = 100_000 // due in one second
	rung     = 2       // of the default policy: half an hour after the caller began to wait, the team
)

// BenchmarkClocks measures what a million waiting callers cost whose clocks sleep, and then, with them there, how long
// it takes to decide what a hundred thousand clocks ask for that are due in the same second, while calls are missed.
func BenchmarkClocks(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		carrier, address := openCarrier(b)
		p := settle(b, fresh, address, town)
		describe(b, p)
		begun := time.Now()
		wait(b, p, 0, sleeping, func(i int) time.Time { return begun.Add(20*time.Minute + time.Duration(i)*time.Millisecond) })
		b.Logf("%d waiting callers written in %.0f s", sleeping, time.Since(begun).Seconds())

		begun = time.Now()
		server := p.Serve(b)
		if err := openPhones(server).ended(0)(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "start-ms")
		carrier.caughtUp(b, 2*town)
		time.Sleep(5 * time.Second)
		const watched = 60 * time.Second // one look of the auditor's is in it
		before := cpu(b, server.PID())
		time.Sleep(watched)
		b.ReportMetric(100*(cpu(b, server.PID())-before).Seconds()/watched.Seconds(), "idle-cpu-%")
		b.ReportMetric(megabytes(b, server.PID(), "VmRSS"), "idle-rss-MB")
		server.Stop(b)

		due := time.Now().Add(45 * time.Second)
		wait(b, p, sleeping, together, func(int) time.Time { return due })
		if late := time.Since(due); late > 0 {
			b.Fatalf("they were written %s too late to be due in one second", late)
		}
		w := &world{b: b, server: p.Serve(b), carrier: carrier, next: 2} // the first called above
		w.phones = openPhones(w.server)
		w.storm(p, due)
	})
}

// storm lets calls be missed from shortly before clocks are due until all have been decided.
func (w *world) storm(p *reboundtest.Program, due time.Time) {
	driver, address := p.Database()
	db, err := sql.Open(driver, address)
	if err != nil {
		w.b.Fatal(err)
	}
	defer db.Close()
	time.Sleep(time.Until(due.Add(-5 * time.Second)))
	var decided time.Duration
	left := together
	var watching sync.WaitGroup
	watching.Go(func() {
		for ; left > 0 && time.Since(due) < 5*time.Minute; time.Sleep(250 * time.Millisecond) {
			// What is decided is due an hour and a half later, and the sleepers' time is minutes away.
			err := db.QueryRow(`select count(*) from recoveries where due_at < $1`, due.Add(5*time.Minute).UnixMicro()).Scan(&left)
			if err != nil {
				w.b.Error(err)
				return
			}
			decided = time.Since(due)
		}
	})
	const perSecond = 20
	before := cpu(w.b, w.server.PID())
	calls := w.missed(perSecond, time.Minute)
	watching.Wait()
	if left > 0 {
		w.b.Errorf("%d clocks are not decided after %.0f s", left, decided.Seconds())
	}
	w.b.ReportMetric(decided.Seconds(), "all-decided-s")
	w.b.ReportMetric((cpu(w.b, w.server.PID()) - before).Seconds(), "cpu-s")
	w.b.ReportMetric(megabytes(w.b, w.server.PID(), "VmRSS"), "rss-MB")
	calls.report(w.b)
	w.b.ReportMetric(float64(w.carrier.told()), "alert-texts")
}

// wait writes callers who wait, from the given one on, each with the instant at which the policy's rung is due.
func wait(b *testing.B, p *reboundtest.Program, from, count int, due func(i int) time.Time) {
	b.Helper()
	s, err := store.Open(b.Context(), p.Store())
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const atOnce = 2000
	for first := from; first < from+count; first += atOnce {
		err := s.Write(b.Context(), func(tx *store.Tx) error {
			for i := first; i < min(first+atOnce, from+count); i++ {
				if err := waitOne(b, tx, i, due(i-from)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func waitOne(b *testing.B, tx *store.Tx, i int, due time.Time) error {
	since := due.Add(-30 * time.Minute)
	mine := tx.For(rebound.BusinessID(business(i % town)))
	contact := rebound.Contact{
		ID: rebound.ContactID(store.NewID(since)), Number: fmt.Sprintf("+1303%07d", 2_000_000+i), Raw: fmt.Sprintf("+1303%07d", 2_000_000+i),
		Last: "Can you come today?", LastAt: since, LastKind: "text_in", Unread: true,
	}
	if err := mine.AddContact(b.Context(), contact); err != nil {
		return err
	}
	return mine.AddRecovery(b.Context(), rebound.Recovery{
		ID: rebound.RecoveryID(store.NewID(since)), Contact: contact.ID, Line: "first", State: rebound.RecoveryWaiting, Why: rebound.WaitReply,
		Misses: 1, Texts: 1, OpenedAt: since.Add(-time.Minute), TextedAt: since.Add(-time.Minute), WaitSince: since, PolicyStep: rung, DueAt: due,
	}, since)
}
