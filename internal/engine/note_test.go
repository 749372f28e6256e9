package engine_test

import (
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

func notes(w *reboundtest.World, about *reboundtest.Handset, body, key string) error {
	return w.App.Engine.AddNote(w.T.Context(), engine.HumanNote{
		Business: reboundtest.Business, Contact: w.Conversation(about).Contact.ID, Author: "ana", Body: body, Key: key,
	})
}

func TestANoteTellsWhomItNamesAndStopsNoClock(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		w.Settle()
		w.AlertsAreRead()
		before := w.Conversation(caller)
		for range 2 { // the same press twice
			if err := notes(w, caller, "@Ben can you take this? @ana has the parts.", "key"); err != nil {
				t.Fatal(err)
			}
		}
		page := "https://rebound.test/b/acme/conversations/" + string(before.Contact.ID)
		w.Ben().ExpectText("Ana mentioned you", "can you take this?", page)
		w.Ben().ExpectNoText(10 * time.Second)
		w.Ana().ExpectNoText(10 * time.Second)
		after := w.Conversation(caller)
		if len(after.Notes) != 1 {
			t.Fatalf("%d notes stand there", len(after.Notes))
		}
		n, r := after.Notes[0], after.Recoveries[0]
		if n.Author != "ana" || len(n.Told) != 1 || n.Told[0] != "ben" || n.Recovery != r.ID {
			t.Errorf("%+v", n)
		}
		if was := before.Recoveries[0]; r.State != rebound.RecoveryWaiting || !r.DueAt.Equal(was.DueAt) || !r.WaitSince.Equal(was.WaitSince) {
			t.Errorf("the note changed the clock: %+v, before %+v", r, was)
		}
	})
}

func TestANoteThatCannotStandIsRefused(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		contact := w.Conversation(caller).Contact.ID
		good := engine.HumanNote{Business: reboundtest.Business, Contact: contact, Author: "ana", Body: "x", Key: "k"}
		for code, change := range map[string]func(*engine.HumanNote){
			"R3250": func(n *engine.HumanNote) { n.Body = " \n" },
			"R3251": func(n *engine.HumanNote) { n.Body = strings.Repeat("é", rebound.LongestNote+1) },
			"R2003": func(n *engine.HumanNote) { n.Key = "Not A Key" },
			"R2004": func(n *engine.HumanNote) { n.Contact = "nobody" },
			"R2008": func(n *engine.HumanNote) { n.Author = "zoe" },
		} {
			n := good
			change(&n)
			expectCode(t, w.App.Engine.AddNote(t.Context(), n), code)
		}
		if c := w.Conversation(caller); len(c.Notes) > 0 {
			t.Errorf("%+v", c.Notes)
		}
	})
}

func TestADraftIsKeptForItsWriterUntilItIsSent(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		contact := w.Conversation(caller).Contact.ID
		keep := func(by rebound.MemberID, body string, note bool) {
			t.Helper()
			err := w.App.Engine.SaveDraft(t.Context(), reboundtest.Business, store.Draft{Contact: contact, Member: by, Body: body, Note: note})
			if err != nil {
				t.Fatal(err)
			}
		}
		expect := func(by rebound.MemberID, body string, note bool) {
			t.Helper()
			d, err := w.Rows().Draft(t.Context(), contact, by)
			if body == "" && err == store.ErrNotFound {
				return
			}
			if err != nil || d.Body != body || d.Note != note {
				t.Errorf("%s has the draft %+v, %v; want %q", by, d, err, body)
			}
		}
		keep("ana", "On my", false)
		keep("ana", "On my way", false)
		keep("ben", "Ask Ana", true)
		w.Crash()
		expect("ana", "On my way", false)
		expect("ben", "Ask Ana", true)
		writes(w, caller, "On my way.", "key")
		caller.ExpectText("On my way.")
		expect("ana", "", false)
		expect("ben", "Ask Ana", true)
		keep("ben", "", true)
		expect("ben", "", false)

		save := func(d store.Draft) error { return w.App.Engine.SaveDraft(t.Context(), reboundtest.Business, d) }
		expectCode(t, save(store.Draft{Contact: "nobody", Member: "ana", Body: "x"}), "R2004")
		expectCode(t, save(store.Draft{Contact: contact, Member: "zoe", Body: "x"}), "R2008")
		expectCode(t, save(store.Draft{Contact: contact, Member: "ana", Body: strings.Repeat("x", rebound.LongestNote+1)}), "R3251")
	})
}

func TestCannedRepliesAreDeclaredAndFilled(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		all := []rebound.CannedReply{
			{ID: "way", Name: "On our way", Text: "Hi {{first_name}}, it's {{member}} at {{business}}."},
			{ID: "photo", Name: "Ask for photos", Text: "Could you send a photo?"},
		}
		w.Declare(func(d *rebound.Declaration) { d.Canned = all })
		swap := func(d *rebound.Declaration) error { d.Canned[0], d.Canned[1] = d.Canned[1], d.Canned[0]; return nil }
		if err := w.App.Engine.Edit(t.Context(), reboundtest.Business, swap); err != nil {
			t.Fatal(err)
		}
		d, err := w.App.Engine.Declared(t.Context(), reboundtest.Business)
		if err != nil || len(d.Canned) != 2 || d.Canned[0] != all[1] || d.Canned[1] != all[0] {
			t.Fatalf("%+v, %v", d.Canned, err)
		}
		text := all[0].Fill(d.Business, d.Lines[0], rebound.Contact{Name: "Marisol Vega"}, rebound.Member{Name: "Ana Ruiz"})
		if text != "Hi Marisol, it's Ana at Acme Plumbing." {
			t.Error(text)
		}
	})
}
