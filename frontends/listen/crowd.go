package listen

import (
	"net/netip"
	"sync"

	"github.com/tidegate/tidegate/internal/clientaddr"
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

// enter takes one more session, or says why there is no room for it. leave
// follows when it took it.
func (c *crowd) enter(addr netip.Addr) (why Refusal, ok bool) {
	from := clientaddr.Network(addr)
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
	from := clientaddr.Network(addr)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all--
	if c.byAddr[from]--; c.byAddr[from] == 0 {
		delete(c.byAddr, from)
	}
}
