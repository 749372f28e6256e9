package store

import (
	"context"
	"errors"
	"time"

	"rebound"
)

// Override is one thing that somebody set by one tap, about a line, a member, or else the whole business.
type Override struct {
	Line   rebound.LineID
	Member rebound.MemberID
	Says   OverrideWord
	Until  time.Time
	Note   string
	By     rebound.MemberID // empty: nobody is named
	At     time.Time
}

// OverrideWord is what an override says until it runs out: open or closed of the business and its lines,
// busy or off of members.
type OverrideWord string

const (
	SaysOpen   OverrideWord = "open"
	SaysClosed OverrideWord = "closed"
	SaysBusy   OverrideWord = "busy"
	SaysOff    OverrideWord = "off"
)

func (o Override) about() (kind, id string) {
	switch {
	case o.Line != "":
		return "line", string(o.Line)
	case o.Member != "":
		return "member", string(o.Member)
	}
	return "business", ""
}

// SetOverride writes what somebody set, in place of what was set about the same before. It counts as a new
// revision of the business.
func (t TenantTx) SetOverride(ctx context.Context, o Override) error {
	kind, id := o.about()
	err := t.later(ctx, `
		insert into overrides (business, kind, id, says, until, note, set_by, set_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (business, kind, id) do update set says = excluded.says, until = excluded.until,
			note = excluded.note, set_by = excluded.set_by, set_at = excluded.set_at`,
		t.id, kind, id, string(o.Says), micros(o.Until), o.Note, string(o.By), micros(o.At))
	return errors.Join(err, t.revise(ctx))
}

// LiftOverride ends what was set about what o is about, if anything was. It counts as a new revision of the
// business.
func (t TenantTx) LiftOverride(ctx context.Context, o Override) error {
	kind, id := o.about()
	err := t.later(ctx, `delete from overrides where business = $1 and kind = $2 and id = $3`, t.id, kind, id)
	return errors.Join(err, t.revise(ctx))
}

func (t TenantTx) revise(ctx context.Context) error {
	return t.later(ctx, `update businesses set revision = revision + 1 where id = $1`, t.id)
}

// Overrides returns all that was set and not lifted, also what has run out.
func (t Tenant) Overrides(ctx context.Context) ([]Override, error) {
	return list(ctx, t.q, func(row scanner, o *Override) error {
		var kind, id string
		err := row.Scan(&kind, &id, str(&o.Says), at(&o.Until), &o.Note, str(&o.By), at(&o.At))
		switch kind {
		case "line":
			o.Line = rebound.LineID(id)
		case "member":
			o.Member = rebound.MemberID(id)
		}
		return err
	}, `select kind, id, says, until, note, set_by, set_at from overrides
		where business = $1 order by kind, id`, t.id)
}

// InForce puts overrides into the words of the domain.
func InForce(set []Override) rebound.Overrides {
	all := rebound.Overrides{Lines: map[rebound.LineID]rebound.Override{}, Members: map[rebound.MemberID]rebound.Absence{}}
	for _, o := range set {
		opening := rebound.Override{Open: o.Says == SaysOpen, From: o.At, Until: o.Until, Note: o.Note}
		switch {
		case o.Line != "":
			all.Lines[o.Line] = opening
		case o.Member != "":
			all.Members[o.Member] = rebound.Absence{Busy: o.Says == SaysBusy, Until: o.Until}
		default:
			all.Business = opening
		}
	}
	return all
}
