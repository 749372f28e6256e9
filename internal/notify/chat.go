package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// chat posts notices to incoming webhooks. Names and words come from strangers: each form shows them as they are, and
// neither markup nor a mention in them does anything.
type chat struct {
	out  *Outbound
	form func(Notice) any
	to   func(address string) string // nil: as it is
}

// NewSlack posts to Slack's incoming webhooks.
func NewSlack(o *Outbound) Sender { return &chat{out: o, form: slackMessage} }

// NewTeams posts to webhooks of Microsoft Teams, which its Workflows make.
func NewTeams(o *Outbound) Sender { return &chat{out: o, form: teamsMessage} }

// NewDiscord posts to Discord's webhooks.
func NewDiscord(o *Outbound) Sender { return &chat{out: o, form: discordMessage, to: withComponents} }

// NewJSON posts the notice itself, for receivers that make something of their own of it.
func NewJSON(o *Outbound) Sender { return &chat{out: o, form: jsonMessage} }

// Send posts one notice to a webhook's address.
func (c *chat) Send(ctx context.Context, to string, n Notice) error {
	body, err := json.Marshal(c.form(n))
	if err != nil {
		return fmt.Errorf("write the message: %w", err)
	}
	if c.to != nil {
		to = c.to(to)
	}
	answer, err := c.out.Post(ctx, to, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return err
	}
	return answer.Verdict()
}

// openLabel is the button of every form.
const openLabel = "Open conversation"

// headline is the notice's first line.
func headline(n Notice) string {
	var marks string
	if n.Urgent {
		marks = "Urgent: "
	}
	if n.Repeat {
		marks = "Repeat: " + marks
	}
	return marks + n.Title
}

type object map[string]any

// slackMessage shows words as plain_text, in which Slack reads no markup. The text beside the blocks, for notifications
// and screen readers, is markup, so its three special characters are escaped.
func slackMessage(n Notice) any {
	plain := func(text string) object { return object{"type": "plain_text", "text": text, "emoji": false} }
	blocks := []object{{"type": "header", "text": plain(cut(headline(n), 150))}}
	if n.Body != "" {
		blocks = append(blocks, object{"type": "section", "text": plain(cut(n.Body, 3000))})
	}
	if n.Business != "" {
		blocks = append(blocks, object{"type": "context", "elements": []object{plain(cut(n.Business, 300))}})
	}
	if n.Link != "" && len(n.Link) <= 3000 {
		blocks = append(blocks, object{"type": "actions", "elements": []object{{"type": "button", "text": plain(openLabel), "url": n.Link}}})
	}
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(cut(headline(n), 150))
	return object{"text": text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false, "blocks": blocks}
}

// teamsMessage shows words as text runs, in which an adaptive card reads no Markdown.
func teamsMessage(n Notice) any {
	run := func(text string, more object) object {
		inline := object{"type": "TextRun", "text": text}
		for k, v := range more {
			inline[k] = v
		}
		return object{"type": "RichTextBlock", "inlines": []object{inline}}
	}
	body := []object{run(cut(headline(n), 300), object{"weight": "Bolder", "size": "Large"})}
	for line := range strings.SplitSeq(cut(n.Body, 5000), "\n") {
		if strings.TrimSpace(line) != "" {
			body = append(body, run(line, nil))
		}
	}
	if n.Business != "" {
		body = append(body, run(cut(n.Business, 300), object{"isSubtle": true, "size": "Small"}))
	}
	card := object{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body,
	}
	if n.Link != "" {
		card["actions"] = []object{{"type": "Action.OpenUrl", "title": openLabel, "url": n.Link}}
	}
	return object{"type": "message", "attachments": []object{{
		"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card,
	}}}
}

// discordMessage escapes what Markdown could read, and lets no mention ring.
func discordMessage(n Notice) any {
	embed := object{"title": cut(escapeMarkdown(cut(headline(n), 120)), 256), "description": cut(escapeMarkdown(cut(n.Body, 2000)), 4096)}
	if n.Business != "" {
		embed["footer"] = object{"text": cut(n.Business, 300)}
	}
	message := object{"embeds": []object{embed}, "allowed_mentions": object{"parse": []string{}}}
	if n.Link != "" && len(n.Link) <= 512 {
		embed["url"] = n.Link
		message["components"] = []object{{"type": 1, "components": []object{{"type": 2, "style": 5, "label": openLabel, "url": n.Link}}}}
	}
	return message
}

// withComponents asks Discord to show the button, which it leaves out otherwise.
func withComponents(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	q := u.Query()
	q.Set("with_components", "true")
	u.RawQuery = q.Encode()
	return u.String()
}

// escapeMarkdown puts a backslash before every ASCII sign that is no letter, digit or white space: none of them means
// anything then, and an address in it is no link.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r > ' ' && r < utf8.RuneSelf && !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func jsonMessage(n Notice) any {
	return struct {
		ID       string    `json:"id"`
		Business string    `json:"business"`
		Title    string    `json:"title"`
		Body     string    `json:"body"`
		Link     string    `json:"link,omitempty"`
		Urgent   bool      `json:"urgent"`
		Repeat   bool      `json:"repeat"`
		At       time.Time `json:"at"`
	}{n.ID, n.Business, n.Title, n.Body, n.Link, n.Urgent, n.Repeat, n.At.UTC()}
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}
