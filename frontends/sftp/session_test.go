package sftp_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"

	sftplib "github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/tidegate/tidegate/backends/memory"
	"github.com/tidegate/tidegate/frontends/frontendtest"
	"github.com/tidegate/tidegate/frontends/frontendtest/sftptest"
	"github.com/tidegate/tidegate/frontends/sftp/sftpclient"
	"github.com/tidegate/tidegate/frontends/sftp/wire"
	"github.com/tidegate/tidegate/vfs"
)

// Keys are exchanged anew in the middle of transfers, in both directions.
func TestRekeying(t *testing.T) {
	server := frontendtest.Serve(t, sftptest.Target(config(t)))
	l := server.Login()
	cfg := clientConfig(l.User, ssh.Password(l.Password))
	cfg.RekeyThreshold = 256 << 10 // the least that the library takes
	conn, err := ssh.Dial("tcp", server.Addr(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c, err := sftplib.NewClient(conn)
	if err != nil {
		t.Fatal(err)
	}
	all := random(8 << 20)
	f, err := c.Create("/f")
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.ReadFrom(bytes.NewReader(all))
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	server.WantStored("/f", all)
	f, err = c.Open("/f")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, all) {
		t.Errorf("%d bytes that are not the %d stored, %v", len(got), len(all), err)
	}
}

// Several files of one channel, and several channels, are written at once. The
// library's client sends WRITEs of one file out of order.
func TestManyFilesAtOnce(t *testing.T) {
	server := frontendtest.Serve(t, sftptest.Target(config(t)))
	conn := dial(t, server)
	all := random(3 << 20)
	var wg sync.WaitGroup
	for _, channel := range []string{"/a", "/b", "/c"} {
		c, err := sftplib.NewClient(conn, sftplib.UseConcurrentWrites(true))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for _, name := range []string{"1", "2", "3"} {
			wg.Go(func() {
				f, err := c.Create(channel + name)
				if err != nil {
					t.Error(err)
					return
				}
				_, err = f.ReadFromWithConcurrency(bytes.NewReader(all), 8)
				if err := errors.Join(err, f.Close()); err != nil {
					t.Errorf("%s: %v", channel+name, err)
				}
			})
		}
	}
	wg.Wait()
	for _, name := range []string{"/a1", "/a2", "/a3", "/b1", "/b2", "/b3", "/c1", "/c2", "/c3"} {
		server.WantStored(name, all)
	}
}

// slowStore commits what is called slow when the test lets it.
type slowStore struct {
	vfs.Backend
	once             sync.Once
	commits, release chan struct{}
}

func newSlowStore() *slowStore {
	return &slowStore{Backend: memory.New(), commits: make(chan struct{}), release: make(chan struct{})}
}

func (s *slowStore) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	w, err := s.Backend.Create(ctx, p, o)
	if err == nil && p.Base() == "slow" {
		w = &slowWriter{w, s}
	}
	return w, err
}

type slowWriter struct {
	vfs.Writer
	s *slowStore
}

func (w *slowWriter) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.s.once.Do(func() { close(w.s.commits) })
	select {
	case <-w.s.release:
	case <-ctx.Done():
	}
	return w.Writer.Commit(ctx, o)
}

// startSlow starts a conversation in which the CLOSE of /slow has been sent and
// the store commits it.
func startSlow(t *testing.T) (c *talk, store *slowStore, closeID uint32) {
	t.Helper()
	store = newSlowStore()
	cfg := config(t)
	cfg.Backend = func(*testing.T) vfs.Backend { return store }
	c = talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
	h := c.open("/slow", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, h, 0, "abc")
	closeID, err := c.Request(wire.TypeClose, h)
	if err != nil {
		t.Fatal(err)
	}
	<-store.commits
	return c, store, closeID
}

// A slow commit holds up nothing but what is about its path.
func TestSlowCommit(t *testing.T) {
	c, store, closeID := startSlow(t)
	other := c.open("/other", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
	c.write(codeOK, other, 0, "abc")
	c.close(codeOK, other)
	renameID, err := c.Request(wire.TypeRename, join(sftpclient.String("/slow"), sftpclient.String("/done")))
	if err != nil {
		t.Fatal(err)
	}
	close(store.release)
	for _, id := range []uint32{closeID, renameID} {
		p, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if code, text := p.Status(); p.ID != id || code != codeOK {
			t.Errorf("answer to %d: %d %s, want OK to %d", p.ID, code, text, id)
		}
	}
	c.server.WantStored("/done", []byte("abc"))
}

// A client that leaves after its CLOSE has said that this was all.
func TestLeftAfterClose(t *testing.T) {
	c, store, _ := startSlow(t)
	_ = c.ssh.Close()
	_ = c.ssh.Wait()
	close(store.release)
	if commits := c.server.AwaitUploads(1); commits != 1 {
		t.Errorf("%d commits, want 1", commits)
	}
	c.server.WantStored("/slow", []byte("abc"))
}

// lines collects a log.
type lines struct {
	mu  sync.Mutex
	all strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

// about returns the lines with a text.
func (l *lines) about(text string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.all.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// talkLogged is startTalk with a server that logs to log.
func talkLogged(t *testing.T, log *lines) *talk {
	t.Helper()
	cfg := config(t)
	start := cfg.Start
	cfg.Start = func(t *testing.T, o frontendtest.ServerOptions) frontendServer {
		o.Log = slog.New(slog.NewTextHandler(log, nil))
		return start(t, o)
	}
	return talkTo(t, frontendtest.Serve(t, sftptest.Target(cfg)))
}

// A file that an fsync has stored was not aborted when its client leaves without a CLOSE, but
// for what came after the fsync.
func TestLostAfterFsync(t *testing.T) {
	for more, aborted := range map[string]int{"": 0, "more": 1} {
		log := &lines{}
		t.Run("more "+more, func(t *testing.T) { // the server has stopped at its end
			c := talkLogged(t, log)
			h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
			c.write(codeOK, h, 0, "abc")
			c.sync(codeOK, h)
			if more != "" {
				c.write(codeOK, h, 3, more)
			}
			_ = c.ssh.Close()
			c.server.AwaitUploads(1)
			c.server.WantStored("/f", []byte("abc"))
		})
		if found := log.about("upload aborted"); len(found) != aborted || len(log.about("session ended")) != 1 {
			t.Errorf("with %q after the fsync, the log says %q", more, found)
		}
	}
}

// One warning says why an upload was abandoned, and how much had come.
func TestAbandonedUploadsAreLogged(t *testing.T) {
	tests := []struct {
		name string
		end  func(t *talk, handle []byte)
		want string
	}{
		{"lost", func(t *talk, _ []byte) { _ = t.ssh.Close() }, "connection ended before the file was closed"},
		{"hole", func(t *talk, h []byte) {
			t.write(codeOK, h, 10, "x")
			t.close(codeFailure, h)
		}, "file has a hole that was never written"},
		{"refused", func(t *talk, h []byte) {
			t.write(codeUnsupported, h, 0, "x")
			t.close(codeUnsupported, h)
		}, "what was written cannot be written again"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			log := &lines{}
			c := talkLogged(t, log)
			h := c.open("/f", wire.OpenWrite|wire.OpenCreate|wire.OpenTruncate)
			c.write(codeOK, h, 0, "abc")
			test.end(c, h)
			if commits := c.server.AwaitUploads(1); commits != 0 {
				t.Error("the upload was committed")
			}
			// The line comes before the writer ends.
			found := log.about("upload aborted")
			if len(found) != 1 || !strings.Contains(found[0], test.want) || !strings.Contains(found[0], "path=/f") {
				t.Errorf("the log says %q, want one line with %q", found, test.want)
			}
		})
	}
}
