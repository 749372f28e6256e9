package fake

import (
	"net/http"

	"rebound/internal/phone"
)

// lookup answers Lookup v2 with what kind of line a number is.
func (t *Twilio) lookup(w http.ResponseWriter, r *http.Request) {
	if !t.listsUp(w) {
		return
	}
	number := phone.Number(r.PathValue("number"))
	found := map[string]any{
		"calling_country_code": "1", "country_code": number.Region(), "phone_number": string(number), "national_format": number.National(),
		"valid": true, "validation_errors": []string{}, "url": "https://lookups.twilio.com/v2/PhoneNumbers/" + string(number),
	}
	if r.URL.Query().Get("Fields") == "line_type_intelligence" { // each field has its price
		found["line_type_intelligence"] = map[string]any{"carrier_name": "Pretend Wireless", "type": twilioLineType(t.net.lineType(number))}
	}
	answerJSON(w, http.StatusOK, found)
}

func twilioLineType(kind phone.LineType) string {
	switch kind {
	case phone.Landline:
		return "landline"
	case phone.VoIP:
		return "nonFixedVoip"
	case phone.TollFree:
		return "tollFree"
	}
	return "mobile"
}
