package rclone

import (
	"context"
	"errors"
	"fmt"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// errKeep marks a failure after which the hidden file must not be removed, because it has
// the only content.
var errKeep = errors.New("the target is gone, the new content is under its hidden name")

// replace moves the file src to the target, and replaces a file there, in the most atomic
// way that the store has. It creates the target's parents. It is finished even when ctx
// ends, except for a copy, which may take long.
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
		moved, err = b.move(ctx, src, target)
	case moveRemoves:
		moved, err = b.moveOrKeep(ctx, src, target)
	case moveUnknown:
		moved, err = b.swap(ctx, src, target)
	}
	if err == nil {
		return moved, nil
	}
	if _, findErr := b.find(ctx, target); vfs.KindOf(findErr) == vfs.KindIsDir {
		return nil, vfs.NewError(vfs.KindIsDir, err)
	}
	return nil, b.mapError(err)
}

// move moves a file. When the store has moved it and then does not find the result, because
// another client has already replaced or removed it, the move has succeeded. This can be
// checked for a hidden source, which only this process uses.
func (b *Backend) move(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	moved, err := call(ctx, b, callMove, func(ctx context.Context) (fs.Object, error) { return b.features.Move(ctx, src, target) })
	if err == nil || !isReserved(baseOf(src.Remote())) || vfs.KindOf(mapError(err)) != vfs.KindNotExist {
		return moved, err
	}
	if _, gone := b.find(ctx, src.Remote()); vfs.KindOf(gone) == vfs.KindNotExist {
		return src, nil
	}
	return nil, err
}

// moveOrKeep is move for a store whose Move may remove the target and then fail.
func (b *Backend) moveOrKeep(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	_, before := b.find(ctx, target)
	moved, err := b.move(ctx, src, target)
	if err == nil || vfs.KindOf(before) == vfs.KindNotExist {
		return moved, err
	}
	ctx, cancel := b.lasting(ctx) // the move may have taken all the time that there was
	defer cancel()
	switch _, after := b.find(ctx, target); {
	case after == nil, vfs.KindOf(after) == vfs.KindIsDir:
		return nil, err
	case vfs.KindOf(after) == vfs.KindNotExist:
		// The name is free now, so a plain rename may succeed.
		if moved, again := b.move(ctx, src, target); again == nil {
			return moved, nil
		}
		b.log.ErrorContext(ctx, "replaced file is lost, its new content is under a hidden name",
			"path", target, "hidden", src.Remote(), "err", err)
	default:
		b.log.ErrorContext(ctx, "replaced file may be lost, its new content is under a hidden name",
			"path", target, "hidden", src.Remote(), "err", err)
	}
	return nil, errors.Join(b.mapError(err), errKeep)
}

// swap is for a store whose Move is not known to replace a file: the old file is first
// moved to a hidden name, and moved back when the move fails. In between the target is
// missing. When another client has created the target meanwhile, swap tries again.
func (b *Backend) swap(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	var refused error
	for range swapAttempts {
		aside, err := b.moveAside(ctx, target)
		if err != nil {
			return nil, err
		}
		moved, err := b.move(ctx, src, target)
		if err != nil {
			switch {
			case b.takenMeanwhile(ctx, target, aside):
				moved = nil
			case vfs.KindOf(mapError(err)) == vfs.KindInternal:
				// Another client may have put a file there and moved it aside again: then
				// only the store's error shows it.
				refused = err
				continue
			default:
				return nil, err
			}
		}
		if aside != nil {
			b.discard(ctx, aside.Remote())
		}
		if moved != nil {
			return moved, nil
		}
	}
	if refused != nil {
		return nil, refused
	}
	return nil, vfs.NewError(vfs.KindConflict, errors.New("other clients keep replacing the file"))
}

const swapAttempts = 5

// moveAside gives the file at the target, if there is one, a hidden name.
func (b *Backend) moveAside(ctx context.Context, target string) (fs.Object, error) {
	old, err := b.find(ctx, target)
	if err == nil {
		var aside fs.Object
		aside, err = b.move(ctx, old, hiddenIn(parentOf(target), replacedPrefix))
		if err == nil {
			return aside, nil
		}
	}
	if err = b.mapError(err); vfs.KindOf(err) == vfs.KindNotExist {
		err = nil
	}
	return nil, err
}

// takenMeanwhile is called after a move to the target has failed. It reports whether
// another client has put a file there, which also replaces the one that is aside. Otherwise
// it moves that one back.
func (b *Backend) takenMeanwhile(ctx context.Context, target string, aside fs.Object) bool {
	ctx, cancel := b.lasting(ctx) // the move may have taken all the time that there was
	defer cancel()
	if _, err := b.find(ctx, target); err == nil {
		return true
	}
	if aside == nil {
		return false
	}
	if _, err := b.move(ctx, aside, target); err != nil {
		b.log.ErrorContext(ctx, "file could not be replaced, its old content is under a hidden name",
			"path", target, "hidden", aside.Remote(), "err", err)
	}
	return false
}

// copyOver is replace for stores that cannot move. When src cannot be removed it returns
// errSourceStays together with the file at the target.
func (b *Backend) copyOver(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	copied, err := b.copyFile(ctx, src, target)
	if err != nil {
		return nil, err
	}
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	switch err := b.removeObject(ctx, src); {
	case err == nil, vfs.KindOf(mapError(err)) == vfs.KindNotExist: // an earlier attempt has removed it
	default:
		b.log.WarnContext(ctx, "source of a copy left behind", "path", src.Remote(), "err", err)
		return copied, fmt.Errorf("%w: %w", errSourceStays, err)
	}
	return copied, nil
}

// errSourceStays: the target is in place and the source could not be removed.
var errSourceStays = errors.New("source could not be removed")
