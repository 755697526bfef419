package ftp

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tidegate/tidegate/frontends"
	"github.com/tidegate/tidegate/frontends/ftp/passive"
	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/vfs"
)

const (
	// writeTimeout bounds one reply to a client that does not read.
	writeTimeout = time.Minute
	// partingTime is what a client gets to take the last reply when the
	// session is ended by force.
	partingTime      = 2 * time.Second
	handshakeTimeout = 15 * time.Second
	// maxHeld bounds the lines that a client may send ahead, in bytes. A client that
	// sends a PWD every half a minute reaches it after seven hours of one transfer.
	maxHeld = 64 << 10
	// maxBadCommands ends connections that speak something else, and
	// maxEarlyCommands those that say much and do not log in.
	maxBadCommands   = 10
	maxEarlyCommands = 100
)

// session is one control connection. Fields without a lock belong to the
// library's command goroutine, on which the filter runs.
type session struct {
	srv *Server
	// log says who the user is once that is known; wireLog never does, so
	// that the reader may use it at any time.
	log     *slog.Logger
	wireLog *slog.Logger
	// ctx ends with the session, or by force at the end of the grace period.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	raw net.Conn
	// place is the session's among those that have not logged in, nil for one that
	// is turned away.
	place *listen.Login
	// ear is raw as the reader reads it.
	ear *ear
	// wire guards conn, which is raw or TLS over it, for writing.
	wire sync.Mutex
	conn net.Conn

	lib *libraryConn
	// lines come from the reader; it closes the channel at the end of the
	// connection, after gone has ended.
	lines chan line
	// gone ends when the control connection has ended.
	gone context.Context
	left context.CancelFunc
	// quit is true when the last line read was QUIT: the end of the connection
	// is in order then (RFC 959, 4.1.1: an unexpected close is an ABOR, a QUIT
	// waits for the transfer).
	quit atomic.Bool
	pace pace
	// receipt is when an upload was committed last, in Unix nanoseconds.
	receipt atomic.Int64
	pending []line
	// held is what pending costs.
	held int
	// bad counts lines that are no commands, early all lines, both before the
	// login, which is due at loginBy.
	bad, early int
	loginBy    time.Time

	// ending says why we end the session, "" when we do not.
	ending string
	// failures counts wrong passwords.
	failures int
	// greeted is true when the client has its greeting. again is set when the
	// library is to go and another one goes on: after a wrong password, and
	// after REIN.
	greeted bool
	again   bool
	account *auth.Account
	view    *vfs.View
	// cwd asks the library for its working directory.
	cwd func() string

	tag tag
	// resumption is what is known of the client's use of tickets with the tag.
	resumption resumption
	secure     bool // the control connection speaks TLS
	pbsz       bool // PBSZ was sent, which PROT needs
	protect    bool // PROT P
	// binary is true in TYPE I.
	binary bool
	// rest and allo are what REST and ALLO said of the next transfer, renaming
	// is true between RNFR and RNTO. They do not outlive what they are for: see
	// forget.
	rest, allo int64
	renaming   bool
	epsvAll    bool
	// utf8 is true when the client asked for UTF-8.
	utf8 bool
	// hash is the algorithm of HASH, facts are those of MLSD and MLST.
	hash  string
	facts []string
	offer *passive.Offer
	// told is the address and port that the client was told of it.
	told string
	// active is set by PORT and EPRT: where the next data connection goes.
	active *dial

	// cmd is the command that the library executes, arg its argument, opErr
	// what its driver said to it.
	cmd   *command
	arg   string
	opErr error
	// written is the path in the command's argument, as the client wrote it.
	written string
	// renameFrom is the path of RNFR as the client wrote it, renameVersion the
	// version of the file that was there.
	renameFrom    string
	renameVersion string
	transfer      *transfer
	// queued is what the library shall see of the transfer: the lines that
	// follow the EPSV in front of them.
	queued []string
}

func newSession(hard context.Context, srv *Server, c net.Conn) *session {
	s := &session{
		srv:    srv,
		tag:    newTag(),
		binary: true,
		hash:   algorithms()[0].name,
		facts:  usualFacts(),
		raw:    c,
		ear:    newEar(c),
		lines:  make(chan line),
		log:    srv.o.Log.With("session", rand.Text()[:10], "proto", "ftp", "remote", c.RemoteAddr().String()),
		cwd:    func() string { return "/" },
	}
	s.wireLog = s.log
	s.conn = s.ear
	s.loginBy = time.Now().Add(srv.o.LoginTimeout)
	s.ctx, s.cancel = context.WithCancel(hard)
	s.gone, s.left = context.WithCancel(context.Background())
	s.lib = newLibraryConn(s)
	return s
}

// run serves the session to its end.
func (s *session) run() {
	defer func() { _ = s.raw.Close() }()
	defer s.cancel()
	stop := context.AfterFunc(s.ctx, func() { _ = s.raw.SetDeadline(time.Now().Add(partingTime)) })
	defer stop()
	begun := time.Now()
	s.srv.tally.Session(s.log)
	if s.srv.o.TLSMode == TLSImplicit {
		if err := s.startTLS(); err != nil {
			s.logHandshake(err)
			frontends.LogEnd(s.log, begun, "TLS handshake failed")
			return
		}
		s.pbsz, s.protect = true, true
	}
	s.start(s.read)
	if err := s.serveLibrary(); err != nil {
		s.log.Error("cannot start the session", "err", err)
	}
	switch {
	case s.ending != "":
	case s.ctx.Err() != nil && s.srv.draining.Err() != nil:
		s.ending = frontends.EndShutdown
	case !s.loggedIn():
		s.ending = frontends.EndNoLogin
	}
	s.srv.directory.leave(s.tag)
	s.withdraw()
	s.cancel()
	s.hangUp()
	s.wg.Wait()
	frontends.LogEnd(s.log, begun, s.ending)
}

// start runs f on a goroutine that the session waits for.
func (s *session) start(f func()) {
	s.wg.Go(func() {
		defer s.contain()
		f()
	})
}

// collapse ends the session because of a panic on the filter's goroutine. What it
// returns is the end of the library's connection.
func (s *session) collapse(r any) error {
	err := s.panicked(r)
	if s.transfer != nil {
		s.transfer.abandon(err)
	}
	return io.EOF
}

// contain ends the session, and nothing else, because of a panic.
func (s *session) contain() {
	if r := recover(); r != nil {
		_ = s.panicked(r)
		s.cancel()
		_ = s.raw.Close()
	}
}

// startTLS replaces the control connection by TLS over it.
func (s *session) startTLS() error {
	ctx, cancel := context.WithTimeout(s.ctx, min(handshakeTimeout, time.Until(s.loginBy)))
	defer cancel()
	c := tls.Server(s.ear, s.tickets().control(s.resumption.ticketed))
	if err := c.HandshakeContext(ctx); err != nil {
		return err
	}
	s.wire.Lock()
	s.conn = c
	s.wire.Unlock()
	s.secure = true
	return nil
}

// logHandshake writes the line for a handshake that failed. A client that does not
// trust the certificate says so in clear where we expect a protected record, which
// crypto/tls reports as a bad one (golang/go #76767).
func (s *session) logHandshake(err error) {
	attrs := []any{"err", err}
	if local, ok := errors.AsType[*net.OpError](err); ok && local.Op == "local error" && local.Err.Error() == "tls: bad record MAC" {
		attrs = append(attrs, "hint", "the client ended the handshake: it probably does not trust the certificate")
	}
	s.log.Info("TLS handshake failed", attrs...)
}

func (s *session) tickets() tickets { return tickets{s.srv.o.TLS, s.tag} }

// read is the reader goroutine: it sees every line, ABOR and the end of the
// connection also while a transfer runs.
func (s *session) read() {
	defer close(s.lines)
	defer s.left()
	defer s.notePassing()
	r := newLineReader(s.conn)
	for {
		text, err := r.next()
		l := parseLine(text)
		switch {
		case errors.Is(err, errLineTooLong):
			l.tooLong = true
		case err != nil:
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
				s.wireLog.Debug("control connection broke", "err", err)
			}
			return
		}
		s.pace.command()
		s.quit.Store(l.verb == "QUIT")
		if l.verb == "AUTH" {
			l.resume = make(chan struct{})
		}
		s.ear.took()
		select {
		case s.lines <- l:
		case <-s.ctx.Done():
			return
		}
		if l.resume == nil {
			continue
		}
		select {
		case <-l.resume:
			// What was sent in clear behind AUTH is not for the TLS session
			// (CVE-2011-0411): the buffer goes.
			r.Reset(s.conn)
		case <-s.ctx.Done():
			return
		}
	}
}

// reply sends one reply, whose text may have several lines.
func (s *session) reply(code int, text string) {
	first, more, several := strings.Cut(text, "\n")
	if !several {
		s.send(fmt.Sprintf("%d %s\r\n", code, text))
		return
	}
	between := strings.Split(more, "\n")
	last := len(between) - 1
	s.replyLines(code, first, between[:last], between[last])
}

// replyLines sends a reply of several lines (RFC 959, 4.2): first and last
// carry the code, those between start with a space.
func (s *session) replyLines(code int, first string, between []string, last string) {
	text := fmt.Sprintf("%d-%s\r\n", code, first)
	for _, l := range between {
		text += " " + l + "\r\n"
	}
	s.send(text + fmt.Sprintf("%d %s\r\n", code, last))
}

// send sends a whole reply. Every text that goes to the client passes here, and
// becomes the client's character set.
func (s *session) send(text string) {
	text = s.encoded(text)
	s.wire.Lock()
	defer s.wire.Unlock()
	limit := writeTimeout
	switch {
	case s.ctx.Err() != nil:
		limit = partingTime
	case !s.loggedIn():
		limit = min(limit, max(time.Until(s.loginBy), partingTime))
	}
	_ = s.conn.SetWriteDeadline(time.Now().Add(limit))
	if _, err := io.WriteString(s.conn, text); err != nil {
		// The reader sees the broken connection too, and ends the session.
		s.log.Debug("cannot send a reply", "err", err)
		_ = s.raw.Close()
	}
	s.pace.reply()
}

// hangUp closes the control connection, with TLS's own goodbye.
func (s *session) hangUp() {
	s.wire.Lock()
	defer s.wire.Unlock()
	_ = s.conn.Close()
	_ = s.raw.Close()
}

// peer is the client's address.
func (s *session) peer() netip.Addr { return listen.AddrOf(s.raw) }
