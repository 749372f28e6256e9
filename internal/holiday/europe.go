package holiday

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/be"
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
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/pt"
	"github.com/rickar/cal/v2/se"
)

func europe() []country {
	return []country{
		unitedKingdom(), ireland(), france(), germany(), austria(), switzerland(), belgium(), netherlands(), luxembourg(),
		spain(), portugal(), italy(), denmark(), sweden(), norway(), finland(), poland(), czechia(),
	}
}

// unitedKingdom has the bank holidays of its four nations; the library knows those of England and Wales.
func unitedKingdom() country {
	const notScotland = "ENG NIR WLS"
	return country{
		code:    "GB",
		regions: []Region{{"ENG", "England"}, {"NIR", "Northern Ireland"}, {"SCT", "Scotland"}, {"WLS", "Wales"}},
		entries: []entry{
			row("new_year", gb.NewYear),
			row("second_january", secondDay(on("2nd January", time.January, 2))).also("SCT"),
			row("st_patrick", observed(on("St Patrick's Day", time.March, 17), time.Saturday, time.Sunday)).also("NIR"),
			row("good_friday", gb.GoodFriday),
			row("easter_monday", gb.EasterMonday).also(notScotland),
			row("early_may", gb.EarlyMay, gb.VEDay).named("Early May Bank Holiday"),
			row("spring", gb.SpringHoliday, gb.SpringHoliday2022),
			row("boyne", observed(on("Battle of the Boyne", time.July, 12), time.Saturday, time.Sunday)).also("NIR"),
			row("summer_scotland", gb.SummerHolidayScotland).also("SCT"),
			row("summer", gb.SummerHoliday).also(notScotland),
			row("st_andrew", observed(on("St Andrew's Day", time.November, 30), time.Saturday, time.Sunday)).also("SCT"),
			row("christmas_eve", on("Christmas Eve", time.December, 24)),
			row("christmas", gb.ChristmasDay),
			row("boxing", gb.BoxingDay),
			row("new_years_eve", on("New Year's Eve", time.December, 31)),
		},
	}
}

// secondDay lets the second of two holidays move behind the first, which moves to Monday itself.
func secondDay(rule *cal.Holiday) *cal.Holiday {
	rule.Observed = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}, {Day: time.Monday, Offset: 1}}
	return rule
}

func ireland() country {
	return country{code: "IE", entries: []entry{
		row("new_year", ie.NewYear),
		row("st_brigid", ie.SaintBrigidDay).named("St Brigid's Day"),
		row("st_patrick", ie.SaintPatrickDay).named("St Patrick's Day"),
		row("good_friday", aa.GoodFriday), // no public holiday, but many close
		row("easter_monday", ie.EasterMonday),
		row("may", ie.FirstMondayMay).named("May Day"),
		row("june", ie.FirstMondayJune).named("June Holiday"),
		row("august", ie.FirstMondayAugust).named("August Holiday"),
		row("october", ie.LastMondayInOctober).named("October Holiday"),
		row("christmas_eve", on("Christmas Eve", time.December, 24)),
		row("christmas", ie.ChristmasDay),
		row("st_stephen", ie.SaintStephenDay).named("St Stephen's Day"),
		row("new_years_eve", on("New Year's Eve", time.December, 31)),
	}}
}

// france has two days more in Alsace and Moselle, which are parts of Grand Est.
func france() country {
	return country{
		code:    "FR",
		regions: []Region{{"GES", "Alsace et Moselle"}},
		entries: []entry{
			row("new_year", fr.NouvelAn),
			row("good_friday", aa.GoodFriday).named("Vendredi saint").also("GES"),
			row("easter_monday", fr.LundiDePâques),
			row("labour", fr.FêteDuTravail),
			row("victory", fr.FêteDeLaVictoire),
			row("ascension", fr.Ascension),
			row("whit_monday", fr.LundiDePentecôte),
			row("national", fr.FêteNationale),
			row("assumption", fr.Assomption),
			row("all_saints", fr.Toussaint),
			row("armistice", fr.Armistice1918),
			row("christmas", fr.Noël),
			row("second_christmas", aa.ChristmasDay2).named("Saint Étienne").also("GES"),
		},
	}
}

func germany() country {
	return country{
		code: "DE",
		regions: []Region{
			{"BW", "Baden-Württemberg"}, {"BY", "Bayern"}, {"BE", "Berlin"}, {"BB", "Brandenburg"}, {"HB", "Bremen"}, {"HH", "Hamburg"},
			{"HE", "Hessen"}, {"MV", "Mecklenburg-Vorpommern"}, {"NI", "Niedersachsen"}, {"NW", "Nordrhein-Westfalen"},
			{"RP", "Rheinland-Pfalz"}, {"SL", "Saarland"}, {"SN", "Sachsen"}, {"ST", "Sachsen-Anhalt"}, {"SH", "Schleswig-Holstein"},
			{"TH", "Thüringen"},
		},
		lists: map[string][]*cal.Holiday{
			"BW": de.HolidaysBW, "BY": de.HolidaysBY, "BE": de.HolidaysBE, "BB": de.HolidaysBB, "HB": de.HolidaysHB, "HH": de.HolidaysHH,
			"HE": de.HolidaysHE, "MV": de.HolidaysMV, "NI": de.HolidaysNI, "NW": de.HolidaysNW, "RP": de.HolidaysRP, "SL": de.HolidaysSL,
			"SN": de.HolidaysSN, "ST": de.HolidaysST, "SH": de.HolidaysSH, "TH": de.HolidaysTH,
		},
		entries: []entry{
			row("new_year", de.Neujahr).named("Neujahr"),
			row("epiphany", de.HeiligeDreiKoenige),
			row("womens", de.Frauentag).also("MV"), // since 2023
			row("good_friday", de.Karfreitag),
			row("easter_monday", de.Ostermontag),
			row("labour", de.TagderArbeit),
			row("ascension", de.ChristiHimmelfahrt),
			row("whit_monday", de.Pfingstmontag),
			row("corpus_christi", de.Fronleichnam),
			row("peace_augsburg", de.Friedensfest).named("Augsburger Friedensfest").also("BY"), // in Augsburg
			row("assumption", de.MariaHimmelfahrt).also("BY"),                                  // where most are Catholics
			row("childrens", de.Weltkindertag),
			row("unity", de.DeutschenEinheit),
			row("reformation", de.Reformationstag),
			row("all_saints", de.Allerheiligen),
			row("repentance", de.BussUndBettag),
			row("christmas_eve", de.Heiligabend).all(),
			row("christmas", de.Weihnachtstag).named("Erster Weihnachtstag"),
			row("second_christmas", de.ZweiterWeihnachtsfeiertag).named("Zweiter Weihnachtstag"),
			row("new_years_eve", de.Silvester).all(),
		},
	}
}

func austria() country {
	return country{code: "AT", entries: []entry{
		row("new_year", at.Neujahr).named("Neujahr"),
		row("epiphany", at.HeiligeDreiKoenige),
		row("good_friday", aa.GoodFriday).named("Karfreitag"), // no public holiday since 2019, but many close
		row("easter_monday", at.Ostermontag),
		row("labour", at.TagderArbeit).named("Staatsfeiertag"),
		row("ascension", at.ChristiHimmelfahrt),
		row("whit_monday", at.Pfingstmontag),
		row("corpus_christi", at.Fronleichnam),
		row("assumption", at.MariaHimmelfahrt),
		row("national", at.Nationalfeiertag),
		row("all_saints", at.Allerheiligen),
		row("immaculate_conception", at.MariaEmpfaengnis),
		row("christmas_eve", on("Heiliger Abend", time.December, 24)),
		row("christmas", at.Christtag),
		row("second_christmas", at.Stefanitag),
		row("new_years_eve", on("Silvester", time.December, 31)),
	}}
}

func switzerland() country {
	return country{
		code: "CH",
		regions: []Region{
			{"AG", "Aargau"}, {"AI", "Appenzell Innerrhoden"}, {"AR", "Appenzell Ausserrhoden"}, {"BE", "Bern"}, {"BL", "Basel-Landschaft"},
			{"BS", "Basel-Stadt"}, {"FR", "Fribourg"}, {"GE", "Genève"}, {"GL", "Glarus"}, {"GR", "Graubünden"}, {"JU", "Jura"},
			{"LU", "Luzern"}, {"NE", "Neuchâtel"}, {"NW", "Nidwalden"}, {"OW", "Obwalden"}, {"SG", "St. Gallen"}, {"SH", "Schaffhausen"},
			{"SO", "Solothurn"}, {"SZ", "Schwyz"}, {"TG", "Thurgau"}, {"TI", "Ticino"}, {"UR", "Uri"}, {"VD", "Vaud"}, {"VS", "Valais"},
			{"ZG", "Zug"}, {"ZH", "Zürich"},
		},
		lists: map[string][]*cal.Holiday{
			"AG": ch.HolidaysAG, "AI": ch.HolidaysAI, "AR": ch.HolidaysAR, "BE": ch.HolidaysBE, "BL": ch.HolidaysBL, "BS": ch.HolidaysBS,
			"FR": ch.HolidaysFR, "GE": ch.HolidaysGE, "GL": ch.HolidaysGL, "GR": ch.HolidaysGR, "JU": ch.HolidaysJU, "LU": ch.HolidaysLU,
			"NE": ch.HolidaysNE, "NW": ch.HolidaysNW, "OW": ch.HolidaysOW, "SG": ch.HolidaysSG, "SH": ch.HolidaysSH, "SO": ch.HolidaysSO,
			"SZ": ch.HolidaysSZ, "TG": ch.HolidaysTG, "TI": ch.HolidaysTI, "UR": ch.HolidaysUR, "VD": ch.HolidaysVD, "VS": ch.HolidaysVS,
			"ZG": ch.HolidaysZG, "ZH": ch.HolidaysZH,
		},
		entries: []entry{
			row("new_year", ch.Neujahr).named("Neujahr").all(),
			row("berchtold", ch.Berchtoldstag),
			row("epiphany", ch.HeiligeDreiKoenige),
			row("st_joseph", ch.Josefstag),
			row("good_friday", ch.Karfreitag),
			row("easter_monday", ch.Ostermontag),
			row("labour", ch.TagderArbeit),
			row("ascension", ch.Auffahrt).all(),
			row("whit_monday", ch.Pfingstmontag),
			row("corpus_christi", ch.Fronleichnam),
			row("national", ch.Bundesfeiertag).all(),
			row("assumption", ch.MariaHimmelfahrt),
			row("all_saints", ch.Allerheiligen),
			row("immaculate_conception", ch.MariaEmpfangnis),
			row("christmas", ch.Weihnachtstag).all(),
			row("second_christmas", ch.ZweiterWeihnachtsfeiertag).named("Stephanstag"),
		},
	}
}

func belgium() country {
	return country{code: "BE", entries: []entry{
		row("new_year", be.Nieuwjaar),
		row("easter_monday", be.Paasmaandag),
		row("labour", be.DagVanDeArbeid),
		row("ascension", be.OnzeLieveHeerHemelvaart),
		row("whit_monday", be.Pinkstermaandag),
		row("national", be.NationaleFeestdag),
		row("assumption", be.OnzeLieveVrouwHemelvaart),
		row("all_saints", be.Allerheiligen),
		row("armistice", be.Wapenstilstand),
		row("christmas", be.Kerstmis),
	}}
}

func netherlands() country {
	return country{code: "NL", entries: []entry{
		row("new_year", nl.Nieuwjaar),
		row("good_friday", nl.GoedeVrijdag),
		row("easter_monday", nl.TweedePaasdag),
		row("kings", nl.Koningsdag),
		row("liberation", nl.BevrijdingsDag),
		row("ascension", nl.Hemelvaart),
		row("whit_monday", nl.TweedePinksterDag),
		row("christmas", nl.EersteKerstdag),
		row("second_christmas", nl.TweedeKerstdag),
	}}
}

func luxembourg() country {
	return country{code: "LU", entries: []entry{
		row("new_year", lu.NeitJoer),
		row("easter_monday", lu.Ouschtermeindeg),
		row("labour", lu.DagVunAarbecht),
		row("europe", on("Europadag", time.May, 9)),
		row("ascension", lu.ChristiHimmelfaart),
		row("whit_monday", lu.Pengschtméindeg),
		row("national", lu.Nationalfeierdag),
		row("assumption", lu.MariesHimmelfaart),
		row("all_saints", lu.Allerhellgen),
		row("christmas", lu.Chreschtdag),
		row("second_christmas", lu.ZweetenDagChrëschtdag),
	}}
}

// spain has the days of the whole country; those of its communities and towns are exceptions to write.
func spain() country {
	return country{code: "ES", entries: []entry{
		row("new_year", es.AñoNuevo),
		row("epiphany", es.Reyes),
		row("good_friday", es.ViernesSanto),
		row("labour", es.Trabajador),
		row("assumption", es.Asunción),
		row("national", es.FiestaNacionalDeEspaña),
		row("all_saints", es.TodosLosSantos),
		row("constitution", es.Constitucion),
		row("immaculate_conception", es.InmaculadaConcepcion),
		row("christmas", es.Navidad),
	}}
}

func portugal() country {
	return country{code: "PT", entries: []entry{
		row("new_year", pt.AnoNovo),
		row("good_friday", pt.SextaFeiraSanta),
		row("easter", pt.DomingoPascoa),
		row("freedom", pt.DiaDaLiberdade),
		row("labour", pt.DiaDoTrabalhador),
		row("corpus_christi", pt.CorpoDeDeus),
		row("portugal", pt.DiaDePortugal),
		row("assumption", pt.AssuncaoDeNossaSenhora),
		row("republic", pt.ImplantacaoDaRepublica),
		row("all_saints", pt.TodosOsSantos),
		row("independence", pt.RestauracaoDaIndependencia),
		row("immaculate_conception", pt.ImaculadaConceicao),
		row("christmas", pt.Natal),
	}}
}

func italy() country {
	return country{code: "IT", entries: []entry{
		row("new_year", it.Capodanno),
		row("epiphany", it.Epifania),
		row("easter_monday", it.Pasquetta),
		row("liberation", it.FestaDellaLiberazione),
		row("labour", it.FestaDelLavoro),
		row("republic", it.FestaDellaRepubblica),
		row("assumption", it.Assunzione),
		row("all_saints", it.TuttiISanti),
		row("immaculate_conception", it.Immacolata),
		row("christmas", it.Natale),
		row("second_christmas", it.SantoStefano),
	}}
}

func denmark() country {
	return country{code: "DK", entries: []entry{
		row("new_year", dk.Nytaarsdag),
		row("maundy_thursday", dk.Skaertorsdag),
		row("good_friday", dk.Langfredag),
		row("easter_monday", dk.AndenPaaskedag),
		row("ascension", dk.KristiHimmelfartsdag),
		row("whit_monday", dk.AndenPinsedag),
		row("constitution", dk.Grundlovsdag),
		row("christmas", dk.Juledag),
		row("second_christmas", dk.AndenJuledag),
	}}
}

func sweden() country {
	return country{code: "SE", entries: []entry{
		row("new_year", se.Nyarsdagen),
		row("epiphany", se.TrettondedagJul),
		row("good_friday", se.Langfredagen),
		row("easter", se.Paskdagen),
		row("easter_monday", se.AnnandagPask),
		row("labour", se.ForstaMaj),
		row("ascension", se.KristiHimmelsfardsdag),
		row("whit_sunday", se.Pingstdagen),
		row("national", se.Nationaldagen),
		row("midsummer_eve", se.Midsommarafton),
		row("midsummer", se.Midsommardagen),
		row("all_saints", se.AllaHelgonsDag),
		row("christmas_eve", se.Julafton),
		row("christmas", se.Juldagen),
		row("second_christmas", se.AnnandagJul),
		row("new_years_eve", se.Nyarsafton),
	}}
}

func norway() country {
	return country{code: "NO", entries: []entry{
		row("new_year", no.FoersteNyttaarsdag),
		row("maundy_thursday", no.Skjaertorsdag),
		row("good_friday", no.Langfredag),
		row("easter_monday", no.AndrePaaskedag),
		row("labour", no.Arbeiderenesdag),
		row("constitution", no.Grunnlovsdag),
		row("ascension", no.Kristihimmelfartsdag),
		row("whit_monday", no.AndrePinsedag),
		row("christmas", no.FoersteJuledag),
		row("second_christmas", no.AndreJuledag),
	}}
}

func finland() country {
	return country{code: "FI", entries: []entry{
		row("new_year", fi.Uudenvuodenpaiva),
		row("epiphany", fi.Loppiainen),
		row("good_friday", fi.Pitkaperjantai),
		row("easter", fi.Paasiaispaiva),
		row("easter_monday", fi.ToinenPaasiaispaiva),
		row("labour", fi.Vappu),
		row("ascension", fi.Helatorstai),
		row("whit_sunday", fi.Helluntaipaiva),
		row("midsummer_eve", fi.Juhannusaatto),
		row("midsummer", fi.Juhannuspaiva),
		row("all_saints", fi.Pyhainpaiva),
		row("independence", fi.Itsenaisyyspaiva),
		row("christmas_eve", fi.Jouluaatto),
		row("christmas", fi.Joulupaiva),
		row("second_christmas", fi.Tapaninpaiva),
	}}
}

func poland() country {
	return country{code: "PL", entries: []entry{
		row("new_year", pl.NewYear),
		row("epiphany", pl.ThreeKings),
		row("easter_monday", pl.EasterMonday).named("Drugi dzień Wielkiej Nocy"),
		row("labour", pl.LabourDay),
		row("constitution", pl.ConstitutionDay),
		row("corpus_christi", pl.CorpusChristi).named("Boże Ciało"),
		row("assumption", pl.AssumptionBlessedVirginMary),
		row("all_saints", pl.AllSaints),
		row("independence", pl.NationalIndependenceDay),
		row("christmas_eve", pl.ChristmasEve),
		row("christmas", pl.ChristmasDayOne).named("Pierwszy dzień Bożego Narodzenia"),
		row("second_christmas", pl.ChristmasDayTwo).named("Drugi dzień Bożego Narodzenia"),
	}}
}

func czechia() country {
	return country{code: "CZ", entries: []entry{
		row("new_year", cz.NewYear),
		row("good_friday", cz.GoodFriday),
		row("easter_monday", cz.EasterMonday),
		row("labour", cz.LabourDay),
		row("liberation", cz.LiberationDay),
		row("cyril_and_methodius", cz.SaintsCyrilMethodius),
		row("jan_hus", cz.JanHusDay),
		row("st_wenceslas", cz.SaintWenceslasDay),
		row("independence", cz.IndependenceDay),
		row("freedom", cz.FreedomDay),
		row("christmas_eve", cz.ChristmasEve),
		row("christmas", cz.ChristmasDay),
		row("second_christmas", cz.SaintStephensDay),
	}}
}
