package passive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/tidegate/tidegate/internal/loglimit"
)

// Listen binds all ports, or none and returns why.
func Listen(ctx context.Context, o Options) (*Plane, error) {
	o.setDefaults()
	host, first, last, err := ParseListen(o.Listen)
	if err != nil {
		return nil, err
	}
	p := &Plane{
		o: o, metrics: newMetrics(o.Metrics, o.Frontend), begun: time.Now(), peers: map[netip.Addr]*peer{}, closed: make(chan struct{}),
		strays: loglimit.New(func(port, count int, last string) {
			o.Log.Warn("more data connections without a reservation", "port", port, "count", count, "last_ip", last)
		}),
		use: o.Sockets.Exclusive(), vacant: make(chan struct{}), strayed: strayed{}, breaches: breaches{}, unannounced: map[net.Conn]struct{}{},
	}
	for number := first; number <= last; number++ {
		bound, err := bind(ctx, o, net.JoinHostPort(host, strconv.Itoa(number)))
		if err != nil {
			p.closePorts()
			p.use.Leave()
			return nil, fmt.Errorf("passive port: %w", err)
		}
		p.ports = append(p.ports, bound)
	}
	return p, nil
}

// Serve accepts connections until ctx ends, then closes the ports and every
// reservation, and returns when nothing of the Plane runs any more. It begins when the process
// before this one needs the ports no more, and it hands the ports over to the next process
// while ctx has not ended: see handOver.
func (p *Plane) Serve(ctx context.Context) {
	var wg sync.WaitGroup
	select {
	case <-p.use.Free:
		p.mu.Lock()
		p.begun = time.Now()
		p.mu.Unlock()
		for _, port := range p.ports {
			wg.Go(func() { p.accept(ctx, port) })
		}
	case <-ctx.Done():
	}
	select {
	case <-p.use.Wanted:
		p.handOver(ctx)
	case <-ctx.Done():
	}
	<-ctx.Done()
	p.Close()
	wg.Wait()
	p.readers.Wait()
}

// Close ends a Plane, whether Serve was called or not.
func (p *Plane) Close() {
	p.closePorts()
	defer p.strays.Close()
	defer p.use.Leave()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed() {
		return
	}
	close(p.closed)
	for c := range p.unannounced {
		_ = c.Close()
	}
	for addr, pe := range p.peers {
		pe.close()
		delete(p.peers, addr)
	}
}

func (p *Plane) closePorts() {
	for _, port := range p.ports {
		port.close()
	}
}

// accept takes what comes to a port until ctx ends.
func (p *Plane) accept(ctx context.Context, port *port) {
	const slowest = time.Second
	var delay time.Duration
	for {
		began := time.Now()
		err := port.serve(func() error {
			p.mu.Lock()
			defer p.mu.Unlock()
			_, err := p.admit(port)
			return err
		})
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		// Out of descriptors, as a rule.
		if time.Since(began) > slowest {
			delay = 0
		}
		delay = min(max(2*delay, 5*time.Millisecond), slowest)
		p.o.Log.Warn("cannot accept data connections", "port", port.number, "err", err, "retry", delay)
		select {
		case <-ctx.Done():
			return
		case <-time.After(delay):
		}
	}
}
