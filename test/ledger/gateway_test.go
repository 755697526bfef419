package ledger

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	sdk "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/azblob"
	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest/ftptest"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/frontends/sftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/memory/chunk"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/azstub"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

const password = planted.Password

// gateway is a server of FTP and one of SFTP over the store, stopped and started again.
type gateway struct {
	t      *testing.T
	store  *store
	log    *observer
	chunks *chunk.Pool
	hash   string
	server *tls.Config
	client *tls.Config
	// hostKey is SFTP's.
	hostKey ssh.Signer
	// attempt is how long one attempt of a request may take, 0 for as long as it needs.
	attempt time.Duration

	mu  sync.Mutex
	now *generation
	// next is closed when now is another generation.
	next chan struct{}
}

// generation is one run of the server.
type generation struct {
	ftp, sftp string // addresses
	grace     time.Duration
	stop      context.CancelFunc
	// stopping is closed before the server is stopped, settled when it has
	// ended and the store has processed all of its requests.
	stopping, settled chan struct{}
	served            sync.WaitGroup
	backend           vfs.Backend
}

// gatewayCode is in the stacks of goroutines of the gateway, of the store and of
// its client.
func gatewayCode() []string {
	return []string{
		"tidegate/frontends/", "tidegate/backends/", "tidegate/internal/session.", "tidegate/internal/memory/",
		"tidegate/internal/testing/azstub.", "net/http.", "ftpserverlib",
	}
}

func (g *generation) disturbed() bool { return isClosed(g.stopping) }

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func newGateway(t *testing.T, s *store) *gateway { return newGatewayOf(t, s, 0) }

// newGatewayOf starts a gateway that gives up an attempt of a request after a time.
func newGatewayOf(t *testing.T, s *store, attempt time.Duration) *gateway {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	g := &gateway{t: t, store: s, log: newObserver(t), chunks: chunk.New(16 << 20), hash: string(hash), next: make(chan struct{}), attempt: attempt}
	g.server, g.client = ftptest.Certificate(t)
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	if g.hostKey, err = ssh.NewSignerFromKey(key); err != nil {
		t.Fatal(err)
	}
	g.start(0)
	return g
}

// start begins a generation; grace is what its stop will give to transfers.
func (g *gateway) start(grace time.Duration) {
	g.t.Helper()
	key, err := sdk.NewSharedKeyCredential(azstub.DevAccount, azstub.DevKey)
	if err != nil {
		g.t.Fatal(err)
	}
	b, err := azblob.New(azblob.Options{
		ContainerURL: g.store.url + "/" + container, DFSEndpoint: g.store.dfs, SharedKey: key, Chunks: g.chunks, BlockSize: blockSize,
		Log: slog.New(g.log),
		// One attempt may take as long as it needs: a request that is executed
		// after it was cancelled would be another writer.
		Retry: &policy.RetryOptions{
			MaxRetries: retries, RetryDelay: time.Millisecond, MaxRetryDelay: 2 * time.Millisecond, TryTimeout: cmp.Or(g.attempt, 2*patience.Limit()),
		},
	})
	if err != nil {
		g.t.Fatal(err)
	}
	if g.store.dfs != "" {
		if err := b.Probe(g.t.Context(), azblob.NamespaceHierarchical); err != nil {
			g.t.Fatal(err)
		}
	}
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: b}}, Allow: vfs.PermAll})
	if err != nil {
		g.t.Fatal(err)
	}
	var all []auth.Account
	for _, a := range accounts() {
		all = append(all, auth.Account{Tenant: "t", Name: a.name, PasswordHash: g.hash, User: &tenant.User{View: view, Uploads: a.policy}})
	}
	users, err := auth.New(all)
	if err != nil {
		g.t.Fatal(err)
	}
	server, err := ftp.New(g.t.Context(), ftp.Options{
		Listen: "127.0.0.1:0",
		// Nobody's connection is under way for longer here.
		Passive: ftp.PassiveOptions{Listen: "127.0.0.1:0", Quarantine: time.Second},
		TLSMode: ftp.TLSOptional, TLS: g.server, Auth: users, Log: slog.New(g.log), Grace: grace,
	})
	if err != nil {
		g.t.Fatal(err)
	}
	other, err := sftp.New(g.t.Context(), sftp.Options{
		Listen: "127.0.0.1:0", HostKeys: []ssh.Signer{g.hostKey}, Auth: users, Log: slog.New(g.log), Grace: grace,
	})
	if err != nil {
		g.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &generation{
		ftp: server.Addr().String(), sftp: other.Addr().String(), grace: grace, stop: cancel, backend: b,
		stopping: make(chan struct{}), settled: make(chan struct{}),
	}
	for _, s := range []frontends.Server{server, other} {
		n.served.Go(func() {
			if err := s.Serve(ctx); err != nil {
				g.t.Error(err)
			}
		})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = n
	close(g.next)
	g.next = make(chan struct{})
}

// stop ends the generation, and proves that it has left nothing behind.
func (g *gateway) stop() {
	n := g.current()
	close(n.stopping)
	n.stop()
	n.served.Wait()
	if s := g.chunks.Stats(); s.InUse != 0 || s.Accounts != 0 {
		g.t.Errorf("after the stop %d bytes of %d uploads are in use", s.InUse, s.Accounts)
	}
	if err := n.backend.Close(); err != nil {
		g.t.Error(err)
	}
	g.store.settle(g.t)
	close(n.settled)
}

func (g *gateway) current() *generation {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.now
}

// running returns a generation that is not being stopped, nil at the end of
// the test.
func (g *gateway) running(ctx context.Context) *generation {
	for {
		g.mu.Lock()
		n, next := g.now, g.next
		g.mu.Unlock()
		if !n.disturbed() {
			return n
		}
		select {
		case <-next:
		case <-ctx.Done():
			return nil
		}
	}
}
