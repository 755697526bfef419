package ftp

import (
	"crypto/tls"
	"fmt"
	"slices"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/data"
	"github.com/tidegate/tidegate/frontends/listen"
)

// settings are what a session gets when its connection is accepted, and keeps.
type settings struct {
	Options
	// data makes the session's data connections.
	data *data.Shared
}

// Prepare implements frontends.Server. The settings of the ports, and of the addresses that
// clients are told, cannot change.
func (s *Server) Prepare(next frontends.Config) (frontends.Next, error) {
	c, ok := next.(*Config)
	if !ok {
		return frontends.Next{}, fmt.Errorf("ftp: a %T is no configuration of this server", next)
	}
	o, before := s.o, s.current.Load()
	if err := c.set(&o); err != nil {
		return frontends.Next{}, err
	}
	connections := s.connectionOptions(o)
	if err := s.connectionOptions(s.o).Bound(connections, listen.Setting{Name: "passive", Now: s.o.Passive, Next: o.Passive}); err != nil {
		return frontends.Next{}, err
	}
	if err := o.complete(); err != nil {
		return frontends.Next{}, err
	}
	if before.selfSigned && o.selfSigned {
		// It is made at a start, and clients have come to know it.
		o.TLS.Certificates = before.TLS.Certificates
	}
	n := frontends.Next{Apply: func() {
		s.connections.Limit(connections.Limits)
		s.current.Store(&settings{o, before.data.With(data.Options{TLS: o.TLS, Reuse: o.Reuse, IdleTimeout: o.IdleTimeout})})
	}}
	if o.TLS != nil && !slices.Equal(chain(before.TLS), chain(o.TLS)) {
		n.Keys = 1
	}
	return n, nil
}

// chain returns the certificates of a configuration, each in DER.
func chain(c *tls.Config) []string {
	var all []string
	if c == nil {
		return nil
	}
	for _, certificate := range c.Certificates {
		for _, der := range certificate.Certificate {
			all = append(all, string(der))
		}
	}
	return all
}
