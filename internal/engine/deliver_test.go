package engine_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"rebound"
	"rebound/internal/engine"
	"rebound/internal/reboundtest"
)

const crmURL = "https://crm.example/hook"

// withCRM runs fn in a world whose business has one webhook.
func withCRM(t *testing.T, fn func(t *testing.T, w *reboundtest.World)) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(crm(rebound.Webhook{URL: crmURL}))
		fn(t, w)
	})
}

func crm(hook rebound.Webhook) func(d *rebound.Declaration) {
	hook.ID, hook.Business = "crm", reboundtest.Business
	return func(d *rebound.Declaration) { d.Webhooks = []rebound.Webhook{hook} }
}

// bodySchema is the schema in the documentation.
func bodySchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := os.ReadFile("../../docs/webhooks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(doc), "```json\n")
	text, _, _ = strings.Cut(text, "```")
	parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("https://rebound.example/webhook.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("https://rebound.example/webhook.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// event is what a receiver reads.
type event struct {
	Type string
	Data struct {
		Contact  struct{ Number string }
		Recovery struct {
			State, Why string
			Proven     bool `json:"contact_proven"`
		}
		Message struct{ Body string }
	}
}

func read(t *testing.T, told reboundtest.Told) (e event) {
	t.Helper()
	if err := json.Unmarshal(told.Body, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// types are the events that came, without what was sent again.
func types(t *testing.T, told []reboundtest.Told) (all []string) {
	t.Helper()
	seen := map[string]bool{}
	for _, told := range told {
		if id := told.Header.Get("webhook-id"); !seen[id] {
			all, seen[id] = append(all, read(t, told).Type), true
		}
	}
	return all
}

// deliveries are those of the webhook, oldest first.
func deliveries(w *reboundtest.World) []rebound.Delivery {
	w.T.Helper()
	all, err := w.Rows().Deliveries(w.T.Context(), "crm", 100)
	if err != nil {
		w.T.Fatal(err)
	}
	slices.Reverse(all)
	return all
}

func health(w *reboundtest.World) rebound.WebhookHealth {
	w.T.Helper()
	h, err := w.Rows().WebhookHealth(w.T.Context(), "crm")
	if err != nil {
		w.T.Fatal(err)
	}
	return h
}

// answered is a human's answer to the caller.
func answered(w *reboundtest.World, caller *reboundtest.Handset) {
	w.T.Helper()
	_, err := w.App.Engine.SendText(w.T.Context(), engine.HumanText{
		Business: reboundtest.Business, Contact: w.Conversation(caller).Contact.ID, Author: "ana", Body: "We are on our way", Key: strings.TrimPrefix(string(caller.Number), "+"),
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Settle()
	caller.ExpectText("on our way")
}

func TestAWebhookIsToldTheStoryInItsOrder(t *testing.T) {
	schema := bodySchema(t)
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller)
		answered(w, caller)
		told := w.Outside.Told()
		if got := types(t, told); fmt.Sprint(got) != "[message.received recovery.waiting recovery.contacted]" {
			t.Fatalf("told of %v", got)
		}
		secret, err := w.App.WebhookSecret(rebound.Webhook{ID: "crm", Business: reboundtest.Business})
		if err != nil {
			t.Fatal(err)
		}
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil || len(key) != 32 {
			t.Fatalf("a secret of %d bytes, %v", len(key), err)
		}
		for _, told := range told {
			if told.URL != crmURL {
				t.Errorf("told at %s", told.URL)
			}
			if want := fmt.Sprint(told.At.Unix()); told.Header.Get("webhook-timestamp") != want {
				t.Errorf("the timestamp is %s, want %s", told.Header.Get("webhook-timestamp"), want)
			}
			mac := hmac.New(sha256.New, key)
			fmt.Fprintf(mac, "%s.%s.%s", told.Header.Get("webhook-id"), told.Header.Get("webhook-timestamp"), told.Body)
			if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); told.Header.Get("webhook-signature") != want {
				t.Errorf("the signature is %s, want %s", told.Header.Get("webhook-signature"), want)
			}
			fits(t, schema, told.Body)
		}
		first, second, third := read(t, told[0]), read(t, told[1]), read(t, told[2])
		if first.Data.Message.Body != "Can you fix my boiler?" || first.Data.Contact.Number != string(caller.Number) {
			t.Errorf("the text: %s", told[0].Body)
		}
		if second.Data.Recovery.State != "waiting" || second.Data.Recovery.Why != "reply" {
			t.Errorf("the wait: %s", told[1].Body)
		}
		if !third.Data.Recovery.Proven {
			t.Errorf("the contact: %s", told[2].Body)
		}
	})
}

func fits(t *testing.T, schema *jsonschema.Schema, body []byte) {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(body)))
	if err == nil {
		err = schema.Validate(value)
	}
	if err != nil {
		t.Errorf("%s: %v", body, err)
	}
}

// What no scenario reaches fits the schema too, and the schema refuses what is no event.
func TestTheSchemaKnowsEachEvent(t *testing.T) {
	schema := bodySchema(t)
	at := time.Date(2026, 7, 1, 12, 0, 0, 123456000, time.UTC)
	hidden := rebound.Contact{ID: "c", Business: "acme"}
	named := rebound.Contact{ID: "c", Business: "acme", Number: "+14155550100", Name: `Dana "<b>"`, Owner: "ana"}
	open := rebound.Recovery{ID: "r", Line: "main", State: rebound.RecoveryWaiting, Why: rebound.WaitNoText, OpenedAt: at, WaitSince: at}
	booked := open
	booked.State, booked.Outcome, booked.Amount, booked.ClosedAt = rebound.RecoveryClosed, rebound.Booked, 35000, at
	text := rebound.Message{ID: "m", Line: "main", CreatedAt: at}
	fits(t, schema, []byte(rebound.WebhookBody(rebound.TellWaiting, at, hidden, &open, nil)))
	fits(t, schema, []byte(rebound.WebhookBody(rebound.TellClosed, at, named, &booked, nil)))
	fits(t, schema, []byte(rebound.WebhookBody(rebound.TellReceived, at, named, nil, &text)))
	for _, wrong := range []string{
		rebound.WebhookBody(rebound.TellClosed, at, named, &open, nil), rebound.WebhookBody(rebound.TellReceived, at, named, &open, nil),
		rebound.WebhookBody(rebound.TellWaiting, at, named, nil, nil), rebound.WebhookBody("else", at, named, &open, nil),
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(wrong))
		if err != nil || schema.Validate(value) == nil {
			t.Errorf("taken for an event: %s (%v)", wrong, err)
		}
	}
}

func TestAWebhookIsToldOnlyWhatItWants(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		waiting(w, caller) // nobody is to be told yet
		w.Declare(crm(rebound.Webhook{URL: crmURL, Events: []rebound.WebhookEvent{rebound.TellReceived}}))
		caller.Replies("Hello?")
		if got := types(t, w.Outside.Told()); fmt.Sprint(got) != "[message.received]" {
			t.Errorf("told of %v", got)
		}
		w.Declare(func(*rebound.Declaration) {})
		caller.Replies("Is anybody there?")
		if n := len(deliveries(w)); n != 1 {
			t.Errorf("%d deliveries, want the one from before it was removed", n)
		}
	})
}

// The receiver is out of order for six minutes: what happened meanwhile waits, and comes in its order. Another caller's
// story does not wait for it.
func TestEventsOfACallerKeepTheirOrder(t *testing.T) {
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		first, second := w.Caller(), w.Caller()
		w.Outside.Answers(func(_ int, told reboundtest.Told) (int, http.Header) {
			if strings.Contains(string(told.Body), string(first.Number)) {
				return http.StatusServiceUnavailable, nil
			}
			return http.StatusNoContent, nil
		})
		waiting(w, first)
		first.Replies("Hello?")
		waiting(w, second)
		for _, told := range w.Outside.Told() {
			if e := read(t, told); e.Data.Contact.Number == string(first.Number) && e.Data.Message.Body != "Can you fix my boiler?" {
				t.Errorf("told of %s before the first event was taken", told.Body)
			}
		}
		if n := len(w.Outside.Told()); n != 4 { // two attempts at the first caller's first event, and the second caller's two
			t.Errorf("%d requests", n)
		}
		w.Outside.AnswersAll(http.StatusOK)
		w.FastForward(6 * time.Minute)
		var said []string
		ids := map[string]bool{}
		for _, told := range w.Outside.Told() {
			if e := read(t, told); e.Data.Contact.Number == string(first.Number) {
				said = append(said, e.Type+e.Data.Message.Body)
				ids[told.Header.Get("webhook-id")] = true
			}
		}
		want := []string{"message.receivedCan you fix my boiler?", "message.receivedCan you fix my boiler?", "message.receivedCan you fix my boiler?",
			"recovery.waiting", "message.receivedHello?"}
		if !slices.Equal(said, want) || len(ids) != 3 {
			t.Errorf("told %v under %d ids", said, len(ids))
		}
		for _, d := range deliveries(w) {
			if d.State != rebound.DeliveryDone || d.Status != 204 && d.Status != 200 || !d.DueAt.IsZero() {
				t.Errorf("%+v", d)
			}
		}
	})
}

// Nobody answers for days: the delivery dies with its reason, the next one is tried, and a replay sends it again.
func TestADeadDeliveryCanBeReplayed(t *testing.T) {
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		w.Outside.AnswersAll(http.StatusMovedPermanently)
		caller := w.Caller()
		waiting(w, caller)
		received := slices.IndexFunc(deliveries(w), func(d rebound.Delivery) bool { return d.Event == rebound.TellReceived })
		for deliveries(w)[received].State == rebound.DeliveryPending {
			w.RestUntil(deliveries(w)[received].DueAt)
			w.Settle()
		}
		all := deliveries(w)
		if len(all) != 2 {
			t.Fatalf("%d deliveries", len(all))
		}
		dead, next := all[received], all[1-received]
		if dead.State != rebound.DeliveryDead || dead.Attempt != 10 || dead.Status != 301 || !strings.Contains(dead.Trouble, "another address") {
			t.Errorf("the first: %+v", dead)
		}
		if next.State != rebound.DeliveryPending || next.Attempt == 0 {
			t.Errorf("the next: %+v", next)
		}
		w.Outside.AnswersAll(http.StatusOK)
		if err := w.App.Engine.ReplayDelivery(t.Context(), reboundtest.Business, dead.ID); err != nil {
			t.Fatal(err)
		}
		before := len(w.Outside.Told())
		w.RestUntil(time.Now().Add(24 * time.Hour))
		w.Settle()
		var said []string
		for _, told := range w.Outside.Told()[before:] {
			said = append(said, read(t, told).Type)
		}
		if fmt.Sprint(said) != "[recovery.waiting message.received]" {
			t.Errorf("after the replay: %v", said)
		}
		if last := w.Outside.Told()[len(w.Outside.Told())-1]; last.Header.Get("webhook-id") != string(dead.ID) {
			t.Errorf("replayed under another id")
		}
		if h := health(w); h != (rebound.WebhookHealth{}) {
			t.Errorf("it answers again: %+v", h)
		}
	})
}

func TestAWebhookThatIsGoneIsDisabled(t *testing.T) {
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		w.Outside.AnswersAll(http.StatusGone)
		caller := w.Caller()
		waiting(w, caller)
		if h := health(w); h.DisabledAt.IsZero() {
			t.Fatalf("410, and still told: %+v", h)
		}
		caller.Replies("Hello?") // is not told
		w.FastForward(time.Minute)
		all := deliveries(w)
		if len(all) != 2 || len(w.Outside.Told()) != 1 {
			t.Errorf("%d deliveries, %d requests", len(all), len(w.Outside.Told()))
		}
		for _, d := range all {
			if d.State != rebound.DeliveryDead || !strings.Contains(d.Trouble, "disabled") {
				t.Errorf("%+v", d)
			}
		}
		w.Outside.AnswersAll(http.StatusOK)
		if err := w.App.Engine.EnableWebhook(t.Context(), reboundtest.Business, "crm"); err != nil {
			t.Fatal(err)
		}
		caller.Replies("Anybody?")
		if n := len(w.Outside.Told()); n != 2 {
			t.Errorf("%d requests after it was enabled", n)
		}
		// The same file again leaves a webhook as it is; another address is another receiver.
		w.Outside.AnswersAll(http.StatusGone)
		caller.Replies("Somebody?")
		w.Declare(crm(rebound.Webhook{URL: crmURL}))
		if h := health(w); h.DisabledAt.IsZero() {
			t.Error("declared again, and told again")
		}
		w.Declare(crm(rebound.Webhook{URL: crmURL + "/2"}))
		if h := health(w); h != (rebound.WebhookHealth{}) {
			t.Errorf("another address: %+v", h)
		}
	})
}

func TestAWebhookSurvivesACrash(t *testing.T) {
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		w.Outside.Answers(func(n int, _ reboundtest.Told) (int, http.Header) {
			if n == 1 {
				return 0, nil // hangs until the power is cut
			}
			return http.StatusOK, nil
		})
		caller := w.Caller()
		waiting(w, caller)
		w.Crash()
		w.FastForward(time.Minute)
		told := w.Outside.Told()
		if got := types(t, told); fmt.Sprint(got) != "[message.received recovery.waiting]" {
			t.Errorf("told of %v", got)
		}
		if len(told) != 3 || told[0].Header.Get("webhook-id") != told[1].Header.Get("webhook-id") {
			t.Errorf("%d requests, want the first again under its id and the second", len(told))
		}
	})
}

func TestAWebhookMayAskToBeLeftAlone(t *testing.T) {
	withCRM(t, func(t *testing.T, w *reboundtest.World) {
		w.Outside.Answers(func(n int, _ reboundtest.Told) (int, http.Header) {
			if n == 1 {
				return http.StatusTooManyRequests, http.Header{"Retry-After": {"600"}}
			}
			return http.StatusOK, nil
		})
		caller := w.Caller()
		waiting(w, caller)
		w.FastForward(11 * time.Minute)
		told := w.Outside.Told()
		if len(told) != 3 || told[1].At.Sub(told[0].At) != 10*time.Minute {
			t.Errorf("%d requests, the second %v after the first", len(told), told[1].At.Sub(told[0].At))
		}
	})
}

func TestAWebhookWithoutItsSecretIsNotTold(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		w.Declare(crm(rebound.Webhook{URL: crmURL, Secret: "env:MISSING"}))
		caller := w.Caller()
		waiting(w, caller)
		all := deliveries(w)
		if len(w.Outside.Told()) != 0 || len(all) != 2 {
			t.Fatalf("%d requests, %d deliveries", len(w.Outside.Told()), len(all))
		}
		if i := slices.IndexFunc(all, func(d rebound.Delivery) bool { return strings.Contains(d.Trouble, "MISSING is not set") }); i < 0 {
			t.Errorf("nothing says why: %+v", all)
		}
	})
}

func TestWhatCannotBeReplayedIsTold(t *testing.T) {
	reboundtest.Run(t, func(t *testing.T, w *reboundtest.World) {
		for code, err := range map[string]error{
			"R2252": w.App.Engine.ReplayDelivery(t.Context(), reboundtest.Business, "none"),
			"R2253": w.App.Engine.EnableWebhook(t.Context(), reboundtest.Business, "none"),
		} {
			if known := (*rebound.Error)(nil); !errors.As(err, &known) || known.Code != code {
				t.Errorf("got %v, want %s", err, code)
			}
		}
	})
}
