package web

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// plan rings two cells and a desk together, then takes a message.
func plan() rebound.Plan {
	ring := func(id, name string, kind rebound.DestinationKind, n phone.Number) rebound.Target {
		return rebound.Target{Member: rebound.MemberID(id), Name: name, Destination: rebound.Destination{Kind: kind, Number: n}}
	}
	return rebound.Plan{Steps: []rebound.Step{
		{Kind: rebound.RingStep, For: 20 * time.Second, Targets: []rebound.Target{
			ring("dana", "Dana Whitfield", rebound.Cell, "+14155550141"), ring("luis", "Luis Moreno", rebound.Cell, "+14155550142"),
			ring("desk", "Front desk", rebound.Desk, "+14155550143"),
		}},
		{Kind: rebound.VoicemailStep, MaxFor: 2 * time.Minute},
	}}
}

func TestCallCards(t *testing.T) {
	arrived := at(t, "10:26:00")
	missed := arrived.Add(22 * time.Second)
	gone := missed.Add(30 * time.Second)
	refused := rebound.Plan{Steps: []rebound.Step{{Kind: rebound.RejectStep, Why: "the number is blocked"}}}
	rang := []rebound.Leg{{Target: 1, RangAt: arrived}, {Target: 0, RangAt: arrived, Ended: rebound.EndBusy}}
	for name, c := range map[string]struct {
		call       rebound.Call
		title, sub string
		rang       []string
	}{
		"rings": {
			rebound.Call{State: rebound.CallRinging, Legs: rang},
			"Ringing now", "Main line · Luis", []string{"Dana declined", "Luis rings"},
		},
		"nobody": {
			rebound.Call{State: rebound.CallMissed, Reason: rebound.NoAnswer, MissedAt: missed, GoneAt: gone, Legs: rang},
			"Missed call", "Main line · rang 22 s · nobody answered", []string{"Dana declined", "Luis no answer"},
		},
		"a voicemail of theirs": {
			rebound.Call{State: rebound.CallMissed, Reason: rebound.NoAnswer, MissedAt: missed, GoneAt: gone, Legs: []rebound.Leg{
				{Target: 0, RangAt: arrived, AnsweredAt: arrived.Add(time.Second), Ended: rebound.EndCompleted}, {Target: 2, Ended: rebound.EndFailed},
			}},
			"Missed call", "Main line · rang 22 s · nobody answered", []string{"Dana picked up, pressed no key", "Front could not be rung"},
		},
		"a message": {
			rebound.Call{
				State: rebound.CallMissed, Reason: rebound.AfterHours, MissedAt: arrived, GoneAt: gone, Voicemail: true,
				Recording: rebound.Recording{Duration: 26 * time.Second},
			},
			"Missed call, left a voicemail", "Main line · closed at that hour", nil,
		},
		"speaking": {
			rebound.Call{
				State: rebound.CallMissed, Reason: rebound.NoAnswer, MissedAt: missed, Legs: rang,
				Rings: []rebound.Ring{{Status: rebound.EndNoAnswer, At: missed}},
			},
			"Missed call, on voicemail now", "Main line · rang 22 s · nobody answered", []string{"Dana declined", "Luis no answer"},
		},
		"answered": {
			rebound.Call{State: rebound.CallAnswered, AcceptedBy: "luis", Talk: 160 * time.Second, Ended: rebound.EndCompleted, Legs: []rebound.Leg{
				{Target: 1, RangAt: arrived, AnsweredAt: arrived.Add(time.Second), AcceptedAt: arrived.Add(2 * time.Second)},
			}},
			"Luis answered", "Main line · talked 2 m 40 s", []string{"Luis answered"},
		},
		"refused":        {rebound.Call{State: rebound.CallBlocked, Plan: refused}, "Call refused", "Main line · the number is blocked", nil},
		"a retired line": {rebound.Call{State: rebound.CallBlocked, Plan: refused, Line: "gone"}, "Call refused", "A number no longer in use · the number is blocked", nil},
	} {
		c.call.ArrivedAt = arrived
		if c.call.Plan.Steps == nil {
			c.call.Plan = plan()
		}
		if c.call.Line == "" {
			c.call.Line = "main"
		}
		card := sceneAt(t, missed.Add(10*time.Second)).callCard(&c.call, store.Conversation{})
		var rang []string
		for _, r := range card.Rang {
			rang = append(rang, r.Person.First+" "+r.Words)
		}
		if card.Title != c.title || spaced(card.Sub) != c.sub || !reflect.DeepEqual(rang, c.rang) {
			t.Errorf("%s: %q, %q, %q; want %q, %q, %q", name, card.Title, card.Sub, rang, c.title, c.sub, c.rang)
		}
	}
}

func TestTheLogSaysWhoIsNotRungAndWhy(t *testing.T) {
	arrived := at(t, "10:42:00")
	call := rebound.Call{Line: "main", ArrivedAt: arrived, Plan: plan()}
	call.Plan.Steps[0].Passed = []rebound.Passed{{Member: "ben", Name: "Ben", Why: "no shift on Tuesdays"}}
	for _, step := range sceneAt(t, arrived).log(store.Conversation{Calls: []rebound.Call{call}}) {
		if step.Strong == "Ben" && step.Words == "is not rung: no shift on Tuesdays." {
			return
		}
	}
	t.Error("the log does not say why Ben is not rung")
}

func TestAVoicemailIsHeardOrSaysWhyNot(t *testing.T) {
	call := &rebound.Call{ID: "call", Voicemail: true, Recording: rebound.Recording{Duration: 26500 * time.Millisecond}}
	sc := sceneAt(t, at(t, "10:42:00"))
	for _, c := range []struct {
		media         []rebound.Media
		link, trouble string
	}{
		{nil, "", "The recording is on its way."},
		{[]rebound.Media{{ID: "m", Call: "call", State: rebound.MediaWanted}}, "", "The recording is on its way."},
		{[]rebound.Media{{ID: "x", Call: "other", State: rebound.MediaStored}}, "", "The recording is on its way."},
		{[]rebound.Media{{ID: "m", Call: "call", State: rebound.MediaStored}}, "/media/m", ""},
		{[]rebound.Media{{ID: "m", Call: "call", State: rebound.MediaLost, Trouble: "it was too large"}}, "", "The recording could not be fetched. It was too large."},
	} {
		v := sc.voicemail(call, c.media, nil)
		if v.Link != c.link || v.Trouble != c.trouble || v.Length != "0:26" || v.Seconds != "26.5" {
			t.Errorf("%+v: %+v, want %q, %q", c.media, v, c.link, c.trouble)
		}
	}
	if sc.voicemail(&rebound.Call{}, nil, nil) != nil {
		t.Error("a call without a voicemail has one")
	}
}

func TestWhatAMachineHeardInAVoicemail(t *testing.T) {
	call := &rebound.Call{ID: "call", Voicemail: true}
	stored := []rebound.Media{{ID: "m", Call: "call", State: rebound.MediaStored}}
	for _, c := range []struct {
		heard       rebound.Transcript
		words, none string
	}{
		{rebound.Transcript{Media: "other", State: rebound.TranscriptMade, Words: "no"}, "", ""},
		{rebound.Transcript{Media: "m", State: rebound.TranscriptWanted}, "", "The transcript is on its way."},
		{rebound.Transcript{Media: "m", State: rebound.TranscriptMade, Words: "It leaks."}, "It leaks.", ""},
		{rebound.Transcript{Media: "m", State: rebound.TranscriptMade}, "", "No words were heard."},
		{rebound.Transcript{Media: "m", State: rebound.TranscriptFailed, Trouble: "It was refused."}, "", "It was refused."},
	} {
		v := sceneAt(t, at(t, "10:42:00")).voicemail(call, stored, []rebound.Transcript{c.heard})
		if v.Words != c.words || v.NoWords != c.none || v.Link == "" {
			t.Errorf("%+v: %+v", c.heard, v)
		}
	}
}

func TestWhoWroteAText(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	missed := at(t, "10:26:00")
	c := store.Conversation{
		Calls: []rebound.Call{{
			ID: "call", MissedAt: missed, GoneAt: missed.Add(20 * time.Second),
			Decision: rebound.Decision{Send: true, Reason: rebound.BecauseMissed, At: missed},
		}},
		Media: []rebound.Media{
			{ID: "ok", Message: "in", State: rebound.MediaStored, ContentType: "image/jpeg"},
			{ID: "svg", Message: "in", State: rebound.MediaStored, ContentType: "image/svg+xml"},
			{ID: "lost", Message: "in", State: rebound.MediaLost},
		},
	}
	auto := sc.bubble(rebound.Message{
		Class: rebound.ClassTextBack, Direction: rebound.Outbound, State: rebound.Delivered, Call: "call",
		CreatedAt: missed, SentAt: missed.Add(27 * time.Second), DoneAt: missed.Add(29 * time.Second),
	}, c)
	if auto.Class != "msg--out msg--auto" || auto.Automatic == "" || spaced(auto.After) != "7 s after the call" || auto.Author.First != "" {
		t.Errorf("a text-back: %+v", auto)
	}
	if auto.Why != rebound.BecauseMissed.Words() {
		t.Errorf("its decision says %q", auto.Why)
	}
	human := sc.bubble(rebound.Message{
		Class: rebound.ClassHuman, Direction: rebound.Outbound, State: rebound.FailedText, Author: "dana", Once: "human/abc",
		Trouble: "the number is a landline", Code: "30006",
	}, c)
	if human.Class != "msg--out is-failed" || human.Author.First != "Dana" || human.Automatic != "" || human.Key != "abc" {
		t.Errorf("a teammate's text: %+v", human)
	}
	if want := "Not sent. The number is a landline [30006]"; human.State.Words != want {
		t.Errorf("it says %q, want %q", human.State.Words, want)
	}
	in := sc.bubble(rebound.Message{ID: "in", Class: rebound.ClassReceived, Direction: rebound.Inbound, Body: "Hi"}, c)
	if in.Class != "msg--in" || in.State.Words != "" || len(in.Pictures) != 3 {
		t.Fatalf("a customer's text: %+v", in)
	}
	if p := in.Pictures; !p[0].Shown || p[1].Shown || !p[1].Attach || !p[2].Trouble {
		t.Errorf("pictures %+v: want one shown, the SVG to download, one lost", p)
	}
	planned := sc.bubble(rebound.Message{Class: rebound.ClassTextBack, Direction: rebound.Outbound, State: rebound.Planned, DueAt: sc.now.Add(8 * time.Second)}, c)
	if spaced(planned.State.Words+" "+planned.DueIn) != "Goes out within 8 s" {
		t.Errorf("a planned text says %q %q", planned.State.Words, planned.DueIn)
	}
}

func TestAThreadIsInOrderWithItsDays(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	night, morning := at(t, "23:59:00").AddDate(0, 0, -1), at(t, "00:01:00")
	got := sc.thread(store.Conversation{
		Contact: rebound.Contact{ID: "c"},
		Calls: []rebound.Call{
			{ID: "1", State: rebound.CallMissed, ArrivedAt: night, MissedAt: night, GoneAt: night, Decision: rebound.Decision{Reason: rebound.Withheld, At: night}},
			{ID: "2", State: rebound.CallMissed, ArrivedAt: night, MissedAt: night, GoneAt: night, Decision: rebound.Decision{Send: true, At: night}},
		},
		Messages: []rebound.Message{{ID: "3", Direction: rebound.Inbound, CreatedAt: morning}},
		Events: []rebound.Event{
			{ID: "0", Kind: rebound.EventCallArrived, At: night}, {ID: "0", Kind: rebound.EventDecided, At: night},
			{ID: "4", Kind: rebound.EventClockStarted, Words: "Clock started.", At: morning},
		},
	})
	var order, days []string
	for _, i := range got.Items {
		order, days = append(order, i.ID), append(days, i.Day)
	}
	if want := "call-1 why-1 call-2 text-3 event-4"; strings.Join(order, " ") != want {
		t.Errorf("order %q, want %q: what a card or a bubble says is not said again", order, want)
	}
	if want := []string{"Yesterday, Monday, November 16", "", "", "Today, Tuesday, November 17", ""}; !reflect.DeepEqual(days, want) {
		t.Errorf("days %q, want %q", days, want)
	}
	if line := got.Items[4].Line; line.Words != "Clock started" {
		t.Errorf("a line before a time says %q, want no full stop", line.Words)
	}
}

func TestLinesOfTheEscalation(t *testing.T) {
	sc := sceneAt(t, at(t, "15:00:00"))
	since := at(t, "10:30:00")
	c := store.Conversation{Recoveries: []rebound.Recovery{{ID: "r", WaitSince: since}}}
	for after, class := range map[time.Duration]string{30 * time.Minute: "is-warn", 2 * time.Hour: "is-crit", 3 * time.Hour: "is-crit"} {
		line := sc.eventLine(rebound.Event{Kind: rebound.EventStepReached, Recovery: "r", At: since.Add(after)}, c)
		if line.Class != class {
			t.Errorf("after %s: %q, want %q", after, line.Class, class)
		}
	}
	if line := sc.eventLine(rebound.Event{Kind: rebound.EventContactMade}, c); line.Class != "is-ok" {
		t.Errorf("contact is %q, want green", line.Class)
	}
}

func TestTheBarAboveAThread(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	since, reached := at(t, "10:30:00"), at(t, "10:41:00")
	sent := []rebound.Message{{Class: rebound.ClassHuman, Author: "dana", CreatedAt: reached}}
	for name, c := range map[string]struct {
		recovery rebound.Recovery
		want     string
	}{
		"nothing":   {rebound.Recovery{State: rebound.RecoveryOpen}, ""},
		"waits":     {rebound.Recovery{State: rebound.RecoveryWaiting, Why: rebound.WaitReply, WaitSince: since}, "Waiting 12 m for a person."},
		"call back": {rebound.Recovery{State: rebound.RecoveryWaiting, Why: rebound.WaitNoText, WaitSince: since}, "Waiting 12 m for a call back."},
		"stated":    {rebound.Recovery{State: rebound.RecoveryContacted, WaitSince: since, ContactAt: reached}, "Contact was made after 11 m. Clock stopped at 10:41 AM."},
		"reached":   {rebound.Recovery{State: rebound.RecoveryContacted, Proven: true, WaitSince: since, ContactAt: reached}, "Dana made contact after 11 m. Clock stopped at 10:41 AM."},
		"in touch":  {rebound.Recovery{State: rebound.RecoveryContacted, ContactAt: reached}, ""},
		"closed":    {rebound.Recovery{State: rebound.RecoveryClosed, Outcome: rebound.NotALead, ClosedAt: reached}, "Not a lead. Since 10:41 AM."},
	} {
		b := sc.bar(store.Conversation{Recoveries: []rebound.Recovery{c.recovery}, Messages: sent})
		got := strings.TrimSpace(b.Head + " " + b.Tail)
		if b.Wait != nil {
			got = "Waiting " + b.Wait.Waited + " " + b.What
		}
		if spaced(got) != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWhoCanBeTexted(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	for _, c := range []struct {
		contact rebound.Contact
		want    string
	}{
		{rebound.Contact{Number: "+14155550176"}, ""},
		{rebound.Contact{Number: "+14155550176", Consent: rebound.ConsentInDoubt}, ""},
		{rebound.Contact{}, "Can’t be texted: the caller hid the number."},
		{
			rebound.Contact{Number: "+14155550176", Consent: rebound.ConsentOptedOut, ConsentAt: at(t, "10:00:00").AddDate(0, 0, -14)},
			"Opted out on Nov 3. You can call (415) 555-0176.",
		},
		{rebound.Contact{Number: "22395"}, "Can’t be texted: this is a service’s short code."},
		{rebound.Contact{Number: "+442079460958"}, "Can’t be texted: this is a landline. You can call +44 20 7946 0958."},
		{rebound.Contact{Number: "+19005550123"}, "Can’t be texted: this number costs extra."},
	} {
		r := sc.reply(store.Conversation{Contact: c.contact})
		if spaced(r.Cannot) != c.want {
			t.Errorf("%+v: %q, want %q", c.contact, r.Cannot, c.want)
		}
	}
	for body, want := range map[string]string{
		"": "0 / 160 · 1 text", "It’s…": "7 / 160 · 1 text", strings.Repeat("a", 161): "161 / 306 · 2 texts", "Hi 👋": "5 / 70 · 1 text · emoji",
	} {
		if got := spaced((reply{draft: draft{Body: body}}).count()); got != want {
			t.Errorf("count of %q: %q, want %q", body, got, want)
		}
	}
}
