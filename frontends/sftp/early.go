package sftp

import (
	"context"
	"time"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
	"github.com/tidegate/tidegate/internal/memory"
)

// reorderMemory is what the out-of-order writes of a session lie in: reorder.Window
// bytes at most, of the part of the process's memory for them.
type reorderMemory struct {
	s *session
}

// A lease may need as much as a window has.
const _ = uint(memory.MaxEarly - reorder.Window)

// fewData is less than what is worth a small buffer.
const fewData = smallBytes * 3 / 4

// earlyWait is how long an upload waits for the memory of an out-of-order write. The
// others give theirs back when what they miss has come, or when they fail.
const earlyWait = time.Minute

// Take implements reorder.Memory. When the memory is spent it waits, and the client
// with it, as nothing is read from its channel meanwhile.
func (m reorderMemory) Take(n int) ([]byte, error) {
	if !m.s.ordered.take(n) {
		return nil, reorder.ErrFull
	}
	if !m.s.early.TryAcquire(int64(n)) {
		ctx, cancel := context.WithTimeoutCause(m.s.conn.ctx, earlyWait, errCrowded)
		defer cancel()
		if err := m.s.early.Acquire(ctx, int64(n)); err != nil {
			m.s.ordered.give(n)
			return nil, err
		}
	}
	if n < fewData || n > smallBytes {
		return make([]byte, n), nil
	}
	buffers := &m.s.conn.srv.buffers
	b := buffers.get(small)[:n]
	buffers.needed.Release(smallBytes) // it is counted already
	return b, nil
}

// Give implements reorder.Memory.
func (m reorderMemory) Give(b []byte) {
	if cap(b) == smallBytes {
		m.s.conn.srv.buffers.needed.Take(smallBytes)
		m.s.conn.srv.buffers.put(b[:smallBytes])
	}
	m.s.early.Release(int64(len(b)))
	m.s.ordered.give(len(b))
}
