package rebound

import (
	"testing"
	"time"

	"rebound/internal/phone"
)

// missedNow is a miss that gets a text: every row of the table below changes one thing.
func missedNow() TextBackFacts {
	now := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	return TextBackFacts{
		Now: now, MissedAt: now, CallerKind: phone.KindNumber, Region: "US", LineRegion: "US",
		Reason: NoAnswer, Rang: 20 * time.Second, Segments: 1,
	}
}

func TestDecide(t *testing.T) {
	policy := TextBackPolicy{}.WithDefaults()
	for _, test := range []struct {
		name string
		edit func(*TextBackFacts, *TextBackPolicy)
		want TextBackReason
	}{
		{"a plain miss", func(*TextBackFacts, *TextBackPolicy) {}, BecauseMissed},
		{"a hidden number", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerKind = phone.KindAnonymous }, Withheld},
		{"an internet address", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerKind = phone.KindSIP }, SIPCaller},
		{"a short code", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerKind = phone.KindShortCode }, ShortCode},
		{"garbage", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerKind = phone.KindMalformed }, Malformed},
		{"a premium number", func(f *TextBackFacts, _ *TextBackPolicy) { f.Premium = true }, Premium},
		{"a landline", func(f *TextBackFacts, _ *TextBackPolicy) { f.Landline = true }, Landline},
		{"Jamaica on a US line", func(f *TextBackFacts, _ *TextBackPolicy) { f.Region = "JM" }, CountryNotOn},
		{"Jamaica on the list", func(f *TextBackFacts, p *TextBackPolicy) { f.Region, p.Countries = "JM", []string{"US", "JM"} }, BecauseMissed},
		{"the line's own country, not on the list", func(_ *TextBackFacts, p *TextBackPolicy) { p.Countries = []string{"CA"} }, CountryNotOn},
		{"a forged caller id", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerID = No }, CallerIDFailed},
		{"a verified caller id", func(f *TextBackFacts, _ *TextBackPolicy) { f.CallerID = Yes }, BecauseMissed},
		{"staff", func(f *TextBackFacts, _ *TextBackPolicy) { f.Staff = true }, IsStaff},
		{"our own line", func(f *TextBackFacts, _ *TextBackPolicy) { f.OwnLine = true }, IsOwnLine},
		{"blocked", func(f *TextBackFacts, _ *TextBackPolicy) { f.Blocked = true }, IsBlocked},
		{"opted out", func(f *TextBackFacts, _ *TextBackPolicy) { f.Consent = ConsentOptedOut }, OptedOut},
		{"may have opted out", func(f *TextBackFacts, _ *TextBackPolicy) { f.Consent = ConsentInDoubt }, OptOutLikely},
		{"opted in again", func(f *TextBackFacts, _ *TextBackPolicy) { f.Consent = ConsentGiven }, BecauseMissed},
		{"turned off", func(_ *TextBackFacts, p *TextBackPolicy) { p.Off = true }, TurnedOff},
		{"gone within 4 s", func(f *TextBackFacts, _ *TextBackPolicy) { f.Reason, f.Rang = Abandoned, 3900*time.Millisecond }, QuickHangUp},
		{"gone after 4 s", func(f *TextBackFacts, _ *TextBackPolicy) { f.Reason, f.Rang = Abandoned, 4*time.Second }, BecauseMissed},
		{"gone at once, texted anyway", func(f *TextBackFacts, p *TextBackPolicy) { f.Reason, f.Rang, p.QuickHangUp = Abandoned, 0, -1 }, BecauseMissed},
		{"after hours at once is no quick hang-up", func(f *TextBackFacts, _ *TextBackPolicy) { f.Reason, f.Rang = AfterHours, 0 }, BecauseMissed},
		{"known of too late", func(f *TextBackFacts, _ *TextBackPolicy) { f.MissedAt = f.Now.Add(-FreshFor - time.Second) }, Stale},
		{"late, in quiet hours", func(f *TextBackFacts, _ *TextBackPolicy) {
			f.Quiet, f.MissedAt = true, f.Now.Add(-LateAfter-time.Second)
		}, Stale},
		{"late, by day", func(f *TextBackFacts, _ *TextBackPolicy) { f.MissedAt = f.Now.Add(-LateAfter - time.Second) }, BecauseMissed},
		{"instant, in quiet hours", func(f *TextBackFacts, _ *TextBackPolicy) { f.Quiet = true }, BecauseMissed},
		{"texted 23 h ago", func(f *TextBackFacts, _ *TextBackPolicy) { f.TextedAt = f.Now.Add(-23 * time.Hour) }, CoolDown},
		{"texted 24 h ago", func(f *TextBackFacts, _ *TextBackPolicy) { f.TextedAt = f.Now.Add(-24 * time.Hour) }, BecauseMissed},
		{"talked 29 min ago", func(f *TextBackFacts, _ *TextBackPolicy) { f.HumanAt = f.Now.Add(-29 * time.Minute) }, HumanInTouch},
		{"talked 30 min ago", func(f *TextBackFacts, _ *TextBackPolicy) { f.HumanAt = f.Now.Add(-30 * time.Minute) }, BecauseMissed},
		{"wrote before the call", func(f *TextBackFacts, _ *TextBackPolicy) { f.WroteAt = f.MissedAt.Add(-time.Second) }, BecauseMissed},
		{"wrote since the call", func(f *TextBackFacts, _ *TextBackPolicy) { f.WroteAt = f.MissedAt.Add(time.Second) }, WroteFirst},
		{"the caller's share", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.Caller = 3 }, CapCaller},
		{"the caller's share elsewhere", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.CallerAll = 6 }, CapCallerAll},
		{"the prefix's share", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.Prefix = 60 }, CapPrefix},
		{"the line's hour", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.LineHour = 100 }, CapLine},
		{"the business's hour", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.BusinessHour = 200 }, CapHour},
		{"the business's day", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.BusinessDay = 1000 }, CapDay},
		{"the budget, to the last segment", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.SpendDay = 250_000 - 83 }, BecauseMissed},
		{"the budget, spent", func(f *TextBackFacts, _ *TextBackPolicy) { f.Used.SpendDay = 250_000 - 82 }, CapSpend},
		{"two machines", func(f *TextBackFacts, _ *TextBackPolicy) { f.Exchanges = 3 }, Loop},
		{"no limit", func(f *TextBackFacts, p *TextBackPolicy) { f.Used.LineHour, p.Limits.PerLineHour = 1_000_000, -1 }, BecauseMissed},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, p := missedNow(), policy
			test.edit(&f, &p)
			send, got := p.Decide(f)
			if got != test.want || send != (test.want == BecauseMissed) {
				t.Errorf("decided %v because %s, want %s", send, got, test.want)
			}
			if got.Words() == "" || got.Words() == "No text: "+string(got)+"." {
				t.Errorf("%s has no words for people", got)
			}
		})
	}
}

func TestDecideAsksInTheOrderOfTheRules(t *testing.T) {
	f := missedNow()
	policy := TextBackPolicy{Off: true}.WithDefaults()
	f.Used.Caller, f.HumanAt, f.Consent, f.Staff, f.CallerKind = 99, f.Now, ConsentOptedOut, true, phone.KindAnonymous
	undo := []struct {
		want TextBackReason
		edit func()
	}{
		{Withheld, func() { f.CallerKind = phone.KindNumber }},
		{IsStaff, func() { f.Staff = false }},
		{OptedOut, func() { f.Consent = ConsentUnsaid }},
		{TurnedOff, func() { policy.Off = false }},
		{HumanInTouch, func() { f.HumanAt = time.Time{} }},
		{CapCaller, func() { f.Used.Caller = 0 }},
		{BecauseMissed, func() {}},
	}
	for _, step := range undo {
		if _, got := policy.Decide(f); got != step.want {
			t.Fatalf("decided %s, want %s", got, step.want)
		}
		step.edit()
	}
}

func TestWhoIsNobodysLeadMakesNoRecovery(t *testing.T) {
	for _, r := range []TextBackReason{IsStaff, IsOwnLine, IsBlocked, QuickHangUp} {
		if r.MakesRecovery() {
			t.Errorf("%s makes a recovery", r)
		}
	}
	for _, r := range []TextBackReason{BecauseMissed, Withheld, Landline, OptedOut, CapSpend, CoolDown, Stale, Loop, TurnedOff} {
		if !r.MakesRecovery() {
			t.Errorf("%s lets a caller be forgotten", r)
		}
	}
}

func TestTextDue(t *testing.T) {
	missed := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		delay       time.Duration
		onVoicemail bool
		want        time.Duration
	}{
		{0, false, 0}, {10 * time.Second, false, 10 * time.Second},
		{0, true, 45 * time.Second}, {10 * time.Second, true, 45 * time.Second}, {55 * time.Second, true, 55 * time.Second},
	} {
		got := TextBackPolicy{Delay: test.delay}.TextDue(missed, test.onVoicemail).Sub(missed)
		if got != test.want {
			t.Errorf("delay %v, on voicemail %v: due after %v, want %v", test.delay, test.onVoicemail, got, test.want)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	policy, f := TextBackPolicy{}.WithDefaults(), missedNow()
	b.ReportAllocs()
	for b.Loop() {
		policy.Decide(f)
	}
}
