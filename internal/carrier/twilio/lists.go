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

const (
	pageSize    = 200
	largestPage = 1000 // of entries without long texts
	mostPages   = 50   // 10,000 texts or 50,000 calls
)

// clocksDiffer is how far Twilio's clock, which has whole seconds, may be behind ours.
const clocksDiffer = time.Minute

// trialPrefix stands before every text of a trial account, in the list too.
const trialPrefix = "Sent from your Twilio trial account - "

// Texts lists what Twilio knows it sent from one number to another, oldest first. Because clocks
// differ it goes back a minute further than since: the caller must know which of the texts it has
// seen before. An error means that nothing is known.
//
// The list is asked for without DateSent. Twilio filters that by the moment of sending, which a
// text that it has accepted and still holds in its queue does not have; whether it would be listed
// is not documented, and a text that is not found is sent again. So all texts of the pair are
// read, in whatever order, and sorted out here by the moment of their creation, which each has.
// For a caller that is one short page; past mostPages it is an error.
func (c *Client) Texts(ctx context.Context, from, to phone.Number, since time.Time) ([]carrier.Listed, error) {
	query := url.Values{"From": {string(from)}, "To": {string(to)}, "PageSize": {strconv.Itoa(pageSize)}}
	since = since.Add(-clocksDiffer).Truncate(time.Second)
	var texts []carrier.Listed
	err := c.eachPage(ctx, c.path("/Messages.json?"+query.Encode()), func(p page) error {
		if p.Messages == nil {
			return errors.New("the answer is not a list of texts")
		}
		for _, m := range p.Messages {
			if !strings.HasPrefix(m.Direction, "outbound") {
				continue
			}
			l, err := m.listed()
			if err != nil {
				return err
			}
			if !l.At.Before(since) {
				texts = append(texts, l)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list texts: %w", err)
	}
	slices.SortStableFunc(texts, func(a, b carrier.Listed) int { return a.At.Compare(b.At) })
	return texts, nil
}

func (m message) listed() (carrier.Listed, error) {
	at, err := m.created()
	if err != nil || m.SID == "" {
		return carrier.Listed{}, fmt.Errorf("a listed text has no id or date: %q, %q", m.SID, m.DateCreated)
	}
	l := carrier.Listed{
		ID: m.SID, From: phone.Number(m.From), To: phone.Number(m.To),
		Body: strings.TrimPrefix(m.Body, trialPrefix), State: m.state(), At: at.UTC(),
	}
	if m.ErrorCode != nil && *m.ErrorCode != 0 {
		l.Code = strconv.Itoa(*m.ErrorCode)
	}
	return l, nil
}

// call is Twilio's Call resource, as far as it is read.
type call struct {
	SID         string `json:"sid"`
	From        string `json:"from"`
	To          string `json:"to"`
	Status      string `json:"status"`
	Duration    string `json:"duration"` // seconds, or empty
	Direction   string `json:"direction"`
	StartTime   string `json:"start_time"` // empty before it was dialled
	EndTime     string `json:"end_time"`   // empty if it did not complete successfully
	DateCreated string `json:"date_created"`
	DateUpdated string `json:"date_updated"`
}

// begun returns when the call began, as Twilio writes it.
func (l call) begun() string { return cmp.Or(l.StartTime, l.DateCreated) }

// times returns when the call began and, once it is over, when it ended. An unsuccessful call may
// have no end: its last change is then the end or little later.
func (l call) times() (began, ended time.Time, err error) {
	began, err = mail.ParseDate(l.begun())
	if err != nil || l.ended() == "" {
		return began.UTC(), ended, err
	}
	if ended, err = mail.ParseDate(cmp.Or(l.EndTime, l.DateUpdated)); err != nil {
		ended = began.Add(seconds(l.Duration))
	}
	return began.UTC(), ended.UTC(), nil
}

// ended returns how the call ended, or "" while it is still going on.
func (l call) ended() rebound.EndStatus {
	if underWay(l.Status) {
		return ""
	}
	return endStatus(l.Status)
}

// Call looks one inbound call up, with the legs that were dialled for it and the voicemail that was
// left. A call whose recording is not ready counts as going on. The error is carrier.ErrUnknown if
// Twilio has no such call.
func (c *Client) Call(ctx context.Context, carrierID string) (carrier.LoggedCall, error) {
	if carrierID == "" {
		return carrier.LoggedCall{}, carrier.ErrUnknown
	}
	var parent call
	if err := c.get(ctx, c.path("/Calls/"+url.PathEscape(carrierID)+".json"), &parent); err != nil {
		return carrier.LoggedCall{}, fmt.Errorf("look up the call: %w", err)
	}
	if parent.SID == "" || parent.Status == "" {
		return carrier.LoggedCall{}, errors.New("look up the call: the answer is not a call")
	}
	began, ended, err := parent.times()
	if err != nil {
		return carrier.LoggedCall{}, fmt.Errorf("look up the call: it has no date: %q", parent.begun())
	}
	logged := carrier.LoggedCall{
		ID: parent.SID, From: storable(parent.From), Status: parent.ended(), Talk: seconds(parent.Duration), Began: began, Ended: ended,
	}
	query := url.Values{"ParentCallSid": {carrierID}, "PageSize": {strconv.Itoa(pageSize)}}
	err = c.eachPage(ctx, c.path("/Calls.json?"+query.Encode()), func(p page) error {
		if p.Calls == nil {
			return errors.New("the answer is not a list of calls")
		}
		for _, l := range p.Calls {
			logged.Legs = append(logged.Legs, carrier.LoggedLeg{ID: l.SID, To: l.To, Status: l.ended(), Talk: seconds(l.Duration)})
		}
		return nil
	})
	if err != nil {
		return carrier.LoggedCall{}, fmt.Errorf("list the call's legs: %w", err)
	}
	slices.Reverse(logged.Legs)                // Twilio lists the newest first
	if logged.Status != rebound.EndCompleted { // on another nobody can have spoken
		return logged, nil
	}
	if err := c.addVoicemail(ctx, &logged); err != nil {
		return carrier.LoggedCall{}, fmt.Errorf("list the call's recordings: %w", err)
	}
	return logged, nil
}

// page is one page of any of Twilio's lists.
type page struct {
	Messages   []message          `json:"messages"`
	Calls      []call             `json:"calls"`
	Numbers    []incomingNumber   `json:"incoming_phone_numbers"`
	Services   []messagingService `json:"services"`
	Alerts     []alert            `json:"alerts"`
	Media      []picture          `json:"media_list"`
	Recordings []recorded         `json:"recordings"`
	Next       string             `json:"next_page_uri"` // relative, in the API of 2010-04-01
	Meta       struct {
		Next string `json:"next_page_url"` // absolute, in the newer APIs
	} `json:"meta"`
}

// eachPage reads a list to its end. Twilio's word for the next page is followed only on the same
// server, because the credentials go along.
func (c *Client) eachPage(ctx context.Context, first string, read func(page) error) error {
	here, err := url.Parse(first)
	if err != nil {
		return err
	}
	for range mostPages {
		var p page
		if err := c.get(ctx, here.String(), &p); err != nil {
			return err
		}
		if err := read(p); err != nil {
			return err
		}
		if p.Next+p.Meta.Next == "" {
			return nil
		}
		next, err := here.Parse(p.Next + p.Meta.Next)
		if err != nil {
			return fmt.Errorf("the next page's address cannot be read: %w", err)
		}
		if next.Scheme != here.Scheme || next.Host != here.Host {
			return fmt.Errorf("the next page is on another server, %q", next.Host)
		}
		here = next
	}
	return fmt.Errorf("the list has more than %d pages", mostPages)
}
