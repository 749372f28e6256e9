package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// NumberURLs are the addresses that Twilio calls for a number. In Configure an empty one is left
// as it is.
type NumberURLs struct {
	Voice         string
	VoiceFallback string
	Status        string // the number's own status callback
	Text          string
	TextFallback  string
}

// URLs returns what a number of the connection should be set to. The fallbacks are the same
// addresses again: a retried request gets the same answer, and a failure that has passed meanwhile
// does not lose the caller.
func URLs(l carrier.Links, c rebound.ConnectionID) NumberURLs {
	at := func(k carrier.PlaceKind) string { return l.To(carrier.Place{Kind: k, Connection: c}) + retries }
	voice, text := at(carrier.AtVoice), at(carrier.AtText)
	return NumberURLs{Voice: voice, VoiceFallback: voice, Status: at(carrier.AtStatus), Text: text, TextFallback: text}
}

// NumberConfig is how a number is set up at Twilio.
type NumberConfig struct {
	SID     string
	Number  phone.Number
	URLs    NumberURLs
	Methods NumberURLs // "GET" or "POST" for each address
	// VoiceApplication and Trunk override the voice addresses, TextApplication the text addresses;
	// a Messaging Service can do so too, see MessagingServices. Empty: nothing overrides.
	VoiceApplication, TextApplication, Trunk string
	ReceiveMode                              string // "fax" means that calls are not taken as calls
	Calls, SMS, MMS                          bool   // what the number can do
}

// incomingNumber is Twilio's IncomingPhoneNumber resource, as far as it is read.
type incomingNumber struct {
	SID                  string `json:"sid"`
	Number               string `json:"phone_number"`
	VoiceURL             string `json:"voice_url"`
	VoiceMethod          string `json:"voice_method"`
	VoiceFallbackURL     string `json:"voice_fallback_url"`
	VoiceFallbackMethod  string `json:"voice_fallback_method"`
	StatusCallback       string `json:"status_callback"`
	StatusCallbackMethod string `json:"status_callback_method"`
	SMSURL               string `json:"sms_url"`
	SMSMethod            string `json:"sms_method"`
	SMSFallbackURL       string `json:"sms_fallback_url"`
	SMSFallbackMethod    string `json:"sms_fallback_method"`
	VoiceApplicationSID  string `json:"voice_application_sid"`
	SMSApplicationSID    string `json:"sms_application_sid"`
	TrunkSID             string `json:"trunk_sid"`
	VoiceReceiveMode     string `json:"voice_receive_mode"`
	Capabilities         struct {
		Voice, SMS, MMS bool
	} `json:"capabilities"`
}

func (n incomingNumber) config() NumberConfig {
	return NumberConfig{
		SID: n.SID, Number: phone.Number(n.Number),
		URLs:             NumberURLs{n.VoiceURL, n.VoiceFallbackURL, n.StatusCallback, n.SMSURL, n.SMSFallbackURL},
		Methods:          NumberURLs{n.VoiceMethod, n.VoiceFallbackMethod, n.StatusCallbackMethod, n.SMSMethod, n.SMSFallbackMethod},
		VoiceApplication: n.VoiceApplicationSID, TextApplication: n.SMSApplicationSID, Trunk: n.TrunkSID,
		ReceiveMode: n.VoiceReceiveMode,
		Calls:       n.Capabilities.Voice, SMS: n.Capabilities.SMS, MMS: n.Capabilities.MMS,
	}
}

// Number reads how a number of the account is set up. carrier.ErrUnknown: it is not the account's.
func (c *Client) Number(ctx context.Context, n phone.Number) (NumberConfig, error) {
	query := url.Values{"PhoneNumber": {string(n)}, "PageSize": {strconv.Itoa(pageSize)}}
	var found *NumberConfig
	err := c.eachPage(ctx, c.path("/IncomingPhoneNumbers.json?"+query.Encode()), func(p page) error {
		for _, in := range p.Numbers { // Twilio also lists numbers that only contain n
			if in.Number == string(n) {
				config := in.config()
				found = &config
			}
		}
		return nil
	})
	if err != nil {
		return NumberConfig{}, fmt.Errorf("look up the number: %w", err)
	}
	if found == nil {
		return NumberConfig{}, fmt.Errorf("look up the number: %w", carrier.ErrUnknown)
	}
	return *found, nil
}

// Configure sets a number's addresses, all to be called by POST, and returns what Twilio says
// they are when asked afterwards. Overriding applications and trunks stay: a person decides that.
func (c *Client) Configure(ctx context.Context, sid string, u NumberURLs) (NumberConfig, error) {
	form := url.Values{}
	for _, f := range []struct{ url, address, method string }{
		{"VoiceUrl", u.Voice, "VoiceMethod"},
		{"VoiceFallbackUrl", u.VoiceFallback, "VoiceFallbackMethod"},
		{"StatusCallback", u.Status, "StatusCallbackMethod"},
		{"SmsUrl", u.Text, "SmsMethod"},
		{"SmsFallbackUrl", u.TextFallback, "SmsFallbackMethod"},
	} {
		if f.address != "" {
			form.Set(f.url, f.address)
			form.Set(f.method, http.MethodPost)
		}
	}
	address := c.path("/IncomingPhoneNumbers/" + url.PathEscape(sid) + ".json")
	req, err := c.request(ctx, http.MethodPost, address, form)
	if err != nil {
		return NumberConfig{}, err
	}
	var n incomingNumber
	if err := c.do(req, &n); err != nil {
		return NumberConfig{}, fmt.Errorf("set the number's addresses: %w", err)
	}
	n = incomingNumber{}
	if err := c.get(ctx, address, &n); err != nil {
		return NumberConfig{}, fmt.Errorf("read the number's addresses back: %w", err)
	}
	return n.config(), nil
}

// MessagingService is a Messaging Service that a number belongs to.
type MessagingService struct {
	SID           string
	Name          string
	InboundURL    string // texts go here instead of the number's address ...
	UsesNumberURL bool   // ... unless this is true
}

type messagingService struct {
	SID                       string `json:"sid"`
	Name                      string `json:"friendly_name"`
	InboundRequestURL         string `json:"inbound_request_url"`
	UseInboundWebhookOnNumber bool   `json:"use_inbound_webhook_on_number"`
}

// MessagingServices returns the Messaging Services that a number belongs to; at most one today.
func (c *Client) MessagingServices(ctx context.Context, numberSID string) ([]MessagingService, error) {
	var all []messagingService
	err := c.eachPage(ctx, c.messaging+"/v1/Services?PageSize="+strconv.Itoa(pageSize), func(p page) error {
		all = append(all, p.Services...)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list messaging services: %w", err)
	}
	var of []MessagingService
	for _, s := range all {
		member := c.messaging + "/v1/Services/" + url.PathEscape(s.SID) + "/PhoneNumbers/" + url.PathEscape(numberSID)
		err := c.get(ctx, member, &struct{}{})
		if errors.Is(err, carrier.ErrUnknown) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look for the number in messaging service %s: %w", s.SID, err)
		}
		of = append(of, MessagingService{SID: s.SID, Name: s.Name, InboundURL: s.InboundRequestURL, UsesNumberURL: s.UseInboundWebhookOnNumber})
	}
	return of, nil
}

// Account is the account itself.
type Account struct {
	Name   string
	Status string // "active", "suspended" or "closed"
	Trial  bool   // texts only to verified numbers, with a prefix
}

// Account reads the account with its id and auth token, also where there is an API key: so it
// checks the token that signs webhooks, and standard API keys may not read accounts. An *APIError
// with status 401 says that id and token do not belong together.
func (c *Client) Account(ctx context.Context) (Account, error) {
	req, err := c.request(ctx, http.MethodGet, c.path(".json"), nil)
	if err != nil {
		return Account{}, err
	}
	req.SetBasicAuth(c.account, c.token)
	var a struct {
		Name   string `json:"friendly_name"`
		Status string `json:"status"`
		Type   string `json:"type"`
	}
	if err := c.do(req, &a); err != nil {
		return Account{}, fmt.Errorf("read the account: %w", err)
	}
	return Account{Name: a.Name, Status: a.Status, Trial: a.Type == "Trial"}, nil
}
