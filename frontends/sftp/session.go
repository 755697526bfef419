package sftp

import (
	"context"
	"errors"
	"io"
	"runtime/debug"
	"sync"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/vfs"
)

const (
	// maxOpen is how many files and directories a channel may have open.
	maxOpen  = 128
	onlySFTP = "This service allows sftp connections only.\n"
)

// session is one channel of a connection. Its methods are called by the
// library's goroutines.
type session struct {
	*conn
	channel ssh.Channel
	filter  *filter
	// looking ends when the client has closed the channel: nobody wants an
	// answer any more. What changes something goes on under the connection's
	// ctx.
	looking context.Context
	leave   context.CancelFunc
	ordered budget
	commits *commits

	mu sync.Mutex
	// handles counts what is open. files has, for each path, what was opened
	// last: requests on a handle come with its path only.
	handles int
	files   map[vfs.Path]*file
}

// accept serves a channel that the client opens.
func (c *conn) accept(nc ssh.NewChannel) {
	if nc.ChannelType() != "session" {
		_ = nc.Reject(ssh.Prohibited, "forwarding is not offered, only SFTP")
		return
	}
	if !c.admits() {
		_ = nc.Reject(ssh.ResourceShortage, "too many channels, or the server is going down")
		return
	}
	channel, requests, err := nc.Accept()
	if err != nil {
		return
	}
	s := &session{conn: c, channel: channel, files: map[vfs.Path]*file{}, ordered: budget{left: window}, commits: newCommits()}
	s.looking, s.leave = context.WithCancel(c.ctx)
	s.filter = newFilter(s)
	c.add(s)
	c.wg.Go(func() {
		defer c.remove(s)
		s.run(requests)
	})
}

// run answers the requests on the channel until the client has closed it.
func (s *session) run(requests <-chan *ssh.Request) {
	defer s.leave()
	var serving sync.WaitGroup
	started := false
	for req := range requests {
		var body struct{ Name string }
		switch {
		case req.Type == "subsystem" && !started && ssh.Unmarshal(req.Payload, &body) == nil && body.Name == "sftp":
			started = true
			_ = req.Reply(true, nil)
			serving.Go(s.serve)
		case !started && (req.Type == "exec" || req.Type == "shell" || req.Type == "subsystem"):
			started = true
			s.log.Info("refused: not SFTP", "request", req.Type)
			_ = req.Reply(req.Type != "subsystem", nil)
			// A client that does not read must not hold up its requests.
			serving.Go(func() {
				_, _ = io.WriteString(s.channel.Stderr(), onlySFTP)
				s.exit(1)
			})
		default:
			_ = req.Reply(false, nil)
		}
	}
	s.leave()
	serving.Wait()
}

// serve speaks SFTP until the client has said that this was all, or the
// connection is lost.
func (s *session) serve() {
	server := sftplib.NewRequestServer(s.filter, sftplib.Handlers{
		FileGet: handlers{s}, FilePut: handlers{s}, FileCmd: handlers{s}, FileList: handlers{s},
	}, sftplib.WithStartDirectory(s.view.Home().String()))
	if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
		s.log.Debug("channel broke", "err", err)
	}
	s.commits.await(vfs.Path{})
	s.filter.forget()
	// Without these a client waits for ever for the end of its own close.
	s.exit(0)
}

// exit ends the channel as a command does that is over.
func (s *session) exit(status uint32) {
	_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{status}))
	_ = s.channel.Close()
}

// hangUp closes the channel in the middle of something.
func (s *session) hangUp() { _ = s.channel.Close() }

// guard turns a panic into an error and ends the session, as the library
// recovers from nothing.
func (s *session) guard(err *error) {
	if r := recover(); r != nil {
		s.log.Error("panic, the session ends", "panic", r, "stack", string(debug.Stack()))
		*err = statusOf(vfs.NewError(vfs.KindInternal, errors.New("panic")))
		s.wg.Go(s.hangUp)
	}
}

// track counts a handle and notes the file behind it, nil for a directory.
func (s *session) track(p vfs.Path, f *file) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.srv.isDraining():
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "server is going down"}
	case s.handles >= maxOpen:
		return &vfs.Error{Kind: vfs.KindBusy, Reason: "too many open files"}
	}
	s.handles++
	s.opened(1)
	if f != nil {
		s.files[p] = f
	}
	return nil
}

func (s *session) untrack(p vfs.Path, f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handles--
	s.opened(-1)
	if f != nil && s.files[p] == f {
		delete(s.files, p)
	}
}

// lookup returns the file that this session has open at p, nil when there is
// none.
func (s *session) lookup(p vfs.Path) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.files[p]
}
