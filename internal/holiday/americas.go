package holiday

import (
	"time"

	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/mx"
	"github.com/rickar/cal/v2/us"
)

func americas() []country { return []country{unitedStates(), canada(), mexico()} }

// unitedStates has the federal holidays and, since the law binds no private business, the other days on
// which many close.
func unitedStates() country {
	return country{code: "US", entries: []entry{
		row("new_year", us.NewYear),
		row("martin_luther_king", us.MlkDay),
		row("presidents", us.PresidentsDay),
		row("good_friday", aa.GoodFriday),
		row("easter", aa.Easter).named("Easter Sunday"),
		row("memorial", us.MemorialDay),
		row("juneteenth", us.Juneteenth),
		row("independence", us.IndependenceDay),
		row("labor", us.LaborDay),
		row("columbus", us.ColumbusDay).named("Columbus Day / Indigenous Peoples' Day"),
		row("veterans", us.VeteransDay),
		row("thanksgiving", us.ThanksgivingDay),
		row("day_after_thanksgiving", us.DayAfterThanksgivingDay).named("Day after Thanksgiving"),
		row("christmas_eve", on("Christmas Eve", time.December, 24)),
		row("christmas", us.ChristmasDay),
		row("new_years_eve", on("New Year's Eve", time.December, 31)),
	}}
}

// canada has the statutory holidays of the country and of its provinces and territories; the library knows
// only the country's.
func canada() country {
	return country{
		code: "CA",
		regions: []Region{
			{"AB", "Alberta"}, {"BC", "British Columbia"}, {"MB", "Manitoba"}, {"NB", "New Brunswick"}, {"NL", "Newfoundland and Labrador"},
			{"NS", "Nova Scotia"}, {"NT", "Northwest Territories"}, {"NU", "Nunavut"}, {"ON", "Ontario"}, {"PE", "Prince Edward Island"},
			{"QC", "Quebec"}, {"SK", "Saskatchewan"}, {"YT", "Yukon"},
		},
		entries: []entry{
			row("new_year", ca.NewYear),
			row("family", nth("Family Day", 3, time.Monday, time.February, 0)).also("AB BC NB ON SK"),
			row("louis_riel", nth("Louis Riel Day", 3, time.Monday, time.February, 0)).also("MB"),
			row("islander", nth("Islander Day", 3, time.Monday, time.February, 0)).also("PE"),
			row("heritage_nova_scotia", nth("Heritage Day", 3, time.Monday, time.February, 0)).also("NS"),
			row("heritage_yukon", nth("Heritage Day", -1, time.Sunday, time.February, -2)).also("YT"),
			row("good_friday", ca.GoodFriday),
			row("easter_monday", ca.EasterMonday),
			row("victoria", ca.VictoriaDay).named("Victoria Day / National Patriots' Day"),
			row("indigenous_peoples", on("National Indigenous Peoples Day", time.June, 21)).also("NT YT"),
			row("fete_nationale", observed(on("Fête nationale du Québec", time.June, 24), time.Sunday)).also("QC"),
			row("canada_day", ca.CanadaDay),
			row("nunavut", on("Nunavut Day", time.July, 9)).also("NU"),
			row("civic", ca.CivicDay).named("Civic Holiday / Provincial Day"),
			row("discovery_yukon", nth("Discovery Day", 3, time.Monday, time.August, 0)).also("YT"),
			row("labour", ca.LabourDay),
			row("truth_and_reconciliation", ca.NationalDayForTruthAndReconciliation),
			row("thanksgiving", ca.ThanksgivingDay),
			row("remembrance", ca.RemembranceDay),
			row("christmas_eve", on("Christmas Eve", time.December, 24)),
			row("christmas", ca.ChristmasDay),
			row("boxing", ca.BoxingDay),
			row("new_years_eve", on("New Year's Eve", time.December, 31)),
		},
	}
}

// mexico follows article 74 of the Federal Labour Law: two of the days were moved to Mondays in 2006, which
// the library does not know, and none moves off a weekend.
func mexico() country {
	return country{code: "MX", entries: []entry{
		row("new_year", on("Año Nuevo", time.January, 1)),
		row("constitution", nth("Día de la Constitución", 1, time.Monday, time.February, 0)),
		row("benito_juarez", nth("Natalicio de Benito Juárez", 3, time.Monday, time.March, 0)),
		row("labour", on("Día del Trabajo", time.May, 1)),
		row("independence", on("Día de la Independencia", time.September, 16)),
		row("revolution", mx.RevolutionDay).named("Día de la Revolución"),
		row("christmas", on("Navidad", time.December, 25)),
	}}
}
