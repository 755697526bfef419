package frontendtest

import (
	"context"
	"testing"

	"github.com/tidegate/tidegate/internal/testing/faulty"
	"github.com/tidegate/tidegate/vfs"
	"github.com/tidegate/tidegate/vfs/vfstest/patience"
)

// store is the store of a server: tests see what is open, and let operations fail
// or wait.
type store struct{ *faulty.Backend }

// failWith sets what is asked before each operation of the store, in the words of
// the operations of clients: what it returns is the operation's error, and it may
// block. Nil takes it back.
func (s *store) failWith(fault func(ctx context.Context, op Op, p vfs.Path) error) {
	if fault == nil {
		s.SetFault(nil)
		return
	}
	s.SetFault(func(ctx context.Context, c faulty.Call) error { return fault(ctx, opOf(c), c.Path) })
}

// opOf returns the operation of a client that leads to a call of the store.
func opOf(c faulty.Call) Op {
	switch c.Op {
	case faulty.OpEntry:
		return OpRead
	case faulty.OpRemove:
		if c.Type == vfs.TypeDir {
			return OpRmdir
		}
		return OpDelete
	case faulty.OpSetModTime:
		return OpSetModTime
	default:
		return Op(c.Op)
	}
}

// awaitWriters waits until n writers have begun and as many ended, and returns how
// many were committed.
func (s *store) awaitWriters(t *testing.T, n int) (commits int) {
	t.Helper()
	s.await(t, "ended the upload", func(o faulty.Opened) bool {
		commits = o.Commits
		return o.Writers >= n && o.WritersEnded == o.Writers
	})
	return commits
}

// awaitOpenWriters waits until n writers are open.
func (s *store) awaitOpenWriters(t *testing.T, n int) {
	t.Helper()
	s.await(t, "begun the upload", func(o faulty.Opened) bool { return o.Writers-o.WritersEnded == n })
}

// awaitReaders waits until n readers have begun and as many ended.
func (s *store) awaitReaders(t *testing.T, n int) {
	t.Helper()
	s.await(t, "ended the download", func(o faulty.Opened) bool {
		return o.Readers >= n && o.ReadersEnded == o.Readers
	})
}

func (s *store) await(t *testing.T, what string, done func(faulty.Opened) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience.Limit())
	defer cancel()
	if s.Await(ctx, done) != nil {
		t.Fatalf("the server has not %s in time", what)
	}
}

func (s *store) wantAllClosed(t *testing.T) {
	t.Helper()
	o := s.Opened()
	if o.Readers != o.ReadersEnded {
		t.Errorf("%d of %d readers were never closed", o.Readers-o.ReadersEnded, o.Readers)
	}
	if o.Writers != o.WritersEnded {
		t.Errorf("%d of %d writers were neither committed nor aborted", o.Writers-o.WritersEnded, o.Writers)
	}
}
