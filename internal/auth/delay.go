package auth

import "time"

// maxDelay is the longest that the answer to a wrong password is held back: short
// of what makes clients give up.
const maxDelay = 8 * time.Second

// Delay is how long the answer to a wrong password is still held back after the
// time that checking it took, so that guessing takes its time: the answer comes
// first after the password for the first one of a connection, and twice as late
// for each further one. The time of the check counts, as it would reveal what hash the
// account has, or that there is none: where it took longer, the answer comes at
// the next multiple of first. Nothing is computed meanwhile; the caller waits
// only while its client is there.
func Delay(first time.Duration, failures int, took time.Duration) time.Duration {
	d := min(first, maxDelay)
	step := d
	for ; failures > 1 && d < maxDelay; failures-- {
		d *= 2
	}
	d = min(d, maxDelay)
	if step > 0 && took > d {
		d += (took - d + step - 1) / step * step
	}
	return max(d-took, 0)
}
