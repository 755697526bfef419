package passive

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/loglimit"
)

// Lock order: Plane.mu, then the mutex of a fairshare.Resource or of a loglimit.Limiter. Plane.mu guards all
// fields of a Reservation, a peer and a port. Nothing that may wait is called under it.

// Plane owns the ports. Its methods may be called concurrently.
type Plane struct {
	o     Options
	ports []*port
	// use is the use of the ports, which another process may have had before or may want next.
	use listen.Exclusive

	mu sync.Mutex
	// begun is when the ports were used first.
	begun time.Time
	// handing is true while the ports go to the next process as soon as no reservation holds
	// one. Then left is true, and vacant is closed.
	handing, left bool
	vacant        chan struct{}
	peers         map[netip.Addr]*peer
	// turn spreads reservations over the ports.
	turn int
	// closed is closed by Close.
	closed  chan struct{}
	metrics Metrics
	strayed strayed
	// strays limits the lines about them, by port.
	strays   *loglimit.Limiter[int]
	breaches breaches
	// unannounced are the connections of proxies whose PROXY header has not come,
	// readers the goroutines that wait for it.
	unannounced map[net.Conn]struct{}
	readers     sync.WaitGroup
}

// Metrics returns what the Plane counts.
func (p *Plane) Metrics() Metrics { return p.metrics }

// Ports returns the bound ports in the order of the configured range.
func (p *Plane) Ports() []int {
	numbers := make([]int, len(p.ports))
	for i, port := range p.ports {
		numbers[i] = port.number
	}
	return numbers
}

func (p *Plane) isClosed() bool {
	select {
	case <-p.closed:
		return true
	default:
		return false
	}
}

// isNew reports whether connections may still come that the process before this one
// reserved ports for.
func (p *Plane) isNew() bool { return time.Since(p.begun) < p.o.MinAge }

// peer is what one client address holds, or all that count as one. Plane.mu guards it.
type peer struct {
	addr netip.Addr
	// ports counts the ports that are held or rest for the address. Users behind one
	// address have fair shares of them, and a port rests on the account of the user
	// whose client did not connect.
	ports *fairshare.Resource
	// holder has the reservation that connections to a port belong to now.
	holder map[*port]*Reservation
	// resting are the ports in quarantine, wary those that were a short while ago: a
	// connection that finds no reservation there then is evidence that an earlier one
	// found the wrong one.
	resting map[*port]*time.Timer
	wary    map[*port]*time.Timer
	// taken are the reservations whose connections are in use.
	taken map[*Reservation]struct{}
	// trouble is when a connection last came without a reservation, or did not come
	// for one.
	trouble time.Time
}

// peerAt returns the peer of an address, and makes it when there is none. Plane.mu is
// held.
func (p *Plane) peerAt(addr netip.Addr) *peer {
	pe := p.peers[addr]
	if pe == nil {
		pe = &peer{
			addr: addr, ports: fairshare.NewResource("passive ports", int64(len(p.ports))),
			holder: map[*port]*Reservation{}, resting: map[*port]*time.Timer{},
			wary: map[*port]*time.Timer{}, taken: map[*Reservation]struct{}{},
		}
		p.peers[addr] = pe
	}
	return pe
}

// wanted reports whether sessions wait for a port.
func (pe *peer) wanted() bool { return pe.ports.Waiting() > 0 }

// troubled reports whether more connections may come from the peer than ports were
// reserved for.
func (p *Plane) troubled(pe *peer) bool {
	return !pe.trouble.IsZero() && time.Since(pe.trouble) < 2*p.o.Quarantine || p.strayed.lately(pe.addr, p.o.Quarantine)
}

// forget drops a peer of which nothing is left. Plane.mu is held.
func (p *Plane) forget(pe *peer) {
	unused := pe.ports.Held() == 0 && !pe.wanted()
	if unused && len(pe.wary)+len(pe.taken) == 0 && p.peers[pe.addr] == pe {
		delete(p.peers, pe.addr)
	}
}

// The reasons for which there is no connection.
var (
	// ErrBusy: no port became free for this client in time.
	ErrBusy = errors.New("passive: no port is free for this client")
	// ErrNotTaken: the client did not connect in time.
	ErrNotTaken = errors.New("passive: the client did not connect")
	// ErrMovedOn: the port has gone to the next session, no further connection
	// comes.
	ErrMovedOn = errors.New("passive: the port has gone to the next session")
	// ErrClosed: the reservation or the whole plane was closed.
	ErrClosed = errors.New("passive: closed")
)

const (
	// maxCandidates bounds the connections that wait for the session of one
	// reservation. The oldest is closed first: the client's own is not the one that
	// waits longest.
	maxCandidates = 16
	// linger is how long a port stays with a reservation that needs nothing more,
	// after trouble with the address.
	linger = 20 * time.Millisecond
	// resumeTime is what a client has left for its next command when its answer came
	// after the end of Patience.
	resumeTime = 2 * time.Second
)

// Reservation is the right of one session to one port: the next connection from the
// client's address to that port is this session's. Its methods may be called
// concurrently, but Accept by one goroutine at a time.
type Reservation struct {
	p     *Plane
	peer  *peer
	port  *port
	lease *fairshare.Lease // of the port
	owner fairshare.Holder

	// state changes in fire alone.
	state state
	keep  Keep
	// begun is when the time of the reservation began, due when that of the state
	// ends, and timer fires then.
	begun, due time.Time
	timer      *time.Timer

	// conns are the connections that came and were not accepted. err says why there
	// will be no more of them.
	conns []net.Conn
	err   error
	// wake has room for the news that conns or err changed.
	wake chan struct{}
	// connectedAt is when the first connection came.
	connectedAt time.Time
	// renewed is true when the client got the port twice: a connection for the
	// first time may be taken for the second.
	renewed bool
	// released is true when the session needs the reservation no more. It may still
	// hold its port then, while it lingers.
	released bool

	// suspect is closed when the connection may be another session's.
	suspect     chan struct{}
	suspectOnce sync.Once
}
