package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"rebound/internal/store"
)

// Due work: a timer is a column of the row it is about. Each table with timers is a lane with its
// own workers, so that a storm in one delays no other. A lane claims what is due under a lease and
// runs its step; a crash needs no repair, because the lease runs out.

// lanes are the engine's lanes and the goroutines behind them.
type lanes struct {
	messages, calls, recoveries, media, contacts, looks, alerts, deliveries, transcripts *lane

	stop func()         // ends the loops
	end  func()         // ends the workers' context
	all  sync.WaitGroup // loops and helpers
}

// lane is one table's due work.
type lane struct {
	engine *Engine
	name   store.Lane
	run    func(ctx context.Context, c []store.Claim, done func()) error // done gives its place to another before it ends
	most   int                                                           // claims that one worker takes together
	lease  time.Duration                                                 // how long a worker may hold a row
	cut    bool                                                          // its work may break off anywhere: the engine's end does not wait for it

	slots  chan struct{} // one token for each busy worker
	mu     sync.Mutex    // guards open with busy, so that nothing starts once the lane is closed
	open   bool
	busy   sync.WaitGroup
	work   context.Context // workers' context
	signal chan struct{}
	asleep atomic.Int64 // until when the loop means to sleep, in microseconds; 0 while it is at work
}

func (e *Engine) newLanes() lanes {
	make := func(name store.Lane, workers int, run func(context.Context, store.Claim, func()) error) *lane {
		one := func(ctx context.Context, c []store.Claim, done func()) error { return run(ctx, c[0], done) }
		return &lane{engine: e, name: name, run: one, most: 1, lease: e.o.Lease, slots: make(chan struct{}, workers), signal: make(chan struct{}, 1)}
	}
	whole := func(run func(context.Context, store.Claim) error) func(context.Context, store.Claim, func()) error {
		return func(ctx context.Context, c store.Claim, _ func()) error { return run(ctx, c) }
	}
	logs := make(store.Looks, 8, whole(e.lookDue))
	logs.lease, logs.cut = min(10*e.o.Lease, store.LongestLease), true // a gap may take many requests
	speech := make(store.Transcripts, 2, whole(e.transcriptDue))
	speech.lease, speech.cut = min(4*e.o.Lease, store.LongestLease), true // a machine listens slowly
	recoveries := make(store.Recoveries, 8, nil)
	recoveries.run, recoveries.most = func(ctx context.Context, c []store.Claim, _ func()) error { return e.escalationsDue(ctx, c) }, escalationsTogether
	return lanes{
		messages:   make(store.Messages, e.o.Senders, e.textDue),
		calls:      make(store.Calls, 8, whole(e.callDue)),
		recoveries: recoveries,
		media:      make(store.Media, 4, whole(e.mediaDue)),
		contacts:   make(store.Contacts, 2, whole(e.contactDue)),
		looks:      logs,
		alerts:     make(store.Alerts, 16, whole(e.alertDue)),
		deliveries: make(store.Deliveries, 32, whole(e.deliveryDue)),

		transcripts: speech,
	}
}

func (l *lanes) each() []*lane {
	return []*lane{l.messages, l.calls, l.recoveries, l.media, l.contacts, l.looks, l.alerts, l.deliveries, l.transcripts}
}

// Start takes up what a crash left behind and begins to work on what is due. It must be called once.
func (e *Engine) Start(ctx context.Context) error {
	if err := e.freeLeases(ctx); err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	if err := e.lookNow(ctx); err != nil {
		return fmt.Errorf("start the engine: %w", err)
	}
	loops, stop := context.WithCancel(context.WithoutCancel(ctx))
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	e.lanes.stop, e.lanes.end = stop, end
	for _, l := range e.lanes.each() {
		if l == e.lanes.looks && e.o.Catchup < 0 || l == e.lanes.transcripts && e.o.Transcribe == nil {
			continue
		}
		l.mu.Lock()
		l.open, l.work = true, work
		if l.cut {
			l.work = loops
		}
		l.mu.Unlock()
		e.lanes.all.Go(func() { l.loop(loops) })
	}
	e.lanes.all.Go(func() { e.housekeeping(loops) })
	e.lanes.all.Go(func() { e.auditing(loops) })
	if e.shared {
		e.lanes.all.Go(func() { e.listen(loops) })
		e.lanes.all.Go(func() { e.tellNodes(loops) })
		e.lanes.all.Go(func() { e.watchNodes(loops) })
	}
	return nil
}

// ClockMoved has every lane look again: Options.Now has jumped, so what it sleeps until may be due.
func (e *Engine) ClockMoved() {
	for _, l := range e.lanes.each() {
		l.poke()
	}
}

// Stop ends the loops and waits for the workers. Past ctx their requests are cut off; what they were
// at is settled after the next start.
func (e *Engine) Stop(ctx context.Context) {
	e.lanes.stop()
	e.lanes.all.Wait()
	cut := context.AfterFunc(ctx, e.lanes.end)
	for _, l := range e.lanes.each() {
		l.mu.Lock()
		l.open = false
		l.mu.Unlock()
		l.busy.Wait()
	}
	cut()
	e.lanes.end()
	if e.shared {
		e.tellNews(ctx)
	}
}

// reserve takes a worker for a row that is about to be written as leased. It never waits.
func (l *lane) reserve() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.open {
		return false
	}
	select {
	case l.slots <- struct{}{}:
		l.busy.Add(1)
		return true
	default:
		return false
	}
}

// free gives a reserved worker back.
func (l *lane) free() {
	l.vacate()
	l.busy.Done()
}

// vacate gives a worker's place to another.
func (l *lane) vacate() {
	<-l.slots
	if l.asleep.Load() == waitsForWorker {
		l.poke()
	}
}

// start runs fn on a reserved worker.
func (l *lane) start(fn func(ctx context.Context, done func())) {
	go func() {
		defer l.busy.Done()
		done := sync.OnceFunc(l.vacate)
		defer done()
		fn(l.work, done)
	}()
}

// wake makes the lane look no later than when a row is due.
func (l *lanes) wake(name store.Lane, due time.Time) {
	for _, lane := range l.each() {
		if lane.name == name && due.UnixMicro() < lane.asleep.Load() {
			lane.poke()
		}
	}
}

func (l *lane) poke() {
	select {
	case l.signal <- struct{}{}:
	default:
	}
}

// waitsForWorker is asleep's value while rows are due and every worker is busy.
const waitsForWorker = 1

// loop claims what is due and sleeps until something is.
func (l *lane) loop(ctx context.Context) {
	for ctx.Err() == nil {
		// Sleeping "for ever" from before the look on: a row written meanwhile pokes.
		l.asleep.Store(int64(1) << 62)
		next, err := l.takeDue(ctx)
		if err != nil && ctx.Err() == nil {
			l.engine.log.Error("due work", "lane", l.name, "err", err)
		}
		wait := l.engine.o.Poll
		if next.UnixMicro() != waitsForWorker { // else a place that becomes free wakes the loop
			if !next.IsZero() {
				wait = min(wait, max(next.Sub(l.engine.now()), 0))
			}
			if wait == 0 {
				continue
			}
			l.asleep.Store(l.engine.now().Add(wait).UnixMicro())
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-l.signal:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// takeDue starts workers on what is due and returns when the next row is. It looks before it claims:
// the look is a read and costs no commit.
func (l *lane) takeDue(ctx context.Context) (next time.Time, err error) {
	for {
		next, err = l.engine.store.NextDue(ctx, l.name)
		now := l.engine.now()
		if err != nil || next.IsZero() || next.After(now) {
			return next, err
		}
		workers := 0
		for workers < mostClaims && l.reserve() {
			workers++
		}
		if workers == 0 {
			l.asleep.Store(waitsForWorker) // before the last try: who leaves a place from now on sees it
			if !l.reserve() {
				return time.UnixMicro(waitsForWorker), nil
			}
			workers = 1
		}
		var claims []store.Claim
		err = l.engine.store.Write(ctx, func(tx *store.Tx) error {
			claims, err = tx.ClaimDue(ctx, l.name, now, now.Add(l.lease), workers*l.most)
			return err
		})
		if err != nil {
			claims = nil
		}
		for part := range slices.Chunk(claims, max(1, (len(claims)+workers-1)/workers)) { // as even as it goes
			workers--
			l.start(func(ctx context.Context, done func()) {
				if err := l.run(ctx, part, done); err != nil {
					l.engine.log.Error("due work failed; it is tried again when its lease is over",
						"lane", l.name, "business", part[0].Business, "id", part[0].ID, "claims", part[0].Fence, "together", len(part), "err", err)
				}
			})
		}
		for range workers {
			l.free()
		}
		if err != nil {
			return time.Time{}, err
		}
		if len(claims) == 0 { // other nodes were faster, or a step holds the row at this moment
			return now.Add(time.Second), nil
		}
	}
}

// mostClaims bounds one claim.
const mostClaims = 32

func (e *Engine) freeLeases(ctx context.Context) error {
	dead, err := e.store.DeadNodes(ctx, e.now())
	if err != nil {
		return err
	}
	var taken int64
	err = e.store.Write(ctx, func(tx *store.Tx) error {
		taken = 0
		for _, l := range e.lanes.each() {
			n, err := tx.FreeLeases(ctx, l.name, e.now(), dead)
			if err != nil {
				return err
			}
			if n > 0 {
				e.log.Info("taken over from a node that ended", "lane", l.name, "rows", n)
			}
			taken += n
		}
		return nil
	})
	if err == nil && taken > 0 {
		e.o.Hub.PublishAll() // it may not have told what it changed last
	}
	return err
}

// watchNodes takes over from nodes that died.
func (e *Engine) watchNodes(ctx context.Context) {
	every(ctx, 2*time.Second, func() {
		if err := e.freeLeases(ctx); err != nil && ctx.Err() == nil {
			e.log.Error("look for dead nodes", "err", err)
		}
	})
}

// housekeeping forgets what is kept for a while only.
func (e *Engine) housekeeping(ctx context.Context) {
	every(ctx, time.Hour, func() {
		for ctx.Err() == nil {
			var n int64
			err := e.store.Write(ctx, func(tx *store.Tx) (err error) {
				now := e.now()
				n, err = tx.Forget(ctx, now.Add(-e.o.KeepRaw), now)
				return err
			})
			if err != nil {
				e.log.Error("housekeeping", "err", err)
			}
			if err != nil || n == 0 {
				return
			}
		}
	})
}

func every(ctx context.Context, d time.Duration, fn func()) {
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			fn()
		case <-ctx.Done():
			return
		}
	}
}
