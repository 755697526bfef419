//go:build !linux

package passive

import (
	"context"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/listen"
)

// port is one bound port. Here nothing shows whether a connection waits in the
// system's queue: a second connection for one reservation may be noticed too late on
// a busy machine, and make one transfer fail that is not its own.
type port struct {
	number   int
	listener *listen.Listener
	arrived  atomic.Pointer[net.TCPConn]
}

func bind(ctx context.Context, o Options, address string) (*port, error) {
	l, err := o.Sockets.Listen(ctx, o.socketName(), address)
	if err != nil {
		return nil, err
	}
	return &port{number: l.Addr().(*net.TCPAddr).Port, listener: l}, nil
}

func (t *port) close() { _ = t.listener.Close() }

// serve calls admit when a connection has arrived, until the port is closed
// (net.ErrClosed) or admit fails.
func (t *port) serve(admit func() error) error {
	for {
		c, err := t.listener.Accept()
		if err != nil {
			return err
		}
		t.arrived.Store(c.(*net.TCPConn))
		if err := admit(); err != nil {
			return err
		}
	}
}

// pending calls take with the connection that serve has accepted.
func (t *port) pending(take func(net.Conn, netip.Addr)) (int, error) {
	c := t.arrived.Swap(nil)
	if c == nil {
		return 0, nil
	}
	take(c, c.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap())
	return 1, nil
}
