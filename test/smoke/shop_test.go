// Package smoke is the black box test: the built program as an operator runs it, in processes of its
// own, with a carrier that speaks Twilio's HTTP over loopback connections. It knows the program's
// commands, addresses and pages; into the database it only looks.
package smoke

import (
	"context"
	"database/sql"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // looks into PostgreSQL
	_ "modernc.org/sqlite"             // and into SQLite

	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
)

func TestMain(m *testing.M) { os.Exit(reboundtest.WithProgram(m)) }

const (
	publicURL  = "https://rebound.test"
	mainLine   = "+14155550134"
	secondLine = "+14155550135"
	anaCell    = "+14155550111"
	benCell    = "+14155550112"
	password   = "only for the smoke test"
	hooks      = "/hook/twilio/acme.main/" // where Twilio calls for the connection
)

// shop is one business on an installation of its own, and Twilio as it sees it.
type shop struct {
	*testing.T
	program *reboundtest.Program
	network *fake.Network
	twilio  *fake.Twilio
	api     string // address of Twilio's REST API
	door    *door
}

// onBoth runs a test on both databases, beside others.
func onBoth(t *testing.T, fn func(s *shop)) {
	t.Parallel()
	reboundtest.Databases(t, func(t *testing.T, fresh reboundtest.Database) {
		t.Parallel()
		fn(openShop(t, fresh))
	})
}

// openShop makes an installation whose business is applied. No server runs yet.
func openShop(t *testing.T, fresh reboundtest.Database) *shop {
	s := &shop{T: t, network: fake.New(fake.Options{}), door: &door{}}
	t.Cleanup(s.network.Close)
	s.twilio = s.network.Twilio(fake.TwilioAccount{Hooks: s.door})
	s.twilio.Owns(fake.TwilioNumber{
		Number: mainLine, VoiceURL: publicURL + hooks + "voice#rc=2&rp=all", SMSURL: publicURL + hooks + "text#rc=2&rp=all",
		StatusCallback: publicURL + hooks + "status#rc=2&rp=all",
	})
	s.api = listen(t, s.twilio.Handler())
	s.program = reboundtest.NewProgram(t, fresh, "TWILIO_AUTH_TOKEN="+s.twilio.Token, "REBOUND_PASSWORD="+password)
	s.program.Configure(t, "listen: 127.0.0.1:0", "public_url: "+publicURL)
	s.apply("")
	return s
}

// listen serves a handler on a loopback port until the test ends and returns its address.
func listen(t *testing.T, h http.Handler) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		<-served
	})
	return "http://" + l.Addr().String()
}

// apply declares the business, with more lines under lines, and returns what the command said.
func (s *shop) apply(moreLines string) string {
	s.Helper()
	s.program.Write(s, "business.yaml", fmt.Sprintf(`
business: acme
name: Acme Plumbing
zone: America/Los_Angeles
country: US
contact: Call (415) 555-0134.
connections:
  main: {carrier: twilio, account: %s, auth_token: "env:TWILIO_AUTH_TOKEN", base_url: "%s"}
members:
  ana: {name: Ana, rings: [{cell: "%s"}]}
  ben: {name: Ben, rings: [{cell: "%s"}]}
teams:
  day: {name: Day team, members: [ana, ben]}
lines:
  main:
    name: Main line
    number: "%s"
    connection: main
    team: day
    ring_for: 5s
    greeting: {say: "Please leave a message."}
%s
text_back:
  delay: 0s
  quick_hang_up: none
  limits: {per_prefix: none, per_line_hour: none, per_business_hour: none, per_business_day: none, spend_per_day: none}
`, s.twilio.SID, s.api, anaCell, benCell, mainLine, moreLines))
	return s.program.Do(s, "apply", "business.yaml")
}

// serve starts a server and leads the public address to it.
func (s *shop) serve() *reboundtest.Server {
	s.Helper()
	server := s.program.Serve(s)
	s.door.opens(server.Address())
	return server
}

// door carries requests for the public address to a server, as a reverse proxy does.
type door struct{ to atomic.Pointer[url.URL] }

// opens leads to the server at an address; to none when it is empty.
func (d *door) opens(address string) {
	to, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	d.to.Store(to)
}

// RoundTrip fails as a dialled port does where nobody listens, while no server is there.
func (d *door) RoundTrip(r *http.Request) (*http.Response, error) {
	to := d.to.Load()
	if to == nil || to.Host == "" {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}
	}
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = to.Scheme, to.Host, ""
	return http.DefaultTransport.RoundTrip(r)
}

// missedForm is the number's status callback about a caller who hung up before anybody was asked: the
// one request that tells of the whole call.
func (s *shop) missedForm(caller, to, sid string) url.Values {
	return url.Values{
		"CallSid": {sid}, "AccountSid": {s.twilio.SID}, "From": {caller}, "To": {to}, "Caller": {caller}, "Called": {to},
		"CallStatus": {"no-answer"}, "ApiVersion": {"2010-04-01"}, "Direction": {"inbound"}, "CallDuration": {"0"}, "Duration": {"0"},
		"Timestamp": {time.Now().UTC().Format(time.RFC1123Z)}, "SequenceNumber": {"0"}, "CallbackSource": {"call-progress-events"},
	}
}

// request makes a signed request that goes through the door.
func (s *shop) request(place string, form url.Values) *http.Request {
	s.Helper()
	r, err := reboundtest.Webhook(context.Background(), publicURL, publicURL, hooks+place, s.twilio.Token, form.Get("CallSid"), form)
	if err != nil {
		s.Fatal(err)
	}
	return r
}

// send sends a request through the door and returns the answer.
func (s *shop) send(r *http.Request) (status int, body string) {
	s.Helper()
	answer, err := s.door.RoundTrip(r)
	if err != nil {
		s.Fatalf("%s %s: %v", r.Method, r.URL, err)
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer.StatusCode, string(content)
}

// page reads a page as a browser would, with plain blanks in its text.
func (s *shop) page(path string) string {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, publicURL+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	r.SetBasicAuth("anybody", password)
	status, body := s.send(r)
	if status != http.StatusOK {
		s.Fatalf("GET %s: %d %s", path, status, body)
	}
	return strings.ReplaceAll(html.UnescapeString(body), "\u00a0", " ")
}

// eventually waits until something is so, which it must be within a time.
func (s *shop) eventually(within time.Duration, what string, is func() bool) {
	s.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for late := time.After(within); !is(); {
		select {
		case <-look.C:
		case <-late:
			s.Fatalf("not within %s: %s", within, what)
		}
	}
}

// database opens the installation's database to look into it.
func (s *shop) database() *sql.DB {
	s.Helper()
	db, err := sql.Open(s.program.Database())
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() {
		if err := db.Close(); err != nil {
			s.Error(err)
		}
	})
	return db
}

// count runs a query for one number.
func (s *shop) count(db *sql.DB, query string) int {
	s.Helper()
	var n int
	if err := db.QueryRow(query).Scan(&n); err != nil {
		s.Fatalf("%s: %v", query, err)
	}
	return n
}

// everything counts the rows in which anything that a carrier reports would stand.
const everything = `select (select count(*) from calls) + (select count(*) from contacts) + (select count(*) from messages)
	+ (select count(*) from recoveries) + (select count(*) from events)
	+ (select count(*) from carrier_events) + (select count(*) from attempts) + (select count(*) from media)`

// textsTo returns what the carrier took for a caller.
func (s *shop) textsTo(caller string) (texts []string) {
	for _, t := range s.network.Taken(mainLine) {
		if string(t.To) == caller {
			texts = append(texts, t.Body)
		}
	}
	return texts
}

func contains(text string, all ...string) bool {
	for _, one := range all {
		if !strings.Contains(text, one) {
			return false
		}
	}
	return true
}
