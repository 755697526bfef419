package notify

import (
	"crypto/rand"
	"slices"
	"time"
)

// maxBatch is how many bytes of events a batch has at most, unless it has one event.
const maxBatch = 256 << 10

// batch is what one request sends, the same at each attempt. Where an Endpoint sends no batches,
// it is one event.
type batch struct {
	id     string
	events []*entry
	// array says that it is sent as a batch, also where it has one event.
	array bool

	// attempts have failed. due is when it is sent again.
	attempts int
	due      time.Time
	sending  bool
	// index is its place in order.delayed or order.again.
	index int
}

func (b *batch) place() *int { return &b.index }

// before lets the batches with the fewest attempts come first, and then the oldest.
func (b *batch) before(o *batch) bool {
	if b.attempts != o.attempts {
		return b.attempts < o.attempts
	}
	return b.events[0].number < o.events[0].number
}

// delayed is a batch until it is due.
type delayed struct{ *batch }

func (d delayed) before(o delayed) bool { return d.due.Before(o.due) }

// message returns what is sent.
func (b *batch) message() Message {
	m := Message{ID: b.id, Batch: b.array, Events: make([][]byte, len(b.events))}
	for i, e := range b.events {
		m.Events[i] = e.body
	}
	return m
}

// newBatch makes a batch of events.
func newBatch(events []*entry, array bool) *batch {
	b := &batch{id: events[0].id, events: events, array: array}
	if array {
		b.id = rand.Text()
	}
	for _, e := range events {
		e.batch = b
	}
	return b
}

// gather makes a batch of up to most of the events that are ready; at least one is ready. With a
// most of 0 the batch is one event, which is not sent as an array.
func (o *order) gather(most int) *batch {
	events := make([]*entry, 0, min(max(most, 1), o.ready.len()))
	for size := 0; len(events) < cap(events); {
		size += len(o.ready.first().body)
		if len(events) > 0 && size > maxBatch {
			break
		}
		events = append(events, o.ready.take())
	}
	b := newBatch(events, most > 0)
	b.sending = true
	return b
}

// retry takes a batch that is to be sent again, nil where none is due.
func (o *order) retry() *batch {
	if o.again.len() == 0 {
		return nil
	}
	b := o.again.take()
	b.sending = true
	return b
}

// delay notes that an attempt has failed, and that the batch is sent again at a time.
func (o *order) delay(b *batch, due time.Time) {
	b.sending, b.due = false, due
	b.attempts++
	o.noteFailed(b)
	o.delayed.add(delayed{b})
}

// split makes two batches of one that the receiver has refused, which are sent at a time.
func (o *order) split(b *batch, due time.Time) {
	o.noteFailed(b)
	half := len(b.events) / 2
	for _, events := range [][]*entry{b.events[:half], b.events[half:]} {
		next := newBatch(slices.Clone(events), b.array)
		next.due = due
		o.delayed.add(delayed{next})
	}
}

func (o *order) noteFailed(b *batch) {
	for _, e := range b.events {
		if !e.failed {
			e.failed = true
			o.failed++
		}
	}
}

// dissolve makes the events of a batch that is not being sent ready, so that they are sent with
// others.
func (o *order) dissolve(b *batch) {
	b.sending = false
	o.delayed.drop(delayed{b})
	o.again.drop(b)
	for _, e := range b.events {
		e.batch = nil
		o.ready.add(e)
	}
}

// wake makes the batches that are due ready to be sent again.
func (o *order) wake(now time.Time) {
	for o.delayed.len() > 0 && !o.delayed.first().due.After(now) {
		o.again.add(o.delayed.take().batch)
	}
}

// wakeAll makes all delayed batches ready to be sent again.
func (o *order) wakeAll() {
	for o.delayed.len() > 0 {
		o.again.add(o.delayed.take().batch)
	}
}

// restart makes all events ready that are not being sent, as if none had failed.
func (o *order) restart() {
	o.wakeAll()
	for o.again.len() > 0 {
		b := o.again.take()
		for _, e := range b.events {
			e.failed = false
			o.failed--
		}
		o.dissolve(b)
	}
}

// due returns when the next delayed batch is due.
func (o *order) due() (time.Time, bool) {
	if o.delayed.len() == 0 {
		return time.Time{}, false
	}
	return o.delayed.first().due, true
}
