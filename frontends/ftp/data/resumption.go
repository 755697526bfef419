package data

import (
	"crypto/tls"
	"errors"
	"sync"
	"time"
)

// ticketAge is how long after its first ticket a client that has shown a ticket must show one on
// each data connection: some libraries forget their TLS sessions after an hour, whatever
// lifetime the server states.
const ticketAge = time.Hour

// trust is what a data connection needs in order to be taken for the session's own.
type trust uint8

const (
	// anyone: the first connection is taken, unless its ticket speaks against it.
	anyone trust = iota
	// proofPreferred: a connection without a ticket is taken when none with a ticket
	// comes in time.
	proofPreferred
	// proofNeeded: only a ticket of this session will do, or one of another session of
	// the same user where resumption is not required.
	proofNeeded
)

var errUnproven = errors.New("data connection did not resume its own control connection's TLS session")

// resumption is what a session knows of how its client uses TLS tickets. Its methods
// may be called concurrently.
type resumption struct {
	mu sync.Mutex
	// since is when the client got its first ticket; zero while it has none.
	since time.Time
	// proven is true when a data connection has shown one, and the client has lost none
	// since, as far as is known.
	proven bool
	// unused counts the tickets that the client still has if it uses each only once (RFC
	// 8446, C.4). reuses is true when the client has shown a ticket again, or uses a version
	// before TLS 1.3, in which it can.
	unused int
	reuses bool
	// waited is true when the server has waited for a ticket in vain. forgotten resets it.
	waited bool
}

// ticketed notes that the control connection's client got a ticket.
func (r *resumption) ticketed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.since.IsZero() {
		r.since = time.Now()
	}
	r.unused++
}

// proved notes that a data connection has shown a ticket. further says whether it got
// another one.
func (r *resumption) proved(version uint16, further bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if version < tls.VersionTLS13 || r.unused == 0 {
		r.reuses = true
	} else {
		r.unused--
	}
	r.proven = true
	if further {
		r.unused++
	}
}

// forgotten notes that the client may have dropped its ticket, as RFC 5077, 3.2 has it
// do when a connection fails that was to show it.
func (r *resumption) forgotten() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proven {
		r.proven, r.waited = false, false
	}
}

// missed notes that no connection with a ticket came in time, and one without was
// taken.
func (r *resumption) missed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.proven, r.unused, r.waited = false, 0, true
}

// needed says what the next data connection must show where resumption is preferred.
func (r *resumption) needed() trust {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.since.IsZero():
		return anyone
	case r.proven && r.reuses && time.Since(r.since) < ticketAge:
		return proofNeeded
	case r.proven && r.unused > 0:
		// It should have one. But a cache that several sessions of a client share,
		// as Go's is, may have given it to another of them.
		return proofPreferred
	case r.waited:
		return anyone
	}
	return proofPreferred
}
