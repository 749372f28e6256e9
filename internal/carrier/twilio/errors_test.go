package twilio_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

// The table of CARRIERS.md 2.c, row by row.
func TestExplain(t *testing.T) {
	for class, codes := range map[carrier.Class]string{
		carrier.Repeat:      "20429 20503",
		carrier.ConfigAlarm: "20003 20404 21408 21606 21212 21608 30002 30032 30034",
		carrier.Permanent:   "21211 21614 21217 21612 21635 30004 30005 30006",
		carrier.OptedOut:    "21610",
		carrier.Hold:        "21611 30001 30022 30023 30027 63038 30036",
		carrier.OurBug:      "21617 21602",
		carrier.RepeatOnce:  "30003 30008 30410",
		carrier.Filtered:    "30007 30450 30610 30640",
	} {
		for code := range strings.FieldsSeq(codes) {
			if got := twilio.Explain(code).Class; got != class {
				t.Errorf("%s is %s, want %s", code, got, class)
			}
		}
	}
}

func TestExplainKnowsAnAnswerToEveryCode(t *testing.T) {
	for code, class := range map[string]carrier.Class{
		"": carrier.RepeatOnce, "21999": carrier.Permanent, "30999": carrier.Permanent, "20001": carrier.ConfigAlarm, "10001": carrier.ConfigAlarm,
		"63999": carrier.ConfigAlarm, "572002": carrier.ConfigAlarm, "45000": carrier.OurBug, "7": carrier.OurBug, "-1": carrier.OurBug, "E7": carrier.OurBug,
	} {
		if got := twilio.Explain(code).Class; got != class {
			t.Errorf("%q is %s, want %s", code, got, class)
		}
	}
	for n := -1; n < 100_000; n++ {
		if r := twilio.Explain(fmt.Sprint(n)); r.Class == "" || !strings.HasSuffix(r.Words, ".") {
			t.Fatalf("%d: %+v", n, r)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	s := twilio.Secrets{AuthToken: "s3cret", KeySecret: "s3cret"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "secrets", s)
	for _, printed := range []string{fmt.Sprint(s), fmt.Sprintf("%+v %#v %s", s, s, s), log.String()} {
		if strings.Contains(printed, "s3cret") {
			t.Errorf("printed: %s", printed)
		}
	}
}
