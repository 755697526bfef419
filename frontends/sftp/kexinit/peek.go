package kexinit

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"slices"

	"golang.org/x/crypto/ssh"
)

const (
	// maxLine is the longest identification string with its line end (RFC 4253 4.2).
	maxLine = 255
	// maxPacket is the longest packet that every side must take (RFC 4253 6.1).
	maxPacket = 35000
	// usualSize has room for what most clients send.
	usualSize = 2048
)

// Offer is the ciphers that a client has for each direction, those that it
// prefers first. It is empty for a client that was not understood.
type Offer struct {
	ClientToServer, ServerToClient []string
	// NotSSH is true for a client that has sent something else than SSH.
	NotSSH bool
}

// Peek sends the server's identification string, as ssh.NewServerConn would, and
// reads the client's and its KEXINIT. It returns a connection on which nothing of
// this has happened for ssh.NewServerConn, whose configuration has to have the
// same ServerVersion.
//
// It waits at most until the read deadline of c, and keeps at most twice the bytes that a
// KEXINIT may have. If none has come, the Offer is empty. The connection can still be used, with
// a new deadline, because some clients wait for the server's KEXINIT.
func Peek(c net.Conn, serverVersion string) (net.Conn, Offer) {
	line := []byte(serverVersion + "\r\n")
	if _, err := c.Write(line); err != nil {
		return c, Offer{} // the library will not get further
	}
	var (
		offer Offer
		err   error
		more  = true
		heard = make([]byte, 0, usualSize)
	)
	for more && err == nil {
		heard = slices.Grow(heard, 1)
		var n int
		n, err = c.Read(heard[len(heard):cap(heard)])
		heard = heard[:len(heard)+n]
		offer, more = parse(heard)
	}
	return &conn{Conn: c, said: line, heard: heard}, offer
}

// parse returns the offer of a client whose first bytes are b. more is true if more bytes are
// needed for that.
func parse(b []byte) (o Offer, more bool) {
	// Only servers may send other lines before the identification (RFC 4253 4.2).
	line, packet, whole := bytes.Cut(b, []byte("\n"))
	const start = "SSH-"
	switch {
	case !bytes.HasPrefix(line, []byte(start[:min(len(start), len(line))])), len(line) >= maxLine:
		return Offer{NotSSH: len(b) > 0}, false
	case !whole, len(packet) < 4:
		return Offer{}, true
	}
	// The length, that of the padding, the payload, the padding (RFC 4253 6).
	length := binary.BigEndian.Uint32(packet)
	packet = packet[4:]
	switch {
	case length == 0 || length > maxPacket:
		return Offer{}, false
	case len(packet) < int(length):
		return Offer{}, true
	}
	end := int(length) - int(packet[0])
	if end < 1 {
		return Offer{}, false
	}
	var m message
	if err := ssh.Unmarshal(packet[1:end], &m); err != nil {
		return Offer{}, false
	}
	return Offer{ClientToServer: m.CiphersClientToServer, ServerToClient: m.CiphersServerToClient}, false
}

// message is SSH_MSG_KEXINIT (RFC 4253 7.1) as far as it matters.
type message struct {
	Cookie                [16]byte `sshtype:"20"`
	KeyExchanges          []string
	HostKeys              []string
	CiphersClientToServer []string
	CiphersServerToClient []string
	Rest                  []byte `ssh:"rest"`
}

// conn is a connection of which the library does not know that it has begun. Its
// Reads follow one another, and so do its Writes.
type conn struct {
	net.Conn
	// said is the line that the library has yet to write and the client has got;
	// heard is what the library has yet to read.
	said, heard []byte
}

func (c *conn) Read(p []byte) (int, error) {
	if len(c.heard) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.heard)
	c.heard = c.heard[n:]
	if len(c.heard) == 0 {
		c.heard = nil
	}
	return n, nil
}

func (c *conn) Write(p []byte) (int, error) {
	if c.said == nil {
		return c.Conn.Write(p)
	}
	if !bytes.Equal(p, c.said) {
		return 0, errors.New("kexinit: this is not the identification that the client has got")
	}
	c.said = nil
	return len(p), nil
}
