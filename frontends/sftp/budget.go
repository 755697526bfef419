package sftp

import "sync"

// budget is what all files of a session or a connection may keep together, in bytes.
type budget struct {
	mu   sync.Mutex
	left int
}

func (b *budget) take(n int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.left {
		return false
	}
	b.left -= n
	return true
}

func (b *budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += n
}

// reorderMemory is what the out-of-order writes of a session lie in.
type reorderMemory struct {
	budget  *budget
	buffers *buffers
}

// fewData is less than what is worth a buffer.
const fewData = 16 << 10

// Take implements reorder.Memory.
func (m reorderMemory) Take(n int) []byte {
	switch {
	case !m.budget.take(n):
		return nil
	case n < fewData || n > smallBytes:
		return make([]byte, n)
	}
	return m.buffers.get(small)[:n]
}

// Give implements reorder.Memory.
func (m reorderMemory) Give(b []byte) {
	m.budget.give(len(b))
	if cap(b) == smallBytes {
		m.buffers.put(b[:smallBytes])
	}
}
