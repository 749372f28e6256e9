package reboundtest

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"rebound/internal/carrier/fake"
)

// Webhook is a request as Twilio makes it: signed with the account's token for a place's public
// address, and sent to wherever the server listens. A request that is repeated has the same token.
func Webhook(ctx context.Context, server, public, path, secret, token string, form url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, server+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("User-Agent", "TwilioProxy/1.1")
	r.Header.Set("I-Twilio-Idempotency-Token", token)
	r.Header.Set("X-Twilio-Signature", fake.SignTwilio(secret, public+path, form))
	return r, nil
}

// Post makes a signed request, as the world's Twilio would, and returns the document in the answer.
func (w *World) Post(address string, form url.Values) string {
	w.T.Helper()
	address, _, _ = strings.Cut(address, "#")
	path := strings.TrimPrefix(address, w.config.PublicURL)
	r, err := Webhook(context.Background(), w.config.PublicURL, w.config.PublicURL, path, w.Twilio.Token, "again", form)
	if err != nil {
		w.T.Fatal(err)
	}
	answer, err := w.running.RoundTrip(r)
	if err != nil {
		w.T.Fatal(err)
	}
	defer answer.Body.Close()
	document, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		w.T.Errorf("%s: %s, %v", address, answer.Status, err)
	}
	return string(document)
}
