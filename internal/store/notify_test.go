package store_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

// listen collects payloads until the test ends. It returns when the listening has begun.
func listen(t *testing.T, s *store.Store) <-chan string {
	t.Helper()
	heard, done := make(chan string, 1000), make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- s.Listen(ctx, func(payload string) { heard <- payload }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("listening ended with %v", err)
		}
	})
	if s.Engine() == "postgres" {
		expect(t, heard, "")
	}
	return heard
}

func expect(t *testing.T, heard <-chan string, want string) {
	t.Helper()
	select {
	case payload := <-heard:
		if payload != want {
			t.Fatalf("heard %q, expected %q", payload, want)
		}
	case <-time.After(10 * time.Second):
		t.Fatalf("%q was not heard", want)
	}
}

func notify(t *testing.T, s *store.Store, payload string, end error) {
	t.Helper()
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		return errors.Join(tx.Notify(t.Context(), payload), end)
	})
	if !errors.Is(err, end) {
		t.Error(err)
	}
}

func TestNotificationsReachEveryNode(t *testing.T) {
	o := reboundtest.Postgres(t)
	first, second := open(t, o), open(t, o)
	stranger := open(t, reboundtest.Postgres(t)) // in the same database
	one, two := listen(t, first), listen(t, second)
	other := listen(t, stranger)
	notify(t, first, "undone", errBoom)
	notify(t, first, "acme/recovery", nil)
	notify(t, second, "it's", nil)
	for _, want := range []string{"acme/recovery", "it's"} {
		expect(t, one, want)
		expect(t, two, want)
	}
	notify(t, stranger, "mine", nil)
	expect(t, other, "mine")
}

func TestListenComesBack(t *testing.T) {
	s := open(t, reboundtest.Postgres(t))
	heard := listen(t, s)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), `select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen '||$1`, s.Channel())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, heard, "") // something may have been missed
	notify(t, s, "again", nil)
	expect(t, heard, "again")
}

// A beat must lose neither the connection nor what comes at that moment.
func TestListenOutlivesItsBeat(t *testing.T) {
	s := open(t, reboundtest.Postgres(t))
	s.Beat(time.Millisecond)
	heard := listen(t, s)
	for i := range 200 {
		notify(t, s, strconv.Itoa(i), nil)
	}
	for i := range 200 {
		expect(t, heard, strconv.Itoa(i)) // and no "" between them
	}
}

func TestSQLiteHasNobodyToTell(t *testing.T) {
	s := open(t, reboundtest.SQLite(t))
	heard := listen(t, s)
	notify(t, s, "x", nil)
	select {
	case payload := <-heard:
		t.Errorf("heard %q", payload)
	default:
	}
}
