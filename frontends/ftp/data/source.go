package data

import (
	"context"
	"net"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

// source is where the data connection of one transfer comes from. The methods
// are those of passive.Reservation.
type source interface {
	Claim(keep passive.Keep)
	Accept(ctx context.Context) (net.Conn, error)
	MoveOn()
	Suspect() <-chan struct{}
	Wary() bool
	Strayed() bool
	Release()
}

var _ source = (*passive.Reservation)(nil)
