package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Sockets opens the listening sockets of the process. Some of them it has inherited from
// the process that started it, such as systemd: a client that connects while nobody accepts
// waits in the queue of the socket and is not refused.
//
// A nil Sockets has inherited none. Its methods may be called concurrently.
type Sockets struct {
	// predecessor is true where the sockets come from the process that this one replaces.
	predecessor bool
	succession

	mu        sync.Mutex
	inherited []*inherited
	// open has the Listeners that are not closed, with their names.
	open map[*Listener]string
}

// inherited is a socket that was inherited. It stays open while it is not used, because the
// process that it comes from holds it as well: nobody else can bind its address.
type inherited struct {
	// name is what the other process calls it.
	name string
	addr netip.AddrPort
	file *os.File
	used bool
}

// String returns the name and the address.
func (i *inherited) String() string { return i.name + " " + i.addr.String() }

// Inherit returns Sockets with files, whose names are those of the sockets. It takes over
// the files. They must be listening TCP sockets.
func Inherit(files []*os.File) (*Sockets, error) {
	s, err := inheritFrom(files, false)
	if err == nil {
		close(s.free)
	}
	return s, err
}

func inheritFrom(files []*os.File, predecessor bool) (*Sockets, error) {
	s := &Sockets{predecessor: predecessor, open: map[*Listener]string{}}
	s.succession.init()
	for _, f := range files {
		i := &inherited{name: f.Name(), file: f}
		s.inherited = append(s.inherited, i)
		l, err := net.FileListener(f)
		if err != nil {
			s.Close()
			return nil, fmt.Errorf("inherited socket %s: %w", f.Name(), err)
		}
		address, ok := l.Addr().(*net.TCPAddr)
		_ = l.Close() // f is still open
		if !ok {
			s.Close()
			return nil, fmt.Errorf("inherited socket %s: it is of the kind %s, not tcp", f.Name(), l.Addr().Network())
		}
		i.addr = netip.AddrPortFrom(address.AddrPort().Addr().Unmap(), address.AddrPort().Port())
	}
	return s, nil
}

// Listen listens on an address. Among the inherited sockets, it takes one called name with
// the port of address, or one with the address itself; a port of 0 is any port of that name.
// Otherwise it binds the address as Config says.
//
// If inherited sockets called name have only other ports, that is an error: the process that
// passed them on expects them to be used. It is no error if this process replaces another one,
// because the configuration may have changed.
func (s *Sockets) Listen(ctx context.Context, name, address string) (*Listener, error) {
	l, err := s.listen(ctx, name, address)
	if err != nil || s == nil {
		return l, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[l] = name
	release := l.close
	l.close = func() {
		s.mu.Lock()
		delete(s.open, l)
		s.mu.Unlock()
		release()
	}
	return l, nil
}

func (s *Sockets) listen(ctx context.Context, name, address string) (*Listener, error) {
	i, err := s.take(name, address)
	switch {
	case err != nil:
		return nil, err
	case i == nil:
		lc := Config()
		lc.KeepAlive = keepAlive
		l, err := lc.Listen(ctx, "tcp", address)
		if err != nil {
			return nil, err
		}
		return &Listener{TCPListener: l.(*net.TCPListener), close: func() {}}, nil
	}
	release := sync.OnceFunc(func() { s.release(i) })
	l, err := net.FileListener(i.file)
	if err != nil {
		release()
		return nil, fmt.Errorf("inherited socket %v: %w", i, err)
	}
	inherited := &Listener{TCPListener: l.(*net.TCPListener), inherited: true, close: release}
	if err := inherited.configure(); err != nil {
		return nil, errors.Join(fmt.Errorf("inherited socket %v: %w", i, err), inherited.Close())
	}
	return inherited, nil
}

// take marks the inherited socket for name and address as used. It returns nil when there is
// none.
func (s *Sockets) take(name, address string) (*inherited, error) {
	if s == nil {
		return nil, nil //nolint:nilnil // documented
	}
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var found *inherited
	var others []string
	for _, i := range s.inherited {
		switch {
		case i.name == name && (port == 0 || i.addr.Port() == uint16(port)):
			if !i.used {
				i.used = true
				return i, nil
			}
		case i.name == name:
			others = append(others, i.addr.String())
		case !i.used && found == nil && i.addr.Port() == uint16(port) && sameHost(host, i.addr.Addr()):
			found = i
		}
	}
	switch {
	case found != nil:
		found.used = true
		return found, nil
	case len(others) > 0 && !s.predecessor:
		return nil, fmt.Errorf("listen on %s: the inherited sockets called %s have other ports: %v", address, name, others)
	}
	return nil, nil //nolint:nilnil // documented
}

// sameHost reports whether a socket with the address addr serves a host of the
// configuration. One for all addresses of the machine serves all IPv4 addresses too.
func sameHost(host string, addr netip.Addr) bool {
	if host == "" {
		return addr.IsUnspecified()
	}
	a, err := netip.ParseAddr(host)
	return err == nil && (a.Unmap() == addr || a.IsUnspecified() && addr.IsUnspecified())
}

func (s *Sockets) release(i *inherited) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i.used = false
}

// Unused returns the inherited sockets that nobody listens on, with their names and
// addresses.
func (s *Sockets) Unused() []string {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, i := range s.inherited {
		if !i.used {
			all = append(all, i.String())
		}
	}
	return all
}

// Close closes the inherited sockets, so that nobody can listen on them any more. It does
// not close Listeners.
func (s *Sockets) Close() {
	if s == nil {
		return
	}
	s.succession.close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range s.inherited {
		_ = i.file.Close()
	}
	s.inherited = slices.Delete(s.inherited, 0, len(s.inherited))
}

// keepAlive is how often a silent connection is probed: load balancers cut those that are
// silent for four minutes, as a control connection of FTP is during a long transfer.
const keepAlive = 30 * time.Second

// Listener is a TCP listener of Sockets.
type Listener struct {
	*net.TCPListener
	inherited bool
	// close is called by Close.
	close func()
}

// configure sets the options of Config for the connections that come from now on.
func (l *Listener) configure() error {
	c, err := l.SyscallConn()
	if err != nil {
		return err
	}
	return KeepUrgent("", "", c)
}

// Accept accepts a connection with the options of Config.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.AcceptTCP()
	if err != nil || !l.inherited {
		return c, err
	}
	// It may have come before configure. A connection that has ended meanwhile refuses the
	// options, and shows its end to the caller.
	if raw, err := c.SyscallConn(); err == nil {
		_ = KeepUrgent("", "", raw)
	}
	_ = c.SetKeepAlivePeriod(keepAlive)
	return c, nil
}

// Close closes the listener. Others can listen on an inherited socket then.
func (l *Listener) Close() error {
	err := l.TCPListener.Close()
	l.close()
	return err
}
