package gate

import (
	"crypto/tls"
	"io"
	"net"
	"testing"
	"time"

	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// A ticket that the gateway gives to a data connection which it then refuses
// proves nothing: it must not open the session's next data connection.
func TestRefusedConnectionGetsNoProof(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			s := open(t, proving, patient)
			c, err := s.login(t.Context(), ftpclient.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			o := &tls.Config{
				InsecureSkipVerify: true, ServerName: "localhost", MaxVersion: version,
				ClientSessionCache: tls.NewLRUClientSessionCache(8),
			}
			for range 3 {
				addr, err := c.ExtendedPassive()
				if err != nil {
					t.Fatal(err)
				}
				raw, err := net.Dial("tcp", addr)
				if err != nil {
					t.Fatal(err)
				}
				defer raw.Close()
				if err := raw.SetDeadline(time.Now().Add(patience.Limit())); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Do("STOR stolen", 150); err != nil {
					t.Fatal(err)
				}
				attacker := tls.Client(raw, o)
				_, _ = io.WriteString(attacker, "stolen")
				_ = attacker.CloseWrite()
				_, _ = io.Copy(io.Discard, attacker)
				if reply, err := c.Receive(); err != nil || reply.Code != 425 {
					t.Errorf("reply is %v, %v, want 425", reply, err)
				}
			}
			if _, err := s.store.Stat(t.Context(), vfs.MustParse("/stolen"), vfs.TypeFile); vfs.KindOf(err) != vfs.KindNotExist {
				t.Errorf("the attacker's bytes are stored: %v", err)
			}
		})
	}
}
