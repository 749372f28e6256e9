package app

import (
	"context"

	"rebound"
	"rebound/internal/notify"
)

// senders returns who sends alerts, by channel. Texts and phone calls go through the line's carrier. Mail needs a
// server: without one it is not available, and an alert goes on to the member's next channel.
func (a *App) senders(ctx context.Context) (map[rebound.Channel]notify.Sender, error) {
	if a.parts.Notify != nil {
		return a.parts.Notify, nil
	}
	all := map[rebound.Channel]notify.Sender{
		rebound.BySlack: notify.NewSlack(a.outbound), rebound.ByTeams: notify.NewTeams(a.outbound),
		rebound.ByDiscord: notify.NewDiscord(a.outbound), rebound.ByWebhook: notify.NewJSON(a.outbound),
	}
	secret, err := a.Store.Secret(ctx, "push")
	if err != nil {
		return nil, err
	}
	if all[rebound.ByPush], err = notify.NewPush(a.outbound, secret, a.Config.PublicURL, a.parts.Now); err != nil {
		return nil, err
	}
	if a.Config.SMTPURL != "" {
		all[rebound.ByEmail], err = notify.NewEmail(notify.EmailOptions{
			Server: a.Config.SMTPURL, Password: string(a.Config.SMTPPassword), From: a.Config.MailFrom,
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
