package ftp

import (
	"net"
	"sync/atomic"
	"time"
)

// ear is the control connection as the reader reads it, below TLS. It knows whether the
// reader waits for more, and how many lines it has read that nobody has dealt with yet:
// an ABOR among what has arrived must be known before an upload is committed.
type ear struct {
	net.Conn
	waits atomic.Bool
	lines atomic.Int64
	// changed has something in it when either may have changed.
	changed chan struct{}
}

func newEar(c net.Conn) *ear { return &ear{Conn: c, changed: make(chan struct{}, 1)} }

// Read waits for what the client sends.
func (e *ear) Read(b []byte) (int, error) {
	e.waits.Store(true)
	e.tell()
	defer e.waits.Store(false)
	return e.Conn.Read(b)
}

func (e *ear) tell() {
	select {
	case e.changed <- struct{}{}:
	default:
	}
}

// took notes a line that the reader has read, dealt that it has been dealt with.
func (e *ear) took() { e.lines.Add(1) }

func (e *ear) dealt() {
	e.lines.Add(-1)
	e.tell()
}

// hears waits until all that has arrived was read and dealt with, and reports whether
// that is so within lastWordTime.
func (t *transfer) hears() bool {
	e, gone := t.s.ear, t.s.gone.Done()
	late := time.NewTimer(lastWordTime)
	defer late.Stop()
	for {
		ended := t.s.gone.Err() != nil
		if e.lines.Load() == 0 && (ended || e.waits.Load() && !hasBytes(e.Conn)) {
			return true
		}
		select {
		case <-e.changed:
		case <-gone:
			gone = nil
		case <-t.ctx.Done():
			return true // it is abandoned
		case <-late.C:
			return false
		}
	}
}
