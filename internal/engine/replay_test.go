package engine_test

import (
	"testing"
	"time"

	"rebound"
	"rebound/internal/reboundtest"
)

func TestAReplayPlansTheCallsOfTheLineAnew(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		routed(w, rebound.Route{Open: []rebound.RouteStep{ringsTeam("day", rebound.Together)}}, func(d *rebound.Declaration) {
			other := d.Lines[0]
			other.ID, other.Number = "other", "+14155550135"
			d.Lines = append(d.Lines, other)
		})
		since := time.Now()
		long := w.Caller()
		w.Over(long.Calls(reboundtest.MainLine).RingsOut())
		w.FastForward(time.Minute)
		late := time.Now()
		missed, answered, elsewhere := w.Caller(), w.Caller(), w.Caller()
		w.Over(missed.Calls(reboundtest.MainLine).RingsOut())
		w.Over(elsewhere.Calls("+14155550135").RingsOut())
		w.Ana().Accepts(2 * time.Second).Talks(time.Minute)
		w.Over(answered.Calls(reboundtest.MainLine))
		for _, caller := range []*reboundtest.Handset{long, missed, elsewhere} {
			caller.ReadAll()
		}

		changed, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil {
			t.Fatal(err)
		}
		ask := func() rebound.Replay {
			t.Helper()
			r, err := w.App.Engine.Replay(t.Context(), reboundtest.Business, "main", changed, late)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		if r := ask(); r.Calls != 2 || r.Differ != 0 || r.Now != r.Changed || r.Now.Phones != 4 {
			t.Errorf("the route as it is: %+v, want two calls, the same both ways", r)
		}
		changed.Routes = []rebound.Route{{ID: "main", Business: reboundtest.Business}}
		r := ask()
		if r.Calls != 2 || r.Differ != 2 || r.Changed != (rebound.Courses{Straight: 2, Missed: 1}) || len(r.Examples) != 2 {
			t.Fatalf("a route that rings nobody: %+v", r)
		}
		if newest := r.Examples[0]; newest.State != rebound.CallAnswered || newest.Contact != w.Conversation(answered).Contact.ID {
			t.Errorf("the newest call stands first: %+v", newest)
		}
		if r, err := w.App.Engine.Replay(t.Context(), reboundtest.Business, "main", changed, since); err != nil || r.Calls != 3 {
			t.Errorf("since the beginning: %+v, %v, want 3 calls", r, err)
		}
		if _, err := w.App.Engine.Replay(t.Context(), reboundtest.Business, "gone", changed, since); rebound.ErrorKind(err) != rebound.NotFound {
			t.Errorf("a line that is not there: %v", err)
		}
		now, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil || len(now.Routes[0].Open) != 1 {
			t.Errorf("a replay changed the route: %+v, %v", now.Routes, err)
		}
	})
}

// A member's own voicemail takes the calls: it answers at the same moment each time, and presses no key.
func TestPhonesWhoseVoicemailTakesCallsAreFound(t *testing.T) {
	for _, run := range []func(*testing.T, func(*testing.T, *reboundtest.World)){reboundtest.RunTwilio, reboundtest.Run} {
		run(t, func(t *testing.T, w *reboundtest.World) {
			w.Declare(func(d *rebound.Declaration) { d.Lines[0].RingFor = 25 * time.Second })
			since := time.Now()
			w.Ben().VoicemailAnswers(18 * time.Second)
			for range 3 {
				caller := w.Caller()
				w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
				caller.ReadAll()
			}
			found, err := w.App.Engine.Pickups(t.Context(), reboundtest.Business, "main", since)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) != 1 || found[0].Member != "ben" || found[0].Calls != 3 || found[0].Ring != found[0].After-5*time.Second {
				t.Errorf("found %+v, want Ben's phone, 3 calls", found)
			}
			if found, err = w.App.Engine.Pickups(t.Context(), reboundtest.Business, "main", time.Now()); err != nil || len(found) > 0 {
				t.Errorf("since now: %+v, %v", found, err)
			}
		})
	}
}

func TestAnExplanationSaysWhetherATextFollows(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectText("Acme Plumbing").Replies("STOP").ExpectText("unsubscribed")
		for from, want := range map[string]rebound.TextBackReason{
			string(caller.Number): rebound.OptedOut, "+14155550199": rebound.BecauseMissed, "": rebound.Withheld,
			string(reboundtest.AnaCell): rebound.IsStaff, string(reboundtest.MainLine): rebound.IsOwnLine, "+442079460018": rebound.Landline,
		} {
			x, err := w.App.Engine.Explain(t.Context(), reboundtest.Business, "main", from, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			if _, why := x.Facts.Business.TextBack.WithDefaults().Decide(x.Missed); why != want {
				t.Errorf("%q: %s, want %s", from, why, want)
			}
			if x.Facts.Way() != rebound.OpenWay || x.Text == "" {
				t.Errorf("%q takes the way %q and would get %q", from, x.Facts.Way(), x.Text)
			}
		}
	})
}
