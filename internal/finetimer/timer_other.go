//go:build !linux

package finetimer

import "time"

// Timer sends on C once, when its time is over. Stop must be called in the end. It is used
// by one goroutine.
type Timer struct {
	C <-chan struct{}

	runtime *time.Timer
}

// New starts a timer of d.
func New(d time.Duration) *Timer {
	c := make(chan struct{}, 1)
	return &Timer{c, time.AfterFunc(d, func() { c <- struct{}{} })}
}

// Stop ends the timer and frees it.
func (t *Timer) Stop() { t.runtime.Stop() }
