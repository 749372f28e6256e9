// Package engine is the only writer. Each thing that happens (a carrier's report, a text, a timer,
// a member's click) is one step: the engine reads what stands, asks the domain what follows, and
// writes all of it in one transaction. Nothing leaves the process before the commit. The package
// refuses to hold a rule of its own: what is right is decided in package rebound.
package engine

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/live"
	"rebound/internal/notify"
	"rebound/internal/store"
)

// Options are what an engine works with. All but the limits must be set.
type Options struct {
	Store *store.Store
	Files *store.Files
	Hub   *live.Hub
	Log   *slog.Logger
	Now   func() time.Time // the clock; the demo and tests move it
	Zone  func(name string) (*time.Location, error)
	// Carrier returns the client of one connection.
	Carrier func(ctx context.Context, id rebound.ConnectionID) (carrier.Carrier, error)
	// Link returns the address that a connection's carrier calls about a call or a text.
	Link func(carrier.Place) string
	// Tell sends a message to a webhook and returns its HTTP status, 0 without an answer, and what is wrong with it.
	Tell func(ctx context.Context, w notify.Webhook) (status int, err error)
	// WebhookSecret returns what messages to a webhook are signed with.
	WebhookSecret func(w rebound.Webhook) ([]byte, error)
	// Explain tells the consequence of a carrier's error code.
	Explain func(c rebound.ConnectionID, code string) carrier.Remedy
	// Notify sends alerts other than texts; a channel without a sender is not available.
	Notify    map[rebound.Channel]notify.Sender
	PublicURL string // address of the pages, for the links in alerts
	LinkKey   []byte // signs those links; at least 32 random bytes, kept with the database
	// Transcribe returns what is said in a recording; the error is or wraps ErrNotTaken where another try would end the same.
	// nil: nothing is transcribed.
	Transcribe func(ctx context.Context, contentType string, sound io.Reader) (string, error)

	Senders  int           // texts on their way to carriers at one time; default 256
	MediaMax int64         // bytes of one picture or recording; default 5 MiB
	KeepRaw  time.Duration // how long carriers' requests are kept; default 30 days
	Poll     time.Duration // how long a lane sleeps at most; default 1 s on PostgreSQL, 1 min on SQLite
	Alone    bool          // no other node works on this database: none is listened to or watched
	Lease    time.Duration // how long a worker may hold a row; default 30 s, more than any carrier's time-out; at most store.LongestLease
	Audit    time.Duration // between two looks at the timers; default 1 min
	Catchup  time.Duration // between two looks at a line's logs; default 5 min, negative: never
}

// Engine runs the steps and the lanes of due work.
type Engine struct {
	o     Options
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
	lanes lanes

	shared bool // other nodes may work on the same database
	news   news // for them
	memory memory

	auditor auditor
}

// New makes an engine. Start starts its lanes.
func New(o Options) *Engine {
	if o.Senders == 0 {
		o.Senders = 256
	}
	if o.MediaMax == 0 {
		o.MediaMax = 5 << 20
	}
	if o.KeepRaw == 0 {
		o.KeepRaw = 30 * 24 * time.Hour
	}
	if o.Lease == 0 {
		o.Lease = 30 * time.Second
	}
	o.Lease = min(o.Lease, store.LongestLease)
	if o.Audit == 0 {
		o.Audit = time.Minute
	}
	if o.Catchup == 0 {
		o.Catchup = 5 * time.Minute
	}
	if o.Poll == 0 {
		o.Poll = time.Second
		if o.Store.Engine() == "sqlite" {
			o.Poll = time.Minute // nobody else writes to the file
		}
	}
	e := &Engine{o: o, store: o.Store, log: o.Log, now: o.Now, news: news{fresh: make(chan struct{}, 1)}}
	e.shared = o.Store.Engine() == "postgres" && !o.Alone
	e.lanes = e.newLanes()
	return e
}

// step is one transaction: everything that follows from one thing that happened, and what leaves
// the process once it is committed.
type step struct {
	*Engine
	ctx context.Context
	tx  *store.Tx
	now time.Time // the one instant of this transaction
	at  time.Time // when what it is about happened: now, or earlier where that was learned of late

	handed []outgoing               // texts that leave after the commit, each with a sender reserved
	woken  map[store.Lane]time.Time // when the lanes have something due
	seen   map[place]bool           // conversations that changed
	held   map[place]*heldContact
	read   *declared // that was asked for last
	lines  []logLine
	learnt []*declared // to be remembered, as the next
	alerts map[alerted]nextAlert
}

// logLine waits for the commit: what is undone was never so, and who logs holds nobody up.
type logLine struct {
	level slog.Level
	text  string
	args  []any
}

// note logs a line once the step is committed.
func (s *step) note(level slog.Level, text string, args ...any) {
	s.lines = append(s.lines, logLine{level, text, args})
}

type place struct {
	business rebound.BusinessID
	contact  rebound.ContactID
}

// write runs one step and lets its effects out after the commit. fn may run again, see store.Write.
func (e *Engine) write(ctx context.Context, fn func(*step) error) error {
	var s *step
	committed := false
	defer func() {
		if !committed { // nor after a panic
			s.release()
		}
	}()
	err := e.store.Write(ctx, func(tx *store.Tx) error {
		s.release()
		s = &step{Engine: e, ctx: ctx, tx: tx, now: e.now().UTC().Truncate(time.Microsecond),
			woken: map[store.Lane]time.Time{}, seen: map[place]bool{}, held: map[place]*heldContact{}}
		s.at = s.now
		if err := fn(s); err != nil {
			return err
		}
		return s.saveContacts()
	})
	if err != nil {
		return err
	}
	committed = true
	s.leave()
	return nil
}

// release gives back what a step that did not commit had reserved.
func (s *step) release() {
	if s == nil {
		return
	}
	for range s.handed {
		s.lanes.messages.free()
	}
	s.handed = nil
}

// leave is the one place where effects leave the transaction.
func (s *step) leave() {
	for _, out := range s.handed {
		s.lanes.messages.start(func(ctx context.Context, done func()) { s.deliver(ctx, out, done) })
	}
	for lane, due := range s.woken {
		s.lanes.wake(lane, due)
	}
	for _, d := range s.learnt {
		s.memory.keep(d)
	}
	s.memory.keepNextAlerts(s.alerts)
	for p := range s.seen {
		s.o.Hub.Publish(p.business, p.contact)
		if s.shared {
			s.news.add(p)
		}
	}
	for _, l := range s.lines {
		s.log.Log(s.ctx, l.level, l.text, l.args...)
	}
}

// happened says when what the step is about happened; zero: now. A clock ahead of ours says now, too.
func (s *step) happened(at time.Time) {
	s.at = s.now
	if !at.IsZero() && at.Before(s.now) {
		s.at = at.UTC().Truncate(time.Microsecond)
	}
}

// changed marks a conversation for the open browsers.
func (s *step) changed(b rebound.BusinessID, c rebound.ContactID) { s.seen[place{b, c}] = true }

// look makes sure that the lane looks at a row when it is due, however long it meant to sleep.
func (s *step) look(lane store.Lane, due time.Time) {
	if due.IsZero() {
		return
	}
	if at, ok := s.woken[lane]; !ok || due.Before(at) {
		s.woken[lane] = due
	}
}

// say writes one line of a conversation's timeline.
func (s *step) say(e rebound.Event) error {
	e.ID, e.At = store.NewID(s.now), s.now
	s.changed(e.Business, e.Contact)
	return s.tx.For(e.Business).AddEvent(s.ctx, e)
}

// stale reports whether an error says that nothing changes, which is success.
func stale(err error) bool {
	return errors.Is(err, rebound.ErrStale) || errors.Is(err, store.ErrDuplicate)
}
