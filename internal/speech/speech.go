// Package speech asks a service that speaks OpenAI's protocol what is said in a recording. It refuses to decide
// what is transcribed and when it is tried again, and it knows nothing of calls.
package speech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
)

// Service is one such service, a company's or one's own.
type Service struct {
	URL       string            // to which /audio/transcriptions is added: "https://api.openai.com/v1"
	Key       string            // sent as the bearer's token; empty: none is
	Model     string            // "whisper-1"
	Transport http.RoundTripper // nil: the network
}

// ErrRefused says that the service does not take this recording: too large, too short, of a kind that it does not know.
// It would not take it later either.
var ErrRefused = errors.New("the service refuses this recording")

// largestAnswer bounds what is read of an answer: the words of ten minutes are a hundredth of it.
const largestAnswer = 1 << 20

// Transcribe returns what is said in a recording. contentType names the format of the sound. ctx bounds the time.
func (s Service) Transcribe(ctx context.Context, contentType string, sound io.Reader) (string, error) {
	body, form := io.Pipe()
	defer body.Close() //nolint:errcheck // it ends who writes
	parts := multipart.NewWriter(form)
	go func() { form.CloseWithError(s.fill(parts, contentType, sound)) }()

	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(s.URL, "/")+"/audio/transcriptions", body)
	if err != nil {
		return "", fmt.Errorf("ask for a transcript: %w", err)
	}
	req.Header.Set("Content-Type", parts.FormDataContentType())
	req.Header.Set("Accept", "application/json")
	if s.Key != "" {
		req.Header.Set("Authorization", "Bearer "+s.Key)
	}
	client := http.Client{Transport: s.Transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key is for the service that was set
	}}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask for a transcript: %w", err)
	}
	defer res.Body.Close() //nolint:errcheck // it was only read
	return answer(res)
}

// fill writes the form that the service expects.
func (s Service) fill(parts *multipart.Writer, contentType string, sound io.Reader) error {
	err := errors.Join(parts.WriteField("model", s.Model), parts.WriteField("response_format", "json"))
	if err != nil {
		return err
	}
	file, err := parts.CreateFormFile("file", "voicemail"+extension(contentType)) // services go by the name
	if err != nil {
		return err
	}
	if _, err := io.Copy(file, sound); err != nil {
		return fmt.Errorf("read the recording: %w", err)
	}
	return parts.Close()
}

func extension(contentType string) string {
	switch contentType {
	case "audio/wav", "audio/x-wav", "audio/wave":
		return ".wav"
	case "audio/ogg":
		return ".ogg"
	case "audio/mp4", "audio/aac":
		return ".m4a"
	}
	return ".mp3"
}

func answer(res *http.Response) (string, error) {
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity:
		return "", fmt.Errorf("HTTP %d: %w", res.StatusCode, ErrRefused)
	default:
		return "", fmt.Errorf("ask for a transcript: HTTP %d", res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, largestAnswer+1))
	if err != nil {
		return "", fmt.Errorf("read the transcript: %w", err)
	}
	if len(body) > largestAnswer {
		return "", fmt.Errorf("read the transcript: it is larger than %d bytes", largestAnswer)
	}
	var said struct {
		Text *string `json:"text"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return "", fmt.Errorf("read the transcript: %w", err)
	}
	if said.Text == nil {
		return "", errors.New("read the transcript: the answer has no text")
	}
	return *said.Text, nil
}
