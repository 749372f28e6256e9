// Package holiday knows on which days a country, or a part of it, has public holidays, so that a business
// ticks those on which it closes instead of typing dates every year.
//
// The rules come from github.com/rickar/cal, whose lists are those of countries and of the states of
// Germany, Australia and Switzerland; what they lack (Canada's provinces, the nations of the United
// Kingdom, Matariki, …) is written here in the same form. Keys are ours and never change: they stand in
// business files and in rows.
//
// The package tells days and nothing else: not the present day, not whether anybody is open. It holds what
// laws say today; a holiday proclaimed for one year is an exception for the business to write.
package holiday

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"rebound"
)

// Region is a part of a country with holidays of its own, by the code that ISO 3166-2 has behind the country's.
type Region struct{ Code, Name string }

// Countries are the ISO 3166 codes of the countries that are known, in order.
func Countries() []string {
	var codes []string
	for _, c := range index().countries {
		codes = append(codes, c.code)
	}
	slices.Sort(codes)
	return codes
}

// Regions are the parts of a country that differ in their holidays, by name; none where all have the same.
func Regions(code string) []Region {
	c, _ := index().country(code)
	return slices.SortedFunc(slices.Values(c.regions), func(a, b Region) int { return cmp.Compare(a.Name, b.Name) })
}

// List is what a business there may tick, with the days of a year and by them. Without a region it is what
// the whole country has in common. It is empty for a country that is not known.
func List(country, region string, year int) []rebound.Holiday {
	c, _ := index().country(country)
	var found []rebound.Holiday
	for _, e := range c.entries {
		if e.everywhere || region != "" && slices.Contains(e.regions, region) {
			if h, ok := e.in(year); ok {
				found = append(found, h)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b rebound.Holiday) int { return a.Day.Compare(b.Day) })
	return found
}

// Keys are the keys of all that List has for a country or a part of it, in whatever year; none where the
// country or its part is not known.
func Keys(code, region string) []string {
	c, _ := index().country(code)
	if region != "" && !slices.ContainsFunc(c.regions, func(r Region) bool { return r.Code == region }) {
		return nil
	}
	var keys []string
	for _, e := range c.entries {
		if e.everywhere || region != "" && slices.Contains(e.regions, region) {
			keys = append(keys, e.key)
		}
	}
	return keys
}

// Find returns the holiday with a key in a year; false if there is no such key, or the year has none. It is
// a rebound.HolidayFinder. The same question always has the same answer.
func Find(key string, year int) (rebound.Holiday, bool) {
	e, known := index().entries[key]
	if !known {
		return rebound.Holiday{}, false
	}
	return e.in(year)
}

// Known reports whether there is a holiday with a key, in whatever year.
func Known(key string) bool {
	_, known := index().entries[key]
	return known
}

// entry is one holiday: one line to tick.
type entry struct {
	key        string
	name       string         // instead of the rule's
	rules      []*cal.Holiday // the first that has a day in the year counts
	regions    []string       // that have it
	everywhere bool           // all of the country has it
	extra      string         // regions that have it though the library's lists lack it, parted by spaces
}

// row makes an entry that the library's lists of the regions place, or where there are none, is had everywhere.
func row(key string, rules ...*cal.Holiday) entry { return entry{key: key, rules: rules} }

func (e entry) named(name string) entry   { e.name = name; return e }
func (e entry) also(regions string) entry { e.extra = regions; return e }
func (e entry) all() entry                { e.everywhere = true; return e }

// in is the entry's holiday in a year.
func (e entry) in(year int) (rebound.Holiday, bool) {
	for _, rule := range e.rules {
		if actual, observed := rule.Calc(year); !actual.IsZero() {
			return rebound.Holiday{Key: e.key, Name: cmp.Or(e.name, rule.Name), Day: dateOf(actual), Observed: dateOf(observed)}, true
		}
	}
	return rebound.Holiday{}, false
}

// dateOf reads the day of a midnight on the machine's own clock. Where that clock leaps over midnight, the
// midnight is an hour of the day before.
func dateOf(midnight time.Time) rebound.Date { return rebound.DateOf(midnight.Add(6 * time.Hour)) }

// country is a country's table as it is written in this package.
type country struct {
	code    string
	regions []Region
	lists   map[string][]*cal.Holiday // the library's, by region
	entries []entry
}

// tables is what index makes for looking up.
type tables struct {
	countries []country
	entries   map[string]entry // by whole key
}

func (t *tables) country(code string) (country, bool) {
	i := slices.IndexFunc(t.countries, func(c country) bool { return c.code == code })
	if i < 0 {
		return country{}, false
	}
	return t.countries[i], true
}

var index = sync.OnceValue(func() *tables {
	t := &tables{entries: map[string]entry{}}
	for _, c := range slices.Concat(americas(), europe(), south()) {
		for i := range c.entries {
			e := &c.entries[i]
			e.key = strings.ToLower(c.code) + "." + e.key
			c.place(e)
			t.entries[e.key] = *e
		}
		t.countries = append(t.countries, c)
	}
	return t
})

// place finds the regions that have an entry.
func (c country) place(e *entry) {
	e.regions = strings.Fields(e.extra)
	for code, list := range c.lists {
		listed := slices.ContainsFunc(e.rules, func(rule *cal.Holiday) bool { return slices.Contains(list, rule) })
		if listed && !slices.Contains(e.regions, code) {
			e.regions = append(e.regions, code)
		}
	}
	if len(c.lists) > 0 && len(e.regions) == len(c.regions) || len(c.lists) == 0 && e.extra == "" {
		e.everywhere = true
	}
}

// What follows writes rules of our own in the library's form.

func on(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

// nth is the n-th weekday of a month, counted from its end if n is negative; shifted is how many days later.
func nth(name string, n int, weekday time.Weekday, month time.Month, shifted int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Weekday: weekday, Offset: n, CalcOffset: shifted, Func: cal.CalcWeekdayOffset}
}

// mondayNearest is the Monday next to a day, before or after it.
func mondayNearest(name string, month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day - 3, Weekday: time.Monday, Offset: 1, Func: cal.CalcWeekdayFrom}
}

// observed lets a rule move to Monday from a weekend, or from a Sunday alone.
func observed(rule *cal.Holiday, days ...time.Weekday) *cal.Holiday {
	for _, day := range days {
		rule.Observed = append(rule.Observed, cal.AltDay{Day: day, Offset: int(time.Monday-day+7) % 7})
	}
	return rule
}
