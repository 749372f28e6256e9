// Package web is what people see: the inbox, a conversation, and the phone simulator, as pages made on the
// server. Open pages are kept true by one stream of server-sent events each.
//
// It refuses to decide and to write. What it shows is read, in the words of PRODUCT.md, and what a person
// does is handed to a function that the app connects to the engine. Pages work as links and forms without
// JavaScript; scripts only make them live.
package web

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"rebound"
	"rebound/internal/live"
	"rebound/internal/store"
)

// Options are what the pages work with. All but Simulator and Password must be set.
type Options struct {
	Business rebound.BusinessID // whose pages these are
	Reader   *store.Reader
	Files    *store.Files
	Hub      *live.Hub
	// SendText takes a text that a person typed. The same key twice is the same text once.
	SendText func(context.Context, HumanText) (rebound.Message, error)
	// Declared returns what the business has declared. Edit changes it: edit makes it what it is to be, and its error, or
	// rebound.Problems where the result cannot be, leaves everything as it was. edit may be called again.
	Declared func(context.Context) (rebound.Declaration, error)
	Edit     func(ctx context.Context, edit func(*rebound.Declaration) error) error
	// SetGreeting makes a sound what callers of a line hear. What no carrier could play is an error of kind Invalid.
	SetGreeting func(ctx context.Context, line rebound.LineID, hour rebound.GreetingHour, sound io.Reader) error
	Zone        func(name string) (*time.Location, error)
	Now         func() time.Time // the clock that the engine goes by
	Log         *slog.Logger
	// Simulator is the pretend phone network of the demo; nil where callers are real.
	Simulator *Simulator
	// Password asks for HTTP Basic sign-in with any name; empty asks nobody.
	Password string
}

// HumanText is a text typed by a member.
type HumanText struct {
	Business rebound.BusinessID
	Contact  rebound.ContactID
	Author   rebound.MemberID
	Body     string
	Key      string // made by the page, once for each press of Send
}

// site is the pages of one business.
type site struct {
	Options
	rows     store.Tenant
	password [sha256.Size]byte
	pretend  *pretend // the simulator's state; nil without one
}

// New returns the pages. They belong at the root of their host: addresses in them are absolute paths.
// When the server shuts down, Hub.Close ends the streams, which otherwise last as long as a page is open.
func New(o Options) http.Handler {
	s := &site{Options: o, rows: o.Reader.For(o.Business), password: sha256.Sum256([]byte(o.Password))}
	if o.Simulator != nil {
		s.pretend = newPretend(*o.Simulator)
	}
	return s.routes()
}

// scene is what every page says about the business, read once for each request.
type scene struct {
	business rebound.Business
	lines    []rebound.Line
	members  []rebound.Member
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
	sc := scene{mark: s.Hub.Mark(), pretend: s.Simulator != nil}
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
