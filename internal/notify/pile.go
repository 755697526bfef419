package notify

import "container/heap"

// inPile is an element of a pile. It is in one pile at a time.
type inPile[T any] interface {
	comparable
	// before reports whether it comes out earlier than another one.
	before(other T) bool
	// place is where the pile notes its index.
	place() *int
}

// pile is a heap from which any element can be removed.
type pile[T inPile[T]] struct{ all heapOf[T] }

func (p *pile[T]) len() int { return len(p.all) }

func (p *pile[T]) add(x T) { heap.Push(&p.all, x) }

// first returns the first element of a pile that is not empty.
func (p *pile[T]) first() T { return p.all[0] }

// take removes the first element of a pile that is not empty.
func (p *pile[T]) take() T { return heap.Pop(&p.all).(T) }

// drop removes an element if it is there.
func (p *pile[T]) drop(x T) {
	if i := *x.place(); i < len(p.all) && p.all[i] == x {
		heap.Remove(&p.all, i)
	}
}

// heapOf implements heap.Interface.
type heapOf[T inPile[T]] []T

func (h heapOf[T]) Len() int           { return len(h) }
func (h heapOf[T]) Less(i, j int) bool { return h[i].before(h[j]) }
func (h heapOf[T]) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	*h[i].place(), *h[j].place() = i, j
}

func (h *heapOf[T]) Push(x any) {
	e := x.(T)
	*e.place() = len(*h)
	*h = append(*h, e)
}

func (h *heapOf[T]) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	clear((*h)[last:])
	*h = (*h)[:last]
	return e
}
