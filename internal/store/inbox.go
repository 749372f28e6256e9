package store

import (
	"context"
	"errors"

	"rebound"
)

// InboxRow is one conversation in a list.
type InboxRow struct {
	Contact  rebound.Contact
	Recovery rebound.Recovery // the live one; its ID is empty where there is none
}

// Inbox returns the conversations with the latest sign of life, latest first, at most limit.
func (t Tenant) Inbox(ctx context.Context, limit int) ([]InboxRow, error) {
	contacts, err := list(ctx, t.q, t.scanContact, `
		select `+contactColumns+` from contacts where business = $1 order by last_at desc, id limit $2`, t.id, limit)
	if err != nil {
		return nil, err
	}
	rows := make([]InboxRow, len(contacts))
	for i, c := range contacts {
		rows[i].Contact = c
		rows[i].Recovery, err = t.LatestRecovery(ctx, c.ID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
	}
	return rows, nil
}

// LatestRecovery returns the contact's latest recovery, live or over.
func (t Tenant) LatestRecovery(ctx context.Context, contact rebound.ContactID) (rebound.Recovery, error) {
	return first(ctx, t.q, t.scanRecovery, `
		select `+recoveryColumns+` from recoveries where business = $1 and contact = $2
		order by opened_at desc limit 1`, t.id, contact)
}

// Conversation is everything between one contact and the business, each list oldest first.
type Conversation struct {
	Contact    rebound.Contact
	Recoveries []rebound.Recovery
	Calls      []rebound.Call
	Messages   []rebound.Message
	Events     []rebound.Event
	Notes      []rebound.Note
	Media      []rebound.Media

	Transcripts []rebound.Transcript // in no order
}

// mostShown bounds each list of a conversation to its latest entries.
const mostShown = 500

// Conversation returns a contact's conversation.
func (t Tenant) Conversation(ctx context.Context, id rebound.ContactID) (Conversation, error) {
	var c Conversation
	var err error
	if c.Contact, err = t.Contact(ctx, id); err != nil {
		return c, err
	}
	part(ctx, t.q, &err, &c.Recoveries, t.scanRecovery,
		`select `+recoveryColumns+` from recoveries where business = $1 and contact = $2 order by opened_at desc limit $3`, t.id, id)
	part(ctx, t.q, &err, &c.Calls, scanCall,
		`select `+callColumns+` from calls where business = $1 and contact = $2 order by arrived_at desc limit $3`, t.id, id)
	part(ctx, t.q, &err, &c.Messages, scanMessage,
		`select `+messageColumns+` from messages where business = $1 and contact = $2 order by created_at desc, id desc limit $3`, t.id, id)
	part(ctx, t.q, &err, &c.Events, t.scanEvent, `
		select id, contact, recovery, call, message, kind, words, at from events
		where business = $1 and contact = $2 order by at desc, id desc limit $3`, t.id, id)
	part(ctx, t.q, &err, &c.Notes, t.scanNote,
		`select `+noteColumns+` from notes where business = $1 and contact = $2 order by at desc, id desc limit $3`, t.id, id)
	part(ctx, t.q, &err, &c.Media, scanMedia,
		`select `+mediaColumns+` from media where business = $1 and contact = $2 order by created_at desc, id desc limit $3`, t.id, id)
	if err == nil {
		c.Transcripts, err = t.transcriptsOf(ctx, id)
	}
	return c, err
}

// part reads one list, latest first, and turns it round. After an error it does nothing.
func part[T any](ctx context.Context, q queries, err *error, into *[]T, scan func(scanner, *T) error, query string, business rebound.BusinessID, id rebound.ContactID) {
	if *err != nil {
		return
	}
	*into, *err = list(ctx, q, scan, query, business, id, mostShown)
	for i, j := 0, len(*into)-1; i < j; i, j = i+1, j-1 {
		(*into)[i], (*into)[j] = (*into)[j], (*into)[i]
	}
}
