// Package web is what people see: the inbox, a conversation, and the phone simulator, as pages made on the
// server. Open pages are kept true by one stream of server-sent events each.
//
// It refuses to decide and to write. What it shows is read, in the words of PRODUCT.md, and what a person
// does is handed to the engine. Pages work as links and forms without
// JavaScript; scripts only make them live.
package web

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/live"
	"rebound/internal/store"
)

// Options are what the pages work with. All but Simulator and Password must be set.
type Options struct {
	Reader *store.Reader
	Files  *store.Files
	Hub    *live.Hub
	Desk   Desk
	// Edit changes what a business has declared: edit makes it what it is to be, and its error, or rebound.Problems
	// where the result cannot be, leaves everything as it was. edit may be called again.
	Edit func(ctx context.Context, b rebound.BusinessID, edit func(*rebound.Declaration) error) error
	Zone func(name string) (*time.Location, error)
	Now  func() time.Time // the clock that the engine goes by
	Log  *slog.Logger
	// Simulator is the pretend phone network of the demo; nil where callers are real.
	Simulator *Simulator
	// Password asks for HTTP Basic sign-in with any name; empty asks nobody.
	Password string
}

// Desk does what people ask for on the pages. It is the engine; a test of the pages alone may answer for it.
type Desk interface {
	SendText(context.Context, engine.HumanText) (rebound.Message, error)
	CallBack(context.Context, engine.CallBack) (rebound.Call, error)
	MarkRead(ctx context.Context, b rebound.BusinessID, c rebound.ContactID) error
	SettleConsent(ctx context.Context, b rebound.BusinessID, c rebound.ContactID, optedOut bool) error
	RecordOptOut(ctx context.Context, b rebound.BusinessID, c rebound.ContactID, by rebound.MemberID) error

	Declared(context.Context, rebound.BusinessID) (rebound.Declaration, error)
	// Explain is what a call to a line from a number would go through; a zero at is now. Replay is what a line's calls since
	// an instant would have gone through if changed were declared, Pickups whose own voicemail took them.
	Explain(ctx context.Context, b rebound.BusinessID, l rebound.LineID, from string, at time.Time) (rebound.Explanation, error)
	Replay(ctx context.Context, b rebound.BusinessID, l rebound.LineID, changed rebound.Declaration, since time.Time) (rebound.Replay, error)
	Pickups(ctx context.Context, b rebound.BusinessID, l rebound.LineID, since time.Time) ([]rebound.Pickup, error)
	// SetGreeting makes a sound what callers of a line hear. What no carrier could play is an error of kind Invalid.
	SetGreeting(ctx context.Context, b rebound.BusinessID, l rebound.LineID, hour rebound.GreetingHour, sound io.Reader) (rebound.Sound, error)
	OverrideHours(ctx context.Context, b rebound.BusinessID, l rebound.LineID, o rebound.Override, by rebound.MemberID) error
	OverrideMember(ctx context.Context, b rebound.BusinessID, m rebound.MemberID, a rebound.Absence, by rebound.MemberID) error

	ReadAlertLink(path string) (engine.AlertLink, error)
	Claim(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error
	Hold(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error
	Assign(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, to, by rebound.MemberID) error
	StateContact(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, by rebound.MemberID) error
	SetOutcome(ctx context.Context, b rebound.BusinessID, r rebound.RecoveryID, o rebound.Outcome, amount int64, by rebound.MemberID) error
}

// site is the pages of one business.
type site struct {
	Options
	Business rebound.BusinessID
	at       place
	rows     store.Tenant
	pretend  *pretend // the simulator's state; nil without one
}

// scene is what every page says about the business, read once for each request.
type scene struct {
	at       place
	business rebound.Business
	lines    []rebound.Line
	members  []rebound.Member
	teams    []rebound.Team
	routes   []rebound.Route // where a line has one
	set      rebound.Overrides
	inbox    []store.InboxRow
	zone     *time.Location
	now      time.Time // in zone
	mark     string    // names this state to the stream
	pretend  bool      // every caller comes from the simulator
	as       rebound.MemberID
}

// longestList is how many conversations a list shows.
const longestList = 50

// scene reads the business as it stands. The mark is taken before the rows, so that no change falls
// between the page and its stream.
func (s *site) scene(r *http.Request) (scene, error) {
	ctx := r.Context()
	sc := scene{at: s.at, mark: s.Hub.Mark(), pretend: s.Simulator != nil}
	var err error
	if sc.business, err = s.rows.Business(ctx); err != nil {
		return sc, fmt.Errorf("read business: %w", err)
	}
	if sc.zone, err = s.Zone(sc.business.Zone); err != nil {
		return sc, fmt.Errorf("zone of %s: %w", s.Business, err)
	}
	if sc.lines, err = s.rows.Lines(ctx); err != nil {
		return sc, fmt.Errorf("read lines: %w", err)
	}
	if sc.members, err = s.rows.Members(ctx); err != nil {
		return sc, fmt.Errorf("read members: %w", err)
	}
	if sc.teams, err = s.rows.Teams(ctx); err != nil {
		return sc, fmt.Errorf("read teams: %w", err)
	}
	if slices.ContainsFunc(sc.lines, func(l rebound.Line) bool { return l.Route != "" }) {
		if sc.routes, err = s.rows.Routes(ctx); err != nil {
			return sc, fmt.Errorf("read routes: %w", err)
		}
	}
	set, err := s.rows.Overrides(ctx)
	if err != nil {
		return sc, fmt.Errorf("read overrides: %w", err)
	}
	sc.set = store.InForce(set)
	if sc.inbox, err = s.rows.Inbox(ctx, longestList); err != nil {
		return sc, fmt.Errorf("read inbox: %w", err)
	}
	sc.inbox = slices.DeleteFunc(sc.inbox, func(row store.InboxRow) bool { return row.Contact.LastKind == "" }) // known, but never called or wrote
	sc.now = s.Now().In(sc.zone)
	sc.as = sc.author(r)
	return sc, nil
}

// waiting counts the conversations that wait for a person.
func (sc scene) waiting() int {
	n := 0
	for _, row := range sc.inbox {
		if row.Recovery.State == rebound.RecoveryWaiting {
			n++
		}
	}
	return n
}

// line returns one of the business's lines; a retired one is its zero value.
func (sc scene) line(id rebound.LineID) rebound.Line {
	for _, l := range sc.lines {
		if l.ID == id {
			return l
		}
	}
	return rebound.Line{}
}

// authorCookie remembers who sends from this browser, until people sign in by name.
const authorCookie = "rebound_as"

// author is who texts from this browser: whoever did last, else the first member.
func (sc scene) author(r *http.Request) rebound.MemberID {
	if c, err := r.Cookie(authorCookie); err == nil {
		for _, m := range sc.members {
			if string(m.ID) == c.Value {
				return m.ID
			}
		}
	}
	if len(sc.members) > 0 {
		return sc.members[0].ID
	}
	return ""
}

// by is who acts from this browser, as far as known; else empty.
func (sc scene) by(r *http.Request) rebound.MemberID {
	c, err := r.Cookie(authorCookie)
	if err != nil || string(sc.as) != c.Value {
		return ""
	}
	return sc.as
}
