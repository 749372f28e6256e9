package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/holiday"
	"rebound/internal/store"
)

// escalationsTogether is how many timers one step takes: a storm of them costs little more than its writes then.
const escalationsTogether = 32

// escalationsDue takes what the policies ask for recoveries that still wait. What one of them fails with stops no other.
func (e *Engine) escalationsDue(ctx context.Context, claims []store.Claim) error {
	err := e.escalate(ctx, claims)
	if err == nil || len(claims) == 1 {
		return err
	}
	var all []error
	for _, c := range claims {
		all = append(all, e.escalate(ctx, []store.Claim{c}))
	}
	return errors.Join(all...)
}

func (e *Engine) escalate(ctx context.Context, claims []store.Claim) error {
	return e.write(ctx, func(s *step) error {
		due, err := s.tx.HoldDue(s.ctx, claims)
		if err != nil {
			return err
		}
		for _, d := range due {
			if _, held := s.held[place{d.Contact.Business, d.Contact.ID}]; !held {
				s.hold(d.Contact)
			}
		}
		for _, d := range due {
			if err := s.timerCame(d); err != nil {
				return fmt.Errorf("recovery %s of business %s: %w", d.Recovery.ID, d.Recovery.Business, err)
			}
		}
		return nil
	})
}

func (s *step) timerCame(due store.DueRecovery) error {
	declared, err := s.declaredAt(due.Recovery.Business, due.Revision)
	if err != nil {
		return err
	}
	r := due.Recovery
	if r.Assignee == "" {
		r.Assignee = declared.whose(due.Contact, due.TalkedLast)
	}
	next, err := s.apply(r, []rebound.RecoveryInput{{Step: rebound.StepDue, At: s.now}})
	if err != nil {
		return err
	}
	// Also where nothing was due after all, as when the machine's clock went back: the lease ends here.
	return s.tx.For(r.Business).SaveRecovery(s.ctx, next, s.now)
}

// whose returns whom a contact's recovery belongs to while nobody has claimed it, or "".
func (d *declared) whose(c rebound.Contact, talkedLast rebound.MemberID) rebound.MemberID {
	return rebound.Assign(slices.Collect(maps.Values(d.members)), c.Owner, talkedLast)
}

// tell writes the alerts that policy steps ask for, each member's once, and says so.
func (s *step) tell(r rebound.Recovery, policy rebound.EscalationPolicy, steps []rebound.PolicyStep) error {
	if len(steps) == 0 {
		return nil
	}
	staff, err := s.staff(r, policy)
	if err != nil {
		return err
	}
	var told []string
	var outside string
	seen := map[rebound.MemberID]bool{}
	for _, step := range steps {
		members, instead := staff.Tell(step)
		if instead != "" {
			outside = instead
		}
		for _, m := range members {
			if seen[m.ID] {
				continue
			}
			seen[m.ID] = true
			told = append(told, m.Name)
			reason := rebound.AlertStep
			if step.Whom == rebound.ToOnDuty {
				reason = rebound.AlertUrgent
			}
			if err := s.alert(r, m, reason, step.Channels); err != nil {
				return err
			}
		}
	}
	words := "Alerts go to " + strings.Join(told, ", ")
	if outside != "" {
		words = "Nobody it was meant for can be told now, so the alert goes to " + outside
		if len(told) > 0 {
			words += ": " + strings.Join(told, ", ")
		}
		s.note(slog.LevelWarn, "an alert's audience is nobody", "business", r.Business, "recovery", r.ID, "step", "alert", "instead", outside)
	}
	return s.say(rebound.Event{Business: r.Business, Contact: r.Contact, Recovery: r.ID, Kind: rebound.EventAlerted, Words: words})
}

// alert writes one member's alert about a recovery.
func (s *step) alert(r rebound.Recovery, m rebound.Member, reason rebound.AlertReason, channels []rebound.Channel) error {
	return s.addAlert(rebound.Alert{
		Business: r.Business, Recovery: r.ID, Contact: r.Contact, Line: r.Line, Member: m.ID, Reason: reason,
		Urgent: r.Urgent, Ways: m.Ways(r.Urgent, channels),
	})
}

// goTogether is how long an alert waits for one to the same member that is about to go, and tells it with it.
const goTogether = time.Second

func (s *step) addAlert(a rebound.Alert) error {
	a.ID, a.State, a.CreatedAt, a.DueAt = rebound.AlertID(store.NewID(s.now)), rebound.AlertQueued, s.now, s.now
	if a.Throttled() {
		d, err := s.declared(a.Business)
		if err != nil {
			return err
		}
		if next := s.nextAlert(d, a.Member); next.After(s.now) {
			a.DueAt = next
		} else {
			s.nextAlertAt(d, a.Member, s.now.Add(goTogether))
		}
	}
	s.look(store.Alerts, a.DueAt)
	return s.tx.For(a.Business).AddAlert(s.ctx, a)
}

// nextAlert returns before when an alert to a member that the limits hold need not be looked at; zero: nothing is known.
func (s *step) nextAlert(d *declared, id rebound.MemberID) time.Time {
	to := alerted{d.business.ID, id}
	next, here := s.alerts[to]
	if !here {
		next = s.memory.nextAlert(to)
	}
	if next.revision != d.revision {
		return time.Time{}
	}
	return next.at
}

func (s *step) nextAlertAt(d *declared, id rebound.MemberID, at time.Time) {
	if s.alerts == nil {
		s.alerts = map[alerted]nextAlert{}
	}
	s.alerts[alerted{d.business.ID, id}] = nextAlert{d.revision, at}
}

// staff returns everyone who could be told about a recovery, as they are now.
func (s *step) staff(r rebound.Recovery, policy rebound.EscalationPolicy) (rebound.Staff, error) {
	d, err := s.declared(r.Business)
	if err != nil {
		return rebound.Staff{}, err
	}
	zone, err := s.o.Zone(d.business.Zone)
	if err != nil {
		return rebound.Staff{}, err
	}
	at := s.now.In(zone)
	staff := rebound.Staff{
		Assignee: r.Assignee, Fallback: policy.Fallback, Urgent: r.Urgent, Asleep: map[rebound.MemberID]bool{},
		Team: d.teamOf(d.line(r.Line)).Members,
	}
	off := map[rebound.MemberID]string{} // of who is in a team
	for _, t := range d.teams {
		for _, c := range d.crew(t.ID, at) {
			if was, known := off[c.Member.ID]; !known || was != "" {
				off[c.Member.ID] = c.Off
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.members)) {
		m := d.members[id]
		why, inTeam := off[id]
		if !inTeam {
			why = "in no team"
		}
		staff.All = append(staff.All, rebound.Candidate{Member: m, Off: why})
		staff.Asleep[id] = m.Alerts.Quiet.Holds(at)
	}
	return staff, nil
}

// line returns a line in use, or one that says nothing.
func (d *declared) line(id rebound.LineID) rebound.Line {
	i := slices.IndexFunc(d.lines, func(l rebound.Line) bool { return l.ID == id })
	if i < 0 {
		return rebound.Line{ID: id}
	}
	return d.lines[i]
}

// teamOf returns the team that a line's calls belong to.
func (d *declared) teamOf(l rebound.Line) rebound.Team {
	return d.teams[rebound.TeamOf(l, d.routeOf(l))].Team
}

// clock returns the policy that holds for a line, with the hours in which it may run.
func (d *declared) clock(id rebound.LineID, zone *time.Location) rebound.Clock {
	line := d.line(id)
	return rebound.NewClock(d.business, d.teamOf(line), d.set.Schedule(d.business, line), zone, holiday.Find)
}

// nameOf returns what people call a member, also one who has left.
func (d *declared) nameOf(id rebound.MemberID) string {
	if m, ok := d.members[id]; ok {
		return m.Name
	}
	return string(id)
}

// replanned runs what changes a business's declaration or hours, and gives the recoveries that wait the timers
// which their clocks have afterwards, in the same transaction.
func (s *step) replanned(b rebound.BusinessID, change func() error) error {
	mine := s.tx.For(b)
	if err := mine.HoldBusiness(s.ctx); err != nil {
		return err
	}
	was, err := readDeclared(s.ctx, mine.Tenant)
	if ignoreMissing(err) != nil {
		return err
	}
	fresh := err != nil // nothing waits in a business that was not there
	if err := change(); err != nil || fresh {
		return err
	}
	is, err := readDeclared(s.ctx, mine.Tenant)
	if err != nil || was.sameClocks(is) {
		return err
	}
	before, err := s.o.Zone(was.business.Zone)
	if err != nil {
		return err
	}
	now, err := s.o.Zone(is.business.Zone)
	if err != nil {
		return err
	}
	waiting, err := mine.Waiting(s.ctx)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if _, err := s.contact(b, r.Contact); err != nil {
			return err
		}
		current, err := mine.Recovery(s.ctx, r.ID)
		if err != nil {
			return err
		}
		next, err := current.Replan(was.clock(r.Line, before), is.clock(r.Line, now))
		if stale(err) {
			continue
		}
		if err != nil {
			return err
		}
		s.look(store.Recoveries, next.DueAt)
		if err := mine.SaveRecovery(s.ctx, next, s.now); err != nil {
			return err
		}
	}
	return nil
}

// sameClocks reports whether no line's clock can run otherwise than before.
func (d *declared) sameClocks(other *declared) bool {
	if d.business.Zone != other.business.Zone || len(d.lines) != len(other.lines) {
		return false
	}
	for _, l := range d.lines {
		was, is := d.clock(l.ID, time.UTC).Policy, other.clock(l.ID, time.UTC).Policy
		hours, then := d.set.Schedule(d.business, l), other.set.Schedule(other.business, other.line(l.ID))
		if !reflect.DeepEqual(was, is) || is.Runs == rebound.RunsInOpenHours && !reflect.DeepEqual(hours, then) {
			return false
		}
	}
	return true
}
