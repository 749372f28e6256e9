package engine_test

import (
	"io"
	"testing"
	"time"

	"rebound"
	"rebound/internal/carrier/fake"
	"rebound/internal/reboundtest"
	"rebound/internal/store"
)

// afterTheMiss is how long after the caller's last miss the carrier took the newest text.
func afterTheMiss(w *reboundtest.World, caller *reboundtest.Handset) time.Duration {
	w.T.Helper()
	taken := w.Network.Taken(reboundtest.MainLine)
	all := w.Conversation(caller).Calls
	if len(taken) == 0 || len(all) == 0 {
		w.T.Fatalf("%d texts were taken after %d calls", len(taken), len(all))
	}
	return taken[len(taken)-1].At.Sub(all[len(all)-1].MissedAt)
}

func TestTheTextWaitsForItsDelay(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		for _, delay := range []time.Duration{0, rebound.DefaultDelay, 55 * time.Second} {
			textBack(w, func(p *rebound.TextBackPolicy) { p.Delay = delay })
			caller := w.Caller()
			w.Over(caller.Calls(reboundtest.MainLine).HangsUpAfter(10 * time.Second))
			caller.ExpectText("missed your call")
			if got := afterTheMiss(w, caller); got != delay {
				t.Errorf("sent %v after the miss, want %v", got, delay)
			}
		}
	})
}

// While the caller listens to the greeting and speaks, the text is held; it then thanks for the voicemail.
func TestTheTextWaitsForTheEndOfTheVoicemail(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).LeavesVoicemail(15*time.Second, nil)
		w.Over(call)
		caller.ExpectText("Acme Plumbing", "got your voicemail")
		c := w.Conversation(caller)
		if left, sent := c.Calls[0].RecordedAt, w.Network.Taken(reboundtest.MainLine)[0].At; !sent.Equal(left) {
			t.Errorf("the voicemail was left at %v and the text sent at %v", left, sent)
		}
		reboundtest.ExpectRecovery(w, c, rebound.RecoveryWaiting, rebound.WaitVoicemail)
		if !c.Calls[0].Voicemail || c.Contact.LastKind != "voicemail" || !c.Contact.Unread {
			t.Errorf("voicemail: %v, the list shows %q, unread: %v", c.Calls[0].Voicemail, c.Contact.LastKind, c.Contact.Unread)
		}
	})
}

func TestALongVoicemailHoldsTheText45Seconds(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.Delay = rebound.DefaultDelay })
		caller := w.Caller()
		call := caller.Calls(reboundtest.MainLine).LeavesVoicemail(100*time.Second, nil)
		call.WaitStage(fake.StageRecording)
		caller.ExpectText("missed your call")
		if got := afterTheMiss(w, caller); got != rebound.VoicemailHold {
			t.Errorf("sent %v after the miss, want %v", got, rebound.VoicemailHold)
		}
		w.Over(call)
		caller.ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitVoicemail).ExpectNoText(10 * time.Minute)
	})
}

func TestTheCallerWhoHangsUpAtTheToneIsTextedAtOnce(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		textBack(w, func(p *rebound.TextBackPolicy) { p.Delay = rebound.DefaultDelay })
		caller := w.Caller()
		w.Over(caller.Calls(reboundtest.MainLine).RingsOut())
		caller.ExpectText("missed your call") // the greeting lasts nearly as long as the delay
		if got := afterTheMiss(w, caller); got < rebound.DefaultDelay || got > rebound.DefaultDelay+5*time.Second {
			t.Errorf("sent %v after the miss", got)
		}
		caller.ExpectRecovery(rebound.RecoveryOpen, "")
	})
}

func TestAKnownCallerIsCalledByName(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		if err := w.App.Engine.NameContact(t.Context(), reboundtest.Business, caller.Number, "Carol Reyes"); err != nil {
			t.Fatal(err)
		}
		calls(w, caller)
		caller.ExpectText("Hi Carol, this is Acme Plumbing")
	})
}

func TestARecordingIsFetchedAndKept(t *testing.T) {
	for name, run := range map[string]func(*testing.T, func(*testing.T, *reboundtest.World)){"native": reboundtest.Run, "twilio": reboundtest.RunTwilio} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T, w *reboundtest.World) {
				caller := w.Caller()
				w.Over(caller.Calls(reboundtest.MainLine).LeavesVoicemail(12*time.Second, nil))
				caller.ExpectText("voicemail")
				w.Settle()
				m := w.Conversation(caller).Media
				if len(m) != 1 || m[0].State != rebound.MediaStored || m[0].Duration != 12*time.Second || m[0].ContentType[:6] != "audio/" {
					t.Fatalf("media: %+v", m)
				}
				if n := sizeOf(t, w.App.Files, m[0]); n != m[0].Size || n < 10_000 {
					t.Errorf("the file has %d bytes, the row says %d", n, m[0].Size)
				}
			})
		})
	}
}

func sizeOf(t *testing.T, files *store.Files, m rebound.Media) int64 {
	t.Helper()
	f, err := files.Open(m.Business, m.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	n, err := io.Copy(io.Discard, f)
	if err != nil {
		t.Error(err)
	}
	return n
}

// After the text has left, a reply, a second voicemail or silence is all that can follow: the clock, once
// started, is not started again.
func TestAVoicemailAfterTheTextStartsTheClock(t *testing.T) {
	reboundtest.RunTwilio(t, func(t *testing.T, w *reboundtest.World) {
		caller := w.Caller()
		calls(w, caller)
		caller.ExpectText("missed your call").ExpectRecovery(rebound.RecoveryOpen, "")
		w.FastForward(time.Minute)
		w.Over(caller.Calls(reboundtest.MainLine).LeavesVoicemail(5*time.Second, nil))
		caller.ExpectDecision(rebound.CoolDown).ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitVoicemail)
		since := w.Conversation(caller).Recoveries[0].WaitSince
		w.FastForward(5 * time.Minute)
		caller.Replies("Hello?").ExpectRecovery(rebound.RecoveryWaiting, rebound.WaitReply)
		if got := w.Conversation(caller).Recoveries[0].WaitSince; !got.Equal(since) {
			t.Errorf("waits since %v, then since %v", since, got)
		}
		caller.ExpectSaid(rebound.EventStepReached, "5")
	})
}
