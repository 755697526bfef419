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

// staleAfter is the age of the last write from which a temporary file counts as left by a
// crash. Another node may still be writing younger ones.
const staleAfter = 24 * time.Hour

// sweep walks over the tree and removes the temporary files of a crash. It ends with the
// context, or at the end of the tree.
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

// sweepDir removes the stale temporary files in one directory and ignores errors.
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

// staged has the names of the temporary files that this Backend is writing. They are never
// stale, although their times may be old: a Commit sets the time before the rename, and a
// client may pause for more than a day.
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
