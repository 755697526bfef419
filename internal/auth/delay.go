package auth

import "time"

// maxDelay is the longest that the answer to a wrong password is held back: short
// of what makes clients give up.
const maxDelay = 8 * time.Second

// Delay returns how long the answer to a wrong password is still delayed, so that guessing is
// slow. took is the time of the check. The answer to the first failure comes at first after the
// password, and each further failure doubles that time. The time of the check is included,
// because it would reveal the kind of the account's hash, or that there is no account. When the
// check took longer, the answer comes at the next multiple of first. Nothing is computed in that
// time. The caller waits only while its client is connected.
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
