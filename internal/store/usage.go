package store

import (
	"context"
	"time"
)

// Span is one window that a limit counts in.
type Span struct {
	Name  string    // "line/main/495123", "hour/495123", "day/20631"
	Until time.Time // when the window is over
	Texts int
	Spent int64 // ten-thousandths of the account's currency unit
}

// Usage reads the windows; one that is not there has used nothing.
func (t Tenant) Usage(ctx context.Context, line, hour, day string) (map[string]Span, error) {
	spans, err := list(ctx, t.q, func(row scanner, s *Span) error {
		return row.Scan(&s.Name, at(&s.Until), &s.Texts, &s.Spent)
	}, `select span, until, texts, spent from usage where business = $1 and span in ($2, $3, $4)`, t.id, line, hour, day)
	used := map[string]Span{}
	for _, s := range spans {
		used[s.Name] = s
	}
	return used, err
}

// AddUsage adds to each of the three windows.
func (t TenantTx) AddUsage(ctx context.Context, line, hour, day Span) error {
	return t.later(ctx, `
		insert into usage (business, span, until, texts, spent)
		values ($1, $2, $3, $4, $5), ($1, $6, $7, $8, $9), ($1, $10, $11, $12, $13)
		on conflict (business, span) do update set texts = usage.texts + excluded.texts, spent = usage.spent + excluded.spent`,
		t.id, line.Name, micros(line.Until), line.Texts, line.Spent, hour.Name, micros(hour.Until), hour.Texts, hour.Spent,
		day.Name, micros(day.Until), day.Texts, day.Spent)
}
