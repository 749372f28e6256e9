package app

import (
	"rebound"
	"rebound/internal/notify"
)

// senders returns who sends alerts, by channel. Texts go through the line's carrier. Mail needs a
// server: without one it is not available, and an alert goes on to the member's next channel.
func (a *App) senders() (map[rebound.Channel]notify.Sender, error) {
	if a.parts.Notify != nil {
		return a.parts.Notify, nil
	}
	all := map[rebound.Channel]notify.Sender{
		rebound.BySlack: notify.NewSlack(a.outbound), rebound.ByTeams: notify.NewTeams(a.outbound),
		rebound.ByDiscord: notify.NewDiscord(a.outbound), rebound.ByWebhook: notify.NewJSON(a.outbound),
	}
	if a.Config.SMTPURL != "" {
		mail, err := notify.NewEmail(notify.EmailOptions{
			Server: a.Config.SMTPURL, Password: string(a.Config.SMTPPassword), From: a.Config.MailFrom,
		})
		if err != nil {
			return nil, err
		}
		all[rebound.ByEmail] = mail
	}
	return all, nil
}
