package store_test

import (
	"slices"
	"testing"
	"time"

	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func TestNumbersCountWhatIsNewAndWhatIsDue(t *testing.T) {
	reboundtest.Databases(t, func(t *testing.T, fresh func(t testing.TB) store.Options) {
		s := open(t, fresh(t))
		if _, _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		now := time.Unix(1_800_000_000, 0)
		write(t, s, func(tx *store.Tx) error {
			for _, call := range []struct{ made, due time.Time }{{now.Add(-2 * time.Hour), now.Add(-time.Minute)}, {now.Add(-time.Minute), now.Add(time.Minute)}} {
				_, err := tx.Exec(t.Context(), `insert into calls (business, id, line, connection, direction, contact, from_raw, plan, evidence, state,
					reason, arrived_at, voicemail, due_at) values ('b', $1, 'l', 'c', 'in', 'x', '', '{}', '{}', 'missed', 'no_answer', 1, 0, $2)`,
					store.NewID(call.made), call.due.UnixMicro())
				if err != nil {
					return err
				}
			}
			return nil
		})
		n, err := s.Read().Numbers(t.Context(), now.Add(-time.Hour), now)
		if err != nil {
			t.Fatal(err)
		}
		if want := []store.Tally{{Words: [3]string{"in", "missed", "no_answer"}, Count: 1}}; !slices.Equal(n.Calls, want) {
			t.Errorf("calls: %v, want %v", n.Calls, want)
		}
		if n.Due[store.Calls] != 1 || n.Late[store.Calls] != time.Minute || n.Due[store.Alerts] != 0 || n.Late[store.Alerts] != 0 {
			t.Errorf("due %v, late %v", n.Due, n.Late)
		}
	})
}
