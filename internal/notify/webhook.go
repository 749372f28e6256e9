package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Outgoing webhooks are signed as the Standard Webhooks specification says (standardwebhooks.com), so that any
// library for it checks them.

// secretPrefix begins a written secret.
const secretPrefix = "whsec_"

// WebhookSecret reads a secret in the specification's form, whsec_ and base64 of 24 to 64 bytes.
func WebhookSecret(text string) ([]byte, error) {
	encoded, ok := strings.CutPrefix(text, secretPrefix)
	secret, err := base64.StdEncoding.DecodeString(encoded)
	if !ok || err != nil || len(secret) < 24 || len(secret) > 64 {
		return nil, errors.New("a webhook's secret is whsec_ and the base64 of 24 to 64 random bytes")
	}
	return secret, nil
}

// WriteWebhookSecret is the form that a receiver is given.
func WriteWebhookSecret(secret []byte) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(secret)
}

// SignWebhook returns the webhook-signature header of a message.
func SignWebhook(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(id + "." + strconv.FormatInt(at.Unix(), 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Webhook is one message for a webhook's receiver. The id stays the same when it is sent again; the instant is that of
// the attempt.
type Webhook struct {
	To     string
	Secret []byte
	ID     string
	At     time.Time
	Body   []byte
}

// PostWebhook signs and sends one message. It returns the status that came, 0 where none did, and what it means as
// Verdict does.
func (o *Outbound) PostWebhook(ctx context.Context, w Webhook) (status int, err error) {
	answer, err := o.Post(ctx, w.To, http.Header{
		"Content-Type":      {"application/json"},
		"Webhook-Id":        {w.ID},
		"Webhook-Timestamp": {strconv.FormatInt(w.At.Unix(), 10)},
		"Webhook-Signature": {SignWebhook(w.Secret, w.ID, w.At, w.Body)},
	}, w.Body)
	if err != nil {
		return 0, err
	}
	return answer.Status, answer.Verdict()
}
