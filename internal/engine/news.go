package engine

import (
	"context"
	"strings"
	"sync"
	"time"

	"rebound"
	"rebound/internal/store"
)

// Browsers on other nodes learn what this node changed by a notification of PostgreSQL. It is sent after the
// commit and for many changes at once: commits that notify wait for each other, because PostgreSQL locks
// the queue until such a commit is on the disk (its src/backend/commands/async.c).

// news is what has changed and was not told yet.
type news struct {
	mu      sync.Mutex
	changed map[place]bool
	fresh   chan struct{} // holds one when changed has something
}

const (
	tellEvery = 20 * time.Millisecond
	mostTold  = 7900 // bytes of one notification; PostgreSQL takes 7,999
)

func (n *news) add(p place) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.changed == nil {
		n.changed = map[place]bool{}
	}
	n.changed[p] = true
	select {
	case n.fresh <- struct{}{}:
	default:
	}
}

func (n *news) take() map[place]bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	taken := n.changed
	n.changed = nil
	return taken
}

// tellNodes tells what changes until ctx ends.
func (e *Engine) tellNodes(ctx context.Context) {
	for {
		select {
		case <-e.news.fresh:
			e.tellNews(ctx)
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(tellEvery):
		case <-ctx.Done():
			return
		}
	}
}

// tellNews tells the other nodes what has changed by now.
func (e *Engine) tellNews(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second) // what is taken is told, also while shutting down
	defer cancel()
	var payload strings.Builder
	tell := func() {
		if payload.Len() == 0 {
			return
		}
		err := e.store.Write(ctx, func(tx *store.Tx) error { return tx.Notify(ctx, payload.String()) })
		if err != nil {
			e.log.Error("the other nodes' browsers may show what is old", "err", err)
		}
		payload.Reset()
	}
	for p := range e.news.take() {
		line := string(p.business) + " " + string(p.contact) + "\n"
		if payload.Len()+len(line) > mostTold {
			tell()
		}
		payload.WriteString(line)
	}
	tell()
}

// listen passes on to this node's browsers what other nodes changed.
func (e *Engine) listen(ctx context.Context) {
	err := e.store.Listen(ctx, func(payload string) {
		if payload == "" { // connected anew: something may have been missed
			e.o.Hub.PublishAll()
			return
		}
		for line := range strings.Lines(payload) {
			business, contact, _ := strings.Cut(strings.TrimSpace(line), " ")
			e.o.Hub.Publish(rebound.BusinessID(business), rebound.ContactID(contact))
		}
	})
	if err != nil && ctx.Err() == nil {
		e.log.Error("listen to other nodes", "err", err)
	}
}
