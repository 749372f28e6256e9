package bench

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rebound/internal/reboundtest"
)

// phones is the carrier's other side: it reports calls to the server by signed webhooks.
type phones struct {
	server string
	client *http.Client
}

func openPhones(server *reboundtest.Server) *phones {
	return &phones{server: server.Address(), client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 1024, MaxIdleConns: 1024},
		Timeout:   15 * time.Second, // as Twilio's own
	}}
}

// tell posts a form to the business's address for such reports and returns the answer.
func (p *phones) tell(business, place string, form url.Values) (string, error) {
	return p.post("/hook/twilio/"+business+"."+connection+"/"+place, form)
}

func (p *phones) post(path string, form url.Values) (string, error) {
	r, err := reboundtest.Webhook(context.Background(), p.server, publicURL, path, secret, form.Get("CallSid")+form.Get("CallStatus"), form)
	if err != nil {
		return "", err
	}
	answer, err := p.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %s", answer.StatusCode, strings.TrimSpace(string(body)))
	}
	return string(body), err
}

// ended is one call that the number's status callback alone tells of: the caller hung up before the
// server was asked. One request makes the call, the miss, the recovery, the decision and the text.
func (p *phones) ended(n int) error {
	i, _ := called(n)
	form := callForm(n, "no-answer")
	form.Set("CallDuration", "0")
	form.Set("Duration", "0")
	_, err := p.tell(business(i), "status", form)
	return err
}

// offer lets calls come at random, so many a second on average, whatever becomes of those before:
// do gets each with the instant at which it was to come. Latency counted from there includes the
// time that a call would have waited (no "coordinated omission"). It returns when all have ended.
func offer(perSecond float64, first, count int, do func(n int, due time.Time)) {
	random := rand.New(rand.NewPCG(uint64(first), uint64(count))) // the same calls each time
	var running sync.WaitGroup
	next := time.Now()
	for n := first; n < first+count; n++ {
		next = next.Add(time.Duration(random.ExpFloat64() / perSecond * float64(time.Second)))
		due := next
		time.Sleep(time.Until(due))
		running.Go(func() { do(n, due) })
	}
	running.Wait()
}

// latencies are durations of one kind.
type latencies []time.Duration

// milliseconds returns a quantile, 0 < q <= 1.
func (l latencies) milliseconds(q float64) float64 {
	if len(l) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(l))
	at := max(int(float64(len(sorted))*q+0.999999)-1, 0)
	return float64(sorted[min(at, len(sorted)-1)].Microseconds()) / 1000
}

// outcome is what became of one run of missed calls.
type outcome struct {
	acknowledged latencies // webhook to its answer
	texted       latencies // webhook to the request at the carrier
	refused      int       // webhooks that were not acknowledged
	lost         int       // acknowledged, and no text came
	doubled      int
	firstError   atomic.Value
}

// run offers missed calls and follows them to the carrier.
func run(p *phones, c *texts, perSecond float64, first, count int) *outcome {
	due, acknowledged := make([]time.Time, count), make([]time.Duration, count)
	o := &outcome{}
	offer(perSecond, first, count, func(n int, at time.Time) {
		err := p.ended(n)
		due[n-first] = at
		if err == nil {
			acknowledged[n-first] = time.Since(at)
		} else {
			o.firstError.CompareAndSwap(nil, err.Error())
		}
	})
	deadline := time.After(30 * time.Second)
	for i, took := range acknowledged {
		if took == 0 {
			o.refused++
			continue
		}
		o.acknowledged = append(o.acknowledged, took)
		if came, ok := c.at(first+i, deadline); ok {
			o.texted = append(o.texted, came.Sub(due[i]))
		} else {
			o.lost++
		}
	}
	c.mu.Lock()
	o.doubled = c.doubled
	c.mu.Unlock()
	return o
}

func (o *outcome) report(b *testing.B) {
	b.ReportMetric(o.texted.milliseconds(0.50), "text-p50-ms")
	b.ReportMetric(o.texted.milliseconds(0.95), "text-p95-ms")
	b.ReportMetric(o.texted.milliseconds(0.99), "text-p99-ms")
	b.ReportMetric(o.acknowledged.milliseconds(0.99), "answer-p99-ms")
	b.ReportMetric(float64(o.refused), "refused")
	b.ReportMetric(float64(o.lost), "lost")
	b.ReportMetric(float64(o.doubled), "doubled")
	if why := o.firstError.Load(); why != nil {
		b.Log("the first webhook that was not acknowledged:", why)
	}
}
