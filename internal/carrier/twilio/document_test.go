package twilio_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier"
	"rebound/internal/reboundtest"
)

var update = flag.Bool("update", false, "write the golden files in testdata anew")

func links() carrier.Links {
	return carrier.Links{Base: "https://rebound.example.com", Carrier: "twilio", Key: []byte("0123456789abcdef0123456789abcdef")}
}

func instruction(kind rebound.InstructionKind, step rebound.Step) rebound.Instruction {
	return rebound.Instruction{Kind: kind, Connection: "con1", Business: "biz1", Call: "call1", Number: 1, Step: step, Target: 2}
}

var ringTargets = []rebound.Target{
	{Name: "Ana", Destination: rebound.Destination{Kind: rebound.Cell, Number: "+14155550111"}},
	{Name: "Desk", Destination: rebound.Destination{Kind: rebound.Desk, Number: "+14155550112"}},
	{Name: "App", Destination: rebound.Destination{Kind: rebound.SIP, Address: "sip:ana@pbx.example.com"}},
}

func documents() map[string]rebound.Instruction {
	return map[string]rebound.Instruction{
		"ring": instruction(rebound.DoRing, rebound.Step{Kind: rebound.RingStep, Targets: ringTargets, For: 20 * time.Second}),
		"ring-withheld": instruction(rebound.DoRing, rebound.Step{
			Kind: rebound.RingStep, Targets: ringTargets[:1], For: 1500 * time.Millisecond, CallerID: "+14155550100"}),
		"menu": instruction(rebound.DoMenu, rebound.Step{
			Kind: rebound.MenuStep, Say: "For emergencies press 1, for <all> else 2.", Language: "en-US", For: 7 * time.Second}),
		"menu-played": instruction(rebound.DoMenu, rebound.Step{Kind: rebound.MenuStep, Play: "https://cdn.example.com/menu.mp3?x=1&y=2"}),
		"ring-declined": {
			Kind: rebound.DoRing, Connection: "con1", Business: "biz1", Call: "call1", Number: 3, Skip: []int{0, 2},
			Step: rebound.Step{Kind: rebound.RingStep, Targets: ringTargets, For: 20 * time.Second}},
		"voicemail": instruction(rebound.DoVoicemail, rebound.Step{
			Kind: rebound.VoicemailStep, Say: "You have reached Miller & Sons. Say <b>your</b> name.", MaxFor: 2 * time.Minute, Silence: 5 * time.Second}),
		"voicemail-played": instruction(rebound.DoVoicemail, rebound.Step{
			Kind: rebound.VoicemailStep, Say: "not said", Play: "https://cdn.example.com/a.mp3?x=1&y=2"}),
		"voicemail-sound": instruction(rebound.DoVoicemail, rebound.Step{
			Kind: rebound.VoicemailStep, Say: "not said", Play: "https://cdn.example.com/a.mp3", Sound: "7sdrmmmrcwezlzdyxugo4mfilrbuaakm"}),
		"greet":                   instruction(rebound.DoGreet, rebound.Step{Kind: rebound.GreetStep, Say: "Hier ist Müller.", Language: "de-de"}),
		"greet-unspoken-language": instruction(rebound.DoGreet, rebound.Step{Kind: rebound.GreetStep, Say: "Saluton.", Language: "eo"}),
		"screen":                  instruction(rebound.DoScreen, rebound.Step{Kind: rebound.RingStep, Announce: "Call for Miller & Sons. Press any key to accept."}),
		"call-back-screen": {Kind: rebound.DoScreen, Connection: "con1", Business: "biz1", Call: "call1", Step: rebound.Step{
			Kind: rebound.RingStep, Announce: "Miller & Sons: calling Dana Lee back. Press any key to be connected."}},
		"call-back-customer": {Kind: rebound.DoRing, Connection: "con1", Business: "biz1", Call: "call1", Number: 1, Step: rebound.Step{
			Kind: rebound.RingStep, For: 30 * time.Second, CallerID: "+14155550134",
			Targets: []rebound.Target{{Name: "Dana Lee", Destination: rebound.Destination{Kind: rebound.Customer, Number: "+14155550177"}}}}},
		"connect": instruction(rebound.DoConnect, rebound.Step{}),
		"hang-up": instruction(rebound.DoHangUp, rebound.Step{}),
		"reject":  instruction(rebound.DoReject, rebound.Step{}),
		"nothing": instruction(rebound.DoNothing, rebound.Step{}),
	}
}

func TestDocuments(t *testing.T) {
	for name, in := range documents() {
		t.Run(name, func(t *testing.T) {
			contentType, doc := doorWith(exampleToken).Document(in, links())
			if contentType != "text/xml; charset=utf-8" {
				t.Errorf("content type %q", contentType)
			}
			golden(t, name+".xml", doc)
			_, again := doorWith(exampleToken).Document(in, links())
			if !bytes.Equal(doc, again) {
				t.Error("the same instruction gives another document")
			}
		})
	}
}

func TestDocumentsFollowTheGrammar(t *testing.T) {
	grammar := twiml(t)
	for name, in := range documents() {
		_, doc := doorWith(exampleToken).Document(in, links())
		if err := grammar.Check(doc); err != nil {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
	}
}

// A language that the grammar lists must be spoken, and one that is spoken must be listed.
func TestSpokenLanguagesAreTwilios(t *testing.T) {
	grammar := twiml(t)
	for language := range strings.FieldsSeq("en-US en-GB-WLS arb cmn-CN yue-HK fr-CA ES-mx zh-TW") {
		_, doc := doorWith(exampleToken).Document(instruction(rebound.DoGreet, rebound.Step{Say: "x", Language: language}), links())
		if !bytes.Contains(doc, []byte(` language="`)) {
			t.Errorf("%s is not spoken", language)
		}
		if err := grammar.Check(doc); err != nil {
			t.Error(err)
		}
	}
}

func TestRingKeepsDialTheFirstVerbAndTellsEachLegApart(t *testing.T) {
	_, doc := doorWith(exampleToken).Document(documents()["ring"], links())
	if !bytes.HasPrefix(doc, []byte(xml.Header+`<Response><Dial answerOnBridge="true"`)) {
		t.Errorf("Dial is not the first verb: %s", doc)
	}
	for i, screened := range []bool{true, false, false} {
		p := carrier.Place{Connection: "con1", Business: "biz1", Call: "call1", Step: 1, Target: i}
		p.Kind = carrier.AtScreen
		if got := bytes.Contains(doc, []byte(`url="`+links().To(p))); got != screened {
			t.Errorf("target %d is screened: %t, want %t", i, got, screened)
		}
		p.Kind = carrier.AtLeg
		if !bytes.Contains(doc, []byte(`statusCallback="`+links().To(p))) {
			t.Errorf("target %d does not report", i)
		}
	}
}

// What strangers and owners write stays text, whatever it holds.
func TestHostileWordsStayText(t *testing.T) {
	grammar := twiml(t)
	for _, words := range []string{
		`</Say><Dial><Number>+19005550100</Number></Dial><Say>`, `"><Redirect>https://evil.example</Redirect>`, "<![CDATA[x]]>", "&amp;&#60;", "a\x00b\x1bc\xff\ufffe",
		"]]>", "<!-- -->", strings.Repeat("Grüße & ", 2000),
	} {
		for _, in := range []rebound.Instruction{
			instruction(rebound.DoScreen, rebound.Step{Announce: words}),
			instruction(rebound.DoVoicemail, rebound.Step{Say: words}),
			instruction(rebound.DoMenu, rebound.Step{Say: words}),
			instruction(rebound.DoGreet, rebound.Step{Play: words}),
			instruction(rebound.DoRing, rebound.Step{Targets: []rebound.Target{{Name: words, Destination: rebound.Destination{Kind: rebound.SIP, Address: words}}}}),
		} {
			_, doc := doorWith(exampleToken).Document(in, links())
			if err := grammar.Check(doc); err != nil {
				t.Errorf("%s %q: %v", in.Kind, words, err)
			}
			if bytes.Contains(doc, []byte("<Redirect")) || bytes.Contains(doc, []byte("+19005550100</Number>")) {
				t.Errorf("%s: words became verbs: %s", in.Kind, doc)
			}
		}
	}
}

func TestLongGreetingIsCutAtALetter(t *testing.T) {
	_, doc := doorWith(exampleToken).Document(instruction(rebound.DoGreet, rebound.Step{Say: strings.Repeat("ü", 4000)}), links())
	if n := bytes.Count(doc, []byte("ü")); n != 1500 || bytes.Contains(doc, []byte("\uFFFD")) {
		t.Errorf("%d letters are said, want 1500 whole ones", n)
	}
}

// The checker itself must be able to say no.
func TestGrammarRefuses(t *testing.T) {
	grammar := twiml(t)
	for name, doc := range map[string]string{
		"no XML":                      `hello`,
		"nothing":                     ``,
		"another root":                `<Dial/>`,
		"an element of nobody":        `<Response><Shout>x</Shout></Response>`,
		"an element in a wrong place": `<Response><Gather><Dial/></Gather></Response>`,
		"an attribute of nobody":      `<Response><Dial loud="true"/></Response>`,
		"a wrong value":               `<Response><Reject reason="tired"/></Response>`,
		"a wrong value in a list":     `<Response><Dial><Number statusCallbackEvent="ringing humming">+1</Number></Dial></Response>`,
		"a wrong number":              `<Response><Dial timeout="soon"/></Response>`,
		"a wrong truth":               `<Response><Dial answerOnBridge="yes"/></Response>`,
		"an attribute twice":          `<Response><Dial timeout="5" timeout="6"/></Response>`,
		"words where none belong":     `<Response>hello</Response>`,
		"an empty Say":                `<Response><Say></Say></Response>`,
		"a loose end":                 `<Response><Dial></Response>`,
		"two roots":                   `<Response/><Response/>`,
		"words after the root":        `<Response/>bye`,
		"eleven phones":               `<Response><Dial>` + strings.Repeat(`<Number>+1</Number>`, 11) + `</Dial></Response>`,
		"too much":                    `<Response><Say>` + strings.Repeat("x", 64<<10) + `</Say></Response>`,
	} {
		if err := grammar.Check([]byte(doc)); err == nil {
			t.Errorf("%s passes: %.80s", name, doc)
		}
	}
	if err := grammar.Check([]byte(xml.Header + "<Response>\n <Say>x</Say>\n</Response>\n")); err != nil {
		t.Errorf("a good document is refused: %v", err)
	}
}

func twiml(t testing.TB) *reboundtest.TwiML {
	t.Helper()
	grammar, err := reboundtest.LoadTwiML(reboundtest.Contract(t, "twiml_grammar.json"))
	if err != nil {
		t.Fatal(err)
	}
	return grammar
}

// golden compares with a file in testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want := bytes.TrimSuffix(want, []byte("\n")); !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n got %s\nwant %s", path, got, want)
	}
}
