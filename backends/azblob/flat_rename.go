package azblob

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"golang.org/x/sync/errgroup"

	"github.com/tidegate/tidegate/vfs"
)

// renameWorkers is how many blobs of a directory are copied or deleted at once.
const renameWorkers = 16

// move is one blob of a directory that is renamed.
type move struct {
	blobCopy
	copied   string // version of the copy, "" until it is known
	doubtful bool   // the request for the copy failed, but the copy may exist
}

// rename moves everything below src, including markers. marker is the blob with the name
// src, nil when there is none, and target what was found at dst. First all blobs are
// copied. If that fails, or ctx ends, the copies are deleted, and the sources are
// unchanged. Then the sources are deleted, also after the end of ctx. A blob whose deletion
// fails stays at both places, as all blobs do when the process dies in the middle.
func (f *flat) rename(ctx context.Context, src, dst string, marker *blobInfo, target found) error {
	if parentOf(src, dst) {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	moves, err := f.plan(ctx, src, dst, marker, target)
	if err != nil {
		return err
	}
	var failed atomic.Bool
	err = each(moves, func(m *move) (err error) {
		if failed.Load() {
			return nil
		}
		if ctx.Err() == nil {
			err = f.copyMove(ctx, m)
		} else {
			err = fail(ctx, context.Cause(ctx))
		}
		if err != nil {
			failed.Store(true)
		}
		return err
	})
	if err != nil {
		return join(err, f.takeBack(ctx, moves))
	}
	if err := f.removeSources(context.WithoutCancel(ctx), src, moves); err != nil {
		return err
	}
	f.made.move(src, dst)
	return nil
}

// copyMove makes one copy.
func (f *flat) copyMove(ctx context.Context, m *move) error {
	meta, err := f.store.moved(ctx, m.src, m.from)
	if err != nil {
		return err
	}
	m.meta = meta
	made, err := f.store.copy(ctx, m.blobCopy)
	m.copied = version(made.etag)
	kind := vfs.KindOf(err)
	m.doubtful = err != nil && (kind == vfs.KindUnavailable || kind == vfs.KindCanceled)
	return err
}

// plan lists the blobs to move. Nothing may be at the target, and the new name of each blob
// must be valid.
func (f *flat) plan(ctx context.Context, src, dst string, marker *blobInfo, target found) ([]*move, error) {
	moves, err := f.listMoves(ctx, src, dst, marker)
	switch {
	case err != nil:
		return nil, err
	case len(moves) == 0 && !f.made.has(src):
		return nil, vfs.NewError(vfs.KindNotExist, nil)
	case target.err != nil:
		return nil, target.err
	case target.isDir() || target.isFile():
		return nil, vfs.NewError(vfs.KindExist, nil)
	}
	for _, m := range moves {
		if err := f.store.checkDeletable(m.from); err != nil {
			return nil, err
		}
		if reason := badName(m.dst); reason != "" && badName(m.src) == "" {
			return nil, &vfs.Error{Kind: vfs.KindInvalid, Reason: reason}
		}
	}
	return moves, nil
}

func (f *flat) listMoves(ctx context.Context, src, dst string, marker *blobInfo) ([]*move, error) {
	var moves []*move
	if marker != nil {
		moves = append(moves, &move{blobCopy: blobCopy{src: src, from: *marker, dst: dst}})
	}
	pager := f.store.container.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
		Prefix: to.Ptr(dirPrefix(src)), MaxResults: to.Ptr(f.pageSize), Include: container.ListBlobsInclude{Metadata: true},
	})
	for pager.More() {
		keys := new(listedKeys)
		page, err := pager.NextPage(keys.under(ctx))
		if err != nil {
			return nil, fail(ctx, err)
		}
		if page.Segment == nil {
			continue
		}
		for i, item := range page.Segment.BlobItems {
			from, err := keys.spell(i, itemInfo(item))
			if err != nil {
				return nil, err
			}
			moves = append(moves, &move{blobCopy: blobCopy{
				src: *item.Name, from: from, dst: dst + strings.TrimPrefix(*item.Name, src),
			}})
		}
		if len(moves) > f.renameEntries {
			return nil, vfs.NewError(vfs.KindTooMany, nil)
		}
	}
	return moves, nil
}

// takeBack deletes the copies that were made, and no other version of these blobs.
func (f *flat) takeBack(ctx context.Context, moves []*move) error {
	ctx = context.WithoutCancel(ctx)
	return each(moves, func(m *move) error {
		if m.doubtful {
			made, err := f.store.ownCopy(ctx, m.blobCopy, nil)
			if err != nil && vfs.KindOf(err) != vfs.KindNotExist {
				return err
			}
			m.copied = version(made.etag)
		}
		if m.copied == "" {
			return nil
		}
		return f.store.remove(ctx, m.dst, m.copied)
	})
}

// removeSources deletes the blobs that were copied, the marker of the directory last, so
// that the directory exists as long as anything in it does.
func (f *flat) removeSources(ctx context.Context, src string, moves []*move) error {
	var markers, rest []*move
	for _, m := range moves {
		if m.src == src || m.src == dirPrefix(src) {
			markers = append(markers, m)
		} else {
			rest = append(rest, m)
		}
	}
	remove := func(m *move) error {
		err := f.store.remove(ctx, m.src, version(m.from.etag))
		if vfs.KindOf(err) == vfs.KindNotExist && err != nil {
			return nil // another client has removed it already
		}
		return err
	}
	if err := each(rest, remove); err != nil {
		return err
	}
	return each(markers, remove)
}

// each calls do for all moves, several at once, and returns the first error after all have
// ended.
func each(moves []*move, do func(*move) error) error {
	var g errgroup.Group
	g.SetLimit(renameWorkers)
	for _, m := range moves {
		g.Go(func() error { return do(m) })
	}
	return g.Wait()
}
