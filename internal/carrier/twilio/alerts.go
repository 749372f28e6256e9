package twilio

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// Alert is a request of Twilio's that our server failed to answer, as Twilio remembers it.
type Alert struct {
	SID       string
	At        time.Time
	Code      string // Twilio's error code, such as 11200
	Resource  string // the id of the call or text that it is about
	URL       string // that Twilio called
	Method    string
	Variables string // the request's parameters, form-encoded: what the handler would have read
}

type alert struct {
	SID         string `json:"sid"`
	ResourceSID string `json:"resource_sid"`
	ErrorCode   string `json:"error_code"`
	URL         string `json:"request_url"`
	Method      string `json:"request_method"`
	Variables   string `json:"request_variables"`
	CreatedAt   string `json:"date_created"`
}

// mostAlerts bounds how many alerts are read one by one.
const mostAlerts = 1000

// Alerts returns Twilio's alerts since an instant, newest first as Twilio lists them, each with
// the variables of its request, which only the single alert holds. More than mostAlerts is an
// error: a flood of them is not a gap to be mended.
func (c *Client) Alerts(ctx context.Context, since time.Time) ([]Alert, error) {
	query := url.Values{"StartDate": {since.UTC().Format(time.RFC3339)}, "PageSize": {strconv.Itoa(pageSize)}}
	var found []string
	err := c.eachPage(ctx, c.monitor+"/v1/Alerts?"+query.Encode(), func(p page) error {
		for _, a := range p.Alerts {
			found = append(found, a.SID)
		}
		if len(found) > mostAlerts {
			return fmt.Errorf("more than %d", mostAlerts)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	alerts := make([]Alert, 0, len(found))
	for _, sid := range found {
		var a alert
		if err := c.get(ctx, c.monitor+"/v1/Alerts/"+url.PathEscape(sid), &a); err != nil {
			return nil, fmt.Errorf("read alert %s: %w", sid, err)
		}
		at, err := time.Parse(time.RFC3339, a.CreatedAt)
		if err != nil {
			return nil, fmt.Errorf("read alert %s: %w", sid, err)
		}
		alerts = append(alerts, Alert{
			SID: a.SID, At: at.UTC(), Code: a.ErrorCode, Resource: a.ResourceSID,
			URL: a.URL, Method: a.Method, Variables: a.Variables,
		})
	}
	return alerts, nil
}
