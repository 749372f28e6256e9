package holiday

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fi"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lu"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"rebound"
	"rebound/internal/zone"
)

// listed writes a list as "new_year 01-01, independence 07-04/07-03": behind the stroke the day on which it
// is observed, where that is another.
func listed(country, region string, year int) string {
	var parts []string
	for _, h := range List(country, region, year) {
		_, key, _ := strings.Cut(h.Key, ".")
		parts = append(parts, key+" "+h.Day.String()[5:])
		if h.Observed != h.Day {
			parts[len(parts)-1] += "/" + h.Observed.String()[5:]
		}
	}
	return strings.Join(parts, ", ")
}

// The rows are written by hand from what the laws say, in years in which days fall on weekends.
func TestListOfAYear(t *testing.T) {
	for _, test := range []struct {
		country, region string
		year            int
		want            string
	}{
		{"US", "", 2026, "new_year 01-01, martin_luther_king 01-19, presidents 02-16, good_friday 04-03, easter 04-05, memorial 05-25, juneteenth 06-19, " +
			"independence 07-04/07-03, labor 09-07, columbus 10-12, veterans 11-11, thanksgiving 11-26, day_after_thanksgiving 11-27, christmas_eve 12-24, " +
			"christmas 12-25, new_years_eve 12-31"},
		{"CA", "ON", 2026, "new_year 01-01, family 02-16, good_friday 04-03, easter_monday 04-06, victoria 05-18, canada_day 07-01, civic 08-03, labour 09-07, " +
			"truth_and_reconciliation 09-30, thanksgiving 10-12, remembrance 11-11, christmas_eve 12-24, christmas 12-25, boxing 12-26/12-28, new_years_eve 12-31"},
		{"CA", "QC", 2029, "new_year 01-01, good_friday 03-30, easter_monday 04-02, victoria 05-21, fete_nationale 06-24/06-25, canada_day 07-01/07-02, civic 08-06, " +
			"labour 09-03, truth_and_reconciliation 09-30/10-01, thanksgiving 10-08, remembrance 11-11/11-12, christmas_eve 12-24, christmas 12-25, boxing 12-26, new_years_eve 12-31"},
		{"CA", "YT", 2027, "new_year 01-01, heritage_yukon 02-26, good_friday 03-26, easter_monday 03-29, victoria 05-24, indigenous_peoples 06-21, canada_day 07-01, " +
			"civic 08-02, discovery_yukon 08-16, labour 09-06, truth_and_reconciliation 09-30, thanksgiving 10-11, remembrance 11-11, christmas_eve 12-24, " +
			"christmas 12-25/12-27, boxing 12-26/12-28, new_years_eve 12-31"},
		{"MX", "", 2027, "new_year 01-01, constitution 02-01, benito_juarez 03-15, labour 05-01, independence 09-16, revolution 11-15, christmas 12-25"},
		{"GB", "ENG", 2027, "new_year 01-01, good_friday 03-26, easter_monday 03-29, early_may 05-03, spring 05-31, summer 08-30, christmas_eve 12-24, " +
			"christmas 12-25/12-27, boxing 12-26/12-28, new_years_eve 12-31"},
		{"GB", "SCT", 2028, "new_year 01-01/01-03, second_january 01-02/01-04, good_friday 04-14, early_may 05-01, spring 05-29, summer_scotland 08-07, " +
			"st_andrew 11-30, christmas_eve 12-24, christmas 12-25, boxing 12-26, new_years_eve 12-31"},
		{"GB", "NIR", 2026, "new_year 01-01, st_patrick 03-17, good_friday 04-03, easter_monday 04-06, early_may 05-04, spring 05-25, boyne 07-12/07-13, summer 08-31, " +
			"christmas_eve 12-24, christmas 12-25, boxing 12-26/12-28, new_years_eve 12-31"},
		{"IE", "", 2026, "new_year 01-01, st_brigid 02-02, st_patrick 03-17, good_friday 04-03, easter_monday 04-06, may 05-04, june 06-01, august 08-03, october 10-26, " +
			"christmas_eve 12-24, christmas 12-25, st_stephen 12-26, new_years_eve 12-31"},
		{"FR", "", 2026, "new_year 01-01, easter_monday 04-06, labour 05-01, victory 05-08, ascension 05-14, whit_monday 05-25, national 07-14, assumption 08-15, " +
			"all_saints 11-01, armistice 11-11, christmas 12-25"},
		{"DE", "", 2026, "new_year 01-01, good_friday 04-03, easter_monday 04-06, labour 05-01, ascension 05-14, whit_monday 05-25, unity 10-03, christmas_eve 12-24, " +
			"christmas 12-25, second_christmas 12-26, new_years_eve 12-31"},
		{"DE", "SN", 2026, "new_year 01-01, good_friday 04-03, easter_monday 04-06, labour 05-01, ascension 05-14, whit_monday 05-25, unity 10-03, reformation 10-31, " +
			"repentance 11-18, christmas_eve 12-24, christmas 12-25, second_christmas 12-26, new_years_eve 12-31"},
		{"DE", "BE", 2027, "new_year 01-01, womens 03-08, good_friday 03-26, easter_monday 03-29, labour 05-01, ascension 05-06, whit_monday 05-17, unity 10-03, " +
			"christmas_eve 12-24, christmas 12-25, second_christmas 12-26, new_years_eve 12-31"},
		{"AU", "VIC", 2027, "new_year 01-01, australia 01-26, labour_vic 03-08, good_friday 03-26, easter_saturday 03-27, easter_sunday 03-28, easter_monday 03-29, " +
			"anzac 04-25, kings_birthday 06-14, grand_final 09-24, melbourne_cup 11-02, christmas_eve 12-24, christmas 12-25/12-27, boxing 12-26/12-28, new_years_eve 12-31"},
		{"AU", "WA", 2026, "new_year 01-01, australia 01-26, labour_wa 03-02, good_friday 04-03, easter_sunday 04-05, easter_monday 04-06, anzac_act_wa 04-25/04-27, " +
			"western_australia 06-01, kings_birthday_wa 09-28, christmas_eve 12-24, christmas 12-25, boxing 12-26/12-28, new_years_eve 12-31"},
		{"AU", "SA", 2027, "new_year 01-01, australia 01-26, adelaide_cup 03-08, good_friday 03-26, easter_saturday 03-27, easter_sunday 03-28, easter_monday 03-29, " +
			"anzac_nt_qld_sa 04-25/04-26, kings_birthday 06-14, labour_october 10-04, christmas_eve 12-24, christmas 12-25/12-27, proclamation 12-26/12-28, new_years_eve 12-31"},
		{"NZ", "AUK", 2026, "new_year 01-01, day_after_new_year 01-02, auckland_anniversary 01-26, waitangi 02-06, good_friday 04-03, easter_monday 04-06, anzac 04-25/04-27, " +
			"kings_birthday 06-01, matariki 07-10, labour 10-26, christmas_eve 12-24, christmas 12-25, boxing 12-26/12-28, new_years_eve 12-31"},
		{"NZ", "CAN", 2027, "new_year 01-01, day_after_new_year 01-02/01-04, waitangi 02-06/02-08, good_friday 03-26, easter_monday 03-29, anzac 04-25/04-26, kings_birthday 06-07, " +
			"matariki 06-25, labour 10-25, canterbury_anniversary 11-12, christmas_eve 12-24, christmas 12-25/12-27, boxing 12-26/12-28, new_years_eve 12-31"},
		{"ZA", "", 2027, "new_year 01-01, human_rights 03-21/03-22, good_friday 03-26, family 03-29, freedom 04-27, workers 05-01, youth 06-16, womens 08-09, heritage 09-24, " +
			"reconciliation 12-16, christmas 12-25, goodwill 12-26/12-27"},
		{"XX", "", 2026, ""},
	} {
		if got := listed(test.country, test.region, test.year); got != test.want {
			t.Errorf("%s %s %d:\n%s\nwant\n%s", test.country, test.region, test.year, got, test.want)
		}
	}
}

func TestProvincesNameTheirFebruaryHoliday(t *testing.T) {
	for region, want := range map[string]string{
		"AB": "Family Day", "BC": "Family Day", "MB": "Louis Riel Day", "NB": "Family Day", "NS": "Heritage Day", "ON": "Family Day",
		"PE": "Islander Day", "SK": "Family Day", "QC": "", "NL": "", "NT": "", "NU": "", "YT": "",
	} {
		got := ""
		for _, h := range List("CA", region, 2026) {
			if h.Day == (rebound.Date{Year: 2026, Month: time.February, Day: 16}) {
				got += h.Name
			}
		}
		if got != want {
			t.Errorf("%s: the third Monday in February is %q, want %q", region, got, want)
		}
	}
	if got := len(Regions("CA")); got != 13 {
		t.Errorf("Canada has %d provinces and territories", got)
	}
}

// New Year's Day 2028 is a Saturday: in the United States the day off is still in 2027.
func TestNewYearObservedInTheYearBefore(t *testing.T) {
	h, ok := Find("us.new_year", 2028)
	if want := (rebound.Date{Year: 2027, Month: time.December, Day: 31}); !ok || h.Observed != want || h.Name != "New Year's Day" {
		t.Errorf("%+v, %v; want it observed on %s", h, ok, want)
	}
}

func TestScheduleCloses(t *testing.T) {
	la, err := zone.Load("America/Los_Angeles")
	if err != nil {
		t.Fatal(err)
	}
	s := rebound.Schedule{Weekly: rebound.AlwaysOpen(), Holidays: []string{"us.independence", "us.thanksgiving"}}
	if problems := s.Check(Known); problems != nil {
		t.Error(problems)
	}
	for _, test := range []struct {
		day  int
		want string
	}{
		{2, "open until Fri 12:00 AM"},
		{3, "closed: Independence Day (observed), until Sun 12:00 AM"},
		{4, "closed: Independence Day, until Sun 12:00 AM"},
		{5, "open until Thu, Nov 26, 12:00 AM"},
	} {
		if got := s.At(time.Date(2026, time.July, test.day, 12, 0, 0, 0, la), la, Find).Why; got != test.want {
			t.Errorf("on July %d: %q, want %q", test.day, got, test.want)
		}
	}
	unknown := rebound.Schedule{Holidays: []string{"us.talk_like_a_pirate"}}
	if problems := unknown.Check(Known); len(problems) != 1 {
		t.Errorf("an unknown holiday: %v", problems)
	}
}

// Keys stand in business files and in rows. Whoever adds a holiday adds its key to testdata/keys.txt;
// a key never leaves that file.
func TestKeysStay(t *testing.T) {
	text, err := os.ReadFile("testdata/keys.txt")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for key := range index().entries {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	frozen := strings.Fields(string(text))
	for _, key := range frozen {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is gone: businesses have ticked it", key)
		}
	}
	for _, key := range keys {
		if !slices.Contains(frozen, key) {
			t.Errorf("%s is not in testdata/keys.txt: add it, and never change it again", key)
		}
	}
}

func TestEveryEntryIsWhole(t *testing.T) {
	readable := regexp.MustCompile(`^[a-z]{2}\.[a-z_]+$`)
	count := 0
	for _, c := range index().countries {
		for _, e := range c.entries {
			count++
			if !readable.MatchString(e.key) {
				t.Errorf("%s is no key", e.key)
			}
			if !e.everywhere && len(e.regions) == 0 {
				t.Errorf("%s is had nowhere", e.key)
			}
			for _, region := range e.regions {
				if !slices.ContainsFunc(c.regions, func(r Region) bool { return r.Code == region }) {
					t.Errorf("%s is had in %s, which %s has not", e.key, region, c.code)
				}
			}
			for year := 2026; year <= 2037; year++ {
				h, ok := Find(e.key, year)
				if !ok || h.Key != e.key || h.Name == "" || h.Day.Year != year {
					t.Errorf("%s in %d: %+v, %v", e.key, year, h, ok)
				}
				if away := h.Observed.Compare(h.Day); away != 0 && h.Observed != h.Day.AddDays(1) && h.Observed != h.Day.AddDays(-1) && h.Observed != h.Day.AddDays(2) {
					t.Errorf("%s in %d is observed on %s, far from %s", e.key, year, h.Observed, h.Day)
				}
			}
		}
	}
	if len(index().entries) != count {
		t.Errorf("%d holidays have %d keys", count, len(index().entries))
	}
	const least = 23
	if got := len(Countries()); got < least {
		t.Errorf("%d countries, want %d or more", got, least)
	}
}

// A release of the library that brings a new holiday, or moves one to another region, is not passed over.
func TestNothingOfTheLibraryIsMissing(t *testing.T) {
	lists := map[string][]*cal.Holiday{
		"AT": at.Holidays, "BE": be.Holidays, "CA": ca.Holidays, "CH": ch.Holidays, "CZ": cz.Holidays, "DE": de.Holidays, "DK": dk.Holidays,
		"ES": es.Holidays, "FI": fi.Holidays, "FR": fr.Holidays, "GB": gb.Holidays, "IE": ie.Holidays, "IT": it.Holidays, "LU": lu.Holidays,
		"NL": nl.Holidays, "NO": no.Holidays, "NZ": nz.Holidays, "PL": pl.Holidays, "PT": pt.Holidays, "SE": se.Holidays, "US": us.Holidays,
		"ZA": za.Holidays, "AU ACT": au.HolidaysACT, "AU NSW": au.HolidaysNSW, "AU NT": au.HolidaysNT, "AU QLD": au.HolidaysQLD,
		"AU SA": au.HolidaysSA, "AU TAS": au.HolidaysTAS, "AU VIC": au.HolidaysVIC, "AU WA": au.HolidaysWA,
	}
	for place, list := range lists {
		code, region, _ := strings.Cut(place, " ")
		c, _ := index().country(code)
		for _, rule := range list {
			if rule.EndYear != 0 && rule.EndYear < 2026 {
				continue
			}
			i := slices.IndexFunc(c.entries, func(e entry) bool { return slices.Contains(e.rules, rule) })
			if i < 0 {
				t.Errorf("%s: %s is in no row", place, rule.Name)
			} else if e := c.entries[i]; region != "" && !e.everywhere && !slices.Contains(e.regions, region) {
				t.Errorf("%s: %s is not had there", place, e.key)
			}
		}
	}
}

func TestMatarikiIsAFriday(t *testing.T) {
	for year := 2022; year <= 2052; year++ {
		h, ok := Find("nz.matariki", year)
		if !ok || h.Day.Weekday() != time.Friday || h.Day.Month < time.June || h.Day.Month > time.July {
			t.Errorf("%d: %+v, %v", year, h, ok)
		}
	}
	for _, year := range []int{2021, 2053} {
		if h, ok := Find("nz.matariki", year); ok {
			t.Errorf("%d: %+v, though no law names a day", year, h)
		}
	}
}

// On a machine whose clocks leap over a midnight, the library's midnight of that day is an hour too early.
func TestDateOfAMidnightThatIsNot(t *testing.T) {
	havana, err := zone.Load("America/Havana")
	if err != nil {
		t.Fatal(err)
	}
	want := rebound.Date{Year: 2028, Month: time.March, Day: 12}
	if got := dateOf(time.Date(2028, time.March, 12, 0, 0, 0, 0, havana)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := dateOf(time.Date(2028, time.March, 11, 23, 0, 0, 0, havana)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestKeysOfAPlace(t *testing.T) {
	bavaria, germany := Keys("DE", "BY"), Keys("DE", "")
	if !slices.Contains(bavaria, "de.epiphany") || slices.Contains(germany, "de.epiphany") || !slices.Contains(germany, "de.unity") {
		t.Errorf("Bavaria has %v, all of Germany %v", bavaria, germany)
	}
	for _, key := range bavaria {
		if !Known(key) {
			t.Errorf("%s is no key", key)
		}
	}
	for _, place := range [][2]string{{"XX", ""}, {"DE", "XX"}, {"US", "CA"}, {"", ""}} {
		if got := Keys(place[0], place[1]); got != nil {
			t.Errorf("%v has %v", place, got)
		}
	}
}

func TestUnknown(t *testing.T) {
	for _, key := range []string{"", "us", "us.", "US.thanksgiving", "us.thanksgiving ", "thanksgiving"} {
		if h, ok := Find(key, 2026); ok || Known(key) {
			t.Errorf("%q is %+v", key, h)
		}
	}
	if got := List("US", "CA", 2026); len(got) != len(List("US", "", 2026)) {
		t.Errorf("a region that differs in nothing has %d holidays", len(got))
	}
}

func BenchmarkFind(b *testing.B) {
	for b.Loop() {
		if _, ok := Find("us.good_friday", 2026); !ok {
			b.Fatal("none")
		}
	}
}

func ExampleFind() {
	h, _ := Find("us.independence", 2026)
	fmt.Println(h.Name, h.Day, h.Observed)
	// Output: Independence Day 2026-07-04 2026-07-03
}
