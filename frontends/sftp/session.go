package sftp

import (
	"context"
	"runtime/debug"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/memory"
)

// session is one channel of a connection.
type session struct {
	conn    *conn
	channel ssh.Channel
	in      *wire.Reader
	work
	leave context.CancelFunc // ends looking

	// names answers what is not about a handle.
	names nameQueue
	// ordered is what is left of the window of out-of-order writes, early the memory
	// that they have.
	ordered budget
	early   *memory.Lease
	// place is the memory of the channel itself, if it is not the first one.
	place *memory.Lease

	handles handles
}

// exit ends the channel as a command does that is over.
func (s *session) exit(status uint32) {
	_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
	_ = s.channel.Close()
}

// hangUp closes the channel in the middle of something.
func (s *session) hangUp() { _ = s.channel.Close() }

// lostReason is why a channel ended without a CLOSE.
func (s *session) lostReason() error {
	switch {
	case s.conn.ctx.Err() != nil:
		return s.conn.forced()
	case s.conn.endReason() == "idle":
		return errIdle
	}
	return errLost
}

// panicked ends the session.
func (s *session) panicked(r any) {
	s.conn.log.Error("panic, the session ends", "panic", r, "stack", string(debug.Stack()))
	s.conn.wg.Go(s.hangUp)
}

func (s *session) writingSince() time.Time { return s.out.writingSince() }
