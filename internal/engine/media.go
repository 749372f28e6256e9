package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/store"
)

// mostFetches bounds how often a picture or recording is asked for: about an hour with the backoff.
const mostFetches = 10

// wantMedia writes that a picture or recording is to be fetched, now.
func (s *step) wantMedia(m rebound.Media, once string) error {
	m.ID, m.State, m.CreatedAt, m.DueAt = rebound.MediaID(store.NewID(s.now)), rebound.MediaWanted, s.now, s.now
	s.look(store.Media, m.DueAt)
	return s.tx.For(m.Business).AddMedia(s.ctx, m, once)
}

// wantRecording writes that a voicemail is to be fetched. The carrier may promise the address before
// the sound is there; the fetch is then repeated.
func (s *step) wantRecording(call *rebound.Call) error {
	if call.Recording.URL == "" {
		return nil
	}
	err := s.wantMedia(rebound.Media{
		Business: call.Business, Connection: call.Connection, Contact: call.Contact, Call: call.ID, URL: call.Recording.URL,
		ContentType: "audio/mpeg", Duration: call.Recording.Duration,
	}, "recording/"+string(call.ID))
	if errors.Is(err, store.ErrDuplicate) {
		return nil
	}
	return err
}

// mediaDue fetches one picture or recording into our own storage.
func (e *Engine) mediaDue(ctx context.Context, claim store.Claim) error {
	m, err := e.store.Read().For(claim.Business).Media(ctx, rebound.MediaID(claim.ID))
	if err != nil {
		return err
	}
	if m.State == rebound.MediaWanted {
		m = e.fetch(ctx, m)
	} else {
		m.DueAt = time.Time{}
	}
	return e.write(ctx, func(s *step) error {
		mine, err := s.tx.For(claim.Business).Leased(s.ctx, store.Media, claim)
		if err != nil || !mine {
			return err
		}
		if err := s.wantTranscript(m); err != nil {
			return err
		}
		s.changed(m.Business, m.Contact)
		s.look(store.Media, m.DueAt)
		return s.tx.For(m.Business).SaveMedia(s.ctx, m)
	})
}

// fetch gets the bytes and returns the row as it then stands.
func (e *Engine) fetch(ctx context.Context, m rebound.Media) rebound.Media {
	m.Tries++
	contentType, size, err := e.download(ctx, m)
	if err == nil {
		m.State, m.Size, m.ContentType, m.Trouble, m.DueAt = rebound.MediaStored, size, contentType, "", time.Time{}
		return m
	}
	e.log.Warn("media not fetched", "business", m.Business, "media", m.ID, "call", m.Call, "step", "fetch", "try", m.Tries, "err", err)
	m.Trouble = "The carrier has not handed it over yet."
	m.DueAt = e.now().Add(min(2*time.Second<<m.Tries, 10*time.Minute))
	if errors.Is(err, store.ErrTooLarge) {
		m.State, m.Trouble, m.DueAt = rebound.MediaLost, fmt.Sprintf("Larger than %d MB, so it was not taken.", e.o.MediaMax>>20), time.Time{}
	} else if m.Tries >= mostFetches {
		m.State, m.Trouble, m.DueAt = rebound.MediaLost, "The carrier did not hand it over.", time.Time{}
	}
	return m
}

func (e *Engine) download(ctx context.Context, m rebound.Media) (contentType string, size int64, err error) {
	c, err := e.o.Carrier(ctx, m.Connection)
	if err != nil {
		return "", 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, e.o.Lease*2/3)
	defer cancel()
	var media carrier.Media
	if media, err = c.Fetch(ctx, m.URL); err != nil {
		return "", 0, err
	}
	defer media.Body.Close()
	size, err = e.o.Files.Put(m.Business, m.ID, io.Reader(media.Body), e.o.MediaMax)
	contentType = m.ContentType
	if kind, _, parseErr := mime.ParseMediaType(media.ContentType); parseErr == nil {
		contentType = kind
	}
	return contentType, size, err
}
