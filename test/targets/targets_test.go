package targets

import (
	"crypto/ed25519"
	"log/slog"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftpclient"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/vfs"
)

// The frontends' own packages run the same over backends/memory.
func TestLocal(t *testing.T) { run(t, openLocal) }

func TestRclone(t *testing.T) { run(t, openRclone) }

func run(t *testing.T, open func(t *testing.T) vfs.Backend) {
	t.Helper()
	t.Run("FTP", func(t *testing.T) {
		ftptest.RunTargets(t, ftptest.Config{Backend: open, Start: startFTP, Small: true, LoginTries: 3})
	})
	t.Run("SFTP", func(t *testing.T) {
		frontendtest.RunTargets(t, sftptest.Target(sftptest.Config{Backend: open, Start: startSFTP, Small: true}))
	})
}

func startFTP(t *testing.T, o ftptest.ServerOptions) frontends.Server {
	t.Helper()
	mode := ftp.TLSOptional
	if o.Security == ftpclient.Explicit {
		mode = ftp.TLSRequired
	}
	s, err := ftp.New(t.Context(), ftp.Options{
		Listen: "127.0.0.1:0", Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0"}, TLS: o.TLS, TLSMode: mode,
		Auth: o.Auth, Log: slog.New(slog.DiscardHandler), LoginDelay: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func startSFTP(t *testing.T, o frontendtest.ServerOptions) frontends.Server {
	t.Helper()
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sftp.New(t.Context(), sftp.Options{
		Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{key}, Auth: o.Auth, Log: slog.New(slog.DiscardHandler), LoginDelay: time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, b vfs.Backend, err error) vfs.Backend {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

func openLocal(t *testing.T) vfs.Backend {
	b, err := local.New(t.TempDir(), local.Options{})
	return closed(t, b, err)
}

func openRclone(t *testing.T) vfs.Backend {
	b, err := rclone.Open(t.Context(), rclone.Options{Store: "local", Root: t.TempDir(), RenameEntries: 100, Log: slog.New(slog.DiscardHandler)})
	return closed(t, b, err)
}
