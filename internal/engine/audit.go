package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"rebound"
	"rebound/internal/store"
)

// The auditor holds the promise that each waiting recovery has exactly one live timer against the rows, at start and
// each minute. The schema's CHECK keeps a timer from being absent; the auditor looks for those that were lost in spite
// of it, or are not where the policy puts them, repairs them, and says so.

const (
	// auditBeyond is how far ahead a timer is that is worth a look: the default policy's are nearer.
	auditBeyond = 2 * time.Hour
	auditMost   = 500 // timers at one look, the furthest first
	// auditLate is how long a timer may be overdue before it counts as late.
	auditLate = time.Minute
	// auditStale is how old a look may be before nobody can rely on it.
	auditStale = 5 * time.Minute
)

// Audit is what the auditor has found.
type Audit struct {
	At       time.Time     // of the last look; zero: there was none yet
	Repaired int           // timers, since the start
	Late     time.Duration // how long the timer is overdue that is so the longest; zero: none is by more than a minute
	Err      error         // of the last look
}

// OK reports whether the last look found all well and is recent.
func (a Audit) OK(now time.Time) bool {
	return a.Err == nil && a.Late == 0 && !a.At.IsZero() && now.Sub(a.At) < auditStale
}

type auditor struct {
	mu   sync.Mutex
	last Audit
}

// Audited returns what the auditor has found.
func (e *Engine) Audited() Audit {
	e.auditor.mu.Lock()
	defer e.auditor.mu.Unlock()
	return e.auditor.last
}

// auditing looks at once and then each minute until ctx ends.
func (e *Engine) auditing(ctx context.Context) {
	e.audit(ctx)
	every(ctx, e.o.Audit, func() { e.audit(ctx) })
}

func (e *Engine) audit(ctx context.Context) {
	repaired, err := e.repairTimers(ctx)
	var late time.Duration
	if err == nil {
		var next time.Time
		next, err = e.store.NextDue(ctx, store.Recoveries)
		if overdue := e.now().Sub(next); !next.IsZero() && overdue > auditLate {
			late = overdue
		}
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		e.log.Error("audit of the timers", "err", err)
	}
	if late > 0 {
		e.log.Error("recoveries wait longer than their policy says", "late", late)
	}
	e.auditor.mu.Lock()
	defer e.auditor.mu.Unlock()
	e.auditor.last = Audit{At: e.now(), Repaired: e.auditor.last.Repaired + repaired, Late: late, Err: err}
}

func (e *Engine) repairTimers(ctx context.Context) (repaired int, err error) {
	doubtful, err := e.store.Read().DoubtfulTimers(ctx, e.now().Add(auditBeyond), auditMost)
	if err != nil {
		return 0, err
	}
	for _, t := range doubtful {
		mended := false
		err := e.write(ctx, func(s *step) (err error) {
			mended, err = s.repairTimer(t)
			return err
		})
		if err != nil {
			return repaired, err
		}
		if mended {
			repaired++
		}
	}
	return repaired, nil
}

// repairTimer sets a timer right if it is wrong.
func (s *step) repairTimer(t store.Timer) (bool, error) {
	if _, err := s.contact(t.Business, t.Contact); err != nil {
		return false, err
	}
	mine := s.tx.For(t.Business)
	r, err := mine.Recovery(s.ctx, t.Recovery)
	if err != nil || r.State != rebound.RecoveryWaiting {
		return false, err
	}
	clock, err := s.clockOf(r.Business, r.Line)
	if err != nil {
		return false, err
	}
	due, err := mine.RecoveryDue(s.ctx, r.ID) // as it stands now: somebody may have moved it since
	if err != nil {
		return false, err
	}
	right, err := r.Replan(clock, clock)
	if stale(err) && due.Equal(r.DueAt) {
		return false, nil
	}
	if err != nil && !stale(err) {
		return false, err
	}
	s.note(slog.LevelError, "a broken timer was repaired", "business", r.Business, "recovery", r.ID, "step", "audit",
		"was", due, "is", right.DueAt)
	s.look(store.Recoveries, right.DueAt)
	if err := mine.SaveRecovery(s.ctx, right, s.now); err != nil {
		return false, err
	}
	return true, s.say(rebound.Event{
		Business: r.Business, Contact: r.Contact, Recovery: r.ID, Kind: rebound.EventRepaired, Words: "The clock's timer was broken and is repaired",
	})
}
