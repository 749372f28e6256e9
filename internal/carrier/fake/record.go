package fake

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"strings"
	"time"
)

// Recording is what a caller said after the tone.
type Recording struct {
	ID     string
	Length time.Duration // whole seconds; 0: nothing was recorded

	call  *Call
	at    time.Time // it began
	sound []byte    // a WAV file; nil: the prepared voice
}

// recorded is how a recording ended.
type recorded struct {
	*Recording
	key  string // that ended it
	gone bool   // the caller hung up
}

// record records the caller after the tone until they fall silent, press a key that ends it, hang
// up, or have spoken for limit. Trailing silence is cut off.
func (c *Call) record(limit, silence time.Duration, finish string) recorded {
	c.enter(StageRecording)
	n := c.net
	n.mu.Lock()
	plan := c.afterTone
	n.mu.Unlock()
	r := recorded{Recording: &Recording{ID: n.id(c.ids.recording), call: c, at: n.now(), sound: plan.sound}}
	if plan.hangsUp {
		c.HangsUp()
	}
	began := time.Now()
	r.key = c.speaks(plan, limit, silence, finish)
	if plan.speaks {
		r.Length = min(time.Since(began), limit)
		if plan.length > 0 {
			r.Length = min(r.Length, plan.length)
		}
		r.Length = r.Length.Round(time.Second)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	r.gone = c.hungUp
	c.sounds = append(c.sounds, r.Recording)
	n.sounds[r.ID] = r.Recording
	n.touch()
	return r
}

// speaks lasts as long as the recording and returns the key that ended it, if one did.
func (c *Call) speaks(plan afterTone, limit, silence time.Duration, finish string) string {
	full, said, quiet := time.NewTimer(limit), time.NewTimer(plan.length), time.NewTimer(silence)
	defer full.Stop()
	defer said.Stop()
	defer quiet.Stop()
	if plan.speaks {
		quiet.Stop()
	}
	if !plan.speaks || plan.length == 0 {
		said.Stop()
	}
	for {
		select {
		case <-c.ctx.Done():
			return ""
		case <-full.C:
			return ""
		case <-quiet.C:
			return ""
		case <-said.C:
			if !plan.waits {
				c.HangsUp()
			}
			quiet.Reset(silence)
		case k := <-c.keys:
			if strings.IndexByte(finish, k) >= 0 {
				return string(k)
			}
		}
	}
}

//go:embed voicemail.ulaw
var voiceULaw []byte // 8,000 samples a second, G.711 µ-law, spoken by espeak-ng

//go:embed voicemail.mp3
var voiceMP3 []byte // the same in independent frames

// WAV returns the recording as a sound file: 16 bits, 8,000 samples a second, one channel.
func (r *Recording) WAV() []byte {
	if r.sound != nil {
		return r.sound
	}
	const rate = 8000
	samples := int(r.Length.Seconds() * rate)
	data := make([]byte, 2*samples)
	for i, u := range voiceULaw[:min(samples, len(voiceULaw))] {
		binary.LittleEndian.PutUint16(data[2*i:], uint16(expand(u)))
	}
	var b bytes.Buffer
	b.WriteString("RIFF")
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer takes everything
	put(uint32(36 + len(data)))
	b.WriteString("WAVEfmt ")
	put(uint32(16))
	put([]uint16{1, 1}) // PCM, one channel
	put([]uint32{rate, 2 * rate})
	put([]uint16{2, 16})
	b.WriteString("data")
	put(uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}

// expand turns a µ-law byte into a sample (ITU-T G.711).
func expand(u byte) int16 {
	u = ^u
	v := (int16(u&0x0f)<<3+0x84)<<(u>>4&7) - 0x84
	if u&0x80 != 0 {
		return -v
	}
	return v
}

// MP3 returns the recording as an MP3 file. A sound given by the test is not converted: its MP3 is
// the prepared voice of the same length.
func (r *Recording) MP3() []byte {
	const frame, lasts = 144, 72 * time.Millisecond // 16 kbit/s at 8,000 samples a second
	frames := int(r.Length / lasts)
	have := len(voiceMP3) / frame
	out := bytes.Clone(voiceMP3[:min(frames, have)*frame])
	for range frames - have {
		out = append(out, voiceMP3[(have-1)*frame:have*frame]...) // silence
	}
	return out
}
