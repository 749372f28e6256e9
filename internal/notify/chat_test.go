package notify_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"rebound/internal/notify"
)

// hostile is what a stranger may call themselves and write.
func hostile() notify.Notice {
	return notify.Notice{
		ID: "alert1", Business: "Acme & Sons", Title: `<!channel> *Dana* [click](https://evil.example) @everyone has waited 30 min`,
		Body: "<@U123> said `rm -rf`\n**now** <https://evil.example|here> ||spoiler||",
		Link: "https://rebound.example/c/1?k=a&b=c", Urgent: true, At: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC),
	}
}

// posted sends the hostile notice and returns what arrived, as JSON says it.
func posted(t *testing.T, make func(*notify.Outbound) notify.Sender) (map[string]any, recorded) {
	t.Helper()
	server := record(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	sender := make(notify.NewOutbound(notify.OutboundOptions{Allow: loopback}))
	if err := sender.Send(t.Context(), server.URL+"/hook?x=1", hostile()); err != nil {
		t.Fatal(err)
	}
	got := server.only(t)
	var message map[string]any
	if err := json.Unmarshal(got.body, &message); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	return message, got
}

// found walks into JSON by keys and indexes.
func found(t *testing.T, in any, path ...any) any {
	t.Helper()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := in.(map[string]any)
			in = m[p]
		case int:
			l, _ := in.([]any)
			if p >= len(l) {
				t.Fatalf("nothing at %v", path)
			}
			in = l[p]
		}
	}
	return in
}

func TestSlackShowsWordsAsTheyAre(t *testing.T) {
	message, _ := posted(t, notify.NewSlack)
	if text := found(t, message, "text").(string); strings.ContainsAny(text, "<>") || !strings.Contains(text, "&lt;!channel&gt;") {
		t.Errorf("the markup text is %q", text)
	}
	for i, block := range []string{"header", "section"} {
		if kind := found(t, message, "blocks", i, "type"); kind != block {
			t.Errorf("block %d is %v", i, kind)
		}
		if kind := found(t, message, "blocks", i, "text", "type"); kind != "plain_text" {
			t.Errorf("the words of block %d are %v", i, kind)
		}
	}
	if body := found(t, message, "blocks", 1, "text", "text"); body != hostile().Body {
		t.Errorf("the body is %q", body)
	}
	if link := found(t, message, "blocks", 3, "elements", 0, "url"); link != hostile().Link {
		t.Errorf("the button leads to %v", link)
	}
}

func TestTeamsShowsWordsAsTheyAre(t *testing.T) {
	message, _ := posted(t, notify.NewTeams)
	card := found(t, message, "attachments", 0, "content")
	var said []string
	for _, block := range found(t, card, "body").([]any) {
		if kind := found(t, block, "type"); kind != "RichTextBlock" {
			t.Errorf("a block is %v, which may read Markdown", kind)
		}
		said = append(said, found(t, block, "inlines", 0, "text").(string))
	}
	want := "Urgent: " + hostile().Title + "\n" + hostile().Body + "\n" + hostile().Business
	if got := strings.Join(said, "\n"); got != want {
		t.Errorf("it says %q\nwant %q", got, want)
	}
	if link := found(t, card, "actions", 0, "url"); link != hostile().Link {
		t.Errorf("the button leads to %v", link)
	}
}

func TestDiscordShowsWordsAsTheyAre(t *testing.T) {
	message, got := posted(t, notify.NewDiscord)
	if got.query != "with_components=true&x=1" {
		t.Errorf("the query is %q", got.query)
	}
	if parse := found(t, message, "allowed_mentions", "parse"); len(parse.([]any)) != 0 {
		t.Errorf("mentions ring: %v", parse)
	}
	for _, key := range []string{"title", "description"} {
		text := found(t, message, "embeds", 0, key).(string)
		for i, r := range text {
			if strings.ContainsRune("<>*[]()`|@:/_~#-", r) && (i == 0 || text[i-1] != '\\') {
				t.Errorf("%s has a bare %q: %s", key, r, text)
			}
		}
	}
	if link := found(t, message, "components", 0, "components", 0, "url"); link != hostile().Link {
		t.Errorf("the button leads to %v", link)
	}
}

func TestJSONIsTheNotice(t *testing.T) {
	message, got := posted(t, notify.NewJSON)
	if got.header.Get("Content-Type") != "application/json" || message["title"] != hostile().Title || message["id"] != "alert1" ||
		message["link"] != hostile().Link || message["urgent"] != true || message["at"] != "2026-07-01T12:00:00Z" {
		t.Errorf("got %s", got.body)
	}
}

func TestChatTellsWhatTheOtherSideSays(t *testing.T) {
	server := record(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("Retry-After", "7")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	slack := notify.NewSlack(notify.NewOutbound(notify.OutboundOptions{Allow: loopback}))
	if r := notify.Refused(slack.Send(t.Context(), server.URL+"/gone", hostile())); r == nil || !r.Gone {
		t.Errorf("a webhook that was removed: %v", r)
	}
	var busy *notify.Busy
	if err := slack.Send(t.Context(), server.URL, hostile()); !errors.As(err, &busy) || busy.After != 7*time.Second {
		t.Errorf("a webhook that is busy: %v", err)
	}
}
