package sftp

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends"
)

// settings are what a connection gets when it is accepted, and keeps.
type settings struct {
	Options
	// ssh is what all connections have in common; each adds its callbacks.
	ssh *ssh.ServerConfig
}

// newSettings completes options with their defaults.
func newSettings(o Options) (*settings, error) {
	o.setDefaults()
	if o.Auth == nil {
		return nil, errors.New("sftp: no authenticator")
	}
	if len(o.HostKeys) == 0 {
		return nil, errors.New("sftp: no host key")
	}
	c := &ssh.ServerConfig{
		Config:                  algorithms(o.Legacy),
		PublicKeyAuthAlgorithms: userKeyAlgorithms(o.Legacy),
		MaxAuthTries:            o.MaxLoginTries,
		ServerVersion:           "SSH-2.0-Tidegate",
	}
	for _, signer := range o.HostKeys {
		key, err := hostKey(signer, o.Legacy)
		if err != nil {
			return nil, fmt.Errorf("sftp: host key: %w", err)
		}
		c.AddHostKey(key)
	}
	return &settings{o, c}, nil
}

// Prepare implements frontends.Server. What is about the port cannot change.
func (s *Server) Prepare(next frontends.Config) (frontends.Next, error) {
	c, ok := next.(*Config)
	if !ok {
		return frontends.Next{}, fmt.Errorf("sftp: a %T is no configuration of this server", next)
	}
	o := s.o
	if err := c.set(&o); err != nil {
		return frontends.Next{}, err
	}
	connections := s.connectionOptions(o)
	if err := s.connectionOptions(s.o).Bound(connections); err != nil {
		return frontends.Next{}, err
	}
	ready, err := newSettings(o)
	if err != nil {
		return frontends.Next{}, err
	}
	n := frontends.Next{Apply: func() {
		s.connections.Limit(connections.Limits)
		s.current.Store(ready)
	}}
	before := fingerprints(s.current.Load().HostKeys)
	for _, key := range fingerprints(ready.HostKeys) {
		if !slices.Contains(before, key) {
			n.Keys++
		}
	}
	return n, nil
}

// fingerprints returns those of host keys.
func fingerprints(keys []ssh.Signer) []string {
	all := make([]string, 0, len(keys))
	for _, key := range keys {
		all = append(all, ssh.FingerprintSHA256(key.PublicKey()))
	}
	return all
}
