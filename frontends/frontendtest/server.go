package frontendtest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/guessing"
	"github.com/tidegate/tidegate/internal/limits"
	"github.com/tidegate/tidegate/internal/tenant"
	"github.com/tidegate/tidegate/internal/testing/faulty"
	"github.com/tidegate/tidegate/internal/testing/planted"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/leak"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// setup says what a test's server is like. The zero value is one user, ann, who
// may do everything in the whole store.
type setup struct {
	// users returns who may log in; b is the store.
	users func(b vfs.Backend) []user
	// served are the tenants that the frontend serves, all when there are none.
	served      []string
	grace       time.Duration
	idleTimeout time.Duration
	// guessing is off when it is zero.
	guessing guessing.Settings
}

// user is one account. Zero fields mean what ann has.
type user struct {
	name     string
	password string
	mounts   []vfs.Mount
	home     string
	// allow is all rights when 0.
	allow vfs.Permission
	// tree changes the options of the user's tree.
	tree func(*vfs.ViewOptions)
	// limits are those of the user, tenant those of the tenant. A user without a name of
	// the tenant is alone in it.
	limits, tenantLimits limits.Limits
	tenant               string
	// change changes the account before it is used.
	change func(*auth.Account)
}

// The user of a server that was not asked for others.
const (
	ann         = "ann"
	annPassword = planted.Password
	// annHash is a hash of it, the cheapest that there is: the suite logs in often.
	annHash = "$2a$04$J0cPLlC060JsKvJnvQwfVezkbU76skZLKVL7A9OwS36jmEuIO.Cr6"
)

// hashMemory is what hashes of passwords may take.
const hashMemory = 32 << 20

// Serve starts a server with one user, who may do everything in the whole
// store. It is stopped at the end of the test, and must leave nothing.
func Serve(t *testing.T, target Target) *Server {
	t.Helper()
	return serve(t, target, setup{})
}

// Addr is the address to dial.
func (s *Server) Addr() string { return s.addr }

// Login is what the first user types.
func (s *Server) Login() Login { return Login{s.users[0].name, s.users[0].password} }

// AwaitUploads waits until n uploads have begun and none is left, and returns
// how many were committed.
func (s *Server) AwaitUploads(n int) (commits int) {
	s.Helper()
	return s.store.awaitWriters(s.T, n)
}

// Server is one running server with its store. An adapter's own tests get one
// with Serve.
type Server struct {
	*testing.T
	target Target
	store  *store
	addr   string
	users  []user
	// limits are in force for all users.
	limits *limits.Registry
	// read is what tree has read, by path and version.
	read map[string]string

	cancel context.CancelFunc
	served chan error
}

// serve is Serve for any setup.
func serve(t *testing.T, target Target, o setup) *Server {
	t.Helper()
	store := &store{faulty.New(target.Backend(t))}
	t.Cleanup(func() { store.wantAllClosed(t) })
	leak.Check(t, target.Ambient...)

	s := &Server{T: t, target: target, store: store, read: map[string]string{}, served: make(chan error, 1)}
	if s.users = []user{{}}; o.users != nil {
		s.users = o.users(store)
	}
	s.limits = limits.NewRegistry()
	hashing := auth.NewHashing(hashMemory)
	if o.guessing != (guessing.Settings{}) {
		hashing.CountGuesses(guessing.New(o.guessing))
	}
	authenticator, err := auth.NewShared(auth.Directory{Accounts: s.accounts(store)}, hashing)
	if err != nil {
		t.Fatalf("auth.NewShared: %v", err)
	}
	srv := target.Start(t, ServerOptions{
		Auth:        authenticator,
		Tenants:     o.served,
		Log:         slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
		Grace:       o.grace,
		IdleTimeout: o.idleTimeout,
	})
	s.addr = srv.Addr().String()
	// The test's own context ends before its cleanups run.
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	s.cancel = cancel
	go func() { s.served <- srv.Serve(ctx) }()
	t.Cleanup(s.Stop)
	return s
}

// accounts makes what the Authenticator needs of the users, and sets their limits.
func (s *Server) accounts(store vfs.Backend) []auth.Account {
	t, target := s.T, s.target
	t.Helper()
	all := make([]auth.Account, 0, len(s.users))
	for i := range s.users {
		u := &s.users[i]
		u.name = cmp.Or(u.name, ann)
		u.password = cmp.Or(u.password, annPassword)
		u.allow = cmp.Or(u.allow, vfs.PermAll)
		if u.mounts == nil {
			u.mounts = []vfs.Mount{{Backend: store}}
		}
		u.tenant = cmp.Or(u.tenant, "tenant-"+u.name)
		limited := s.limits.Account(u.tenant, u.name)
		o := vfs.ViewOptions{Mounts: u.mounts, Home: vfs.MustParse(u.home), Allow: u.allow, Limiter: limited}
		if u.tree != nil {
			u.tree(&o)
		}
		view, err := vfs.NewView(o)
		if err != nil {
			t.Fatalf("vfs.NewView: %v", err)
		}
		a := auth.Account{
			Tenant: u.tenant, Name: u.name, PasswordHash: hashOf(t, u.password),
			// The strictest that there is: the suite proves what is refused.
			User: &tenant.User{View: view, Limits: limited, Uploads: tenant.UploadPolicy{RequireCloseNotify: true}},
		}
		if target.Account != nil {
			target.Account(&a, u.password)
		}
		if u.change != nil {
			u.change(&a)
		}
		all = append(all, a)
	}
	s.setLimits()
	return all
}

// setLimits makes the limits of all users those in force.
func (s *Server) setLimits() {
	all := map[limits.Owner]limits.Limits{}
	for _, u := range s.users {
		all[limits.Owner{Tenant: u.tenant, User: u.name}] = u.limits
		if u.tenantLimits != (limits.Limits{}) || all[limits.Owner{Tenant: u.tenant}] == (limits.Limits{}) {
			all[limits.Owner{Tenant: u.tenant}] = u.tenantLimits
		}
	}
	s.limits.Set(all)
}

func hashOf(t *testing.T, password string) string {
	t.Helper()
	if password == annPassword {
		return annHash
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

// in returns s for use in a subtest.
func (s *Server) in(t *testing.T) *Server {
	c := *s
	c.T = t
	return &c
}

// Stop ends the server and waits for it. The end of the test does so too.
func (s *Server) Stop() {
	s.Helper()
	s.cancel()
	select {
	case err := <-s.served:
		if err != nil {
			s.Errorf("Serve: %v, want nil", err)
		}
		s.served <- nil
	case <-time.After(patience.Limit()):
		s.Errorf("Serve has not returned in time after the stop")
		s.served <- nil
	}
}

// login opens a session of the first user.
func (s *Server) login() Client {
	s.Helper()
	return s.loginAs(s.users[0].name)
}

func (s *Server) loginAs(name string) Client {
	s.Helper()
	c, err := s.dial(Login{User: name, Password: s.user(name).password})
	if err != nil {
		s.Fatalf("login of %s: %v", name, err)
	}
	return c
}

// dial opens a session, which is dropped at the end of the test.
func (s *Server) dial(l Login) (Client, error) {
	c, err := s.target.Dial(context.WithoutCancel(s.Context()), s.addr, l)
	if err == nil {
		s.Cleanup(c.Close)
	}
	return c, err
}

func (s *Server) user(name string) user {
	for _, u := range s.users {
		if u.name == name {
			return u
		}
	}
	panic("frontendtest: no user " + name)
}

// wantKind fails the test unless err is the answer of the protocol to an op
// that failed with one of kinds, in words that a client may see.
func (s *Server) wantKind(err error, op Op, kinds ...vfs.Kind) {
	s.Helper()
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		s.Errorf("%s: %v, want a refusal (%v)", op, err, kinds)
		return
	}
	var codes []int
	for _, k := range kinds {
		codes = append(codes, s.target.Codes(op, k)...)
	}
	if !slices.Contains(codes, refusal.Code) {
		s.Errorf("%s: %v, want code %v (%v)", op, err, codes, kinds)
	}
}

// ok ends the test on an error.
func (s *Server) ok(err error, what string) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}
