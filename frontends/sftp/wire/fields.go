package wire

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed is a packet that does not have what its type demands. What follows
// it in the stream cannot be understood.
var ErrMalformed = errors.New("sftp: malformed packet")

// Fields takes a body apart. Behind a field that is cut off all are zero, and Bad
// is true.
type Fields struct {
	// Rest is what was not taken yet.
	Rest []byte
	Bad  bool
}

// Take takes n bytes. They are part of the body.
func (f *Fields) Take(n int) []byte {
	if f.Bad || n > len(f.Rest) {
		f.Bad = true
		return nil
	}
	b := f.Rest[:n]
	f.Rest = f.Rest[n:]
	return b
}

// Uint32 takes a number.
func (f *Fields) Uint32() uint32 {
	if b := f.Take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

// Uint64 takes a number.
func (f *Fields) Uint64() uint64 {
	if b := f.Take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// Text takes a string. One that is longer than any packet is cut off, however
// large int is.
func (f *Fields) Text() string {
	n := f.Uint32()
	if n > MaxPacket {
		f.Bad = true
		return ""
	}
	return string(f.Take(int(n)))
}
