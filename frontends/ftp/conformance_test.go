package ftp_test

import (
	"testing"
	"time"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// The frontend suite over FTP, explicit FTPS and implicit FTPS, each through one
// passive port.
func TestConformance(t *testing.T) { ftptest.Run(t, conformance()) }

// conformance describes a server over memory with one passive port.
func conformance() ftptest.Config {
	modes := map[ftpclient.Security]ftp.TLSMode{
		ftpclient.Plain: ftp.TLSOptional, ftpclient.Explicit: ftp.TLSRequired, ftpclient.Implicit: ftp.TLSImplicit,
	}
	return ftptest.Config{
		Backend:    func(*testing.T) vfs.Backend { return memory.New() },
		LoginTries: 3,
		Start: func(t *testing.T, o ftptest.ServerOptions) frontends.Server {
			t.Helper()
			s, err := ftp.New(t.Context(), ftp.Options{
				Listen:      "127.0.0.1:0",
				Passive:     ftp.PassiveOptions{Listen: "127.0.0.1:0"},
				TLS:         o.TLS,
				TLSMode:     modes[o.Security],
				Auth:        o.Auth,
				Tenants:     o.Tenants,
				Log:         o.Log,
				IdleTimeout: o.IdleTimeout,
				Grace:       o.Grace,
				LoginDelay:  time.Millisecond,
			})
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
}
