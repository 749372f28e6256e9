package sms

import (
	"os"
	"strings"
	"testing"
)

// example is a text that somebody might write and what it must be read as.
type example struct {
	want Intent
	text string
}

// examples reads testdata/intents.tsv: intent, tab, text, in which \n is a line end.
func examples(t testing.TB) []example {
	file, err := os.ReadFile("testdata/intents.tsv")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]Intent{}
	for i := None; i <= Help; i++ {
		named[i.String()] = i
	}
	var all []example
	for line := range strings.Lines(string(file)) {
		name, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		want, known := named[name]
		if !ok || !known {
			t.Fatalf("testdata/intents.tsv: bad line %q", line)
		}
		all = append(all, example{want, strings.ReplaceAll(text, `\n`, "\n")})
	}
	return all
}

func TestClassify(t *testing.T) {
	counted := map[Intent]int{}
	for _, e := range examples(t) {
		counted[e.want]++
		if got := Classify(e.text); got != e.want {
			t.Errorf("Classify(%q) = %s, want %s (clauses %q)", e.text, got, e.want, clausesOf(e.text))
		}
	}
	for intent, least := range map[Intent]int{OptOut: 400, LikelyOptOut: 100, OptIn: 10, Help: 10, None: 500} {
		if counted[intent] < least {
			t.Errorf("%d examples of %s, want at least %d", counted[intent], intent, least)
		}
	}
}

// Capitals, typographic or missing apostrophes, space and signatures change no intent.
func TestClassifyIgnoresDress(t *testing.T) {
	for _, e := range examples(t) {
		if _, ok := reaction(e.text); ok || strings.TrimSpace(e.text) == "" || strings.Contains(e.text, "\n") {
			continue
		}
		for _, dressed := range []string{
			strings.ToUpper(e.text) + "\n-- Ann B.",
			" \t" + strings.ToLower(strings.ReplaceAll(e.text, "'", "")) + " \n",
			strings.ReplaceAll(e.text, "'", "’") + "\nSent from my Galaxy",
		} {
			if got := Classify(dressed); got != e.want {
				t.Errorf("Classify(%q) = %s, want %s", dressed, got, e.want)
			}
		}
	}
}

// No text is an opt-out because of what is quoted in it or stands under it.
func TestClassifyReadsOnlyTheSendersWords(t *testing.T) {
	for _, text := range []string{
		"> Reply STOP to opt out\nSure, Tuesday works",
		"Tuesday works\n-- Stop Leaks Plumbing",
		"Tuesday works\n> please stop texting me",
	} {
		if got := Classify(text); got != None {
			t.Errorf("Classify(%q) = %s, want none", text, got)
		}
	}
}

func TestClassifyReadsLongTextsInTime(t *testing.T) {
	long := strings.Repeat("don't stop the water please text me ", 20000)
	if got := Classify(long + "STOP"); got != None {
		t.Errorf("Classify of a text of %d bytes = %s, want none", len(long), got)
	}
}

func FuzzClassify(f *testing.F) {
	for i, e := range examples(f) {
		if i%10 == 0 { // enough to start from; TestClassify has them all
			f.Add(e.text)
		}
	}
	f.Add("a\u0301\u0130ẞß\xff\x00ＳＴＯＰ")
	f.Fuzz(func(t *testing.T, text string) {
		intent := Classify(text)
		if intent < None || intent > Help {
			t.Errorf("Classify(%q) = %d", text, intent)
		}
		if again := Classify(text); again != intent {
			t.Errorf("Classify(%q) = %s, then %s", text, intent, again)
		}
		once := normalise(text)
		if twice := normalise(once); twice != once {
			t.Errorf("normalise(%q) = %q, again %q", text, once, twice)
		}
		Closer(text)
	})
}

func BenchmarkClassify(b *testing.B) {
	for name, text := range map[string]string{
		"keyword":  "STOP",
		"short":    "Can you come by tomorrow at 9?",
		"sentence": "Please don't text me anymore, I found somebody else.",
		"long": "Hi, this is Maria from Oak Street. The water heater in the basement quit last night and the floor is wet. " +
			"I need someone to stop the leak today if possible. Can you stop by after 3? My husband is home all day, call him if you cannot reach me.",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Classify(text)
			}
		})
	}
}
