package reboundtest

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Receiver is the world outside: whatever stands at the addresses that people typed.
type Receiver struct {
	mu     sync.Mutex
	told   []Told
	answer func(n int, t Told) (status int, header http.Header)
}

// Told is one request that came to a receiver.
type Told struct {
	URL    string
	Header http.Header
	Body   []byte
	At     time.Time
}

// Answers sets how requests are answered from now on, n counting all that ever came. Status 0 is no answer until the
// client gives up.
func (r *Receiver) Answers(answer func(n int, t Told) (status int, header http.Header)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// AnswersAll sets one status for all requests.
func (r *Receiver) AnswersAll(status int) {
	r.Answers(func(int, Told) (int, http.Header) { return status, nil })
}

// Told returns all requests that came, in their order.
func (r *Receiver) Told() []Told {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Told(nil), r.told...)
}

// RoundTrip takes a request in.
func (r *Receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	t := Told{URL: request.URL.String(), Header: request.Header, Body: body, At: time.Now()}
	r.told = append(r.told, t)
	n, answer := len(r.told), r.answer
	r.mu.Unlock()
	status, header := http.StatusOK, http.Header{}
	if answer != nil {
		status, header = answer(n, t)
	}
	if status == 0 {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader("")), Request: request}, nil
}
