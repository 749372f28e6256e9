// Package bench measures the built program from outside: a process of its own, over loopback HTTP,
// with signed webhooks. The load and the carrier run in the benchmark's process, on the same cores.
// It refuses to fail where a figure is bad: docs/benchmarks.md says what the figures should be.
package bench

import (
	"os"
	"testing"
	"time"

	"rebound/internal/reboundtest"
)

func TestMain(m *testing.M) { os.Exit(reboundtest.WithProgram(m)) }

// onBoth runs a benchmark on both databases. It reports what it measures itself, not the time that
// it takes.
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
// measures the time to the request for the text at the carrier.
func BenchmarkMissedCallToText(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		const perSecond, warmUp, seconds = 100, 5, 30
		carrier, address := openCarrier(b)
		p := settle(b, fresh, address)
		describe(b, p)
		server := p.Serve(b)
		phones := openPhones(server)
		run(phones, carrier, perSecond, 0, warmUp*perSecond)
		before := cpu(b, server.PID())
		o := run(phones, carrier, perSecond, warmUp*perSecond, seconds*perSecond)
		used := cpu(b, server.PID()) - before
		o.report(b)
		b.ReportMetric(float64(used.Microseconds())/1000/(seconds*perSecond), "cpu-ms/call")
		b.ReportMetric(megabytes(b, server.PID(), "VmRSS"), "rss-MB")
	})
}

// BenchmarkMostMissedCalls looks for the rate at which missed calls can come for long, each with its
// text within a quarter of a second.
func BenchmarkMostMissedCalls(b *testing.B) {
	onBoth(b, func(b *testing.B, fresh reboundtest.Database) {
		carrier, address := openCarrier(b)
		p := settle(b, fresh, address)
		describe(b, p)
		server := p.Serve(b)
		phones := openPhones(server)
		next := 0
		try := func(perSecond float64, d time.Duration) (*outcome, bool) {
			count := int(perSecond * d.Seconds())
			o := run(phones, carrier, perSecond, next, count)
			next += count
			return o, o.refused == 0 && o.lost == 0 && o.texted.milliseconds(0.99) <= 250
		}
		try(200, 5*time.Second)
		good, bad := 200.0, 0.0
		for bad == 0 || bad/good > 1.1 {
			rate := good * 1.5
			if bad > 0 {
				rate = (good + bad) / 2
			}
			o, kept := try(rate, 5*time.Second)
			b.Logf("%.0f/s for 5 s: p99 %.0f ms, %d refused, kept up: %v", rate, o.texted.milliseconds(0.99), o.refused, kept)
			if kept {
				good = rate
			} else {
				bad = rate
			}
		}
		before := cpu(b, server.PID())
		o, kept := try(good, 15*time.Second)
		used := cpu(b, server.PID()) - before
		b.Logf("%.0f/s for 15 s: kept up: %v", good, kept)
		o.report(b)
		b.ReportMetric(good, "calls/s")
		b.ReportMetric(float64(used.Microseconds())/1000/(15*good), "cpu-ms/call")
		b.ReportMetric(megabytes(b, server.PID(), "VmRSS"), "rss-MB")
	})
}
