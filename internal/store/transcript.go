package store

import (
	"context"

	"rebound"
)

const transcriptColumns = `business, id, state, words, trouble, tries, created_at, due_at`

func scanTranscript(row scanner, t *rebound.Transcript) error {
	return row.Scan(str(&t.Business), str(&t.Media), str(&t.State), &t.Words, &t.Trouble, &t.Tries, at(&t.CreatedAt), at(&t.DueAt))
}

// Transcript returns what was heard in one recording.
func (t Tenant) Transcript(ctx context.Context, id rebound.MediaID) (rebound.Transcript, error) {
	return first(ctx, t.q, scanTranscript, `select `+transcriptColumns+` from transcripts where business = $1 and id = $2`, t.id, id)
}

// transcriptsOf returns what was heard in a contact's recordings.
func (t Tenant) transcriptsOf(ctx context.Context, c rebound.ContactID) ([]rebound.Transcript, error) {
	return list(ctx, t.q, scanTranscript, `
		select `+transcriptColumns+` from transcripts
		where business = $1 and id in (select id from media where business = $1 and contact = $2)`, t.id, c)
}

// AddTranscript writes that a recording is to be transcribed; one that is there already stays.
func (t TenantTx) AddTranscript(ctx context.Context, v rebound.Transcript) error {
	return t.later(ctx, `
		insert into transcripts (`+transcriptColumns+`) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (id, business) do nothing`,
		t.id, v.Media, string(v.State), v.Words, v.Trouble, v.Tries, micros(v.CreatedAt), micros(v.DueAt))
}

// SaveTranscript writes what became of a try and frees its lease.
func (t TenantTx) SaveTranscript(ctx context.Context, v rebound.Transcript) error {
	return t.later(ctx, `
		update transcripts set state = $3, words = $4, trouble = $5, tries = $6, due_at = $7, lease_by = null
		where business = $1 and id = $2`, t.id, v.Media, string(v.State), v.Words, v.Trouble, v.Tries, micros(v.DueAt))
}
