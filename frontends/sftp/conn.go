package sftp

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	sessions "github.com/tidegate/tidegate/internal/session"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// partingTime is what a client gets to close a connection that we end.
	partingTime = 2 * time.Second
	// maxChannels is how many channels a connection may have, as in OpenSSH.
	maxChannels = 10
	// maxOpen is how many files and directories a connection may have open.
	maxOpen = 128
)

type addr = netip.Addr

// conn is one SSH connection.
type conn struct {
	srv *Server
	// client is the session as the rest of the process knows it. ctx has it.
	client *sessions.Session
	log    *slog.Logger
	// ctx ends with the connection, when everything on it is over, or by force
	// at the end of the grace period.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	raw *socket
	ssh *ssh.ServerConn
	// lost is closed when the connection has ended.
	lost chan struct{}

	// readers and listings are what is open at the store for the handles of all
	// channels, skips what downloads may keep that nobody has asked for.
	readers, listings streams
	skips             budget
	// atStore has an element for each request about names that is being answered,
	// on all channels.
	atStore chan struct{}

	// wrongPasswords counts them, before the login.
	wrongPasswords int
	// accounts are those of the configuration that is in force when the connection
	// begins.
	accounts *auth.Authenticator
	account  *auth.Account
	view     *vfs.View

	activity activity

	// mu may be taken while a session's lock is held, never the other way round.
	mu sync.Mutex
	// sessions are the channels.
	sessions map[*session]struct{}
	// ending says why we end the connection, "" when we do not.
	ending string
}

// newConn returns the connection of a client. hard has its session.
func newConn(hard context.Context, srv *Server, raw net.Conn) *conn {
	client := sessions.From(hard)
	c := &conn{
		srv:      srv,
		client:   client,
		raw:      newSocket(raw, srv.receiveLimit),
		log:      srv.observe.Logger(client),
		lost:     make(chan struct{}),
		sessions: map[*session]struct{}{},
		atStore:  make(chan struct{}, maxLooking),
	}
	c.ctx, c.cancel = context.WithCancel(hard)
	c.readers.init(maxReaders, readerIdle, &c.wg)
	c.listings.init(maxListings, listingIdle, &c.wg)
	c.listings.shared, c.listings.holder = srv.listings, client.Holder
	c.skips.left = connSkipped
	c.activity.moved(0)
	return c
}

// run serves the connection to its end. It is among the server's logins until the
// client is logged in.
func (c *conn) run(login *listen.Login) {
	c.srv.observe.SessionStarted(c.ctx, c.client)
	var release func()
	c.accounts, release = c.srv.o.Auth.Acquire()
	defer release()
	defer c.cancel()
	defer func() { _ = c.raw.Close() }()
	stop := context.AfterFunc(c.ctx, func() { _ = c.raw.Close() })
	defer stop()

	c.wg.Go(c.watch)
	channels, requests, err := c.login(login)
	login.Leave()
	if err == nil {
		c.wg.Go(func() { ssh.DiscardRequests(requests) })
		c.wg.Go(c.keepAlive)
		for nc := range channels {
			c.accept(nc)
		}
	}
	close(c.lost)
	c.wg.Wait()
	reason := c.endReason()
	if err != nil {
		reason = cmp.Or(reason, sessions.EndNoLogin)
	}
	c.srv.observe.SessionEnded(c.ctx, c.client, reason)
}

// login makes the connection an SSH connection of somebody.
func (c *conn) login(login *listen.Login) (<-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	now := time.Now()
	until := now.Add(c.srv.o.LoginTimeout)
	ctx, cancel := context.WithDeadline(c.ctx, until)
	defer cancel()
	// begun is called when the client is known to be one.
	begun := func() {
		_ = c.raw.SetDeadline(until)
		login.Begun()
	}
	soon := now.Add(min(c.srv.o.GreetingTimeout, c.srv.o.LoginTimeout))
	_ = c.raw.SetDeadline(soon)
	config := c.config()
	opened, understood := c.begin(config, soon)
	if understood {
		begun()
	}
	keys := &agreeing{Conn: opened, ctx: ctx, slots: c.srv.exchanges}
	defer keys.done()
	config.PreAuthConnCallback = func(ssh.ServerPreAuthConn) {
		keys.done()
		begun()
	}
	sc, channels, requests, err := ssh.NewServerConn(keys, config)
	if err != nil {
		level := slog.LevelInfo
		if !c.raw.heard.Load() {
			level = slog.LevelDebug // a load balancer that looks whether we are there
		}
		c.log.Log(c.ctx, level, "connection ended before the login", "err", err)
		return nil, nil, err
	}
	_ = c.raw.SetDeadline(time.Time{})
	who := sc.Permissions.ExtraData[admittedKey{}].(admitted)
	c.account = who.account
	c.view = c.account.User.View.Observed(c.srv.observe.Operation)
	c.mu.Lock()
	c.ssh = sc
	c.mu.Unlock()
	c.activity.moved(0)
	attrs := append(who.by, slog.String("client", string(sc.ClientVersion())))
	if a, ok := sc.Conn.(ssh.AlgorithmsConnMetadata); ok {
		negotiated := a.Algorithms()
		attrs = append(attrs, slog.String("kex", negotiated.KeyExchange), slog.String("cipher", negotiated.Read.Cipher))
	}
	c.srv.observe.LoggedIn(c.ctx, c.client, sessions.User{Tenant: c.account.Tenant, Name: c.account.Name}, attrs...)
	c.log = c.srv.observe.Logger(c.client)
	return channels, requests, nil
}

// watch ends the connection when it is idle or dead, and when the server goes
// down and nothing is open.
func (c *conn) watch() {
	draining := c.srv.draining
	timer := time.NewTimer(min(c.srv.o.IdleTimeout, c.srv.o.DeadAfter))
	defer timer.Stop()
	for {
		select {
		case <-c.lost:
			return
		case <-draining:
			draining = nil
			c.settle()
		case <-timer.C:
			wait, why := c.idleIn(time.Now())
			if why != "" {
				c.end(why)
				wait = c.srv.o.IdleTimeout
			}
			timer.Reset(wait)
		}
	}
}

// idleIn returns when to look again, or why the connection has idled for too long.
func (c *conn) idleIn(now time.Time) (wait time.Duration, why string) {
	limit := c.srv.o.IdleTimeout
	for _, s := range c.all() {
		if since := s.out.writingSince(); !since.IsZero() && now.Sub(since) >= limit {
			return 0, "client does not read"
		}
	}
	c.mu.Lock()
	loggedIn := c.ssh != nil
	c.mu.Unlock()
	wait, alive := c.activity.timeLeft(now, limit, c.srv.o.DeadAfter, c.raw.paused())
	switch {
	case !loggedIn: // the login has a limit of its own
		return min(limit, alive), ""
	case alive <= 0:
		return 0, "client is dead"
	case wait <= 0:
		return 0, sessions.EndIdle
	}
	return min(wait, alive), ""
}

// keepAlive asks the client whether it is there; it is silent otherwise during
// a long wait for the store. Its own keep-alives are answered like every request
// that nobody knows, which is an answer; they are no use of the connection.
func (c *conn) keepAlive() {
	ticker := time.NewTicker(c.srv.o.KeepAlive)
	defer ticker.Stop()
	for {
		select {
		case <-c.lost:
			return
		case <-ticker.C:
			c.activity.ask(time.Now())
			if _, _, err := c.ssh.SendRequest("keepalive@openssh.com", true, nil); err != nil {
				return
			}
			c.activity.ask(time.Time{})
		}
	}
}

// moved notes that bytes of SFTP moved, and how many requests came (or, below 0,
// were answered).
func (c *conn) moved(requests int) {
	c.activity.moved(requests)
	if requests < 0 {
		c.settle()
	}
}

// reserve counts one more file or directory that is open, and returns why there can
// be no more.
func (c *conn) reserve() error {
	switch {
	case c.srv.isDraining():
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "server is going down"}
	case !c.activity.open(maxOpen):
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "too many open files"}
	}
	return nil
}

// release takes back what reserve counted.
func (c *conn) release() { c.activity.close() }

// settle ends the connection when the server goes down and the client has got
// all that it asked for.
func (c *conn) settle() {
	if !c.srv.isDraining() {
		return
	}
	if !c.activity.busy() {
		c.end(sessions.EndShutdown)
	}
}

// end closes all channels, and the connection when the client has closed them
// too, so that it gets what was written before.
func (c *conn) end(why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending != "" {
		return
	}
	c.ending = why
	c.raw.end()
	_ = c.raw.SetDeadline(time.Now().Add(partingTime))
	for s := range c.sessions {
		// Closing may block where the client does not read.
		c.wg.Go(s.hangUp)
	}
	if len(c.sessions) == 0 {
		_ = c.raw.Close()
	}
}

func (c *conn) endReason() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ending == "" && c.ctx.Err() != nil {
		return sessions.EndShutdown
	}
	return c.ending
}

// admits reports whether one more channel may be opened.
func (c *conn) admits() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ending == "" && len(c.sessions) < maxChannels
}

// all returns the channels.
func (c *conn) all() []*session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.sessions))
}

func (c *conn) add(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sessions[s] = struct{}{}
	c.raw.opened(1)
	if c.ending != "" {
		c.wg.Go(s.hangUp)
	}
}

func (c *conn) remove(s *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.sessions, s)
	c.raw.opened(-1)
	if c.ending != "" && len(c.sessions) == 0 {
		_ = c.raw.Close()
	}
}

// peer is the client's address.
func (c *conn) peer() netip.Addr { return listen.AddrOf(c.raw) }
