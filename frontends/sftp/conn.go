package sftp

import (
	"context"
	"log/slog"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/listen"
	"github.com/tidegate/tidegate/frontends/streams"
	"github.com/tidegate/tidegate/internal/auth"
	"github.com/tidegate/tidegate/internal/observe"
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

// channel is what a connection has to know of a channel.
type channel interface {
	// hangUp closes the channel in the middle of something. It may block while the
	// client does not read.
	hangUp()
	// writingSince returns when the write to the client began that is running, or zero.
	writingSince() time.Time
}

// conn is one SSH connection.
type conn struct {
	srv *Server
	// settings are those that were in force when the connection was accepted.
	settings *settings
	// client is the session as the rest of the process knows it. ctx has it.
	client *sessions.Session
	log    *slog.Logger
	// ctx ends with the connection, when all its channels have ended, or by force: at the end
	// of the grace period, or when an operator or a reload ends the session at once.
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	// loggingIn ends at the end of the time for the login, or when the client leaves.
	loggingIn context.Context

	raw *socket
	ssh *ssh.ServerConn
	// lost is closed when the connection has ended.
	lost chan struct{}

	// samples is how many files were opened in a row without a long stretch of any
	// being read.
	samples atomic.Int32
	// readers and listings are what is open at the store for the handles of all
	// channels, skips what downloads may keep that was not asked for.
	readers, listings *streams.Group
	skips             budget
	// refusedChannel is true after a channel was refused because of memory. Only the
	// first one is logged.
	refusedChannel bool
	// looking counts the goroutines that answer requests about names, answers the buffers for
	// answers, and copies the copies from file to file, each for all channels together.
	looking, answers, copies quota

	// wrongPasswords counts them, before the login.
	wrongPasswords int
	// failure is why the client has not logged in, as far as is known. keys are the keys
	// that were refused: see login_refused.go.
	failure observe.Failure
	keys    refusedKeys
	// notSSH is true for a client that speaks another protocol, understood for one that has
	// said what it offers, exchanged after the key exchange.
	notSSH, understood, exchanged bool
	// accounts are those of the configuration that is in force when the connection
	// begins.
	accounts *auth.Authenticator
	account  *auth.Account
	view     *vfs.View
	// leave ends what the connection counts among those of its user. tooMany is why it
	// does not count: each channel is refused with it.
	leave   func()
	tooMany error

	activity activity
	// entered gets the account at the login. leaving is true when its user was revoked.
	entered chan *auth.Account
	leaving atomic.Bool

	// No lock of a channel is taken while mu is held.
	mu sync.Mutex
	// channels are those that are open.
	channels map[channel]struct{}
	// uploads counts those that are open.
	uploads int
	// ending says why we end the connection, "" when we do not.
	ending string
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
// be no more: for the connection, or for its user or tenant.
func (c *conn) reserve() error {
	if c.srv.isDraining() {
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "server is going down"}
	}
	if c.revoked() {
		return errLeaving
	}
	place, err := c.srv.handles.TryAcquire(c.client.Holder(), 1)
	if err != nil || !c.activity.open(maxOpen, place) {
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "too many open files"}
	}
	return nil
}

// release takes back what reserve counted.
func (c *conn) release() { c.activity.close() }

// uploadOpened counts one more upload. A connection that has any may send much that is
// not taken at once.
func (c *conn) uploadOpened() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.uploads++; c.uploads == 1 {
		c.srv.uploading.Add(1)
		c.srv.intake.Take(leastReceive)
	}
}

func (c *conn) uploadClosed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.uploads--; c.uploads == 0 {
		c.srv.uploading.Add(-1)
		c.srv.intake.Release(leastReceive)
	}
}

// settle ends the connection when the server goes down, or the user was revoked, and the
// client has got all that it asked for.
func (c *conn) settle() {
	leaving := c.leaving.Load()
	switch {
	case !leaving && !c.srv.isDraining() || c.activity.busy():
	case leaving:
		c.end(c.account.User.WhyRevoked())
	default:
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
	for ch := range c.channels {
		c.wg.Go(ch.hangUp)
	}
	if len(c.channels) == 0 {
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
	return c.ending == "" && len(c.channels) < maxChannels
}

// all returns the channels.
func (c *conn) all() []channel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.channels))
}

func (c *conn) add(ch channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.channels[ch] = struct{}{}
	c.raw.opened(1)
	if c.ending != "" {
		c.wg.Go(ch.hangUp)
	}
}

func (c *conn) remove(ch channel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.channels, ch)
	c.raw.opened(-1)
	if c.ending != "" && len(c.channels) == 0 {
		_ = c.raw.Close()
	}
}

// peer is the client's address.
func (c *conn) peer() netip.Addr { return listen.AddrOf(c.raw) }
