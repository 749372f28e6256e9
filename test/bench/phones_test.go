package bench

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rebound/internal/reboundtest"
)

// phones reports calls to the server as Twilio does, by signed webhooks.
type phones struct {
	server string
	client *http.Client
}

func openPhones(server *reboundtest.Server) *phones {
	return &phones{server: server.Address(), client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 1024, MaxIdleConns: 1024},
		Timeout:   15 * time.Second, // Twilio's own
	}}
}

// ended tells of a call by the number's status callback alone: the caller hung up before the server
// was asked. The one request makes the call, the miss, the recovery, the decision and the text. It is signed
// here and made by what is returned: on two cores the signing would be taken from what is measured.
func (p *phones) ended(n int) (tell func() error) {
	r, err := p.request(hook(n, "status"), endForm(n, "no-answer"))
	return func() error {
		if err != nil {
			return err
		}
		_, err := p.do(r)
		return err
	}
}

// calls lets a call arrive and returns where the end of the ringing is to be reported.
func (p *phones) calls(n int) (action string, err error) {
	document, err := p.post(hook(n, "voice"), callForm(n, "ringing"))
	if err != nil {
		return "", err
	}
	var answer struct {
		Dial struct {
			Action string `xml:"action,attr"`
		}
	}
	if err := xml.Unmarshal([]byte(document), &answer); err != nil || answer.Dial.Action == "" {
		return "", fmt.Errorf("no phone is to be rung: %v\n%s", err, document)
	}
	to, err := url.Parse(answer.Dial.Action)
	if err != nil {
		return "", err
	}
	return to.EscapedPath(), nil
}

// ringsOut tells that nobody accepted, which the caller then hears.
func (p *phones) ringsOut(n int, action string) error {
	form := callForm(n, "in-progress")
	form.Set("DialCallStatus", "no-answer")
	form.Set("DialCallSid", fmt.Sprintf("CB%032x", n))
	document, err := p.post(action, form)
	if err == nil && !strings.Contains(document, "<Record") {
		err = fmt.Errorf("no voicemail is to be taken: %s", document)
	}
	return err
}

// hangsUp tells that the caller hung up at the tone.
func (p *phones) hangsUp(n int) error {
	_, err := p.post(hook(n, "status"), endForm(n, "completed"))
	return err
}

func hook(n int, place string) string {
	i, _ := called(n)
	return "/hook/twilio/" + business(i) + "." + connection + "/" + place
}

func endForm(n int, status string) url.Values {
	form := callForm(n, status)
	form.Set("CallDuration", "0")
	form.Set("Duration", "0")
	form.Set("Timestamp", time.Now().UTC().Format(time.RFC1123Z))
	form.Set("CallbackSource", "call-progress-events")
	form.Set("SequenceNumber", "0")
	return form
}

// post makes the request and returns the document in the answer, which must be a success.
func (p *phones) post(path string, form url.Values) (string, error) {
	r, err := p.request(path, form)
	if err != nil {
		return "", err
	}
	return p.do(r)
}

func (p *phones) request(path string, form url.Values) (*http.Request, error) {
	token := form.Get("CallSid") + form.Get("CallStatus")
	return reboundtest.Webhook(context.Background(), p.server, publicURL, path, secret, token, form)
}

func (p *phones) do(r *http.Request) (string, error) {
	answer, err := p.client.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("HTTP %d: %s", answer.StatusCode, strings.TrimSpace(string(body)))
	}
	return string(body), err
}
