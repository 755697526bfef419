package notify

import (
	"container/list"
	"time"
)

// entry is an event in the queue of an Endpoint.
type entry struct {
	id string
	// body is the event in JSON.
	body []byte
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

	// batch is the one that it is sent with, nil before the first attempt. failed says that
	// an attempt has failed.
	batch  *batch
	failed bool
	// element is its element in order.all, index its index in order.ready.
	element *list.Element
	index   int

	// result is closed when the event is delivered or dropped. Then dropped is "" or the
	// reason.
	result  chan struct{}
	dropped string
}

// sending reports whether the event is being sent.
func (e *entry) sending() bool { return e.batch != nil && e.batch.sending }

func (e *entry) place() *int          { return &e.index }
func (e *entry) before(o *entry) bool { return e.number < o.number }

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
	// ready are the events that can be sent and are in no batch. One that waits for another is
	// not among them.
	ready pile[*entry]
	// delayed are the batches that have failed and are sent again later, again those that are
	// sent again now. A batch that is being sent is in neither.
	delayed pile[delayed]
	again   pile[*batch]
}

func newOrder() *order { return &order{} }

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
	o.texts += int64(len(e.body))
	for _, path := range paths {
		e.at = append(e.at, o.place(path, e))
	}
	for _, p := range e.at {
		p.events++
		p.last = e
	}
	if e.blockers == 0 {
		o.ready.add(e)
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

// remove removes an event that was delivered or dropped. Those that have waited for it
// alone become ready. If it is in a batch, the others of it are ready again.
func (o *order) remove(e *entry) {
	if e.batch != nil {
		o.dissolve(e.batch)
	}
	o.ready.drop(e)
	o.forget(e)
}

// delivered removes the events of a batch.
func (o *order) delivered(b *batch) {
	for _, e := range b.events {
		o.forget(e)
	}
}

// forget removes an event that is in no pile.
func (o *order) forget(e *entry) {
	if e.failed {
		o.failed--
	}
	o.all.Remove(e.element)
	o.texts -= int64(len(e.body))
	for _, p := range e.at {
		o.leave(p, e)
	}
	for _, d := range e.dependents {
		if d.blockers--; d.blockers == 0 && d.at != nil {
			o.ready.add(d)
		}
	}
	e.at, e.dependents = nil, nil
}
