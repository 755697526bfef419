package rclone

import (
	"context"

	"github.com/rclone/rclone/fs"

	"github.com/tidegate/tidegate/vfs"
)

// Copy has the store copy a file. For a copy onto itself it does nothing, because the store
// keeps no time that would change.
func (b *Backend) Copy(ctx context.Context, from, to vfs.Path, o vfs.CopyOptions) (vfs.Info, error) {
	source, err := b.begin(ctx, from)
	if err != nil {
		return vfs.Info{}, err
	}
	target, err := b.begin(ctx, to)
	switch {
	case err != nil:
		return vfs.Info{}, err
	case !b.caps.Copy:
		return vfs.Info{}, vfs.NewError(vfs.KindUnsupported, nil)
	case o.Version != "":
		return vfs.Info{}, vfs.NewError(vfs.KindUnsupported, errNoVersions)
	case to.IsRoot():
		return vfs.Info{}, vfs.NewError(vfs.KindIsDir, nil)
	}
	object, err := b.find(ctx, source)
	if err != nil {
		return vfs.Info{}, err
	}
	if _, err := b.wantNoDir(ctx, target, o.NoReplace); err != nil {
		return vfs.Info{}, err
	}
	if source != target {
		if object, err = b.copyFile(ctx, object, target); err != nil {
			return vfs.Info{}, err
		}
	}
	info := b.infoOf(ctx, object)
	info.Name = to.Base()
	return info, nil
}

// copyFile has the store copy a file over its target.
func (b *Backend) copyFile(ctx context.Context, src fs.Object, target string) (fs.Object, error) {
	copied, err := call(b.with(ctx), b, callCopy, func(ctx context.Context) (fs.Object, error) { return b.features.Copy(ctx, src, target) })
	if err != nil && ctx.Err() != nil {
		// The store may continue the copy.
		return nil, vfs.NewError(vfs.KindUnavailable, err)
	}
	return copied, b.mapError(err)
}
