package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

// watched is a business with one line, declared at now and looked at an hour later.
func watched(t *testing.T, s *store.Store, now time.Time) rebound.Line {
	t.Helper()
	line := rebound.Line{Business: "acme", ID: "main", Connection: "acme.main", Name: "Main line", Number: "+14155550134"}
	write(t, s, func(tx *store.Tx) error {
		mine := tx.For("acme")
		return errors.Join(mine.SaveBusiness(t.Context(), rebound.Business{ID: "acme"}, now), mine.SaveLine(t.Context(), line),
			mine.WatchLine(t.Context(), line, now, now.Add(time.Hour)))
	})
	return line
}

func look(t *testing.T, s *store.Store) store.Look {
	t.Helper()
	l, err := s.Read().For("acme").Look(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLineIsLookedAtAgainAndAgain(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, now := open(t), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		line := watched(t, s, now)
		if l := look(t, s); l.Line.Number != line.Number || !l.Since.Equal(now) || !l.SeenUntil.Equal(now) {
			t.Errorf("a new line has %+v", l)
		}
		if claims := claim(t, s, store.Looks, now, 9); len(claims) > 0 {
			t.Errorf("looked at at once: %v", claims)
		}
		write(t, s, func(tx *store.Tx) error { return tx.LookNow(t.Context(), now) })
		claims := claim(t, s, store.Looks, now, 9)
		if len(claims) != 1 || claims[0].Business != "acme" || claims[0].ID != "main" {
			t.Fatalf("due after a start: %v", claims)
		}
		write(t, s, func(tx *store.Tx) error { return tx.LookNow(t.Context(), now) }) // another node starts
		if again := claim(t, s, store.Looks, now, 9); len(again) > 0 {
			t.Errorf("two look at once: %v", again)
		}
		save := func(c store.Claim, until time.Time) {
			write(t, s, func(tx *store.Tx) error {
				return tx.For("acme").SaveLook(t.Context(), c, store.Look{SeenUntil: until, Fails: 2}, until.Add(time.Hour))
			})
		}
		later := now.Add(time.Minute)
		save(claims[0], later)
		if l := look(t, s); !l.SeenUntil.Equal(later) || !l.Since.Equal(now) || l.Fails != 2 {
			t.Errorf("after a look: %+v", l)
		}
		write(t, s, func(tx *store.Tx) error { return tx.For("acme").WatchLine(t.Context(), line, later, later) })
		if l := look(t, s); !l.Since.Equal(now) {
			t.Errorf("declared again: %+v", l)
		}
		line.Number = "+14155550135"
		write(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.For("acme").SaveLine(t.Context(), line), tx.For("acme").WatchLine(t.Context(), line, later, later))
		})
		save(claims[0], now.Add(-time.Hour)) // whoever looked at the old number
		if l := look(t, s); !l.Since.Equal(later) || !l.SeenUntil.Equal(later) || l.Fails != 0 {
			t.Errorf("with another number: %+v", l)
		}
	})
}

func TestLineOutOfUseIsNotLookedAt(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, now := open(t), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		line := watched(t, s, now)
		write(t, s, func(tx *store.Tx) error { return tx.For("acme").Retire(t.Context(), "lines", "main", now) })
		if _, err := s.Read().For("acme").Look(t.Context(), "main"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("error %v", err)
		}
		claims := claim(t, s, store.Looks, now.Add(time.Hour), 9)
		write(t, s, func(tx *store.Tx) error { return tx.For("acme").Rest(t.Context(), store.Looks, claims[0]) })
		back := now.Add(24 * time.Hour)
		write(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.For("acme").SaveLine(t.Context(), line), tx.For("acme").WatchLine(t.Context(), line, back, back))
		})
		if l := look(t, s); !l.Since.Equal(back) {
			t.Errorf("in use again: %+v", l)
		}
	})
}

// A database from before there were looks has lines.
func TestLinesFromBeforeAreLookedAt(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, now := open(t), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		write(t, s, func(tx *store.Tx) error {
			mine, line := tx.For("acme"), rebound.Line{ID: "main", Connection: "acme.main", Number: "+14155550134"}
			return errors.Join(mine.SaveBusiness(t.Context(), rebound.Business{ID: "acme"}, now), mine.SaveLine(t.Context(), line),
				tx.LookNow(t.Context(), now))
		})
		if l := look(t, s); !l.Since.Equal(now) || !l.SeenUntil.Equal(now) {
			t.Errorf("it has %+v", l)
		}
		if claims := claim(t, s, store.Looks, now, 9); len(claims) != 1 {
			t.Errorf("due: %v", claims)
		}
	})
}

func TestWhatTheCarrierHasTold(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, ctx, now := open(t), context.Background(), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		watched(t, s, now)
		write(t, s, func(tx *store.Tx) error {
			mine := tx.For("acme")
			c := rebound.Contact{ID: "carol", Number: "+14155550177", Raw: "+14155550177", LastAt: now}
			return errors.Join(mine.AddContact(ctx, c),
				mine.AddCall(ctx, rebound.Call{ID: "c", Line: "main", Connection: "acme.main", CarrierID: "CA1", Contact: c.ID, State: rebound.CallRinging, ArrivedAt: now}),
				mine.AddCall(ctx, rebound.Call{ID: "u", Line: "main", Connection: "acme.main", CarrierID: "CA2", Contact: c.ID, State: rebound.CallRinging, ArrivedAt: now, Unheard: true}))
		})
		for _, test := range []struct {
			business   rebound.BusinessID
			connection rebound.ConnectionID
			id         string
			want       bool
		}{{"acme", "acme.main", "1", true}, {"acme", "acme.main", "2", false}, {"acme", "acme.other", "1", false}, {"other", "acme.main", "1", false}} {
			mine := s.Read().For(test.business)
			call, err := mine.CallTold(ctx, test.connection, "CA"+test.id)
			if err != nil || call != test.want {
				t.Errorf("%+v: %t, %v", test, call, err)
			}
		}
	})
}
