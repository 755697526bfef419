package sftp

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxPacket is the library's own limit.
	maxPacket = 256 << 10
	// maxSmall bounds every packet but WRITE: two paths and some attributes.
	maxSmall = 32 << 10
	// maxData is what a READ gets at most, and what a WRITE should carry: more
	// brings nothing, as the windows of SSH are what bounds.
	maxData = 32 << 10
	// maxMerged is the largest packet of SSH. Header and payload of a reply
	// that fits leave together.
	maxMerged = 32 << 10
	// headBytes is the length and the type of a packet.
	headBytes = 5
)

// filter lies between a channel and the library. Read is called by the one
// goroutine of the library that reads, Write by whichever has a reply, one at a
// time.
type filter struct {
	s  *session
	in *bufio.Reader

	// front is what is left of the packet, or of its beginning, that was looked
	// at. pass is how many bytes of the channel follow it unseen.
	front, small []byte
	pass         int

	// out is the beginning of a reply that has not come whole, due how much is
	// missing.
	out []byte
	due int

	// wire is held while a reply is written, so that none of ours falls into
	// one of the library's.
	wire sync.Mutex
	// writing guards since, the time at which the write began that is running.
	writing sync.Mutex
	since   time.Time
}

func newFilter(s *session) *filter {
	return &filter{s: s, in: bufio.NewReaderSize(s.channel, maxData)}
}

var errPacket = errors.New("sftp: malformed packet")

// Read returns the client's packets as the library shall see them.
func (f *filter) Read(b []byte) (int, error) {
	for len(f.front) == 0 && f.pass == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.front) > 0 {
		n := copy(b, f.front)
		f.front = f.front[n:]
		return n, nil
	}
	n, err := f.in.Read(b[:min(len(b), f.pass)])
	f.pass -= n
	f.s.moved(0)
	return n, err
}

// next looks at the next packet. One that is answered here leaves nothing.
func (f *filter) next() error {
	head, err := f.in.Peek(headBytes)
	if err != nil {
		if len(head) > 0 && err == io.EOF {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	length := int(binary.BigEndian.Uint32(head))
	kind := head[4]
	switch {
	case length < 1 || length > maxPacket:
		return fmt.Errorf("%w: %d bytes", errPacket, length)
	case kind != typeWrite && length > maxSmall:
		return fmt.Errorf("%w: type %d with %d bytes", errPacket, kind, length)
	}
	f.s.moved(1)
	if kind == typeWrite {
		f.pass = 4 + length
		return nil
	}
	if cap(f.small) < 4+length {
		f.small = make([]byte, 4+length)
	}
	packet := f.small[:4+length]
	if _, err := io.ReadFull(f.in, packet); err != nil {
		return fmt.Errorf("sftp: packet is cut off: %w", err)
	}
	if kind == typeExtended {
		var reply []byte
		if packet, reply = translate(packet); reply != nil {
			return f.send(reply, nil)
		}
	}
	for _, name := range pathsOf(packet) {
		if _, err := vfs.ParsePath(f.s.view.Home(), name); err != nil {
			return f.send(statusPacket(packet, failure, vfs.ReasonOf(err)), nil)
		}
	}
	f.front = markOpen(packet)
	return nil
}

// Write takes the library's replies, which come in two pieces.
func (f *filter) Write(b []byte) (int, error) {
	n := len(b)
	if f.due == 0 {
		if len(b) < headBytes {
			return 0, errPacket
		}
		f.due = 4 + int(binary.BigEndian.Uint32(b))
	}
	f.due -= len(b)
	switch {
	case f.due < 0:
		return 0, errPacket
	case f.due > 0:
		f.out = append(f.out, b...)
		return n, nil
	case len(f.out) == 0 && b[4] == typeVersion:
		return n, f.send(versionPacket(), nil)
	case len(f.out) == 0:
		return n, f.send(b, nil)
	case len(f.out)+len(b) <= maxMerged:
		f.out = append(f.out, b...)
		b = nil
	}
	err := f.send(f.out, b)
	f.out = f.out[:0]
	return n, err
}

// send writes one reply, and so answers one request.
func (f *filter) send(head, rest []byte) error {
	defer f.s.moved(-1)
	f.wire.Lock()
	defer f.wire.Unlock()
	f.setSince(time.Now())
	defer f.setSince(time.Time{})
	if _, err := f.s.channel.Write(head); err != nil {
		return err
	}
	if len(rest) == 0 {
		return nil
	}
	_, err := f.s.channel.Write(rest)
	return err
}

func (f *filter) setSince(t time.Time) {
	f.writing.Lock()
	defer f.writing.Unlock()
	f.since = t
}

// writingSince returns when the write began that is running, or zero.
func (f *filter) writingSince() time.Time {
	f.writing.Lock()
	defer f.writing.Unlock()
	return f.since
}

// Close is the library's answer to a packet that it cannot read.
func (f *filter) Close() error { return f.s.channel.Close() }
