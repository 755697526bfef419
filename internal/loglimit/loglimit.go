// Package loglimit keeps a flood of equal events from filling the log: the first one is
// written, those that follow within a minute are counted. No callback runs under its lock.
package loglimit

import (
	"sync"
	"time"
)

// Quiet is how long events are only counted after one that was written.
const Quiet = time.Minute

// maxKeys is how many keys are counted separately. Further keys are counted together, as
// the zero key.
const maxKeys = 1000

// Limiter counts the events of each key. Its methods may be called concurrently.
type Limiter[K comparable] struct {
	more func(key K, count int, last string)

	mu     sync.Mutex
	counts map[K]*counter[K]
	closed bool
	// timers counts the timers that run, and the calls of more from them.
	timers sync.WaitGroup
}

// counter counts the events that have not been written, and has the last one.
type counter[K comparable] struct {
	timer *time.Timer
	count int
	last  string
}

// New returns a Limiter. It calls more once a minute and at the end, with the number of
// events of a key that were only counted, and the last of them. more may be called
// concurrently. The caller calls Close.
func New[K comparable](more func(key K, count int, last string)) *Limiter[K] {
	return &Limiter[K]{more: more, counts: map[K]*counter[K]{}}
}

// Note counts an event, and reports whether it is the first one of its key in a minute. The
// caller writes that one. last describes the event.
func (l *Limiter[K]) Note(key K, last string) (first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.counts) >= maxKeys && l.counts[key] == nil {
		key = *new(K)
	}
	if c := l.counts[key]; c != nil {
		c.count++
		c.last = last
		return false
	}
	if l.closed {
		return true
	}
	l.timers.Add(1)
	l.counts[key] = &counter[K]{timer: time.AfterFunc(Quiet, func() {
		defer l.timers.Done()
		l.sum(key)
	})}
	return true
}

// sum reports the count at the end of a minute. Counting continues as long as events
// come.
func (l *Limiter[K]) sum(key K) {
	l.mu.Lock()
	c := l.counts[key]
	if l.closed || c.count == 0 {
		delete(l.counts, key)
		l.mu.Unlock()
		return
	}
	due := c.take(key)
	l.timers.Add(1)
	c.timer.Reset(Quiet)
	l.mu.Unlock()
	l.more(due.key, due.count, due.last)
}

// report is the arguments of one call of more, which runs without the lock.
type report[K comparable] struct {
	key   K
	count int
	last  string
}

// take returns the report of c and sets the count to 0. mu must be held.
func (c *counter[K]) take(key K) report[K] {
	due := report[K]{key, c.count, c.last}
	c.count = 0
	return due
}

// Close reports the remaining counts and waits for all calls of more.
func (l *Limiter[K]) Close() {
	l.mu.Lock()
	l.closed = true
	var due []report[K]
	for key, c := range l.counts {
		if c.timer.Stop() {
			l.timers.Done()
		}
		if c.count > 0 {
			due = append(due, c.take(key))
		}
	}
	l.mu.Unlock()
	for _, d := range due {
		l.more(d.key, d.count, d.last)
	}
	l.timers.Wait()
}
