package rebound

import (
	"slices"
	"time"
)

// Rota says who of a team is on duty. A member has a place in it, which is on duty
//
//   - during the member's weekly shifts, and while the rotation is at the member's turn;
//   - always, if the member has no shifts and the rotation does not name them.
//
// A swap gives the duty of one member's place to another member, who keeps their own; a member whose place
// is taken has none. What is then known of the person wins over all places: not taking calls, else busy,
// else a change. So whoever is busy is off duty, whosever duty it was, and nobody steps in unasked.
//
// Shifts, handovers, changes and swaps are written by the wall clock and become instants by the rule of
// Schedule, so that a shift begins once and ends once, and of a rotation exactly one is on call, whatever
// clocks do.
type Rota struct {
	Crew     []Rostered `json:"crew"` // in ringing order
	Rotation Rotation   `json:"rotation,omitzero"`
	Changes  []Change   `json:"changes,omitempty"`
	Swaps    []Swap     `json:"swaps,omitempty"`
}

// Rostered is a member of the team and what the rota needs to know of them. What is not in the rota but
// with the member is filled in by whoever asks.
type Rostered struct {
	Member    MemberID  `json:"member"`
	Shifts    Hours     `json:"shifts,omitempty"`
	Name      string    `json:"-"` // for the reasons
	OffDuty   bool      `json:"-"` // takes no calls until they say otherwise
	OffUntil  time.Time `json:"-"` // takes none until then; zero or past: says nothing
	BusyUntil time.Time `json:"-"` // likewise, as others read it: "busy"
}

// Rotation hands one duty round: at Starts the first member takes over, and the next one Days days later at
// the same time of day, without end. Before Starts nobody is on call by it. Without members there is none.
type Rotation struct {
	Members []MemberID `json:"members"` // in the order of their turns; one may have several
	Starts  Moment     `json:"starts"`  // its weekday is that of all handovers if Days is 7, 14, …
	Days    int        `json:"days"`    // length of a turn, 1 to 366
}

// Change puts a member on duty or off duty for a time, whatever else is written: a holiday, an extra shift.
type Change struct {
	Member MemberID `json:"member"`
	On     bool     `json:"on,omitempty"`
	From   Moment   `json:"from"`
	To     Moment   `json:"to"`             // not included
	Note   string   `json:"note,omitempty"` // why, as people read it: "vacation"
}

// Swap gives what is Of's duty to Taker for a time. Two of them, both ways, exchange.
type Swap struct {
	Taker MemberID `json:"taker"`
	Of    MemberID `json:"of"`
	From  Moment   `json:"from"`
	To    Moment   `json:"to"` // not included
}

// Duty is one member on duty or not, at an instant.
type Duty struct {
	Member MemberID
	Name   string
	On     bool
	Why    string    // in words: "on call until Mon 8:00 AM", "off: swapped with Ana"
	Until  time.Time // when this reason ends, though another may follow; zero: not within days
}

// OnDuty says of each member of the crew, in its order, whether they are on duty at t, and why.
func (r Rota) OnDuty(t time.Time, zone *time.Location) []Duty {
	s := r.sheet(zone)
	t = t.In(zone)
	posts, _ := s.at(t)
	duties := make([]Duty, len(posts))
	for i, p := range posts {
		duties[i] = Duty{Member: r.Crew[i].Member, Name: s.name(i), On: p.on, Why: s.words(p, t), Until: p.until}
	}
	return duties
}

// Next is the first instant after t at which somebody's duty begins or ends; zero: none within a year.
func (r Rota) Next(t time.Time, zone *time.Location) time.Time {
	s := r.sheet(zone)
	now, next := s.at(t)
	for end := t.AddDate(1, 0, 0); !next.IsZero() && next.Before(end); {
		then, after := s.at(next)
		if !slices.EqualFunc(now, then, func(a, b post) bool { return a.on == b.on }) {
			return next.In(zone)
		}
		next = after
	}
	return time.Time{}
}

// sheet is a rota made ready for a zone: members are places in the crew, moments are instants. A member
// who is not of the crew is -1.
type sheet struct {
	Rota
	clocks  *clocks
	turns   []int  // the rotation's members
	rotates []bool // for each of the crew: whether the rotation names them
	changes []change
	swaps   []swap
}

type change struct {
	member   int
	from, to time.Time
	Change
}

type swap struct {
	taker, of int
	from, to  time.Time
}

func (r Rota) sheet(zone *time.Location) *sheet {
	s := &sheet{Rota: r, clocks: clocksOf(zone), rotates: make([]bool, len(r.Crew))}
	for _, m := range r.Rotation.Members {
		i := s.place(m)
		s.turns = append(s.turns, i)
		if i >= 0 {
			s.rotates[i] = true
		}
	}
	for _, c := range r.Changes {
		s.changes = append(s.changes, change{s.place(c.Member), s.instant(c.From), s.instant(c.To), c})
	}
	for _, w := range r.Swaps {
		s.swaps = append(s.swaps, swap{s.place(w.Taker), s.place(w.Of), s.instant(w.From), s.instant(w.To)})
	}
	return s
}

func (s *sheet) instant(m Moment) time.Time {
	at, _ := s.clocks.show(m.wall())
	return at
}

func (s *sheet) place(m MemberID) int {
	return slices.IndexFunc(s.Crew, func(c Rostered) bool { return c.Member == m })
}

// post is whether a member, or a place, is on duty, and why.
type post struct {
	on    bool
	why   reason
	until time.Time // when the reason ends; zero: not within days
	other int       // the member of the crew whom the reason is about
	note  string
}

type reason int

const (
	byDefault reason = iota // no shifts, no turns
	byShift                 // in a shift, or between shifts; other is the member whose shifts they are
	byTurn                  // on call, or somebody else is: other
	bySwap                  // other has taken the duty
	byCover                 // has taken other's duty
	byChange
	byBusy
	bySwitch
)

// at is who of the crew is on duty at t, and the instant until which at least all of this holds (zero: for
// days).
func (s *sheet) at(t time.Time) (posts []post, holds time.Time) {
	places, holds := s.places(t)
	posts = s.swap(places, t, &holds)
	for _, c := range s.changes {
		if during(t, c.from, c.to, &holds) && c.member >= 0 {
			posts[c.member] = post{on: c.On, why: byChange, until: c.to, note: c.Note}
		}
	}
	for i, m := range s.Crew {
		if m.BusyUntil.After(t) {
			posts[i] = post{why: byBusy, until: m.BusyUntil.In(s.clocks.zone)}
			holds = soonest(holds, m.BusyUntil)
		}
		if m.OffUntil.After(t) {
			posts[i] = post{why: bySwitch, until: m.OffUntil.In(s.clocks.zone)}
			holds = soonest(holds, m.OffUntil)
		}
		if m.OffDuty {
			posts[i] = post{why: bySwitch}
		}
	}
	return posts, holds
}

// swap is who has the duties of the places at t. A swap with somebody who is not of the crew is none: the
// duty stays where it was.
func (s *sheet) swap(places []post, t time.Time, holds *time.Time) []post {
	if len(s.swaps) == 0 {
		return places
	}
	posts := slices.Clone(places)
	taken := make([]swap, len(places))
	for i := range taken {
		taken[i] = swap{taker: i, of: i}
	}
	for _, w := range s.swaps {
		if during(t, w.from, w.to, holds) && w.of >= 0 && w.taker >= 0 {
			taken[w.of] = w
		}
	}
	for i, p := range places {
		if p.why == byTurn && p.other >= 0 {
			posts[i].other = taken[p.other].taker
		}
		if w := taken[i]; w.taker != i && p.on {
			posts[i] = post{why: bySwap, until: w.to, other: w.taker}
		}
	}
	for i, p := range places {
		if w := taken[i]; w.taker != i && p.on && !posts[w.taker].on {
			posts[w.taker] = post{on: true, why: byCover, until: soonest(w.to, p.until), other: i}
		}
	}
	return posts
}

// during reports whether t is within from and to, and moves holds forward to the one that comes next.
func during(t, from, to time.Time, holds *time.Time) bool {
	if from.After(t) {
		*holds = soonest(*holds, from)
		return false
	}
	if !to.After(t) {
		return false
	}
	*holds = soonest(*holds, to)
	return true
}

// soonest is the earlier of two instants, of which a zero one never comes.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// places is who is on duty at t by shifts and rotation alone.
func (s *sheet) places(t time.Time) (places []post, holds time.Time) {
	places = make([]post, len(s.Crew))
	onCall, handover := s.onCall(t)
	if len(s.turns) > 0 {
		holds = handover
	}
	for i, m := range s.Crew {
		p := &places[i]
		if len(m.Shifts) > 0 {
			now := Schedule{Weekly: m.Shifts}.usual(t, s.clocks, nil)
			*p = post{on: now.open, why: byShift, until: now.until, other: i}
			holds = soonest(holds, now.until)
		}
		switch {
		case p.on:
		case s.rotates[i] && (onCall == i || len(m.Shifts) == 0):
			*p = post{on: onCall == i, why: byTurn, until: handover, other: onCall}
		case len(m.Shifts) == 0:
			*p = post{on: true, why: byDefault}
		}
	}
	return places, holds
}

// onCall is the member whose turn of the rotation it is at t, -1 before it starts, and when it is handed over.
func (s *sheet) onCall(t time.Time) (member int, handover time.Time) {
	if len(s.turns) == 0 || s.Rotation.Days < 1 {
		return -1, time.Time{}
	}
	begins := func(turn int) time.Time {
		at, _ := s.clocks.show(s.Rotation.Starts.wall() + wallAt(turn*s.Rotation.Days, 0))
		return at
	}
	if start := begins(0); t.Before(start) {
		return -1, start
	}
	n := (s.clocks.day(t) - s.Rotation.Starts.Date.number()) / s.Rotation.Days
	if begins(n).After(t) { // later on the day
		n--
	}
	for !begins(n + 1).After(t) { // clocks have been in the next turn, and went back over midnight
		n++
	}
	return s.turns[n%len(s.turns)], begins(n + 1)
}
