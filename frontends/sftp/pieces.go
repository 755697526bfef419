package sftp

import (
	"cmp"
	"slices"
	"sync"
)

const (
	// window is how many bytes may lie beyond what is missing: 64 WRITEs of
	// 32 KiB, which is what clients have on the way at most.
	window = 64 * maxData
	// maxWaiting bounds the pieces, which may be small.
	maxWaiting = 1024
)

// budget is what all uploads of a session may keep together.
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

// pieces are parts of a file that came before their turn, by their offsets.
type pieces struct {
	budget *budget
	all    []piece
}

func (p *pieces) empty() bool { return len(p.all) == 0 }

// first returns the least offset, -1 when there is none.
func (p *pieces) first() int64 {
	if p.empty() {
		return -1
	}
	return p.all[0].off
}

// room returns why n bytes at off cannot be kept, and if they can, counts them.
// next is the offset that is waited for.
func (p *pieces) room(next, off int64, n int) error {
	at, found := p.search(off)
	if found || at > 0 && p.all[at-1].end() > off || at < len(p.all) && p.all[at].off < off+int64(n) {
		return errAgain
	}
	if off+int64(n) > next+window || len(p.all) >= maxWaiting || !p.budget.take(n) {
		return unsupported("written too far ahead of what is missing")
	}
	return nil
}

// add keeps b, for which there is room.
func (p *pieces) add(off int64, b []byte) {
	at, _ := p.search(off)
	p.all = slices.Insert(p.all, at, piece{off, b})
}

func (p *pieces) search(off int64) (at int, found bool) {
	return slices.BinarySearchFunc(p.all, off, func(q piece, off int64) int { return cmp.Compare(q.off, off) })
}

// take removes the first piece.
func (p *pieces) take() []byte {
	b := p.all[0].data
	p.all[0].data = nil
	p.all = p.all[1:]
	p.budget.give(len(b))
	return b
}

// drop forgets all.
func (p *pieces) drop() {
	for !p.empty() {
		p.take()
	}
}
