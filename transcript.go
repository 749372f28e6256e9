package rebound

import "time"

// Transcript is what a machine heard in a voicemail. Whatever becomes of it, the voicemail can be played.
type Transcript struct {
	Media     MediaID // the recording
	Business  BusinessID
	State     TranscriptState
	Words     string // TranscriptMade; empty: it heard none
	Trouble   string // why there is none (yet), as a sentence
	Tries     int
	CreatedAt time.Time
	DueAt     time.Time // when it is tried (again); zero: never
}

// TranscriptState is how far a transcript has come.
type TranscriptState string

const (
	TranscriptWanted TranscriptState = "wanted"
	TranscriptMade   TranscriptState = "made"
	TranscriptFailed TranscriptState = "failed" // nobody tries again
)

const (
	// mostTranscriptTries bounds how often a machine is asked: over about an hour.
	mostTranscriptTries = 7
	// longestTranscript is in runes: ten minutes of fast speech.
	longestTranscript = 12_000
)

// Made returns the transcript with the words that were heard.
func (t Transcript) Made(words string) Transcript {
	if runes := []rune(words); len(runes) > longestTranscript {
		words = string(runes[:longestTranscript-1]) + "…"
	}
	t.State, t.Words, t.Trouble, t.DueAt = TranscriptMade, words, "", time.Time{}
	t.Tries++
	return t
}

// Failed returns the transcript after a try without words; refused: the machine does not take this recording, and
// another try would end the same.
func (t Transcript) Failed(now time.Time, refused bool) Transcript {
	t.Tries++
	switch {
	case refused:
		t.State, t.Trouble, t.DueAt = TranscriptFailed, "The transcription service refused this recording.", time.Time{}
	case t.Tries >= mostTranscriptTries:
		t.State, t.Trouble, t.DueAt = TranscriptFailed, "The transcription service did not answer.", time.Time{}
	default:
		t.Trouble = "The transcription service has not answered yet."
		t.DueAt = now.Add(15 * time.Second << t.Tries)
	}
	return t
}
