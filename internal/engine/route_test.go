package engine_test

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

// routed gives the main line a route. Beside the day team there is "rear", the front desk alone.
func routed(w *reboundtest.World, r rebound.Route, more ...func(*rebound.Declaration)) {
	w.Declare(func(d *rebound.Declaration) {
		d.Teams = append(d.Teams, rebound.Team{Business: reboundtest.Business, ID: "rear", Name: "Rear", Members: []rebound.MemberID{"desk"}})
		r.ID, r.Business, r.Name = "main", reboundtest.Business, "Main"
		d.Routes, d.Lines[0].Route = []rebound.Route{r}, "main"
		for _, edit := range more {
			edit(d)
		}
	})
}

func ringsTeam(team rebound.TeamID, s rebound.RingStrategy) rebound.RouteStep {
	return rebound.RouteStep{Kind: rebound.RingStep, Whom: rebound.Whom{Team: team}, Strategy: s, For: 10 * time.Second}
}

func ringsMember(m rebound.MemberID) rebound.RouteStep {
	return rebound.RouteStep{Kind: rebound.RingStep, Whom: rebound.Whom{Member: m}, For: 10 * time.Second}
}

// whoRang returns whose phones rang in the caller's last call, step by step: "Ana+Ben Front desk".
func whoRang(w *reboundtest.World, caller *reboundtest.Handset) string {
	w.T.Helper()
	calls := w.Conversation(caller).Calls
	call := calls[len(calls)-1]
	slices.SortFunc(call.Legs, func(a, b rebound.Leg) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Target, b.Target))
	})
	var said strings.Builder
	for i, l := range call.Legs {
		switch {
		case i > 0 && call.Legs[i-1].Step == l.Step:
			said.WriteString("+")
		case i > 0:
			said.WriteString(" ")
		}
		said.WriteString(call.Plan.Steps[l.Step].Targets[l.Target].Name)
	}
	return said.String()
}

// menuRoute asks: 1 rings Ana and takes a message, 2 rings Ben; then, and without a key, the desk rings.
func menuRoute() rebound.Route {
	return rebound.Route{Open: []rebound.RouteStep{
		{Kind: rebound.MenuStep, Menu: rebound.Menu{Say: "For emergencies press 1, for all else press 2.", Choices: []rebound.Choice{
			{Key: "1", Name: "emergencies", Steps: []rebound.RouteStep{ringsMember("ana"), {Kind: rebound.VoicemailStep}}},
			{Key: "2", Name: "all else", Steps: []rebound.RouteStep{ringsMember("ben")}},
		}}},
		ringsTeam("rear", rebound.Together),
	}}
}

func TestAMenu(t *testing.T) {
	for _, run := range []func(*testing.T, func(*testing.T, *reboundtest.World)){reboundtest.RunTwilio, reboundtest.Run} {
		run(t, func(t *testing.T, w *reboundtest.World) {
			for _, test := range []struct {
				name, keys, rang string
				reason           rebound.MissReason
			}{
				{"1", "1", "Ana", rebound.NoAnswer},
				{"2", "2", "Ben Front desk", rebound.NoAnswer},
				{"nothing", "", "Front desk", rebound.NoAnswer},
				{"a wrong key", "7", "Front desk", rebound.NoAnswer},
				{"a wrong key, then 1", "71", "Ana", rebound.NoAnswer},
				{"wrong keys", "##", "Front desk", rebound.NoAnswer},
			} {
				w.Scene(test.name)
				routed(w, menuRoute())
				caller := w.Caller()
				w.Over(caller.Calls(reboundtest.MainLine).Presses(test.keys).RingsOut())
				caller.ExpectCall(rebound.CallMissed, test.reason).ExpectText("missed your call")
				if got := whoRang(w, caller); got != test.rang {
					w.T.Errorf("%q rang, want %q", got, test.rang)
				}
			}
			w.Scene("somebody answers behind a key")
			routed(w, menuRoute())
			w.Ben().Accepts(3 * time.Second)
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).Presses("2"))
			caller.ExpectCall(rebound.CallAnswered, "").ExpectNoText(time.Minute)
		})
	}
}

func TestHangingUpWithinAMenuIsAMiss(t *testing.T) {
	abandoned := func(name string, goes func(*fake.Call) *fake.Call) story {
		return missedFor(rebound.AbandonedInMenu, story{name: name, given: func(w *reboundtest.World) { routed(w, menuRoute()) },
			goes: func(_ *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
				call := caller.Calls(reboundtest.MainLine)
				call.WaitStage(fake.StageListening)
				return goes(call)
			}})
	}
	happen(t,
		abandoned("while it is said", func(c *fake.Call) *fake.Call { return c.HangsUpAfter(2 * time.Second) }),
		abandoned("when it is said again", func(c *fake.Call) *fake.Call { return c.HangsUpAfter(12 * time.Second) }),
		abandoned("after a wrong key", func(c *fake.Call) *fake.Call { return c.Presses("9").HangsUpAfter(5 * time.Second) }),
	)
}

// A key behind which a message is taken at once ends the waiting, though the caller then says nothing.
func TestAKeyThatLeadsToVoicemail(t *testing.T) {
	message := missedFor(rebound.NoAnswer, story{name: "hangs up while the greeting is said", given: func(w *reboundtest.World) {
		route := menuRoute()
		route.Open[0].Menu.Choices[0].Steps = []rebound.RouteStep{{Kind: rebound.VoicemailStep}}
		routed(w, route)
	}, goes: func(w *reboundtest.World, caller *reboundtest.Handset) *fake.Call {
		call := caller.Calls(reboundtest.MainLine).Presses("1")
		w.FastForward(2 * time.Second)
		return call.HangsUp()
	}})
	happen(t, message)
}

// A menu's webhook that comes again gets the bytes that the first got, also once the call went on.
func TestARepeatedMenuWebhookGetsTheSameDocument(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		routed(w, menuRoute())
		var chosen []fake.Webhook
		w.Network.Intercept(func(h fake.Webhook) []fake.Webhook {
			if h.Kind == carrier.AtMenu {
				chosen = append(chosen, h)
			}
			return []fake.Webhook{h}
		})
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).Presses("71").RingsOut()
		call.WaitRinging()
		var first []string
		for _, h := range chosen {
			first = append(first, w.Post(h.URL, h.Form))
		}
		w.Over(call)
		if len(first) != 2 || !strings.Contains(first[0], "<Gather") || !strings.Contains(first[1], "<Dial") {
			t.Fatalf("a wrong key and a right one were answered with:\n%s", strings.Join(first, "\n"))
		}
		for i, h := range chosen {
			if again := w.Post(h.URL, h.Form); again != first[i] {
				t.Errorf("the answer to key %q was\n%s\nand later\n%s", h.Form.Get("Digits"), first[i], again)
			}
		}
		if legs := call.Legs(); len(legs) != 1 {
			t.Errorf("%d phones rang, want Ana's once", len(legs))
		}
		caller.ExpectText("missed your call")
	})
}

// What each way through a route rings, and what its miss is called.
func TestWhoRingsByARoute(t *testing.T) {
	never := rebound.Hours{{Day: time.Wednesday, From: 9 * 60, To: 10 * 60}} // the tests begin on a Friday
	closed := func(d *rebound.Declaration) { d.Lines[0].Schedule.Weekly = never }
	offDuty := func(d *rebound.Declaration) { d.Members[0].OffDuty, d.Members[1].OffDuty = true, true }
	day, rear := ringsTeam("day", rebound.Together), ringsTeam("rear", rebound.Together)
	type rings struct {
		name   string
		route  rebound.Route
		more   func(*rebound.Declaration)
		phones func(*reboundtest.World)
		rang   string
		reason rebound.MissReason
		alarm  bool
	}
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for _, test := range []rings{
			{name: "overflow before voicemail", route: rebound.Route{Open: []rebound.RouteStep{day, rear}}, rang: "Ana+Ben Front desk", reason: rebound.NoAnswer},
			{name: "in order", route: rebound.Route{Open: []rebound.RouteStep{ringsTeam("day", rebound.InOrder)}}, rang: "Ana Ben", reason: rebound.NoAnswer},
			{name: "who declined is left in peace", route: rebound.Route{Open: []rebound.RouteStep{day, ringsTeam("day", rebound.InOrder), rear}},
				phones: func(w *reboundtest.World) { w.Ana().Declines(3 * time.Second) }, rang: "Ana+Ben Ben Front desk", reason: rebound.NoAnswer},
			{name: "all declined", route: rebound.Route{Open: []rebound.RouteStep{day, day}},
				phones: both(func(p *fake.Phone) { p.Declines(3 * time.Second) }), rang: "Ana+Ben", reason: rebound.Declined},
			{name: "a number outside", route: rebound.Route{Open: []rebound.RouteStep{
				{Kind: rebound.RingStep, Whom: rebound.Whom{Outside: rebound.Destination{Kind: rebound.Desk, Number: "+14155550190"}}, For: 10 * time.Second}}},
				rang: "(415) 555-0190", reason: rebound.NoAnswer},
			{name: "nobody on duty", route: rebound.Route{Open: []rebound.RouteStep{day}}, more: offDuty, reason: rebound.NobodyOnDuty, alarm: true},
			{name: "nobody on duty, so the fallback rings", route: rebound.Route{Open: []rebound.RouteStep{day}, Fallback: rebound.Whom{Member: "desk"}},
				more: offDuty, rang: "Front desk", reason: rebound.NoAnswer, alarm: true},
			{name: "closed, on call first", route: rebound.Route{Open: []rebound.RouteStep{day}, Closed: []rebound.RouteStep{ringsMember("ben")}},
				more: closed, rang: "Ben", reason: rebound.AfterHours},
			{name: "closed", route: rebound.Route{Open: []rebound.RouteStep{day}}, more: closed, reason: rebound.AfterHours},
		} {
			w.Scene(test.name)
			routed(w, test.route, func(d *rebound.Declaration) {
				if test.more != nil {
					test.more(d)
				}
			})
			if test.phones != nil {
				test.phones(w)
			}
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
			caller.ExpectCall(rebound.CallMissed, test.reason).ReadAll()
			if got := whoRang(w, caller); got != test.rang {
				w.T.Errorf("%q rang, want %q", got, test.rang)
			}
			if said := saidTimes(w, caller, rebound.EventRouteAlarm); (said > 0) != test.alarm {
				w.T.Errorf("%d alarms", said)
			}
		}
	})
}

// A turn is given when phones ring and not when a plan is made, and outlives the program.
func TestRoundRobinGoesOnAfterARestart(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		routed(w, rebound.Route{Open: []rebound.RouteStep{ringsTeam("day", rebound.RoundRobin)}})
		for i, want := range []string{"Ana Ben", "Ben Ana", "Ana Ben"} {
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
			caller.ReadAll()
			if got := whoRang(w, caller); got != want {
				w.T.Errorf("call %d: %q, want %q", i, got, want)
			}
			w.Crash()
		}
	})
}

func TestWhoTalksIsBusyAndWhoTalkedIsRemembered(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		routed(w, rebound.Route{Open: []rebound.RouteStep{ringsTeam("day", rebound.Sticky)}})
		w.Ben().Accepts(2 * time.Second).Talks(5 * time.Minute)
		first, second := w.Caller(), w.Caller()
		talk := first.Calls(reboundtest.MainLine)
		talk.WaitStage(fake.StageTalking)
		w.FastForward(time.Second)
		w.Over(second.Calls(reboundtest.MainLine).RingsOut())
		second.ReadAll()
		if got := whoRang(w, second); got != "Ana" {
			w.T.Errorf("%q rang while Ben talked, want Ana alone", got)
		}
		if passed := w.Conversation(second).Calls[0].Plan.Steps[0].Passed; len(passed) != 1 || passed[0].Name != "Ben" || passed[0].Why != "busy on another call" {
			w.T.Errorf("passed over: %q", passed)
		}
		w.Over(talk)
		w.Ben().LetsRing()
		w.Over(first.Calls(reboundtest.MainLine).RingsOut())
		first.ReadAll()
		if got := whoRang(w, first); got != "Ben Ana" {
			w.T.Errorf("%q rang for a caller with whom Ben talked", got)
		}
		w.Scene("longest idle")
		routed(w, rebound.Route{Open: []rebound.RouteStep{ringsTeam("day", rebound.LongestIdle)}})
		third := w.Caller()
		w.Over(third.Calls(reboundtest.MainLine).RingsOut())
		third.ReadAll()
		if got := whoRang(w, third); got != "Ana Ben" {
			w.T.Errorf("%q rang, and Ana had no call yet", got)
		}
	})
}

func TestAVIPRingsWhenItIsClosed(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		routed(w, rebound.Route{VIP: []rebound.RouteStep{ringsMember("ana")}}, func(d *rebound.Declaration) {
			d.Lines[0].Schedule.Weekly = rebound.Hours{{Day: time.Wednesday, From: 9 * 60, To: 10 * 60}}
			d.VIPs = []rebound.VIPNumber{{Number: string(caller.Number), Note: "the hospital"}}
		})
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectCall(rebound.CallMissed, rebound.NoAnswer).ExpectText("missed your call")
		if got := whoRang(w, caller); got != "Ana" {
			w.T.Errorf("%q rang", got)
		}
	})
}

// A phone that we ring and that sends its calls back to the line would ring itself for ever.
func TestACallThatComesBackIsRefused(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		for name, back := range map[string]fake.Dial{
			"told by the forwarding carrier": {ForwardedFrom: string(reboundtest.AnaCell)},
			"shown as the line":              {Shown: string(reboundtest.MainLine)},
		} {
			w.Scene(name)
			caller := w.Caller()
			call := caller.Calls(reboundtest.MainLine).RingsOut()
			call.WaitRinging()
			w.FastForward(time.Second)
			back.To = reboundtest.MainLine
			again := caller.Dials(back)
			<-again.Done()
			if len(again.Legs()) != 0 || again.Status() != rebound.EndNoAnswer {
				w.T.Errorf("the call that came back rang %d phones and ended %s", len(again.Legs()), again.Status())
			}
			w.Over(call)
			caller.ExpectText("missed your call")
		}
		w.Scene("not told, but again and again")
		caller := w.Caller()
		var calls []*fake.Call
		for range 4 {
			calls = append(calls, caller.Calls(reboundtest.MainLine).RingsOut())
			w.FastForward(2 * time.Second)
		}
		for i, call := range calls {
			if refused := len(call.Legs()) == 0; refused != (i == 3) {
				w.T.Errorf("call %d of the same caller at one time: refused %t", i, refused)
			}
			w.Over(call)
		}
		caller.ReadAll()
		w.Scene("a customer's second call, forwarded as usual")
		caller = w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		w.Over(caller.Dials(fake.Dial{To: reboundtest.MainLine, ForwardedFrom: string(reboundtest.AnaCell)}).RingsOut())
		caller.ExpectCall(rebound.CallMissed, rebound.NoAnswer).ReadAll()
	})
}

// What is explained without a call is what the call then gets, whoever is busy and whoever's turn it is.
func TestExplainAgreesWithTheCall(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		route := menuRoute()
		route.Open = append(route.Open, ringsTeam("day", rebound.Sticky), ringsTeam("day", rebound.LongestIdle), ringsTeam("day", rebound.RoundRobin))
		route.Closed = []rebound.RouteStep{ringsMember("ben")}
		routed(w, route, func(d *rebound.Declaration) { d.Members[2].OffDuty = true })
		w.Ana().Accepts(2 * time.Second).Talks(5 * time.Minute)
		regular, busy := w.Caller(), w.Caller()
		w.Over(regular.Calls(reboundtest.MainLine).Presses("1"))
		talk := busy.Calls(reboundtest.MainLine).Presses("1")
		talk.WaitStage(fake.StageTalking)
		w.FastForward(time.Second)
		for _, caller := range []*reboundtest.Handset{regular, w.Caller()} {
			told, err := w.App.Engine.Explain(t.Context(), reboundtest.Business, "main", string(caller.Number), time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			call := caller.Calls(reboundtest.MainLine).Presses("2").RingsOut()
			call.WaitRinging()
			calls := w.Conversation(caller).Calls
			if got := calls[len(calls)-1].Plan; !reflect.DeepEqual(got, told.Plan) {
				t.Errorf("the call got\n%+v\nexplained was\n%+v", got, told.Plan)
			}
			w.Over(call)
			caller.ReadAll()
		}
		w.Over(talk)
		for _, line := range []rebound.LineID{"gone", ""} {
			if _, err := w.App.Engine.Explain(t.Context(), reboundtest.Business, line, "", time.Time{}); rebound.ErrorKind(err) != rebound.NotFound {
				t.Errorf("line %q: %v", line, err)
			}
		}
	})
}

// A route that is gone from under a line still ends in voicemail and a text.
func TestALineWhoseRouteIsGone(t *testing.T) {
	reboundtest.RunTwilio(t, func(_ *testing.T, w *reboundtest.World) {
		w.Declare(func(d *rebound.Declaration) { d.Lines[0].Route = "gone" })
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).LeavesVoicemail(5*time.Second, nil))
		caller.ExpectCall(rebound.CallMissed, rebound.NoAnswer).ExpectText("voicemail")
	})
}
