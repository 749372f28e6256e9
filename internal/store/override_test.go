package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
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
			Business: rebound.Override{Until: later, Note: "flood"},
			Lines:    map[rebound.LineID]rebound.Override{"main": {Open: true, Until: later}},
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
				err := mine.SaveBusiness(ctx, rebound.Business{ID: b}, now)
				c, err2 := mine.HoldContact(ctx, "carol", "+14155550177", "+14155550177", now)
				err = errors.Join(err, err2)
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
		if who, err := s.Read().For("acme").Talking(ctx); err != nil || !slices.Equal(who, []rebound.MemberID{"ana of acme"}) {
			t.Errorf("%v, %v", who, err)
		}
		if s.Engine() == "sqlite" {
			plan := explain(t, s, `select distinct accepted_by from calls
				where business = 'acme' and state = 'answered' and ended_at is null and accepted_by is not null`)
			if !strings.Contains(plan, "calls_talking") {
				t.Errorf("asked without its index: %s", plan)
			}
		}
	})
}

// A line's week from before there were schedules is the week of its schedule.
func TestHoursFromBeforeAreKept(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		s := open(t, fresh(t))
		files, err := filepath.Glob("migrations/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		before := fstest.MapFS{}
		for _, file := range files {
			if strings.HasSuffix(file, "_hours.sql") {
				break
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before[filepath.Base(file)] = &fstest.MapFile{Data: text}
		}
		if _, _, err := s.MigrateFrom(t.Context(), before); err != nil {
			t.Fatal(err)
		}
		write(t, s, func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), `insert into businesses (id, name, zone, country, contact, job_value, text_back, policy, created_at)
				values ('acme', '', '', '', '', 0, '{}', '{}', 0)`)
			_, err2 := tx.Exec(t.Context(), `insert into teams (business, id, name, members) values ('acme', 'all', 'All', '["ana"]')`)
			for id, hours := range map[string]string{"week": `[{"day":1,"from":480,"to":720}]`, "always": "null"} {
				_, err3 := tx.Exec(t.Context(), `insert into lines (business, id, connection, name, number, team, strategy, ring_for, hours, greeting, voicemail)
					values ('acme', $1, 'c', '', $1, 'all', '', 0, $2, '{}', '{}')`, id, hours)
				err2 = errors.Join(err2, err3)
			}
			return errors.Join(err, err2)
		})
		if _, _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		mine := s.Read().For("acme")
		lines, err := mine.Lines(t.Context())
		if err != nil || len(lines) != 2 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		week := rebound.Schedule{Weekly: rebound.Hours{{Day: time.Monday, From: 480, To: 720}}}
		if !reflect.DeepEqual(lines[0].Schedule, rebound.Schedule{}) || !reflect.DeepEqual(lines[1].Schedule, week) {
			t.Errorf("%+v and %+v", lines[0].Schedule, lines[1].Schedule)
		}
		teams, err := mine.Teams(t.Context())
		if err != nil || len(teams) != 1 || !reflect.DeepEqual(teams[0].Rota, rebound.Rota{}) || len(teams[0].Members) != 1 {
			t.Errorf("%+v, %v", teams, err)
		}
		if b, err := mine.Business(t.Context()); err != nil || !reflect.DeepEqual(b.Schedule, rebound.Schedule{}) {
			t.Errorf("%+v, %v", b, err)
		}
	})
}
