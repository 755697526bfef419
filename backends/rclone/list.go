package rclone

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// List lists page by page where rclone can, and elsewhere the whole directory at once.
func (b *Backend) List(ctx context.Context, p vfs.Path) iter.Seq2[vfs.Info, error] {
	return func(yield func(vfs.Info, error) bool) {
		remote, err := b.begin(ctx, p)
		if err != nil {
			yield(vfs.Info{}, err)
			return
		}
		if err := b.confine(ctx, join(remote, "any")); err != nil {
			yield(vfs.Info{}, err)
			return
		}
		found, stopped := false, false
		seen := b.newSeen()
		err = b.pages(ctx, remote, func(entry fs.DirEntry) bool {
			found = true
			info, ok := b.show(ctx, p, entry)
			if !ok || seen.before(info) {
				return true
			}
			stopped = !yield(info, nil)
			return !stopped
		})
		if stopped {
			return
		}
		if err == nil && (found || remote == "" || b.keepsDirs()) {
			return
		}
		if err := b.whyNotListed(ctx, remote, err); err != nil {
			yield(vfs.Info{}, err)
		}
	}
}

// show returns the description of an entry of the directory p, and whether clients see the
// entry.
func (b *Backend) show(ctx context.Context, p vfs.Path, entry fs.DirEntry) (vfs.Info, bool) {
	info := b.infoOf(ctx, entry)
	if isReserved(info.Name) {
		return vfs.Info{}, false
	}
	if _, err := p.Child(info.Name); err != nil {
		return vfs.Info{}, false
	}
	if object, ok := entry.(fs.Object); ok && !object.Storable() {
		return vfs.Info{}, false
	}
	return info, true
}

// whyNotListed returns the error for a directory that could not be listed, or that was
// empty in a store in which directories exist only by their entries.
func (b *Backend) whyNotListed(ctx context.Context, remote string, err error) error {
	if remote == "" && errors.Is(err, fs.ErrorDirNotFound) {
		return nil // the root always exists
	}
	kind := vfs.KindNotExist
	if err != nil {
		kind = vfs.KindOf(mapError(err))
	}
	switch kind {
	case vfs.KindNotExist, vfs.KindNotDir, vfs.KindInternal:
		// Many stores do not report a file in the first answer, so one is looked for here.
	default:
		return b.mapError(err)
	}
	object, fileErr := b.find(ctx, remote)
	switch {
	case fileErr == nil:
		info := b.infoOf(ctx, object)
		return &vfs.Error{Kind: vfs.KindNotDir, Err: err, Found: &info}
	case vfs.KindOf(fileErr) == vfs.KindCanceled:
		return fileErr
	case kind == vfs.KindInternal && vfs.KindOf(fileErr) != vfs.KindNotExist:
		return b.mapError(err)
	}
	return vfs.NewError(vfs.KindNotExist, err)
}

// errStop ends a paged listing early. It does not leave this file.
var errStop = errors.New("enough listed")

// pages calls each for every entry of the directory at remote until it returns
// false, which is no error.
func (b *Backend) pages(ctx context.Context, remote string, each func(fs.DirEntry) bool) error {
	return b.pagesOf(ctx, b.dirs, remote, each)
}

// pagesOf is pages by files or dirs.
func (b *Backend) pagesOf(ctx context.Context, f fs.Fs, remote string, each func(fs.DirEntry) bool) error {
	began, answered := time.Now(), false
	page := func(entries fs.DirEntries) error {
		if !answered { // the entries are taken at the client's pace
			answered = true
			b.called(ctx, callList, began, nil)
		}
		for _, entry := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if !each(entry) {
				return errStop
			}
		}
		return nil
	}
	var err error
	if listP := f.Features().ListP; listP != nil && !b.facts.locksPages {
		err = listP(b.with(ctx), remote, page)
	} else {
		var entries fs.DirEntries
		if entries, err = f.List(b.with(ctx), remote); err == nil {
			err = page(entries)
		}
	}
	if errors.Is(err, errStop) {
		return nil
	}
	if !answered {
		b.called(ctx, callList, began, err)
	}
	return err
}

// glance is the result of the beginning of a listing.
type glance struct {
	// any: there is an entry, perhaps only the marker.
	any bool
	// inUse: there is an entry other than the marker.
	inUse bool
}

// peek lists the directory at remote as far as a glance needs. The error is
// rclone's own.
func (b *Backend) peek(ctx context.Context, remote string) (glance, error) {
	var g glance
	err := b.pages(ctx, remote, func(entry fs.DirEntry) bool {
		g.any = true
		g.inUse = baseOf(entry.Remote()) != markerName
		return !g.inUse
	})
	return g, err
}

// seen drops entries that a listing yields twice. Some stores can hold two files of one
// name. A store with buckets may return a directory twice when it lists the marker and the
// prefix, as some stores similar to S3 do; so there the names of directories are kept until
// the listing ends.
type seen struct {
	files bool
	dirs  bool
	names map[nameAndType]struct{}
}

type nameAndType struct {
	name string
	kind vfs.Type
}

func (b *Backend) newSeen() *seen {
	return &seen{
		files: b.features.DuplicateFiles,
		dirs:  b.features.DuplicateFiles || b.features.BucketBased,
		names: map[nameAndType]struct{}{},
	}
}

func (s *seen) before(info vfs.Info) bool {
	if info.IsDir() && !s.dirs || !info.IsDir() && !s.files {
		return false
	}
	key := nameAndType{info.Name, info.Type}
	_, ok := s.names[key]
	s.names[key] = struct{}{}
	return ok
}
