package passive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Options say which ports are bound and how long things may take. Zero
// durations mean the defaults.
type Options struct {
	// Listen is an address with one port or a range: "0.0.0.0:50000",
	// "[::]:50000-50007", ":0" (any free port).
	Listen string
	// MaxHold is how long Offer waits for a free port. Default 15 s: clients
	// give up at 20.
	MaxHold time.Duration
	// Patience is how long an offer may stay untaken while others wait.
	// Default 5 s: curl takes up to a second.
	Patience time.Duration
	// Lifetime is how long an offer may stay untaken while nobody waits.
	// Default 30 s.
	Lifetime time.Duration
	// Quarantine is how long a port is not offered to an address whose last
	// offer there ended without a connection. Default 5 s.
	Quarantine time.Duration
	// Youth is for how long after the start connections may come that the
	// process before this one made promises for. Default 10 s.
	Youth time.Duration
	Log   *slog.Logger
}

func (o *Options) setDefaults() {
	for _, d := range []struct {
		v   *time.Duration
		def time.Duration
	}{
		{&o.MaxHold, 15 * time.Second},
		{&o.Patience, 5 * time.Second},
		{&o.Lifetime, 30 * time.Second},
		{&o.Quarantine, 5 * time.Second},
		{&o.Youth, 10 * time.Second},
	} {
		if *d.v <= 0 {
			*d.v = d.def
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// Plane owns the ports. Its methods may be called concurrently.
type Plane struct {
	o         Options
	begun     time.Time
	listeners []net.Listener
	ports     []int

	mu    sync.Mutex
	peers map[netip.Addr]*peer
	// turn spreads offers over the ports.
	turn   int
	closed bool

	strays, suspects atomic.Int64
}

// Counters count since the start.
type Counters struct {
	// Strays are connections that no offer waited for.
	Strays int64
	// Suspects are connections in use that may be another session's.
	Suspects int64
}

// Counters returns the counts so far.
func (p *Plane) Counters() Counters {
	return Counters{Strays: p.strays.Load(), Suspects: p.suspects.Load()}
}

// ParseListen splits an address with one port or a range of ports.
func ParseListen(s string) (host string, first, last int, err error) {
	host, ports, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, 0, fmt.Errorf("passive address %q: %w", s, err)
	}
	lo, hi, isRange := strings.Cut(ports, "-")
	first, err = strconv.Atoi(lo)
	if err == nil && isRange {
		last, err = strconv.Atoi(hi)
	} else {
		last = first
	}
	if err != nil || first < 0 || last > 65535 || first > last || (isRange && first == 0) {
		return "", 0, 0, fmt.Errorf("passive address %q: want one port or a range such as 50000-50007", s)
	}
	return host, first, last, nil
}

// Listen binds all ports, or none and returns why.
func Listen(ctx context.Context, o Options) (*Plane, error) {
	o.setDefaults()
	host, first, last, err := ParseListen(o.Listen)
	if err != nil {
		return nil, err
	}
	p := &Plane{o: o, begun: time.Now(), peers: map[netip.Addr]*peer{}}
	var lc net.ListenConfig
	for port := first; port <= last; port++ {
		l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			p.closeListeners()
			return nil, fmt.Errorf("passive port: %w", err)
		}
		p.listeners = append(p.listeners, l)
		p.ports = append(p.ports, l.Addr().(*net.TCPAddr).Port)
	}
	return p, nil
}

// Ports returns the bound ports in the order of the configured range.
func (p *Plane) Ports() []int { return p.ports }

// Serve accepts connections until ctx ends, then closes the ports and every
// offer, and returns when nothing of the Plane runs any more.
func (p *Plane) Serve(ctx context.Context) {
	var wg sync.WaitGroup
	for i, l := range p.listeners {
		wg.Go(func() { p.accept(ctx, l, p.ports[i]) })
	}
	<-ctx.Done()
	p.Close()
	wg.Wait()
}

// Close ends a Plane, whether Serve was called or not.
func (p *Plane) Close() {
	p.closeListeners()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for addr, peer := range p.peers {
		for _, o := range peer.open {
			o.end(ErrClosed)
		}
		for _, w := range peer.waiting {
			close(w.ready)
		}
		for _, o := range peer.settling {
			o.timer.Stop()
		}
		for _, t := range peer.resting {
			t.Stop()
		}
		for _, t := range peer.wary {
			t.Stop()
		}
		delete(p.peers, addr)
	}
}

func (p *Plane) closeListeners() {
	for _, l := range p.listeners {
		_ = l.Close()
	}
}

func (p *Plane) accept(ctx context.Context, l net.Listener, port int) {
	const slowest = time.Second
	var delay time.Duration
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			p.dispatch(c, port)
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		default:
			// Out of descriptors, or a connection that died while it waited.
			delay = min(max(2*delay, 5*time.Millisecond), slowest)
			p.o.Log.Warn("cannot accept data connections", "port", port, "err", err, "retry", delay)
			select {
			case <-ctx.Done():
				return
			case <-time.After(delay):
			}
		}
	}
}

// dispatch gives c to the one offer that it can belong to.
func (p *Plane) dispatch(c net.Conn, port int) {
	addr := peerAddr(c.RemoteAddr())
	p.mu.Lock()
	var o *Offer
	peer := p.peers[addr]
	if peer != nil {
		o = peer.open[port]
	}
	if o != nil {
		o.take(c)
	} else {
		p.stray(peer, port)
	}
	p.mu.Unlock()
	if o == nil {
		p.o.Log.Warn("data connection without an offer", "remote", c.RemoteAddr().String(), "port", port)
		_ = c.Close()
	}
}

func peerAddr(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
