package fake

import (
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// listing is one of Twilio's lists: what is in it, newest first, each with a number that never
// changes, so that pages stay in place while the list grows.
type listing[T any] struct {
	key  string // in the answer
	all  iter.Seq2[int, T]
	keep func(T) bool
	show func(T) any
}

// cutOut is one page of a list.
type cutOut struct {
	items   []any
	size    int
	page    int
	start   int
	next    url.Values // nil: it is the last page
	request *http.Request
}

// cut collects the page that a request asks for; the network's mu is held.
func (l listing[T]) cut(r *http.Request) (cutOut, bool) {
	q := r.URL.Query()
	out := cutOut{items: []any{}, size: 50, request: r}
	ok := true
	number := func(name string, into *int, low, high int) {
		if v := q.Get(name); v != "" {
			n, err := strconv.Atoi(v)
			ok = ok && err == nil && n >= low && n <= high
			*into = n
		}
	}
	number("PageSize", &out.size, 1, 1000)
	number("Page", &out.page, 0, 1<<30)
	below := 1 << 62
	if token, has := strings.CutPrefix(q.Get("PageToken"), "PA"); has {
		n, err := strconv.Atoi(token)
		below, ok = n, ok && err == nil
	}
	if !ok {
		return out, false
	}
	out.start = out.page * out.size
	last := 0
	for n, item := range l.all {
		if n >= below || !l.keep(item) {
			continue
		}
		if len(out.items) == out.size {
			q.Set("Page", strconv.Itoa(out.page+1))
			q.Set("PageSize", strconv.Itoa(out.size))
			q.Set("PageToken", "PA"+strconv.Itoa(last))
			out.next = q
			break
		}
		out.items = append(out.items, l.show(item))
		last = n
	}
	return out, true
}

// answer writes the page as the API of 2010 does: with addresses relative to its host.
func (l listing[T]) answer(t *Twilio, w http.ResponseWriter, r *http.Request) {
	p, ok := l.page(t, w, r)
	if !ok {
		return
	}
	path := r.URL.Path
	first := r.URL.Query()
	first.Del("PageToken")
	first.Set("Page", "0")
	body := object{
		l.key: p.items, "page": p.page, "page_size": p.size, "start": p.start, "end": max(p.start, p.start+len(p.items)-1),
		"uri": r.URL.RequestURI(), "first_page_uri": path + "?" + first.Encode(), "next_page_uri": nil, "previous_page_uri": nil,
	}
	if p.next != nil {
		body["next_page_uri"] = path + "?" + p.next.Encode()
	}
	answerJSON(w, http.StatusOK, body)
}

// answerMeta writes the page as the newer APIs do: with whole addresses in "meta".
func (l listing[T]) answerMeta(t *Twilio, host string, w http.ResponseWriter, r *http.Request) {
	p, ok := l.page(t, w, r)
	if !ok {
		return
	}
	base := "https://" + host + r.URL.Path
	meta := object{
		"page": p.page, "page_size": p.size, "key": l.key, "url": base + "?" + r.URL.RawQuery, "first_page_url": base + "?Page=0",
		"next_page_url": nil, "previous_page_url": nil,
	}
	if p.next != nil {
		meta["next_page_url"] = base + "?" + p.next.Encode()
	}
	answerJSON(w, http.StatusOK, object{l.key: p.items, "meta": meta})
}

func (l listing[T]) page(t *Twilio, w http.ResponseWriter, r *http.Request) (cutOut, bool) {
	if !t.listsUp(w) {
		return cutOut{}, false
	}
	t.net.mu.Lock()
	p, ok := l.cut(r)
	t.net.mu.Unlock()
	if !ok {
		refuse(w, http.StatusBadRequest, "20006", "invalid paging")
	}
	return p, ok
}

// window is a filter on a time: the parameters Name, Name< and Name>, which mean on that day or
// instant, at or before, and at or after. Twilio keeps whole seconds.
type window struct {
	from, to time.Time
	bad      bool
}

func windowOf(q url.Values, name string) window {
	var w window
	read := func(s string) (from, to time.Time) {
		if day, err := time.Parse(time.DateOnly, s); err == nil {
			return day, day.AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
		at, err := time.Parse(time.RFC3339, s)
		w.bad = w.bad || err != nil
		return at, at
	}
	if s := q.Get(name); s != "" {
		w.from, w.to = read(s)
	}
	if s := q.Get(name + ">"); s != "" {
		w.from, _ = read(s)
	}
	if s := q.Get(name + "<"); s != "" {
		_, w.to = read(s)
	}
	return w
}

func (w window) holds(t time.Time) bool {
	t = t.Truncate(time.Second)
	return !t.Before(w.from) && (w.to.IsZero() || !t.After(w.to))
}

// windows reads the windows of a request and answers it when one is wrong.
func windows(w http.ResponseWriter, r *http.Request, names ...string) (map[string]window, bool) {
	out := map[string]window{}
	for _, n := range names {
		out[n] = windowOf(r.URL.Query(), n)
		if out[n].bad {
			refuse(w, http.StatusBadRequest, "20001", "invalid "+n)
			return nil, false
		}
	}
	return out, true
}

// matches reports whether a filter, if there is one, is the value.
func matches(q url.Values, name, value string) bool {
	return !q.Has(name) || q.Get(name) == value
}

// newest iterates a list that is kept oldest first from its end, with the places in the list. The
// list is read when the iteration begins.
func newest[T any](list *[]T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) { slices.Backward(*list)(yield) }
}

func (t *Twilio) listMessages(w http.ResponseWriter, r *http.Request) {
	dates, ok := windows(w, r, "DateSent")
	if !ok {
		return
	}
	q := r.URL.Query()
	upTo, _ := t.net.listed()
	from, to := q.Get("From"), q.Get("To")
	listing[*message]{
		key: "messages",
		all: func(yield func(int, *message) bool) {
			list := t.book.texts
			switch {
			case from != "" && to != "":
				list = t.book.between[pair{from, to}]
			case to != "":
				list = t.book.to[to]
			}
			for _, m := range slices.Backward(list) {
				if m.created.Add(time.Second).Before(dates["DateSent"].from) || !yield(m.number, m) {
					return
				}
			}
		},
		keep: func(m *message) bool {
			return (from == "" || m.from == from) && !m.created.After(upTo) && dates["DateSent"].holds(m.created)
		},
		show: func(m *message) any { return t.showMessage(m) },
	}.answer(t, w, r)
}

func (t *Twilio) listMedia(w http.ResponseWriter, r *http.Request) {
	t.net.mu.Lock()
	m := t.book.textIDs[r.PathValue("message")]
	t.net.mu.Unlock()
	if m == nil {
		notFound(w, r)
		return
	}
	listing[string]{
		key: "media_list", all: newest(&m.pictures), keep: func(string) bool { return true },
		show: func(id string) any { return t.showMedia(m, id) },
	}.answer(t, w, r)
}

// listCalls lists inbound calls and their legs.
func (t *Twilio) listCalls(w http.ResponseWriter, r *http.Request) {
	dates, ok := windows(w, r, "StartTime", "EndTime")
	if !ok {
		return
	}
	q := r.URL.Query()
	upTo, _ := t.net.listed()
	listing[entry]{
		key: "calls", all: t.entries(q.Get("ParentCallSid"), dates["StartTime"].from),
		keep: func(e entry) bool {
			f := e.facts()
			ends := !q.Has("EndTime") && !q.Has("EndTime<") && !q.Has("EndTime>") || !f.ended.IsZero() && dates["EndTime"].holds(f.ended)
			return matches(q, "To", f.to) && matches(q, "From", f.from) && matches(q, "Status", f.status) &&
				!f.begun.After(upTo) && dates["StartTime"].holds(f.begun) && ends
		},
		show: func(e entry) any { return t.showCall(e) },
	}.answer(t, w, r)
}

// perCall is how many numbers in a list one call takes: for itself, and for its legs or recordings.
const perCall = 1000

// entries iterates the call log newest first, as far back as since: all of it, or the legs of one
// call.
func (t *Twilio) entries(parent string, since time.Time) iter.Seq2[int, entry] {
	legs := func(c *Call, yield func(int, entry) bool) bool {
		for i, l := range slices.Backward(c.legs) {
			if !yield(c.number*perCall+i+1, entry{c, l}) {
				return false
			}
		}
		return true
	}
	return func(yield func(int, entry) bool) {
		if parent != "" {
			if c := t.book.callIDs[parent]; c != nil {
				legs(c, yield)
			}
			return
		}
		for _, c := range slices.Backward(t.book.calls) {
			tooOld := c.begun.Add(time.Hour).Before(since) // its legs may have begun later
			if tooOld || !legs(c, yield) || !yield(c.number*perCall, entry{call: c}) {
				return
			}
		}
	}
}

func (t *Twilio) listRecordings(w http.ResponseWriter, r *http.Request) {
	dates, ok := windows(w, r, "DateCreated")
	if !ok {
		return
	}
	q := r.URL.Query()
	listing[*Recording]{
		key: "recordings",
		all: func(yield func(int, *Recording) bool) {
			calls := t.book.calls
			if q.Has("CallSid") {
				calls = nil
				if c := t.book.callIDs[q.Get("CallSid")]; c != nil {
					calls = []*Call{c}
				}
			}
			for _, c := range slices.Backward(calls) {
				for i, s := range slices.Backward(c.sounds) {
					if t.net.sounds[s.ID] != nil && !yield(c.number*perCall+i, s) {
						return
					}
				}
			}
		},
		keep: func(s *Recording) bool { return dates["DateCreated"].holds(s.at) },
		show: func(s *Recording) any { return t.showRecording(s) },
	}.answer(t, w, r)
}

func (t *Twilio) listNumbers(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	listing[*twilioNumber]{
		key: "incoming_phone_numbers",
		all: newest(&t.numbers),
		keep: func(x *twilioNumber) bool {
			return matches(q, "PhoneNumber", string(x.Number)) && matches(q, "FriendlyName", x.FriendlyName)
		},
		show: func(x *twilioNumber) any { return t.showNumber(x) },
	}.answer(t, w, r)
}

// The hosts of the APIs that are not that of 2010.
const (
	messagingHost = "messaging.twilio.com"
	monitorHost   = "monitor.twilio.com"
)

func (t *Twilio) listServices(w http.ResponseWriter, r *http.Request) {
	listing[*twilioService]{
		key: "services", all: newest(&t.services),
		keep: func(*twilioService) bool { return true }, show: func(s *twilioService) any { return t.showService(s) },
	}.answerMeta(t, messagingHost, w, r)
}

func (t *Twilio) listServiceNumbers(w http.ResponseWriter, r *http.Request) {
	sid, _ := sidOf(r)
	t.net.mu.Lock()
	s := t.service(sid)
	t.net.mu.Unlock()
	if s == nil {
		notFound(w, r)
		return
	}
	listing[*twilioNumber]{
		key: "phone_numbers", all: newest(&t.numbers),
		keep: func(x *twilioNumber) bool { return x.Service == sid },
		show: func(x *twilioNumber) any { return t.showServiceNumber(s, x) },
	}.answerMeta(t, messagingHost, w, r)
}

func (t *Twilio) listAlerts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	dates := windowOf(url.Values{"D>": q["StartDate"], "D<": q["EndDate"]}, "D")
	if dates.bad {
		refuse(w, http.StatusBadRequest, "20001", "invalid StartDate or EndDate")
		return
	}
	listing[*Alert]{
		key: "alerts", all: newest(&t.alerts),
		keep: func(a *Alert) bool { return matches(q, "LogLevel", "error") && dates.holds(a.At) },
		show: func(a *Alert) any { return t.showAlert(a) },
	}.answerMeta(t, monitorHost, w, r)
}
