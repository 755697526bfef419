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
	// mu guards since, the time at which the write began that is running, and
	// owed, how many requests are not answered; answered tells that one was.
	// over is true when nothing counts any more.
	mu       sync.Mutex
	since    time.Time
	owed     int
	answered sync.Cond
	over     bool
	// handles are those that the client was told and has not closed, with their
	// files, nil for a directory. untold are the files behind the next ones: the
	// library opens one after the other and answers in that order.
	handles map[string]*file
	untold  []*file
	// closes are the CLOSEs that are answered when the store has.
	closes closes
}

func newFilter(s *session) *filter {
	f := &filter{s: s, in: bufio.NewReaderSize(s.channel, maxData), handles: map[string]*file{}}
	f.answered.L = &f.mu
	return f
}

var errPacket = errors.New("sftp: malformed packet")

// Read returns the client's packets as the library shall see them. The end comes
// when all that was asked has been answered: the library's sender stops at the
// end, whether or not it has sent everything.
func (f *filter) Read(b []byte) (int, error) {
	for len(f.front) == 0 && f.pass == 0 {
		if err := f.next(); err != nil {
			f.awaitAnswers()
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
	if kind == typeWrite {
		return f.nextWrite(length)
	}
	if cap(f.small) < 4+length {
		f.small = make([]byte, 4+length)
	}
	packet := f.small[:4+length]
	if _, err := io.ReadFull(f.in, packet); err != nil {
		return fmt.Errorf("sftp: packet is cut off: %w", err)
	}
	f.owe(1)
	if kind == typeExtended {
		var reply []byte
		if packet, reply = translate(packet); reply != nil {
			return f.send(reply, nil)
		}
	}
	if handle, _, ok := handleOf(packet); ok {
		file, known := f.knows(handle, kind == typeClose)
		if !known {
			return f.send(statusPacket(idOf(packet), failure, badHandle), nil)
		}
		if kind == typeClose && file != nil && file.up != nil {
			file.closing = f.closes.begin(idOf(packet))
		}
	}
	for _, name := range pathsOf(packet) {
		if _, err := vfs.ParsePath(f.s.view.Home(), name); err != nil {
			return f.send(statusPacket(idOf(packet), failure, vfs.ReasonOf(err)), nil)
		}
	}
	f.front = markOpen(packet)
	return nil
}

// nextWrite lets a WRITE pass unseen, but for its handle and its place.
func (f *filter) nextWrite(length int) error {
	const most = headBytes + 8 + 256 + 12 // with the longest handle (draft 02, 6.3)
	front, err := f.in.Peek(min(4+length, most))
	if err != nil {
		return fmt.Errorf("sftp: packet is cut off: %w", err)
	}
	f.owe(1)
	f.pass = 4 + length
	handle, rest, ok := handleOf(front)
	if !ok || len(rest) < 12 {
		return nil // the library refuses it
	}
	file, known := f.knows(handle, false)
	if !known {
		f.pass = 0
		reply := statusPacket(idOf(front), failure, badHandle)
		if _, err := f.in.Discard(4 + length); err != nil {
			return err
		}
		return f.send(reply, nil)
	}
	if file != nil {
		file.turns.arrive(int64(binary.BigEndian.Uint64(rest)), int(binary.BigEndian.Uint32(rest[8:])))
	}
	return nil
}

// badHandle is the text for a handle that is none.
const badHandle = "no such handle"

// knows returns the file behind a handle that the client was told. The library's
// handles are easily guessed, and it races with itself where one is used before
// the file is open.
func (f *filter) knows(handle string, closes bool) (*file, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	file, known := f.handles[handle]
	if closes {
		delete(f.handles, handle)
	}
	return file, known
}

// opened notes that a handle is going to be told for a file, or for a directory.
func (f *filter) opened(file *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.untold = append(f.untold, file)
}

// learn notes the handle in a reply of the library's.
func (f *filter) learn(reply []byte) {
	handle, _, ok := cutString(reply[min(len(reply), headBytes+4):])
	if !ok || reply[4] != typeHandle {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.untold) > 0 {
		f.handles[handle], f.untold = f.untold[0], f.untold[1:]
	}
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
		f.learn(b)
		if f.closes.hold(&b) {
			return n, nil
		}
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
	defer f.owe(-1)
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

// owe notes that a request came, or with -1, that one was answered.
func (f *filter) owe(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return
	}
	f.owed += n
	f.answered.Broadcast()
	f.s.moved(n)
}

func (f *filter) awaitAnswers() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.owed > 0 {
		f.answered.Wait()
	}
}

// forget gives up the answers that the library will not give any more: to a
// packet that it cannot read, and what its sender has left.
func (f *filter) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.over = true
	f.s.moved(-f.owed)
}

func (f *filter) setSince(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since = t
}

// writingSince returns when the write began that is running, or zero.
func (f *filter) writingSince() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.since
}

// Close is the library's answer to a packet that it cannot read.
func (f *filter) Close() error { return f.s.channel.Close() }
