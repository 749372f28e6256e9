package engine_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"rebound"
	"rebound/internal/phone"
	"rebound/internal/reboundtest"
)

// recorded is a call as the carrier reports it, and what it must come to, whatever happens to the reports.
type recorded struct {
	name   string
	events []rebound.CallEvent // what follows the arrival
	state  rebound.CallState
	reason rebound.MissReason
	texts  int
	number int // of the newest call that was made of it
}

func rungOut() *recorded {
	return &recorded{name: "rung out", number: 2_000_000, state: rebound.CallMissed, reason: rebound.NoAnswer, texts: 1, events: []rebound.CallEvent{
		{Kind: rebound.LegRinging, LegID: "ana"},
		{Kind: rebound.LegEnded, LegID: "ana", Status: rebound.EndNoAnswer},
		{Kind: rebound.LegEnded, LegID: "ben", Target: 1, Status: rebound.EndNoAnswer},
		{Kind: rebound.RingEnded, LegID: "ana", Status: rebound.EndNoAnswer, Bridged: rebound.No},
		{Kind: rebound.CallEnded, Status: rebound.EndCompleted, CallerGone: true},
	}}
}

func answeredCall() *recorded {
	return &recorded{name: "answered", number: 3_000_000, state: rebound.CallAnswered, events: []rebound.CallEvent{
		{Kind: rebound.LegRinging, LegID: "ana"},
		{Kind: rebound.LegAnswered, LegID: "ana"},
		{Kind: rebound.LegAccepted, LegID: "ana"},
		{Kind: rebound.RingEnded, LegID: "ana", Status: rebound.EndCompleted, Bridged: rebound.Yes, Talk: time.Minute, CallerGone: true},
		{Kind: rebound.CallEnded, Status: rebound.EndCompleted, CallerGone: true},
	}}
}

// unlimited lets hundreds of callers be texted within the hour.
func unlimited(w *reboundtest.World) {
	w.T.Helper()
	textBack(w, func(p *rebound.TextBackPolicy) {
		p.Limits = rebound.Limits{PerPrefix: -1, PerLineHour: -1, PerBusinessHour: -1, PerBusinessDay: -1, SpendPerDay: -1}
	})
}

// made is one call that was made of a recorded one.
type made struct {
	from   phone.Number
	about  rebound.CallEvent // names the call
	events []rebound.CallEvent
}

// arrives begins calls of people who never called before, one for each list of events, and lets the phones
// ring for half a minute.
func (r *recorded) arrives(w *reboundtest.World, lists ...[]rebound.CallEvent) []made {
	w.T.Helper()
	all := make([]made, len(lists))
	var begun sync.WaitGroup
	for i, events := range lists {
		r.number++
		m := &all[i]
		m.from, m.events = phone.Number(fmt.Sprintf("+1415%07d", r.number)), events
		m.about = rebound.CallEvent{
			Kind: rebound.CallArrived, Connection: reboundtest.Connection, CarrierID: fmt.Sprintf("%s-%d", r.name, r.number),
			From: string(m.from), To: string(reboundtest.MainLine),
		}
		begun.Go(func() {
			in, err := w.App.Engine.HandleCall(w.T.Context(), m.about)
			if err != nil || in.Kind != rebound.DoRing {
				w.T.Errorf("the arrival is answered %s, %v", in.Kind, err)
			}
			m.about.Call, m.about.Business = in.Call, in.Business
		})
	}
	begun.Wait()
	w.FastForward(30 * time.Second)
	return all
}

// hears tells the program of an event of a call.
func hears(w *reboundtest.World, about, ev rebound.CallEvent) {
	ev.Connection, ev.CarrierID, ev.Call, ev.Business = about.Connection, about.CarrierID, about.Call, about.Business
	ev.From, ev.To = about.From, about.To
	if _, err := w.App.Engine.HandleCall(w.T.Context(), ev); err != nil {
		w.T.Errorf("%s: %v", ev.Kind, err)
	}
}

// plays makes a call for each list of events and tells of them in their order, close together.
func (r *recorded) plays(w *reboundtest.World, lists ...[]rebound.CallEvent) []made {
	w.T.Helper()
	all := r.arrives(w, lists...)
	for i, more := 0, true; more; i++ {
		more = false
		var told sync.WaitGroup
		for _, m := range all {
			if i < len(m.events) {
				more = true
				told.Go(func() { hears(w, m.about, m.events[i]) })
			}
		}
		told.Wait()
		w.FastForward(100 * time.Millisecond)
	}
	return all
}

// comesTo fails unless each call came to what it must, with one decision and that many texts.
func (r *recorded) comesTo(w *reboundtest.World, all []made, reasons ...rebound.MissReason) {
	w.T.Helper()
	texts := map[phone.Number]int{}
	for _, t := range w.Network.Taken(reboundtest.MainLine) {
		texts[t.To]++
	}
	for _, m := range all {
		caller := w.Phone(m.from)
		c := w.Conversation(caller)
		call := c.Calls[0]
		if call.State != r.state || !slices.Contains(append(reasons, r.reason), call.Reason) || texts[m.from] != r.texts {
			w.T.Errorf("after %v: %s %s, %d texts; want %s %s, %d", kindsOf(m.events), call.State, call.Reason, texts[m.from], r.state, r.reason, r.texts)
		}
		if len(c.Calls) != 1 || len(reboundtest.Decisions(c)) != r.texts || len(c.Recoveries) != r.texts {
			w.T.Errorf("after %v: %d calls, %d decisions, %d recoveries", kindsOf(m.events), len(c.Calls), len(reboundtest.Decisions(c)), len(c.Recoveries))
		}
		caller.ReadAll()
	}
}

func kindsOf(events []rebound.CallEvent) []rebound.CallEventKind {
	var all []rebound.CallEventKind
	for _, ev := range events {
		all = append(all, ev.Kind)
	}
	return all
}

// orders returns every order of the events.
func orders(events []rebound.CallEvent) [][]rebound.CallEvent {
	if len(events) < 2 {
		return [][]rebound.CallEvent{events}
	}
	var all [][]rebound.CallEvent
	for i, first := range events {
		rest := slices.Delete(slices.Clone(events), i, i+1)
		for _, o := range orders(rest) {
			all = append(all, append([]rebound.CallEvent{first}, o...))
		}
	}
	return all
}

func TestAnyOrderComesToTheSame(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		unlimited(w)
		for _, r := range []*recorded{rungOut(), answeredCall()} {
			lists := orders(r.events)
			if w.Store.Engine() == "postgres" { // where each takes longer, a sample
				rand.New(rand.NewPCG(1, 2)).Shuffle(len(lists), func(i, j int) { lists[i], lists[j] = lists[j], lists[i] })
				lists = lists[:30]
			}
			all := r.plays(w, lists...)
			w.Settle()
			r.comesTo(w, all)
		}
	})
}

func TestRepetitionComesToTheSame(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		unlimited(w)
		chance := rand.New(rand.NewPCG(1, 2))
		for _, r := range []*recorded{rungOut(), answeredCall()} {
			var lists [][]rebound.CallEvent
			for range 40 {
				events := slices.Concat(r.events, r.events, r.events)
				chance.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
				lists = append(lists, events)
			}
			all := r.plays(w, lists...)
			w.Settle()
			r.comesTo(w, all)
		}
	})
}

// As long as anything of the call's end arrives, or the program is there to ask the carrier's log, a miss
// is a miss and gets one text. Coarser is the reason alone: without the ring step's report nobody knows
// whether the phones had stopped before the caller left.
func TestLossComesToTheSame(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		unlimited(w)
		missed, talk := rungOut(), answeredCall()
		var of, answered [][]rebound.CallEvent
		for kept := range 1 << len(missed.events) {
			of = append(of, some(missed.events, kept))
			// Without a key nobody has answered: see TestHowAMissedCallShows.
			if events := some(talk.events, kept); slices.Contains(kindsOf(events), rebound.LegAccepted) {
				answered = append(answered, events)
			}
		}
		misses, talks := missed.plays(w, of...), talk.plays(w, answered...)
		w.FastForward(10 * time.Minute)
		missed.comesTo(w, misses, rebound.Abandoned)
		talk.comesTo(w, talks)
	})
}

func some(events []rebound.CallEvent, kept int) []rebound.CallEvent {
	var some []rebound.CallEvent
	for i, ev := range events {
		if kept&(1<<i) != 0 {
			some = append(some, ev)
		}
	}
	return some
}

// On PostgreSQL the transactions really overlap.
func TestAllReportsAtOnceComeToTheSame(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		unlimited(w)
		for _, r := range []*recorded{rungOut(), answeredCall()} {
			all := r.arrives(w, slices.Repeat([][]rebound.CallEvent{r.events}, 20)...)
			var told sync.WaitGroup
			for _, m := range all {
				for _, ev := range slices.Concat(r.events, r.events) {
					told.Go(func() { hears(w, m.about, ev) })
				}
			}
			told.Wait()
			w.Settle()
			r.comesTo(w, all)
		}
	})
}

// The arrival and the end of a call that was over at once come at the same time, and twice.
func TestTheFirstTwoReportsAtOnceMakeOneCall(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		for n := range 20 {
			about := rebound.CallEvent{
				Kind: rebound.CallArrived, Connection: reboundtest.Connection, CarrierID: fmt.Sprint("call-", n), From: "anonymous", To: string(reboundtest.MainLine),
			}
			var all sync.WaitGroup
			for _, ev := range []rebound.CallEvent{{Kind: rebound.CallArrived}, {Kind: rebound.CallEnded, Status: rebound.EndNoAnswer, CallerGone: true}} {
				for range 2 {
					all.Go(func() { hears(w, about, ev) })
				}
			}
			all.Wait()
		}
		w.Settle()
		rows, err := w.Rows().Inbox(t.Context(), 100)
		if err != nil || len(rows) != 20 {
			t.Errorf("%d conversations, want 20; %v", len(rows), err)
		}
	})
}

// A late report makes an answered call of a miss, and a later one takes that back. The text was cancelled
// meanwhile, so somebody has to call.
func TestMissedAnsweredAndMissedAfterAll(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		delayed(w)
		call := rungOut().arrives(w, nil)[0]
		caller := w.Phone(call.from)
		for _, report := range []struct {
			ev    rebound.CallEvent
			state rebound.CallState
		}{
			{rebound.CallEvent{Kind: rebound.CallEnded, Status: rebound.EndCompleted}, rebound.CallMissed},
			{rebound.CallEvent{Kind: rebound.LegAccepted, LegID: "ana"}, rebound.CallAnswered},
			{rebound.CallEvent{Kind: rebound.RingEnded, LegID: "ana", Status: rebound.EndCanceled, Bridged: rebound.No}, rebound.CallMissed},
		} {
			hears(w, call.about, report.ev)
			w.Settle()
			if c := w.Conversation(caller).Calls[0]; c.State != report.state {
				t.Errorf("after %s the call is %s", report.ev.Kind, c.State)
			}
		}
		caller.ExpectTextState(rebound.Cancelled).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitAgain).ExpectNoText(15 * time.Minute)
	})
}
