package bench

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rebound/internal/reboundtest"
)

// town is enough businesses, with two lines each, for no default limit to hold a text back: 100 an
// hour for a line, and 60 an hour for callers of one prefix.
const town = 1000

const (
	account    = "AC0123456789abcdef0123456789abcdef"
	secret     = "the account's primary token"
	publicURL  = "https://rebound.test"
	connection = "main"
	perPrefix  = 50
)

// settle makes an installation with so many businesses, whose carrier answers at an address. Texts
// leave at once, also to callers who hung up at once.
func settle(b *testing.B, fresh reboundtest.Database, carrierURL string, businesses int) *reboundtest.Program {
	b.Helper()
	p := reboundtest.NewProgram(b, fresh, "TWILIO_AUTH_TOKEN="+secret)
	p.Configure(b, "listen: 127.0.0.1:0", "public_url: "+publicURL)
	var file strings.Builder
	for i := range businesses {
		fmt.Fprintf(&file, `---
business: %[1]s
name: Plumber %[2]d
zone: America/Los_Angeles
country: US
contact: Call us.
connections:
  %[3]s:
    carrier: twilio
    account: %[4]s
    auth_token: env:TWILIO_AUTH_TOKEN
    base_url: %[5]s
members:
  ana:
    name: Ana
    rings: [{cell: "%[6]s"}]
  ben:
    name: Ben
    rings: [{cell: "%[7]s"}]
teams:
  all:
    name: All
    members: [ana, ben]
lines:
  first: {name: First, number: "%[8]s", connection: %[3]s, team: all}
  second: {name: Second, number: "%[9]s", connection: %[3]s, team: all}
text_back:
  delay: 0s
  quick_hang_up: none
`, business(i), i, connection, account, carrierURL, cell(i, 0), cell(i, 1), line(i, 0), line(i, 1))
	}
	p.Write(b, "town.yaml", file.String())
	p.Do(b, "apply", "town.yaml")
	return p
}

func business(i int) string { return fmt.Sprintf("plumber-%04d", i) }

// Lines, cells and callers have area codes of their own, so that no caller is staff.
func line(i, second int) string { return fmt.Sprintf("+1415%07d", 2_000_000+2*i+second) }

// cells is how members' numbers begin.
const cells = "+1510"

func cell(i, second int) string { return fmt.Sprintf(cells+"%07d", 2_000_000+2*i+second) }

// areas are area codes of the United States.
var areas = strings.Fields("201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 224 225 228 229 231 234 239 240 248")

// caller returns the number of the nth caller: no two are alike, and no prefix has more than
// perPrefix of them. Exchanges are 620 to 699, 720 to 799, 820 to 899.
func caller(n int) string {
	prefix := n / perPrefix
	exchange := prefix / len(areas)
	return fmt.Sprintf("+1%s%d%d%04d", areas[prefix%len(areas)], 6+exchange/80, 20+exchange%80, n%perPrefix)
}

// callerOf is the reverse of caller; -1 for a number that is no caller's.
func callerOf(number string) int {
	if len(number) != len("+12016200000") {
		return -1
	}
	hundreds, err := strconv.Atoi(number[5:6])
	rest, err2 := strconv.Atoi(number[6:8])
	last, err3 := strconv.Atoi(number[8:])
	area := slices.Index(areas, number[2:5])
	if area < 0 || errors.Join(err, err2, err3) != nil {
		return -1
	}
	exchange := (hundreds-6)*80 + rest - 20
	return (exchange*len(areas)+area)*perPrefix + last
}

// called says which business's line the nth caller calls.
func called(n int) (business, line int) { return n / 2 % town, n % 2 }

// callForm is what every request about the nth caller's call says.
func callForm(n int, status string) url.Values {
	i, second := called(n)
	from, to := caller(n), line(i, second)
	form := url.Values{
		"CallSid": {callSID(n)}, "AccountSid": {account}, "From": {from}, "To": {to}, "Caller": {from}, "Called": {to},
		"CallStatus": {status}, "ApiVersion": {"2010-04-01"}, "Direction": {"inbound"},
	}
	for _, who := range []string{"From", "To", "Caller", "Called"} {
		for _, what := range []string{"City", "State", "Zip"} {
			form.Set(who+what, "")
		}
		form.Set(who+"Country", "US")
	}
	return form
}

func callSID(n int) string { return fmt.Sprintf("CA%032x", n) }
