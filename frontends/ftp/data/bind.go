package data

import (
	"context"
	"errors"
	"time"

	"github.com/tidegate/tidegate/frontends/ftp/passive"
)

const (
	// connectTimeout is how long a client may take to connect and to finish
	// the TLS handshake.
	connectTimeout = 30 * time.Second
	// dismissTimeout is how long a data connection that is not needed any more
	// may take to arrive and to be closed in order.
	dismissTimeout = 5 * time.Second
)

// bind begins to bind the connection that from yields.
func (s *Session) bind(use Use, from source) *Conn {
	b := binding{s: s, log: s.log, user: s.user, use: use, from: from, advertised: s.advertised, needs: s.needed()}
	from.Claim(b.keep())
	b.ctx, b.cancel = context.WithTimeout(s.ctx, connectTimeout)
	c := &Conn{binding: b, bound: make(chan struct{}), began: time.Now()}
	s.start(c.bind)
	return c
}

func (c *Conn) bind() {
	defer close(c.bound)
	c.opened, c.err = c.find()
	c.until = time.Now()
	switch {
	case c.err == nil:
		c.s.shared.directory.late(c.s.tag, false)
	case errors.Is(c.err, passive.ErrNotTaken) || errors.Is(c.err, context.DeadlineExceeded):
		c.s.shared.directory.late(c.s.tag, true)
	}
}

// find returns the client's connection, or an Error.
func (b *binding) find() (opened, error) {
	if b.use.Protected {
		return b.secured()
	}
	conn, err := b.from.Accept(b.ctx)
	if err != nil {
		return opened{}, b.notOpened(err)
	}
	return opened{conn: conn}, nil
}

// dismiss waits for a connection that is not needed any more, because the
// command was refused, and closes it in order. Without the handshake, clients
// that have begun one take the close for a broken session; without the
// connection, the next session of that address would receive it.
func (c *Conn) dismiss() {
	late := time.NewTimer(dismissTimeout)
	defer late.Stop()
	select {
	case <-c.bound:
	case <-late.C:
	case <-c.s.ctx.Done():
	}
	c.end(true)
}

// Take begins to bind the next connection and returns it; nil when the client has not
// said where it comes from.
func (s *Session) Take(use Use) *Conn {
	var from source
	switch {
	case s.active != nil:
		from, s.active = s.active, nil
	case s.reserved != nil:
		from, s.reserved = s.reserved, nil
	default:
		return nil
	}
	return s.bind(use, from)
}

// Drop closes, in order, the connection that a command should have used which began no
// transfer: the client may have connected already. In active mode there is none.
func (s *Session) Drop(protected bool) {
	s.active = nil
	if c := s.Take(Use{Protected: protected}); c != nil {
		s.Dismiss(c)
	}
}

// Dismiss closes a connection that is not needed any more, in order and beside the
// session. The client may break off the handshake, before or after that is seen here.
func (s *Session) Dismiss(c *Conn) {
	s.resumption.forgotten()
	s.start(c.dismiss)
}
