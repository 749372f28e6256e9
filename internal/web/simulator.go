package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/store"
)

// simulatorPage is a pretend phone beside what the team sees of it.
type simulatorPage struct {
	frame
	Caller   caller
	Callers  []callerOption
	Handset  handset
	Row      *row // nil: nobody has called yet
	Conv     *conversationView
	CanReply bool // not while the first call still rings
	Phones   []teamPhone
	Alerts   []teamAlert
	Log      []logStep
}

// callerOption is one choice of who is calling.
type callerOption struct {
	Value, Text string
	Selected    bool
}

func (s *site) simulator(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	sc, err := s.scene(r)
	if err != nil {
		return err
	}
	page, err := s.simulatorView(r.Context(), sc, c)
	if err != nil {
		return err
	}
	page.frame = sc.frame("Phone simulator", sc.at.simulator(), sc.at.stream(view{Page: onSimulator, Caller: c}, sc.mark))
	if page.Callers, err = s.callers(r.Context(), sc, c); err != nil {
		return err
	}
	if page.Conv != nil {
		page.Conv.Reply.Key = newKey()
	}
	return render(w, r, http.StatusOK, simulatorPageView(page))
}

// callers lists who may call. Known customers go by name.
func (s *site) callers(ctx context.Context, sc scene, now caller) ([]callerOption, error) {
	options := []callerOption{{Value: string(mobile), Text: "New caller, mobile"}}
	for _, n := range s.pretend.Known {
		contact, err := s.rows.ContactByNumber(ctx, string(n))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		c := caller{known, n}
		options = append(options, callerOption{
			Value: string(known) + "/" + c.digits(), Text: sc.name(contact) + ", customer", Selected: c == now,
		})
	}
	options = append(options,
		callerOption{Value: string(hidden), Text: "Someone who hides the number"},
		callerOption{Value: string(landline), Text: "A landline"},
		callerOption{Value: string(optedOut), Text: "Someone who opted out"})
	for i := range options {
		options[i].Selected = options[i].Selected || options[i].Value == string(now.Who)
	}
	return options, nil
}

// simulatorView reads what the simulator's page shows of one pretend caller.
func (s *site) simulatorView(ctx context.Context, sc scene, c caller) (simulatorPage, error) {
	page := simulatorPage{Caller: c}
	conv, err := s.pretendConversation(ctx, sc, c)
	if err != nil {
		return page, err
	}
	call := s.pretend.call(c.Number)
	page.Handset = sc.handset(c, call, s.pretend, conv)
	if call != nil {
		page.Phones = sc.teamPhones(call)
	}
	if leg := s.pretend.rungBy(c); leg != nil {
		page.Handset.called(leg)
	}
	if conv == nil {
		return page, nil
	}
	page.Alerts = sc.teamAlerts(s.pretend.Network)
	page.Phones = append(page.Phones, s.ownPhones(sc, *conv)...)
	v := sc.conversation(*conv)
	v.Reply.Back, v.Reply.Call.Back = sc.at.caller(c), sc.at.caller(c)
	v.Reply.Placeholder = "Answer as the team."
	if v.Bar.Wait != nil {
		v.Reply.Placeholder += " Sending stops the clock."
	}
	page.Conv, page.CanReply = &v, len(conv.Messages) > 0 || !rings(*conv)
	page.Row, page.Log = sc.pretendRow(*conv), sc.log(*conv)
	return page, nil
}

func rings(c store.Conversation) bool {
	return len(c.Calls) > 0 && c.Calls[len(c.Calls)-1].State == rebound.CallRinging
}

// pretendConversation is the caller's conversation, or nil. Who hides the number is a new stranger each
// time, known only by the call.
func (s *site) pretendConversation(ctx context.Context, sc scene, c caller) (*store.Conversation, error) {
	contact, err := s.rows.ContactByNumber(ctx, string(c.Number))
	if err == nil {
		conv, err := s.rows.Conversation(ctx, contact.ID)
		return &conv, err
	}
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	call := s.pretend.call(c.Number)
	if c.Who != hidden || call == nil {
		return nil, nil
	}
	for _, in := range sc.inbox {
		if in.Contact.Number != "" {
			continue
		}
		conv, err := s.rows.Conversation(ctx, in.Contact.ID)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(conv.Calls, func(of rebound.Call) bool { return of.CarrierID == call.ID }) {
			return &conv, nil
		}
	}
	return nil, nil
}

// pretendRow is the caller's row as the team's inbox has it, with what is going on this second.
func (sc scene) pretendRow(c store.Conversation) *row {
	in := store.InboxRow{Contact: c.Contact}
	if n := len(c.Recoveries); n > 0 {
		in.Recovery = c.Recoveries[n-1]
	}
	r := sc.row(in, false)
	r.ID = "sim-row"
	if n := len(c.Calls); n > 0 {
		switch call := &c.Calls[n-1]; {
		case call.State == rebound.CallRinging:
			r.Icon, r.Text = icon{"phone-in", "", "Incoming call"}, "Ringing "+and(ringingNames(call))+"…"
			r.Chip = chip{Class: "is-idle", Icon: "phone-in", Text: "Ringing now"}
		case call.OnVoicemail():
			r.Icon, r.Text = icon{"vm", "", "Voicemail"}, "On voicemail…"
		}
	}
	return &r
}

// handset is the pretend phone's screen.
type handset struct {
	Path     string // of its buttons
	Business string
	Initials string
	Line     string
	Number   string // its own
	Clock    string
	Screen   string // "ready", "call" or "texts"
	Status   string // what the caller hears
	Since    int64  // the page counts from here; milliseconds, 0: it does not
	Count    string
	Tone     bool   // what is said is recorded
	Quote    string // the greeting, while it is said
	Texts    []handsetText
	Hint     string
	Leg      string // the business calls: what it rings, and what can be done about it
	Actions  []legAction
}

type handsetText struct {
	at   time.Time
	ID   string
	Mine bool
	Body string
}

func (sc scene) handset(c caller, call *fake.Call, p *pretend, conv *store.Conversation) handset {
	h := handset{
		Path: sc.at.caller(c), Business: sc.business.Name, Initials: initials(sc.business.Name), Number: sc.number(string(c.Number)),
		Line: sc.number(string(p.Line)), Clock: sc.now.Format("3:04"), Screen: "ready",
		Hint: "Press the green button, then let it ring.",
	}
	h.Texts = handsetTexts(p.Network.Phone(c.Number).Inbox(), conv)
	stage := fake.StageOver
	if call != nil {
		var since time.Time
		stage, since = call.At()
		h.Since, h.Count = since.UnixMilli(), minutes(sc.now.Sub(since))
	}
	h.Screen = "call"
	switch stage {
	case fake.StageDialling:
		h.Status, h.Since = "calling…", 0
		h.Hint = "Hang up, or wait for voicemail."
	case fake.StageRinging:
		h.Status, h.Hint = "ringing…", "Hang up, or wait for voicemail. You can also answer one of the team’s phones."
	case fake.StageListening:
		h.Status, h.Since, h.Quote = "voicemail", 0, greeting(conv)
		h.Hint = "Hang up, or stay and leave a message after the tone."
	case fake.StageRecording:
		h.Status, h.Tone, h.Hint = "Leave a message", true, "A recorded voice speaks for you. Hang up when it is long enough."
	case fake.StageTalking:
		h.Status, h.Hint = "connected", "Somebody picked up: no text goes out."
	case fake.StageOver:
		h.ended(c, call, conv)
	}
	return h
}

// ended chooses the screen of a phone that is in no call.
func (h *handset) ended(c caller, call *fake.Call, conv *store.Conversation) {
	if call == nil && len(h.Texts) == 0 {
		h.Screen = "ready"
		return
	}
	h.Screen, h.Since = "texts", 0
	switch {
	case c.Who == hidden:
		h.Hint = "Nobody can text a hidden number, so the team has a task to call back, and its clock runs."
	case c.Who == optedOut:
		h.Hint = "Opted out, so no text goes out whatever happens. Call and let it ring."
	case c.Who == landline:
		h.Hint = "A landline takes no text. When the carrier says so, the team has a task to call back."
	case len(h.Texts) == 0 && conv != nil && answered(*conv):
		h.Hint = "You talked to a person: no text is needed."
	case len(h.Texts) == 0:
		h.Hint = "The text-back comes within seconds."
	case h.Texts[len(h.Texts)-1].Mine:
		h.Hint = "Now answer as the team, on the right."
	default:
		h.Hint = "A text came. Answer it as the caller."
	}
}

func answered(c store.Conversation) bool {
	return len(c.Calls) > 0 && c.Calls[len(c.Calls)-1].State == rebound.CallAnswered
}

// greeting is what the line's voicemail says, as the call's plan has it.
func greeting(c *store.Conversation) string {
	if c == nil || len(c.Calls) == 0 {
		return ""
	}
	steps := c.Calls[len(c.Calls)-1].Plan.Steps
	if len(steps) == 0 {
		return ""
	}
	return steps[len(steps)-1].Say
}

// handsetTexts puts the texts that reached the handset and those sent from it in order.
func handsetTexts(inbox []fake.Text, c *store.Conversation) []handsetText {
	var all []handsetText
	for _, t := range inbox {
		all = append(all, handsetText{at: t.At, ID: "hs-" + t.ID, Body: t.Body})
	}
	if c != nil {
		for _, m := range c.Messages {
			if m.Direction == rebound.Inbound {
				all = append(all, handsetText{at: m.CreatedAt, ID: "hs-" + string(m.ID), Mine: true, Body: m.Body})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b handsetText) int { return a.at.Compare(b.at) })
	return all
}

// teamPhone is a member's pretend phone that rings or is in the call.
type teamPhone struct {
	Leg     string
	Person  person
	Words   string
	Actions []legAction
}

// legAction is a button of a member's pretend phone.
type legAction struct {
	Do, Text string
	Primary  bool
}

// teamPhones lists the phones that the call rings or has reached.
func (sc scene) teamPhones(call *fake.Call) []teamPhone {
	var phones []teamPhone
	for _, leg := range call.Legs() {
		id, _ := sc.memberAt(leg.To)
		p := teamPhone{Leg: leg.ID, Person: sc.person(id)}
		if p.Person.First == "" {
			p.Person.First = sc.number(leg.To)
		}
		switch leg.State() {
		case fake.LegRings:
			p.Words = "rings now"
			p.Actions = []legAction{{"answer", "Answer", true}, {"decline", "Decline", false}}
		case fake.LegPickedUp:
			p.Words = "hears: “Call for " + sc.business.Name + ". Press any key to accept.”"
			p.Actions = []legAction{{"key", "Press 1", true}, {"hang-up", "Hang up", false}}
		case fake.LegConnected:
			p.Words = "talks with the caller"
			p.Actions = []legAction{{"hang-up", "Hang up", false}}
		default:
			continue
		}
		phones = append(phones, p)
	}
	return phones
}

// teamAlert is what came to a member's pretend phone as a text.
type teamAlert struct {
	at     time.Time
	ID     string
	Person person
	Time   string
	Body   string
}

// mostAlerts is how many texts to the team the simulator shows.
const mostAlerts = 6

// teamAlerts lists the latest texts on the team's pretend phones, the newest first.
func (sc scene) teamAlerts(n *fake.Network) []teamAlert {
	var all []teamAlert
	for _, m := range sc.members {
		for _, d := range m.Rings {
			if d.Number == "" {
				continue
			}
			for _, t := range n.Phone(d.Number).Inbox() {
				all = append(all, teamAlert{at: t.At, ID: "al-" + t.ID, Person: sc.person(m.ID), Time: sc.clock(t.At), Body: t.Body})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b teamAlert) int { return b.at.Compare(a.at) })
	return all[:min(len(all), mostAlerts)]
}

func simulatorParts(p simulatorPage) []part {
	parts := []part{
		{"#handset", "innerMorph", handsetView(p.Handset)},
		{"#sim-list", "innerMorph", simulatorRowView(p)},
		{"#phones", "innerMorph", teamPhonesView(p)},
		{"#log", "innerMorph", logView(p.Log)},
		{"#alerts", "innerMorph", teamAlertsView(p.Alerts)},
	}
	if p.Conv != nil {
		parts = append(parts,
			part{"#thread", "innerMorph", threadView(p.Conv.Thread)},
			part{"#reply", "innerMorph", simulatorReply(p)})
	}
	return parts
}
