package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"rebound"
	"rebound/internal/store"
)

// SetGreeting makes a sound what callers of a line hear at an hour, and returns it. The file is stored before the line
// names it; one that no line names after a crash is harmless, and stored again under the same id. Errors are those of
// rebound.ReadSound and R3001, R2116.
func (e *Engine) SetGreeting(ctx context.Context, b rebound.BusinessID, line rebound.LineID, hour rebound.GreetingHour, audio io.Reader) (rebound.Sound, error) {
	file, err := io.ReadAll(io.LimitReader(audio, rebound.LargestSound+1))
	if err != nil {
		return rebound.Sound{}, fmt.Errorf("read the greeting: %w", err)
	}
	sound, err := rebound.ReadSound(file)
	if err != nil {
		return sound, err
	}
	if _, err := e.o.Files.Put(b, sound.ID, bytes.NewReader(file), rebound.LargestSound); err != nil {
		return sound, fmt.Errorf("store the greeting: %w", err)
	}
	err = e.write(ctx, func(s *step) error {
		sound.Business, sound.CreatedAt = b, s.now
		return s.edit(b, func(d *rebound.Declaration) error {
			i := slices.IndexFunc(d.Lines, func(l rebound.Line) bool { return l.ID == line })
			if i < 0 {
				return rebound.Errorf(rebound.NotFound, "R2116", "There is no such line any more. Reload the page.")
			}
			d.Lines[i].Greeting = d.Lines[i].Greeting.With(hour, sound.ID)
			return s.tx.For(b).AddSound(s.ctx, sound)
		})
	})
	if err != nil {
		return sound, fmt.Errorf("set the greeting of %s: %w", line, err)
	}
	return sound, nil
}

// Sound opens a stored sound; who reads it closes it.
func (e *Engine) Sound(ctx context.Context, b rebound.BusinessID, id rebound.MediaID) (rebound.Sound, io.ReadSeekCloser, error) {
	s, err := e.store.Read().For(b).Sound(ctx, id)
	if err != nil {
		return s, nil, noSound(err)
	}
	f, err := e.o.Files.Open(b, id)
	if err != nil {
		return s, nil, noSound(err)
	}
	return s, f, nil
}

func noSound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return rebound.Errorf(rebound.NotFound, "R2117", "There is no such greeting here. Upload it again on the line's page.")
	}
	return fmt.Errorf("open the greeting: %w", err)
}

// soundsAreHere refuses a declaration with a greeting that is not stored here: a carrier would find nothing to play.
func (s *step) soundsAreHere(d rebound.Declaration) error {
	for named, g := range d.Greetings() {
		for _, id := range g.Sounds() {
			_, err := s.tx.For(d.Business.ID).Sound(s.ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				return rebound.Errorf(rebound.Invalid, "R2114",
					"%s names the greeting %s, which is not stored here. Leave it out, apply the file, and upload the sound on the line's page: it gets the same name again.", named, id)
			}
			if err != nil {
				return fmt.Errorf("look for the greeting of %s: %w", named, err)
			}
		}
	}
	return nil
}
