package auth

import "time"

// maxDelay is the longest that the answer to a wrong password is held back: short
// of what makes clients give up.
const maxDelay = 8 * time.Second

// Delay is how long the answer to a wrong password is held back, so that guessing
// takes its time: first for the first one of a connection, and twice as long for
// each further one. Nothing is computed meanwhile; whoever waits does so only while
// there is somebody to answer.
func Delay(first time.Duration, failures int) time.Duration {
	d := min(first, maxDelay)
	for ; failures > 1 && d < maxDelay; failures-- {
		d *= 2
	}
	return min(d, maxDelay)
}
