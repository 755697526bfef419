package data

import (
	"context"
	"errors"
	"net"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/vfs"
)

// notOpened is the error of a client's connection that did not come. It warns the
// operator: a port that clients do not reach is the commonest fault of FTP.
func (b *binding) notOpened(err error) error {
	text := "Client did not open the data connection"
	left := b.use.Command == "" || errors.Is(b.ctx.Err(), context.Canceled)
	switch from := b.from.(type) {
	case *dial:
		text = "Cannot connect to the client"
		if !left {
			b.log.Warn("cannot connect to the client", "command", b.use.Command, "to", from.to.String(),
				"hint", "the client's firewall, or passive mode", "err", err)
		}
	case *passive.Reservation:
		if b.advertised != "" {
			_, port, _ := net.SplitHostPort(b.advertised)
			text += " to port " + port + ", check the firewalls"
		}
		if !left && (errors.Is(err, passive.ErrNotTaken) || errors.Is(err, context.DeadlineExceeded)) {
			b.log.Warn("data connection did not come", "command", b.use.Command, "advertised", b.advertised, "listens", from.Port(),
				"hint", "clients must reach what is advertised: passive.host, passive.port, firewall, load balancer", "err", err)
			err = &vfs.SettingError{Setting: "passive.host", Err: err}
		}
	}
	return &Error{425, text, err}
}
