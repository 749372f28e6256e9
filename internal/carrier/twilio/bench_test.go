package twilio_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"rebound"
	"rebound/internal/carrier"
)

// voiceForm is as long as what Twilio sends for a call in the United States.
var voiceForm = fields("CallSid", callSID, "From", "+14155550134", "To", "+14155550100", "Caller", "+14155550134", "Called", "+14155550100",
	"CallStatus", "ringing", "Direction", "inbound", "CallerCity", "SAN FRANCISCO", "CallerState", "CA", "CallerZip", "94105", "CallerCountry", "US",
	"CalledCity", "", "CalledState", "CA", "CalledZip", "", "CalledCountry", "US", "FromState", "CA", "FromZip", "94105", "FromCountry", "US",
	"ToCity", "", "ToState", "CA", "ToZip", "", "ToCountry", "US", "StirVerstat", "TN-Validation-Passed-A", "CallToken", strings.Repeat("x", 400))

// BenchmarkVoiceWebhook is what one voice webhook costs before and after the engine: verify, parse
// and write the document.
func BenchmarkVoiceWebhook(b *testing.B) {
	l := links()
	address := l.To(carrier.Place{Kind: carrier.AtVoice, Connection: "con1"})
	door := doorWith(exampleToken)
	body := []byte(voiceForm)
	r := httptest.NewRequest("POST", "/hook/twilio/con1/voice", nil)
	r.Header.Set("Content-Type", formType)
	r.Header.Set("X-Twilio-Signature", reference(exampleToken, address, mustForm(b, voiceForm)))
	in := documents()["ring"]

	b.Run("verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := door.Verify(r, address, body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if e, err := door.Call(place(carrier.AtVoice), r.Header, body); err != nil || e.Kind != rebound.CallArrived {
				b.Fatal(err)
			}
		}
	})
	b.Run("document", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			door.Document(in, l)
		}
	})
}
