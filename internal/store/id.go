package store

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"time"
)

// idAlphabet is base32hex in lower case: its order is the order of the bytes.
var idAlphabet = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID makes an identifier of 26 characters: the milliseconds of now in 48 bits, then 80 random
// bits. Later ones sort after earlier ones, except within a millisecond.
func NewID(now time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<16)
	rand.Read(id[6:]) // never fails
	return idAlphabet.EncodeToString(id[:])
}

// firstID sorts before all ids made at an instant or later, and after all made a millisecond before.
func firstID(at time.Time) string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16)
	return idAlphabet.EncodeToString(id[:])
}
