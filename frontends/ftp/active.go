package ftp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
)

// lowestActivePort keeps active mode off the ports of services: a client that
// could have us speak to those of its own address would hide behind us (RFC 2577,
// 3).
const lowestActivePort = 1024

// dial is the source of an active data connection: we connect to the client. It
// yields one connection, and nobody else's can come for it.
type dial struct {
	to    netip.AddrPort
	local net.Addr
	done  atomic.Bool
}

var _ source = (*dial)(nil)

// Accept connects to the client.
func (d *dial) Accept(ctx context.Context) (net.Conn, error) {
	if d.done.Swap(true) {
		return nil, passive.ErrClosed
	}
	dialer := net.Dialer{LocalAddr: d.local, Control: listen.KeepUrgent}
	c, err := dialer.DialContext(ctx, "tcp", d.to.String())
	if err != nil {
		// The chain ends here: a time-out means that a promise of ours was not
		// taken, elsewhere.
		return nil, errors.New("cannot connect to the client: " + err.Error())
	}
	return c, nil
}

func (d *dial) Claim(passive.Keep)       {}
func (d *dial) MoveOn()                  {}
func (d *dial) Suspect() <-chan struct{} { return nil }
func (d *dial) Wary() bool               { return false }
func (d *dial) Strayed() bool            { return false }
func (d *dial) Release()                 {}

// dialTo notes where the client wants the next data connection. A promise that
// it has goes.
func (s *session) dialTo(to netip.AddrPort) {
	s.withdraw()
	d := &dial{to: to}
	// From the address that the client knows, as far as it is ours.
	if !s.control.Proxied() {
		if local, ok := s.control.LocalAddr().(*net.TCPAddr); ok {
			d.local = &net.TCPAddr{IP: local.IP, Zone: local.Zone}
		}
	}
	s.active = d
}

// withdraw takes back what the client was promised for its next transfer, and
// forgets where it wanted to be called.
func (s *session) withdraw() {
	s.active = nil
	if s.offer != nil {
		s.offer.Release()
		s.offer = nil
	}
}

// takeSource returns where the data connection of the next transfer comes from,
// nil when the client has not said it.
func (s *session) takeSource() source {
	switch {
	case s.active != nil:
		d := s.active
		s.active = nil
		return d
	case s.offer != nil:
		offer := s.offer
		s.offer = nil
		return offer
	}
	return nil
}
