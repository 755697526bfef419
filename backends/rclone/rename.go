package rclone

import (
	"context"
	"errors"
	"net/http"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// Rename moves a file to its target, which it may replace, or a directory to a free name.
func (b *Backend) Rename(ctx context.Context, from, to vfs.Path, o vfs.RenameOptions) error {
	source, err := b.begin(ctx, from)
	if err != nil {
		return err
	}
	target, err := b.begin(ctx, to)
	if err != nil {
		return err
	}
	if from.IsRoot() {
		return vfs.NewError(vfs.KindInvalid, nil)
	}
	if o.Version != "" {
		return vfs.NewError(vfs.KindUnsupported, errNoVersions)
	}
	if o.WantDir {
		if _, err := b.Stat(ctx, from, vfs.TypeDir); err != nil {
			return err
		}
		return b.renameDir(ctx, from, to, source, target)
	}
	object, err := b.find(ctx, source)
	if vfs.KindOf(err) == vfs.KindIsDir {
		return b.renameDir(ctx, from, to, source, target)
	}
	if vfs.KindOf(err) == vfs.KindNotExist && b.findDir(ctx, source) == nil {
		return b.renameDir(ctx, from, to, source, target)
	}
	if err != nil {
		return err
	}
	err = b.renameFile(ctx, object, target, o)
	if vfs.KindOf(err) == vfs.KindNotDir { // the source is a file, so a parent of the target is one
		err = vfs.NewError(vfs.KindNotExist, err)
	}
	return err
}

func (b *Backend) renameFile(ctx context.Context, object fs.Object, target string, o vfs.RenameOptions) error {
	if err := b.confine(ctx, target); err != nil {
		return err
	}
	if b.features.Move == nil && b.features.Copy == nil {
		return vfs.NewError(vfs.KindUnsupported, nil)
	}
	there, err := b.wantNoDir(ctx, target, o.NoReplace)
	switch {
	case err != nil:
		return err
	case object.Remote() == target:
		return nil
	}
	placed, err := b.replace(ctx, object, target)
	if errors.Is(err, errSourceStays) {
		// The source may be gone, where the answer of the store was lost, or soon: then the copy
		// is the only one, and stays. Where the store has answered that it does not remove the
		// source, and no file was replaced, removing the copy restores the old state.
		if !there && isAnswer(err) && b.isThere(ctx, object.Remote()) {
			b.discard(ctx, placed.Remote())
		}
		return vfs.NewError(vfs.KindUnavailable, err)
	}
	return err
}

// isAnswer reports whether err is an answer of the store which says that a request is not
// executed, and will not be.
func isAnswer(err error) bool {
	_, status := answerOf(err)
	return status/100 == 4 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests
}

// isThere reports whether the store shows the file.
func (b *Backend) isThere(ctx context.Context, remote string) bool {
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	_, err := b.find(ctx, remote)
	return err == nil
}

// wantNoDir refuses a target that is a directory, or with noReplace any entry, and reports
// whether a file is there.
func (b *Backend) wantNoDir(ctx context.Context, target string, noReplace bool) (there bool, err error) {
	found, err := b.findAny(ctx, target)
	switch {
	case err != nil:
		return false, err
	case found == vfs.TypeDir:
		return false, vfs.NewError(vfs.KindIsDir, nil)
	case found == vfs.TypeFile && noReplace:
		return true, vfs.NewError(vfs.KindExist, nil)
	}
	return found == vfs.TypeFile, nil
}

func (b *Backend) renameDir(ctx context.Context, from, to vfs.Path, source, target string) error {
	if _, below := to.Cut(from); below {
		return &vfs.Error{Kind: vfs.KindInvalid, Reason: "a directory cannot be moved below itself"}
	}
	if !b.caps.RenameDir {
		return vfs.NewError(vfs.KindUnsupported, nil)
	}
	if err := b.confine(ctx, target); err != nil {
		return err
	}
	switch there, err := b.findAny(ctx, target); {
	case err != nil:
		return err
	case there != vfs.TypeAny:
		return vfs.NewError(vfs.KindExist, nil)
	}
	dirMove := b.dirs.Features().DirMove
	if dirMove == nil {
		return b.copyTree(ctx, source, target)
	}
	if err := b.wantNoFileAbove(ctx, target); err != nil {
		return err
	}
	// A rename that has begun is finished, so that its result is known.
	ctx, cancel := b.lasting(ctx)
	defer cancel()
	return b.mapError(b.run(ctx, callMoveDir, func(ctx context.Context) error { return dirMove(ctx, b.dirs, source, target) }))
}

var errBelowFile = errors.New("a parent is a file")

// wantNoFileAbove returns KindNotExist when a parent of remote is a file. Stores report
// that in various ways.
func (b *Backend) wantNoFileAbove(ctx context.Context, remote string) error {
	for dir := parentOf(remote); dir != ""; dir = parentOf(dir) {
		switch _, err := b.find(ctx, dir); {
		case err == nil:
			return vfs.NewError(vfs.KindNotExist, errBelowFile)
		case vfs.KindOf(err) == vfs.KindIsDir:
			return nil
		case vfs.KindOf(err) != vfs.KindNotExist:
			return err
		}
	}
	return nil
}
