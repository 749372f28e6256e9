package twilio_test

import (
	"testing"

	"rebound/internal/phone"
)

func TestLineType(t *testing.T) {
	for said, want := range map[string]phone.LineType{
		"landline": phone.Landline, "mobile": phone.Mobile, "nonFixedVoip": phone.VoIP, "unheard of": phone.Unknown,
	} {
		given := answer{status: 200, body: object("phone_number", `"+14155550199"`, "valid", "true",
			"line_type_intelligence", object("type", quoted(said)))}
		s := scripted(t, given)
		got, err := newClient(t, s).LineType(t.Context(), "+14155550199")
		if err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", said, got, err, want)
		}
		if said == "landline" {
			s.golden("lookup")
			s.contract("twilio_lookups_v2.json", []answer{given})
		}
	}
}

func TestLineTypeIsAnErrorWhereTwilioCouldNotTell(t *testing.T) {
	for _, given := range []answer{
		refusal(404, 20404, "Not found"),
		{status: 200, body: object("line_type_intelligence", object("error_code", "60600", "type", "null"))},
		{status: 200, body: "garbage"},
	} {
		if kind, err := newClient(t, scripted(t, given)).LineType(t.Context(), "+14155550199"); err == nil {
			t.Errorf("%s: it says %q", given.body, kind)
		}
	}
}
