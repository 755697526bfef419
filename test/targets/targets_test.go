package targets

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// store is a kind of store, and how much of the suite runs over it.
type store struct {
	open func(t *testing.T) vfs.Backend
	tree func(ctx context.Context) (map[string]string, error)
	// all texts are run over it; slow and names leave out more than other stores do.
	all, slow, names bool
}

// The reference holds any name, and is the fastest.
func TestMemory(t *testing.T) {
	run(t, store{open: func(*testing.T) vfs.Backend { return memory.New() }, all: true})
}

func TestLocal(t *testing.T) { run(t, store{open: openLocal}) }

func TestRclone(t *testing.T) { run(t, store{open: openRclone}) }

func TestRcloneMemory(t *testing.T) { run(t, store{open: openRcloneMemory}) }

func TestAzblobOnStub(t *testing.T) {
	var s stub
	run(t, store{open: s.open, tree: s.tree, slow: true})
}

// The test over the stub shows which requests each protocol causes, and to which name each text
// leads. The test over Azurite shows that Azurite accepts the same names as the stub, for which one
// protocol is enough.
func TestAzblobOnAzurite(t *testing.T) {
	s := emulator{server: azurite.Shared(t), read: map[[2]string]string{}}
	runSFTP(t, store{open: s.open, tree: s.tree, slow: true, names: true})
}

// connections are what a store keeps open between two requests, and the stub itself.
var connections = []string{"net/http."}

func run(t *testing.T, s store) {
	t.Helper()
	t.Run("FTP", func(t *testing.T) {
		ftptest.RunTargets(t, ftptest.Config{
			Backend: s.open, Tree: s.tree, Small: !s.all, Slow: s.slow, Names: s.names, Start: startFTP, LoginTries: 3, Ambient: connections,
		})
	})
	runSFTP(t, s)
}

func runSFTP(t *testing.T, s store) {
	t.Helper()
	t.Run("SFTP", func(t *testing.T) {
		frontendtest.RunTargets(t, sftptest.Target(sftptest.Config{
			Backend: s.open, Tree: s.tree, Small: !s.all, Slow: s.slow, Names: s.names, Start: startSFTP, Ambient: connections,
		}))
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
		Auth: o.Auth, Tenants: o.Tenants, Log: slog.New(slog.DiscardHandler), LoginDelay: time.Millisecond,
		IdleTimeout: o.IdleTimeout, Grace: o.Grace,
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
		Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{key}, Auth: o.Auth, Tenants: o.Tenants, Log: slog.New(slog.DiscardHandler), LoginDelay: time.Millisecond,
		IdleTimeout: o.IdleTimeout, Grace: o.Grace,
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

// openRcloneMemory opens a store of buckets, where a file and a directory may have
// one name. The store is one for the process, so that each run has a bucket of its own.
func openRcloneMemory(t *testing.T) vfs.Backend {
	b, err := rclone.Open(t.Context(), rclone.Options{Store: "memory", Root: filepath.Base(filepath.Dir(t.TempDir())), RenameEntries: 100, Log: slog.New(slog.DiscardHandler)})
	return closed(t, b, err)
}
