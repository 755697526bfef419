package gate

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"

	"golang.org/x/crypto/argon2"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/ftp"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/internal/testing/ledger"
	"github.com/tidegate/tidegate/vfs"
)

// cache says what TLS sessions the clients of a row remember.
type cache uint8

const (
	noCache     cache = iota
	ownCache          // one for each session
	sharedCache       // one for all: they show each other's tickets
)

// protection is how a row's clients connect, and what the gateway asks of them.
type protection struct {
	name     string
	security ftpclient.Security
	cache    cache
	reuse    ftp.ReuseMode
}

// site is a gateway with one user and one passive port, over a store in memory.
type site struct {
	protection
	addr   string
	store  vfs.Backend
	ledger *ledger.Ledger
	shared tls.ClientSessionCache
}

func open(t *testing.T, p protection, gate ftp.PassiveOptions) *site {
	t.Helper()
	store := memory.New()
	view, err := vfs.NewView(vfs.ViewOptions{Mounts: []vfs.Mount{{Backend: store}}, Allow: vfs.PermAll})
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := auth.New([]auth.Account{{Tenant: "t", Name: "u", PasswordHash: cheapHash("p"), User: &tenant.User{View: view}}})
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := ftp.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	gate.Listen = "127.0.0.1:0"
	s, err := ftp.New(t.Context(), ftp.Options{
		Listen: "127.0.0.1:0", Passive: gate, Auth: accounts, Reuse: p.reuse,
		TLS: certificate, TLSMode: ftp.TLSOptional,
		// Clients without a reservation make a line for each of their connections.
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	var served error
	wg.Go(func() { served = s.Serve(ctx) })
	t.Cleanup(func() {
		cancel()
		wg.Wait()
		if served != nil {
			t.Errorf("Serve: %v", served)
		}
	})
	return &site{
		protection: p, addr: s.Addr().String(), store: store, ledger: ledger.New(),
		shared: tls.NewLRUClientSessionCache(64),
	}
}

// cheapHash is the cheapest hash there is: hundreds of logins are not the point.
func cheapHash(password string) string {
	const salt = "sixteen bytes---"
	key := argon2.IDKey([]byte(password), []byte(salt), 1, 8, 1, 16)
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=8,t=1,p=1$%s$%s", argon2.Version, b64.EncodeToString([]byte(salt)), b64.EncodeToString(key))
}

// login opens a session. The context ends it.
func (s *site) login(ctx context.Context, o ftpclient.Options) (*ftpclient.Conn, error) {
	o.Security = s.security
	// The name is the key of the cache, the curve the cheapest one.
	o.TLS = &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", CurvePreferences: []tls.CurveID{tls.X25519}}
	switch s.cache {
	case ownCache:
		o.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	case sharedCache:
		o.TLS.ClientSessionCache = s.shared
	}
	c, err := ftpclient.Dial(ctx, s.addr, o)
	if err != nil {
		return nil, err
	}
	if err := c.Login("u", "p"); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// passiveAddr is the one passive port, as a listing shows it.
func (s *site) passiveAddr(t *testing.T) string {
	t.Helper()
	c, err := s.login(t.Context(), ftpclient.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	tr, err := c.Transfer("NLST", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if _, err := io.Copy(io.Discard, tr.Retrieve()); err != nil {
		t.Fatal(err)
	}
	return tr.DataConn().RemoteAddr().String()
}
