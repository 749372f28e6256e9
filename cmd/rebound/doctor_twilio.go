package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"rebound"
	"rebound/internal/app"
	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

// checkBusiness looks at a business's connections and numbers at their carriers.
func (d *doctor) checkBusiness(ctx context.Context, a *app.App, declared rebound.Declaration) []finding {
	var found []finding
	for _, c := range declared.Connections {
		if c.Carrier != "twilio" {
			continue
		}
		name := fmt.Sprintf("account %s", c.ID)
		client, err := d.client(c)
		if err != nil {
			found = append(found, finding{name, bad, err.Error(), "the server needs this secret too: set it where the server runs"})
			continue
		}
		account := d.checkAccount(ctx, name, client)
		found = append(found, account)
		if account.State == bad {
			continue // nothing of this account can be read
		}
		want := addresses(twilio.URLs(a.Links("twilio"), c.ID), c)
		for _, l := range declared.Lines {
			if l.Connection == c.ID {
				found = append(found, d.checkLine(ctx, client, l, want, c.FallbackURL)...)
			}
		}
	}
	return found
}

func (d *doctor) client(c rebound.Connection) (*twilio.Client, error) {
	secrets, err := app.Secrets(c, d.getenv)
	if err != nil {
		return nil, err
	}
	return twilio.New(c, secrets, twilio.Options{Timeout: patience}), nil
}

// addresses are those that the connection's numbers should have. While Rebound is down, its own
// address is of no use: where the owner has named a document that Twilio keeps, callers hear that.
// A text needs none: it stays in Twilio's log, from where Rebound takes it when it is back.
func addresses(own twilio.NumberURLs, c rebound.Connection) twilio.NumberURLs {
	own.VoiceFallback = cmp.Or(c.FallbackURL, own.VoiceFallback)
	return own
}

func (d *doctor) checkAccount(ctx context.Context, name string, client *twilio.Client) finding {
	account, err := client.Account(ctx)
	switch {
	case err != nil:
		words, remedy := explainTwilio(err)
		return finding{name, bad, words, remedy}
	case account.Status != "active":
		return finding{name, bad, fmt.Sprintf("the account %q is %s: it neither takes calls nor sends texts", account.Name, account.Status), "Twilio's console says why"}
	case account.Trial:
		return finding{name, minor, fmt.Sprintf("the account %q is a trial: only numbers verified in it get texts, with a note of Twilio's in front", account.Name), "upgrade the account before real callers are to be texted"}
	}
	return finding{name, fine, fmt.Sprintf("Twilio takes the credentials; the account %q is active", account.Name), ""}
}

// explainTwilio says why a question to Twilio got no answer, and what to do about it.
func explainTwilio(err error) (words, remedy string) {
	var refused *twilio.APIError
	switch {
	case errors.As(err, &refused) && refused.Status == http.StatusUnauthorized:
		return "Twilio does not take these credentials", "copy the Account SID and the primary Auth Token (and the API key, if there is one) anew from Twilio's console; one that was rotated is void"
	case errors.As(err, &refused):
		return refused.Error(), "look the error up in Twilio's documentation"
	}
	words, remedy = explainNetwork(err)
	return "Twilio was not reached: " + words, remedy
}

// checkLine compares how a number is set up at Twilio with how it should be, and with --fix sets it.
func (d *doctor) checkLine(ctx context.Context, client *twilio.Client, l rebound.Line, want twilio.NumberURLs, fallback string) []finding {
	name := fmt.Sprintf("line %s.%s", l.Business, l.ID)
	if d.cfg.PublicURL == "" {
		return []finding{{name, bad, "not looked at, because public_url is not set", "set public_url: https://…"}}
	}
	number, err := client.Number(ctx, l.Number)
	if errors.Is(err, carrier.ErrUnknown) {
		return []finding{{name, bad, fmt.Sprintf("%s is not a number of this Twilio account", l.Number.International()), "correct the number or the connection in business.yaml, or buy the number at Twilio"}}
	}
	var services []twilio.MessagingService
	if err == nil {
		services, err = client.MessagingServices(ctx, number.SID)
	}
	repaired := false
	if err == nil && d.fix && len(wrongAddresses(number, want)) > 0 {
		number, err = client.Configure(ctx, number.SID, want)
		repaired = true
	}
	if err != nil {
		words, remedy := explainTwilio(err)
		return []finding{{name, bad, "its settings at Twilio could not be read or set: " + words, remedy}}
	}
	return judgeNumber(name, number, services, want, fallback, repaired)
}

// judgeNumber says what keeps calls and texts to a number from arriving.
func judgeNumber(name string, n twilio.NumberConfig, services []twilio.MessagingService, want twilio.NumberURLs, fallback string, repaired bool) []finding {
	var found []finding
	fail := func(words, remedy string) { found = append(found, finding{name, bad, words, remedy}) }

	const voiceRemedy = "in Twilio's console, under the number's Voice Configuration, choose Webhook instead"
	switch {
	case n.Trunk != "":
		fail(fmt.Sprintf("calls go to the SIP trunk %s, which overrides the number's addresses", n.Trunk), voiceRemedy)
	case n.VoiceApplication != "":
		fail(fmt.Sprintf("calls go to the TwiML application %s, which overrides the number's addresses", n.VoiceApplication), voiceRemedy)
	case n.ReceiveMode == "fax":
		fail("the number takes faxes instead of calls", "in Twilio's console, let the number accept voice calls")
	case !n.Calls:
		fail("the number cannot take calls", "buy a number with the voice capability")
	}
	if !n.SMS {
		fail("the number cannot send texts", "buy a number with the SMS capability")
	}
	if n.TextApplication != "" {
		fail(fmt.Sprintf("texts go to the application %s, which overrides the number's addresses", n.TextApplication),
			"in Twilio's console, under the number's Messaging Configuration, choose Webhook instead")
	}
	for _, s := range services {
		if !s.UsesNumberURL && !sameAddress(s.InboundURL, want.Text) {
			fail(fmt.Sprintf("texts go where the Messaging Service %q (%s) sends them, which overrides the number's address", s.Name, s.SID),
				"in Twilio's console, under the service's Integration, choose \"Defer to sender's webhook\"")
		}
	}
	for _, w := range wrongAddresses(n, want) {
		fail(w, "run: rebound doctor --fix")
	}
	if len(found) == 0 {
		words := fmt.Sprintf("%s sends its calls and texts here", n.Number.International())
		if repaired {
			words += " (set just now, and read back)"
		}
		found = append(found, finding{name, fine, words, ""})
	}
	if fallback == "" {
		found = append(found, finding{name, minor, "nobody answers calls while Rebound is down: the fallback is Rebound itself",
			"make a TwiML Bin in Twilio's console, put its address into business.yaml as the connection's fallback_url, apply, and run: rebound doctor --fix"})
	}
	return found
}

// wrongAddresses says which of a number's addresses are not as wanted.
func wrongAddresses(n twilio.NumberConfig, want twilio.NumberURLs) []string {
	var wrong []string
	for _, a := range []struct{ what, got, method, want string }{
		{"calls", n.URLs.Voice, n.Methods.Voice, want.Voice},
		{"calls that cannot be answered", n.URLs.VoiceFallback, n.Methods.VoiceFallback, want.VoiceFallback},
		{"reports on calls", n.URLs.Status, n.Methods.Status, want.Status},
		{"texts", n.URLs.Text, n.Methods.Text, want.Text},
		{"texts that cannot be taken", n.URLs.TextFallback, n.Methods.TextFallback, want.TextFallback},
	} {
		switch {
		case a.got == "":
			wrong = append(wrong, a.what+" go nowhere")
		case a.got != a.want:
			wrong = append(wrong, fmt.Sprintf("%s go to %s instead of %s", a.what, a.got, a.want))
		case a.method != http.MethodPost:
			wrong = append(wrong, fmt.Sprintf("%s come by %s instead of POST", a.what, a.method))
		}
	}
	return wrong
}

// sameAddress compares two addresses without what only tells Twilio how to retry.
func sameAddress(a, b string) bool {
	a, _, _ = strings.Cut(a, "#")
	b, _, _ = strings.Cut(b, "#")
	return a == b
}
