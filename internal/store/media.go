package store

import (
	"context"

	"rebound"
)

const mediaColumns = `business, id, connection, contact, call, message, url, content_type, size, duration, state, trouble,
	tries, created_at, due_at`

func scanMedia(row scanner, m *rebound.Media) error {
	return row.Scan(str(&m.Business), str(&m.ID), str(&m.Connection), str(&m.Contact), str(&m.Call), str(&m.Message), &m.URL,
		&m.ContentType, &m.Size, (*int64)(&m.Duration), str(&m.State), &m.Trouble, &m.Tries, at(&m.CreatedAt), at(&m.DueAt))
}

// Media returns one picture or recording.
func (t Tenant) Media(ctx context.Context, id rebound.MediaID) (rebound.Media, error) {
	return first(ctx, t.q, scanMedia, `select `+mediaColumns+` from media where business = $1 and id = $2`, t.id, id)
}

// AddMedia writes a new picture or recording to fetch. The same address for the same call or text
// is ErrDuplicate.
func (t TenantTx) AddMedia(ctx context.Context, m rebound.Media, once string) error {
	return t.addOnce(ctx, `
		insert into media (`+mediaColumns+`, once)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
		on conflict do nothing`,
		t.id, m.ID, m.Connection, m.Contact, nullable(m.Call), nullable(m.Message), m.URL, m.ContentType, m.Size,
		int64(m.Duration), string(m.State), m.Trouble, m.Tries, micros(m.CreatedAt), micros(m.DueAt), once)
}

// SaveMedia writes what became of a fetch and frees its lease.
func (t TenantTx) SaveMedia(ctx context.Context, m rebound.Media) error {
	return t.later(ctx, `
		update media set content_type = $3, size = $4, state = $5, trouble = $6, tries = $7, due_at = $8, lease_by = null
		where business = $1 and id = $2`,
		t.id, m.ID, m.ContentType, m.Size, string(m.State), m.Trouble, m.Tries, micros(m.DueAt))
}
