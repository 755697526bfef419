package wire

import (
	"encoding/binary"
	"io"
)

// Packet is a packet that is being made. Its first four bytes are the place of
// its length, which Framed sets.
type Packet []byte

// Begin begins a packet without an id: INIT and VERSION. There is room for that
// many bytes more before memory is allocated again.
func Begin(t Type, room int) Packet {
	return append(make(Packet, 4, HeadBytes+room), byte(t))
}

// BeginRequest begins a request. The type is the first byte behind the length.
func BeginRequest(t Type, id uint32) Packet { return BeginReply(t, id, 64) }

// BeginReply begins the answer to the request with that id.
func BeginReply(t Type, id uint32, room int) Packet { return Begin(t, 4+room).Uint32(id) }

// BeginReplyIn is BeginReply in memory of the caller's, which has at least HeadBytes + 4.
func BeginReplyIn(room []byte, t Type, id uint32) Packet {
	return append(Packet(room[:4]), byte(t)).Uint32(id)
}

// Uint32 appends a number.
func (p Packet) Uint32(v uint32) Packet { return binary.BigEndian.AppendUint32(p, v) }

// Uint64 appends a number.
func (p Packet) Uint64(v uint64) Packet { return binary.BigEndian.AppendUint64(p, v) }

// Text appends a string.
func (p Packet) Text(s string) Packet { return append(p.Uint32(uint32(len(s))), s...) }

// Framed sets the length. The packet is complete.
func (p Packet) Framed() []byte {
	binary.BigEndian.PutUint32(p, uint32(len(p)-4))
	return p
}

// Status makes a STATUS (draft 02, 7).
func Status(id uint32, c Code, text string) []byte {
	return BeginReply(TypeStatus, id, 4+4+len(text)+4+2).Uint32(uint32(c)).Text(text).Text("en").Framed()
}

// PutDataHead writes the first DataHead bytes of a DATA whose n bytes of data
// follow them.
func PutDataHead(b []byte, id uint32, n int) {
	binary.BigEndian.PutUint32(b, uint32(DataHead-4+n))
	b[4] = byte(TypeData)
	binary.BigEndian.PutUint32(b[HeadBytes:], id)
	binary.BigEndian.PutUint32(b[HeadBytes+4:], uint32(n))
}

// PutCount sets how many entries a NAME has that was begun with a count of 0.
func (p Packet) PutCount(n uint32) { binary.BigEndian.PutUint32(p[HeadBytes+4:], n) }

// ReadPacket reads one packet, of at most MaxPacket bytes and a reserve for
// answers that are longer, and returns its type and body. It allocates the body.
func ReadPacket(r io.Reader) (Type, []byte, error) {
	var head [HeadBytes]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n < 1 || n > 2*MaxPacket {
		return 0, nil, ErrMalformed
	}
	body := make([]byte, n-1)
	if _, err := io.ReadFull(r, body); err != nil {
		return 0, nil, cutOff(err)
	}
	return Type(head[4]), body, nil
}
