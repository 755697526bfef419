package listen

import (
	"net/netip"
	"testing"
)

func TestLimiter(t *testing.T) {
	a, b := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	six, sibling, other := netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::ffff:1"), netip.MustParseAddr("2001:db8:0:1::1")
	type step struct {
		addr    netip.Addr
		acquire bool
		ok      bool
	}
	for name, tt := range map[string]struct {
		max, perAddr int
		steps        []step
	}{
		"no limit":    {0, 0, []step{{a, true, true}, {a, true, true}, {netip.Addr{}, true, true}}},
		"all":         {2, 0, []step{{a, true, true}, {b, true, true}, {a, true, false}, {b, false, true}, {a, true, true}, {a, true, false}}},
		"one address": {0, 1, []step{{a, true, true}, {a, true, false}, {b, true, true}, {a, false, true}, {a, true, true}}},
		"one network": {0, 1, []step{{six, true, true}, {sibling, true, false}, {other, true, true}}},
		"both":        {2, 1, []step{{a, true, true}, {a, true, false}, {b, true, true}, {six, true, false}}},
	} {
		c := newLimiter(tt.max, tt.perAddr)
		for i, s := range tt.steps {
			if !s.acquire {
				c.release(s.addr)
			} else if _, got := c.acquire(s.addr); got != s.ok {
				t.Errorf("%s: step %d acquires: %v, want %v", name, i, got, s.ok)
			}
		}
	}
	c := newLimiter(5, 5)
	_, _ = c.acquire(a)
	c.release(a)
	if len(c.byAddress) != 0 || c.all != 0 {
		t.Errorf("an empty limiter counts %v, %d", c.byAddress, c.all)
	}
}
