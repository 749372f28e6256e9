package main

import (
	"context"
	"flag"
	"fmt"
	"time"

	"rebound"
	"rebound/internal/app"
)

// hooked is what is asked about a business's webhooks.
type hooked struct {
	business, enable, replay string
	secrets                  bool
}

func webhooksCommand() command {
	return command{
		name:    "webhooks",
		summary: "tell how webhooks answer, enable one, or send an event again",
		about: `Lists each webhook with its latest deliveries. What it does by its flags a server beside it takes up by itself.

    rebound webhooks                     how they answer
    rebound webhooks --enable crm        tell one again that was disabled
    rebound webhooks --replay 06h2sk45…  send a delivery again, under the same id
    rebound webhooks --secrets           what receivers check signatures with, where Rebound made it`,
		settings: true,
		flags: func(in *call, set *flag.FlagSet) {
			set.StringVar(&in.hooked.business, "business", "", "the business's `key` in its file; may be left out where there is one")
			set.StringVar(&in.hooked.enable, "enable", "", "`key` of the webhook that is to be told again")
			set.StringVar(&in.hooked.replay, "replay", "", "`id` of the delivery that is to be sent again")
			set.BoolVar(&in.hooked.secrets, "secrets", false, "print the secrets that Rebound made")
		},
		run: func(ctx context.Context, in *call) error {
			if err := in.takes(0, 0, "nothing"); err != nil {
				return err
			}
			cfg, err := in.config()
			if err != nil {
				return err
			}
			return in.withApp(ctx, cfg, func(a *app.App) error { return in.webhooks(ctx, a) })
		},
	}
}

func (in *call) webhooks(ctx context.Context, a *app.App) error {
	businesses, err := a.Store.Read().Businesses(ctx)
	if err != nil {
		return err
	}
	business, err := oneOf("business", in.hooked.business, names(businesses))
	if err != nil {
		return err
	}
	id := rebound.BusinessID(business)
	switch {
	case in.hooked.enable != "":
		if err := a.Engine.EnableWebhook(ctx, id, rebound.WebhookID(in.hooked.enable)); err != nil {
			return err
		}
		fmt.Fprintf(in.stdout, "%s: webhooks.%s is told again from now on\n", id, in.hooked.enable)
		return nil
	case in.hooked.replay != "":
		if err := a.Engine.ReplayDelivery(ctx, id, rebound.DeliveryID(in.hooked.replay)); err != nil {
			return err
		}
		fmt.Fprintf(in.stdout, "%s: delivery %s is sent again\n", id, in.hooked.replay)
		return nil
	}
	d, err := a.Engine.Declared(ctx, id)
	if err != nil {
		return err
	}
	for _, w := range d.Webhooks {
		if err := in.showWebhook(ctx, a, w); err != nil {
			return err
		}
	}
	return nil
}

// showWebhook prints how a webhook answers and what it was told last.
func (in *call) showWebhook(ctx context.Context, a *app.App, w rebound.Webhook) error {
	rows := a.Store.Read().For(w.Business)
	health, err := rows.WebhookHealth(ctx, w.ID)
	if err != nil {
		return err
	}
	state := "answers"
	switch {
	case !health.DisabledAt.IsZero():
		state = "disabled since " + health.DisabledAt.Format(time.RFC3339) + "; enable it with --enable " + string(w.ID)
	case !health.FailingSince.IsZero():
		state = "fails since " + health.FailingSince.Format(time.RFC3339)
	}
	fmt.Fprintf(in.stdout, "%s: webhooks.%s %s\n", w.Business, w.ID, state)
	if in.hooked.secrets && w.Secret == "" {
		secret, err := a.WebhookSecret(w)
		if err != nil {
			return err
		}
		fmt.Fprintf(in.stdout, "  its receiver checks signatures with %s\n", secret)
	}
	const latest = 10
	deliveries, err := rows.Deliveries(ctx, w.ID, latest)
	if err != nil {
		return err
	}
	for _, d := range deliveries {
		fmt.Fprintf(in.stdout, "  %s %s %s %s, %s %s\n", d.CreatedAt.Format(time.RFC3339), d.ID, d.Event, d.State, count(d.Attempt, "attempt"), d.Trouble)
	}
	return nil
}
