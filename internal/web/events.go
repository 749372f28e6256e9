package web

import (
	"bytes"
	"context"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"rebound"
	"rebound/internal/live"
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
	st := &stream{site: s, request: r, view: v, out: w, control: http.NewResponseController(w), sent: map[string]uint64{}, seed: maphash.MakeSeed(), heard: s.Now(), order: "?"}
	_ = st.control.SetReadDeadline(time.Time{}) // not every writer has one
	return st.run(r.Context(), sub)
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

// run follows the news until the page or the hub closes.
func (st *stream) run(ctx context.Context, sub *live.Subscription) error {
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	st.write("beat", "", itoa(int(st.Now().UnixMilli())))
	moved := st.moves()
	for st.err == nil {
		var news live.News
		select {
		case <-ctx.Done():
			return nil
		case _, open := <-sub.C:
			if !open {
				return nil
			}
			news = sub.Take()
		case <-moved:
			news = sub.Take()
		case <-beat.C:
			st.write("beat", "", itoa(int(st.Now().UnixMilli())))
			continue
		}
		moved = st.moves()
		if err := st.update(news); err != nil {
			return st.giveUp(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(restBetween):
		}
	}
	return nil
}

// moves is closed when a pretend phone does something from now on; never on pages that show none.
func (st *stream) moves() <-chan struct{} {
	if st.view.Page != onSimulator {
		return nil
	}
	return st.pretend.moves()
}

// giveUp ends a stream whose page could not be read. Its status has been sent, so the page learns of it by
// the end, and connects again.
func (st *stream) giveUp(err error) error {
	if st.request.Context().Err() == nil {
		st.Log.Error("live update failed", "page", string(st.view.Page), "error", err)
	}
	return nil
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
		{"#clockbar", "innerMorph", clockBarView(v.Bar)},
		{"#thread", "innerMorph", threadView(v.Thread)},
		{"#reply", "innerMorph", replyView(v.Reply)},
	}
}

// heardSince says, for those who listen to the page, what customers did since it was last said.
func (st *stream) heardSince(sc scene) string {
	var words []string
	latest := st.heard
	for _, row := range sc.inbox {
		if !row.Contact.LastAt.After(st.heard) || row.Contact.LastKind == "text_out" {
			continue
		}
		what := map[string]string{"text_in": "New text from ", "voicemail": "New voicemail from "}[row.Contact.LastKind]
		if what == "" {
			what = "Call from "
		}
		words = append(words, what+sc.name(row.Contact))
		if row.Contact.LastAt.After(latest) {
			latest = row.Contact.LastAt
		}
	}
	st.heard = latest
	if len(words) > 2 {
		return itoa(len(words)) + " conversations have something new"
	}
	return and(words)
}

// write sends one event and lets it out at once. It carries the page's state so far as id.
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
