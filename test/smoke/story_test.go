package smoke

import (
	"context"
	"regexp"
	"testing"
	"time"
)

// conversationLink finds conversations in a page.
var conversationLink = regexp.MustCompile(`href="(/b/acme/conversations/[^"]+)"`)

func TestCallRingsOutAndTheCallerIsTextedAndAnswers(t *testing.T) {
	onBoth(t, func(s *shop) {
		const caller = "+14155550177"
		s.serve()
		phone := s.network.Phone(caller)
		call := phone.Calls(mainLine).RingsOut()
		if !call.WaitRinging() || len(call.Legs()) != 2 {
			s.Fatalf("%d phones were rung, expected Ana's and Ben's", len(call.Legs()))
		}
		<-call.Done()
		over := time.Now()

		ctx, cancel := context.WithTimeout(s.Context(), 10*time.Second)
		defer cancel()
		text, err := phone.NextText(ctx)
		if err != nil || !contains(text.Body, "Acme Plumbing", "missed your call", "STOP") {
			s.Fatalf("the caller got %q, %v", text.Body, err)
		}
		s.Logf("the text arrived %s after the caller hung up", time.Since(over).Round(time.Millisecond))
		phone.Texts(mainLine, "Can you fix my boiler?")

		var link []string
		s.eventually(10*time.Second, "the reply stands in the inbox", func() bool {
			inbox := s.page("/b/acme/inbox")
			link = conversationLink.FindStringSubmatch(inbox)
			return contains(inbox, "(415) 555-0177", "Can you fix my boiler?") && link != nil
		})
		s.eventually(10*time.Second, "both texts stand in the conversation, ours as delivered", func() bool {
			return contains(s.page(link[1]), text.Body, "Can you fix my boiler?", "Delivered")
		})
		if got := s.textsTo(caller); len(got) != 1 {
			s.Errorf("the caller was texted %d times: %q", len(got), got)
		}
		if alerts := s.twilio.Alerts(); len(alerts) > 0 {
			s.Errorf("Twilio complains: %+v", alerts)
		}
	})
}
