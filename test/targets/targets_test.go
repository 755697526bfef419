package targets

import (
	"crypto/ed25519"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/backends/local"
	"github.com/tidegate/tidegate/backends/rclone"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/azurite"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// The frontends' own packages run the same over backends/memory.
func TestLocal(t *testing.T) { run(t, openLocal, false) }

func TestRclone(t *testing.T) { run(t, openRclone, false) }

func TestRcloneMemory(t *testing.T) { run(t, openRcloneMemory, false) }

func TestAzblobOnStub(t *testing.T) { run(t, openStub, true) }

// The stub has shown what each protocol asks of this store; Azurite shows that the
// store answers as the stub does, for which one protocol is enough.
func TestAzblobOnAzurite(t *testing.T) {
	s := azurite.Shared(t)
	runSFTP(t, func(t *testing.T) vfs.Backend { return openAzurite(t, s) }, true)
}

// connections are what a store keeps open between two requests, and the stub itself.
var connections = []string{"net/http."}

func run(t *testing.T, open func(t *testing.T) vfs.Backend, slow bool) {
	t.Helper()
	t.Run("FTP", func(t *testing.T) {
		ftptest.RunTargets(t, ftptest.Config{Backend: open, Start: startFTP, Small: true, Slow: slow, LoginTries: 3, Ambient: connections})
	})
	runSFTP(t, open, slow)
}

func runSFTP(t *testing.T, open func(*testing.T) vfs.Backend, slow bool) {
	t.Helper()
	t.Run("SFTP", func(t *testing.T) {
		frontendtest.RunTargets(t, sftptest.Target(sftptest.Config{Backend: open, Start: startSFTP, Small: true, Slow: slow, Ambient: connections}))
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

func openStub(t *testing.T) vfs.Backend {
	s := azstub.Start(t, azstub.Options{})
	s.CreateContainer("files")
	return openAzblob(t, azstub.DevAccount, azstub.DevKey, s.URL()+"/files")
}

func openAzurite(t *testing.T, s *azurite.Server) vfs.Backend {
	return openAzblob(t, s.Account, s.Key, s.Endpoint+"/"+s.Container(t))
}

func openAzblob(t *testing.T, account, key, url string) vfs.Backend {
	t.Helper()
	cred, err := container.NewSharedKeyCredential(account, key)
	if err != nil {
		t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{ContainerURL: url, SharedKey: cred, Chunks: chunk.New(64 << 20)})
	return closed(t, b, err)
}
