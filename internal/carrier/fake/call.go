package fake

import (
	"context"
	"slices"
	"strings"
	"time"

	"rebound"
	"rebound/internal/phone"
)

// Stage is where a call stands, as its caller hears it.
type Stage string

const (
	StageDialling  Stage = "dialling"  // nothing rings yet
	StageRinging   Stage = "ringing"   // somebody's phone rings
	StageTalking   Stage = "talking"   // connected with whoever accepted
	StageListening Stage = "listening" // something is said to the caller
	StageRecording Stage = "recording" // after the tone
	StageOver      Stage = "over"
)

// Call is one call that a handset makes, or one that a line makes by request. By itself the caller stays silent, and on the line until
// the other side hangs up.
type Call struct {
	ID   string // the carrier's
	From string // as the carrier shows it: a number, or a word when it is withheld
	To   phone.Number

	dial   Dial
	ids    idPrefixes
	book   *book
	number int // place in the book
	net    *Network
	phone  *Phone
	own    *Leg            // the handset that a call made by request rang first; nil: the caller dialled
	ctx    context.Context // done when the caller is gone
	cancel context.CancelFunc
	over   chan struct{}
	keys   chan byte
	begun  time.Time

	stage     Stage
	since     time.Time
	hungUp    bool // by the caller
	answered  bool // picked up, by a person or by the carrier
	rejected  rebound.EndStatus
	status    rebound.EndStatus // set when it is over
	pickedUp  time.Time         // when answered
	ended     time.Time
	legs      []*Leg
	sounds    []*Recording
	afterTone afterTone
}

// Dial says how a call is dialled, beyond the usual.
type Dial struct {
	To            phone.Number
	Shown         string        // caller id as the carrier passes it on; empty: the handset's number
	ForwardedFrom string        // the number that forwarded the call here, where the carrier tells
	CallerID      rebound.Truth // the carrier's verdict on the caller id
	// Brief: the caller hangs up again while the carrier still asks what to do with the call.
	Brief bool
}

// afterTone is what a caller does when a voicemail's tone has sounded.
type afterTone struct {
	hangsUp bool
	speaks  bool
	length  time.Duration // 0: until somebody hangs up
	waits   bool          // stays on the line when done
	sound   []byte
}

// Calls dials a line.
func (p *Phone) Calls(to phone.Number) *Call { return p.Dials(Dial{To: to}) }

// CallsAs dials a line with another caller id: a number, or a word such as "anonymous".
func (p *Phone) CallsAs(shown string, to phone.Number) *Call {
	return p.Dials(Dial{To: to, Shown: shown})
}

// Dials dials a line.
func (p *Phone) Dials(d Dial) *Call {
	n := p.net
	if d.Shown == "" {
		d.Shown = string(p.Number)
	}
	c := &Call{
		From: d.Shown, To: d.To, dial: d, net: n, phone: p,
		over: make(chan struct{}), keys: make(chan byte, 32),
		begun: n.now(), stage: StageDialling, since: n.now(),
	}
	c.ctx, c.cancel = context.WithCancel(n.ctx)
	n.mu.Lock()
	l := n.lines[d.To]
	n.mu.Unlock()
	if l == nil {
		c.end(rebound.EndFailed)
		return c
	}
	c.ids = l.ids()
	c.ID = n.id(c.ids.call)
	n.mu.Lock()
	l.books().enters(c)
	n.mu.Unlock()
	if !n.spawn(func() { l.call(c) }) {
		c.end(rebound.EndFailed)
	}
	return c
}

// wasBrief hangs a brief call up: the carrier has its first answer.
func (c *Call) wasBrief() {
	if c.dial.Brief {
		c.HangsUp()
	}
}

// RingsOut waits for the voicemail and hangs up at its tone.
func (c *Call) RingsOut() *Call { return c.plans(afterTone{hangsUp: true}) }

// LeavesVoicemail speaks after the tone and hangs up after length; a length of 0 goes on until
// HangsUp is called or the recording is full. The sound is a WAV file; nil means a prepared voice.
func (c *Call) LeavesVoicemail(length time.Duration, sound []byte) *Call {
	return c.plans(afterTone{speaks: true, length: length, sound: sound})
}

// SpeaksAndWaits is LeavesVoicemail for a caller who then stays on the line, silent.
func (c *Call) SpeaksAndWaits(length time.Duration, sound []byte) *Call {
	return c.plans(afterTone{speaks: true, length: length, sound: sound, waits: true})
}

func (c *Call) plans(a afterTone) *Call {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.afterTone = a
	return c
}

// HangsUp ends the call from the caller's side, at whatever stage it is.
func (c *Call) HangsUp() *Call {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.stage != StageOver && !c.hungUp {
		c.hungUp = true
		c.net.touch()
	}
	c.cancel()
	return c
}

// HangsUpAfter hangs up a while from now, if the call is still on by then.
func (c *Call) HangsUpAfter(d time.Duration) *Call {
	c.net.spawn(func() {
		if pause(c.ctx, d) {
			c.HangsUp()
		}
	})
	return c
}

// Presses presses keys of the caller's phone.
func (c *Call) Presses(keys string) *Call {
	press(c.keys, keys)
	return c
}

// WaitRinging waits until somebody's phone rings; false when the call ended before.
func (c *Call) WaitRinging() bool { return c.WaitStage(StageRinging) }

// WaitStage waits until the call stands at a stage; false when it is over instead.
func (c *Call) WaitStage(s Stage) bool {
	var at Stage
	c.net.await(context.Background(), func() bool { at = c.stage; return at == s || at == StageOver })
	return at == s
}

// Done is closed when the call is over and in the carrier's log. Reports on it may still be on
// their way.
func (c *Call) Done() <-chan struct{} { return c.over }

// At returns the call's stage and since when it has been there.
func (c *Call) At() (Stage, time.Time) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.stage, c.since
}

// Legs lists the legs that the call rang so far, in the order in which they were rung.
func (c *Call) Legs() []*Leg {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return slices.Clone(c.legs)
}

// Status is how the call ended; empty while it goes on.
func (c *Call) Status() rebound.EndStatus {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.status
}

// Recordings lists what was recorded of the caller.
func (c *Call) Recordings() []*Recording {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return slices.Clone(c.sounds)
}

// gone reports whether the caller has left, or the network closes.
func (c *Call) gone() bool { return c.ctx.Err() != nil }

// enter moves the call to a stage. A stage other than ringing is heard on an answered line.
func (c *Call) enter(s Stage) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if s != StageRinging && s != StageDialling {
		c.pickUp()
	}
	if c.stage != s {
		c.stage, c.since = s, c.net.now()
		c.net.touch()
	}
}

// pickUp answers the caller's line; n.mu is held.
func (c *Call) pickUp() {
	if !c.answered {
		c.answered, c.pickedUp = true, c.net.now()
	}
}

// says lets the caller listen to something; false when the caller left meanwhile.
func (c *Call) says(length time.Duration) bool {
	c.enter(StageListening)
	return pause(c.ctx, length)
}

// rejects refuses the call without answering it.
func (c *Call) rejects(s rebound.EndStatus) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	c.rejected = s
}

// end closes the call. An empty status is derived: a line that was answered completes.
func (c *Call) end(status rebound.EndStatus) rebound.EndStatus {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	switch {
	case status != "":
	case c.rejected != "":
		status = c.rejected
	case c.answered:
		status = rebound.EndCompleted
	default:
		status = rebound.EndNoAnswer
	}
	c.status, c.ended = status, c.net.now()
	c.stage, c.since = StageOver, c.ended
	c.cancel()
	c.net.touch()
	close(c.over)
	return status
}

// length is how long the caller's line was answered; n.mu is held.
func (c *Call) length() time.Duration {
	if !c.answered || c.ended.IsZero() {
		return 0
	}
	return c.ended.Sub(c.pickedUp)
}

// speaking estimates how long a voice takes to say a text: 150 words a minute.
func speaking(text string) time.Duration {
	return max(time.Second, time.Duration(len(strings.Fields(text)))*400*time.Millisecond)
}

// press puts keys on a line that may not be listening; what nobody could hear is lost.
func press(line chan<- byte, keys string) {
	for i := range len(keys) {
		select {
		case line <- keys[i]:
		default:
		}
	}
}
