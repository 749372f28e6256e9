package twilio

import (
	"context"
	"fmt"
	"net/url"

	"rebound/internal/phone"
)

// LineType asks Twilio's Lookup what kind of line a number is. It is paid for by the request.
// phone.Unknown means that Twilio does not know either.
func (c *Client) LineType(ctx context.Context, n phone.Number) (phone.LineType, error) {
	var found struct {
		Intelligence struct {
			Type  string `json:"type"`
			Error *int   `json:"error_code"`
		} `json:"line_type_intelligence"`
	}
	address := c.lookups + "/v2/PhoneNumbers/" + url.PathEscape(string(n)) + "?Fields=line_type_intelligence"
	if err := c.get(ctx, address, &found); err != nil {
		return phone.Unknown, fmt.Errorf("look up the line type: %w", err)
	}
	if code := found.Intelligence.Error; code != nil {
		return phone.Unknown, fmt.Errorf("look up the line type: Twilio's error %d", *code)
	}
	if kind, ok := lineTypes[found.Intelligence.Type]; ok {
		return kind, nil
	}
	return phone.Unknown, nil
}

// lineTypes are Twilio's words for what a number alone often does not tell.
var lineTypes = map[string]phone.LineType{
	"landline": phone.Landline, "mobile": phone.Mobile, "premium": phone.PremiumRate, "sharedCost": phone.PremiumRate,
	"tollFree": phone.TollFree, "fixedVoip": phone.VoIP, "nonFixedVoip": phone.VoIP, "pager": phone.Pager,
}
