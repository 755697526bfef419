package local

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// staleAfter is how long nothing was written to a temporary file that nobody
// writes any more. Another node may still write younger ones.
const staleAfter = 24 * time.Hour

// sweep walks over the tree and removes what a crash left. It ends with the
// context, or when it has seen everything.
func (b *Backend) sweep(ctx context.Context) {
	removed := 0
	todo := []string{"."}
	for len(todo) > 0 {
		name := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		n, subs, err := b.sweepStale(ctx, name)
		removed += n
		todo = append(todo, subs...)
		if ctx.Err() != nil {
			return
		}
		if err != nil && vfs.KindOf(err) != vfs.KindNotExist {
			b.o.Log.Warn("looking for temporary files of a crash", "path", name, "err", err)
		}
	}
	if removed > 0 {
		b.o.Log.Info("removed temporary files of a crash", slog.Int("files", removed))
	}
}

// sweepDir removes the stale temporary files in one directory, as far as it can.
func (b *Backend) sweepDir(name string) { _, _, _ = b.sweepStale(context.Background(), name) }

// sweepStale removes the stale temporary files in one directory, and returns
// how many there were and the directories in it. Links are not followed.
func (b *Backend) sweepStale(ctx context.Context, name string) (removed int, subs []string, err error) {
	dir, err := b.openDir(name)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	for entry, err := range entries(ctx, dir) {
		switch {
		case err != nil:
			return removed, subs, b.fail(err)
		case entry.IsDir():
			subs = append(subs, filepath.Join(name, entry.Name()))
		case isTempName(entry.Name()) && !b.staged.has(entry.Name()) && isStale(dir, entry) && dir.Remove(entry.Name()) == nil:
			removed++
		}
	}
	return removed, subs, nil
}

// staged are the names of the temporary files that are written here. They are
// never stale: the one of a Commit has the time already that the file shall have,
// and a client may pause for longer than a day.
type staged struct {
	mu    sync.Mutex
	names map[string]struct{}
}

func (s *staged) add(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.names == nil {
		s.names = map[string]struct{}{}
	}
	s.names[name] = struct{}{}
}

func (s *staged) remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.names, name)
}

func (s *staged) has(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.names[name]
	return ok
}

func isStale(dir *os.Root, entry fs.DirEntry) bool {
	fi, err := dir.Lstat(entry.Name())
	return err == nil && time.Since(fi.ModTime()) > staleAfter
}
