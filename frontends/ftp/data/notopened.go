package data

import (
	"context"
	"errors"
	"net"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

// notOpened is the error of a client's connection that did not come. It warns the
// operator: a port that clients do not reach is the commonest fault of FTP.
func (c *Conn) notOpened(err error) error {
	text := "Client did not open the data connection"
	left := c.use.Command == "" || errors.Is(c.ctx.Err(), context.Canceled)
	switch from := c.from.(type) {
	case *dial:
		text = "Cannot connect to the client"
		if !left {
			c.log.Warn("cannot connect to the client", "command", c.use.Command, "to", from.to.String(),
				"hint", "the client's firewall, or passive mode", "err", err)
		}
	case *passive.Reservation:
		if c.advertised != "" {
			_, port, _ := net.SplitHostPort(c.advertised)
			text += " to port " + port + ", check the firewalls"
		}
		if !left && (errors.Is(err, passive.ErrNotTaken) || errors.Is(err, context.DeadlineExceeded)) {
			c.log.Warn("data connection did not come", "command", c.use.Command, "advertised", c.advertised, "listens", from.Port(),
				"hint", "clients must reach what is advertised: passive.host, passive.port, firewall, load balancer", "err", err)
		}
	}
	return &Error{425, text, err}
}
