package web

import (
	"reflect"
	"testing"
	"time"

	"rebound"
	"rebound/internal/store"
)

func TestTheListPutsTheLongestWaitFirst(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	in := func(id string, state rebound.RecoveryState, waited time.Duration, why rebound.WaitReason) store.InboxRow {
		r := rebound.Recovery{ID: "r", State: state, Why: why, TextedAt: sc.now}
		if waited > 0 {
			r.WaitSince = sc.now.Add(-waited)
		}
		return store.InboxRow{Contact: rebound.Contact{ID: rebound.ContactID(id), LastKind: "text_in"}, Recovery: r}
	}
	sc.inbox = []store.InboxRow{
		in("fresh", rebound.RecoveryWaiting, time.Minute, rebound.WaitReply),
		{Contact: rebound.Contact{ID: "staff", LastKind: "call"}},
		in("older", rebound.RecoveryWaiting, 20*time.Minute, rebound.WaitReply),
		in("texted", rebound.RecoveryOpen, 0, ""),
		in("hidden", rebound.RecoveryWaiting, 3*time.Minute, rebound.WaitNoText),
		in("late", rebound.RecoveryWaiting, 44*time.Minute, rebound.WaitReply),
		in("hot", rebound.RecoveryWaiting, 3*time.Hour, rebound.WaitVoicemail),
		in("reached", rebound.RecoveryContacted, 0, ""),
	}
	l := sc.list("late")
	got := map[string][]string{}
	var titles []string
	for _, g := range l.Groups {
		titles = append(titles, g.Title)
		for _, r := range g.Rows {
			got[g.Title] = append(got[g.Title], r.ID)
			if r.Current != (r.ID == "c-late") {
				t.Errorf("%s is current: %t", r.ID, r.Current)
			}
		}
	}
	if want := []string{"Call back", "Past 2 hours", "Past 30 minutes", "On the clock", "texted back, no reply yet", "Earlier"}; !reflect.DeepEqual(titles, want) {
		t.Errorf("groups %q, want %q", titles, want)
	}
	want := map[string][]string{
		"Call back": {"c-hidden"}, "Past 2 hours": {"c-hot"}, "Past 30 minutes": {"c-late"}, "On the clock": {"c-older", "c-fresh"},
		"texted back, no reply yet": {"c-texted"}, "Earlier": {"c-staff", "c-reached"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if l.Waiting != 5 {
		t.Errorf("%d wait, want 5", l.Waiting)
	}
}

func TestWhatARowSays(t *testing.T) {
	sc := sceneAt(t, at(t, "10:42:00"))
	texted := rebound.Recovery{State: rebound.RecoveryOpen, Line: "main", TextedAt: sc.now}
	reached := rebound.Recovery{State: rebound.RecoveryContacted, WaitSince: at(t, "10:00:00"), ContactAt: at(t, "10:13:00")}
	for _, c := range []struct {
		contact        rebound.Contact
		recovery       rebound.Recovery
		text, icon, is string
	}{
		{rebound.Contact{LastKind: "call"}, texted, "Texted back, no reply yet, Main line", "missed", "Texted back"},
		{rebound.Contact{LastKind: "voicemail"}, texted, "Left a voicemail, Main line", "vm", "Texted back"},
		{rebound.Contact{LastKind: "text_in", Last: "Help!"}, reached, "Help!", "msg", "Contacted in 13 m"},
		{rebound.Contact{LastKind: "call"}, rebound.Recovery{}, "Called", "phone-in", ""},
		{
			rebound.Contact{LastKind: "text_out", Last: "Done."},
			rebound.Recovery{State: rebound.RecoveryClosed, Outcome: rebound.Booked, Amount: 28_000, ClosedAt: sc.now},
			"Done.", "send", "Booked, $280",
		},
	} {
		r := sc.row(store.InboxRow{Contact: c.contact, Recovery: c.recovery}, false)
		if r.Text != c.text || r.Icon.Name != c.icon || spaced(r.Chip.Text) != c.is {
			t.Errorf("%+v: %q, %s, %q; want %q, %s, %q", c.contact, r.Text, r.Icon.Name, r.Chip.Text, c.text, c.icon, c.is)
		}
	}
}
