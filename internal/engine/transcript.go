package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rebound"
	"rebound/internal/sms"
	"rebound/internal/store"
)

// ErrNotTaken says that a transcription service does not take a recording and would not take it later either.
var ErrNotTaken = errors.New("the transcription service does not take this recording")

// shortestSpoken is what a voicemail must last to hold words.
const shortestSpoken = time.Second

// wantTranscript writes that a recording, which is stored, is to be transcribed, where there is a service for it.
func (s *step) wantTranscript(m rebound.Media) error {
	if s.o.Transcribe == nil || m.Call == "" || m.State != rebound.MediaStored || m.Duration < shortestSpoken {
		return nil
	}
	s.look(store.Transcripts, s.now)
	return s.tx.For(m.Business).AddTranscript(s.ctx, rebound.Transcript{
		Media: m.ID, Business: m.Business, State: rebound.TranscriptWanted, CreatedAt: s.now, DueAt: s.now,
	})
}

// transcriptDue asks the service what is said in a recording. A node without a service does not run the lane.
func (e *Engine) transcriptDue(ctx context.Context, claim store.Claim) error {
	mine := e.store.Read().For(claim.Business)
	t, err := mine.Transcript(ctx, rebound.MediaID(claim.ID))
	if err != nil {
		return err
	}
	m, err := mine.Media(ctx, t.Media)
	if err != nil {
		return err
	}
	if t.State == rebound.TranscriptWanted {
		words, err := e.transcribe(ctx, m)
		switch {
		case ctx.Err() != nil:
			return ctx.Err() // we stop: it was no try
		case err != nil:
			e.log.Warn("voicemail not transcribed", "business", m.Business, "media", m.ID, "call", m.Call, "step", "transcribe", "try", t.Tries+1, "err", err)
			t = t.Failed(e.now(), errors.Is(err, ErrNotTaken))
		default:
			t = t.Made(words)
		}
	} else {
		t.DueAt = time.Time{}
	}
	return e.write(ctx, func(s *step) error {
		held, err := s.tx.For(claim.Business).Leased(s.ctx, store.Transcripts, claim)
		if err != nil || !held {
			return err
		}
		s.changed(m.Business, m.Contact)
		s.look(store.Transcripts, t.DueAt)
		return s.tx.For(m.Business).SaveTranscript(s.ctx, t)
	})
}

func (e *Engine) transcribe(ctx context.Context, m rebound.Media) (string, error) {
	f, err := e.o.Files.Open(m.Business, m.ID)
	if err != nil {
		return "", fmt.Errorf("open recording: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	ctx, cancel := context.WithTimeout(ctx, e.lanes.transcripts.lease*2/3)
	defer cancel()
	words, err := e.o.Transcribe(ctx, m.ContentType, f)
	return strings.TrimSpace(sms.Clean(words)), err
}
