package buffers

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidegate/tidegate/internal/memory"
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b) // never fails
	return b
}

// pair returns two ends of a TLS connection over a socket, of which the first is
// over records.
func pair(t *testing.T, b *Buffers) (near *tls.Conn, below *Conn, far *tls.Conn) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	certificates := server.TLS.Certificates
	server.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	accepted := make(chan *tls.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			close(accepted)
			return
		}
		s := tls.Server(c, &tls.Config{Certificates: certificates})
		_ = s.Handshake() // the client's tells
		accepted <- s
	}()
	raw, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	below = Under(raw, b)
	near = tls.Client(below, &tls.Config{InsecureSkipVerify: true, DynamicRecordSizingDisabled: true})
	if err := near.Handshake(); err != nil {
		t.Fatal(err)
	}
	far = <-accepted
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
		if n := len(b.taken); n != 0 {
			t.Errorf("%d buffers are in use at the end", n)
		}
	})
	return near, below, far
}

// parts returns what SendParts sends: content in parts of a length.
func parts(content []byte, length int) func(most int) []byte {
	left := length // of the part
	return func(most int) []byte {
		p := content[:min(len(content), most, left)]
		content = content[len(p):]
		if left -= len(p); left == 0 {
			left = length
		}
		return p
	}
}

func TestSend(t *testing.T) {
	const size = 3<<20 + 17
	for _, tt := range []struct {
		name    string
		buffers int
	}{
		{"with a buffer for the records and one for a copy", 2},
		{"with a buffer", 1},
		{"all buffers are in use", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, below, far := pair(t, NewBuffers(nil, tt.buffers))
			content := random(size)
			sent := make(chan error, 1)
			go func() {
				n, err := below.Send(near, content[:size/2])
				if err == nil && n != size/2 {
					err = io.ErrShortWrite
				}
				m, e := below.SendParts(near, nil, parts(content[size/2:], 50_000))
				if e == nil && m != size-size/2 {
					e = io.ErrShortWrite
				}
				sent <- errors.Join(err, e, near.CloseWrite())
			}()
			got, err := io.ReadAll(far)
			if err := errors.Join(err, <-sent); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, content) {
				t.Errorf("%d bytes arrived, not the %d that were sent", len(got), size)
			}
		})
	}
}

// TestRead reads as fast as it can.
func TestRead(t *testing.T) {
	near, _, far := pair(t, NewBuffers(nil, 1))
	content := random(8 << 20)
	go func() {
		_, _ = far.Write(content) // the reader tells
		_ = far.CloseWrite()
	}()
	got, err := io.ReadAll(near)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, content) {
		t.Errorf("%d bytes arrived, not the %d that were sent", len(got), len(content))
	}
}

// stream is a connection without an end, in whose bytes places can be told.
type stream struct {
	net.Conn
	at     byte
	asked  []int
	pause  time.Duration // of a Write
	room   int           // bytes that Write takes before it fails
	wrote  int
	writes int
}

func (s *stream) Read(b []byte) (int, error) {
	s.asked = append(s.asked, len(b))
	for i := range b {
		b[i] = s.at
		s.at++
	}
	return len(b), nil
}

var errCut = errors.New("cut")

func (s *stream) Write(b []byte) (int, error) {
	time.Sleep(s.pause)
	n := min(len(b), s.room-s.wrote)
	s.wrote += n
	s.writes++
	if n < len(b) {
		return n, errCut
	}
	return n, nil
}

func (s *stream) Close() error { return nil }

// byRecord writes as TLS does.
type byRecord struct{ c *Conn }

func (w byRecord) Write(p []byte) (int, error) {
	for begin := 0; begin < len(p); begin += recordBytes {
		record := append([]byte("header and tag"), p[begin:min(len(p), begin+recordBytes)]...)
		if _, err := w.c.Write(record); err != nil {
			return begin, err
		}
	}
	return len(p), nil
}

func TestRecordsLeaveTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time stands still
		for buffers, want := range []int{64, 10, 10} { // without any, with one, with one for a copy
			s := &stream{room: 2 << 20}
			c := Under(s, NewBuffers(nil, buffers))
			n, err := c.SendParts(byRecord{c}, nil, parts(make([]byte, 1<<20), recordBytes))
			if n != 1<<20 || err != nil {
				t.Errorf("SendParts: %d, %v", n, err)
			}
			if all := 1<<20 + 64*len("header and tag"); s.writes != want || s.wrote != all {
				t.Errorf("%d buffers: %d bytes in %d writes, want %d in %d", buffers, s.wrote, s.writes, all, want)
			}
		}
	})
}

func TestReadsOfManyRecords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{}
		buffers := NewBuffers(nil, 1)
		c := Under(s, buffers)
		p := make([]byte, 10_000)
		at := byte(0)
		read := func() {
			t.Helper()
			n, err := c.Read(p)
			if err != nil || n == 0 {
				t.Fatal(n, err)
			}
			for _, b := range p[:n] {
				if b != at {
					t.Fatalf("byte %d where %d was due", b, at)
				}
				at++
			}
		}
		for range 100 {
			read()
		}
		if len(s.asked) > 10 || s.asked[1] != bufferBytes {
			t.Errorf("asked for %d", s.asked)
		}
		for len(buffers.taken) > 0 {
			read()
		}
		for range 3 { // of a user who takes his time
			time.Sleep(brisk)
			read()
			if len(buffers.taken) != 0 {
				t.Error("a slow user holds a buffer")
			}
		}
		read()
		if len(buffers.taken) != 1 {
			t.Error("a fast user has no buffer")
		}
		_ = c.Close()
		if len(buffers.taken) != 0 {
			t.Error("a closed connection holds a buffer")
		}
	})
}

// TestSlowPeerHoldsNoBuffer sends to a peer that takes its time.
func TestSlowPeerHoldsNoBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stream{pause: 2 * slowPiece, room: 1 << 30}
		c := Under(s, NewBuffers(nil, 1))
		for range 2 {
			if _, err := c.Send(c, make([]byte, PieceBytes)); err != nil {
				t.Fatal(err)
			}
		}
		if c.buffer() != nil {
			t.Error("a slow peer has a buffer")
		}
		s.pause = 0
		if _, err := c.Send(c, make([]byte, PieceBytes)); err != nil {
			t.Fatal(err)
		}
		buf := c.buffer()
		if buf == nil {
			t.Error("a fast peer has no buffer")
		}
		c.buffers.put(buf)
	})
}

// TestCutInAPiece fails in the middle of what leaves at once: TLS, which knows
// nothing of it, must not send any more.
func TestCutInAPiece(t *testing.T) {
	s := &stream{room: 100_000}
	c := Under(s, NewBuffers(nil, 1))
	if n, err := c.SendParts(byRecord{c}, nil, parts(make([]byte, 1<<20), 1<<19)); n > PieceBytes || !errors.Is(err, errCut) {
		t.Errorf("SendParts: %d, %v", n, err)
	}
	s.room = 1 << 20
	if _, err := c.Write([]byte("alert")); !errors.Is(err, errCut) {
		t.Errorf("Write after the failure: %v", err)
	}
	if _, err := c.Send(c, []byte("more")); !errors.Is(err, errCut) {
		t.Errorf("Send after the failure: %v", err)
	}
	if s.wrote != 100_000 {
		t.Errorf("%d bytes left", s.wrote)
	}
	if len(c.buffers.taken) != 0 {
		t.Errorf("%d buffers are in use", len(c.buffers.taken))
	}
}

// A connection has no buffer where the memory of the process has none for it, and one
// that is given back is there for the next.
func TestBuffersAreLeased(t *testing.T) {
	budget := memory.New(3 * bufferBytes)
	part := budget.Part("buffers", memory.Limits{Most: 2 * bufferBytes})
	b := NewBuffers(part, 100)
	first, second := b.get(), b.get()
	if first == nil || second == nil || b.get() != nil {
		t.Fatal("two buffers have room, and no third")
	}
	b.put(first)
	third := b.get()
	if third == nil || b.get() != nil {
		t.Error("what was given back is not there, or twice")
	}
	b.put(second)
	b.put(third)
	if held := budget.Held(); held != 0 {
		t.Errorf("%d bytes are held", held)
	}
}
