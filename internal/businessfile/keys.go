package businessfile

import (
	"strings"
	"time"

	"rebound"
)

// What holds where the file says nothing and the declaration needs a value. All else that is left
// out stays zero, which package rebound takes for its default.
const (
	ringFor    = 20 * time.Second // ends before a cell's voicemail usually picks up
	maxLength  = 2 * time.Minute
	endSilence = 5 * time.Second
)

func (b *business) keys() []entry {
	d := &b.d
	return []entry{
		{"business", b.slug().example("acme-plumbing")},
		{"name", scalar(&d.Business.Name, words(80), "").example("Acme Plumbing")},
		{"zone", scalar(&d.Business.Zone, zoneName(), "").example("America/New_York")},
		{"country", scalar(&d.Business.Country, country(), "").example("US")},
		{"contact", scalar(&d.Business.Contact, words(160), "").example("Call (415) 555-0100 or write to office@acme.example.")},
		{"job_value", scalar(&d.Business.JobValue, money(2), 0)},
		{"hours", hours(&d.Business.Schedule)},
		{"connections", b.connections()},
		{"members", b.members()},
		{"teams", b.teams()},
		{"routes", b.routes()},
		{"lines", b.declaredLines()},
		{"text_back", section(b.textBack(&d.Business.TextBack))},
		{"escalation", section(append(b.escalation(&d.Business.Policy), alertLimits(&d.Business.Policy.Limits)))},
		{"webhooks", b.webhooks()},
		{"canned_replies", b.canned()},
		{"blocked", noted{b, "blocked", func() []rebound.BlockedNumber { return d.Blocked },
			func(n rebound.BlockedNumber) { d.Blocked = append(d.Blocked, n) }}.value()},
		{"vip", noted{b, "a VIP", func() []rebound.BlockedNumber {
			return mapped(d.VIPs, func(v rebound.VIPNumber) rebound.BlockedNumber { return rebound.BlockedNumber(v) })
		}, func(n rebound.BlockedNumber) { d.VIPs = append(d.VIPs, rebound.VIPNumber(n)) }}.value()},
	}
}

// slug is the business's stable name, which is its id as well.
func (b *business) slug() value {
	return scalar(&b.d.Business.ID, form[rebound.BusinessID]{
		read: func(text string) (rebound.BusinessID, error) {
			slug, err := readSlug(text)
			b.d.Business.Slug = slug
			return rebound.BusinessID(slug), err
		},
		write: plain[rebound.BusinessID],
	}, "")
}

func (b *business) connections() value {
	return named[rebound.Connection]{
		at:   &b.d.Connections,
		slug: func(c rebound.Connection) string { return b.connectionKey(c.ID) },
		fresh: func(slug string) rebound.Connection {
			return rebound.Connection{ID: b.connectionID(slug), Business: b.d.Business.ID}
		},
		entries: func(c *rebound.Connection) []entry {
			return []entry{
				{"name", scalar(&c.Name, words(80), b.connectionKey(c.ID))},
				{"carrier", scalar(&c.Carrier, oneOf("twilio", "fake"), "").example("twilio")},
				{"account", scalar(&c.Account, words(80), "")},
				{"auth_token", scalar(&c.AuthToken, secret("TWILIO_AUTH_TOKEN"), "")},
				{"key_id", scalar(&c.KeyID, words(80), "")},
				{"key_secret", scalar(&c.KeySecret, secret("TWILIO_KEY_SECRET"), "")},
				{"base_url", scalar(&c.BaseURL, address("http", "https"), "")},
				{"fallback_url", scalar(&c.FallbackURL, address("https"), "")},
			}
		},
		check: checkConnection,
	}.value()
}

// A connection's id is unique in the installation, since carriers call addresses that hold it.
func (b *business) connectionID(key string) rebound.ConnectionID {
	return rebound.ConnectionID(string(b.d.Business.ID) + "." + key)
}

func (b *business) connectionKey(id rebound.ConnectionID) string {
	return strings.TrimPrefix(string(id), string(b.d.Business.ID)+".")
}

func (b *business) members() value {
	return named[rebound.Member]{
		at:   &b.d.Members,
		slug: func(m rebound.Member) string { return string(m.ID) },
		fresh: func(slug string) rebound.Member {
			return rebound.Member{ID: rebound.MemberID(slug), Business: b.d.Business.ID}
		},
		entries: func(m *rebound.Member) []entry {
			return []entry{
				{"name", scalar(&m.Name, words(80), "").example("Ana Ruiz")},
				{"email", scalar(&m.Email, email(), "")},
				{"off_duty", scalar(&m.OffDuty, yesNo(), false)},
				{"rings", b.rings(&m.Rings)},
				{"role", scalar(&m.Role, oneOf(rebound.Supervisor, rebound.Owner), "")},
				{"alerts", b.ways(&m.Alerts.Normal)},
				{"urgent_alerts", b.ways(&m.Alerts.Urgent)},
				{"quiet_time", scalar(&m.Alerts.Quiet, quietTime(), rebound.QuietTime{})},
			}
		},
	}.value()
}

func (b *business) teams() value {
	return named[rebound.Team]{
		at:   &b.d.Teams,
		slug: func(t rebound.Team) string { return string(t.ID) },
		fresh: func(slug string) rebound.Team {
			return rebound.Team{ID: rebound.TeamID(slug), Business: b.d.Business.ID}
		},
		entries: func(t *rebound.Team) []entry {
			return []entry{
				{"name", scalar(&t.Name, words(80), string(t.ID))},
				{"members", list(&t.Members, reference("member", b.memberIDs)).example("[ana, ben]")},
				{"rota", rota(t)},
				{"escalation", section(b.escalation(&t.Policy))},
			}
		},
		check: b.checkTeam,
	}.value()
}

func (b *business) declaredLines() value {
	return named[rebound.Line]{
		at:   &b.d.Lines,
		slug: func(l rebound.Line) string { return string(l.ID) },
		fresh: func(slug string) rebound.Line {
			return rebound.Line{ID: rebound.LineID(slug), Business: b.d.Business.ID}
		},
		entries: func(l *rebound.Line) []entry {
			return []entry{
				{"name", scalar(&l.Name, words(80), string(l.ID))},
				{"number", scalar(&l.Number, b.number(), "").example("(415) 555-0100")},
				{"connection", orTheOnlyOne(scalar(&l.Connection, b.connection(), ""), &l.Connection, b.connectionIDs, b.connectionKey)},
				{"route", scalar(&l.Route, reference("route", b.routeIDs), "")},
				{"team", shortForm(l, orTheOnlyOne(scalar(&l.Team, reference("team", b.teamIDs), ""), &l.Team, b.teamIDs, plain))},
				{"ring", shortForm(l, scalar(&l.Strategy, oneOf(rebound.Together, rebound.InOrder), rebound.Together))},
				{"ring_for", shortForm(l, scalar(&l.RingFor, duration(5*time.Second, 120*time.Second), ringFor))},
				{"hours", hours(&l.Schedule)},
				{"greeting", section(append(greeting(&l.Greeting),
					entry{"closed", scalar(&l.Greeting.Closed, words(mostSpoken), "")},
					entry{"closed_sound", scalar(&l.Greeting.ClosedSound, sound(), "")},
				))},
				{"voicemail", section([]entry{
					{"enabled", scalar(&l.Voicemail.Off, no(), false)},
					{"max_length", scalar(&l.Voicemail.MaxLength, duration(10*time.Second, 10*time.Minute), maxLength)},
					{"end_silence", scalar(&l.Voicemail.EndSilence, duration(2*time.Second, 30*time.Second), endSilence)},
				})},
			}
		},
		check: b.checkLine,
	}.value()
}

func (b *business) webhooks() value {
	return named[rebound.Webhook]{
		at:   &b.d.Webhooks,
		slug: func(w rebound.Webhook) string { return string(w.ID) },
		fresh: func(slug string) rebound.Webhook {
			return rebound.Webhook{ID: rebound.WebhookID(slug), Business: b.d.Business.ID}
		},
		entries: func(w *rebound.Webhook) []entry {
			return []entry{
				{"url", scalar(&w.URL, address("http", "https"), "").example("https://crm.example/hook")},
				{"secret", scalar(&w.Secret, secret("CRM_WEBHOOK_SECRET"), "")},
				{"events", list(&w.Events, oneOf(rebound.WebhookEvents()...))},
			}
		},
	}.value()
}

func (b *business) canned() value {
	return named[rebound.CannedReply]{
		at:    &b.d.Canned,
		slug:  func(c rebound.CannedReply) string { return string(c.ID) },
		fresh: func(slug string) rebound.CannedReply { return rebound.CannedReply{ID: rebound.CannedReplyID(slug)} },
		entries: func(c *rebound.CannedReply) []entry {
			return []entry{
				{"name", scalar(&c.Name, words(60), string(c.ID))},
				{"text", scalar(&c.Text, cannedText(), "").example("Hi {{first_name}}, it’s {{member}}. We are on our way.")},
			}
		},
	}.value()
}

// greeting is what lines and the ends of routes both say.
func greeting(g *rebound.Greeting) []entry {
	return []entry{
		{"say", scalar(&g.Say, words(mostSpoken), "")},
		{"language", scalar(&g.Language, language(), "")},
		{"play", scalar(&g.Play, address("https"), "")},
		{"sound", scalar(&g.Sound, sound(), "")},
	}
}

// mostSpoken characters are about a minute of speech, which hardly a caller sits through; Twilio
// itself speaks no more than 4,096.
const mostSpoken = 1000

func (b *business) textBack(p *rebound.TextBackPolicy) []entry {
	t, l := &p.Templates, &p.Limits
	return []entry{
		{"enabled", scalar(&p.Off, no(), false)},
		{"delay", scalar(&p.Delay, duration(0, 55*time.Second), rebound.DefaultDelay)},
		{"cool_down", scalar(&p.CoolDown, duration(time.Minute, 30*day), 0)},
		{"human_within", scalar(&p.HumanWithin, duration(time.Minute, day), 0)},
		{"quick_hang_up", scalar(&p.QuickHangUp, orNone(duration(time.Second, time.Minute)), 0)},
		{"countries", list(&p.Countries, country())},
		{"lookup", scalar(&p.Lookup, yesNo(), false)},
		{"booking_link", scalar(&p.BookingLink, address("https"), "")},
		{"templates", section([]entry{
			{"open", scalar(&t.Open, template(), "")},
			{"after_hours", scalar(&t.AfterHours, template(), "")},
			{"voicemail", scalar(&t.Voicemail, template(), "")},
			{"known", scalar(&t.Known, template(), "")},
			{"stop", scalar(&t.Stop, template(), "")},
			{"start", scalar(&t.Start, template(), "")},
			{"help", scalar(&t.Help, template(), "")},
		})},
		{"limits", section([]entry{
			{"per_caller", scalar(&l.PerCaller, orNone(count()), 0)},
			{"per_caller_all", scalar(&l.PerCallerAll, orNone(count()), 0)},
			{"per_prefix", scalar(&l.PerPrefix, orNone(count()), 0)},
			{"per_line_hour", scalar(&l.PerLineHour, orNone(count()), 0)},
			{"per_business_hour", scalar(&l.PerBusinessHour, orNone(count()), 0)},
			{"per_business_day", scalar(&l.PerBusinessDay, orNone(count()), 0)},
			{"spend_per_day", scalar(&l.SpendPerDay, orNone(money(4)), 0)},
			{"segment_price", scalar(&l.SegmentPrice, money(4), 0)},
			{"loop_texts", scalar(&l.LoopTexts, orNone(count()), 0)},
		})},
	}
}

func (b *business) escalation(p *rebound.EscalationPolicy) []entry {
	step := func(s *rebound.PolicyStep) []entry {
		return []entry{
			{"after", scalar(&s.After, duration(0, 7*day), -1).example("30m")},
			{"tell", scalar(&s.Whom, oneOf(rebound.ToAssignee, rebound.ToTeam, rebound.ToSupervisor, rebound.ToOnDuty, rebound.ToMember), "").example("team")},
			{"member", scalar(&s.Member, reference("member", b.memberIDs), "")},
			{"by", list(&s.Channels, oneOf(rebound.Channels()...))},
			{"repeat", scalar(&s.Repeat, duration(time.Minute, 7*day), 0)},
		}
	}
	return []entry{
		{"steps", items(&p.Steps, step, b.checkSteps(p))},
		{"repeat_every", scalar(&p.RepeatEvery, duration(time.Minute, 7*day), 0)},
		{"runs", scalar(&p.Runs, runs(), rebound.RunsAlways)},
		{"fallback", scalar(&p.Fallback, reference("member", b.memberIDs), "")},
		{"urgent_words", list(&p.UrgentWords, words(40))},
	}
}

// alertLimits are of the business alone: a member may be in several teams.
func alertLimits(l *rebound.AlertLimits) entry {
	return entry{"limits", section([]entry{
		{"per_minute", scalar(&l.PerMinute, orNone(count()), 0)},
		{"per_quarter", scalar(&l.PerQuarter, orNone(count()), 0)},
		{"per_hour", scalar(&l.PerHour, orNone(count()), 0)},
	})}
}
