package holiday

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/za"
)

func south() []country { return []country{australia(), newZealand(), southAfrica()} }

func australia() country {
	return country{
		code: "AU",
		regions: []Region{
			{"ACT", "Australian Capital Territory"}, {"NSW", "New South Wales"}, {"NT", "Northern Territory"}, {"QLD", "Queensland"},
			{"SA", "South Australia"}, {"TAS", "Tasmania"}, {"VIC", "Victoria"}, {"WA", "Western Australia"},
		},
		lists: map[string][]*cal.Holiday{
			"ACT": au.HolidaysACT, "NSW": au.HolidaysNSW, "NT": au.HolidaysNT, "QLD": au.HolidaysQLD,
			"SA": au.HolidaysSA, "TAS": au.HolidaysTAS, "VIC": au.HolidaysVIC, "WA": au.HolidaysWA,
		},
		entries: []entry{
			row("new_year", au.NewYear),
			row("australia", au.AustraliaDay),
			row("labour_wa", au.LabourDayWa),
			row("labour_vic", au.LabourDayVic),
			row("eight_hours", au.LabourDayTas),
			row("canberra", au.CanberraDay),
			row("adelaide_cup", au.MarchPublicHoliday).named("Adelaide Cup Day"),
			row("good_friday", au.GoodFriday),
			row("easter_saturday", au.EasterSaturday),
			row("easter_sunday", au.EasterSunday).also("SA WA"), // since 2024 and 2022
			row("easter_monday", au.EasterMonday),
			row("anzac", au.AnzacDay),
			row("anzac_act_wa", au.AnzacDayActWa),
			row("anzac_nt_qld_sa", au.AnzacDayNtQldSa),
			row("labour_nt_qld", au.LabourDayNtQld),
			row("reconciliation", au.ReconciliationDay),
			row("western_australia", au.WesternAustraliaDay),
			row("kings_birthday", au.QueensBirthday).named("King's Birthday"),
			row("picnic", au.PicnicDay),
			row("kings_birthday_wa", au.KingsBirthdayWa, au.QueensBirthdayWa).named("King's Birthday"),
			row("grand_final", au.FridayBeforeAflFinal),
			row("kings_birthday_qld", au.QueensBirthdayQld).named("King's Birthday"),
			row("labour_october", au.LabourDayActNswSa),
			row("melbourne_cup", au.MelbourneCup),
			row("christmas_eve", on("Christmas Eve", time.December, 24)).all(),
			row("christmas", au.ChristmasDay),
			row("boxing", au.BoxingDay),
			row("proclamation", au.ProclamationDay),
			row("new_years_eve", on("New Year's Eve", time.December, 31)).all(),
		},
	}
}

// newZealand has Matariki and the provinces' anniversary days beside what the library knows.
func newZealand() country {
	return country{
		code: "NZ",
		regions: []Region{
			{"AUK", "Auckland"}, {"CAN", "Canterbury"}, {"HKB", "Hawke's Bay"}, {"MBH", "Marlborough"}, {"NSN", "Nelson"},
			{"NTL", "Northland"}, {"STL", "Southland"}, {"TKI", "Taranaki"}, {"WGN", "Wellington"},
		},
		entries: []entry{
			row("new_year", nz.NewYear),
			row("day_after_new_year", nz.DayAfterNewYear),
			row("wellington_anniversary", mondayNearest("Wellington Anniversary Day", time.January, 22)).also("WGN"),
			row("auckland_anniversary", mondayNearest("Auckland Anniversary Day", time.January, 29)).also("AUK NTL"),
			row("nelson_anniversary", mondayNearest("Nelson Anniversary Day", time.February, 1)).also("NSN"),
			row("waitangi", nz.WaitangiDay),
			row("taranaki_anniversary", nth("Taranaki Anniversary Day", 2, time.Monday, time.March, 0)).also("TKI"),
			row("good_friday", nz.GoodFriday),
			row("easter_monday", nz.EasterMonday),
			row("southland_anniversary", &cal.Holiday{Name: "Southland Anniversary Day", Offset: 2, Func: cal.CalcEasterOffset}).also("STL"),
			row("anzac", nz.AnzacDay),
			row("kings_birthday", nz.QueensBirthday).named("King's Birthday"),
			row("matariki", &cal.Holiday{Name: "Matariki", Func: matariki, StartYear: 2022, EndYear: 2052}),
			row("hawkes_bay_anniversary", nth("Hawke's Bay Anniversary Day", 4, time.Monday, time.October, -3)).also("HKB"),
			row("labour", nz.LabourDay),
			row("marlborough_anniversary", nth("Marlborough Anniversary Day", 4, time.Monday, time.October, 7)).also("MBH"),
			row("canterbury_anniversary", nth("Canterbury Anniversary Day", 1, time.Tuesday, time.November, 10)).also("CAN"),
			row("christmas_eve", on("Christmas Eve", time.December, 24)),
			row("christmas", nz.ChristmasDay),
			row("boxing", nz.BoxingDay),
			row("new_years_eve", on("New Year's Eve", time.December, 31)),
		},
	}
}

// matariki is the Friday that the Te Kāhui o Matariki Public Holiday Act 2022 lists for a year, through 2052.
func matariki(_ *cal.Holiday, year int) time.Time {
	june := [...]int{ // days from 1 June; beyond 30 they are in July
		24, 44, 28, 20, 40, 25, 44, 36, 21, 41, 32, 24, 37, 29, 48, 40, 25, 45, 36, 49, 41, 33, 24, 37, 29, 49, 33, 25, 45, 30, 21,
	}
	return time.Date(year, time.June, june[year-2022], 0, 0, 0, 0, cal.DefaultLoc)
}

func southAfrica() country {
	return country{code: "ZA", entries: []entry{
		row("new_year", za.NewYear),
		row("human_rights", za.HumanRightsDay),
		row("good_friday", za.GoodFriday),
		row("family", za.FamilyDay),
		row("freedom", za.FreedomDay),
		row("workers", za.WorkersDay),
		row("youth", za.YouthDay),
		row("womens", za.WomensDay),
		row("heritage", za.HeritageDay),
		row("reconciliation", za.ReconciliationDay),
		row("christmas", za.ChristmasDay),
		row("goodwill", za.GoodwillDay),
	}}
}
