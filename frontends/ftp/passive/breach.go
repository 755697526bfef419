package passive

import (
	"net/netip"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
)

const (
	// breachesAllowed is how many reservations of a port may end without a connection
	// within breachWindow quarantines, for a user and for a tenant, before it matters:
	// they cost the other users of the address a sixth of the port's time.
	breachesAllowed = 2
	breachWindow    = 12
	// maxRecords bounds what is remembered.
	maxRecords = 1024
)

// breaches remembers reservations that ended without a connection, by address, tenant
// and user. A port rests after each for all users of the address, so one user could take
// the ports from all others by asking for them and leaving. Plane.mu guards it.
type breaches map[account]*record

// account is a user of a tenant behind an address, or with the user "" the whole tenant.
type account struct {
	addr         netip.Addr
	tenant, user string
}

// record is what is remembered of an account: when it last asked for a port, and when its last
// breaches were.
type record struct {
	asked time.Time
	at    []time.Time
}

// request notes that owner asks for a port, and returns how long it has to wait first: 0
// but for a user or a tenant with too many breaches, while others of the address ask for
// ports.
func (b breaches) request(addr netip.Addr, owner fairshare.Holder, quarantine time.Duration, ports int) (wait time.Duration) {
	now := time.Now()
	for _, key := range accounts(addr, owner) {
		c := b.of(key, quarantine)
		c.asked = now
		if over := len(c.at) - breachesAllowed*ports; over >= 0 && b.othersAsk(key, quarantine) {
			wait = max(wait, breachWindow*quarantine-now.Sub(c.at[over]))
		}
	}
	return wait
}

// note notes a breach.
func (b breaches) note(addr netip.Addr, owner fairshare.Holder, quarantine time.Duration) {
	for _, key := range accounts(addr, owner) {
		c := b.of(key, quarantine)
		c.at = append(c.at, time.Now())
	}
}

// accounts returns the two that a breach of the owner counts for.
func accounts(addr netip.Addr, owner fairshare.Holder) []account {
	tenant := account{addr, owner.Tenant, ""}
	if owner.User == "" {
		return []account{tenant}
	}
	return []account{tenant, {addr, owner.Tenant, owner.User}}
}

// of returns the record of an account without what is too old.
func (b breaches) of(key account, quarantine time.Duration) *record {
	c := b[key]
	if c == nil {
		b.makeRoom(quarantine)
		c = &record{}
		b[key] = c
	}
	for len(c.at) > 0 && time.Since(c.at[0]) >= breachWindow*quarantine {
		c.at = c.at[1:]
	}
	return c
}

// othersAsk reports whether another tenant of the address, or another user of the tenant,
// has asked for a port lately.
func (b breaches) othersAsk(key account, quarantine time.Duration) bool {
	for other, c := range b {
		level := other.addr == key.addr && (other.user == "") == (key.user == "") && (key.user == "" || other.tenant == key.tenant)
		if level && other != key && time.Since(c.asked) < 2*quarantine {
			return true
		}
	}
	return false
}

// makeRoom forgets those that have not asked for long, and when they are too many,
// whichever comes first.
func (b breaches) makeRoom(quarantine time.Duration) {
	if len(b) < maxRecords {
		return
	}
	for key, c := range b {
		if time.Since(c.asked) > breachWindow*quarantine {
			delete(b, key)
		}
	}
	for key := range b {
		if len(b) < maxRecords {
			return
		}
		delete(b, key)
	}
}
