package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/config"
	"rebound/internal/zone"
)

// question is a call that is asked about.
type question struct{ business, line, from, at string }

func explainCommand() command {
	return command{
		name:    "explain",
		summary: "tell who would ring for a call, in which order, and why",
		about: `Makes no call: the same function decides that decides a real one, by what was applied last. Times are on the
business's own clocks. Without --at the call comes now, and whoever is on another call is busy.

    rebound explain --business acme-plumbing --line main --from "(415) 555-0199" --at "2026-11-24 18:05"`,
		settings: true,
		flags: func(in *call, set *flag.FlagSet) {
			set.StringVar(&in.asked.business, "business", "", "the business's `key` in its file; may be left out where there is one")
			set.StringVar(&in.asked.line, "line", "", "the line's `key`; may be left out where there is one")
			set.StringVar(&in.asked.from, "from", "", "the caller's `number`; left out: one who hides it")
			set.StringVar(&in.asked.at, "at", "", "when the call comes, as `\"2026-11-24 18:05\"`; left out: now")
		},
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, "nothing"); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			return in.withApp(ctx, cfg, func(a *app.App) error { return in.explainCall(ctx, a) })
		},
	}
}

func (in *call) explainCall(ctx context.Context, a *app.App) error {
	businesses, err := a.Store.Read().Businesses(ctx)
	if err != nil {
		return err
	}
	business, err := oneOf("business", in.asked.business, names(businesses))
	if err != nil {
		return err
	}
	d, err := a.Engine.Declared(ctx, rebound.BusinessID(business))
	if err != nil {
		return err
	}
	var lines []string
	for _, l := range d.Lines {
		lines = append(lines, string(l.ID))
	}
	line, err := oneOf("line", in.asked.line, lines)
	if err != nil {
		return err
	}
	place, err := zone.Load(d.Business.Zone)
	if err != nil {
		return err
	}
	at, err := readMoment(in.asked.at, place)
	if err != nil {
		return err
	}
	told, err := a.Engine.Explain(ctx, d.Business.ID, rebound.LineID(line), in.asked.from, at)
	if err != nil {
		return err
	}
	when := "now"
	if !at.IsZero() {
		when = at.Format("Mon Jan 2 2006 15:04")
	}
	fmt.Fprintf(in.stdout, "%s, line %s, a call %s (%s):\n", d.Business.Name, line, when, place)
	printPlan(in.stdout, told.Plan)
	return nil
}

// oneOf is the named thing, or the only one there is.
func oneOf(what, name string, all []string) (string, error) {
	switch {
	case slices.Contains(all, name):
		return name, nil
	case name != "":
		return "", &usageError{fmt.Sprintf("there is no %s %q; %s", what, name, config.Suggest(name, all))}
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return "", &usageError{"there is no " + what + "; declare one in business.yaml and apply it"}
	}
	return "", &usageError{fmt.Sprintf("say which: --%s %s", what, strings.Join(all, " or "))}
}

// readMoment reads a time of the wall clock; an empty text is the zero instant. A time that clocks leap over
// is none.
func readMoment(text string, place *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	const form = "2006-01-02 15:04"
	at, err := time.ParseInLocation(form, text, place)
	if err != nil {
		return at, &usageError{fmt.Sprintf("--at %q is no time; write it like \"2026-11-24 18:05\"", text)}
	}
	if at.Format(form) != text {
		return at, &usageError{fmt.Sprintf("--at %q: clocks in %s leap over that time; name another", text, place)}
	}
	return at, nil
}

// printPlan writes each step with its reason, who is not rung, and where keys lead.
func printPlan(w io.Writer, p rebound.Plan) {
	for i, s := range p.Steps {
		fmt.Fprintf(w, "%3d. %s\n", i+1, s.Why)
		for _, m := range s.Passed {
			fmt.Fprintf(w, "     not rung: %s: %s\n", m.Name, m.Why)
		}
		for _, key := range slices.Sorted(maps.Keys(s.Keys)) {
			fmt.Fprintf(w, "     key %s: goes to %d\n", key, s.Keys[key]+1)
		}
		switch next := p.After(i); {
		case s.Kind == rebound.MenuStep:
			fmt.Fprintf(w, "     no key, said %s: goes to %d\n", count(s.Tries, "time"), next+1)
		case s.Next > 0:
			fmt.Fprintf(w, "     then goes to %d\n", next+1)
		}
	}
	if long := p.RingTime(); long > 0 {
		fmt.Fprintf(w, "Phones ring for %d s at most.\n", int(long.Seconds()))
	}
	if p.Reason != "" {
		fmt.Fprintf(w, "If nobody talks with the caller, the miss is called %s.\n", p.Reason)
	}
	if p.Alarm != "" {
		fmt.Fprintf(w, "! %s\n", p.Alarm)
	}
}
