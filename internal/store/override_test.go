package store_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func TestOverridesStandBesideTheDeclaration(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, ctx, now := open(t), t.Context(), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		later := now.Add(time.Hour)
		declare := func(id rebound.BusinessID) {
			write(t, s, func(tx *store.Tx) error { return tx.For(id).SaveBusiness(ctx, rebound.Business{ID: id}, now) })
		}
		declare("acme")
		declare("other")
		mine := s.Read().For("acme")
		before, err := mine.Revision(ctx)
		if err != nil {
			t.Fatal(err)
		}
		write(t, s, func(tx *store.Tx) error {
			mine := tx.For("acme")
			return errors.Join(
				mine.SetOverride(ctx, store.Override{Says: store.SaysClosed, Until: now, Note: "old", At: now}),
				mine.SetOverride(ctx, store.Override{Says: store.SaysClosed, Until: later, Note: "flood", By: "ana", At: now}),
				mine.SetOverride(ctx, store.Override{Line: "main", Says: store.SaysOpen, Until: later, At: now}),
				mine.SetOverride(ctx, store.Override{Member: "main", Says: store.SaysBusy, Until: later, By: "ben", At: now}),
				mine.SetOverride(ctx, store.Override{Member: "ben", Says: store.SaysOff, Until: now, At: now}),
				mine.SetOverride(ctx, store.Override{Line: "gone", Says: store.SaysOpen, Until: later, At: now}),
				mine.LiftOverride(ctx, store.Override{Line: "gone"}),
				mine.LiftOverride(ctx, store.Override{Line: "never"}),
			)
		})
		declare("acme")
		set, err := mine.Overrides(ctx)
		if err != nil || len(set) != 4 || set[0] != (store.Override{Says: store.SaysClosed, Until: later, Note: "flood", By: "ana", At: now}) {
			t.Errorf("%+v, %v", set, err)
		}
		want := rebound.Overrides{
			Business: rebound.Override{From: now, Until: later, Note: "flood"},
			Lines:    map[rebound.LineID]rebound.Override{"main": {Open: true, From: now, Until: later}},
			Members:  map[rebound.MemberID]rebound.Absence{"main": {Busy: true, Until: later}, "ben": {Until: now}},
		}
		if got := store.InForce(set); !reflect.DeepEqual(got, want) {
			t.Errorf("in the domain's words %+v, want %+v", got, want)
		}
		if set, err := s.Read().For("other").Overrides(ctx); err != nil || len(set) > 0 {
			t.Errorf("another business has %+v, %v", set, err)
		}
		if after, err := mine.Revision(ctx); err != nil || after != before+9 {
			t.Errorf("revision %d, then %d, %v: want a new one for each tap and declaration", before, after, err)
		}
	})
}

func TestWhoTalks(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s, ctx, now := open(t), t.Context(), time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
		for _, b := range []rebound.BusinessID{"acme", "other"} {
			write(t, s, func(tx *store.Tx) error {
				mine := tx.For(b)
				c := rebound.Contact{ID: "carol", Number: "+14155550177", Raw: "+14155550177", LastAt: now}
				err := errors.Join(mine.SaveBusiness(ctx, rebound.Business{ID: b}, now), mine.AddContact(ctx, c))
				for id, call := range map[string]rebound.Call{
					"rings":  {State: rebound.CallRinging},
					"missed": {State: rebound.CallMissed, MissedAt: now},
					"over":   {State: rebound.CallAnswered, AcceptedBy: "zoe", EndedAt: now},
					"talks":  {State: rebound.CallAnswered, AcceptedBy: rebound.MemberID("ana of " + b)},
					"twice":  {State: rebound.CallAnswered, AcceptedBy: rebound.MemberID("ana of " + b)},
				} {
					call.ID, call.CarrierID, call.Contact, call.ArrivedAt = rebound.CallID(id), string(b)+id, c.ID, now
					err = errors.Join(err, mine.AddCall(ctx, call))
				}
				return err
			})
		}
		calls, err := s.Read().For("acme").Engaging(ctx)
		if err != nil || len(calls) != 2 {
			t.Errorf("%d calls, %v", len(calls), err)
		}
		for _, c := range calls {
			if c.AcceptedBy != "ana of acme" || c.ID != "talks" && c.ID != "twice" {
				t.Errorf("call %s of %s is answered and not over", c.ID, c.AcceptedBy)
			}
		}
		if s.Engine() == "sqlite" {
			plan := explain(t, s, `select id from calls where business = 'acme' and state in ('answered', 'calling') and ended_at is null`)
			if !strings.Contains(plan, "calls_talking") {
				t.Errorf("asked without its index: %s", plan)
			}
		}
	})
}
