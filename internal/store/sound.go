package store

import (
	"context"

	"rebound"
	"rebound/internal/phone"
)

// Sound returns one stored sound of the business.
func (t Tenant) Sound(ctx context.Context, id rebound.MediaID) (rebound.Sound, error) {
	return first(ctx, t.q, func(row scanner, s *rebound.Sound) error {
		s.Business = t.id
		return row.Scan(str(&s.ID), &s.ContentType, &s.Size, (*int64)(&s.Duration), at(&s.CreatedAt))
	}, `select id, content_type, size, duration, created_at from sounds where business = $1 and id = $2`, t.id, id)
}

// AddSound writes that a sound is stored; one that is there stays.
func (t TenantTx) AddSound(ctx context.Context, s rebound.Sound) error {
	return t.later(ctx, `
		insert into sounds (business, id, content_type, size, duration, created_at) values ($1, $2, $3, $4, $5, $6)
		on conflict (business, id) do nothing`,
		t.id, s.ID, s.ContentType, s.Size, int64(s.Duration), micros(s.CreatedAt))
}

// SpokenFrom returns the stored voicemails that were left from a number, newest first.
func (t Tenant) SpokenFrom(ctx context.Context, n phone.Number, most int) ([]rebound.Media, error) {
	return list(ctx, t.q, scanMedia, `
		select `+mediaColumns+` from media
		where business = $1 and contact = (select id from contacts where business = $1 and number = $2)
			and call is not null and state = 'stored'
		order by created_at desc limit $3`, t.id, n, most)
}
