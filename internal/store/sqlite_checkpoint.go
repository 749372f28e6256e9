package store

import (
	"context"
	"database/sql"
)

const (
	// checkpointEvery is after how many write functions the checkpointer starts: some MB of WAL.
	checkpointEvery = 200
	// writerCheckpoints is from how many pages of WAL on a commit of the writer does what the checkpointer has
	// left: only when it is caught up with can the WAL begin anew, and that needs a moment in which nobody writes.
	writerCheckpoints = 4000
)

// checkpointer copies what commits have appended to the WAL into the database file, on a connection of its own:
// else a commit would have to, now and then, and everybody would wait for it.
type checkpointer struct {
	db     *sql.DB
	since  int           // write functions since the last request; the writer's goroutine counts
	wanted chan struct{} // holds one request; closed: no more
	ended  chan struct{}
}

func startCheckpointer(path string) (*checkpointer, error) {
	db, err := sqliteDB(path, 1)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{db: db, wanted: make(chan struct{}, 1), ended: make(chan struct{})}
	go c.run()
	return c, nil
}

func (c *checkpointer) run() {
	defer close(c.ended)
	for range c.wanted {
		// It is passive: it waits for nobody and is in nobody's way. What it cannot do now, the next one does.
		_, _ = c.db.ExecContext(context.Background(), "pragma wal_checkpoint(passive)")
	}
}

// wrote counts write functions that were committed.
func (c *checkpointer) wrote(n int) {
	if c.since += n; c.since < checkpointEvery {
		return
	}
	c.since = 0
	select {
	case c.wanted <- struct{}{}:
	default:
	}
}

func (c *checkpointer) stop() error {
	close(c.wanted)
	<-c.ended
	return c.db.Close()
}
