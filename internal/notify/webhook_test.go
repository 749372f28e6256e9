package notify_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"rebound/internal/notify"
)

// The vector that the specification's own libraries are tested with.
const (
	vectorSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	vectorID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	vectorAt        = 1614265330
	vectorBody      = `{"test": 2432232314}`
	vectorSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func TestWebhooksAreSignedByTheStandard(t *testing.T) {
	secret, err := notify.WebhookSecret(vectorSecret)
	if err != nil {
		t.Fatal(err)
	}
	if got := notify.WriteWebhookSecret(secret); got != vectorSecret {
		t.Errorf("the secret is written %s", got)
	}
	server := record(t, nil)
	out := notify.NewOutbound(notify.OutboundOptions{Allow: loopback})
	status, err := out.PostWebhook(t.Context(), notify.Webhook{
		To: server.URL, Secret: secret, ID: vectorID, At: time.Unix(vectorAt, 999), Body: []byte(vectorBody),
	})
	if err != nil || status != 200 {
		t.Fatalf("%d, %v", status, err)
	}
	got := server.only(t)
	for name, want := range map[string]string{
		"webhook-id": vectorID, "webhook-timestamp": "1614265330", "webhook-signature": vectorSignature, "content-type": "application/json",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	if !bytes.Equal(got.body, []byte(vectorBody)) {
		t.Errorf("the body is %s", got.body)
	}
}

func TestWebhookSecretsHaveOneForm(t *testing.T) {
	for _, text := range []string{"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8G", "whsec_!!!!", vectorSecret + "="} {
		if _, err := notify.WebhookSecret(text); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}

func TestAWebhookThatRefusesIsTold(t *testing.T) {
	server := record(t, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusGone) })
	out := notify.NewOutbound(notify.OutboundOptions{Allow: loopback})
	status, err := out.PostWebhook(t.Context(), notify.Webhook{To: server.URL, ID: "a", At: time.Unix(1, 0)})
	if r := notify.Refused(err); status != http.StatusGone || r == nil || !r.Gone {
		t.Errorf("%d, %v", status, err)
	}
}
