package sftp

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
)

// Options configure a Server. Durations and numbers of 0 mean the defaults.
type Options struct {
	// Name is the frontend's in the configuration: "public".
	Name string
	// Listen is the address of the port.
	Listen string
	// HostKeys are at least one, each of another type.
	HostKeys []ssh.Signer
	// Legacy offers what old clients need and what is not sound any more.
	Legacy bool
	// Auth says who may log in.
	Auth auth.Source
	// Tenants are the tenants whose users may log in. Without any, all are.
	Tenants []string
	Log     *slog.Logger
	// Observe is what the frontends of a process share.
	Observe observe.Shared
	// Ledger counts what is held, for all frontends of the process. nil makes one.
	Ledger *fairshare.Ledger
	// IdleTimeout ends a connection that sends nothing while nothing is in
	// flight, and one that does not read. Time that the client waits for us or
	// for the store does not count. Default 5 minutes.
	IdleTimeout time.Duration
	// LoginTimeout ends a connection that has not logged in. Default 1 minute.
	LoginTimeout time.Duration
	// GreetingTimeout ends a connection that has not said by then what it is and
	// what it offers. Default 10 seconds.
	GreetingTimeout time.Duration
	// KexInitWait is how long the server waits for the client's KEXINIT before it sends its
	// own. The client's comes one round trip after the server's identification, unless the
	// client waits for the server's KEXINIT. Default 200 milliseconds.
	KexInitWait time.Duration
	// MaxLoginTries is how many keys and passwords a connection may try.
	// Default 6.
	MaxLoginTries int
	// LoginDelay is how long the answer to the first wrong password of a
	// connection is held back; see auth.Delay. Default 500 milliseconds.
	LoginDelay time.Duration
	// MaxLogins is how many connections may be about to log in at once; see
	// listen.Logins. Default 100.
	MaxLogins int
	// MaxLoginsPerAddress bounds those of one client address; 0 means no bound.
	MaxLoginsPerAddress int
	// MaxSessions bounds the connections at once, logged in or not, and
	// MaxSessionsPerAddress those of one client address; 0 means no bound.
	MaxSessions, MaxSessionsPerAddress int
	// Proxies are the peers that must speak the PROXY protocol, version 1 or 2.
	// All others must not.
	Proxies []netip.Prefix
	// KeepAlive is how often the client is asked whether it is there: load
	// balancers cut connections that are silent for four minutes. Default 30
	// seconds.
	KeepAlive time.Duration
	// DeadAfter ends a connection whose client does not answer to that. Default
	// 2 minutes.
	DeadAfter time.Duration
	// RefuseAttributes refuses to set modes and owners, which no store keeps. They are
	// accepted and ignored otherwise.
	RefuseAttributes bool
	// Memory is the process's. Default: 256 MiB of its own.
	Memory *memory.Parts
	// Sockets opens the port. nil binds it.
	Sockets *listen.Sockets
	// Grace is how long open files may continue after the stop.
	Grace time.Duration
}

func (o *Options) setDefaults() {
	if o.Ledger == nil {
		o.Ledger = fairshare.New()
	}
	if o.Memory == nil {
		o.Memory = memory.Divide(memory.Default)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.IdleTimeout <= 0 {
		o.IdleTimeout = 5 * time.Minute
	}
	if o.LoginTimeout <= 0 {
		o.LoginTimeout = time.Minute
	}
	if o.GreetingTimeout <= 0 {
		o.GreetingTimeout = 10 * time.Second
	}
	if o.KexInitWait <= 0 {
		o.KexInitWait = 200 * time.Millisecond
	}
	if o.MaxLoginTries <= 0 {
		o.MaxLoginTries = 6
	}
	if o.LoginDelay <= 0 {
		o.LoginDelay = 500 * time.Millisecond
	}
	if o.MaxLogins <= 0 {
		o.MaxLogins = 100
	}
	if o.KeepAlive <= 0 {
		o.KeepAlive = 30 * time.Second
	}
	if o.DeadAfter <= 0 {
		o.DeadAfter = 2 * time.Minute
	}
}

// Server is an SFTP server on one port.
type Server struct {
	// o is what the port was bound with. What can change while it is is in current.
	o        Options
	current  atomic.Pointer[settings]
	listener net.Listener
	// connections takes them from listener.
	connections *listen.Server
	observe     *observe.Reporter
	shared
	buffers buffers
	// intake has what the SSH library may keep for connections with uploads, which
	// uploading counts.
	intake *memory.Lease
	// queuedBytes has what shared.queued counts of this server.
	queuedBytes *memory.Lease
	uploading   atomic.Int64
	// draining is closed when no new connections and files are taken.
	draining chan struct{}
}

var _ frontends.Server = (*Server)(nil)

// New binds the port.
func New(ctx context.Context, o Options) (*Server, error) {
	first, err := newSettings(o)
	if err != nil {
		return nil, err
	}
	o = first.Options
	l, err := o.Sockets.Listen(ctx, "sftp."+o.Name, o.Listen)
	if err != nil {
		return nil, fmt.Errorf("sftp port: %w", err)
	}
	reporter := observe.New(observe.Options{Protocol: "sftp", Frontend: "sftp." + o.Name, Log: o.Log, Shared: o.Observe})
	srv := &Server{
		o: o, listener: l, draining: make(chan struct{}),
		observe: reporter, shared: newShared(o.Ledger, o.Memory.Transfers),
	}
	srv.connections = listen.New(srv.connectionOptions(o))
	srv.openLeases()
	srv.current.Store(first)
	return srv, nil
}

// openLeases opens those of the process's memory that all connections share.
func (s *Server) openLeases() {
	s.buffers.open(s.o.Memory)
	s.intake = s.o.Memory.Intake.Open()
	s.queuedBytes = s.o.Memory.Buffers.Open()
}

// Addr is the address of the port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Serve takes connections until ctx ends; see frontends.Server.
func (s *Server) Serve(ctx context.Context) error {
	defer s.intake.Close()
	defer s.queuedBytes.Close()
	defer s.buffers.close()
	err := s.connections.Serve(ctx, s.listener, listen.Protocol{
		Drain: func() { close(s.draining) },
		Serve: func(hard context.Context, c net.Conn, login *listen.Login) { newConn(hard, s, c).run(login) },
		// Nothing is sent: there is no message before the versions are exchanged.
		Refuse: func(_ context.Context, c net.Conn) { _ = c.Close() },
	})
	s.observe.Close()
	return err
}

// connectionOptions returns the options of the listener for those of a server.
func (s *Server) connectionOptions(o Options) listen.Options {
	return listen.Options{
		Address: o.Listen, Log: o.Log, Observe: s.observe, Ledger: o.Ledger, Proxies: o.Proxies, Grace: o.Grace,
		Limits: listen.Limits{
			MaxSessions: o.MaxSessions, MaxSessionsPerAddress: o.MaxSessionsPerAddress,
			MaxLogins: o.MaxLogins, MaxLoginsPerAddress: o.MaxLoginsPerAddress,
		},
		Memory: o.Memory.Sessions, SessionBytes: memory.SessionSFTP,
	}
}

// leastReceive and mostReceive are the limits of what may be read from a connection with uploads
// before its channels have taken it.
const (
	leastReceive = 64 << 10 // two packets
	mostReceive  = 1 << 20
)

// receiveLimit is how much of a connection may be read and not taken. Connections with
// uploads share what is reserved for that.
func (s *Server) receiveLimit() int {
	share := s.o.Memory.Intake.Reserve() / max(s.uploading.Load(), 1)
	return int(min(max(share, leastReceive), mostReceive))
}

func (s *Server) isDraining() bool {
	select {
	case <-s.draining:
		return true
	default:
		return false
	}
}
