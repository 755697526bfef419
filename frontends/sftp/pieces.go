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
	budget  *budget
	buffers *buffers
	all     []waiting
}

// waiting is a piece. whole, when it is not nil, is the buffer that it lies in.
type waiting struct {
	piece
	whole []byte
}

// fewData is less than what is worth a buffer.
const fewData = 16 << 10

func (p *pieces) empty() bool { return len(p.all) == 0 }

// end returns where the last one ends, -1 when there is none.
func (p *pieces) end() int64 {
	if p.empty() {
		return -1
	}
	return p.all[len(p.all)-1].end()
}

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

// add keeps n bytes at off, for which there is room. fill puts them there.
func (p *pieces) add(off int64, n int, fill func(b []byte) error) error {
	w := waiting{piece: piece{off: off}}
	if n < fewData || n > smallBytes {
		w.data = make([]byte, n)
	} else {
		w.whole = p.buffers.get(small)
		w.data = w.whole[:n]
	}
	if err := fill(w.data); err != nil {
		p.give(w)
		return err
	}
	at, _ := p.search(off)
	p.all = slices.Insert(p.all, at, w)
	return nil
}

// give takes the room of w back.
func (p *pieces) give(w waiting) {
	p.budget.give(len(w.data))
	if w.whole != nil {
		p.buffers.put(w.whole)
	}
}

func (p *pieces) search(off int64) (at int, found bool) {
	return slices.BinarySearchFunc(p.all, off, func(q waiting, off int64) int { return cmp.Compare(q.off, off) })
}

// next removes the first piece, and lets use have it.
func (p *pieces) next(use func(b []byte) error) error {
	w := p.all[0]
	p.all[0] = waiting{}
	p.all = p.all[1:]
	defer p.give(w)
	return use(w.data)
}

// drop forgets all.
func (p *pieces) drop() {
	for !p.empty() {
		_ = p.next(func([]byte) error { return nil })
	}
}
