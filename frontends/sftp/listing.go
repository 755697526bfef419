package sftp

import (
	"io"
	"io/fs"
	"iter"
	"os"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// maxNames bounds the names of one reply to READDIR, which has each twice, far
// below the 256 KiB that OpenSSH's client takes.
const maxNames = 64 << 10

// listing is an open directory. It holds one page of the store's at a time.
type listing struct {
	s    *session
	path vfs.Path

	// mu is for a client that sends READ instead of READDIR: the library lets
	// its goroutines for data answer that.
	mu   sync.Mutex
	next func() (vfs.Info, error, bool)
	stop func()
	// ahead is the next entry, valid is false at the end.
	ahead vfs.Info
	err   error
	valid bool
}

// openDir reads up to the first entry, to know whether the directory is there.
func (s *session) openDir(p vfs.Path) (*listing, error) {
	if err := s.track(p, nil); err != nil {
		return nil, err
	}
	l := &listing{s: s, path: p}
	l.next, l.stop = iter.Pull2(s.view.List(s.looking, p))
	opened := false
	defer func() {
		if !opened { // refused, or a panic
			_ = l.Close()
		}
	}()
	if l.step(); l.err != nil {
		return nil, l.err
	}
	opened = true
	s.filter.opened(nil)
	return l, nil
}

func (l *listing) step() { l.ahead, l.err, l.valid = l.next() }

// ListAt fills entries. The offset is always where the last call ended.
func (l *listing) ListAt(entries []os.FileInfo, _ int64) (n int, err error) {
	defer l.s.guard(&err)
	l.mu.Lock()
	defer l.mu.Unlock()
	names := 0
	for ; n < len(entries) && l.valid && l.err == nil && names < maxNames; n++ {
		entries[n] = fileInfo{l.ahead}
		names += len(l.ahead.Name)
		l.step()
	}
	switch {
	case n > 0:
		return n, nil
	case l.err != nil:
		return 0, statusOf(l.err)
	}
	return 0, io.EOF
}

// Close is called once: by openDir, or by the library.
func (l *listing) Close() (err error) {
	defer l.s.guard(&err)
	defer l.s.untrack(l.path, nil)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop()
	return nil
}

// oneEntry is the answer to a question about one path.
type oneEntry struct{ vfs.Info }

func (e oneEntry) ListAt(entries []os.FileInfo, _ int64) (int, error) {
	entries[0] = fileInfo(e)
	return 1, nil
}

// fileInfo is a vfs.Info as the library wants it.
type fileInfo struct{ vfs.Info }

func (i fileInfo) Name() string { return i.Info.Name }
func (i fileInfo) Size() int64  { return i.Info.Size }
func (i fileInfo) IsDir() bool  { return i.Info.IsDir() }
func (i fileInfo) Sys() any     { return nil }

// ModTime is 1970 where there is none: version 3 has nothing else to say so.
func (i fileInfo) ModTime() time.Time {
	if i.Info.ModTime.IsZero() {
		return time.Unix(0, 0)
	}
	return i.Info.ModTime
}

func (i fileInfo) Mode() fs.FileMode {
	if i.Info.IsDir() {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
