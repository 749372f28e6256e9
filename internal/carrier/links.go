package carrier

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"rebound"
)

// PlaceKind names what a signed address is for.
type PlaceKind string

const (
	AtVoice     PlaceKind = "voice"     // the number's voice webhook (unsigned path: the carrier's signature alone)
	AtStatus    PlaceKind = "status"    // the number's status callback (unsigned path)
	AtText      PlaceKind = "text"      // the number's text webhook (unsigned path)
	AtRung      PlaceKind = "rung"      // a ring step is over (Twilio: dial action)
	AtScreen    PlaceKind = "screen"    // a screened leg was picked up: what to say
	AtAccept    PlaceKind = "accept"    // a key was pressed on it
	AtLeg       PlaceKind = "leg"       // a leg's progress
	AtMenu      PlaceKind = "menu"      // a menu was said to the caller: the key pressed, or none; Target is the try
	AtRecorded  PlaceKind = "recorded"  // the recording verb is over
	AtRecording PlaceKind = "recording" // the recording can be fetched
	AtReceipt   PlaceKind = "receipt"   // what became of a text
	AtSound     PlaceKind = "sound"     // a greeting to fetch and play; the address alone proves that we named it
)

// Place is where a carrier's request came in: which connection, and for signed addresses the call,
// step and leg, the message, or the sound, that it is about.
type Place struct {
	Kind       PlaceKind
	Connection rebound.ConnectionID
	Business   rebound.BusinessID
	Call       rebound.CallID
	Message    rebound.MessageID
	Sound      rebound.MediaID
	Step       int
	Target     int
}

// Links makes and reads the addresses that a carrier calls. All state is in the path and signed:
// a query may be dropped or reordered by carriers (CARRIERS.md 1.13).
type Links struct {
	Base    string // public address without a trailing slash: "https://rebound.example.com"
	Carrier string // first element of the path: "twilio"
	Key     []byte // signs paths; at least 32 random bytes, kept with the database
}

// macLength of 22 base64 characters is 132 bits of the SHA-256 MAC.
const macLength = 22

// To returns the whole address of a place.
func (l Links) To(p Place) string { return l.Base + l.Path(p) }

// Path returns the path of a place:
//
//	/hook/<carrier>/<connection>/voice | status | text
//	/hook/<carrier>/<connection>/<kind>/<business>/<call, message or sound>[/<step>[/<target>]]/<mac>
func (l Links) Path(p Place) string {
	path := "/hook/" + l.Carrier + "/" + string(p.Connection) + "/" + string(p.Kind)
	if unsigned(p.Kind) {
		return path
	}
	path += "/" + string(p.Business)
	switch p.Kind {
	case AtReceipt:
		path += "/" + string(p.Message)
	case AtSound:
		path += "/" + string(p.Sound)
	case AtRung, AtRecorded, AtRecording:
		path += "/" + string(p.Call) + "/" + strconv.Itoa(p.Step)
	default:
		path += "/" + string(p.Call) + "/" + strconv.Itoa(p.Step) + "/" + strconv.Itoa(p.Target)
	}
	return path + "/" + l.mac(path)
}

// Read checks a path made by Path and returns its place.
func (l Links) Read(path string) (Place, error) {
	rest, ok := strings.CutPrefix(path, "/hook/"+l.Carrier+"/")
	part := strings.Split(rest, "/")
	if !ok || len(part) < 2 || part[0] == "" {
		return Place{}, fmt.Errorf("no such address")
	}
	p := Place{Connection: rebound.ConnectionID(part[0]), Kind: PlaceKind(part[1])}
	if unsigned(p.Kind) && len(part) == 2 {
		return p, nil
	}
	end := strings.LastIndexByte(path, '/')
	if !hmac.Equal([]byte(path[end+1:]), []byte(l.mac(path[:end]))) {
		return Place{}, fmt.Errorf("the address's own signature is wrong")
	}
	p.Business = rebound.BusinessID(part[2])
	switch p.Kind {
	case AtReceipt:
		p.Message = rebound.MessageID(part[3])
		return p, nil
	case AtSound:
		p.Sound = rebound.MediaID(part[3])
		return p, nil
	}
	p.Call = rebound.CallID(part[3])
	p.Step, _ = strconv.Atoi(part[4])
	if len(part) == 7 {
		p.Target, _ = strconv.Atoi(part[5])
	}
	return p, nil
}

func unsigned(k PlaceKind) bool { return k == AtVoice || k == AtStatus || k == AtText }

func (l Links) mac(path string) string {
	h := hmac.New(sha256.New, l.Key)
	h.Write([]byte(path))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))[:macLength]
}
