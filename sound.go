package rebound

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
)

// Sound is a greeting that somebody uploaded or spoke, kept in our own storage. Its id is made from its content, so
// that the same file is the same sound in every installation, and what an address leads to never changes.
type Sound struct {
	ID          MediaID
	Business    BusinessID
	ContentType string // "audio/wav" or "audio/mpeg"
	Size        int64
	Duration    time.Duration
	CreatedAt   time.Time
}

const (
	// LargestSound bounds a greeting's file in bytes: a carrier fetches it while a caller waits.
	LargestSound = 5 << 20
	// LongestSound is how long a greeting may last: hardly a caller listens longer before the tone.
	LongestSound = 90 * time.Second
)

// GreetingHour says when a greeting is heard.
type GreetingHour string

const (
	GreetOpen   GreetingHour = "open"   // in opening hours, and outside them where there is no other
	GreetClosed GreetingHour = "closed" // outside opening hours
)

// ReadSound tells what a greeting's file is from its own bytes; what it calls itself does not count. It takes what
// carriers play: WAV (PCM of 8 or 16 bits, A-law, µ-law) and MP3. Errors are R2110 to R2113.
func ReadSound(file []byte) (Sound, error) {
	if len(file) > LargestSound {
		return Sound{}, SoundTooLarge()
	}
	s := Sound{ID: SoundID(file), Size: int64(len(file))}
	var lasts time.Duration
	var known bool
	switch {
	case len(file) >= 12 && string(file[:4]) == "RIFF" && string(file[8:12]) == "WAVE":
		s.ContentType = "audio/wav"
		if lasts, known = wavLasts(file); !known {
			return Sound{}, Errorf(Invalid, "R2111", "No carrier can play this WAV file. Save it as 16-bit PCM, or as an MP3.")
		}
	default:
		s.ContentType = "audio/mpeg"
		if lasts, known = mp3Lasts(file); !known {
			return Sound{}, Errorf(Invalid, "R2112", "This is no sound that a carrier can play. Choose a WAV or an MP3 file.")
		}
	}
	s.Duration = lasts
	if lasts > LongestSound {
		return Sound{}, Errorf(Invalid, "R2113", "This lasts %s; callers listen for %s at most. Make it shorter.", Span(lasts), Span(LongestSound))
	}
	return s, nil
}

// SoundTooLarge is the error for a file of more than LargestSound bytes.
func SoundTooLarge() error {
	return Errorf(Invalid, "R2110", "This file is larger than %d MB. Save it as an MP3, or make it shorter.", LargestSound>>20)
}

// SoundID is the id of a sound with this content: the first 160 bits of its SHA-256.
func SoundID(file []byte) MediaID {
	sum := sha256.Sum256(file)
	return MediaID(strings.ToLower(base32.StdEncoding.EncodeToString(sum[:20])))
}

// wavLasts returns how long a WAV file lasts; false: no carrier plays it. The length that its data chunk states is
// bounded by what is there: recorders that were cut off leave it at the most that fits.
func wavLasts(file []byte) (time.Duration, bool) {
	const pcm, aLaw, muLaw = 1, 6, 7
	playable, bytesPerSecond := false, uint32(0)
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		switch {
		case name == "data":
			n := min(size, int64(len(body)))
			if !playable || n == 0 {
				return 0, false
			}
			return time.Duration(float64(n) / float64(bytesPerSecond) * float64(time.Second)), true
		case name == "fmt " && len(body) >= 16:
			kind, bits := binary.LittleEndian.Uint16(body), binary.LittleEndian.Uint16(body[14:])
			bytesPerSecond = binary.LittleEndian.Uint32(body[8:])
			playable = bytesPerSecond > 0 && (kind == pcm && (bits == 8 || bits == 16) || (kind == aLaw || kind == muLaw) && bits == 8)
		}
		size += size & 1 // chunks begin at even places
		if size > int64(len(body)) {
			return 0, false
		}
		rest = body[size:]
	}
	return 0, false
}

// mp3Lasts returns how long an MP3 file lasts, by the headers of its frames (ISO 11172-3, 2.4.2.3, and 13818-3);
// false: it is none. Bytes that belong to no frame are passed over as players do, but not more of them than frames.
func mp3Lasts(file []byte) (time.Duration, bool) {
	rest := afterTag(file)
	frames, strange := 0, 0
	lasts := 0.0
	for len(rest) >= 4 {
		size, seconds := mp3Frame(rest)
		if size == 0 {
			rest, strange = rest[1:], strange+1
			if frames == 0 { // it must begin with one
				return 0, false
			}
			continue
		}
		frames, lasts = frames+1, lasts+seconds
		rest = rest[min(size, len(rest)):]
	}
	const fewest = 3 // less is chance
	return time.Duration(lasts * float64(time.Second)), frames >= fewest && strange < len(file)/2
}

// afterTag skips an ID3v2 tag, whose size is written seven bits to a byte.
func afterTag(file []byte) []byte {
	if len(file) < 10 || !bytes.HasPrefix(file, []byte("ID3")) {
		return file
	}
	size := 0
	for _, b := range file[6:10] {
		size = size<<7 | int(b&0x7f)
	}
	return file[min(10+size, len(file)):]
}

// mp3Frame returns the size of the layer III frame that b begins with and how long it sounds; 0: there is none.
func mp3Frame(b []byte) (size int, seconds float64) {
	const mpeg25, mpeg2, mpeg1, layer3 = 0, 2, 3, 1
	version, layer := b[1]>>3&3, b[1]>>1&3
	rate, sampling := b[2]>>4, b[2]>>2&3
	if b[0] != 0xff || b[1]&0xe0 != 0xe0 || version == 1 || layer != layer3 || rate == 0 || rate == 15 || sampling == 3 {
		return 0, 0
	}
	kbits := [...]int{8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}[rate-1]
	samples, hertz := 576, [...]int{44100, 48000, 32000}[sampling]
	switch version {
	case mpeg1:
		samples = 1152
		kbits = [...]int{32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320}[rate-1]
	case mpeg2:
		hertz /= 2
	case mpeg25:
		hertz /= 4
	}
	size = samples/8*kbits*1000/hertz + int(b[2]>>1&1)
	return size, float64(samples) / float64(hertz)
}
