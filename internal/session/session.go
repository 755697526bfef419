package session

import (
	"context"
	"crypto/rand"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/clientaddr"
)

// User names one user of one tenant. The zero User is none.
type User struct{ Tenant, Name string }

// String returns TENANT/NAME, and "" for the zero User.
func (u User) String() string {
	if u == (User{}) {
		return ""
	}
	return u.Tenant + "/" + u.Name
}

// The reasons for which sessions of every protocol end, in the words of the log. A
// protocol has further ones.
const (
	EndClient   = "client left"
	EndIdle     = "idle"
	EndShutdown = "server is shutting down"
	EndNoLogin  = "not logged in"
	EndKicked   = "ended by an operator"
)

// Session is one connection of a client. Its exported fields never change. Its
// methods may be called concurrently. From returns nil for work without a session; a nil
// Session has the zero User.
type Session struct {
	// ID is unique in practice: 50 random bits.
	ID string
	// Protocol is "ftp" or "sftp", Frontend the frontend's type and name:
	// "ftp.public".
	Protocol, Frontend string
	// Remote is the client's address, also behind a proxy that announced it. It is
	// the zero AddrPort where the connection has no IP address.
	Remote netip.AddrPort
	// Local is the address that the client connected to. It is set before anyone else knows
	// the session, and is the zero AddrPort where it is not known.
	Local netip.AddrPort
	// Started is when the connection was accepted.
	Started time.Time

	user      atomic.Pointer[User]
	trace     atomic.Pointer[string]
	transfers atomic.Int64
	doing     doing
	activity  activity
	kicked    chan struct{}
	kickOnce  sync.Once
	ended     chan struct{}
	endOnce   sync.Once
	// registry is nil for a session that was never added, and is set before
	// anyone else knows the session.
	registry *Registry
}

// New returns the session of a connection that was accepted now. No registry knows
// it: see Registry.Add.
func New(protocol, frontend string, remote netip.AddrPort) *Session {
	return &Session{
		ID: rand.Text()[:10], Protocol: protocol, Frontend: frontend,
		Remote:  netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port()),
		Started: time.Now(), kicked: make(chan struct{}), ended: make(chan struct{}),
	}
}

// User returns the user that is logged in, the zero User before the login.
func (s *Session) User() User {
	if s == nil {
		return User{}
	}
	if u := s.user.Load(); u != nil {
		return *u
	}
	return User{}
}

// Network returns what counts as the client's address where clients are counted:
// see clientaddr.Network. It is the zero Prefix where there is no address.
func (s *Session) Network() netip.Prefix {
	if s == nil {
		return netip.Prefix{}
	}
	return clientaddr.Network(s.Remote.Addr())
}

// SetTraceID notes the id of the OpenTelemetry trace of the session.
func (s *Session) SetTraceID(id string) { s.trace.Store(&id) }

// TraceID returns the id of the OpenTelemetry trace of the session, "" for none.
func (s *Session) TraceID() string {
	if s == nil {
		return ""
	}
	return stored(&s.trace)
}

// Login makes u the user that is logged in from now on.
func (s *Session) Login(u User) { s.setUser(&u) }

// Logout notes that no user is logged in any more, as after FTP's REIN.
func (s *Session) Logout() { s.setUser(nil) }

func (s *Session) setUser(u *User) {
	if s.registry == nil {
		s.user.Store(u)
		return
	}
	s.registry.setUser(s, u)
}

// End removes the session from its registry, when everything that was done for it has
// ended. A second call does nothing.
func (s *Session) End() {
	if s.registry != nil {
		s.registry.remove(s)
	}
	s.endOnce.Do(func() { close(s.ended) })
}

// Ended is closed by End.
func (s *Session) Ended() <-chan struct{} { return s.ended }

// Kick asks the session to end at once, with its transfers, which are not committed.
func (s *Session) Kick() { s.kickOnce.Do(func() { close(s.kicked) }) }

// Kicked is closed by Kick.
func (s *Session) Kicked() <-chan struct{} { return s.kicked }

// IsKicked reports whether Kick was called.
func (s *Session) IsKicked() bool {
	select {
	case <-s.kicked:
		return true
	default:
		return false
	}
}

// BeginTransfer counts a running transfer. The caller calls end once, when the transfer has
// ended.
func (s *Session) BeginTransfer() (end func()) {
	s.transfers.Add(1)
	return func() { s.transfers.Add(-1) }
}

// Transfers returns how many transfers run.
func (s *Session) Transfers() int { return int(s.transfers.Load()) }

// contextKey is where a context holds its session.
type contextKey struct{}

// NewContext returns a context of work that is done for s.
func NewContext(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// From returns the session that the work of ctx is done for, nil where there is
// none.
func From(ctx context.Context) *Session {
	s, _ := ctx.Value(contextKey{}).(*Session)
	return s
}
