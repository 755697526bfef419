package chunk

import (
	"container/heap"

	"github.com/tidegate/tidegate/internal/fairshare"
)

// holder is a tenant, a user of it, or a connection of the user: a node in the tree of
// those that have accounts. It decides which call of Get is served next: at each level
// of the tree one of the holder that has the least memory, and among equals of the one
// that was served longest ago. So a tenant with hundreds of slow uploads, which hold
// much, does not keep memory from one with a single upload.
//
// This is the order of fairshare.Resource.Acquire. That has a fixed capacity, while what
// the pool may hand out depends on the class of the chunk and on what others of the
// process need. Pool.mu guards all holders.
type holder struct {
	parent   *holder
	key      fairshare.Holder // with the fields of its level and of those above
	children map[fairshare.Holder]*holder
	// accounts, held, outbound and waiting are sums over the subtree: accounts that have
	// had memory, bytes of their chunks, the part of these that is on its way to the store,
	// and calls of Get that wait.
	accounts       int
	held, outbound int64
	waiting        int
	// turn is when one of its calls was served last, in steps of the root's turn.
	turn uint64

	// queue has the calls that wait here, the first to come in front. Only leaves have
	// one.
	queue []*waiter
	// busy are the children that wait, with the next to be served in front, and index
	// is the place among those of the parent, from 1 on.
	busy  busy
	index int
}

// leaf returns the holder of a connection below the root h, and makes it when there is
// none.
func (h *holder) leaf(of fairshare.Holder) *holder {
	n := h
	for _, key := range of.Levels() {
		child := n.children[key]
		if child == nil {
			h.turn++
			child = &holder{parent: n, key: key, turn: h.turn}
			if n.children == nil {
				n.children = map[fairshare.Holder]*holder{}
			}
			n.children[key] = child
		}
		n = child
	}
	return n
}

// reserve is the part of the memory that holders with more than their share leave to those
// with less, as a divisor. It is so small that those with more still get something when each
// account fills a chunk: an eighth comes back then (Pool.mostFilling), and three levels
// leave less.
const reserve = 64

// limit returns how much of all memory may be in use with n more bytes of a leaf: all of it,
// less the reserve for each level at which the leaf's holder has siblings and would have more
// than an equal share. So one that has less need not wait for others, for each of its
// chunks, until one of their blocks is stored.
func (h *holder) limit(all, n int64) int64 {
	left, share := all, all
	for _, at := range [...]*holder{h.parent.parent, h.parent, h} {
		siblings := int64(len(at.parent.children))
		share /= siblings
		if siblings > 1 && at.held+n > share {
			left -= all / reserve / SmallSize * SmallSize
		}
	}
	return left
}

// sends counts n bytes more of a leaf that are on their way to the store, or fewer.
func (h *holder) sends(n int64) {
	for ; h != nil; h = h.parent {
		h.outbound += n
	}
}

// large returns what the users hold that have as much as their share, and how much of it is
// on its way to the store. h is the root.
func (h *holder) large() (held, outbound int64) {
	for _, tenant := range h.children {
		for _, user := range tenant.children {
			if user.isLarge() {
				held += user.held
				outbound += user.outbound
			}
		}
	}
	return held, outbound
}

// isLarge reports whether a user has at least an equal share of what its tenant has, and the
// tenant of what all have.
func (h *holder) isLarge() bool {
	return h.isAverage() && h.parent.isAverage()
}

// isAverage reports whether h has as much as its siblings on average.
func (h *holder) isAverage() bool {
	return h.held*int64(len(h.parent.children)) >= h.parent.held
}

// open counts one more account of a leaf.
func (h *holder) open() {
	for ; h != nil; h = h.parent {
		h.accounts++
	}
}

// close counts one fewer, and forgets holders that have none.
func (h *holder) close() {
	for ; h != nil; h = h.parent {
		if h.accounts--; h.accounts == 0 && h.parent != nil {
			delete(h.parent.children, h.key)
		}
	}
}

// holds counts n bytes more of a leaf, or fewer.
func (h *holder) holds(n int64) {
	for ; h != nil; h = h.parent {
		h.held += n
		h.moved()
	}
}

// wait adds a call to the queue of a leaf.
func (h *holder) wait(w *waiter) {
	h.queue = append(h.queue, w)
	h.waits(1)
}

// leave removes a call from the queue of a leaf.
func (h *holder) leave(w *waiter) {
	for i, other := range h.queue {
		if other == w {
			h.queue = append(h.queue[:i], h.queue[i+1:]...)
			h.waits(-1)
			return
		}
	}
}

func (h *holder) waits(n int) {
	for ; h != nil; h = h.parent {
		h.waiting += n
		h.moved()
	}
}

// moved puts h at its place among the siblings that wait.
func (h *holder) moved() {
	switch {
	case h.parent == nil:
	case h.waiting > 0 && h.index > 0:
		heap.Fix(&h.parent.busy, h.index-1)
	case h.waiting > 0:
		heap.Push(&h.parent.busy, h)
	case h.index > 0:
		heap.Remove(&h.parent.busy, h.index-1)
	}
}

// next returns the leaf of the root h whose first call is to be served next. Some call waits.
func (h *holder) next() *holder {
	n := h
	for len(n.busy) > 0 {
		n = n.busy[0]
	}
	return n
}

// served removes the first call of a leaf, which has its chunk.
func (h *holder) served(leaf *holder) {
	leaf.queue[0] = nil
	leaf.queue = leaf.queue[1:]
	h.turn++
	for n := leaf; n.parent != nil; n = n.parent {
		n.turn = h.turn
	}
	leaf.waits(-1)
}

// busy is a heap of holders that wait.
type busy []*holder

func (b busy) Len() int { return len(b) }

func (b busy) Less(i, j int) bool {
	if b[i].held != b[j].held {
		return b[i].held < b[j].held
	}
	return b[i].turn < b[j].turn
}

func (b busy) Swap(i, j int) {
	b[i], b[j] = b[j], b[i]
	b[i].index, b[j].index = i+1, j+1
}

func (b *busy) Push(x any) {
	h := x.(*holder)
	*b = append(*b, h)
	h.index = len(*b)
}

func (b *busy) Pop() any {
	last := len(*b) - 1
	h := (*b)[last]
	(*b)[last] = nil
	*b = (*b)[:last]
	h.index = 0
	return h
}
