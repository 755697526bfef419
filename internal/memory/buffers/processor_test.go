package buffers

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
)

// waiting is a socket whose Write tells that it is called.
type waiting struct {
	*net.TCPConn
	before func()
}

func (w waiting) Write(b []byte) (int, error) {
	w.before()
	return w.TCPConn.Write(b)
}

// Each piece has a turn, which ends before the connection waits for its peer.
func TestProcessor(t *testing.T) {
	for buffers := range 2 {
		near, below, far := pair(t, NewBuffers(nil, buffers))
		var turns, open atomic.Int64
		processor := func() func() {
			turns.Add(1)
			open.Add(1)
			return func() { open.Add(-1) }
		}
		stuck := make(chan struct{})
		once := sync.OnceFunc(func() { close(stuck) })
		below.Conn = waiting{below.Conn.(*net.TCPConn), func() {
			if open.Load() != 0 {
				t.Error("it waits for its peer in a turn")
			}
			once()
		}}
		const size = 64 << 20 // more than the system holds of a connection
		sent := make(chan error, 1)
		go func() {
			n, err := below.SendParts(near, processor, parts(make([]byte, size), PieceBytes))
			if err == nil && n != size {
				err = io.ErrShortWrite
			}
			sent <- errors.Join(err, near.CloseWrite())
		}()
		select {
		case <-stuck:
		case err := <-sent:
			t.Fatalf("sent without a peer that reads: %v", err)
		}
		got, err := io.Copy(io.Discard, struct{ io.Reader }{far})
		if err := errors.Join(err, <-sent); err != nil || got != size {
			t.Errorf("%d bytes: %v", got, err)
		}
		if n := turns.Load(); open.Load() != 0 || n < size/PieceBytes || n > size/PieceBytes+2 {
			t.Errorf("%d turns, of which %d have not ended", n, open.Load())
		}
	}
}

// A turn ends with a write that fails, and none is needed.
func TestProcessorOfABrokenConnection(t *testing.T) {
	near, below, _ := pair(t, NewBuffers(nil, 1))
	_ = below.Close()
	open := 0
	for range 2 {
		if _, err := below.SendParts(near, func() func() { open++; return func() { open-- } }, parts(make([]byte, 1<<20), PieceBytes)); err == nil {
			t.Error("sent over a closed connection")
		}
		if open != 0 {
			t.Errorf("%d turns have not ended", open)
		}
	}
	if _, err := below.SendParts(near, func() func() { return nil }, parts(make([]byte, 1<<20), PieceBytes)); err == nil {
		t.Error("sent over a closed connection, without a turn")
	}
}
