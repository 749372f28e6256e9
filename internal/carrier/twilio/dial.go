package twilio

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"time"

	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Dial asks Twilio to ring a phone, with exactly one POST, and returns the call's id. What became of the request
// is told as by Send.
func (c *Client) Dial(ctx context.Context, o carrier.Outgoing) (string, error) {
	made, err := c.post(ctx, "/Calls.json", callForm(o))
	return made.SID, err
}

// callForm writes a call as Twilio wants it. Each event of its progress is a parameter of its own.
func callForm(o carrier.Outgoing) url.Values {
	return url.Values{
		"To":                  {o.To},
		"From":                {string(o.From)},
		"Url":                 {o.Screen + retries},
		"Timeout":             {wholeSeconds(o.RingFor, 5, 600)},
		"StatusCallback":      {o.Progress + retries},
		"StatusCallbackEvent": {"ringing", "answered", "completed"},
	}
}

// Dialled lists the calls that were made by request from a number to an address. Like Texts it goes back a minute
// further than since, and asks without StartTime, which a call has only once it was dialled.
func (c *Client) Dialled(ctx context.Context, from phone.Number, to string, since time.Time) ([]carrier.Entry, error) {
	query := url.Values{"From": {string(from)}, "To": {to}, "PageSize": {strconv.Itoa(pageSize)}}
	since = since.Add(-clocksDiffer).Truncate(time.Second)
	var calls []carrier.Entry
	err := c.eachPage(ctx, c.path("/Calls.json?"+query.Encode()), func(p page) error {
		if p.Calls == nil {
			return errors.New("the answer is not a list of calls")
		}
		for _, l := range p.Calls {
			if l.Direction != "outbound-api" {
				continue
			}
			at, err := mail.ParseDate(l.DateCreated)
			if err != nil || l.SID == "" {
				return fmt.Errorf("a listed call has no id or date: %q, %q", l.SID, l.DateCreated)
			}
			if !at.Before(since) {
				calls = append(calls, carrier.Entry{ID: l.SID, At: at.UTC()})
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	slices.SortStableFunc(calls, carrier.Entry.Compare)
	return calls, nil
}
