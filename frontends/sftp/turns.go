package sftp

import "sync"

// turns keeps the WRITEs on a file in the order in which they came. The
// library's goroutines take them in that order but overtake each other after
// it. A WRITE waits only for those that came before it, which other goroutines
// have taken already: so nobody waits for what stands behind him.
type turns struct {
	mu    sync.Mutex
	moved sync.Cond
	queue []*turn
}

// turn is one WRITE that has come and is not done.
type turn struct {
	off   int64
	bytes int
	// taken is true when a goroutine has come with it.
	taken bool
}

func newTurns() *turns {
	t := &turns{}
	t.moved.L = &t.mu
	return t
}

// arrive notes a WRITE, on the goroutine that reads.
func (t *turns) arrive(off int64, bytes int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = append(t.queue, &turn{off: off, bytes: bytes})
}

// await returns when the WRITE is the next one, and what ends its turn.
func (t *turns) await(off int64, bytes int) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var mine *turn
	for _, q := range t.queue {
		if !q.taken && q.off == off && q.bytes == bytes {
			mine = q
			break
		}
	}
	if mine == nil {
		return func() {}
	}
	mine.taken = true
	for t.queue[0] != mine {
		t.moved.Wait()
	}
	return t.next
}

func (t *turns) next() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.queue = t.queue[1:]
	t.moved.Broadcast()
}
