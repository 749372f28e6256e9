package rebound_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"rebound"
)

var callBackStart = time.Date(2026, 11, 17, 18, 0, 0, 0, time.UTC)

func callBackFacts() rebound.CallBackFacts {
	return rebound.CallBackFacts{
		Business: rebound.Business{Name: "Acme"}, Line: rebound.Line{Number: "+14155550134"},
		Contact: rebound.Contact{Number: "+14155550177", Name: "Dana Lee"},
		Member:  rebound.Member{ID: "ana", Name: "Ana", Rings: []rebound.Destination{{Kind: rebound.Desk, Number: "+14155550111"}}},
	}
}

func outbound(t *testing.T) rebound.Call {
	t.Helper()
	plan, err := rebound.CallBack(callBackFacts())
	if err != nil {
		t.Fatal(err)
	}
	c := rebound.Call{Direction: rebound.Outbound, Plan: plan, ArrivedAt: callBackStart}
	c.Judge(callBackStart)
	return c
}

// told is an event that comes some seconds after the press.
func told(after int, ev rebound.CallEvent) rebound.CallEvent {
	ev.At = callBackStart.Add(time.Duration(after) * time.Second)
	return ev
}

func our(kind rebound.CallEventKind, status rebound.EndStatus) rebound.CallEvent {
	return rebound.CallEvent{Kind: kind, LegID: "CA1", Status: status}
}

func their(kind rebound.CallEventKind, status rebound.EndStatus) rebound.CallEvent {
	return rebound.CallEvent{Kind: kind, Step: rebound.CustomerStep, LegID: "CA2", Status: status}
}

func rang(status rebound.EndStatus, bridged rebound.Truth, talk time.Duration) rebound.CallEvent {
	return rebound.CallEvent{Kind: rebound.RingEnded, Step: rebound.CustomerStep, LegID: "CA2", Status: status, Bridged: bridged, Talk: talk}
}

func TestWhatProvesContact(t *testing.T) {
	connected := []rebound.CallEvent{
		told(3, our(rebound.LegAnswered, "")), told(5, our(rebound.LegAccepted, "")),
		told(6, their(rebound.LegRinging, "")), told(10, their(rebound.LegAnswered, "")),
	}
	talked := func(d int) []rebound.CallEvent {
		return append(slices.Clone(connected),
			told(10+d, rang(rebound.EndCompleted, rebound.Yes, time.Duration(d)*time.Second)),
			told(10+d, our(rebound.LegEnded, rebound.EndCompleted)))
	}
	for _, tc := range []struct {
		name   string
		events []rebound.CallEvent
		state  rebound.CallState
		reason rebound.MissReason
		proof  bool
	}{
		{"nothing told yet", nil, rebound.CallCalling, "", false},
		{"they talk now", connected, rebound.CallAnswered, "", false},
		{"19 s", talked(19), rebound.CallAnswered, "", false},
		{"20 s", talked(20), rebound.CallAnswered, "", true},
		{"the step's report is lost", append(slices.Clone(connected), told(30, their(rebound.LegEnded, rebound.EndCompleted))), rebound.CallAnswered, "", true},
		{"the log alone", []rebound.CallEvent{
			told(40, our(rebound.LegEnded, rebound.EndCompleted)), told(40, rang(rebound.EndCompleted, rebound.Untold, 25*time.Second)),
		}, rebound.CallAnswered, "", true},
		{"a long call that nobody took", []rebound.CallEvent{
			told(3, our(rebound.LegAnswered, "")), told(63, our(rebound.LegEnded, rebound.EndCompleted)),
		}, rebound.CallUnanswered, rebound.NotTaken, false},
		{"picked up, but never connected", append(slices.Clone(connected), told(40, rang(rebound.EndCompleted, rebound.No, 30*time.Second))),
			rebound.CallUnanswered, rebound.NoAnswer, false},
		{"the customer is busy", append(slices.Clone(connected[:2]), told(8, rang(rebound.EndBusy, rebound.No, 0))), rebound.CallUnanswered, rebound.AllBusy, false},
		{"the carrier refuses the customer's number", append(slices.Clone(connected[:2]), told(8, rang(rebound.EndFailed, rebound.No, 0))),
			rebound.CallUnanswered, rebound.Failed, false},
		{"the carrier refuses the member's", []rebound.CallEvent{told(1, our(rebound.LegEnded, rebound.EndFailed))}, rebound.CallUnanswered, rebound.Failed, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := outbound(t)
			for _, ev := range tc.events {
				if err := c.Apply(ev, ev.At); err != nil {
					t.Fatal(err)
				}
			}
			if c.State != tc.state || c.Reason != tc.reason || c.ProvesContact() != tc.proof {
				t.Errorf("%s %q, proof %v after %v; want %s %q, %v", c.State, c.Reason, c.ProvesContact(), c.Talk, tc.state, tc.reason, tc.proof)
			}
		})
	}
	for talk, proof := range map[time.Duration]bool{20*time.Second - 1: false, 20 * time.Second: true} {
		if inbound := (&rebound.Call{State: rebound.CallAnswered, Talk: talk}); inbound.ProvesContact() != proof {
			t.Errorf("an inbound call of %v: proof %v", talk, !proof)
		}
	}
}

// In whichever order the reports on one call come, and each of them twice, the call is the same in the end.
func TestEveryOrderOfReportsOnACallBack(t *testing.T) {
	events := []rebound.CallEvent{
		told(1, our(rebound.CallPlaced, "")), told(2, our(rebound.LegRinging, "")), told(5, our(rebound.LegAccepted, "")),
		told(9, their(rebound.LegAnswered, "")), told(39, rang(rebound.EndCompleted, rebound.Yes, 30*time.Second)),
		told(39, their(rebound.LegEnded, rebound.EndCompleted)), told(40, our(rebound.LegEnded, rebound.EndCompleted)),
	}
	orders := 0
	permute(events, func(order []rebound.CallEvent) {
		orders++
		c := outbound(t)
		for _, ev := range order {
			if err := c.Apply(ev, callBackStart.Add(time.Hour)); err != nil && !errors.Is(err, rebound.ErrStale) {
				t.Fatal(err)
			}
			if err := c.Apply(ev, callBackStart.Add(time.Hour)); !errors.Is(err, rebound.ErrStale) {
				t.Fatalf("%s told again is news: %v", ev.Kind, err)
			}
		}
		if c.State != rebound.CallAnswered || c.AcceptedBy != "ana" || c.Talk != 30*time.Second || c.CarrierID != "CA1" ||
			!c.CheckAt.IsZero() || !c.EndedAt.Equal(callBackStart.Add(40*time.Second)) {
			t.Fatalf("%s by %q, %v, id %q, looked at %v, ended %v", c.State, c.AcceptedBy, c.Talk, c.CarrierID, c.CheckAt, c.EndedAt)
		}
	})
	if orders != 5040 {
		t.Errorf("%d orders", orders)
	}
}

// permute calls fn with every order of the events.
func permute(events []rebound.CallEvent, fn func([]rebound.CallEvent)) {
	var choose func(int)
	choose = func(n int) {
		if n == len(events) {
			fn(events)
			return
		}
		for i := n; i < len(events); i++ {
			events[n], events[i] = events[i], events[n]
			choose(n + 1)
			events[n], events[i] = events[i], events[n]
		}
	}
	choose(0)
}

// A request that comes again gets the same answer, and nothing but a key rings the customer.
func TestWhatACallBackIsTold(t *testing.T) {
	c := outbound(t)
	for _, tc := range []struct {
		ev   rebound.CallEvent
		kind rebound.InstructionKind
		step int
	}{
		{told(2, our(rebound.LegRinging, "")), rebound.DoNothing, 0},
		{told(3, our(rebound.LegAnswered, "")), rebound.DoScreen, 0}, // on a desk phone, too
		{told(5, our(rebound.LegAccepted, "")), rebound.DoRing, rebound.CustomerStep},
		{told(9, their(rebound.LegAnswered, "")), rebound.DoNothing, 0},
		{told(20, rang(rebound.EndNoAnswer, rebound.No, 0)), rebound.DoGreet, 2},
	} {
		for range 2 {
			if err := c.Apply(tc.ev, tc.ev.At); err != nil && !errors.Is(err, rebound.ErrStale) {
				t.Fatal(err)
			}
			if in := c.Answer(tc.ev); in.Kind != tc.kind || in.Number != tc.step {
				t.Errorf("%s: %s, step %d; want %s, %d", tc.ev.Kind, in.Kind, in.Number, tc.kind, tc.step)
			}
		}
	}
}

func TestWhatAPhoneAlertSays(t *testing.T) {
	for _, tc := range []struct {
		said   string
		waited time.Duration
		want   string
	}{
		{"gas smell", 30 * time.Minute, "Acme: Dana Lee wrote: gas smell. Waiting 30 minutes. Press 1 to be connected."},
		{"", 61 * time.Minute, "Acme: Dana Lee waits for a call back. Waiting 1 hour 1 minute. Press 1 to be connected."},
		{"", 2 * time.Hour, "Acme: Dana Lee waits for a call back. Waiting 2 hours. Press 1 to be connected."},
		{"help", 5 * time.Second, "Acme: Dana Lee wrote: help. Waiting less than a minute. Press 1 to be connected."},
	} {
		plan, err := rebound.PhoneAlert(callBackFacts(), tc.said, tc.waited, 0)
		if err != nil || plan.Steps[0].Announce != tc.want {
			t.Errorf("%q, %v; want %q", plan.Steps[0].Announce, err, tc.want)
		}
	}
}

func TestWhoIsEngagedByACallBack(t *testing.T) {
	c := outbound(t)
	if c.Engages() != "ana" {
		t.Error("who is being rung is not engaged")
	}
	for _, ev := range []rebound.CallEvent{told(5, our(rebound.LegAccepted, "")), told(9, their(rebound.LegAnswered, ""))} {
		if err := c.Apply(ev, ev.At); err != nil {
			t.Fatal(err)
		}
	}
	if c.Engages() != "ana" {
		t.Error("who talks is not engaged")
	}
	if err := c.Apply(told(30, rang(rebound.EndCompleted, rebound.Yes, 21*time.Second)), callBackStart); err != nil {
		t.Fatal(err)
	}
	if c.Engages() != "" {
		t.Error("who has talked is engaged")
	}
}
