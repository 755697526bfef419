package sftp

import (
	"context"
	"net"
	"runtime/debug"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/auth"
	sessions "github.com/tidegate/tidegate/internal/session"
)

// newConn returns the connection of a client. hard has its session.
func newConn(hard context.Context, srv *Server, raw net.Conn) *conn {
	client := sessions.From(hard)
	c := &conn{
		srv:      srv,
		settings: srv.current.Load(),
		client:   client,
		raw:      newSocket(raw, srv.receiveLimit, &srv.buffers),
		log:      srv.observe.Logger(client),
		lost:     make(chan struct{}),
		channels: map[channel]struct{}{},
		entered:  make(chan *auth.Account, 1),
	}
	c.ctx, c.cancel = context.WithCancel(hard)
	panicked := func(r any) {
		c.log.Error("panic, the session ends", "panic", r, "stack", string(debug.Stack()))
		c.end("panic")
	}
	c.readers = streams.New(streams.Options{
		Most: maxReaders, Idle: readerIdle, Own: readerIdle, Shared: srv.readers, Holder: client.Holder, Calls: &c.wg, Panicked: panicked,
	})
	c.listings = streams.New(streams.ForListings(streams.Options{
		Most: maxListings, Shared: srv.listings, Holder: client.Holder, Calls: &c.wg, Panicked: panicked, Memory: srv.o.Memory.Buffers,
	}))
	c.looking = quota{own: ownLooking, most: maxLooking, batch: lookingBatch, shared: srv.looking}
	c.answers = quota{own: ownAnswers, most: maxAnswers, batch: answersBatch, shared: srv.answers}
	c.copies = quota{own: ownCopies, most: maxCopies, batch: copiesBatch, shared: srv.copies}
	c.looking.init(client.Holder)
	c.copies.init(client.Holder)
	c.answers.init(client.Holder)
	c.skips.left, c.skips.lease = connSkipped, srv.o.Memory.Buffers.Open()
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
	c.skips.lease.Close()
	if c.leave != nil {
		c.leave()
	}
	c.report(err)
}

// watch ends the connection when it is idle or dead, when an operator ends it, when the server goes down or the user
// was revoked and nothing is open, and at once where the user's sessions end at once.
func (c *conn) watch() {
	draining, kicked := c.srv.draining, c.client.Kicked()
	var revoked, revokedNow <-chan struct{} // nil before the login
	timer := time.NewTimer(min(c.settings.IdleTimeout, c.settings.DeadAfter))
	defer timer.Stop()
	for {
		select {
		case <-c.lost:
			return
		case <-draining:
			draining = nil
			c.settle()
		case <-kicked:
			kicked = nil
			c.end(sessions.EndKicked)
			c.cancel()
		case account := <-c.entered:
			revoked, revokedNow = account.User.Revoked(), account.User.RevokedNow()
		case <-revoked:
			revoked = nil
			c.yield()
		case <-revokedNow:
			revokedNow = nil
			c.yield()
			c.drop()
		case <-timer.C:
			wait, why := c.idleIn(time.Now())
			if why != "" {
				c.end(why)
				wait = c.settings.IdleTimeout
			}
			timer.Reset(wait)
		}
	}
}

// idleIn returns when to look again, or why the connection has idled for too long.
func (c *conn) idleIn(now time.Time) (wait time.Duration, why string) {
	limit := c.settings.IdleTimeout
	for _, ch := range c.all() {
		if since := ch.writingSince(); !since.IsZero() && now.Sub(since) >= limit {
			return 0, "client does not read"
		}
	}
	c.mu.Lock()
	loggedIn := c.ssh != nil
	c.mu.Unlock()
	wait, alive := c.activity.timeLeft(now, limit, c.settings.DeadAfter, c.raw.paused())
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

// keepAlive sends keep-alives to the client, because a client sends nothing during a long wait
// for the store. Keep-alives of the client get the answer that every unknown request gets, and
// do not count as activity.
func (c *conn) keepAlive() {
	ticker := time.NewTicker(c.settings.KeepAlive)
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
