package businessfile

import (
	"fmt"
	"slices"
	"strings"

	"rebound"
	"rebound/internal/config"
	"rebound/internal/holiday"
)

// Holidays are ticked by their keys, or with the code of a country or of a part of it all at once:
//
//	holidays: [US]
//	holidays: [CA-BC, us.thanksgiving]
//
// What is declared is the keys. So a holiday that a later version of Rebound brings is applied when the
// file is, and the difference shows it. An empty list closes a line on none, though its business is.
func readHolidays(r *reader, n *config.Node, path string) []string {
	if !r.is(n, config.List, path, "a list like [US] or [us.thanksgiving, us.christmas]") {
		return nil
	}
	keys := []string{}
	for _, item := range n.Items {
		if !r.is(item, config.Scalar, path, "the code of a country, or a holiday's key") {
			continue
		}
		meant, err := readHoliday(item.Text)
		fresh := slices.DeleteFunc(slices.Clone(meant), func(key string) bool { return slices.Contains(keys, key) })
		switch {
		case err != nil:
			r.fault(item, path, err.Error(), "")
		case len(fresh) == 0:
			r.fault(item, path, item.Text+" is in the list already", "remove one")
		}
		keys = append(keys, fresh...)
	}
	return keys
}

// readHoliday returns the keys that one item stands for.
func readHoliday(text string) ([]string, error) {
	code, region, _ := strings.Cut(strings.ToUpper(text), "-")
	if country, _, isKey := strings.Cut(code, "."); isKey {
		if holiday.Known(text) {
			return []string{text}, nil
		}
		return nil, fmt.Errorf("there is no holiday %.60q; %s", text, config.Suggest(text, ticks(country)))
	}
	keys := holiday.Keys(code, region)
	if regions := holiday.Regions(code); len(keys) == 0 && len(regions) > 0 {
		codes := mapped(regions, func(r holiday.Region) string { return r.Code })
		return nil, fmt.Errorf("%s has no part %.10q; %s", code, region, config.Suggest(region, codes))
	}
	switch {
	case len(keys) > 0:
		return keys, nil
	case len(holiday.Keys(code, "")) > 0:
		return nil, fmt.Errorf("no part of %s is known to have holidays of its own; write %s, or tick single ones like %s", code, code, holiday.Keys(code, "")[0])
	}
	return nil, fmt.Errorf("there are no holidays of %.60q; write a country's two letters (%s), or tick single ones like us.thanksgiving",
		text, strings.Join(holiday.Countries(), ", "))
}

// ticks are the keys of a country's holidays, wherever in it they are had.
func ticks(country string) []string {
	keys := holiday.Keys(country, "")
	for _, region := range holiday.Regions(country) {
		for _, key := range holiday.Keys(country, region.Code) {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

func writeHolidays(keys []string) tree {
	if len(keys) == 0 {
		return tree{text: "[]"}
	}
	var t tree
	for len(keys) > 0 {
		place, has := placeWith(keys)
		t.list = append(t.list, tree{text: place})
		keys = keys[has:]
	}
	return t
}

// placeWith returns the place that has the most of keys' first ones, all of its own among them, and how many
// those are. Where there is none, or several parts of a country have the same, it is the first key alone.
func placeWith(keys []string) (place string, has int) {
	place, has = keys[0], 1
	country, _, _ := strings.Cut(keys[0], ".")
	code := strings.ToUpper(country)
	for _, region := range append([]holiday.Region{{}}, holiday.Regions(code)...) {
		own := holiday.Keys(code, region.Code)
		switch {
		case len(own) < max(has, 2) || len(own) > len(keys) || !slices.Equal(own, keys[:len(own)]):
		case len(own) > has:
			place, has = strings.TrimSuffix(code+"-"+region.Code, "-"), len(own)
		case place != code:
			place = ""
		}
	}
	if place == "" {
		return keys[0], 1
	}
	return place, has
}

// through stands between the first and the last day of an exception.
const through = " to "

// readExceptions reads lines of the form `2026-12-24: 08:00-12:00 (Christmas Eve)`.
func readExceptions(r *reader, n *config.Node, path string) []rebound.Exception {
	if !r.is(n, config.Mapping, path, "lines like `2026-12-24: 08:00-12:00` or `2026-12-25: closed (Christmas)`") {
		return nil
	}
	var all []rebound.Exception
	for _, k := range n.Keys {
		at := join(path, k.Name)
		var e rebound.Exception
		var err error
		first, last, isRange := strings.Cut(k.Name, through)
		if e.Date, err = rebound.ParseDate(first); err == nil && isRange {
			e.Through, err = rebound.ParseDate(last)
		}
		if err != nil {
			r.fault(&config.Node{Line: k.Line, Column: k.Column}, at, err.Error()+", or several days like 2026-12-28 to 2026-12-31", "")
		}
		if r.is(k.Value, config.Scalar, at, "closed, or times like 08:00-12:00") {
			if err := readException(&e, k.Value.Text); err != nil {
				r.fault(k.Value, at, err.Error(), "")
			}
		}
		all = append(all, e)
	}
	return all
}

// readException reads times, and why in brackets behind them.
func readException(e *rebound.Exception, text string) error {
	times, note, noted := strings.Cut(text, "(")
	if noted {
		note, closed := strings.CutSuffix(strings.TrimSpace(note), ")")
		var err error
		if e.Note, err = words(160).read(note); err != nil {
			return fmt.Errorf("the reason in brackets: %w", err)
		}
		if !closed {
			return fmt.Errorf("the bracket of %.60q is not closed; write it like 08:00-12:00 (Christmas Eve)", text)
		}
	}
	shifts, err := readShifts(strings.TrimSpace(times))
	for _, s := range shifts {
		e.Open = append(e.Open, rebound.Opening{From: s.From, To: s.To})
	}
	return err
}

func writeExceptions(all []rebound.Exception) tree {
	var t tree
	for _, e := range all {
		day := e.Date.String()
		if !e.Through.IsZero() {
			day += through + e.Through.String()
		}
		times := mapped(e.Open, func(o rebound.Opening) string { return writeClock(o.From) + "-" + writeClock(o.To) })
		if len(times) == 0 {
			times = []string{"closed"}
		}
		t.keys = append(t.keys, branch{day, tree{text: withReason(strings.Join(times, ", "), e.Note)}})
	}
	return t
}

// withReason quotes the whole where the reason alone would be.
func withReason(text, note string) string {
	switch {
	case note == "":
		return text
	case quote("x "+note) == "x "+note:
		return text + " (" + note + ")"
	}
	return quote(text + " (" + note + ")")
}
