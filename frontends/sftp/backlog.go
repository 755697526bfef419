package sftp

import "sync"

// maxBacklog is how many bytes the requests of a channel may take that wait for
// their turn: no more are read then. It is thousands of READs.
const maxBacklog = 512 << 10

// backlog counts what waits.
type backlog struct {
	mu   sync.Mutex
	less sync.Cond
	used int
}

func (b *backlog) init() { b.less.L = &b.mu }

// enter waits until there is room.
func (b *backlog) enter(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.used > 0 && b.used+n > maxBacklog {
		b.less.Wait()
	}
	b.used += n
}

func (b *backlog) leave(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	b.less.Broadcast()
}
