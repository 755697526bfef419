// Package loglimit keeps a flood of equal events from filling the log: the first
// one is written, those that follow within a minute are counted.
package loglimit

import (
	"sync"
	"time"
)

// Quiet is for how long events are counted after the one that was written.
const Quiet = time.Minute

// maxKeys bounds how many keys are counted apart. Those beyond count as the zero
// key together.
const maxKeys = 1000

// Limiter counts the events of each key. Its methods may be called concurrently.
type Limiter[K comparable] struct {
	more func(key K, count int, last string)

	mu     sync.Mutex
	counts map[K]*counter
	closed bool
	// timers are those of counts that have not been stopped.
	timers sync.WaitGroup
}

// counter counts the events that have not been written, and knows the last one.
type counter struct {
	timer *time.Timer
	count int
	last  string
}

// New returns a Limiter. more writes, once a minute and at the end, how many
// events of a key were only counted, and the last of them. Close follows.
func New[K comparable](more func(key K, count int, last string)) *Limiter[K] {
	return &Limiter[K]{more: more, counts: map[K]*counter{}}
}

// Note counts an event, and reports whether it is the first one of its key for a
// minute, which is for the caller to write. last says which one it was.
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
	l.counts[key] = &counter{timer: time.AfterFunc(Quiet, func() {
		defer l.timers.Done()
		l.sum(key)
	})}
	return true
}

// sum tells at the end of a minute how many there were, and goes on counting as
// long as there are any.
func (l *Limiter[K]) sum(key K) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.counts[key]
	if l.closed || c.count == 0 {
		delete(l.counts, key)
		return
	}
	l.tell(key, c)
	l.timers.Add(1)
	c.timer.Reset(Quiet)
}

// tell has the count written. mu is held.
func (l *Limiter[K]) tell(key K, c *counter) {
	l.more(key, c.count, c.last)
	c.count = 0
}

// Close has written what was counted, and waits until nothing counts any more.
func (l *Limiter[K]) Close() {
	l.mu.Lock()
	l.closed = true
	for key, c := range l.counts {
		if c.timer.Stop() {
			l.timers.Done()
		}
		if c.count > 0 {
			l.tell(key, c)
		}
	}
	l.mu.Unlock()
	l.timers.Wait()
}
