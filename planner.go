package rebound

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"rebound/internal/phone"
)

// Candidate is a member as the routing sees them at one moment.
type Candidate struct {
	Member Member
	Off    string    // why they are not on duty, in words: "no shift on Tuesdays"; empty: on duty
	Busy   string    // why they cannot take a call, likewise: "busy on another call"; empty: they can
	Idle   time.Time // when their last call was over; zero: they had none
}

// BusyTalking is Candidate.Busy of a member who talks in another call.
const BusyTalking = "busy on another call"

// RouteFacts is what a plan is made from. A plan is a function of it alone, so that a real call, the
// tester and a replay agree.
type RouteFacts struct {
	Business Business
	Line     Line
	Route    Route
	Hours    Status // of the line, when the call arrives
	Caller   phone.Caller
	Contact  Contact
	Teams    map[TeamID][]Candidate // in ringing order; those that the route names
	Members  map[MemberID]Candidate // likewise, and the contact's owner
	Turns    map[TeamID]int         // how many turns each team's round robin has given
	Talked   MemberID               // who talked with this caller last
	VIP      bool
	Blocked  bool
	Loop     bool // the call is one that we ourselves are ringing, come back
}

// MakePlan decides who rings for one call, in which order, and why.
func MakePlan(f RouteFacts) Plan {
	switch {
	case f.Blocked:
		return Plan{Steps: []Step{{Kind: RejectStep, Why: "the number is blocked"}}}
	case f.Loop:
		return Plan{
			Steps: []Step{{Kind: RejectStep, Why: "a phone that we ring for this caller sends the call back to this line"}},
			Alarm: "A phone that " + f.Line.Name + " rings sends its calls back to " + f.Line.Name + ". Turn that forwarding off, or ring another phone.",
		}
	}
	steps, why, reason := f.branch()
	staff := f.staffing(steps)
	p := planner{RouteFacts: f, callerID: f.callerID(), announce: f.announce()}
	p.plan.Steps = make([]Step, 0, staff.asked+staff.free+1)
	p.finish(p.lead(steps, nil, why), why+lacking(staff.lacks()))
	if p.rings == 0 {
		reason = cmp.Or(reason, staff.lacks())
	}
	p.plan.Reason = reason
	return p.plan
}

// branch returns the route's steps for this call, why these, and what a miss of it is called beforehand.
func (f RouteFacts) branch() ([]RouteStep, string, MissReason) {
	switch f.Way() {
	case VIPWay:
		return f.Route.VIP, "VIP", ""
	case OpenWay:
		return f.Route.Open, cmp.Or(f.Hours.Why, "open"), ""
	}
	return f.Route.Closed, cmp.Or(f.Hours.Why, "closed"), AfterHours
}

// fallback returns who rings, on duty or not, where nobody is on duty.
func (f RouteFacts) fallback() []Candidate {
	crew := slices.Clone(f.crew(f.Route.Fallback))
	for i := range crew {
		crew[i].Off = ""
	}
	return crew
}

// crew returns the members that a step asks for, in their order.
func (f RouteFacts) crew(w Whom) []Candidate {
	id := w.Member
	switch {
	case w.Team != "":
		return f.Teams[w.Team]
	case w.Owner:
		id = f.Contact.Owner
	}
	if c, ok := f.Members[id]; ok {
		return []Candidate{c}
	}
	return nil
}

// planner writes a plan's steps one after another.
type planner struct {
	RouteFacts
	callerID phone.Number
	announce string
	plan     Plan
	passed   []Passed // who was passed over since the last step was written
	rings    int      // steps of the plan that ring somebody
	fellBack bool     // the fallback has rung on the way that is written
}

// way is a way out of a step that does not lead anywhere yet: by a key of a menu, or by none.
type way struct {
	from int
	key  string
}

// write adds a step to which the ways lead, and returns the way out of it.
func (p *planner) write(s Step, ways []way) []way {
	s.Passed, p.passed = p.passed, nil
	at := len(p.plan.Steps)
	p.plan.Steps = append(p.plan.Steps, s)
	for _, w := range ways {
		switch from := &p.plan.Steps[w.from]; {
		case w.key != "":
			from.Keys[w.key] = at
		case w.from+1 < at:
			from.Next = at
		}
	}
	if s.Kind.final() {
		return nil
	}
	return []way{{from: at}}
}

// lead writes what a call goes through behind one decision: the route's own steps or those of a menu's key.
// Where they should ring somebody and everybody is on another call, that is a busy hour. Nobody on duty is a
// mistake in the rota: the fallback rings first, once on each way, and somebody hears of it.
func (p *planner) lead(steps []RouteStep, ways []way, why string) []way {
	fellBack := p.fellBack
	defer func() { p.fellBack = fellBack }()
	switch p.staffing(steps).lacks() {
	case AllBusy:
		why += lacking(AllBusy)
	case NobodyOnDuty:
		p.plan.Alarm = "Nobody was on duty when a customer called " + p.Line.Name + ". Look at who should have been."
		why += lacking(NobodyOnDuty)
		if before := p.rings; !p.fellBack {
			ways = p.ring(RouteStep{Kind: RingStep, Whom: p.Route.Fallback}, p.fallback(), ways, why)
			if p.rings > before {
				why, p.fellBack = afterRing, true
			}
		}
	}
	return p.emit(steps, ways, why)
}

// lacking says in words why nobody rings, as the end of a reason.
func lacking(r MissReason) string {
	return map[MissReason]string{AllBusy: ", everybody busy", NobodyOnDuty: ", nobody on duty"}[r]
}

// staffing counts, over steps of a route.
type staffing struct {
	asked int // steps that should ring somebody
	free  int // who can be rung
	busy  int // who could be, were they not busy
}

func (f RouteFacts) staffing(steps []RouteStep) staffing {
	var all staffing
	add := func(more staffing) {
		all.asked, all.free, all.busy = all.asked+more.asked, all.free+more.free, all.busy+more.busy
	}
	for _, s := range steps {
		switch {
		case s.Kind.final():
			return all
		case s.Kind == MenuStep:
			for _, c := range s.Menu.Choices {
				add(f.staffing(c.Steps))
			}
		case s.Whom.Outside != (Destination{}):
			add(staffing{asked: 1, free: 1})
		default:
			if !s.Whom.Owner { // that nobody owns a caller is no mistake
				all.asked++
			}
			for _, c := range f.crew(s.Whom) {
				switch {
				case c.Off != "" || len(c.Member.Rings) == 0:
				case c.Busy != "":
					all.busy++
				default:
					all.free++
				}
			}
		}
	}
	return all
}

// lacks names the miss that is certain before anybody is rung; empty: none is.
func (s staffing) lacks() MissReason {
	switch {
	case s.asked == 0 || s.free > 0:
		return ""
	case s.busy > 0:
		return AllBusy
	}
	return NobodyOnDuty
}

// What is said of a step that follows another.
const (
	afterRing = "nobody accepted"
	afterMenu = "after the menu"
)

// emit writes steps of the route, to the first of which the ways lead, and returns the ways that are left
// when they come to their end.
func (p *planner) emit(steps []RouteStep, ways []way, why string) []way {
	for _, s := range steps {
		before := len(p.plan.Steps)
		switch s.Kind {
		case RingStep:
			ways = p.ring(s, p.crew(s.Whom), ways, why)
		case MenuStep:
			ways = p.menu(s.Menu, ways, why)
		case VoicemailStep, GreetStep:
			return p.write(p.farewell(s, why), ways)
		}
		if len(p.plan.Steps) > before {
			why = map[StepKind]string{RingStep: afterRing, MenuStep: afterMenu}[s.Kind]
		}
	}
	return ways
}

// finish leads all ways that are left to voicemail.
func (p *planner) finish(ways []way, why string) {
	if len(ways) == 0 && len(p.plan.Steps) > 0 {
		return
	}
	switch {
	case p.rings > 0:
		why = afterRing
	case len(p.plan.Steps) > 0:
		why = afterMenu
	}
	p.write(p.farewell(RouteStep{Kind: VoicemailStep}, why), ways)
}

// ring writes one step of the route: by its strategy, and where more phones are to ring than a carrier
// rings together, it becomes several.
func (p *planner) ring(s RouteStep, crew []Candidate, ways []way, why string) []way {
	long := cmp.Or(s.For, DefaultRing)
	turn := TeamID("")
	if s.Strategy == RoundRobin {
		turn = s.Whom.Team
	}
	for _, group := range p.groups(s, crew) {
		ways = p.write(Step{
			Kind: RingStep, Targets: group, For: long, CallerID: p.callerID, Announce: p.announce, Turn: turn,
			Why: fmt.Sprintf("%s: rings %s for %d s", why, names(group), int(long.Seconds())),
		}, ways)
		p.rings++
		why, turn = afterRing, ""
	}
	return ways
}

// groups returns who rings together, group after group. A member's phones ring together where the team does,
// and else in their order.
func (p *planner) groups(s RouteStep, crew []Candidate) [][]Target {
	if d := s.Whom.Outside; d != (Destination{}) {
		return [][]Target{{{Name: cmp.Or(d.Number.National(), d.Address), Destination: d}}}
	}
	free := p.free(crew)
	switch s.Strategy {
	case InOrder:
		return slices.Collect(slices.Chunk(targets(free), 1))
	case RoundRobin:
		return slices.Collect(slices.Chunk(targets(turned(free, p.Turns[s.Whom.Team])), 1))
	case LongestIdle:
		slices.SortStableFunc(free, func(a, b Candidate) int { return a.Idle.Compare(b.Idle) })
		return slices.Collect(slices.Chunk(targets(free), 1))
	case Sticky:
		if i := slices.IndexFunc(free, func(c Candidate) bool { return c.Member.ID == p.Talked }); i >= 0 {
			first, rest := free[i:i+1], slices.Concat(free[:i], free[i+1:])
			return slices.Concat(together(first), together(rest))
		}
	}
	return together(free)
}

// mostTogether is how many destinations every carrier with simultaneous ringing takes in one
// document (CARRIERS.md 2.a).
const mostTogether = 10

func together(crew []Candidate) [][]Target {
	return slices.Collect(slices.Chunk(targets(crew), mostTogether))
}

// turned begins with the one whose turn it is.
func turned(free []Candidate, turns int) []Candidate {
	if len(free) == 0 {
		return nil
	}
	n := turns % len(free)
	return slices.Concat(free[n:], free[:n])
}

// free returns who can be rung, and notes why the others cannot.
func (p *planner) free(crew []Candidate) []Candidate {
	free := make([]Candidate, 0, len(crew))
	for _, c := range crew {
		switch {
		case c.Off != "":
			p.pass(c.Member, c.Off)
		case len(c.Member.Rings) == 0:
			p.pass(c.Member, "no phone")
		case c.Busy != "":
			p.pass(c.Member, c.Busy)
		default:
			free = append(free, c)
		}
	}
	return free
}

func (p *planner) pass(m Member, why string) {
	p.passed = append(p.passed, Passed{Member: m.ID, Name: m.Name, Why: why})
}

// menu writes a menu and the steps behind each key. A key behind which nobody rings leads to what follows
// the menu.
func (p *planner) menu(m Menu, ways []way, why string) []way {
	at := len(p.plan.Steps)
	left := p.write(Step{
		Kind: MenuStep, Say: m.Say, Language: m.Language, Play: m.Play, Keys: map[string]int{},
		For: cmp.Or(m.Wait, DefaultMenuWait), Tries: cmp.Or(m.Tries, DefaultMenuTries), Why: why + ": menu",
	}, ways)
	for _, c := range m.Choices {
		left = append(left, p.lead(c.Steps, []way{{at, c.Key}}, "pressed "+c.Key+" for "+c.Name)...)
	}
	return left
}

// callerID keeps the caller's number on the rung phones where there is one; a withheld caller is
// shown as the line's own number, because carriers refuse an empty or alphabetic one.
func (f RouteFacts) callerID() phone.Number {
	if f.Caller.Kind == phone.KindNumber {
		return ""
	}
	return f.Line.Number
}

func (f RouteFacts) announce() string {
	from := ""
	switch {
	case f.Contact.Name != "":
		from = " from " + f.Contact.Name
	case f.Caller.Kind == phone.KindNumber:
		from = " from " + f.Caller.Number.National()
	}
	return fmt.Sprintf("Call for %s%s. Press any key to accept.", f.Business.Name, from)
}

// farewell ends a way: with the step's own greeting or the line's, and with voicemail if there is one.
func (p *planner) farewell(s RouteStep, why string) Step {
	g := p.Line.Greeting.at(p.Hours.Open)
	if s.Greeting != (Greeting{}) {
		g = s.Greeting
	}
	step := Step{Kind: VoicemailStep, Say: g.Say, Language: g.Language, Play: g.Play, Sound: g.Sound, Why: why + ": voicemail"}
	if step.Say == "" {
		step.Say = fmt.Sprintf("You have reached %s. We cannot take your call right now. Leave a message after the tone, and we will text you.", p.Business.Name)
	}
	if s.Kind == GreetStep || p.Line.Voicemail.Off {
		step.Kind, step.Why = GreetStep, why+": greeting"
		return step
	}
	step.MaxFor, step.Silence = p.Line.Voicemail.MaxLength, p.Line.Voicemail.EndSilence
	return step
}

func targets(crew []Candidate) []Target {
	all := make([]Target, 0, len(crew))
	for _, c := range crew {
		for _, d := range c.Member.Rings {
			all = append(all, Target{Member: c.Member.ID, Name: c.Member.Name, Destination: d})
		}
	}
	return all
}

func names(targets []Target) string {
	var out []string
	for _, t := range targets {
		if len(out) == 0 || out[len(out)-1] != t.Name {
			out = append(out, t.Name)
		}
	}
	if n := len(out); n > 1 {
		return strings.Join(out[:n-1], ", ") + " and " + out[n-1]
	}
	return strings.Join(out, "")
}
