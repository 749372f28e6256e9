package twilio_test

import (
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/carrier/twilio"
)

const (
	numberSID  = "PN00000000000000000000000000000005"
	appSID     = "AP00000000000000000000000000000006"
	serviceSID = "MG00000000000000000000000000000007"
)

func incomingNumber(number, voiceURL string) string {
	return object("sid", quoted(numberSID), "account_sid", quoted(accountSID), "phone_number", quoted(number), "friendly_name", quoted(number),
		"voice_url", quoted(voiceURL), "voice_method", `"POST"`, "voice_fallback_url", `""`, "voice_fallback_method", `"POST"`,
		"status_callback", `""`, "status_callback_method", `"POST"`,
		"sms_url", `"https://old.example/sms"`, "sms_method", `"GET"`, "sms_fallback_url", `""`, "sms_fallback_method", `"POST"`,
		"voice_application_sid", quoted(appSID), "sms_application_sid", `""`, "trunk_sid", "null", "voice_receive_mode", `"voice"`,
		"capabilities", `{"voice":true,"sms":true,"mms":false,"fax":false}`)
}

func TestNumber(t *testing.T) {
	given := []answer{listPage("incoming_phone_numbers", "",
		incomingNumber("+141555501001", "https://another.example/voice"), incomingNumber("+14155550100", "https://old.example/voice"))}
	s := scripted(t, given...)
	got, err := newClient(t, s).Number(t.Context(), "+14155550100")
	if err != nil {
		t.Fatal(err)
	}
	want := twilio.NumberConfig{
		SID: numberSID, Number: "+14155550100",
		URLs:             twilio.NumberURLs{Voice: "https://old.example/voice", Text: "https://old.example/sms"},
		Methods:          twilio.NumberURLs{Voice: "POST", VoiceFallback: "POST", Status: "POST", Text: "GET", TextFallback: "POST"},
		VoiceApplication: appSID, ReceiveMode: "voice", Calls: true, SMS: true,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("number")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestNumberOfSomebodyElse(t *testing.T) {
	s := scripted(t, listPage("incoming_phone_numbers", "", incomingNumber("+141555501001", "https://another.example/voice")))
	if _, err := newClient(t, s).Number(t.Context(), "+14155550100"); !errors.Is(err, carrier.ErrUnknown) {
		t.Errorf("error = %v, want ErrUnknown", err)
	}
}

// What is returned is what Twilio says when asked afterwards, not what it said to the change.
func TestConfigureReadsBack(t *testing.T) {
	wanted := twilio.URLs(links(), "con1")
	given := []answer{
		{status: 200, body: incomingNumber("+14155550100", wanted.Voice)},
		{status: 200, body: incomingNumber("+14155550100", "https://somebody.else.example/voice")},
	}
	s := scripted(t, given...)
	got, err := newClient(t, s).Configure(t.Context(), numberSID, wanted)
	if err != nil {
		t.Fatal(err)
	}
	if got.URLs.Voice != "https://somebody.else.example/voice" {
		t.Errorf("voice address %q was not read back", got.URLs.Voice)
	}
	s.golden("configure")
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestConfigureLeavesWhatIsNotTold(t *testing.T) {
	number := answer{status: 200, body: incomingNumber("+14155550100", "https://old.example/voice")}
	s := scripted(t, number, number)
	if _, err := newClient(t, s).Configure(t.Context(), numberSID, twilio.NumberURLs{Status: "https://rebound.example.com/s"}); err != nil {
		t.Fatal(err)
	}
	if got, want := s.bodies[0], "StatusCallback=https%3A%2F%2Frebound.example.com%2Fs&StatusCallbackMethod=POST"; got != want {
		t.Errorf("form %s, want %s", got, want)
	}
}

func TestURLsLeadBackToTheirPlaces(t *testing.T) {
	u := twilio.URLs(links(), "con1")
	for address, kind := range map[string]carrier.PlaceKind{
		u.Voice: carrier.AtVoice, u.VoiceFallback: carrier.AtVoice, u.Status: carrier.AtStatus, u.Text: carrier.AtText, u.TextFallback: carrier.AtText,
	} {
		r, err := http.NewRequest("POST", address, nil) // as Twilio does, without the fragment
		if err != nil {
			t.Fatal(err)
		}
		got, err := links().Read(r.URL.Path)
		if want := (carrier.Place{Kind: kind, Connection: "con1"}); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", address, got, err, want)
		}
	}
}

func TestMessagingServices(t *testing.T) {
	s := scripted(t,
		answer{status: 200, body: `{"meta":{"next_page_url":"https://messaging.twilio.com/v1/Services?PageSize=200&Page=1&PageToken=PA1"},"services":[{"sid":"MG00000000000000000000000000000001","friendly_name":"Other"}]}`},
		answer{status: 200, body: `{"meta":{"next_page_url":null},"services":[{"sid":"` + serviceSID + `","friendly_name":"Reminders","inbound_request_url":"https://crm.example/in","use_inbound_webhook_on_number":false}]}`},
		refusal(404, 20404, "not found"),
		answer{status: 200, body: `{"sid":"` + numberSID + `","phone_number":"+14155550100"}`})
	got, err := newClient(t, s).MessagingServices(t.Context(), numberSID)
	if err != nil {
		t.Fatal(err)
	}
	want := []twilio.MessagingService{{SID: serviceSID, Name: "Reminders", InboundURL: "https://crm.example/in"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	s.golden("messaging-services")
}

func TestAccount(t *testing.T) {
	given := []answer{{status: 200, body: object("sid", quoted(accountSID), "friendly_name", `"Miller"`, "status", `"active"`, "type", `"Trial"`, "auth_token", `"x"`)}}
	s := scripted(t, given...)
	conn := connection
	conn.KeyID = "SK00000000000000000000000000000009"
	c := twilio.New(conn, twilio.Secrets{AuthToken: "12345", KeySecret: "67890"}, twilio.Options{Transport: s})
	got, err := c.Account(t.Context())
	if want := (twilio.Account{Name: "Miller", Status: "active", Trial: true}); err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	s.golden("account") // signed in with the account and its token, not with the key
	s.contract("twilio_api_v2010.strict.json", given)
}

func TestAccountWithWrongToken(t *testing.T) {
	_, err := newClient(t, scripted(t, refusal(401, 20003, "Authenticate"))).Account(t.Context())
	var e *twilio.APIError
	if !errors.As(err, &e) || e.Status != 401 || e.Code != "20003" {
		t.Errorf("error = %v, want an APIError 401 with 20003", err)
	}
}

func TestAlerts(t *testing.T) {
	const alertSID = "NO00000000000000000000000000000001"
	single := object("sid", quoted(alertSID), "account_sid", quoted(accountSID), "resource_sid", quoted(callSID), "error_code", `"11200"`,
		"request_url", `"https://rebound.example.com/hook/twilio/con1/voice"`, "request_method", `"POST"`, "request_variables", quoted("CallSid="+callSID+"&From=%2B14155550134"),
		"date_created", `"2026-06-08T12:00:02Z"`)
	given := []answer{
		{status: 200, body: `{"meta":{"next_page_url":null,"key":"alerts","page":0,"page_size":200},"alerts":[` + object("sid", quoted(alertSID), "error_code", `"11200"`) + `]}`},
		{status: 200, body: single},
	}
	s := scripted(t, given...)
	got, err := newClient(t, s).Alerts(t.Context(), time.Date(2026, 6, 8, 14, 0, 0, 0, time.FixedZone("", 7200)))
	if err != nil {
		t.Fatal(err)
	}
	want := []twilio.Alert{{
		SID: alertSID, At: time.Date(2026, 6, 8, 12, 0, 2, 0, time.UTC), Code: "11200", Resource: callSID,
		URL: "https://rebound.example.com/hook/twilio/con1/voice", Method: "POST", Variables: "CallSid=" + callSID + "&From=%2B14155550134",
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	s.golden("alerts")
	s.contract("twilio_monitor_v1.json", given)

	// The variables are what the door would have read.
	e, err := doorWith(exampleToken).Call(place(carrier.AtVoice), nil, []byte(got[0].Variables))
	if err != nil || e.Kind != rebound.CallArrived || e.From != "+14155550134" {
		t.Errorf("the alert's variables read as %+v, %v", e, err)
	}
}

// With a carrier elsewhere the other APIs are asked there too: credentials never go to Twilio then.
func TestAnotherBaseURLCarriesAllAPIs(t *testing.T) {
	empty := answer{status: 200, body: `{"services":[],"alerts":[],"meta":{}}`}
	s := scripted(t, empty, empty, empty)
	conn := connection
	conn.BaseURL = "http://127.0.0.1:9999/"
	c := twilio.New(conn, secrets, twilio.Options{Transport: s})
	if _, err := c.MessagingServices(t.Context(), numberSID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Alerts(t.Context(), time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Account(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range s.got {
		if r.URL.Host != "127.0.0.1:9999" {
			t.Errorf("asked %s", r.URL)
		}
	}
}
