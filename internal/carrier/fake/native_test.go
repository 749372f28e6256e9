package fake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

const (
	mainLine = phone.Number("+14155550199")
	caller   = phone.Number("+14155550134")
	ana      = phone.Number("+14155550101")
	ben      = phone.Number("+14155550102")
)

// plumber is a Rebound of few words: it follows one plan and remembers what it was told.
type plumber struct {
	plan rebound.Plan
	fail func(rebound.CallEvent) error // nil: never

	mu       sync.Mutex
	events   []rebound.CallEvent
	texts    []rebound.TextEvent
	receipts []rebound.Receipt
}

func (p *plumber) HandleCall(_ context.Context, e rebound.CallEvent) (rebound.Instruction, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	if p.fail != nil {
		if err := p.fail(e); err != nil {
			return rebound.Instruction{}, err
		}
	}
	in := rebound.Instruction{Kind: rebound.DoNothing, Call: "call-1", Business: "acme"}
	step := func(n int) rebound.Instruction {
		if n >= len(p.plan.Steps) {
			in.Kind = rebound.DoHangUp
			return in
		}
		in.Number, in.Step = n, p.plan.Steps[n]
		in.Kind = map[rebound.StepKind]rebound.InstructionKind{
			rebound.RingStep: rebound.DoRing, rebound.VoicemailStep: rebound.DoVoicemail, rebound.GreetStep: rebound.DoGreet,
		}[in.Step.Kind]
		return in
	}
	switch e.Kind {
	case rebound.CallArrived:
		return step(0), nil
	case rebound.RingEnded:
		if e.Bridged == rebound.Yes {
			in.Kind = rebound.DoHangUp
			return in, nil
		}
		return step(e.Step + 1), nil
	case rebound.LegAnswered:
		in.Kind, in.Step = rebound.DoScreen, p.plan.Steps[e.Step]
	case rebound.LegAccepted:
		in.Kind = rebound.DoConnect
	}
	return in, nil
}

func (p *plumber) HandleText(_ context.Context, e rebound.TextEvent) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.texts = append(p.texts, e)
	return nil
}

func (p *plumber) HandleReceipt(_ context.Context, r rebound.Receipt) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.receipts = append(p.receipts, r)
	return nil
}

// story is what the plumber was told about calls, one short line each.
func (p *plumber) story() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, e := range p.events {
		s := string(e.Kind)
		if e.LegID != "" && e.Kind != rebound.RingEnded {
			s += fmt.Sprintf(" %d.%d", e.Step, e.Target)
		}
		if e.Status != "" {
			s += " " + string(e.Status)
		}
		if e.Bridged == rebound.Yes {
			s += " bridged " + e.Talk.String()
		}
		if e.Kind == rebound.VoicemailLeft || e.Kind == rebound.RecordingReady {
			s += " " + e.Recording.Duration.String()
		}
		if e.CallerGone && e.Kind != rebound.CallEnded {
			s += " gone"
		}
		out = append(out, s)
	}
	return out
}

// ringThenVoicemail rings cells together for 20 s, then takes a message.
func ringThenVoicemail(kind rebound.DestinationKind, numbers ...phone.Number) rebound.Plan {
	ring := rebound.Step{Kind: rebound.RingStep, For: 20 * time.Second, Announce: "Call for Acme. Press any key to accept."}
	for _, n := range numbers {
		ring.Targets = append(ring.Targets, rebound.Target{Destination: rebound.Destination{Kind: kind, Number: n}})
	}
	return rebound.Plan{Steps: []rebound.Step{ring, {
		Kind: rebound.VoicemailStep, Say: "Leave a message after the tone", MaxFor: 2 * time.Minute, Silence: 5 * time.Second}}}
}

// connected is a network with one line in Rebound's own words.
func connected(plan rebound.Plan, c Connection) (*Network, *plumber) {
	n, p := New(Options{Seed: 1}), &plumber{plan: plan}
	c.ID, c.Rebound = "conn", p
	n.Connect(mainLine, c)
	return n, p
}

func expectStory(t *testing.T, got []string, want string) {
	t.Helper()
	if g := strings.Join(got, "\n"); g != strings.TrimSpace(want) {
		t.Errorf("Rebound was told\n%s\nwant\n%s", g, strings.TrimSpace(want))
	}
}

func TestCallsInReboundsWords(t *testing.T) {
	cells := ringThenVoicemail(rebound.Cell, ana)
	tests := []struct {
		name   string
		plan   rebound.Plan
		habits Habits
		set    func(n *Network)
		does   func(c *Call)
		brief  bool
		story  string
		takes  time.Duration
	}{{
		name: "rings out, hangs up at the tone", plan: cells,
		does:  func(c *Call) { c.RingsOut() },
		takes: 20*time.Second + speaking("Leave a message after the tone"),
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
voicemail_left 0s gone
call_ended completed
recording_ready 0s gone`,
	}, {
		name: "leaves a voicemail", plan: cells,
		does:  func(c *Call) { c.LeavesVoicemail(12*time.Second, nil) },
		takes: 20*time.Second + speaking("Leave a message after the tone") + 12*time.Second,
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
voicemail_left 12s gone
call_ended completed
recording_ready 12s gone`,
	}, {
		name: "speaks, then waits until silence ends the recording", plan: cells,
		does: func(c *Call) { c.SpeaksAndWaits(7*time.Second, nil) },
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
voicemail_left 7s
call_ended completed
recording_ready 7s`,
	}, {
		name: "says nothing at all", plan: cells, does: func(*Call) {},
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
voicemail_left 0s
call_ended completed
recording_ready 0s`,
	}, {
		name: "speaks past the limit", plan: cells, does: func(c *Call) { c.LeavesVoicemail(0, nil) },
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
voicemail_left 2m0s
call_ended completed
recording_ready 2m0s`,
	}, {
		name: "hangs up while the phone rings", plan: cells,
		does: func(c *Call) { c.HangsUpAfter(9 * time.Second) }, takes: 9 * time.Second,
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 canceled
ring_ended canceled gone
call_ended no-answer`,
	}, {
		name: "hangs up while the phone rings, and the network says little", plan: cells,
		habits: Habits{SilentHangup: true},
		does:   func(c *Call) { c.HangsUpAfter(9 * time.Second) },
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 canceled
call_ended no-answer`,
	}, {
		name: "hangs up during the greeting", plan: cells,
		does: func(c *Call) { c.HangsUpAfter(21 * time.Second) }, takes: 21 * time.Second,
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
call_ended completed`,
	}, {
		name: "hangs up at once", plan: cells, brief: true, does: func(*Call) {},
		story: "arrived\ncall_ended no-answer",
	}, {
		name: "a person accepts and hangs up after a while", plan: cells,
		set:  func(n *Network) { n.Phone(ana).Accepts(6 * time.Second).Talks(40 * time.Second) },
		does: func(*Call) {}, takes: 6*time.Second + speaking("Call for Acme. Press any key to accept.") + 40*time.Second,
		story: `
arrived
leg_ringing 0.0
leg_answered 0.0
leg_accepted 0.0
leg_ended 0.0 completed
ring_ended completed bridged 40s
call_ended completed`,
	}, {
		name: "a person accepts and the caller hangs up", plan: cells,
		set:  func(n *Network) { n.Phone(ana).Accepts(6 * time.Second) },
		does: func(c *Call) { c.HangsUpAfter(20 * time.Second) }, takes: 20 * time.Second,
		story: `
arrived
leg_ringing 0.0
leg_answered 0.0
leg_accepted 0.0
leg_ended 0.0 completed
ring_ended completed bridged 10.8s gone
call_ended completed`,
	}, {
		name: "the cell's own voicemail picks up", plan: cells,
		set:  func(n *Network) { n.Phone(ana).VoicemailAnswers(15 * time.Second) },
		does: func(c *Call) { c.RingsOut() },
		story: `
arrived
leg_ringing 0.0
leg_answered 0.0
leg_ended 0.0 completed
ring_ended completed
voicemail_left 0s gone
call_ended completed
recording_ready 0s gone`,
	}, {
		name: "nobody presses, told as no-answer", plan: cells, habits: Habits{UnacceptedIsNoAnswer: true},
		set:  func(n *Network) { n.Phone(ana).Accepts(3 * time.Second).Presses("") },
		does: func(c *Call) { c.HangsUpAfter(12 * time.Second) },
		story: `
arrived
leg_ringing 0.0
leg_answered 0.0
leg_ended 0.0 completed
ring_ended no-answer
call_ended completed`,
	}, {
		name: "declined", plan: cells, set: func(n *Network) { n.Phone(ana).Declines(4 * time.Second) },
		does: func(c *Call) { c.HangsUpAfter(5 * time.Second) },
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 busy
ring_ended busy
call_ended completed`,
	}, {
		name: "declined, told as no-answer", plan: cells, habits: Habits{DeclineIsNoAnswer: true},
		set: func(n *Network) { n.Phone(ana).Declines(4 * time.Second) }, does: func(c *Call) { c.HangsUpAfter(5 * time.Second) },
		story: `
arrived
leg_ringing 0.0
leg_ended 0.0 no-answer
ring_ended no-answer
call_ended completed`,
	}, {
		name: "busy", plan: cells, set: func(n *Network) { n.Phone(ana).Busy() },
		does: func(c *Call) { c.HangsUpAfter(2 * time.Second) },
		story: `
arrived
leg_ended 0.0 busy
ring_ended busy
call_ended completed`,
	}, {
		name: "unreachable", plan: cells, set: func(n *Network) { n.Phone(ana).Unreachable() },
		does: func(c *Call) { c.HangsUpAfter(2 * time.Second) },
		story: `
arrived
leg_ended 0.0 failed
ring_ended failed
call_ended completed`,
	}, {
		name: "a desk phone needs no key", plan: ringThenVoicemail(rebound.Desk, ana),
		set:  func(n *Network) { n.Phone(ana).Accepts(2 * time.Second).Presses("") },
		does: func(c *Call) { c.HangsUpAfter(30 * time.Second) },
		story: `
arrived
leg_ringing 0.0
leg_answered 0.0
leg_ended 0.0 completed
ring_ended completed bridged 28s gone
call_ended completed`,
	}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, p := connected(tt.plan, Connection{})
				defer n.Close()
				n.Behave(tt.habits)
				if tt.set != nil {
					tt.set(n)
				}
				began := time.Now()
				c := n.Phone(caller).Dials(Dial{To: mainLine, Brief: tt.brief})
				tt.does(c)
				<-c.Done()
				if took := time.Since(began); tt.takes != 0 && took != tt.takes {
					t.Errorf("the call took %v, want %v", took, tt.takes)
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				expectStory(t, p.story(), tt.story)
				if left := n.Phone(ana).Ringing(); len(left) > 0 {
					t.Errorf("%d legs still on the handset", len(left))
				}
			})
		})
	}
}

func TestFirstToAcceptWins(t *testing.T) {
	for _, silences := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			n, p := connected(ringThenVoicemail(rebound.Cell, ana, ben), Connection{})
			defer n.Close()
			n.Behave(Habits{PickUpSilences: silences})
			n.Phone(ana).VoicemailAnswers(4 * time.Second)
			n.Phone(ben).Accepts(6 * time.Second).Talks(20 * time.Second)
			c := n.Phone(caller).Calls(mainLine).RingsOut()
			<-c.Done()
			synctest.Wait()
			got := map[phone.Number]rebound.EndStatus{}
			for _, l := range c.Legs() {
				got[phone.Number(l.To)] = l.Status()
			}
			if want := map[bool]rebound.EndStatus{false: rebound.EndCompleted, true: rebound.EndCanceled}[silences]; got[ben] != want {
				t.Errorf("pick-up silences %v: Ben's leg ended %s, want %s", silences, got[ben], want)
			}
			if bridged := slices.ContainsFunc(p.story(), func(s string) bool { return strings.Contains(s, "bridged 20s") }); bridged == silences {
				t.Errorf("pick-up silences %v: bridged %v", silences, bridged)
			}
		})
	}
}

func TestHandsetByHand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, p := connected(ringThenVoicemail(rebound.Cell, ana), Connection{})
		defer n.Close()
		n.Phone(ana).Presses("")
		before := n.Revision()
		c := n.Phone(caller).CallsAs("anonymous", mainLine)
		<-n.Changed(before)
		if !c.WaitRinging() {
			t.Fatal("nothing rings")
		}
		leg, err := n.Phone(ana).NextRing(t.Context())
		if err != nil || leg.Shown != "anonymous" {
			t.Fatalf("the handset shows %+v, %v", leg, err)
		}
		leg.Answer()
		time.Sleep(2 * time.Second)
		leg.PressKey("5")
		if !c.WaitStage(StageTalking) {
			t.Fatal("not connected")
		}
		time.Sleep(10 * time.Second)
		leg.HangUp()
		<-c.Done()
		synctest.Wait()
		if got := p.story(); !slices.Contains(got, "ring_ended completed bridged 10s") {
			t.Errorf("told %q", got)
		}
	})
}

func TestDeclineByHandGreetAndReject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plan := ringThenVoicemail(rebound.SIP, "")
		plan.Steps[0].Targets[0].Destination.Address = "sip:desk@pbx.example.com"
		plan.Steps[1].Kind, plan.Steps[1].Play = rebound.GreetStep, "https://example.com/greeting.mp3"
		n, p := connected(plan, Connection{})
		defer n.Close()
		n.Phone("sip:desk@pbx.example.com").Accepts(time.Second).LetsRing()
		c := n.Phone(caller).Calls(mainLine)
		leg, err := n.Phone("sip:desk@pbx.example.com").NextRing(t.Context())
		if err != nil || leg.State() != LegRings {
			t.Fatal(err)
		}
		leg.HangUp()
		<-c.Done()
		synctest.Wait()
		if stage, since := c.At(); stage != StageOver || time.Since(since) != 0 {
			t.Errorf("at %s since %v", stage, since)
		}
		expectStory(t, p.story(), `
arrived
leg_ringing 0.0
leg_ended 0.0 busy
ring_ended busy
call_ended completed`)
		n.Close()
		if c := n.Phone(caller).Calls(mainLine); c.Status() != rebound.EndFailed {
			t.Errorf("a call over a closed network: %s", c.Status())
		}
	})
}

func TestReboundDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, p := connected(ringThenVoicemail(rebound.Cell, ana), Connection{})
		defer n.Close()
		tries := map[string]int{}
		p.fail = func(e rebound.CallEvent) error {
			if tries[e.Token]++; e.Kind == rebound.RingEnded && tries[e.Token] == 1 {
				return errors.New("disk full")
			}
			return nil
		}
		c := n.Phone(caller).Calls(mainLine).RingsOut()
		<-c.Done()
		synctest.Wait()
		got := p.story()
		if !slices.Contains(got, "voicemail_left 0s gone") {
			t.Errorf("one failure ended the call: %q", got)
		}
		p.mu.Lock()
		p.fail = func(e rebound.CallEvent) error { return errors.New("disk full") }
		p.mu.Unlock()
		c = n.Phone(caller).Calls(mainLine)
		<-c.Done()
		if c.Status() != rebound.EndNoAnswer || len(c.Legs()) != 0 {
			t.Errorf("a call that nobody handles ended %s", c.Status())
		}
	})
}

func TestUnknownNumberFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(Options{})
		defer n.Close()
		c := n.Phone(caller).Calls("+14155550000")
		<-c.Done()
		if c.Status() != rebound.EndFailed || n.Phone(caller).Texts("+14155550000", "hi") != "" {
			t.Errorf("a number that is no line: %s", c.Status())
		}
	})
}

func TestTextsInReboundsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		links := carrier.Links{Base: "https://rebound.example.com", Carrier: "fake", Key: []byte(strings.Repeat("k", 32))}
		n, p := connected(rebound.Plan{}, Connection{Links: links})
		defer n.Close()
		x := n.Carrier("conn")
		began := time.Now()
		got, err := x.Send(t.Context(), carrier.Text{
			From: mainLine, To: caller, Body: "We missed your call",
			Receipt: links.To(carrier.Place{Kind: carrier.AtReceipt, Connection: "conn", Business: "acme", Message: "m1"}),
		})
		if err != nil || got.State != rebound.Queued {
			t.Fatalf("sent: %+v, %v", got, err)
		}
		text, err := n.Phone(caller).NextText(t.Context())
		if err != nil || text.Body != "We missed your call" || text.From != mainLine || time.Since(began) != leaving+arriving {
			t.Errorf("the handset got %+v, %v after %v", text, err, time.Since(began))
		}
		synctest.Wait()
		var states []string
		for _, r := range p.receipts {
			states = append(states, string(r.State)+" "+string(r.Message)+" "+string(r.Business))
		}
		if want := []string{"sent m1 acme", "delivered m1 acme"}; !slices.Equal(states, want) {
			t.Errorf("receipts %q, want %q", states, want)
		}
		list, err := x.Texts(t.Context(), mainLine, caller, began)
		if err != nil || len(list) != 1 || list[0].ID != got.ID || list[0].State != rebound.Delivered {
			t.Errorf("the list has %+v, %v", list, err)
		}
		if n.Count(caller, "We missed your call") != 1 || len(n.Taken(mainLine)) != 1 || len(n.Phone(caller).Unread()) != 0 {
			t.Error("the counts are wrong")
		}
	})
}

func TestTextsFromHandsets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, p := connected(rebound.Plan{}, Connection{})
		defer n.Close()
		for i := range 20 {
			n.Phone(caller).Texts(mainLine, fmt.Sprint(i))
		}
		id := n.Phone(caller).Texts(mainLine, "look", Picture{"image/png", []byte("png")})
		synctest.Wait()
		for i := range 20 {
			if p.texts[i].Body != fmt.Sprint(i) {
				t.Fatalf("text %d is %q", i, p.texts[i].Body)
			}
		}
		last := p.texts[20]
		if last.CarrierID != id || len(last.Media) != 1 || last.Media[0].ContentType != "image/png" {
			t.Fatalf("the picture came as %+v", last)
		}
		m, err := n.Carrier("conn").Fetch(t.Context(), last.Media[0].URL)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := io.ReadAll(m.Body); string(b) != "png" || m.ContentType != "image/png" {
			t.Errorf("fetched %q of %s", b, m.ContentType)
		}
		if _, err := n.Carrier("conn").Fetch(t.Context(), "https://elsewhere.example.com/x"); !errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("a foreign address: %v", err)
		}
	})
}

func TestCarrierAnswersStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, p := connected(rebound.Plan{}, Connection{AnswersStop: true, TellsIntent: true})
		defer n.Close()
		person, x := n.Phone(caller), n.Carrier("conn")
		send := func() error {
			_, err := x.Send(t.Context(), carrier.Text{From: mainLine, To: caller, Body: "hello"})
			return err
		}
		person.Texts(mainLine, " Stop ")
		time.Sleep(time.Minute)
		synctest.Wait()
		if !n.OptedOut(mainLine, caller) || p.texts[0].Intent != rebound.CarrierStop || len(person.Inbox()) != 1 || !person.Inbox()[0].ByCarrier {
			t.Errorf("after STOP: %+v, %+v", p.texts, person.Inbox())
		}
		var refused *carrier.SendError
		if err := send(); !errors.As(err, &refused) || refused.Class != carrier.OptedOut || refused.Outcome != carrier.Refused {
			t.Errorf("a text to somebody who opted out: %v", err)
		}
		person.Texts(mainLine, "START")
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := send(); err != nil || n.OptedOut(mainLine, caller) {
			t.Errorf("after START: %v", err)
		}
	})
}

func TestCallLogAndRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, p := connected(ringThenVoicemail(rebound.Cell, ana), Connection{})
		defer n.Close()
		c := n.Phone(caller).Calls(mainLine).LeavesVoicemail(3*time.Second, nil)
		<-c.Done()
		time.Sleep(time.Minute)
		synctest.Wait()
		x := n.Carrier("conn")
		logged, err := x.Call(t.Context(), c.ID)
		if err != nil || logged.Status != rebound.EndCompleted || len(logged.Legs) != 1 || logged.Legs[0].Status != rebound.EndNoAnswer {
			t.Errorf("the log has %+v, %v", logged, err)
		}
		if _, err := x.Call(t.Context(), "call-0"); !errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("an unknown call: %v", err)
		}
		rec := p.events[len(p.events)-1].Recording
		m, err := x.Fetch(t.Context(), rec.URL)
		if err != nil {
			t.Fatal(err)
		}
		wav, _ := io.ReadAll(m.Body)
		if m.ContentType != "audio/wav" || len(wav) != 44+3*8000*2 || string(wav[:4]) != "RIFF" {
			t.Errorf("the recording has %d bytes of %s", len(wav), m.ContentType)
		}
	})
}

func TestSendFaultsInReboundsWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := connected(rebound.Plan{}, Connection{})
		defer n.Close()
		tests := []struct {
			name    string
			fault   SendFault
			outcome carrier.Outcome
			class   carrier.Class
			taken   int
		}{
			{"fine", SendFault{}, "", "", 1},
			{"filtered", Refuse(string(carrier.Filtered), 400), carrier.Refused, carrier.Filtered, 0},
			{"opted out", Refuse("21610", 400), carrier.Refused, carrier.OptedOut, 0},
			{"unknown code", Refuse("1", 400), carrier.Refused, carrier.Permanent, 0},
			{"rate", RateLimit(time.Second), carrier.NotSent, carrier.Repeat, 0},
			{"unconnected", Unconnected(), carrier.NotSent, carrier.Repeat, 0},
			{"hangs", Hang(true), carrier.InDoubt, "", 1},
			{"late", Late(9 * time.Second), "", "", 1},
			{"too late", Late(11 * time.Second), carrier.InDoubt, "", 1},
			{"broken", Break(502, false), carrier.InDoubt, "", 0},
			{"garbled", Garble(true), carrier.InDoubt, "", 1},
			{"cut", Cut(false), carrier.InDoubt, "", 0},
		}
		for _, tt := range tests {
			n.NextSends(tt.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			_, err := n.Carrier("conn").Send(ctx, carrier.Text{From: mainLine, To: caller, Body: tt.name})
			cancel()
			var failed *carrier.SendError
			if errors.As(err, &failed); failed == nil {
				failed = &carrier.SendError{}
			}
			if failed.Outcome != tt.outcome || failed.Class != tt.class || n.Count(caller, tt.name) != tt.taken {
				t.Errorf("%s: %v, taken %d times", tt.name, err, n.Count(caller, tt.name))
			}
		}
		n.ListsDown(true)
		if _, err := n.Carrier("conn").Texts(t.Context(), mainLine, caller, time.Time{}); err == nil {
			t.Error("the list is not down")
		}
		if _, err := n.Carrier("conn").Call(t.Context(), "call-1"); err == nil || errors.Is(err, carrier.ErrUnknown) {
			t.Errorf("the log is down, not empty: %v", err)
		}
		n.ListsDown(false)
		n.ListLag(time.Minute)
		if list, err := n.Carrier("conn").Texts(t.Context(), mainLine, caller, time.Time{}); err != nil || len(list) != 0 {
			t.Errorf("a list that lags: %v, %v", list, err)
		}
		time.Sleep(time.Minute)
		if list, _ := n.Carrier("conn").Texts(t.Context(), mainLine, caller, time.Time{}); len(list) != 5 {
			t.Errorf("the list has %d texts", len(list))
		}
	})
}

func TestReportsLostTwiceAndLate(t *testing.T) {
	tests := map[string]struct {
		hook func(Webhook) []Webhook
		want string
	}{
		"lost":  {Lose(carrier.AtReceipt), ""},
		"twice": {Twice(time.Hour), "sent delivered sent delivered "},
		"late": {func(w Webhook) []Webhook {
			if w.Receipt.State == rebound.Sent {
				return Delay(time.Minute, carrier.AtReceipt)(w)
			}
			return []Webhook{w}
		}, "delivered sent "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, p := connected(rebound.Plan{}, Connection{})
				defer n.Close()
				n.Intercept(tt.hook)
				if _, err := n.Carrier("conn").Send(t.Context(), carrier.Text{From: mainLine, To: caller, Body: "hi"}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				got := ""
				for _, r := range p.receipts {
					got += string(r.State) + " "
				}
				if got != tt.want {
					t.Errorf("receipts %q, want %q", got, tt.want)
				}
			})
		})
	}
}

func TestSameSeedSameIDs(t *testing.T) {
	a, b, c := New(Options{Seed: 7}), New(Options{Seed: 7}), New(Options{})
	defer a.Close()
	defer b.Close()
	defer c.Close()
	x, y, z := a.Twilio(TwilioAccount{}), b.Twilio(TwilioAccount{}), c.Twilio(TwilioAccount{})
	if x.SID != y.SID || x.Token != y.Token || x.SID == z.SID || len(x.SID) != 34 {
		t.Errorf("accounts %s, %s, %s", x.SID, y.SID, z.SID)
	}
}
