package rebound

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
)

// wav makes a WAV file of one channel with 8,000 samples a second.
func wav(kind, bits uint16, data []byte, before ...byte) []byte {
	var b bytes.Buffer
	put := func(v any) { _ = binary.Write(&b, binary.LittleEndian, v) } // a Buffer takes everything
	b.WriteString("RIFF")
	put(uint32(36 + len(data)))
	b.WriteString("WAVE")
	b.Write(before)
	b.WriteString("fmt ")
	put(uint32(16))
	put([]uint16{kind, 1})
	put([]uint32{8000, 8000 * uint32(bits) / 8})
	put([]uint16{bits / 8, bits})
	b.WriteString("data")
	put(uint32(len(data)))
	b.Write(data)
	return b.Bytes()
}

func TestSoundsThatCarriersPlay(t *testing.T) {
	mp3, err := os.ReadFile("internal/carrier/fake/voicemail.mp3") // 184 frames of 72 ms
	if err != nil {
		t.Fatal(err)
	}
	tag := append([]byte("ID3\x04\x00\x00\x00\x00\x01\x00"), make([]byte, 128)...)
	for name, test := range map[string]struct {
		file  []byte
		kind  string
		lasts time.Duration
	}{
		"16 bits":               {wav(1, 16, make([]byte, 32_000)), "audio/wav", 2 * time.Second},
		"8 bits":                {wav(1, 8, make([]byte, 12_000)), "audio/wav", 1500 * time.Millisecond},
		"µ-law":                 {wav(7, 8, make([]byte, 8000)), "audio/wav", time.Second},
		"an odd chunk before":   {wav(1, 16, make([]byte, 16_000), 'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0), "audio/wav", time.Second},
		"cut off":               {wav(1, 16, make([]byte, 32_000))[:44+16_000], "audio/wav", time.Second},
		"MP3":                   {mp3, "audio/mpeg", 184 * 72 * time.Millisecond},
		"MP3 with a tag":        {append(tag, mp3...), "audio/mpeg", 184 * 72 * time.Millisecond},
		"MP3 with a tag behind": {append(bytes.Clone(mp3), "TAG made by hand"...), "audio/mpeg", 184 * 72 * time.Millisecond},
	} {
		s, err := ReadSound(test.file)
		if err != nil || s.ContentType != test.kind || (s.Duration-test.lasts).Abs() > time.Millisecond || s.Size != int64(len(test.file)) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if again, _ := ReadSound(bytes.Clone(test.file)); again.ID != s.ID || len(s.ID) != 32 {
			t.Errorf("%s: the same content is %q and %q", name, s.ID, again.ID)
		}
	}
}

func TestWhatNoCarrierPlaysIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		file []byte
		code string
	}{
		"nothing":                {nil, "R2112"},
		"a page":                 {[]byte("<!doctype html><title>greeting.mp3</title>"), "R2112"},
		"a tag alone":            {append([]byte("ID3\x04\x00\x00\x00\x00\x00\x10"), make([]byte, 16)...), "R2112"},
		"what looks like frames": {bytes.Repeat([]byte{0xff}, 4000), "R2112"},
		"noise behind one frame": {append([]byte{0xff, 0xf3, 0x18, 0xc0}, strings.Repeat("x", 4000)...), "R2112"},
		"a WAV without sound":    {wav(1, 16, nil), "R2111"},
		"24 bits":                {wav(1, 24, make([]byte, 9000)), "R2111"},
		"floats":                 {wav(3, 32, make([]byte, 9000)), "R2111"},
		"a broken WAV":           {[]byte("RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff"), "R2111"},
		"no speed":               {bytes.Replace(wav(1, 16, make([]byte, 99)), []byte{0x80, 0x3e, 0, 0}, make([]byte, 4), 1), "R2111"},
		"too long":               {wav(1, 8, make([]byte, 8000*91)), "R2113"},
		"too large":              {make([]byte, LargestSound+1), "R2110"},
	} {
		_, err := ReadSound(test.file)
		if e := (*Error)(nil); !errors.As(err, &e) || e.Code != test.code || e.Kind != Invalid {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
}

// Whatever is uploaded, it is a sound within the limits, or it is refused.
func FuzzReadSound(f *testing.F) {
	f.Add(wav(1, 16, make([]byte, 100)))
	f.Add([]byte("ID3\x04\x00\x00\xff\xff\xff\xff"))
	f.Add([]byte{0xff, 0xfb, 0x90, 0, 0xff, 0xfb, 0x90, 0})
	f.Fuzz(func(t *testing.T, file []byte) {
		s, err := ReadSound(file)
		if (err == nil) != (s.ID != "") || err == nil && (s.Duration < 0 || s.Duration > LongestSound) {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
