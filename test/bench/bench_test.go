// Package bench measures the built program from outside: a process of its own, over loopback HTTP,
// with signed webhooks. The callers and the carrier are in the benchmark's process, on the same
// cores. It refuses to fail over a figure: docs/benchmarks.md says what the figures should be.
package bench

import (
	"os"
	"runtime/debug"
	"testing"
	"time"

	"rebound/internal/reboundtest"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the callers' memory is not what is measured, and shares the cores
	os.Exit(reboundtest.WithProgram(m))
}

// onBoth runs a benchmark on both databases. What it reports are its own figures, not the time that
// it takes itself.
func onBoth(b *testing.B, fn func(b *testing.B, fresh reboundtest.Database)) {
	for _, d := range []struct {
		name  string
		fresh reboundtest.Database
	}{{"sqlite", reboundtest.SQLite}, {"postgres", reboundtest.Postgres}} {
		b.Run(d.name, func(b *testing.B) {
			fn(b, d.fresh)
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkMissedCallToText lets 100 missed calls come in a second, each told by one webhook, and
// measures the time until the request for the text is at the carrier.
func BenchmarkMissedCallToText(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		const perSecond, warmUp, seconds = 100, 5, 30
		w := begin(b, fresh)
		w.missed(perSecond, warmUp*time.Second)
		before := cpu(b, w.server.PID())
		o := w.missed(perSecond, seconds*time.Second)
		w.reportUse(perSecond*seconds, before)
		o.report(b)
	})
}

// BenchmarkMostMissedCalls looks for the highest rate of missed calls that is kept up: each caller's
// text at the carrier, 99 of 100 within a quarter of a second. A rate that is beyond it builds a queue
// that soon takes longer.
func BenchmarkMostMissedCalls(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		w := begin(b, fresh)
		w.missed(200, 2*town/200*time.Second) // each line once: what businesses have declared is read at the first call
		keeps := func(perSecond float64, d time.Duration) (*outcome, bool) {
			o := w.missed(perSecond, d)
			kept := o.refused == 0 && o.lost == 0 && o.texted.milliseconds(0.99) <= 250
			b.Logf("%.0f calls/s for %s: p50 %.1f ms, p99 %.1f ms, %d refused, %d lost: kept up: %v", perSecond, d,
				o.texted.milliseconds(0.5), o.texted.milliseconds(0.99), o.refused, o.lost, kept)
			return o, kept
		}
		kept, failed := 200.0, 0.0
		for failed == 0 || failed/kept > 1.08 {
			rate := kept * 1.5
			if failed > 0 {
				rate = (kept + failed) / 2
			}
			if _, ok := keeps(rate, 5*time.Second); ok {
				kept = rate
			} else {
				failed = rate
			}
		}
		const held = 15 * time.Second
		for ; ; kept *= 0.95 { // what went well for five seconds must do so for longer
			before := cpu(b, w.server.PID())
			o, ok := keeps(kept, held)
			if !ok && kept > 100 {
				continue
			}
			w.reportUse(int(kept*held.Seconds()), before)
			o.report(b)
			b.ReportMetric(kept, "calls/s")
			return
		}
	})
}

// BenchmarkCallThatRingsOut lets 100 calls come in a second that ring out: the voice webhook, the report that
// nobody accepted, and the caller's hanging up at the tone. It measures how long each is waited for.
func BenchmarkCallThatRingsOut(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		const perSecond, warmUp, seconds = 100, 5, 30
		w := begin(b, fresh)
		w.rungOut(perSecond, warmUp*time.Second)
		before := cpu(b, w.server.PID())
		o := w.rungOut(perSecond, seconds*time.Second)
		w.reportUse(perSecond*seconds, before)
		o.report(b)
	})
}

// BenchmarkStart measures the time from the start of the process to the answer to the first webhook, on
// a database that is there, and on none.
func BenchmarkStart(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		_, address := openCarrier(b)
		empty := reboundtest.NewProgram(b, fresh)
		empty.Configure(b, "listen: 127.0.0.1:0", "public_url: "+publicURL)
		begun := time.Now()
		empty.Serve(b).Stop(b)
		b.ReportMetric(float64(time.Since(begun).Milliseconds()), "first-start-and-stop-ms")

		p := settle(b, fresh, address, 1)
		describe(b, p)
		var took latencies
		for n := range 20 {
			begun := time.Now()
			server := p.Serve(b)
			if err := openPhones(server).ended(n * 2 * town)(); err != nil { // all call the first business
				b.Fatal(err)
			}
			took = append(took, time.Since(begun))
			server.Stop(b)
		}
		b.ReportMetric(took.milliseconds(0.5), "start-p50-ms")
		b.ReportMetric(took.milliseconds(1), "start-max-ms")
	})
}

// BenchmarkIdle measures what a server takes that has nothing to do, with one business and with many.
func BenchmarkIdle(b *testing.B) {
	for name, businesses := range map[string]int{"one-business": 1, "town": town} {
		b.Run(name, func(b *testing.B) {
			onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
				const watched = 20 * time.Second
				carrier, address := openCarrier(b)
				p := settle(b, fresh, address, businesses)
				describe(b, p)
				server := p.Serve(b)
				carrier.caughtUp(b, 2*businesses)
				time.Sleep(5 * time.Second) // and whatever else a start brings
				before := cpu(b, server.PID())
				time.Sleep(watched)
				used := cpu(b, server.PID()) - before
				b.ReportMetric(100*used.Seconds()/watched.Seconds(), "cpu-%")
				b.ReportMetric(megabytes(b, server.PID(), "VmRSS"), "rss-MB")
			})
		})
	}
}
