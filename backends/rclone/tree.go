package rclone

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/rclone/rclone/fs"
	"golang.org/x/sync/errgroup"

	"github.com/tidegate/tidegate/vfs"
)

// copiesAtOnce is how many files of a directory are copied or removed concurrently. Each
// one is a request to the store.
const copiesAtOnce = 8

// tree has the entries below a directory, with names relative to it, each directory before
// its entries. The directory itself is not in dirs.
type tree struct {
	dirs  []string
	files []fs.Object
}

// copyTree renames a directory in a store that can only copy files: it copies
// all of them, then removes the sources. When a copy fails, it removes the copies and
// nothing has changed. When the process ends in the middle, files are at both places and
// none is lost.
func (b *Backend) copyTree(ctx context.Context, source, target string) error {
	t, err := b.walk(ctx, source)
	if err != nil {
		return err
	}
	if err := b.copyAll(ctx, t, source, target); err != nil {
		return err
	}
	// From here on the target is whole, and undoing the rename would cost as much as
	// finishing it.
	ctx = context.WithoutCancel(b.with(ctx))
	if err := b.removeAll(ctx, t.files); err != nil {
		return vfs.NewError(vfs.KindUnavailable, err)
	}
	if b.keepsDirs() {
		for _, dir := range slices.Backward(append([]string{source}, t.dirs...)) {
			if err := b.removeOneDir(ctx, dir); err != nil && vfs.KindOf(mapError(err)) != vfs.KindNotExist {
				return vfs.NewError(vfs.KindUnavailable, err)
			}
		}
	}
	return nil
}

// walk lists the tree below source, or refuses one with too many entries.
func (b *Backend) walk(ctx context.Context, source string) (tree, error) {
	var t tree
	queue := []string{source}
	for len(queue) > 0 {
		dir := queue[0]
		queue = queue[1:]
		err := b.pages(ctx, dir, func(entry fs.DirEntry) bool {
			switch entry := entry.(type) {
			case fs.Object:
				t.files = append(t.files, entry)
			default:
				name := strings.TrimSuffix(entry.Remote(), "/")
				t.dirs = append(t.dirs, name)
				queue = append(queue, name)
			}
			return len(t.files)+len(t.dirs) <= b.renameEntries
		})
		if err != nil {
			return tree{}, b.mapError(err)
		}
		if len(t.files)+len(t.dirs) > b.renameEntries {
			return tree{}, vfs.NewError(vfs.KindTooMany, nil)
		}
	}
	return t, nil
}

func (b *Backend) copyAll(ctx context.Context, t tree, source, target string) error {
	moved := func(remote string) string { return target + strings.TrimPrefix(remote, source) }
	if b.keepsDirs() {
		for _, dir := range append([]string{source}, t.dirs...) {
			if err := b.makeDir(ctx, moved(dir)); err != nil {
				b.undo(ctx, nil, t, moved, source)
				return err
			}
		}
	}
	var (
		mu     sync.Mutex
		copies []fs.Object
	)
	// dirs has listed the files, so dirs must copy them.
	copyFile := b.dirs.Features().Copy
	group, groupCtx := errgroup.WithContext(b.with(ctx))
	group.SetLimit(copiesAtOnce)
	for _, file := range t.files {
		group.Go(func() error {
			if err := groupCtx.Err(); err != nil {
				return err
			}
			copied, err := call(groupCtx, b, callCopy, func(ctx context.Context) (fs.Object, error) {
				return copyFile(ctx, file, moved(file.Remote()))
			})
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			copies = append(copies, copied)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		b.undo(ctx, copies, t, moved, source)
		return b.mapError(err)
	}
	return nil
}

// undo removes the copies and directories that copyAll has made.
func (b *Backend) undo(ctx context.Context, copies []fs.Object, t tree, moved func(string) string, source string) {
	ctx = context.WithoutCancel(b.with(ctx))
	err := b.removeAll(ctx, copies)
	if b.keepsDirs() {
		for _, dir := range slices.Backward(append([]string{source}, t.dirs...)) {
			_ = b.removeOneDir(ctx, moved(dir)) // some do not exist yet
		}
	}
	if err != nil {
		b.log.WarnContext(ctx, "copies of a failed rename left behind", "path", moved(source), "err", err)
	}
}

// removeAll removes the files concurrently and continues after an error.
func (b *Backend) removeAll(ctx context.Context, files []fs.Object) error {
	var group errgroup.Group
	group.SetLimit(copiesAtOnce)
	for _, file := range files {
		group.Go(func() error {
			err := b.removeObject(ctx, file)
			if vfs.KindOf(mapError(err)) == vfs.KindNotExist {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}
