package store_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

// BenchmarkWrite is one durable insert, with as many callers at once as the name says.
func BenchmarkWrite(b *testing.B) {
	for engine, fresh := range map[string]func(testing.TB) store.Options{"sqlite": reboundtest.SQLite, "postgres": reboundtest.Postgres} {
		for _, callers := range []int{1, 16, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) { writes(b, fresh(b), callers) })
		}
	}
}

func writes(b *testing.B, o store.Options, callers int) {
	s, ctx := open(b, o), b.Context()
	migrate(b, s)
	var next atomic.Int64
	b.ResetTimer()
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				write(b, s, put(ctx, fmt.Sprint(n), 1))
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}
