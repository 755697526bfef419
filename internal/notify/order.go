package notify

import (
	"cmp"
	"container/heap"
	"container/list"
	"time"
)

// entry is an event in the queue of an Endpoint.
type entry struct {
	Message
	// path and session are for the log.
	path, session string
	accepted      time.Time
	number        uint64

	// at are the places of the paths that it is about.
	at []*place
	// blockers is how many events have to be delivered or dropped before it, dependents are
	// those that wait for it.
	blockers   int
	dependents []*entry

	// attempts have failed. due is when a delayed event is tried again.
	attempts int
	due      time.Time
	sending  bool
	// element is its element in order.all.
	element *list.Element

	// result is closed when the event is delivered or dropped. Then dropped is "" or the
	// reason.
	result  chan struct{}
	dropped string
}

// place is a path in the tree of those that events of the queue are about.
type place struct {
	parent   *place
	name     string
	children map[string]*place
	// last is the latest event about the path that is still in the queue. It comes after all
	// earlier ones about it.
	last *entry
	// events is how many events of the queue are about the path.
	events int
}

// order holds the events of a queue and says which may be sent. It keeps the order of events
// about one path. An event about a directory comes after all earlier ones about what lies
// below it, and before all later ones. Its methods are called under the lock of the Endpoint.
type order struct {
	root place
	// all has the events in the order of their acceptance.
	all    list.List
	number uint64
	// texts is how many bytes the texts of the events have, places how many places there are.
	texts  int64
	places int64
	// failed is how many events have attempts that have failed.
	failed int
	// ready can be sent; delayed can be sent later. An event that is blocked or being sent is
	// in neither.
	ready, delayed entries
}

func newOrder() *order {
	return &order{
		ready:   entries{less: func(a, b *entry) int { return cmp.Or(a.attempts-b.attempts, cmp.Compare(a.number, b.number)) }},
		delayed: entries{less: func(a, b *entry) int { return a.due.Compare(b.due) }},
	}
}

func (o *order) len() int { return o.all.Len() }

// What an event and a place take beside the text, in bytes. TestMemory measures them.
const (
	sizeOfEntry = 1 << 10
	sizeOfPlace = 256
)

// bytes returns how much memory the events take.
func (o *order) bytes() int64 { return int64(o.len())*sizeOfEntry + o.places*sizeOfPlace + o.texts }

// add adds an event about some paths.
func (o *order) add(e *entry, paths [][]string) {
	o.number++
	e.number = o.number
	e.element = o.all.PushBack(e)
	o.texts += int64(len(e.Body))
	for _, path := range paths {
		e.at = append(e.at, o.place(path, e))
	}
	for _, p := range e.at {
		p.events++
		p.last = e
	}
	if e.blockers == 0 {
		heap.Push(&o.ready, e)
	}
}

// place returns the place of a path, and makes e wait for the events about the path, the
// directories above it and everything below it.
func (o *order) place(path []string, e *entry) *place {
	p := &o.root
	for _, name := range path {
		next := p.children[name]
		if next == nil {
			next = &place{parent: p, name: name}
			if p.children == nil {
				p.children = map[string]*place{}
			}
			p.children[name] = next
			o.places++
		}
		p = next
		p.blocks(e)
	}
	p.below(e)
	return p
}

// blocks makes e wait for the latest event about the place.
func (p *place) blocks(e *entry) {
	if p.last != nil && p.last != e {
		p.last.dependents = append(p.last.dependents, e)
		e.blockers++
	}
}

// below makes e wait for the events about everything below the place.
func (p *place) below(e *entry) {
	for _, child := range p.children {
		child.blocks(e)
		child.below(e)
	}
}

// leave removes an event from a place, and the places that no event needs.
func (o *order) leave(p *place, e *entry) {
	p.events--
	if p.last == e {
		p.last = nil
	}
	for p.parent != nil && p.events == 0 && len(p.children) == 0 {
		delete(p.parent.children, p.name)
		o.places--
		p = p.parent
	}
}

// next takes the event that is to be sent next, nil where there is none.
func (o *order) next() *entry {
	if o.ready.Len() == 0 {
		return nil
	}
	e := heap.Pop(&o.ready).(*entry)
	e.sending = true
	return e
}

// delay notes that an attempt has failed, and that the event may be sent again at a time.
func (o *order) delay(e *entry, due time.Time) {
	e.sending, e.due = false, due
	if e.attempts++; e.attempts == 1 {
		o.failed++
	}
	heap.Push(&o.delayed, e)
}

// wake makes the delayed events ready that are due.
func (o *order) wake(now time.Time) {
	for o.delayed.Len() > 0 && !o.delayed.all[0].due.After(now) {
		heap.Push(&o.ready, heap.Pop(&o.delayed))
	}
}

// wakeAll makes all delayed events ready, as if they had not failed.
func (o *order) wakeAll() {
	for o.delayed.Len() > 0 {
		e := heap.Pop(&o.delayed).(*entry)
		e.attempts = 0
		o.failed--
		heap.Push(&o.ready, e)
	}
}

// due returns when the next delayed event is due.
func (o *order) due() (time.Time, bool) {
	if o.delayed.Len() == 0 {
		return time.Time{}, false
	}
	return o.delayed.all[0].due, true
}

// remove removes an event that was delivered or dropped. Those that have waited for it
// alone become ready.
func (o *order) remove(e *entry) {
	if e.attempts > 0 {
		o.failed--
	}
	o.ready.drop(e)
	o.delayed.drop(e)
	o.all.Remove(e.element)
	o.texts -= int64(len(e.Body))
	for _, p := range e.at {
		o.leave(p, e)
	}
	for _, d := range e.dependents {
		if d.blockers--; d.blockers == 0 && d.at != nil {
			heap.Push(&o.ready, d)
		}
	}
	e.at, e.dependents = nil, nil
}

// entries is a heap. Its methods are those of heap.Interface, and drop.
type entries struct {
	all  []*entry
	less func(a, b *entry) int
	// index has the place of each event in all.
	index map[*entry]int
}

func (h *entries) Len() int           { return len(h.all) }
func (h *entries) Less(i, j int) bool { return h.less(h.all[i], h.all[j]) < 0 }
func (h *entries) Swap(i, j int) {
	h.all[i], h.all[j] = h.all[j], h.all[i]
	h.index[h.all[i]], h.index[h.all[j]] = i, j
}

func (h *entries) Push(x any) {
	e := x.(*entry)
	if h.index == nil {
		h.index = map[*entry]int{}
	}
	h.index[e] = len(h.all)
	h.all = append(h.all, e)
}

func (h *entries) Pop() any {
	last := len(h.all) - 1
	e := h.all[last]
	h.all[last] = nil
	h.all = h.all[:last]
	delete(h.index, e)
	return e
}

// drop removes an event if it is there.
func (h *entries) drop(e *entry) {
	if i, ok := h.index[e]; ok {
		heap.Remove(h, i)
	}
}
