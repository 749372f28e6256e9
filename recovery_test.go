package rebound

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestRecoveryNext(t *testing.T) {
	start := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	open := Recovery{ID: "r", State: RecoveryOpen, Misses: 1, Texts: 1, OpenedAt: start, TextedAt: start}
	waiting := open
	waiting.State, waiting.Why, waiting.WaitSince, waiting.DueAt = RecoveryWaiting, WaitReply, at(time.Minute), at(time.Minute)
	contacted := waiting
	contacted.State, contacted.ContactAt, contacted.Proven, contacted.DueAt = RecoveryContacted, at(2*time.Minute), true, time.Time{}
	silent := open // contacted before the caller ever wrote
	silent.State, silent.ContactAt = RecoveryContacted, at(time.Minute)
	later30 := waiting
	later30.PolicyStep, later30.DueAt = 2, at(31*time.Minute)
	closed := contacted
	closed.State = RecoveryClosed

	for _, test := range []struct {
		name   string
		from   Recovery
		in     RecoveryInput
		want   RecoveryState
		why    WaitReason
		due    time.Time
		events []EventKind
		stale  bool
	}{
		{"a reply starts the clock when it was written", open, RecoveryInput{Step: StepReplied, At: at(3 * time.Minute)}, RecoveryWaiting, WaitReply, at(3 * time.Minute), []EventKind{EventClockStarted}, false},
		{"a second reply leaves the clock alone", waiting, RecoveryInput{Step: StepReplied, At: at(9 * time.Minute)}, RecoveryWaiting, WaitReply, at(time.Minute), nil, false},
		{"a voicemail starts it", open, RecoveryInput{Step: StepVoicemail, At: at(time.Minute)}, RecoveryWaiting, WaitVoicemail, at(time.Minute), []EventKind{EventClockStarted}, false},
		{"nobody can text them", open, RecoveryInput{Step: StepNoText, At: at(0)}, RecoveryWaiting, WaitNoText, at(0), []EventKind{EventClockStarted}, false},
		{"called again", open, RecoveryInput{Step: StepCalledAgain, At: at(time.Hour), Urgent: true}, RecoveryWaiting, WaitAgain, at(time.Hour), []EventKind{EventClockStarted, EventUrgent}, false},
		{"a text that failed: from the missed call on", open, RecoveryInput{Step: StepTextFailed, At: start}, RecoveryWaiting, WaitBadText, start, []EventKind{EventClockStarted}, false},
		{"a text that failed while they wait already", waiting, RecoveryInput{Step: StepTextFailed, At: start}, RecoveryWaiting, WaitReply, at(time.Minute), nil, true},
		{"a text that failed after contact", contacted, RecoveryInput{Step: StepTextFailed, At: start}, RecoveryContacted, WaitReply, time.Time{}, nil, true},
		{"the timer's first steps, both due by now", waiting, RecoveryInput{Step: StepDue}, RecoveryWaiting, WaitReply, at(31 * time.Minute), []EventKind{EventStepLate, EventStepReached}, false},
		{"a timer that comes too early", later30, RecoveryInput{Step: StepDue}, RecoveryWaiting, WaitReply, at(31 * time.Minute), nil, true},
		{"words that cannot wait", waiting, RecoveryInput{Step: StepReplied, At: at(9 * time.Minute), Urgent: true}, RecoveryWaiting, WaitReply, at(time.Minute), []EventKind{EventUrgent}, false},
		{"a claim does not stop the clock", waiting, RecoveryInput{Step: StepClaimed, By: "ana"}, RecoveryWaiting, WaitReply, at(time.Minute), []EventKind{EventClaimed}, false},
		{"I'm on it: ten minutes from now", waiting, RecoveryInput{Step: StepHeld, By: "ana"}, RecoveryWaiting, WaitReply, at(20 * time.Minute), []EventKind{EventHeld}, false},
		{"contact that a member states", waiting, RecoveryInput{Step: StepStated, At: at(9 * time.Minute), By: "ana"}, RecoveryContacted, WaitReply, time.Time{}, []EventKind{EventStated}, false},
		{"a closing word that was none", contacted, RecoveryInput{Step: StepNotCloser, At: at(4 * time.Minute)}, RecoveryWaiting, WaitReply, at(4 * time.Minute), []EventKind{EventClockStarted}, false},
		{"another outcome is a correction", closed, RecoveryInput{Step: StepOutcome, Outcome: Lost}, RecoveryClosed, WaitReply, time.Time{}, []EventKind{EventOutcome}, false},
		{"a timer that comes after contact", contacted, RecoveryInput{Step: StepDue}, RecoveryContacted, WaitReply, time.Time{}, nil, true},
		{"contact stops it", waiting, RecoveryInput{Step: StepContact, At: at(2 * time.Minute)}, RecoveryContacted, WaitReply, time.Time{}, []EventKind{EventContactMade}, false},
		{"the proof was none", contacted, RecoveryInput{Step: StepContactVoid, At: at(3 * time.Minute)}, RecoveryWaiting, WaitReply, at(time.Minute), []EventKind{EventContactVoid}, false},
		{"the proof was none, and nobody had waited", silent, RecoveryInput{Step: StepContactVoid, At: at(3 * time.Minute)}, RecoveryOpen, "", time.Time{}, []EventKind{EventContactVoid}, false},
		{"a void without contact", waiting, RecoveryInput{Step: StepContactVoid}, RecoveryWaiting, WaitReply, at(time.Minute), nil, true},
		{"a later reply starts it anew", contacted, RecoveryInput{Step: StepReplied, At: at(time.Hour)}, RecoveryWaiting, WaitReply, at(time.Hour), []EventKind{EventClockStarted}, false},
		{"an outcome ends it", waiting, RecoveryInput{Step: StepOutcome, Outcome: Booked, Amount: 42_000}, RecoveryClosed, WaitReply, time.Time{}, []EventKind{EventOutcome}, false},
		{"what is closed stays closed", closed, RecoveryInput{Step: StepReplied, At: at(time.Hour)}, RecoveryClosed, WaitReply, time.Time{}, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, follows, err := test.from.Next(test.in, Clock{}, at(10*time.Minute))
			if stale := errors.Is(err, ErrStale); stale != test.stale || err != nil && !stale {
				t.Fatalf("err = %v", err)
			}
			if got.State != test.want || got.Why != test.why || !got.DueAt.Equal(test.due) {
				t.Errorf("%s for %q, due %v; want %s for %q, due %v", got.State, got.Why, got.DueAt, test.want, test.why, test.due)
			}
			if !slices.Equal(follows.Events, test.events) {
				t.Errorf("events %v, want %v", follows.Events, test.events)
			}
			if moved := got.Seq != test.from.Seq; moved == test.stale {
				t.Errorf("Seq moved: %v, stale: %v", moved, test.stale)
			}
		})
	}
}

// Whatever happens in whatever order, a waiting recovery has a timer and no other has one.
func TestARecoveryHasATimerExactlyWhileItWaits(t *testing.T) {
	steps := []RecoveryStep{
		StepMissed, StepTextPlanned, StepNoText, StepCalledAgain, StepTextFailed, StepTextUnsure, StepReplied,
		StepVoicemail, StepDue, StepContact, StepContactVoid, StepOutcome, StepNotCloser, StepClaimed, StepAssigned, StepHeld, StepStated,
	}
	start := time.Date(2026, 11, 24, 18, 0, 0, 0, time.UTC)
	var walk func(r Recovery, depth int, path []RecoveryStep)
	walk = func(r Recovery, depth int, path []RecoveryStep) {
		if (r.State == RecoveryWaiting) == r.DueAt.IsZero() {
			t.Fatalf("after %v: %s, due %v", path, r.State, r.DueAt)
		}
		if depth == 0 {
			return
		}
		for _, s := range steps {
			now := start.Add(time.Duration(len(path)) * time.Minute)
			next, _, err := r.Next(RecoveryInput{Step: s, At: now, By: "ana", Urgent: len(path)%2 == 0}, Clock{}, now)
			if err != nil && !errors.Is(err, ErrStale) && ErrorKind(err) != Conflict {
				t.Fatalf("after %v, %s: %v", path, s, err)
			}
			walk(next, depth-1, append(path, s))
		}
	}
	walk(Recovery{State: RecoveryOpen, OpenedAt: start}, 4, nil)
}
