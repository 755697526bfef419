package status

import (
	"crypto/sha256"
	"crypto/tls"
	"fmt"
	"io/fs"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/expiry"
)

// settings are what a block says.
type settings struct {
	listen string
	// socket is the path of a unix socket, "" for an address. mode has its permissions.
	socket string
	mode   fs.FileMode
	// onlyHere is true when only this machine can reach the address.
	onlyHere bool
	// healthOnly is true when only health and readiness are served.
	healthOnly bool
	// token is the sum of the token, nil for none.
	token *[sha256.Size]byte
	// certificate is nil without TLS.
	certificate *tls.Certificate
}

// settings returns what the block says, and reads the certificate.
func (c *Config) settings() (*settings, error) {
	s := &settings{listen: c.Listen, mode: c.mode, onlyHere: c.onlyHere(), healthOnly: c.HealthOnly}
	if path, isUnix := c.socket(); isUnix {
		s.socket = path
	}
	if token := c.token(); token != "" {
		sum := sha256.Sum256([]byte(token))
		s.token = &sum
	}
	if c.TLS != nil {
		certificate, err := tls.LoadX509KeyPair(c.TLS.CertFile, c.TLS.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("status: certificate: %w", err)
		}
		s.certificate = &certificate
	}
	return s, nil
}

// Expiring implements frontends.Expiring.
func (s *Server) Expiring() []expiry.Thing {
	c := s.current.Load().certificate
	if c == nil {
		return nil
	}
	return expiry.ChainOf(c.Certificate, "tls.cert_file")
}

// Prepare implements frontends.Server. The address and its encryption cannot change; the
// token and the certificate can.
func (s *Server) Prepare(next frontends.Config) (frontends.Next, error) {
	c, ok := next.(*Config)
	if !ok {
		return frontends.Next{}, fmt.Errorf("status: a %T is no configuration of this server", next)
	}
	now := s.current.Load()
	then, err := c.settings()
	if err != nil {
		return frontends.Next{}, err
	}
	if err := listen.Bound(
		listen.Setting{Name: "listen", Now: now.listen, Next: then.listen},
		listen.Setting{Name: "socket_mode", Now: now.mode, Next: then.mode},
		listen.Setting{Name: "tls", Now: now.certificate != nil, Next: then.certificate != nil},
	); err != nil {
		return frontends.Next{}, err
	}
	n := frontends.Next{Apply: func() { s.current.Store(then) }}
	if now.certificate != nil && !now.certificate.Leaf.Equal(then.certificate.Leaf) {
		n.Keys = 1
	}
	return n, nil
}
