package passive

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"

	"github.com/tidegate/tidegate/frontends/listen"
)

// port is one bound port. What has arrived at it can be asked for at any time:
// net.Listener does not show whether a connection waits in the kernel's queue, so
// connections are accepted from the socket itself.
type port struct {
	number   int
	listener *listen.Listener
	file     *os.File
	raw      syscall.RawConn
	closed   atomic.Bool
}

func bind(ctx context.Context, o Options, address string) (*port, error) {
	l, err := o.Sockets.Listen(ctx, o.socketName(), address)
	if err != nil {
		return nil, err
	}
	file, err := l.File()
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, file.Close(), l.Close())
	}
	return &port{number: l.Addr().(*net.TCPAddr).Port, listener: l, file: file, raw: raw}, nil
}

func (t *port) close() {
	t.closed.Store(true)
	_ = t.file.Close()
	_ = t.listener.Close()
}

// serve calls admit when connections have arrived, until the port is closed
// (net.ErrClosed) or admit fails.
func (t *port) serve(admit func() error) error {
	var failure error
	err := t.raw.Read(func(uintptr) bool {
		failure = admit()
		return failure != nil
	})
	if t.closed.Load() {
		return net.ErrClosed
	}
	return errors.Join(err, failure)
}

// pending calls take with every connection in the queue and the address that it
// comes from, and returns how many there were. It does not wait.
func (t *port) pending(take func(net.Conn, netip.Addr)) (n int, err error) {
	controlErr := t.raw.Control(func(fd uintptr) {
		for {
			var c net.Conn
			var from netip.Addr
			c, from, err = accept(int(fd))
			switch {
			case errors.Is(err, syscall.EAGAIN):
				err = nil
				return
			case errors.Is(err, syscall.EINTR), errors.Is(err, syscall.ECONNABORTED):
				continue
			case err != nil:
				return
			}
			n++
			take(c, from)
		}
	})
	if t.closed.Load() {
		return n, net.ErrClosed
	}
	return n, errors.Join(controlErr, err)
}

// accept takes one connection from the queue. The peer's address is the kernel's
// answer: a connection that was reset in the queue has none later.
func accept(fd int) (net.Conn, netip.Addr, error) {
	accepted, peer, err := syscall.Accept4(fd, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	file := os.NewFile(uintptr(accepted), "data connection")
	defer func() { _ = file.Close() }() // FileConn has a descriptor of its own
	c, err := net.FileConn(file)
	if err != nil {
		return nil, netip.Addr{}, err
	}
	var from netip.Addr
	switch a := peer.(type) {
	case *syscall.SockaddrInet4:
		from = netip.AddrFrom4(a.Addr)
	case *syscall.SockaddrInet6:
		from = netip.AddrFrom16(a.Addr).Unmap()
	}
	return c, from, nil
}
