package listen

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/internal/fairshare"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/internal/observe"
	"github.com/tidegate/tidegate/internal/session"
)

// Limits are the limits of the connections of a Server. 0 is no limit.
type Limits struct {
	// MaxSessions limits the connections at once, MaxSessionsPerAddress those of one
	// client address, MaxLogins those without a login, and MaxLoginsPerAddress those of one
	// client address without a login.
	MaxSessions, MaxSessionsPerAddress, MaxLogins, MaxLoginsPerAddress int
}

// Options configure a Server.
type Options struct {
	// Address is that of the port in the configuration.
	Address string
	Log     *slog.Logger
	// Observe makes the sessions, and gets the connections that are refused.
	Observe *observe.Reporter
	// Ledger counts the connections that have not logged in. nil makes one.
	Ledger *fairshare.Ledger
	Limits
	// Memory is the part of the process's memory for sessions. Each session takes
	// SessionBytes of it, for its stacks, the buffers of libraries and its state. nil is
	// no limit.
	Memory       *memory.Part
	SessionBytes int64
	// Proxies are the peers that must send a PROXY header, version 1 or 2. All
	// others must not.
	Proxies []netip.Prefix
	// Grace is how long sessions may go on after the stop.
	Grace time.Duration
}

// Protocol is what a frontend does with its connections. Serve and Refuse are called
// on a goroutine of the connection, and close it. Their context has its session.
type Protocol struct {
	// Drain is called once, when no more connections are taken.
	Drain func()
	// Serve serves one connection to its end. hard ends when the grace period is over, which
	// is after the context of Server.Serve has ended. login is the place of the connection
	// among those without a login: Serve calls its Leave at the login.
	Serve func(hard context.Context, c net.Conn, login *Login)
	// Refuse answers a client for which there is no room, where the protocol can.
	Refuse func(hard context.Context, c net.Conn)
}

// Server takes the connections of one frontend. Lock order: none of the locks of
// this package is taken under another, and nothing is called under one.
type Server struct {
	o        Options
	sessions *limiter
	logins   *logins
	running  atomic.Int64
}

// New returns a Server, whose Serve is called once.
func New(o Options) *Server {
	s := &Server{o: o, sessions: newLimiter(o.MaxSessions, o.MaxSessionsPerAddress)}
	places := cmp.Or(o.Ledger, fairshare.New()).Resource("logins of "+o.Observe.Frontend(), o.logins())
	s.logins = &logins{places, newLimiter(0, o.MaxLoginsPerAddress), s.refused}
	return s
}

// Limit replaces the limits. Connections that are above the new ones stay. It may be called
// at any time.
func (s *Server) Limit(l Limits) {
	s.sessions.limit(l.MaxSessions, l.MaxSessionsPerAddress)
	s.logins.each.limit(0, l.MaxLoginsPerAddress)
	s.logins.places.Resize(l.logins())
}

// logins returns MaxLogins as the capacity of a resource.
func (l Limits) logins() int64 {
	if l.MaxLogins > 0 {
		return int64(l.MaxLogins)
	}
	return math.MaxInt64
}

// progressInterval is how often the log says, during the grace period, what still
// runs.
const progressInterval = 10 * time.Second

// Serve takes connections from l until ctx ends, and does what frontends.Server
// promises: it closes the listener and waits for every session, and when the grace
// period is over it ends the context of those that are left.
func (s *Server) Serve(ctx context.Context, l net.Listener, p Protocol) error {
	hard, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	var connections sync.WaitGroup
	err := s.accept(ctx, l, func(c net.Conn) {
		s.running.Add(1)
		connections.Go(func() {
			defer s.running.Add(-1)
			s.serve(hard, c, p)
		})
	})

	p.Drain()
	_ = l.Close()
	ended := make(chan struct{})
	go func() {
		connections.Wait()
		close(ended)
	}()
	grace := time.NewTimer(s.o.Grace)
	defer grace.Stop()
	progress := time.NewTicker(progressInterval)
	defer progress.Stop()
	for {
		select {
		case <-ended:
			return err
		case <-progress.C:
			s.o.Log.Info("shutdown waits", "sessions", s.running.Load(), "transfers", s.o.Observe.Transfers())
		case <-grace.C:
			s.o.Log.Warn("shutdown timed out", "sessions", s.running.Load(), "transfers", s.o.Observe.Transfers())
			kill()
			<-ended
			return err
		}
	}
}

// accept calls serve with each connection. After an error, such as that no descriptor is
// left, it tries again within a second.
func (s *Server) accept(ctx context.Context, l net.Listener, serve func(net.Conn)) error {
	const slowest = time.Second
	var delay time.Duration
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			delay = 0
			serve(c)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("accept connections: %w", err)
		default:
			delay = min(max(2*delay, 5*time.Millisecond), slowest)
			s.o.Log.Warn("cannot accept connections", "err", err, "retry", delay)
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(delay):
			}
		}
	}
}

// serve admits one connection, or refuses it.
func (s *Server) serve(hard context.Context, raw net.Conn, p Protocol) {
	c := s.client(raw)
	if c == nil {
		return
	}
	client := s.o.Observe.NewSession(RemoteOf(c))
	client.Local = addrPort(c.LocalAddr())
	hard = session.NewContext(hard, client)
	if refusal, ok := s.sessions.acquire(AddrOf(c)); !ok {
		s.refused(c, refusal)
		p.Refuse(hard, c)
		return
	}
	defer s.sessions.release(AddrOf(c))
	if s.o.Memory != nil {
		lease := s.o.Memory.Open()
		defer lease.Close()
		if !lease.TryAcquire(s.o.SessionBytes) {
			s.refused(c, Refusal{"no memory for more sessions", "transfers.memory"})
			p.Refuse(hard, c)
			return
		}
	}
	login := s.logins.enter(client, c)
	if login == nil {
		p.Refuse(hard, c)
		return
	}
	defer login.Leave()
	p.Serve(s.o.Observe.BeginTrace(hard, client), c, login)
}

// client returns the connection with the address of the client, also behind a proxy. If
// there is no client to serve, it closes raw and returns nil: for a probe, which is neither
// a session nor an error, and for a proxy that does not announce its client.
func (s *Server) client(raw net.Conn) net.Conn {
	if !contains(s.o.Proxies, AddrOf(raw)) {
		// A header from it would be a forged address.
		return raw
	}
	c, err := ReadProxyHeader(raw)
	if err != nil {
		s.o.Observe.SessionRefused(context.Background(), RemoteOf(raw), "no PROXY header", "proxy_protocol", err)
	}
	if c == nil {
		_ = raw.Close()
	}
	return c
}

// refused reports a connection that is refused.
func (s *Server) refused(c net.Conn, why Refusal) {
	s.o.Observe.SessionRefused(context.Background(), RemoteOf(c), why.Reason, why.Setting, nil)
}
