package web

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/phone"
	"rebound/internal/store"
)

// Simulator is the pretend phone network of the demo and whom its callers dial.
type Simulator struct {
	Network *fake.Network
	Line    phone.Number   // the number that pretend callers dial
	Known   []phone.Number // handsets of customers whom the business knows by name
	// Skip moves the demo's clock ahead and returns when what was due meanwhile has begun.
	Skip func(ctx context.Context, d time.Duration) error
}

// pretend is the simulator's side of the pages: which handset is in which call.
type pretend struct {
	Simulator

	mu    sync.Mutex
	calls map[phone.Number]*fake.Call // the latest of each handset; handsets are few, see readCaller
}

func newPretend(s Simulator) *pretend {
	return &pretend{Simulator: s, calls: map[phone.Number]*fake.Call{}}
}

// call is the handset's latest call, or nil.
func (p *pretend) call(n phone.Number) *fake.Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[n]
}

// moves is closed when a handset or a call does something from now on.
func (p *pretend) moves() <-chan struct{} { return p.Network.Changed(p.Network.Revision()) }

// who is a kind of pretend caller.
type who string

const (
	mobile   who = "mobile"
	known    who = "known"
	landline who = "landline"
	hidden   who = "hidden"
	optedOut who = "opted-out"
)

// caller is a pretend caller; the address of the simulator's page names it.
type caller struct {
	Who    who
	Number phone.Number
}

// digits is the caller's number without its plus sign.
func (c caller) digits() string { return strings.TrimPrefix(string(c.Number), "+") }

// areas are where new pretend callers come from. Their exchange 555-01xx is kept for fiction: nobody has
// such a number.
var areas = [...]string{"415", "628", "510", "650", "408"}

// readCaller reads what place.caller wrote. Only numbers for fiction are taken, so there are never more
// handsets than those, and nobody real is ever one.
func readCaller(kind, digits string) (caller, bool) {
	c := caller{who(kind), phone.Number("+" + digits)}
	if !slices.Contains([]who{mobile, known, landline, hidden, optedOut}, c.Who) {
		return c, false
	}
	n, err := phone.Parse(string(c.Number), "")
	if err != nil || n != c.Number || len(n) != len("+14155550134") {
		return c, false
	}
	return c, strings.HasPrefix(string(n), "+1") && n[5:10] == "55501"
}

// callerCookie remembers the pretend caller, so that the way to the inbox and back leads to the same one.
const callerCookie = "rebound_caller"

// newCaller begins with a pretend caller: the one of this browser, or, when a kind is posted, a new one.
func (s *site) newCaller(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodPost {
		if cookie, err := r.Cookie(callerCookie); err == nil {
			kind, digits, _ := strings.Cut(cookie.Value, "/")
			if c, ok := readCaller(kind, digits); ok {
				http.Redirect(w, r, s.at.caller(c), http.StatusFound)
				return nil
			}
		}
	} else if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	kind, digits, _ := strings.Cut(r.PostForm.Get("who"), "/")
	c, ok := readCaller(kind, digits)
	if !ok || c.Who != known {
		n, err := s.freeNumber(r, c.Number)
		if err != nil {
			return err
		}
		if c, ok = readCaller(kind, caller{Number: n}.digits()); !ok || c.Who == known {
			c = caller{mobile, n}
		}
	}
	if c.Who == optedOut {
		s.pretend.Network.Phone(c.Number).Texts(s.pretend.Line, "STOP")
	}
	http.SetCookie(w, &http.Cookie{
		Name: callerCookie, Value: string(c.Who) + "/" + c.digits(), Path: s.at.simulator(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, s.at.caller(c), http.StatusSeeOther)
	return nil
}

// freeNumber is a pretend number other than now, that the business has not heard of. When all are used up it is any.
func (s *site) freeNumber(r *http.Request, now phone.Number) (phone.Number, error) {
	sc, err := s.scene(r)
	if err != nil {
		return "", err
	}
	var n phone.Number
	for range 50 {
		n = phone.Number(fmt.Sprintf("+1%s55501%02d", areas[rand.IntN(len(areas))], rand.IntN(100)))
		_, err := s.rows.ContactByNumber(r.Context(), string(n))
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return "", err
		}
		if err != nil && n != now && !sc.owns(n) && !slices.Contains(s.pretend.Known, n) && s.pretend.call(n) == nil {
			return n, nil
		}
	}
	return n, nil
}

// owns reports whether a number is one of the business's lines or of its members.
func (sc scene) owns(n phone.Number) bool {
	_, member := sc.memberAt(string(n))
	return member || slices.ContainsFunc(sc.lines, func(l rebound.Line) bool { return l.Number == n })
}

// memberAt is whose phone has an address.
func (sc scene) memberAt(to string) (rebound.MemberID, bool) {
	for _, m := range sc.members {
		for _, d := range m.Rings {
			if string(d.Number) == to || d.Address != "" && d.Address == to {
				return m.ID, true
			}
		}
	}
	return "", false
}

// pretendCall lets the caller dial. By itself the caller waits, speaks after the tone, and hangs up by the button.
func (s *site) pretendCall(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	if err := s.byHand(r.Context()); err != nil {
		return err
	}
	s.pretend.mu.Lock()
	defer s.pretend.mu.Unlock()
	if call := s.pretend.calls[c.Number]; call == nil || over(call) {
		handset := s.pretend.Network.Phone(c.Number)
		dial := fake.Dial{To: s.pretend.Line}
		switch c.Who {
		case landline:
			handset.RefusesTexts("30006") // "landline or unreachable carrier"
		case hidden:
			dial.Shown = "anonymous"
		}
		s.pretend.calls[c.Number] = handset.Dials(dial).LeavesVoicemail(0, nil)
	}
	return done(w, r, s.at.caller(c))
}

// byHand lets the team's phones do nothing by themselves: whoever looks at the page answers and presses keys.
func (s *site) byHand(ctx context.Context) error {
	members, err := s.rows.Members(ctx)
	if err != nil {
		return err
	}
	for _, m := range members {
		for _, d := range m.Rings {
			if d.Number != "" {
				s.pretend.Network.Phone(d.Number).LetsRing().Presses("")
			}
		}
	}
	return nil
}

func over(call *fake.Call) bool {
	stage, _ := call.At()
	return stage == fake.StageOver
}

func (s *site) pretendHangUp(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	if call := s.pretend.call(c.Number); call != nil {
		call.HangsUp()
	}
	return done(w, r, s.at.caller(c))
}

func (s *site) pretendText(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	body := r.PostForm.Get("body")
	if len([]rune(body)) > longestBody {
		return rebound.Errorf(rebound.Invalid, "R1616", "The text is too long: %d characters are the most. Shorten it.", longestBody)
	}
	if strings.TrimSpace(body) != "" {
		s.pretend.Network.Phone(c.Number).Texts(s.pretend.Line, body)
	}
	return done(w, r, s.at.caller(c))
}

// pretendSkip moves the demo's clock, so that nobody has to wait two hours to see the supervisor told.
func (s *site) pretendSkip(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	ahead, known := map[string]time.Duration{"30": 30 * time.Minute, "120": 2 * time.Hour}[r.PostForm.Get("minutes")]
	if !known {
		return errNoPage
	}
	if err := s.pretend.Skip(r.Context(), ahead); err != nil {
		return err
	}
	http.Redirect(w, r, s.at.caller(c), http.StatusSeeOther) // a page made anew: its clocks go by the server's
	return nil
}

// pretendLeg lets a member's pretend phone do something about a call that rings it.
func (s *site) pretendLeg(w http.ResponseWriter, r *http.Request) error {
	c, ok := readCaller(r.PathValue("who"), r.PathValue("number"))
	if !ok {
		return errNoPage
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err)
	}
	leg, err := s.legOf(r.Context(), c, r.PathValue("leg"))
	if err != nil {
		return err
	}
	if leg != nil { // else it has ended
		switch r.PostForm.Get("do") {
		case "answer":
			leg.Answer()
		case "key":
			leg.PressKey("1")
		case "decline":
			leg.Decline()
		case "hang-up":
			leg.HangUp()
		}
	}
	return done(w, r, s.at.caller(c))
}
