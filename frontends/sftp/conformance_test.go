package sftp_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/vfs"
)

// The frontend suite over SFTP, with a password, a key and a certificate.
func TestConformance(t *testing.T) { sftptest.Run(t, config(t)) }

// config describes a server over memory with a host key of its own.
func config(t *testing.T) sftptest.Config {
	t.Helper()
	return configWith(t, func(*sftp.Options) {})
}

// configWith is config with other options than usual.
func configWith(t *testing.T, change func(*sftp.Options)) sftptest.Config {
	t.Helper()
	key := newHostKey(t)
	return sftptest.Config{
		Backend: func(*testing.T) vfs.Backend { return memory.New() },
		Start: func(t *testing.T, o frontendtest.ServerOptions) frontends.Server {
			t.Helper()
			options := sftp.Options{
				Listen:      "127.0.0.1:0",
				HostKeys:    []ssh.Signer{key},
				Auth:        o.Auth,
				Tenants:     o.Tenants,
				LoginDelay:  time.Millisecond,
				Log:         o.Log,
				IdleTimeout: o.IdleTimeout,
				Grace:       o.Grace,
			}
			change(&options)
			s, err := sftp.New(t.Context(), options)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	}
}

func newHostKey(t *testing.T) ssh.Signer {
	t.Helper()
	file := filepath.Join(t.TempDir(), "host_key")
	if err := sftp.EnsureHostKey(file); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	key, err := sftp.ParseHostKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
