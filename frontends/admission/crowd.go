package admission

import (
	"net/netip"
	"sync"
)

// crowd counts the sessions at once, all and by client address, against their
// bounds; 0 is no bound.
type crowd struct {
	max, maxPerAddr int

	mu     sync.Mutex
	all    int
	byAddr map[netip.Prefix]int
}

func newCrowd(most, mostPerAddr int) *crowd {
	return &crowd{max: most, maxPerAddr: mostPerAddr, byAddr: map[netip.Prefix]int{}}
}

// origin is what counts as one address: of IPv6 the first 64 bits, because
// every host there has all of the others.
func origin(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, _ := addr.WithZone("").Prefix(bits)
	return p
}

// enter takes one more session, or says why there is no room for it. leave
// follows when it took it.
func (c *crowd) enter(addr netip.Addr) (why Refusal, ok bool) {
	from := origin(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.max > 0 && c.all >= c.max:
		return Refusal{"too many sessions", "max_sessions"}, false
	case c.maxPerAddr > 0 && c.byAddr[from] >= c.maxPerAddr:
		return Refusal{"too many sessions of one address", "max_sessions_per_address"}, false
	}
	c.all++
	c.byAddr[from]++
	return Refusal{}, true
}

func (c *crowd) leave(addr netip.Addr) {
	from := origin(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.byAddr[from]--; c.byAddr[from] == 0 {
		delete(c.byAddr, from)
	}
}
