package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"rebound/internal/store"
)

const (
	countedBack = time.Hour        // what the gauges of calls, texts, alerts and deliveries look back on
	countedKept = 10 * time.Second // scrapes within it share one count
	countedMost = 5 * time.Second  // that a count may take
)

// metrics serves what monitoring asks for: counts, never a number or a name. It is open to who has the token, and
// without a token to this machine alone.
func (a *App) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &counted{app: a})
	page := promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError})
	want := sha256.Sum256([]byte(a.Config.MetricsToken))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		given := sha256.Sum256([]byte(token))
		allowed := fromHere(r)
		if a.Config.MetricsToken != "" {
			allowed = bearer && subtle.ConstantTimeCompare(given[:], want[:]) == 1
		}
		if !allowed {
			http.NotFound(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// fromHere reports whether a program of this machine asks for itself. A proxy of this machine says for whom it asks, or
// keeps the name under which it was called, which is not this machine's.
func fromHere(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	return loopback(r.RemoteAddr) && loopback(r.Host)
}

func loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = strings.Trim(address, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// counted collects the database's numbers and the carriers' door's counters.
type counted struct {
	app *App

	mu   sync.Mutex
	at   time.Time
	last store.Numbers
}

// Describe says nothing: which metrics there are follows from the rows.
func (c *counted) Describe(chan<- *prometheus.Desc) {}

// Collect counts, or repeats what was counted a moment ago.
func (c *counted) Collect(out chan<- prometheus.Metric) {
	n, err := c.numbers()
	if err != nil {
		c.app.parts.Log.Error("count for /metrics", "err", err)
		out <- prometheus.NewInvalidMetric(prometheus.NewDesc("rebound_numbers", "The database cannot be counted.", nil, nil), err)
		return
	}
	gauges := func(name, help string, tallies []store.Tally, labels ...string) {
		desc := prometheus.NewDesc(name, help, labels, nil)
		for _, t := range tallies {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(t.Count), t.Words[:len(labels)]...)
		}
	}
	gauges("rebound_calls_last_hour", "Calls of the last hour.", n.Calls, "direction", "state", "reason")
	gauges("rebound_texts_last_hour", "Texts of the last hour.", n.Texts, "direction", "class", "state")
	gauges("rebound_alerts_last_hour", "Alerts of the last hour.", n.Alerts, "reason", "state")
	gauges("rebound_webhook_deliveries_last_hour", "Deliveries to webhooks of the last hour.", n.Deliveries, "state")
	due := prometheus.NewDesc("rebound_due", "Rows whose time has come and that nobody works on yet.", []string{"lane"}, nil)
	late := prometheus.NewDesc("rebound_due_oldest_seconds", "How long the oldest of them has waited.", []string{"lane"}, nil)
	for lane, count := range n.Due {
		out <- prometheus.MustNewConstMetric(due, prometheus.GaugeValue, float64(count), string(lane))
		out <- prometheus.MustNewConstMetric(late, prometheus.GaugeValue, n.Late[lane].Seconds(), string(lane))
	}
	requests := prometheus.NewDesc("rebound_carrier_requests_total", "Carriers' requests since the start; forged ones had no good signature.", []string{"outcome"}, nil)
	counts := c.app.hook.Counts()
	for outcome, count := range map[string]int64{
		"taken": counts.Taken.Load(), "forged": counts.Forged.Load(), "refused": counts.Refused.Load(), "failed": counts.Failed.Load(),
	} {
		out <- prometheus.MustNewConstMetric(requests, prometheus.CounterValue, float64(count), outcome)
	}
}

func (c *counted) numbers() (store.Numbers, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.app.parts.Now()
	if since := now.Sub(c.at); since >= 0 && since < countedKept {
		return c.last, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), countedMost)
	defer cancel()
	n, err := c.app.Store.Read().Numbers(ctx, now.Add(-countedBack), now)
	if err != nil {
		return n, err
	}
	c.at, c.last = now, n
	return n, nil
}
