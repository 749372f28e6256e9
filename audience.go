package rebound

import "slices"

// Staff is everyone who could be told about one recovery, as they are at one instant.
type Staff struct {
	All      []Candidate // every member; who is in no team is off duty
	Team     []MemberID  // of the recovery's line
	Assignee MemberID    // empty: nobody's yet
	Fallback MemberID
	Urgent   bool
	Asleep   map[MemberID]bool // in their own quiet time
}

// Tell returns who is told when a step speaks to its audience, each once. It fails open: where the audience is
// nobody who can be told, the fallback is, else the supervisors, the owners, and at last everyone; instead
// says so in words, and is empty otherwise.
func (s Staff) Tell(step PolicyStep) (members []Member, instead string) {
	told := func(c Candidate) bool {
		return len(c.Member.Ways(s.Urgent, step.Channels)) > 0 && (s.Urgent || !s.Asleep[c.Member.ID])
	}
	if found := s.filter(func(c Candidate) bool { return told(c) && s.hears(step, c) }); len(found) > 0 {
		return found, ""
	}
	for _, next := range []struct {
		words string
		is    func(Candidate) bool
	}{
		{"the fallback", func(c Candidate) bool { return c.Member.ID == s.Fallback }},
		{"the supervisor", func(c Candidate) bool { return c.Member.Role == Supervisor }},
		{"the owner", func(c Candidate) bool { return c.Member.Role == Owner }},
		{"everyone", func(Candidate) bool { return true }},
	} {
		found := s.filter(func(c Candidate) bool { return len(c.Member.Ways(s.Urgent, nil)) > 0 && next.is(c) })
		if len(found) > 0 {
			return found, next.words
		}
	}
	return nil, "nobody: no member has a cell or an e-mail address"
}

func (s Staff) filter(keep func(Candidate) bool) []Member {
	var members []Member
	for _, c := range s.All {
		if keep(c) {
			members = append(members, c.Member)
		}
	}
	return members
}

func (s Staff) hears(step PolicyStep, c Candidate) bool {
	m, on := c.Member, c.Off == ""
	inTeam := on && (slices.Contains(s.Team, m.ID) || len(s.Team) == 0)
	mine := on && m.ID == s.Assignee
	switch step.Whom {
	case ToAssignee:
		if s.onDuty(s.Assignee) {
			return mine
		}
		return inTeam
	case ToTeam:
		return inTeam || mine
	case ToOnDuty:
		return on
	case ToSupervisor:
		return m.Role == Supervisor
	case ToMember:
		return m.ID == step.Member
	}
	return false
}

func (s Staff) onDuty(id MemberID) bool {
	return slices.ContainsFunc(s.All, func(c Candidate) bool { return c.Member.ID == id && c.Off == "" })
}

// Assign returns who a recovery that is nobody's belongs to: the contact's owner, else who talked with them
// last, if they are still members; else nobody, and whoever claims it first.
func Assign(members []Member, owner, talkedLast MemberID) MemberID {
	for _, id := range []MemberID{owner, talkedLast} {
		if id != "" && slices.ContainsFunc(members, func(m Member) bool { return m.ID == id }) {
			return id
		}
	}
	return ""
}
