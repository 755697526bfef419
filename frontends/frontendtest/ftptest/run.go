package ftptest

import (
	"context"
	"crypto/tls"
	"testing"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/internal/testing/ftpclient"
	"github.com/tidegate/tidegate/vfs"
)

// ServerOptions are what a test wants of an FTP server.
type ServerOptions struct {
	frontendtest.ServerOptions
	// Security is how clients will connect. For Plain the server may offer
	// TLS; for Explicit it must refuse logins and data connections without.
	Security ftpclient.Security
	// TLS has the server's certificate.
	TLS *tls.Config
}

// Config describes a server to Run.
type Config struct {
	// Start returns a server on a port of the loopback address, with passive
	// ports for 60 sessions at once.
	Start func(t *testing.T, o ServerOptions) frontends.Server
	// LoginTries is how many wrong passwords end a session.
	LoginTries int
	// Backend, Refuses, Tree, Small, Slow, Names and Ambient are as in frontendtest.Target.
	Backend func(t *testing.T) vfs.Backend
	Refuses func(name string) bool
	Tree    func(ctx context.Context) (map[string]string, error)
	Small   bool
	Slow    bool
	Names   bool
	Ambient []string
}

// row is one way to connect.
type row struct {
	name    string
	options ftpclient.Options
	// suite is the part of the conformance suite that depends on it.
	suite func(*testing.T, frontendtest.Target)
}

// rows are the ways to connect. Implicit TLS differs from explicit TLS only in
// how a connection begins.
func rows() []row {
	return []row{
		{"plain", ftpclient.Options{Data: ftpclient.PASV}, frontendtest.Run},
		{"explicit", ftpclient.Options{Security: ftpclient.Explicit}, frontendtest.RunConnections},
		{"implicit", ftpclient.Options{Security: ftpclient.Implicit, HandshakeFirst: true}, frontendtest.RunLogins},
	}
}

// Run runs the conformance suite and the conversations over each way to
// connect: "plain/suite/transfer/sizes", "explicit/talk/ABOR".
func Run(t *testing.T, c Config) {
	t.Helper()
	for _, r := range rows() {
		t.Run(r.name, func(t *testing.T) {
			e := newEndpoint(t, c, r.options)
			t.Run("suite", func(t *testing.T) { r.suite(t, e.target()) })
			t.Run("talk", func(t *testing.T) { runConversations(t, e) })
		})
	}
}

// RunStore runs frontendtest.RunStore without TLS, which does not affect the store.
func RunStore(t *testing.T, c Config) {
	t.Helper()
	frontendtest.RunStore(t, newEndpoint(t, c, rows()[0].options).target())
}

// RunTargets runs frontendtest.RunTargets without TLS, which has no part in the
// meaning of a name.
func RunTargets(t *testing.T, c Config) {
	t.Helper()
	frontendtest.RunTargets(t, newEndpoint(t, c, rows()[0].options).target())
}

// endpoint is one way to connect with its certificate.
type endpoint struct {
	config    Config
	options   ftpclient.Options
	serverTLS *tls.Config
}

func newEndpoint(t *testing.T, c Config, o ftpclient.Options) *endpoint {
	t.Helper()
	server, client := Certificate(t)
	o.TLS = client
	return &endpoint{config: c, options: o, serverTLS: server}
}

func (e *endpoint) target() frontendtest.Target {
	return frontendtest.Target{
		Backend:   e.config.Backend,
		Start:     e.start,
		Dial:      e.dial,
		Breaks:    breaks(e.options.Security),
		Codes:     codes,
		Unsayable: "\r\n",
		Refuses:   e.config.Refuses,
		Tree:      e.config.Tree,
		Small:     e.config.Small,
		Slow:      e.config.Slow,
		Names:     e.config.Names,
		Ambient:   e.config.Ambient,
	}
}

func (e *endpoint) start(t *testing.T, o frontendtest.ServerOptions) frontends.Server {
	t.Helper()
	return e.config.Start(t, ServerOptions{ServerOptions: o, Security: e.options.Security, TLS: e.serverTLS.Clone()})
}

// clientOptions are those of one session. Each has a TLS cache of its own, as
// different clients do.
func (e *endpoint) clientOptions() ftpclient.Options {
	o := e.options
	o.TLS = o.TLS.Clone()
	o.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	return o
}

func (e *endpoint) dial(ctx context.Context, addr string, l frontendtest.Login) (frontendtest.Client, error) {
	c, err := ftpclient.Dial(ctx, addr, e.clientOptions())
	if err != nil {
		return nil, refusal(err)
	}
	if err := c.Login(l.User, l.Password); err != nil {
		c.Close()
		return nil, refusal(err)
	}
	return &client{c}, nil
}
