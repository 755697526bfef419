package sftp

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/frontends/sftp/reorder"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/internal/memory"
	"github.com/tidegate/tidegate/vfs"
)

const onlySFTP = "This service allows sftp connections only.\n"

func newSession(c *conn, channel ssh.Channel) *session {
	s := &session{
		conn: c, channel: channel,
		work: work{
			out:     outbox{w: channel, socket: c.raw, answered: func(n int) { c.moved(-n) }, trace: c.traceAnswers},
			buffers: &c.srv.buffers, moved: c.moved, answers: &c.answers,
			backlog: quota{own: ownBacklog, most: maxBacklog, batch: backlogBatch, shared: c.srv.queued, memory: c.srv.queuedBytes},
		},
		ordered: budget{left: reorder.Window},
		early:   c.srv.o.Memory.Writes.Open(),
		handles: handles{byName: map[string]handle{}, files: map[vfs.Path][]openFile{}},
	}
	s.in = wire.NewReader(channelReader{s}, receiveBuffers{&c.srv.buffers})
	s.looking, s.leave = context.WithCancel(c.ctx)
	s.work.panicked, s.work.replied = s.panicked, s.replied
	s.names.init(&s.work, &c.looking, c.view.Home(), s.answerName)
	s.backlog.init(c.client.Holder)
	return s
}

// accept serves a channel that the client opens.
func (c *conn) accept(nc ssh.NewChannel) {
	if nc.ChannelType() != "session" {
		_ = nc.Reject(ssh.Prohibited, "forwarding is not offered, only SFTP")
		return
	}
	if c.tooMany != nil {
		_ = nc.Reject(ssh.ResourceShortage, vfs.ReasonOf(c.tooMany))
		// The client gets a moment to read it.
		_ = c.raw.SetDeadline(time.Now().Add(partingTime))
		return
	}
	if !c.admits() {
		_ = nc.Reject(ssh.ResourceShortage, "too many channels, or the server is going down")
		return
	}
	place := c.srv.o.Memory.Sessions.Open()
	if len(c.all()) > 0 && !place.TryAcquire(memory.ChannelSFTP) {
		place.Close()
		if !c.refusedChannel {
			c.refusedChannel = true
			c.log.Warn("channel refused", "reason", "no memory for more sessions", "setting", "transfers.memory")
		}
		_ = nc.Reject(ssh.ResourceShortage, "no memory for more channels")
		return
	}
	channel, requests, err := nc.Accept()
	if err != nil {
		place.Close()
		return
	}
	s := newSession(c, channel)
	s.place = place
	c.add(s)
	c.wg.Go(func() {
		defer c.remove(s)
		s.run(requests)
	})
}

// run answers the requests on the channel until the client has closed it.
func (s *session) run(requests <-chan *ssh.Request) {
	defer s.leave()
	first, begin := make(chan struct{}), make(chan func(), 1)
	var serving sync.WaitGroup
	serving.Go(func() { s.receive(first, begin) })
	started := false
	handle := func(req *ssh.Request) {
		// The name of a subsystem, or a command.
		var body struct{ Name string }
		if req.Type == "subsystem" || req.Type == "exec" {
			_ = ssh.Unmarshal(req.Payload, &body) // "" is refused
		}
		switch {
		case req.Type == "subsystem" && !started && body.Name == "sftp":
			started = true
			_ = req.Reply(true, nil)
			begin <- s.serve
		case !started && (req.Type == "exec" || req.Type == "shell" || req.Type == "subsystem"):
			started = true
			s.conn.log.Info("refused: not SFTP", "request", req.Type)
			_ = req.Reply(req.Type != "subsystem", nil)
			// A client that does not read must not hold up its requests.
			serving.Go(func() { s.refuse(body.Name) })
			close(begin)
		default:
			_ = req.Reply(false, nil)
		}
	}
	for open := true; open; {
		select {
		case req, ok := <-requests:
			if open = ok; ok {
				handle(req)
			}
		case <-first:
			first = nil
			// What was asked before the first bytes is there already.
			for len(requests) > 0 {
				handle(<-requests)
			}
			if !started {
				started = true
				s.conn.log.Info("channel ended: data without a subsystem")
				serving.Go(s.hangUp)
				close(begin)
			}
		}
	}
	s.leave()
	serving.Wait()
	s.early.Close()
	s.place.Close()
}

// receive waits for the first bytes, and then calls what begin has. What comes while
// the channel serves nothing, or nothing any more, is read and dropped: SSH would keep
// 2 MiB of it.
func (s *session) receive(first chan<- struct{}, begin <-chan func()) {
	s.conn.raw.pause()
	defer s.conn.raw.resume()
	s.in.Await()
	close(first)
	var serve func()
	select {
	case serve = <-begin:
	case <-s.looking.Done():
		select {
		case serve = <-begin: // what was sent before the client left
		default:
		}
	}
	if serve != nil {
		serve()
	}
	s.in.Release()
	_, _ = io.Copy(io.Discard, s.channel)
}

// refuse ends the channel in the place of a command, which is "" for a shell.
func (s *session) refuse(command string) {
	if strings.HasPrefix(command, "scp ") {
		// A fatal error in scp's own words: libssh2, and curl with it, takes an end
		// without a word for success.
		_, _ = io.WriteString(s.channel, "\x02"+onlySFTP)
	} else {
		_, _ = io.WriteString(s.channel.Stderr(), onlySFTP)
	}
	s.exit(1)
}

// serve speaks SFTP until the client has said that this was all, or the
// connection is lost. What was asked before that is processed.
func (s *session) serve() {
	if err := s.read(); !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.conn.log.Debug("channel broke", "err", err)
	}
	_ = s.out.flush()
	s.in.Release()
	s.answering.Wait()
	for _, h := range s.handles.takeAll() {
		s.contained(h.drop)
	}
	// Without these a client waits for ever for the end of its own close.
	s.exit(0)
}

// channelReader is a channel as the session reads it: it notes what was taken.
type channelReader struct{ s *session }

// Read sends what was held back before it waits. Where it need not wait, this leaves
// with what the library says about the client's window when something is taken.
func (r channelReader) Read(b []byte) (int, error) {
	raw := r.s.conn.raw
	if raw.sure() {
		raw.cork()
		defer raw.uncork(false)
	}
	if err := r.s.out.flush(); err != nil {
		return 0, err
	}
	raw.resume()
	n, err := r.s.channel.Read(b)
	raw.pause()
	if n < len(b) {
		raw.consumedAll()
	} else {
		raw.consumed(n)
	}
	r.s.conn.moved(0)
	return n, err
}
