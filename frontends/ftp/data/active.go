package data

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
)

// LowestActivePort keeps active mode off the ports of services: otherwise a client could
// let the gateway connect to services of the client's own address (RFC 2577, 3).
const LowestActivePort = 1024

// dial is the source of an active data connection: the gateway connects to the client. It
// yields one connection, and no other can come for it.
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
		// The cause is not wrapped: callers take a wrapped time-out for a port reservation
		// that no connection came for.
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
