package twilio

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/phone"
)

// Since lists the calls and texts that came in on a line since an instant, oldest first. An error
// means that one of the two lists is not whole.
//
// Whether Twilio reads the instant or only its day is not settled (CARRIERS.md 10.4): what it lists
// from before the instant is left out here. For the same reason no end is asked for: by the day, it
// would cut off the day that matters.
func (c *Client) Since(ctx context.Context, line phone.Number, since time.Time) (carrier.Log, error) {
	since = since.UTC().Truncate(time.Second)
	about := func(begun string, size int) string {
		return url.Values{
			"To": {string(line)}, begun + ">": {since.Format(time.RFC3339)}, "PageSize": {strconv.Itoa(size)},
		}.Encode()
	}
	var log carrier.Log
	err := c.eachPage(ctx, c.path("/Calls.json?"+about("StartTime", largestPage)), func(p page) error {
		if p.Calls == nil {
			return errors.New("the answer is not a list of calls")
		}
		for _, l := range p.Calls {
			if err := enter(&log.Calls, l.Direction, l.SID, l.begun(), since); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return carrier.Log{}, fmt.Errorf("list calls: %w", err)
	}
	err = c.eachPage(ctx, c.path("/Messages.json?"+about("DateSent", pageSize)), func(p page) error {
		if p.Messages == nil {
			return errors.New("the answer is not a list of texts")
		}
		for _, m := range p.Messages {
			if err := enter(&log.Texts, m.Direction, m.SID, m.DateCreated, since); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return carrier.Log{}, fmt.Errorf("list texts: %w", err)
	}
	slices.SortStableFunc(log.Calls, carrier.Entry.Compare)
	slices.SortStableFunc(log.Texts, carrier.Entry.Compare)
	return log, nil
}

// enter adds an entry that came in, and not before since.
func enter(entries *[]carrier.Entry, direction, sid, date string, since time.Time) error {
	if direction != "inbound" {
		return nil
	}
	at, err := mail.ParseDate(date)
	if err != nil || sid == "" {
		return fmt.Errorf("an entry has no id or date: %q, %q", sid, date)
	}
	if !at.Before(since) {
		*entries = append(*entries, carrier.Entry{ID: sid, At: at.UTC()})
	}
	return nil
}

// Text looks one inbound text up, with the addresses of its pictures. The error is
// carrier.ErrUnknown if Twilio has no such text.
func (c *Client) Text(ctx context.Context, carrierID string) (rebound.TextEvent, error) {
	if carrierID == "" {
		return rebound.TextEvent{}, carrier.ErrUnknown
	}
	var m message
	path := "/Messages/" + url.PathEscape(carrierID)
	if err := c.get(ctx, c.path(path+".json"), &m); err != nil {
		return rebound.TextEvent{}, fmt.Errorf("look up the text: %w", err)
	}
	at, err := m.created()
	if err != nil || m.SID == "" || m.Direction != "inbound" {
		return rebound.TextEvent{}, errors.New("look up the text: the answer is not an inbound text")
	}
	t := rebound.TextEvent{
		CarrierID: m.SID, From: storable(m.From), To: storable(m.To), Body: storable(plain(m.Body)), At: at.UTC(),
	}
	if m.NumMedia == "" || m.NumMedia == "0" {
		return t, nil
	}
	err = c.eachPage(ctx, c.path(path+"/Media.json?PageSize="+strconv.Itoa(pageSize)), func(p page) error {
		if p.Media == nil {
			return errors.New("the answer is not a list of pictures")
		}
		for _, in := range p.Media {
			t.Media = append(t.Media, rebound.InboundMedia{
				URL: c.base + strings.TrimSuffix(in.URI, ".json"), ContentType: storable(in.ContentType),
			})
		}
		return nil
	})
	if err != nil {
		return rebound.TextEvent{}, fmt.Errorf("list the text's pictures: %w", err)
	}
	t.Media = t.Media[:min(len(t.Media), mostPictures)]
	return t, nil
}

// picture is Twilio's Media resource, as far as it is read.
type picture struct {
	ContentType string `json:"content_type"`
	URI         string `json:"uri"`
}

// recorded is Twilio's Recording resource, as far as it is read.
type recorded struct {
	SID      string `json:"sid"`
	Status   string `json:"status"`
	Source   string `json:"source"`
	Start    string `json:"start_time"`
	Created  string `json:"date_created"`
	Duration string `json:"duration"` // seconds
}

// addVoicemail looks for what the caller said after the tone.
func (c *Client) addVoicemail(ctx context.Context, logged *carrier.LoggedCall) error {
	query := url.Values{"CallSid": {logged.ID}, "PageSize": {strconv.Itoa(pageSize)}}
	return c.eachPage(ctx, c.path("/Recordings.json?"+query.Encode()), func(p page) error {
		if p.Recordings == nil {
			return errors.New("the answer is not a list of recordings")
		}
		for _, r := range p.Recordings {
			if r.Source != "RecordVerb" || r.Status == "absent" || r.Status == "deleted" {
				continue
			}
			began, err := mail.ParseDate(cmp.Or(r.Start, r.Created))
			if err != nil || r.SID == "" {
				return fmt.Errorf("a listed recording has no id or date: %q, %q", r.SID, r.Start)
			}
			length := seconds(r.Duration)
			logged.Recording = rebound.Recording{
				ID: r.SID, URL: c.path("/Recordings/" + url.PathEscape(r.SID)), Duration: length,
			}
			logged.RecordedAt = began.Add(length).UTC()
			if r.Status != "completed" && time.Since(logged.Ended) < processing {
				logged.Status = "" // not all is told yet
			}
		}
		return nil
	})
}

// processing is how long the sound of a recording may take to become ready.
const processing = 5 * time.Minute
