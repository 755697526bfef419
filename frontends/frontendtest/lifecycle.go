package frontendtest

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

func lifecycleTests() []suiteTest {
	return []suiteTest{
		{"stop/idle sessions", testStopIdle},
		{"stop/upload within the grace", testStopWithin},
		{"stop/download within the grace", testStopDownload},
		{"stop/upload after the grace", testStopAfter},
		{"stop/store that hangs", testStopHanging},
		{"idle/session ends", testIdle},
		{"idle/slow store is not idle", testIdleStore},
		{"idle/slow client in a transfer", testIdleTransfer},
	}
}

// long is a time that no test waits for.
const long = time.Hour

// testStopIdle proves that idle sessions do not delay the stop, and that the server
// accepts no new sessions after it.
func testStopIdle(t *testing.T, target Target) {
	s := serve(t, target, setup{grace: long})
	c, other := s.login(), s.login()
	s.put(c, "/file", content(1, 10))
	s.wantNames(other, "/", "file")
	s.Stop()
	if _, err := c.List("/"); err == nil {
		t.Error("list after the stop: no error")
	}
	if _, err := s.dial(Login{ann, annPassword}); err == nil {
		t.Error("login after the stop: no error")
	}
}

// testStopWithin proves that a running upload can be completed within the grace
// period, and that the server stops when it has ended.
func testStopWithin(t *testing.T, target Target) {
	s := serve(t, target, setup{grace: long})
	c := s.login()
	data := content(1, 2<<20)
	u, err := c.Create("/file", CreateOptions{})
	s.ok(err, "upload")
	_, err = u.Write(data[:1000])
	s.ok(err, "upload")
	s.cancel()
	_, err = u.Write(data[1000:])
	s.ok(err, "upload after the stop")
	s.ok(u.Finish(), "the end of the upload")
	s.Stop()
	s.WantStored("/file", data)
}

func testStopDownload(t *testing.T, target Target) {
	s := serve(t, target, setup{grace: long})
	data := content(1, 8<<20)
	s.StoreFile("/file", data, time.Time{})
	c := s.login()
	d, err := c.Open("/file", 0)
	s.ok(err, "download")
	first := make([]byte, 1000)
	_, err = io.ReadFull(d, first)
	s.ok(err, "download")
	s.cancel()
	rest, err := io.ReadAll(d)
	s.ok(err, "download after the stop")
	s.wantSame(append(first, rest...), data, "download after the stop")
	s.Stop()
}

// testStopAfter proves that an upload which has not ended within the grace period is aborted,
// and never committed.
func testStopAfter(t *testing.T, target Target) {
	tests := []struct {
		name string
		size int
	}{{"nothing sent", 0}, {"1000 bytes", 1000}, {"3 MiB", 3 << 20}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := serve(t, target, setup{grace: time.Millisecond})
			s.StoreFile("/file", content(1, 5000), time.Time{})
			c := s.login()
			u, err := c.Create("/file", CreateOptions{})
			s.ok(err, "upload")
			_, err = u.Write(content(2, test.size))
			s.ok(err, "upload")
			s.Stop()
			if err := u.Finish(); err == nil {
				t.Error("the end of an upload that the stop has cut: no error")
			}
			if commits := s.store.awaitWriters(t, 1); commits != 0 {
				t.Error("an upload was committed by the stop")
			}
			s.WantStored("/file", content(1, 5000))
			s.WantStoredNames("/", "file")
		})
	}
}

// testStopHanging proves that a store which does not answer cannot hold up the
// stop for longer than the grace.
func testStopHanging(t *testing.T, target Target) {
	for _, op := range []Op{OpStat, OpList, OpOpen, OpRead, OpCreate, OpWrite, OpCommit, OpDelete, OpMkdir, OpRename} {
		t.Run(string(op), func(t *testing.T) {
			s := serve(t, target, setup{grace: time.Millisecond})
			s.StoreFile("/file", content(1, 1000), time.Time{})
			s.storeDir("/dir")
			c := s.login()
			hangs := make(chan struct{}, 100)
			s.store.failWith(func(ctx context.Context, o Op, _ vfs.Path) error {
				if o != op {
					return nil
				}
				hangs <- struct{}{}
				<-ctx.Done()
				return ctx.Err()
			})
			done := make(chan error, 1)
			do := attempts(c)[op]
			go func() { done <- do() }()
			select {
			case <-hangs:
			case err := <-done:
				t.Fatalf("%s ended without the store: %v", op, err)
			}
			s.Stop()
			if err := <-done; err == nil {
				t.Errorf("%s that the stop has cut: no error", op)
			}
			s.store.failWith(nil)
			s.WantStored("/file", content(1, 1000))
			s.WantStoredNames("/", "dir", "file")
		})
	}
}

// idleTimeout is long enough for a busy client to come back within it, and
// short enough to be waited for.
func idleTimeout() time.Duration { return patience.Scale(time.Second) }

// awaitEnd waits until the server has ended the session of c.
func (s *Server) awaitEnd(c Client) {
	s.Helper()
	s.ok(c.AwaitEnd(patience.Limit()), "the end of an idle session")
}

// testIdle proves that the server ends an idle session, also while another session
// is busy.
func testIdle(t *testing.T, target Target) {
	s := serve(t, target, setup{idleTimeout: idleTimeout()})
	busy := s.login()
	done := make(chan struct{})
	worked := make(chan error, 1)
	go func() {
		for {
			if _, err := busy.List("/"); err != nil {
				worked <- err
				return
			}
			select {
			case <-done:
				worked <- nil
				return
			default:
			}
		}
	}()
	// It is busy before the other logs in, which may take its time.
	s.awaitEnd(s.login())
	close(done)
	s.ok(<-worked, "list in the busy session")
}

// testIdleStore proves that a session which waits for the store is not idle:
// two idle sessions end one after the other before the store answers.
func testIdleStore(t *testing.T, target Target) {
	for _, op := range []Op{OpStat, OpList, OpRead, OpCommit} {
		t.Run(string(op), func(t *testing.T) {
			s := serve(t, target, setup{idleTimeout: idleTimeout()})
			s.StoreFile("/file", content(1, 1000), time.Time{})
			s.storeDir("/dir")
			waits, answer := make(chan struct{}, 100), make(chan struct{})
			c := s.login()
			s.store.failWith(func(ctx context.Context, o Op, _ vfs.Path) error {
				if o != op {
					return nil
				}
				waits <- struct{}{}
				select {
				case <-answer:
				case <-ctx.Done():
				}
				return ctx.Err()
			})
			done := make(chan error, 1)
			do := attempts(c)[op]
			go func() { done <- do() }()
			select {
			case <-waits:
			case err := <-done:
				t.Fatalf("%s ended without the store: %v", op, err)
			}
			s.awaitEnd(s.login())
			s.awaitEnd(s.login())
			close(answer)
			if err := <-done; err != nil {
				t.Errorf("%s that the store answered late: %v", op, err)
			}
		})
	}
}

// testIdleTransfer proves that an upload whose client moves nothing ends, and
// is not committed.
func testIdleTransfer(t *testing.T, target Target) {
	s := serve(t, target, setup{idleTimeout: idleTimeout()})
	c := s.login()
	u, err := c.Create("/file", CreateOptions{})
	s.ok(err, "upload")
	_, err = u.Write(content(1, 1000))
	s.ok(err, "upload")
	if commits := s.store.awaitWriters(t, 1); commits != 0 {
		t.Error("an upload that stood still was committed")
	}
	if err := u.Finish(); err == nil {
		t.Error("the end of an upload that had stood still: no error")
	}
	s.WantStoredNames("/")
}
