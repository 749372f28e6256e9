package sms

import (
	"slices"
	"testing"
)

func TestClausesOf(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                 nil,
		"?! …":                             nil,
		"STOP!!!":                          {"stop"},
		"Stoooop, pleeease":                {"stop", "please"},
		"Don't — I’m busy":                 {"dont", "im busy"},
		"Opt-out and/or call":              {"opt out and or or call"},
		"call/text":                        {"call or text"},
		"ARRÊT s'il vous plaît":            {"arret sil vous plait"},
		"Arre\u0302t, Straße, Łódź":        {"arret", "strasse", "lodz"},
		"ＳＴＯＰ！":                            {"stop"},
		"s.t.o.p.":                         {"s t o p"},
		"wrong #":                          {"wrong number"},
		"stop 🛑 now 🙏 ok":                  {"stop", "🛑", "now", "ok"},
		"zero\u200bwidth ❤️":               {"zerowidth"},
		"1000 at 3.30":                     {"1000 at 3 30"},
		"not today\n-- Bob Smith":          {"not today"},
		"not today -- Bob":                 {"not today"},
		"ok\n--\nBob\nBob & Sons":          {"ok"},
		"ok\n—Maria":                       {"ok"},
		"- first\n- second":                {"first"},
		"yes\n\nSent from my iPhone":       {"yes"},
		"yes Sent from my Galaxy S9":       {"yes"},
		"oui\nEnvoyé de mon iPhone":        {"oui"},
		"ok\n> Reply STOP to opt out\nbye": {"ok", "bye"},
		"СТОП":                             {"стоп"},
	} {
		if got := clausesOf(text); !slices.Equal(got, want) {
			t.Errorf("clausesOf(%q) = %q, want %q", text, got, want)
		}
	}
}
