package smoke

import (
	"encoding/json"
	"net"
	"strings"
	"testing"

	"rebound/internal/carrier/fake"
)

// diagnosis is what `rebound doctor --json` writes.
type diagnosis struct {
	OK     bool
	Checks []struct{ Check, State, Words, Remedy string }
}

func TestDoctorFindsWhatIsWrongWithANumberAndMendsIt(t *testing.T) {
	onBoth(t, func(s *shop) {
		s.twilio.Owns(fake.TwilioNumber{Number: mainLine, VoiceURL: "https://demo.twilio.com/welcome/voice/"})
		address := freeAddress(s)
		s.program.Configure(s, "listen: "+address, "public_url: http://"+address)
		s.serve()

		if d := s.doctor(1); d.OK || !strings.Contains(d.about("line acme.main"), "calls go to https://demo.twilio.com") {
			s.Errorf("before: %+v", d)
		}
		if d := s.doctor(0, "--fix"); !d.OK || !strings.Contains(d.about("line acme.main"), "set just now, and read back") {
			s.Errorf("mending: %+v", d)
		}
		d := s.doctor(0)
		if !d.OK || !strings.Contains(d.about("public address"), "leads here") || !strings.Contains(d.about("clock"), "agrees") {
			s.Errorf("after: %+v", d)
		}
		number, _ := s.twilio.Number(mainLine)
		if !strings.HasPrefix(number.VoiceURL, "http://"+address+hooks+"voice") || !strings.HasPrefix(number.StatusCallback, "http://"+address+hooks+"status") {
			s.Errorf("the number's settings are now %+v", number)
		}
	})
}

// doctor runs the command, which must end with an exit code.
func (s *shop) doctor(code int, flags ...string) (d diagnosis) {
	s.Helper()
	said, got := s.program.Run(s, append([]string{"doctor", "--json"}, flags...)...)
	if err := json.Unmarshal([]byte(said), &d); err != nil || got != code {
		s.Fatalf("doctor %v: exit code %d, expected %d: %v\n%s", flags, got, code, err, said)
	}
	return d
}

// about returns all words of a check.
func (d diagnosis) about(check string) string {
	var words []string
	for _, c := range d.Checks {
		if c.Check == check {
			words = append(words, c.Words)
		}
	}
	return strings.Join(words, "; ")
}

// freeAddress returns a loopback address on which nothing listens at the moment.
func freeAddress(s *shop) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
