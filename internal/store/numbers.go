package store

import (
	"context"
	"fmt"
	"time"
)

// Tally is how many rows have the same words, such as the state of a text.
type Tally struct {
	Words [3]string // as the table's function says; unused ones are empty
	Count int64
}

// Numbers are what an operator watches, over all businesses: counts, never whose.
type Numbers struct {
	Calls      []Tally // direction, state, reason
	Texts      []Tally // direction, class, state
	Alerts     []Tally // reason, state
	Deliveries []Tally // state
	Due        map[Lane]int64
	Late       map[Lane]time.Duration // of the row that is due longest; zero: none is
}

// Numbers counts the rows made since an instant, and what is due at now. Rows since then lie together, so it costs
// what their number costs, whatever else the database holds.
func (r *Reader) Numbers(ctx context.Context, since, now time.Time) (Numbers, error) {
	n := Numbers{Due: map[Lane]int64{}, Late: map[Lane]time.Duration{}}
	for _, count := range []struct {
		into  *[]Tally
		query string
	}{
		{&n.Calls, `select direction, state, reason, count(*) from calls where id >= $1 group by direction, state, reason`},
		{&n.Texts, `select direction, class, state, count(*) from messages where id >= $1 group by direction, class, state`},
		{&n.Alerts, `select reason, state, '', count(*) from alerts where id >= $1 group by reason, state`},
		{&n.Deliveries, `select state, '', '', count(*) from deliveries where id >= $1 group by state`},
	} {
		var err error
		if *count.into, err = r.tallies(ctx, count.query, firstID(since)); err != nil {
			return n, fmt.Errorf("count what was made lately: %w", err)
		}
	}
	for _, lane := range lanes() {
		var due, oldest int64
		err := r.q.row(ctx, `select count(*), coalesce(min(due_at), 0) from `+string(lane)+` where due_at <= $1`, micros(now)).Scan(&due, &oldest)
		if err != nil {
			return n, fmt.Errorf("count what is due in %s: %w", lane, err)
		}
		n.Due[lane], n.Late[lane] = due, 0
		if due > 0 {
			n.Late[lane] = now.Sub(time.UnixMicro(oldest))
		}
	}
	return n, nil
}

func (r *Reader) tallies(ctx context.Context, query, since string) ([]Tally, error) {
	found, err := r.q.query(ctx, query, since)
	if err != nil {
		return nil, err
	}
	defer found.Close()
	var all []Tally
	for found.Next() {
		var t Tally
		if err := found.Scan(&t.Words[0], &t.Words[1], &t.Words[2], &t.Count); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, found.Err()
}
