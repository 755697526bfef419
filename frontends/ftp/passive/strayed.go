package passive

import (
	"net/netip"
	"time"
)

// maxStrayed bounds the addresses that are remembered for connections without a
// reservation: the whole Internet may make such.
const maxStrayed = 1024

// strayed remembers when a connection without a reservation last came from an address,
// whether anybody of that address has a session or not. Plane.mu guards it.
type strayed map[netip.Addr]time.Time

// note remembers addr. When there are too many, those are forgotten that are older
// than twice the quarantine, and then whichever comes first.
func (s strayed) note(addr netip.Addr, quarantine time.Duration) {
	if _, known := s[addr]; !known && len(s) >= maxStrayed {
		for a := range s {
			if !s.lately(a, quarantine) {
				delete(s, a)
			}
		}
		for a := range s {
			if len(s) < maxStrayed {
				break
			}
			delete(s, a)
		}
	}
	s[addr] = time.Now()
}

// lately reports whether such a connection came from addr within twice the
// quarantine.
func (s strayed) lately(addr netip.Addr, quarantine time.Duration) bool {
	at, ok := s[addr]
	return ok && time.Since(at) < 2*quarantine
}
