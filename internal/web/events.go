package web

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"rebound"
	"rebound/internal/live"
	"rebound/internal/store"
)

const (
	beatEvery   = 15 * time.Second       // so that a page notices a dead connection (static/stream.js)
	restBetween = 200 * time.Millisecond // a storm of changes becomes five updates a second, not a hundred
	writeWithin = 30 * time.Second       // a browser that takes longer is gone
)

// events keeps one open page true until it closes. Each event names the state that the page has with it;
// a page that comes back with a known one gets what it missed, with an unknown one everything.
func (s *site) events(w http.ResponseWriter, r *http.Request) error {
	v, ok := readView(r.URL.Query())
	if !ok || v.Page == onSimulator && s.pretend == nil {
		return errNoPage
	}
	since := r.Header.Get("Last-Event-ID")
	if since == "" {
		since = r.URL.Query().Get("since")
	}
	sub, err := s.Hub.Subscribe(s.Business, since)
	if err != nil {
		return err
	}
	defer sub.Close()

	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy that buffers would hold events back
	st := &stream{
		site: s, request: r, view: v, out: w, control: http.NewResponseController(w),
		seed: maphash.MakeSeed(), sent: map[string]uint64{}, order: "?", heard: s.Now(),
	}
	_ = st.control.SetReadDeadline(time.Time{}) // the server's own would end the request; not every writer has one
	st.run(r.Context(), sub)
	return nil
}

// stream is one open page.
type stream struct {
	*site
	request *http.Request
	view    view
	out     http.ResponseWriter
	control *http.ResponseController

	seed  maphash.Seed
	sent  map[string]uint64 // sum of what the page has, by target
	order string            // ids of the list's groups and rows, as the page has them; "?": not known
	heard time.Time         // until when the page was told of what customers did
	err   error             // of the first write that failed
}

// run follows the news until the page or the hub closes, or the page cannot be read. Its status has been
// sent by then, so the page learns of trouble by the end, and connects again.
func (st *stream) run(ctx context.Context, sub *live.Subscription) {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	moved, stirred := st.moves(), false
	for st.err == nil {
		if news := sub.Take(); news.Empty() && !stirred {
			st.write("beat", news.ID, itoa64(st.Now().UnixMilli()))
		} else if err := st.update(news); err != nil {
			if ctx.Err() == nil {
				st.Log.Error("live update failed", "page", string(st.view.Page), "error", err)
			}
			return
		}
		stirred = false
		if !pause(ctx, restBetween) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case _, open := <-sub.C:
			if !open {
				return
			}
		case <-moved:
			moved, stirred = st.moves(), true
		case <-beat.C:
		}
	}
}

// moves is closed when a pretend phone does something from now on; never on pages that show none.
func (st *stream) moves() <-chan struct{} {
	if st.view.Page != onSimulator {
		return nil
	}
	return st.pretend.moves()
}

// pause waits, and reports whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// part is a piece of a page and where it goes.
type part struct {
	Target string // CSS selector
	Swap   string
	Body   templ.Component
}

// update sends what the news changed on the page, in one event.
func (st *stream) update(news live.News) error {
	if news.All {
		st.order = "?"
		clear(st.sent)
	}
	sc, err := st.scene(st.request)
	if err != nil {
		return err
	}
	parts, err := st.parts(sc, news)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, p := range parts {
		if err := st.add(&b, p); err != nil {
			return err
		}
	}
	st.write("", news.ID, b.String())
	return nil
}

// add renders a part, unless the page has it already.
func (st *stream) add(b *bytes.Buffer, p part) error {
	before := b.Len()
	if err := partialView(p).Render(st.request.Context(), b); err != nil {
		return err
	}
	sum := maphash.Bytes(st.seed, b.Bytes()[before:])
	if old, has := st.sent[p.Target]; has && old == sum {
		b.Truncate(before)
	}
	st.sent[p.Target] = sum
	return nil
}

// parts lists what the page shows that the news may have changed.
func (st *stream) parts(sc scene, news live.News) ([]part, error) {
	parts := []part{{".n-waiting", "outerHTML", waitingCount(sc.waiting())}}
	if news.All {
		parts = append(parts, part{"#lines", "innerMorph", linesView(sc.lineViews())})
	}
	if words := st.heardSince(sc); words != "" {
		parts = append(parts, part{"#said", "textContent", plainText(words)})
	}
	about := func(c rebound.ContactID) bool { return news.All || slices.Contains(news.Contacts, c) }
	switch st.view.Page {
	case onInbox:
		parts = append(parts, st.listParts(sc.list(""))...)
	case onConversation:
		parts = append(parts, st.listParts(sc.list(st.view.Contact))...)
		if !about(st.view.Contact) {
			break
		}
		c, err := st.rows.Conversation(st.request.Context(), st.view.Contact)
		if errors.Is(err, store.ErrNotFound) {
			break // erased meanwhile: the page keeps what it has until somebody leaves it
		}
		if err != nil {
			return nil, err
		}
		parts = append(parts, conversationParts(sc.conversation(c))...)
	case onSimulator:
		page, err := st.simulatorView(st.request.Context(), sc, st.view.Caller)
		if err != nil {
			return nil, err
		}
		parts = append(parts, simulatorParts(page)...)
	}
	return parts, nil
}

// listParts sends single rows while their order stands, else the whole list.
func (st *stream) listParts(l list) []part {
	var order strings.Builder
	var rows []part
	for _, g := range l.Groups {
		order.WriteString(g.Key + ":")
		for _, r := range g.Rows {
			order.WriteString(r.ID + " ")
			rows = append(rows, part{"#" + r.ID, "outerMorph", rowView(r)})
		}
	}
	if order.String() == st.order {
		return rows
	}
	st.order = order.String()
	clear(st.sent)
	return []part{{"#list", "innerMorph", listView(l)}}
}

func conversationParts(v conversationView) []part {
	return []part{
		{"#clockbar", "innerMorph", clockBarView(v.Bar, v.Follow)},
		{"#thread", "innerMorph", threadView(v.Thread)},
		{"#reply", "innerMorph", replyView(v.Reply)},
		{"#follow-up", "innerMorph", followUpView(v.Follow)},
	}
}

// heardSince says, for those who listen to the page, what customers did since it was last said.
func (st *stream) heardSince(sc scene) string {
	since := st.heard
	var words []string
	for _, row := range sc.inbox {
		c := row.Contact
		if !c.LastAt.After(since) || c.LastKind == "text_out" || c.LastKind == "call_out" {
			continue
		}
		words = append(words, did(c.LastKind)+" "+sc.name(c))
		if c.LastAt.After(st.heard) {
			st.heard = c.LastAt
		}
	}
	if len(words) > 2 {
		return itoa(len(words)) + " conversations have something new"
	}
	return and(words)
}

// did begins to say what a customer did.
func did(lastKind string) string {
	switch lastKind {
	case "text_in":
		return "New text from"
	case "voicemail":
		return "New voicemail from"
	}
	return "Call from"
}

// write sends one event and lets it out at once. id names the state that the page has with it.
func (st *stream) write(event, id, data string) {
	if st.err != nil || event == "" && data == "" {
		return
	}
	var b bytes.Buffer
	if event != "" {
		b.WriteString("event: " + event + "\n")
	}
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	data = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data) // any of them ends a line of the format
	for line := range strings.Lines(data) {
		b.WriteString("data: " + strings.TrimSuffix(line, "\n") + "\n")
	}
	b.WriteString("\n")

	// Set and lifted around each write: on HTTP/2 a deadline that passes between writes ends the stream.
	_ = st.control.SetWriteDeadline(time.Now().Add(writeWithin))
	_, st.err = st.out.Write(b.Bytes())
	if st.err == nil {
		st.err = st.control.Flush()
	}
	_ = st.control.SetWriteDeadline(time.Time{})
}
