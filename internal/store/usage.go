package store

import (
	"context"
	"time"

	"rebound/internal/phone"
)

// Span is one window that a limit counts in.
type Span struct {
	Name  string    // "line/main/495123", "hour/495123", "day/20631"
	Until time.Time // when the window is over
	Texts int
	Spent int64 // ten-thousandths of the account's currency unit
}

// Used is what the limits count, up to the numbers that matter to them.
type Used struct {
	Number, Prefix int // automatic texts to a number and to its prefix, over all businesses
	Line, Hour     int // texts in the windows of a line and of the business
	Day            int
	Spent          int64 // in the window of the day
}

// Asked says what Used counts.
type Asked struct {
	Number              phone.Number
	NumberSince         time.Time
	MostNumber          int // it pays to count as far as that
	PrefixSince         time.Time
	MostPrefix          int
	LineSpan, Hour, Day string
}

// Used counts what the limits of one text look at, in one query: it is asked for every miss.
func (t Tenant) Used(ctx context.Context, a Asked) (u Used, err error) {
	err = t.q.row(ctx, `
		select (select count(*) from (select 1 from texted where number = $2 and at >= $3 limit $4) a),
			(select count(*) from (select 1 from texted where prefix = $5 and at >= $6 limit $7) b),
			coalesce((select texts from usage where business = $1 and span = $8), 0),
			coalesce((select texts from usage where business = $1 and span = $9), 0),
			coalesce((select texts from usage where business = $1 and span = $10), 0),
			coalesce((select spent from usage where business = $1 and span = $10), 0)`,
		t.id, a.Number, micros(a.NumberSince), a.MostNumber, a.Number.Prefix(), micros(a.PrefixSince), a.MostPrefix,
		a.LineSpan, a.Hour, a.Day).Scan(&u.Number, &u.Prefix, &u.Line, &u.Hour, &u.Day, &u.Spent)
	return u, err
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
