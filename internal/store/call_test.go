package store_test

import (
	"errors"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func TestArrivalsAreTheLatestCallsOfOneBusiness(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, ctx, since := open(t), t.Context(), time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
		add := func(id rebound.BusinessID, line rebound.LineID, state rebound.CallState, at time.Time) {
			write(t, s, func(tx *store.Tx) error {
				key := store.NewID(at)
				return tx.For(id).AddCall(ctx, rebound.Call{
					ID: rebound.CallID(key), Line: line, Connection: "x", CarrierID: key, Contact: "c", State: state, ArrivedAt: at,
				})
			})
		}
		for _, id := range []rebound.BusinessID{"acme", "other"} {
			write(t, s, func(tx *store.Tx) error { return tx.For(id).SaveBusiness(ctx, rebound.Business{ID: id}, since) })
		}
		add("acme", "main", rebound.CallMissed, since.Add(-time.Millisecond))
		add("acme", "main", rebound.CallMissed, since)
		add("acme", "main", rebound.CallBlocked, since.Add(time.Minute))
		add("other", "main", rebound.CallMissed, since.Add(time.Minute))
		add("acme", "night", rebound.CallAnswered, since.Add(time.Hour))
		mine := s.Read().For("acme")
		all, err := mine.Arrivals(ctx, since, 10)
		few, err2 := mine.Arrivals(ctx, since, 1)
		if err := errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || all[0] != (store.Arrival{Line: "night", At: since.Add(time.Hour)}) || all[1] != (store.Arrival{Line: "main", At: since}) {
			t.Errorf("arrivals %+v", all)
		}
		if len(few) != 1 || few[0].Line != "night" {
			t.Errorf("the latest is %+v", few)
		}
	})
}
