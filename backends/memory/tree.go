package memory

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/tidegate/tidegate/vfs"
)

// Stat returns the entry at p.
func (b *Backend) Stat(ctx context.Context, p vfs.Path, want vfs.Type) (vfs.Info, error) {
	if err := canceled(ctx); err != nil {
		return vfs.Info{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, err := b.find(p)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case want == vfs.TypeFile && n.isDir():
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	case want == vfs.TypeDir && !n.isDir():
		return vfs.Info{}, vfs.NewError(vfs.KindNotDir, nil)
	}
	return n.info(p.Base()), nil
}

// List yields the entries of p that were there when it began and are still
// there when their turn comes. The lock is free while the caller has an entry.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		dir, names, err := b.entries(ctx, p)
		if err != nil {
			yield(vfs.Info{}, err)
			return
		}
		for _, name := range names {
			if err := canceled(ctx); err != nil {
				yield(vfs.Info{}, err)
				return
			}
			b.mu.RLock()
			n, ok := dir.entries[name]
			b.mu.RUnlock()
			if ok && !yield(n.info(name), nil) {
				return
			}
		}
	}
}

// entries returns the directory p and the names in it, in order.
func (b *Backend) entries(ctx context.Context, p vfs.Path) (*node, []string, error) {
	if err := canceled(ctx); err != nil {
		return nil, nil, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	n, err := b.find(p)
	if err != nil {
		return nil, nil, err
	}
	if !n.isDir() {
		found := n.info(p.Base())
		return nil, nil, &vfs.Error{Kind: vfs.KindNotDir, Found: &found}
	}
	return n, slices.Sorted(maps.Keys(n.entries)), nil
}

// Mkdir makes the directory p and its parents.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	_, err := b.find(p)
	switch {
	case err == nil:
		return vfs.NewError(vfs.KindExist, nil)
	case vfs.KindOf(err) != vfs.KindNotExist:
		return err
	}
	_, err = b.makeDirs(p)
	return err
}

// Remove removes the file or the empty directory at p. An empty root is refused
// with KindPermission.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.find(p)
	switch {
	case err != nil:
		return err
	case want == vfs.TypeFile && n.isDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	case want == vfs.TypeDir && !n.isDir():
		return vfs.NewError(vfs.KindNotDir, nil)
	case len(n.entries) > 0:
		return vfs.NewError(vfs.KindNotEmpty, nil)
	case p.IsRoot():
		return vfs.NewError(vfs.KindPermission, nil)
	}
	parent, err := b.find(p.Dir())
	if err != nil {
		return err
	}
	vfs.NoteReceipt(ctx, vfs.ReceiptOf(n.info("")))
	delete(parent.entries, p.Base())
	return nil
}

// Rename moves a file or a directory with everything below it.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.find(from)
	if err != nil {
		return err
	}
	if o.WantDir && !n.isDir() {
		return vfs.NewError(vfs.KindNotDir, nil)
	}
	if o.Version != "" && o.Version != n.version {
		return vfs.NewError(vfs.KindConflict, nil)
	}
	if err := b.mayRename(n, from, to, o); err != nil {
		return err
	}
	dir, err := b.makeDirs(to.Dir())
	if err != nil {
		return err
	}
	old, err := b.find(from.Dir())
	if err != nil {
		return err
	}
	vfs.NoteReceipt(ctx, vfs.ReceiptOf(n.info("")))
	delete(old.entries, from.Base())
	dir.entries[to.Base()] = n
	return nil
}

// mayRename returns the error that forbids to move n from from to to, or nil.
func (b *Backend) mayRename(n *node, from, to vfs.Path, o vfs.RenameOptions) error {
	if _, below := to.Cut(from); below && n.isDir() && from != to {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	target, err := b.find(to)
	switch {
	case vfs.KindOf(err) == vfs.KindNotExist && err != nil:
		return nil
	case err != nil:
		return err
	case n.isDir() || o.NoReplace:
		return vfs.NewError(vfs.KindExist, nil)
	case target.isDir():
		return vfs.NewError(vfs.KindIsDir, nil)
	}
	return nil
}

// SetModTime sets the time of the entry at p. The version of a file does not change.
func (b *Backend) SetModTime(ctx context.Context, p vfs.Path, t time.Time) error {
	if err := canceled(ctx); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n, err := b.find(p)
	switch {
	case err != nil:
		return err
	case p.IsRoot():
		return vfs.NewError(vfs.KindIsDir, nil)
	case n.isDir():
		n.modTime = t
		return nil
	}
	parent, err := b.find(p.Dir())
	if err != nil {
		return err
	}
	changed := *n
	changed.modTime = t
	parent.entries[p.Base()] = &changed
	return nil
}
