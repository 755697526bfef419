package vfstest

import "time"

// Leaving returns the target with so much time for goroutines to end.
func (t Target) Leaving(within time.Duration) Target {
	t.leaving = within
	return t
}
