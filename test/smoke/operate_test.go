package smoke

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rebound/internal/carrier/fake"
)

func TestServerStopsInOrderAndFinishesWhatItSends(t *testing.T) {
	onBoth(t, func(s *shop) {
		const callers = 5
		sending, answer := make(chan string, callers), make(chan struct{})
		s.network.EachSend(func(text fake.Text) fake.SendFault {
			sending <- string(text.To)
			<-answer
			return fake.SendFault{}
		})
		server := s.serve()
		for n := range callers {
			s.missed(n)
		}
		for range callers {
			<-sending
		}
		server.Terminate(s)
		s.eventually(5*time.Second, "no new connection is taken", func() bool {
			_, err := http.Get(server.Address() + "/healthz")
			return err != nil
		})
		close(answer)
		if code := server.Ended(s); code != 0 {
			s.Errorf("exit code %d", code)
		}
		db := s.database()
		if n := s.count(db, `select count(*) from messages where state = 'queued' and carrier_id is not null`); n != callers {
			s.Errorf("%d of %d texts were written down as taken by the carrier", n, callers)
		}
		if n := len(s.network.Taken(mainLine)); n != callers {
			s.Errorf("the carrier took %d texts, expected %d", n, callers)
		}
	})
}

// missed reports the nth caller's missed call, which must be taken.
func (s *shop) missed(n int) {
	s.Helper()
	if status, body := s.send(s.request("status", s.missedForm(callerNumber(n), mainLine, fmt.Sprintf("CA%032x", n)))); status != http.StatusOK {
		s.Fatalf("missed call: %d %s", status, body)
	}
}

func callerNumber(n int) string { return fmt.Sprintf("+1206%07d", 6_200_000+n) }

func TestWebhookThatCannotBeStoredIsGivenBackToTheCarrier(t *testing.T) {
	onBoth(t, func(s *shop) {
		s.serve()
		db := s.database()
		block := `begin immediate`
		if driver, _ := s.program.Database(); driver == "pgx" {
			block = `begin; lock table calls in access exclusive mode`
		}
		conn, err := db.Conn(s.Context())
		if err == nil {
			_, err = conn.ExecContext(s.Context(), block)
		}
		if err != nil {
			s.Fatal(err)
		}
		form := s.missedForm("+12065550100", mainLine, "CA1")
		if status, says := s.send(s.request("status", form)); status != http.StatusServiceUnavailable || !strings.Contains(says, "R1000") {
			s.Errorf("with a database that cannot be written to: %d %q", status, says)
		}
		if _, err := conn.ExecContext(s.Context(), `rollback`); err != nil {
			s.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			s.Fatal(err)
		}
		if n := s.count(db, everything); n != 0 {
			s.Errorf("%d rows were kept of a request that was given back", n)
		}
		if status, says := s.send(s.request("status", form)); status != http.StatusOK {
			s.Errorf("the carrier's second try: %d %q", status, says)
		}
		s.eventually(10*time.Second, "the caller is texted, once", func() bool { return len(s.textsTo("+12065550100")) == 1 })
	})
}

func TestBusinessIsAppliedWhileTheServerRuns(t *testing.T) {
	onBoth(t, func(s *shop) {
		s.serve()
		form := s.missedForm("+12065550100", secondLine, "CA1")
		if status, _ := s.send(s.request("status", form)); status != http.StatusNotFound {
			s.Errorf("a call to a line that is not applied yet: %d", status)
		}
		s.twilio.Owns(fake.TwilioNumber{Number: secondLine})
		said := s.apply(`  second: {name: Second line, number: "` + secondLine + `", connection: main, team: day}`)
		if !strings.Contains(said, secondLine) && !strings.Contains(said, "second") {
			s.Errorf("apply said %q", said)
		}
		if again := s.program.Do(s, "apply", "business.yaml"); !strings.Contains(again, "nothing to change") {
			s.Errorf("applied a second time: %q", again)
		}
		if status, says := s.send(s.request("status", form)); status != http.StatusOK {
			s.Errorf("a call to the line that was applied: %d %q", status, says)
		}
		s.eventually(10*time.Second, "the caller of the new line is texted", func() bool {
			return len(s.network.Taken(secondLine)) == 1
		})
		if exported := s.program.Do(s, "export"); !strings.Contains(exported, "Second line") {
			s.Errorf("export beside the server: %q", exported)
		}
	})
}
