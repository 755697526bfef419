package rclone

import (
	"context"
	"strings"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// Mkdir makes a directory, or its marker.
func (b *Backend) Mkdir(ctx context.Context, p vfs.Path) error {
	remote, err := b.begin(ctx, p)
	if err != nil {
		return err
	}
	if p.IsRoot() {
		return vfs.NewError(vfs.KindExist, nil)
	}
	if err := b.confine(ctx, remote); err != nil {
		return err
	}
	switch there, err := b.findAny(ctx, remote); {
	case err != nil:
		return err
	case there != vfs.TypeAny:
		return vfs.NewError(vfs.KindExist, nil)
	}
	if b.facts.reportsDirs {
		if err := b.wantNoFileAbove(ctx, remote); err != nil {
			return err
		}
	}
	return b.makeDir(ctx, remote)
}

func (b *Backend) makeDir(ctx context.Context, remote string) error {
	if b.keepsDirs() {
		return b.mapError(b.makeOneDir(b.with(ctx), remote))
	}
	marker := newIncoming(b, vfs.CreateOptions{}, 0)
	marker.remote = join(remote, markerName)
	_, err := call(b.with(ctx), b, callPut, func(ctx context.Context) (fs.Object, error) {
		return b.files.Put(ctx, strings.NewReader(""), marker)
	})
	return b.mapError(err)
}

// Remove removes one file or one empty directory. Where directories are markers, checking
// that one is empty and removing it are two steps.
func (b *Backend) Remove(ctx context.Context, p vfs.Path, want vfs.Type) error {
	remote, err := b.begin(ctx, p)
	if err != nil {
		return err
	}
	if p.IsRoot() {
		if want == vfs.TypeFile {
			return vfs.NewError(vfs.KindIsDir, nil)
		}
		return &vfs.Error{Kind: vfs.KindPermission, Reason: "the root cannot be removed"}
	}
	if want == vfs.TypeDir {
		return b.removeDir(ctx, remote)
	}
	object, err := b.find(ctx, remote)
	if vfs.KindOf(err) == vfs.KindNotExist && b.findDir(ctx, remote) == nil {
		err = vfs.NewError(vfs.KindIsDir, err)
	}
	if err != nil {
		return err
	}
	return b.mapError(b.removeObject(b.with(ctx), object))
}

func (b *Backend) removeDir(ctx context.Context, remote string) error {
	if err := b.findDir(ctx, remote); err != nil {
		if _, fileErr := b.find(ctx, remote); fileErr == nil && vfs.KindOf(err) == vfs.KindNotExist {
			err = vfs.NewError(vfs.KindNotDir, err)
		}
		return err
	}
	if b.facts.reportsDirs {
		// Rmdir refuses a directory that is not empty. Nearly always it is right, which
		// saves listing a full directory.
		err := b.mapError(b.removeOneDir(b.with(ctx), remote))
		if err == nil || !b.onlyStale(ctx, remote) {
			return err
		}
		b.removeStale(ctx, remote)
		return b.mapError(b.removeOneDir(b.with(ctx), remote))
	}
	seen, err := b.peek(ctx, remote)
	switch {
	case err != nil:
		return b.mapError(err)
	case seen.inUse:
		return vfs.NewError(vfs.KindNotEmpty, nil)
	case b.keepsDirs():
		return b.mapError(b.removeOneDir(b.with(ctx), remote))
	}
	marker, err := b.newObject(b.with(ctx), join(remote, markerName))
	if err != nil {
		return b.mapError(err)
	}
	return b.mapError(b.removeObject(b.with(ctx), marker))
}

// staleAfter is the age from which a hidden upload counts as left by a crash: its time
// changes with every write.
const staleAfter = 24 * time.Hour

// onlyStale reports whether a directory holds only hidden uploads of a crash, which clients
// can neither see nor remove.
func (b *Backend) onlyStale(ctx context.Context, remote string) bool {
	only, some := true, false
	err := b.pages(ctx, remote, func(entry fs.DirEntry) bool {
		some = true
		only = b.isStale(ctx, entry)
		return only
	})
	return err == nil && some && only
}

func (b *Backend) removeStale(ctx context.Context, remote string) {
	_ = b.pages(ctx, remote, func(entry fs.DirEntry) bool {
		if b.isStale(ctx, entry) {
			b.discard(ctx, entry.Remote())
		}
		return true
	})
}

func (b *Backend) isStale(ctx context.Context, entry fs.DirEntry) bool {
	object, ok := entry.(fs.Object)
	return ok && isUpload(baseOf(entry.Remote())) && time.Since(object.ModTime(b.with(ctx))) > staleAfter
}
