package rclone

import (
	"context"
	"errors"
	"fmt"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// errKeep marks the failure after which the moved file must not be removed,
// because it is the only content that is left.
var errKeep = errors.New("the target is gone, the new content is under its hidden name")

// replace moves the file src over whatever file is at the target, making the
// target's parents, in the most atomic way that the store has. It is finished
// even when ctx ends, except for a copy, which may take its time.
func (b *Backend) replace(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	if b.features.Move == nil {
		return b.copyOver(ctx, src, target)
	}
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	var (
		moved fs.Object
		err   error
	)
	switch b.facts.move {
	case moveReplaces:
		moved, err = b.features.Move(ctx, src, target)
	case moveRemoves:
		moved, err = b.moveOrKeep(ctx, src, target)
	default:
		moved, err = b.swap(ctx, src, target)
	}
	if err == nil {
		return moved, nil
	}
	if _, findErr := b.find(ctx, target); vfs.KindOf(findErr) == vfs.KindIsDir {
		return nil, vfs.NewError(vfs.KindIsDir, err)
	}
	return nil, mapError(err)
}

// moveOrKeep is for a Move that may have removed the target when it fails.
func (b *Backend) moveOrKeep(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	_, before := b.find(ctx, target)
	moved, err := b.features.Move(ctx, src, target)
	if err == nil || before != nil {
		return moved, err
	}
	if _, after := b.find(ctx, target); vfs.KindOf(after) != vfs.KindNotExist {
		return nil, err
	}
	// The name is free now, so that a plain rename may do.
	if moved, again := b.features.Move(ctx, src, target); again == nil {
		return moved, nil
	}
	b.log.ErrorContext(ctx, "replaced file is lost, its new content is under a hidden name",
		"path", target, "hidden", src.Remote(), "err", err)
	return nil, errors.Join(mapError(err), errKeep)
}

// swap is for a Move that cannot be trusted with a file at the target: the old
// file goes to a hidden name first, and comes back when the move fails. Between
// the two the target is missing.
func (b *Backend) swap(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	old, err := b.find(ctx, target)
	if vfs.KindOf(err) == vfs.KindNotExist {
		return b.features.Move(ctx, src, target)
	}
	if err != nil {
		return nil, err
	}
	aside, err := b.features.Move(ctx, old, hiddenIn(parentOf(target), replacedPrefix))
	if err != nil {
		return nil, err
	}
	moved, err := b.features.Move(ctx, src, target)
	if err != nil {
		if _, back := b.features.Move(ctx, aside, target); back != nil {
			b.log.ErrorContext(ctx, "file could not be replaced, its old content is under a hidden name",
				"path", target, "hidden", aside.Remote(), "err", back)
		}
		return nil, err
	}
	if err := aside.Remove(ctx); err != nil {
		b.log.WarnContext(ctx, "hidden file left behind", "path", aside.Remote(), "err", err)
	}
	return moved, nil
}

// copyOver is for stores that cannot move. When src cannot be removed it returns
// errSourceStays together with the file at the target.
func (b *Backend) copyOver(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	copied, err := b.features.Copy(b.with(ctx), src, target)
	if err != nil {
		if ctx.Err() != nil {
			// The store may go on with the copy.
			return nil, vfs.NewError(vfs.KindUnavailable, err)
		}
		return nil, mapError(err)
	}
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	if err := src.Remove(ctx); err != nil {
		b.log.WarnContext(ctx, "source of a copy left behind", "path", src.Remote(), "err", err)
		return copied, fmt.Errorf("%w: %w", errSourceStays, err)
	}
	return copied, nil
}

// errSourceStays: the target is in place and the source could not be removed.
var errSourceStays = errors.New("source could not be removed")
