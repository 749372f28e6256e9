package app

import (
	"crypto/hmac"
	"crypto/sha256"

	"rebound"
	"rebound/internal/notify"
)

// webhookSecret returns what messages to a webhook are signed with: what its reference names, or one that follows from
// this installation's own secret.
func (a *App) webhookSecret(w rebound.Webhook) ([]byte, error) {
	if w.Secret != "" {
		text, err := secret(w.Secret, a.parts.Getenv)
		if err != nil {
			return nil, err
		}
		return notify.WebhookSecret(text)
	}
	mac := hmac.New(sha256.New, a.webhooks)
	mac.Write([]byte(string(w.Business) + "/" + string(w.ID)))
	return mac.Sum(nil), nil
}

// WebhookSecret returns a webhook's secret in the form that its receiver is given.
func (a *App) WebhookSecret(w rebound.Webhook) (string, error) {
	secret, err := a.webhookSecret(w)
	return notify.WriteWebhookSecret(secret), err
}
