package memory

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Create begins a file at p. Commit repeats the checks.
func (b *Backend) Create(ctx context.Context, p vfs.Path, o vfs.CreateOptions) (vfs.Writer, error) {
	if err := canceled(ctx); err != nil {
		return nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	old, err := b.replaceable(p, o.Mode)
	if err != nil {
		return nil, err
	}
	if o.Mode == vfs.ModeResume {
		if old == nil || o.Offset != int64(len(old.content)) {
			return nil, vfs.NewError(vfs.KindOffset, nil)
		}
	}
	return &writer{b: b, ctx: ctx, path: p, mode: o.Mode, old: old}, nil
}

// replaceable returns the file at p, nil when nothing is there, or an error when a Writer
// in this mode must not create a file there. b.mu must be held.
func (b *Backend) replaceable(p vfs.Path, mode vfs.Mode) (*node, error) {
	old, err := b.findFile(p)
	switch {
	case err != nil && vfs.KindOf(err) == vfs.KindNotExist:
		return nil, nil
	case err != nil:
		return nil, err
	case mode == vfs.ModeExclusive:
		return nil, vfs.NewError(vfs.KindExist, nil)
	}
	return old, nil
}

type writer struct {
	b    *Backend
	ctx  context.Context
	path vfs.Path
	mode vfs.Mode
	old  *node // the file at the path at Create, nil for none

	mu    sync.Mutex // Abort may be called during a Write
	bytes []byte
	done  bool
}

func (w *writer) Old() (vfs.Info, bool) {
	if w.old == nil || !w.appends() {
		return vfs.Info{}, false
	}
	return w.old.info(w.path.Base()), true
}

// appends reports whether the new bytes follow the old ones.
func (w *writer) appends() bool { return w.mode == vfs.ModeAppend || w.mode == vfs.ModeResume }

// errDone is the cause when a Writer is used after its end.
var errDone = errors.New("the writer was committed or aborted")

// usable returns the error with which the Writer refuses further calls, or nil. w.mu must
// be held.
func (w *writer) usable() error {
	if w.done {
		return vfs.NewError(vfs.KindCanceled, errDone)
	}
	return canceled(w.ctx)
}

func (w *writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.usable(); err != nil {
		return 0, err
	}
	w.bytes = append(w.bytes, p...)
	return len(p), nil
}

func (w *writer) Commit(ctx context.Context, o vfs.CommitOptions) (vfs.Info, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	err := w.usable()
	if err == nil {
		err = canceled(ctx)
	}
	content := w.bytes
	w.bytes, w.done = nil, true
	if err != nil {
		return vfs.Info{}, err
	}
	return w.b.commit(w, content, o)
}

func (w *writer) Abort() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bytes, w.done = nil, true
}

// commit puts the content of w into the tree, in one step under the lock.
func (b *Backend) commit(w *writer, content []byte, o vfs.CommitOptions) (vfs.Info, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	old, err := b.replaceable(w.path, w.mode)
	if err != nil {
		return vfs.Info{}, err
	}
	if w.appends() {
		if version(old) != version(w.old) {
			return vfs.Info{}, vfs.NewError(vfs.KindConflict, nil)
		}
		if old != nil {
			content = slices.Concat(old.content, content)
		}
	}
	return b.hang(w.path, content, o.ModTime)
}

// hang puts the file into the tree at p. b.mu must be held for writing.
func (b *Backend) hang(p vfs.Path, content []byte, modTime time.Time) (vfs.Info, error) {
	dir, err := b.makeDirs(p.Dir())
	if err != nil {
		return vfs.Info{}, err
	}
	n := &node{content: content, modTime: modTime, version: b.nextVersion()}
	if n.modTime.IsZero() {
		n.modTime = time.Now()
	}
	dir.entries[p.Base()] = n
	return n.info(p.Base()), nil
}

// version returns the version of a file that may be missing.
func version(n *node) string {
	if n == nil {
		return ""
	}
	return n.version
}
