package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound"
)

// Lane is a table whose rows have work due. Each has the columns business, id, due_at (when to look
// at the row: null is never), lease_by (the node at work on it) and claims (how often it was
// claimed), so that a storm in one lane delays no other.
type Lane string

const (
	Calls      Lane = "calls"
	Messages   Lane = "messages"
	Recoveries Lane = "recoveries"
	Media      Lane = "media"
	Contacts   Lane = "contacts"
	Looks      Lane = "looks"
	Alerts     Lane = "alerts"
	Deliveries Lane = "deliveries"

	Transcripts Lane = "transcripts"
)

func lanes() []Lane {
	return []Lane{Calls, Messages, Recoveries, Media, Contacts, Looks, Alerts, Deliveries, Transcripts}
}

// Claim is a row that this node has leased. The step that works on it writes only where lease_by is
// still this node and claims is still Fence: otherwise the lease ran out and the row is another's.
type Claim struct {
	Business rebound.BusinessID
	ID       string
	Fence    int64
	Due      time.Time // when it was due; the row itself has the lease's end there now
}

// LongestLease is the most that a lease may take. Rows with a lease are therefore found among those that are due
// by then, without an index of their own.
const LongestLease = 10 * time.Minute

// ClaimDue leases up to n rows that are due by now, longest due first, until leaseEnd. No row goes
// to two nodes; one whose lease has run out is due again.
func (tx *Tx) ClaimDue(ctx context.Context, lane Lane, now, leaseEnd time.Time, n int) ([]Claim, error) {
	claims, err := tx.due(ctx, lane, now, n)
	if err != nil {
		return nil, fmt.Errorf("claim %s: %w", lane, err)
	}
	for part := range slices.Chunk(claims, claimsTogether) {
		if err := tx.lease(ctx, lane, leaseEnd, part); err != nil {
			return nil, fmt.Errorf("claim %s: %w", lane, err)
		}
	}
	return claims, nil
}

// due selects the rows and, on PostgreSQL, locks them and passes over those that another node is claiming.
func (tx *Tx) due(ctx context.Context, lane Lane, now time.Time, n int) ([]Claim, error) {
	if !slices.Contains(lanes(), lane) {
		return nil, fmt.Errorf("no such lane")
	}
	rows, err := tx.q.query(ctx, `select business, id, claims, due_at from `+string(lane)+
		` where due_at <= $1 order by due_at limit $2`+tx.words.skipLocked, micros(now), n)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var claims []Claim
	for rows.Next() {
		var c Claim
		if err := rows.Scan(&c.Business, &c.ID, &c.Fence, at(&c.Due)); err != nil {
			return nil, err
		}
		c.Fence++
		claims = append(claims, c)
	}
	return claims, rows.Err()
}

// claimsTogether is how many rows one update leases.
const claimsTogether = 16

// claimed is the list of rows in that update: ($3, $4), ($5, $6), …
var claimed = func() string {
	rows := make([]string, claimsTogether)
	for i := range rows {
		rows[i] = fmt.Sprintf("($%d, $%d)", 2*i+3, 2*i+4)
	}
	return strings.Join(rows, ", ")
}()

// lease updates up to claimsTogether rows. The last of them fills what is left of the list, so that
// there is one text to prepare.
func (tx *Tx) lease(ctx context.Context, lane Lane, end time.Time, part []Claim) error {
	args := []any{micros(end), tx.node}
	for i := range claimsTogether {
		c := part[min(i, len(part)-1)]
		args = append(args, string(c.Business), c.ID)
	}
	n, err := tx.q.exec(ctx, `update `+string(lane)+` set due_at = $1, lease_by = $2, claims = claims + 1
		where (business, id) in (values `+claimed+`)`, args...)
	if err == nil && n != int64(len(part)) {
		err = fmt.Errorf("leased %d rows of %d", n, len(part))
	}
	return err
}

// NextDue returns when the earliest row of the lane is due, or the zero time if there is none. A
// leased row counts with its lease's end.
func (s *Store) NextDue(ctx context.Context, lane Lane) (time.Time, error) {
	var next time.Time
	if !slices.Contains(lanes(), lane) {
		return next, fmt.Errorf("next due in %s: no such lane", lane)
	}
	// The condition is the index's own: without it SQLite reads the whole table.
	if err := s.reader.q.row(ctx, `select min(due_at) from `+string(lane)+` where due_at is not null`).Scan(at(&next)); err != nil {
		return next, fmt.Errorf("next due in %s: %w", lane, err)
	}
	return next, nil
}

// DeadNodes returns what FreeLeases wants to know: whether a node that held a lease a moment ago
// has ended. On SQLite every other node has, for two cannot share the file; on PostgreSQL those whose guard
// connection is gone. A node not seen in any lease yet counts as living.
func (s *Store) DeadNodes(ctx context.Context, now time.Time) (func(node string) bool, error) {
	var nodes []string
	for _, lane := range lanes() {
		names, err := leaseHolders(ctx, s.reader.q, lane, now)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, names...)
	}
	// Asked after the leases were read: a node takes its lock before its first lease.
	live, err := s.engine.live(ctx, nodes)
	if err != nil {
		return nil, err
	}
	return func(node string) bool {
		return node != s.node && !live[node] && slices.Contains(nodes, node)
	}, nil
}

// FreeLeases makes the rows that dead nodes hold due now, and returns how many they were.
func (tx *Tx) FreeLeases(ctx context.Context, lane Lane, now time.Time, dead func(node string) bool) (int64, error) {
	nodes, err := leaseHolders(ctx, tx.q, lane, now)
	if err != nil {
		return 0, err
	}
	var freed int64
	for _, node := range nodes {
		if !dead(node) {
			continue
		}
		n, err := tx.q.exec(ctx, `update `+string(lane)+` set due_at = $1, lease_by = null where due_at <= $3 and lease_by = $2`,
			micros(now), node, micros(now.Add(LongestLease)))
		if err != nil {
			return 0, fmt.Errorf("free the leases of %s in %s: %w", node, lane, err)
		}
		freed += n
	}
	return freed, nil
}

func leaseHolders(ctx context.Context, q queries, lane Lane, now time.Time) ([]string, error) {
	if !slices.Contains(lanes(), lane) {
		return nil, fmt.Errorf("lease holders of %s: no such lane", lane)
	}
	rows, err := q.query(ctx, `select distinct lease_by from `+string(lane)+` where due_at <= $1 and lease_by is not null`,
		micros(now.Add(LongestLease)))
	if err != nil {
		return nil, fmt.Errorf("lease holders of %s: %w", lane, err)
	}
	defer rows.Close()
	var nodes []string
	for rows.Next() {
		var node string
		if err := rows.Scan(&node); err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return nodes, rows.Err()
}
