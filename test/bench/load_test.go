package bench

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rebound/internal/reboundtest"
)

// world is an installation under load.
type world struct {
	b       *testing.B
	server  *reboundtest.Server
	phones  *phones
	carrier *texts
	next    int // the next caller: nobody calls twice
}

// begin opens the town.
func begin(b *testing.B, fresh reboundtest.Database) *world {
	b.Helper()
	carrier, address := openCarrier(b)
	p := settle(b, fresh, address, town)
	describe(b, p)
	server := p.Serve(b)
	carrier.caughtUp(b, 2*town)
	return &world{b: b, server: server, phones: openPhones(server), carrier: carrier}
}

// reportUse reports what the server's process took for so many calls.
func (w *world) reportUse(calls int, before time.Duration) {
	used := cpu(w.b, w.server.PID()) - before
	w.b.ReportMetric(float64(used.Microseconds())/1000/float64(calls), "cpu-ms/call")
	w.b.ReportMetric(megabytes(w.b, w.server.PID(), "VmRSS"), "rss-MB")
}

// outcome is what became of the calls of one run.
type outcome struct {
	voice   latencies // the call until its voice webhook was answered
	rung    latencies // the report that nobody accepted until its answer
	ended   latencies // the report of the call's end until its answer
	texted  latencies // the report of the call's end until the request at the carrier
	refused int       // calls of which a report was not taken
	lost    int       // calls whose reports were taken, and no text came
	doubled int
	why     error // of the first refusal
}

// told is one call's part of it; zero is: not told.
type told struct {
	voice, rung, ended time.Duration
	end                time.Time // when the report of the end was due
	err                error
}

// missed lets callers hang up at once.
func (w *world) missed(perSecond float64, during time.Duration) *outcome {
	return w.offer(perSecond, during, func(n int) func(time.Time) told {
		tell := w.phones.ended(n)
		return func(due time.Time) (t told) {
			t.end, t.err = due, tell()
			t.ended = time.Since(due)
			return t
		}
	})
}

// rungOut lets callers wait until the phones have rung out, and hang up at the tone.
func (w *world) rungOut(perSecond float64, during time.Duration) *outcome {
	return w.offer(perSecond, during, func(n int) func(time.Time) told {
		return func(due time.Time) (t told) {
			action, err := w.phones.calls(n)
			t.voice = time.Since(due)
			if err == nil {
				due = time.Now()
				err = w.phones.ringsOut(n, action)
				t.rung = time.Since(due)
			}
			if err == nil {
				due = time.Now()
				t.end, err = due, w.phones.hangsUp(n)
				t.ended = time.Since(due)
			}
			t.err = err
			return t
		}
	})
}

// offer lets calls come at random, so many a second on average, whatever becomes of those before, and
// follows them to the carrier. prepare gets each caller before the first calls; what it returns gets the
// instant at which the call is due, and latencies count from there: they include what a call waited for its
// turn ("coordinated omission" would leave it out).
func (w *world) offer(perSecond float64, during time.Duration, prepare func(n int) func(due time.Time) told) *outcome {
	first, count := w.next, int(perSecond*during.Seconds())
	w.next += count
	random := rand.New(rand.NewPCG(uint64(first), uint64(count))) // the same each time
	all, calls := make([]told, count), make([]func(time.Time) told, count)
	for i := range calls {
		calls[i] = prepare(first + i)
	}
	var running sync.WaitGroup
	at := time.Now()
	for i := range all {
		at = at.Add(time.Duration(random.ExpFloat64() / perSecond * float64(time.Second)))
		due := at
		time.Sleep(time.Until(due))
		running.Go(func() { all[i] = calls[i](due) })
	}
	running.Wait()
	return w.follow(first, all)
}

// follow waits for the texts.
func (w *world) follow(first int, all []told) *outcome {
	o := &outcome{}
	deadline := time.After(30 * time.Second)
	for i, t := range all {
		if t.err != nil {
			o.refused++
			o.why = t.err
			continue
		}
		o.voice, o.rung, o.ended = append(o.voice, t.voice), append(o.rung, t.rung), append(o.ended, t.ended)
		if came, ok := w.carrier.at(first+i, deadline); ok {
			o.texted = append(o.texted, came.Sub(t.end))
		} else {
			o.lost++
		}
	}
	o.doubled = w.carrier.twice()
	return o
}

// report makes figures of an outcome.
func (o *outcome) report(b *testing.B) {
	for _, l := range []struct {
		name string
		of   latencies
	}{{"voice", o.voice}, {"rung", o.rung}, {"ended", o.ended}, {"text", o.texted}} {
		if l.of.milliseconds(1) == 0 {
			continue // no such report in this story
		}
		b.ReportMetric(l.of.milliseconds(0.50), l.name+"-p50-ms")
		b.ReportMetric(l.of.milliseconds(0.95), l.name+"-p95-ms")
		b.ReportMetric(l.of.milliseconds(0.99), l.name+"-p99-ms")
	}
	b.ReportMetric(float64(o.refused), "refused")
	b.ReportMetric(float64(o.lost), "lost")
	b.ReportMetric(float64(o.doubled), "doubled")
	if o.why != nil {
		b.Log("a webhook was not taken:", o.why)
	}
}

// latencies are durations of one kind.
type latencies []time.Duration

// milliseconds returns the quantile q, 0 < q <= 1: that part of all is no longer. Of none it is 0.
func (l latencies) milliseconds(q float64) float64 {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	rank := int(q * float64(len(sorted)))
	return float64(sorted[min(rank, len(sorted)-1)].Microseconds()) / 1000
}
