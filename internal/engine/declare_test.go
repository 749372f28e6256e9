package engine_test

import (
	"errors"
	"reflect"
	"testing"

	"rebound"
	"rebound/internal/reboundtest"
)

func TestAnEditKeepsWhatItDoesNotTouch(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		before, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		rename := func(d *rebound.Declaration) error { d.Teams[0].Name = "Everybody"; return nil }
		if err := w.App.Engine.Edit(t.Context(), reboundtest.Business, rename); err != nil {
			t.Fatal(err)
		}
		after, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		before.Teams[0].Name = "Everybody"
		if !reflect.DeepEqual(before, after) {
			t.Errorf("the edit made it\n%+v\nit should be\n%+v", after, before)
		}
	})
}

func TestARefusedEditLeavesWhatStands(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		err := w.App.Engine.Edit(t.Context(), reboundtest.Business, func(d *rebound.Declaration) error {
			d.Teams[0].Members = append(d.Teams[0].Members, "nobody")
			return rebound.Problems{{About: "teams", Wrong: "nobody is no member"}}
		})
		var problems rebound.Problems
		if !errors.As(err, &problems) {
			t.Fatalf("refused with %v, not with the problems", err)
		}
		d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range d.Teams[0].Members {
			if m == "nobody" {
				t.Error("the refused edit was saved")
			}
		}
		if err := w.App.Engine.Edit(t.Context(), "none", func(*rebound.Declaration) error { return nil }); rebound.ErrorKind(err) != rebound.NotFound {
			t.Errorf("an edit of no business: %v", err)
		}
	})
}
