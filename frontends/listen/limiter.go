package listen

import (
	"net/netip"
	"sync"

	"github.com/tidegate/tidegate/internal/clientaddr"
)

// Refusal says why a connection is refused, in the words of the log, and which
// setting decides it.
type Refusal struct{ Reason, Setting string }

// limiter limits the connections at once, all together and of each client address;
// 0 is no limit.
type limiter struct {
	mu                 sync.Mutex
	max, maxPerAddress int
	all                int
	byAddress          map[netip.Prefix]int
}

func newLimiter(most, mostPerAddress int) *limiter {
	return &limiter{max: most, maxPerAddress: mostPerAddress, byAddress: map[netip.Prefix]int{}}
}

// limit replaces the limits.
func (l *limiter) limit(most, mostPerAddress int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.max, l.maxPerAddress = most, mostPerAddress
}

// acquire counts one more connection, or returns why there can be no more. release
// follows where it was counted.
func (l *limiter) acquire(addr netip.Addr) (why Refusal, ok bool) {
	from := clientaddr.Network(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.max > 0 && l.all >= l.max:
		return Refusal{"too many sessions", "max_sessions"}, false
	case l.maxPerAddress > 0 && l.byAddress[from] >= l.maxPerAddress:
		return Refusal{"too many sessions of one address", "max_sessions_per_address"}, false
	}
	l.all++
	l.byAddress[from]++
	return Refusal{}, true
}

func (l *limiter) release(addr netip.Addr) {
	from := clientaddr.Network(addr)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.byAddress[from]--; l.byAddress[from] == 0 {
		delete(l.byAddress, from)
	}
}
