package store_test

import (
	"errors"
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func TestRevisionTellsThatABusinessWasDeclaredAnew(t *testing.T) {
	reboundtest.Stores(t, func(t *testing.T, open func(t *testing.T) *store.Store) {
		s := open(t)
		mine := s.Read().For("acme")
		if _, err := mine.Revision(t.Context()); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("before the business is there: %v", err)
		}
		declare := func(name string, undone error) {
			err := s.Write(t.Context(), func(tx *store.Tx) error {
				return errors.Join(tx.For("acme").SaveBusiness(t.Context(), rebound.Business{ID: "acme", Name: name}, time.Now()), undone)
			})
			if !errors.Is(err, undone) {
				t.Fatal(err)
			}
		}
		var seen []int64
		note := func() {
			n, err := mine.Revision(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, n)
		}
		declare("Acme", nil)
		note()
		declare("Acme Plumbing", nil)
		note()
		declare("Acme Heating", errors.New("changed my mind"))
		note()
		if seen[1] == seen[0] || seen[2] != seen[1] {
			t.Errorf("revisions %v: expected a new one for the second declaration, none for the third, which was undone", seen)
		}
	})
}
