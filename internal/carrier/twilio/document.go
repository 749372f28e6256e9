package twilio

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"rebound"
	"rebound/internal/carrier"
)

// retries asks Twilio to repeat a failed request twice, whatever the failure. It is a fragment, so
// it is neither signed nor sent; a retry carries the same I-Twilio-Idempotency-Token
// (CARRIERS.md 1.5 and 2.e). Without it a status callback that fails is never repeated.
const retries = "#rc=2&rp=all"

// Document writes what the live call does next as TwiML. The same instruction and links give the
// same bytes, so that a retried request never starts a second ring. At most ten targets ring
// together; that is for the plan to see to.
func (d *Door) Document(in rebound.Instruction, links carrier.Links) (contentType string, body []byte) {
	w := &writer{in: in, links: links}
	w.WriteString(xml.Header)
	w.open("Response")
	switch in.Kind {
	case rebound.DoRing:
		w.ring()
	case rebound.DoMenu:
		w.menu()
	case rebound.DoVoicemail:
		w.voicemail()
	case rebound.DoGreet:
		w.greeting()
		w.empty("Hangup")
	case rebound.DoScreen:
		w.screen()
	case rebound.DoHangUp:
		w.empty("Hangup")
	case rebound.DoReject:
		w.empty("Reject", attr{"reason", "rejected"})
	case rebound.DoConnect, rebound.DoNothing: // an empty answer on a screened leg connects it
	}
	w.close("Response")
	return "text/xml; charset=utf-8", w.Bytes()
}

// writer builds one document. The element and attribute names that it is given are constants; it
// escapes every value.
type writer struct {
	bytes.Buffer
	in    rebound.Instruction
	links carrier.Links
}

type attr struct{ name, value string }

// ring keeps Dial the first verb: only then does answerOnBridge let the caller hear it ring and
// leave the inbound leg unanswered until somebody is connected.
func (w *writer) ring() {
	step := w.in.Step
	attrs := []attr{
		{"answerOnBridge", "true"},
		{"timeout", wholeSeconds(cmp.Or(step.For, 20*time.Second), 5, 600)},
		{"action", w.at(carrier.AtRung, 0)},
	}
	if step.CallerID != "" {
		attrs = append(attrs, attr{"callerId", string(step.CallerID)})
	}
	w.open("Dial", attrs...)
	for i, t := range step.Targets {
		if !slices.Contains(w.in.Skip, i) {
			w.target(i, t.Destination)
		}
	}
	w.close("Dial")
}

func (w *writer) target(i int, d rebound.Destination) {
	noun, address := "Number", string(d.Number)
	if d.Kind == rebound.SIP {
		noun, address = "Sip", d.Address
	}
	var attrs []attr
	if d.Kind.Screened() {
		attrs = append(attrs, attr{"url", w.at(carrier.AtScreen, i)})
	}
	attrs = append(attrs,
		attr{"statusCallback", w.at(carrier.AtLeg, i)},
		attr{"statusCallbackEvent", "ringing answered completed"})
	w.element(noun, address, attrs...)
}

// menu asks for one key, of which # is one like the others. With no key Twilio must ask all the same what
// follows: the document ends here.
func (w *writer) menu() {
	w.open("Gather",
		attr{"action", w.at(carrier.AtMenu, w.in.Target)},
		attr{"actionOnEmptyResult", "true"},
		attr{"numDigits", "1"},
		attr{"finishOnKey", ""},
		attr{"timeout", wholeSeconds(cmp.Or(w.in.Step.For, rebound.DefaultMenuWait), 1, 60)})
	w.greeting()
	w.close("Gather")
}

// voicemail always sets the action: without one Twilio asks for this document again, for ever.
func (w *writer) voicemail() {
	w.greeting()
	w.empty("Record",
		attr{"action", w.at(carrier.AtRecorded, 0)},
		attr{"recordingStatusCallback", w.at(carrier.AtRecording, 0)},
		attr{"recordingStatusCallbackEvent", "completed absent"},
		attr{"maxLength", wholeSeconds(cmp.Or(w.in.Step.MaxFor, 2*time.Minute), 2, 3600)},
		attr{"timeout", wholeSeconds(cmp.Or(w.in.Step.Silence, 5*time.Second), 1, 60)},
		attr{"finishOnKey", "#"}, // the default, any key, ends a message at a slip of the cheek
		attr{"playBeep", "true"},
		attr{"trim", "trim-silence"})
}

func (w *writer) greeting() {
	switch step := w.in.Step; {
	case step.Sound != "":
		w.element("Play", w.links.To(carrier.Place{
			Kind: carrier.AtSound, Connection: w.in.Connection, Business: w.in.Business, Sound: step.Sound,
		}))
	case step.Play != "":
		w.element("Play", step.Play)
	default:
		w.say(step.Say)
	}
}

// screen says who calls and lets any key accept: with no finishing key, # counts like the others.
// Without a key the leg ends, which keeps a cell's own voicemail from answering.
func (w *writer) screen() {
	w.open("Gather",
		attr{"action", w.at(carrier.AtAccept, w.in.Target)},
		attr{"numDigits", "1"},
		attr{"finishOnKey", ""},
		attr{"timeout", "5"})
	w.say(w.in.Step.Announce)
	w.empty("Pause", attr{"length", "1"})
	w.say(w.in.Step.Announce)
	w.close("Gather")
	w.empty("Hangup")
}

// longestSpoken is what every voice of Twilio's takes; it says nothing at all of a longer text
// (Twilio's error 13521).
const longestSpoken = 3000

func (w *writer) say(text string) {
	if text == "" {
		return // Twilio warns of an empty Say (13520)
	}
	for len(text) > longestSpoken {
		_, size := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-size]
	}
	if l := spokenLanguage(w.in.Step.Language); l != "" {
		w.element("Say", text, attr{"language", l})
		return
	}
	w.element("Say", text)
}

// at returns the address of a place in this call's step.
func (w *writer) at(kind carrier.PlaceKind, target int) string {
	return w.links.To(carrier.Place{
		Kind: kind, Connection: w.in.Connection, Business: w.in.Business,
		Call: w.in.Call, Step: w.in.Number, Target: target,
	}) + retries
}

// wholeSeconds rounds up to seconds and keeps the result in the range that Twilio takes.
func wholeSeconds(d time.Duration, least, most int) string {
	n := int((d + time.Second - 1) / time.Second)
	return strconv.Itoa(min(max(n, least), most))
}

func (w *writer) open(name string, attrs ...attr) {
	w.WriteString("<" + name)
	for _, a := range attrs {
		w.WriteString(" " + a.name + `="`)
		xml.EscapeText(w, []byte(a.value))
		w.WriteByte('"')
	}
	w.WriteByte('>')
}

func (w *writer) close(name string) { w.WriteString("</" + name + ">") }

func (w *writer) empty(name string, attrs ...attr) {
	w.open(name, attrs...)
	w.close(name)
}

func (w *writer) element(name, text string, attrs ...attr) {
	w.open(name, attrs...)
	xml.EscapeText(w, []byte(text))
	w.close(name)
}

// spokenLanguage returns a BCP 47 name as Twilio writes it, or "" if it does not speak it: it
// would say nothing at all, where the default voice says at least something.
func spokenLanguage(name string) string {
	for l := range strings.FieldsSeq(spoken) {
		if strings.EqualFold(l, name) {
			return l
		}
	}
	return ""
}

// spoken are the languages of Say (Twilio's Node SDK 6.2.0, SayLanguage).
const spoken = `af-ZA am-ET ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-DE el-GR
	en-AU en-CA en-GB en-GB-WLS en-IE en-IN en-NZ en-US en-ZA es-ES es-MX es-US fi-FI fil-PH fr-BE fr-CA fr-FR
	gu-IN he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lv-LV ml-IN mr-IN ms-MY nb-NO nl-BE nl-NL pa-IN
	pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS sv-SE ta-IN te-IN th-TH tr-TR uk-UA vi-VN yue-HK zh-CN zh-HK zh-TW`

// Speaks reports whether Twilio has a voice for a language, for whoever checks a greeting.
func Speaks(language string) bool { return spokenLanguage(language) != "" }
