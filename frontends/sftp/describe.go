package sftp

import (
	"log/slog"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends"
)

var _ frontends.Described = (*Server)(nil)

// Describe implements frontends.Described: clients show the fingerprints of host keys when
// they connect for the first time.
func (s *Server) Describe() []slog.Attr {
	var keys []string
	for _, key := range s.current.Load().HostKeys {
		keys = append(keys, key.PublicKey().Type()+" "+ssh.FingerprintSHA256(key.PublicKey()))
	}
	return []slog.Attr{slog.Any("host_keys", keys)}
}
