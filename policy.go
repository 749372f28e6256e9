package rebound

import "time"

// EscalationPolicy says when a waiting recovery is told to whom again.
type EscalationPolicy struct {
	Steps       []PolicyStep  `json:"steps,omitempty"`        // empty: the default policy
	RepeatEvery time.Duration `json:"repeat_every,omitempty"` // after the last step, until it stops; default 1 h
}

// PolicyStep is one rung of the ladder.
type PolicyStep struct {
	After time.Duration `json:"after"` // since the recovery began to wait
	Whom  Audience      `json:"whom"`
}

// Audience is who a policy step speaks to.
type Audience string

const (
	ToAssignee   Audience = "assignee"
	ToTeam       Audience = "team"
	ToSupervisor Audience = "supervisor"
)

// WithDefaults is the mission's policy where a business has none (PRODUCT.md, "The clock").
func (p EscalationPolicy) WithDefaults() EscalationPolicy {
	if len(p.Steps) == 0 {
		p.Steps = []PolicyStep{
			{0, ToAssignee}, {5 * time.Minute, ToAssignee}, {30 * time.Minute, ToTeam}, {2 * time.Hour, ToSupervisor},
		}
	}
	or(&p.RepeatEvery, time.Hour)
	return p
}

// After returns how long after the wait began the n-th step (from 0) is due. Past the last step the
// policy repeats.
func (p EscalationPolicy) After(n int) time.Duration {
	if n < len(p.Steps) {
		return p.Steps[n].After
	}
	return p.Steps[len(p.Steps)-1].After + time.Duration(n-len(p.Steps)+1)*p.RepeatEvery
}

// Due returns when the n-th step is due for a recovery that began to wait at since.
func (p EscalationPolicy) Due(since time.Time, n int) time.Time { return since.Add(p.After(n)) }
