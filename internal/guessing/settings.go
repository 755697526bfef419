package guessing

import "time"

// Settings are the limits of failures. They are comparable.
type Settings struct {
	// Off counts nothing and refuses nothing.
	Off bool
	// PerAddress and PerLogin are the failures after which an address or a login is
	// refused.
	PerAddress, PerLogin int
	// RefuseFor is how long it is refused. A count leaks from its limit to zero in this
	// time.
	RefuseFor time.Duration
}

// Defaults returns the settings of a configuration without any.
func Defaults() Settings { return Settings{PerAddress: 30, PerLogin: 30, RefuseFor: 15 * time.Minute} }

// LeastRefusal is the least time of Settings.RefuseFor.
const LeastRefusal = time.Minute

const (
	// doubtfulFrom is the count from which a further attempt may not delay others. One
	// failure is enough: a flood may come from many addresses.
	doubtfulFrom = 1
	// paidOff is the part of the limit of an address that a success takes back, as a
	// divisor.
	paidOff = 6
	// sameWrong is how many wrong passwords of a pair are known again: a user may have several
	// devices with old passwords behind one address.
	sameWrong = 4
	// backOff is the divisor with which the failures of an address or of a login are counted for
	// the delay of a reply. The failures of the pair are counted without it: other clients may
	// have the same address.
	backOff = 4
)
