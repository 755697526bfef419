package sftpclient

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
)

// Conn is a conversation in packets on a channel of its own.
type Conn struct {
	ssh.Channel
	id uint32
}

// Packet is one packet of the server's: a type, an id but in VERSION, and what
// follows it.
type Packet struct {
	Kind wire.Type
	ID   uint32
	Body []byte
}

// Open opens a channel with the subsystem and exchanges INIT and VERSION.
func Open(c *ssh.Client) (*Conn, error) {
	t, err := OpenChannel(c)
	if err != nil {
		return nil, err
	}
	if err := t.Send(wire.TypeInit, Uint32(3)); err != nil {
		return nil, err
	}
	p, err := t.Receive()
	if err == nil && p.Kind != wire.TypeVersion {
		err = fmt.Errorf("INIT is answered by a packet of type %v", p.Kind)
	}
	return t, err
}

// OpenChannel opens a channel with the subsystem, without a word.
func OpenChannel(c *ssh.Client) (*Conn, error) {
	ch, requests, err := c.OpenChannel("session", nil)
	if err != nil {
		return nil, err
	}
	go ssh.DiscardRequests(requests)
	ok, err := ch.SendRequest("subsystem", true, ssh.Marshal(struct{ Name string }{"sftp"}))
	if err == nil && !ok {
		err = errors.New("the subsystem sftp is refused")
	}
	return &Conn{Channel: ch}, err
}

// Send sends a packet as it is.
func (t *Conn) Send(kind wire.Type, body []byte) error {
	_, err := t.Write(append(wire.Begin(kind, len(body)), body...).Framed())
	return err
}

// Request sends a request, and returns its id.
func (t *Conn) Request(kind wire.Type, body []byte) (uint32, error) {
	t.id++
	return t.id, t.Send(kind, append(Uint32(t.id), body...))
}

// Receive returns the next packet of the server's.
func (t *Conn) Receive() (Packet, error) {
	kind, body, err := wire.ReadPacket(t)
	if err != nil {
		return Packet{}, err
	}
	p := Packet{Kind: kind, Body: body}
	if p.Kind != wire.TypeVersion {
		p.ID, p.Body = binary.BigEndian.Uint32(body), body[4:]
	}
	return p, nil
}

// Ask sends a request and returns its answer, which must be the next packet.
func (t *Conn) Ask(kind wire.Type, body []byte) (Packet, error) {
	id, err := t.Request(kind, body)
	if err != nil {
		return Packet{}, err
	}
	p, err := t.Receive()
	if err == nil && p.ID != id {
		err = fmt.Errorf("request %d is answered as %d", id, p.ID)
	}
	return p, err
}

// Status returns the code and text of a STATUS, and code 255 for another packet.
func (p Packet) Status() (code uint32, text string) {
	if p.Kind != wire.TypeStatus {
		return 255, fmt.Sprintf("a packet of type %v", p.Kind)
	}
	return binary.BigEndian.Uint32(p.Body), p.String(4)
}

// String returns the string that begins at an offset of the body.
func (p Packet) String(at int) string {
	n := binary.BigEndian.Uint32(p.Body[at:])
	return string(p.Body[at+4 : at+4+int(n)])
}

// Uint32 and String write values as packets have them.
func Uint32(n uint32) []byte { return wire.Packet(nil).Uint32(n) }

// Uint64 is Uint32 for offsets.
func Uint64(n uint64) []byte { return wire.Packet(nil).Uint64(n) }

// String writes a string with its length.
func String(s string) []byte { return wire.Packet(nil).Text(s) }
